/** The body of `POST /os-server-external-events`; schemas/server_external_events.py. */
import type { JsonSchema } from "../../http/schema.ts";
import { object, text, uuid, versioned } from "../../http/schema_parts.ts";

/** The names of events that a release knew first. */
const FIRST = [
  "network-changed",
  "network-vif-plugged",
  "network-vif-unplugged",
  "network-vif-deleted",
] as const;

/** An event, as it is sent. */
export interface AskedEvent {
  readonly name:
    | (typeof FIRST)[number]
    | "volume-extended"
    | "power-update"
    | "accelerator-request-bound"
    | "volume-reimaged";
  readonly server_uuid: string;
  readonly status?: "failed" | "completed" | "in-progress";
  /** The port, the volume or the power that it is about. */
  readonly tag?: string;
}

export const createSchema = versioned<readonly AskedEvent["name"][], JsonSchema>(
  FIRST,
  {
    51: (names) => [...names, "volume-extended"],
    76: (names) => [...names, "power-update"],
    82: (names) => [...names, "accelerator-request-bound"],
    93: (names) => [...names, "volume-reimaged"],
  },
  (names) => object({ events: { type: "array", minItems: 1, items: eventOf(names) } }, ["events"]),
);

function eventOf(names: readonly string[]): JsonSchema {
  return object({
    name: { ...text, enum: [...names] },
    server_uuid: uuid,
    status: { ...text, enum: ["failed", "completed", "in-progress"] },
    tag: { ...text, maxLength: 255 },
  }, ["name", "server_uuid"]);
}
