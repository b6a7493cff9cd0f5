/** `PUT /chronova/v1/hosts/{name}`: whether a compute host's service gives signs of life. */
import type { Hono } from "hono";
import type { Rejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { JsonSchema } from "../../http/schema.ts";
import type { ExtensionEndpoints } from "../endpoint.ts";

/** Silences a host's service, or has it heard again; refuses a host that is not there. */
export type SetHeartbeat = (
  host: string,
  heartbeat: boolean,
  metadata: EventMetadata,
) => Promise<Rejection | undefined>;

const hostSchema: JsonSchema = {
  type: "object",
  properties: {
    host: {
      type: "object",
      properties: { heartbeat: { type: "boolean" } },
      required: ["heartbeat"],
      additionalProperties: false,
    },
  },
  required: ["host"],
  additionalProperties: false,
};

/** Puts the endpoint on an app. */
export function hostRoutes(
  app: Hono,
  endpoints: ExtensionEndpoints,
  setHeartbeat: SetHeartbeat,
): void {
  app.put(
    "/hosts/:id",
    endpoints.handler(async (request) => {
      const { host: { heartbeat } } = request.body as { host: { heartbeat: boolean } };
      const name = request.param("id");
      const refusal = await setHeartbeat(name, heartbeat, request.metadata("SetHeartbeat"));
      return refusal ?? { status: 200, body: { host: { name, heartbeat } } };
    }, { body: hostSchema }),
  );
}
