/** The body of `POST /chronova/v1/faults`: its schema, and its reading into facts. */
import { DRIVER_OPERATIONS } from "../../drivers/calls.ts";
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { JsonSchema } from "../../http/schema.ts";
import type { FaultEffect, FaultFacts, FaultPlace } from "./decider.ts";
import { SERVICES } from "./services.ts";

/** A fault as it is asked for. */
export interface AskedFault {
  readonly driver?: string | readonly string[];
  readonly http?: { readonly method?: string; readonly path?: string; readonly service?: string };
  readonly server?: string;
  readonly server_name_prefix?: string;
  readonly project?: string;
  readonly effect?: "delay" | FaultEffect["kind"];
  readonly delay_ms?: number;
  readonly message?: string;
  readonly status?: number;
  readonly retry_after?: number;
  readonly times?: number;
  readonly probability?: number;
  readonly seed?: number;
  readonly until?: string;
}

const name: JsonSchema = { type: "string", minLength: 1, maxLength: 255 };
const whole = (minimum: number, maximum: number): JsonSchema => ({
  type: "integer",
  minimum,
  maximum,
});

const DAY_MS = 24 * 3600 * 1000;

/** What a fault may say. */
export const addFaultSchema: JsonSchema = {
  type: "object",
  properties: {
    fault: {
      type: "object",
      properties: {
        driver: { type: ["string", "array"], items: name, minItems: 1 },
        http: {
          type: "object",
          properties: {
            method: { type: "string", enum: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] },
            path: { type: "string", pattern: "^/", maxLength: 255 },
            service: { type: "string", enum: SERVICES },
          },
          additionalProperties: false,
        },
        server: name,
        server_name_prefix: name,
        project: name,
        effect: {
          type: "string",
          enum: ["delay", "fail", "hang", "die_halfway", "lose_reply", "lie", "answer"],
        },
        delay_ms: whole(0, DAY_MS),
        message: { type: "string", minLength: 1, maxLength: 1000 },
        status: whole(400, 599),
        retry_after: whole(0, 86_400),
        times: whole(1, 1_000_000),
        probability: { type: "number", minimum: 0, maximum: 1 },
        seed: whole(0, 0xffffffff),
        until: name,
      },
      additionalProperties: false,
    },
  },
  required: ["fault"],
  additionalProperties: false,
};

/** Which effects there are at each of the two places. */
const EFFECTS = {
  driver: ["delay", "fail", "hang", "die_halfway", "lose_reply", "lie"],
  http: ["delay", "answer", "lose_reply"],
} as const;

const DEFAULT_FAILURE = "The hypervisor failed: a fault was asked for.";

/** A fault as facts; refuses what is at odds with itself, or could never strike. */
export function readFault(asked: AskedFault, nowMs: number): FaultFacts | Rejection {
  const place = placeOf(asked);
  if ("rejected" in place) return place;
  const effect = effectOf(asked, place.on);
  if ("rejected" in effect) return effect;
  const until = asked.until === undefined ? undefined : Date.parse(asked.until);
  if (until !== undefined && !(until > nowMs)) {
    return invalid("until must be a time to come, such as 2030-01-02T03:04:05Z");
  }
  const { server, server_name_prefix: prefix, project, times, probability, seed } = asked;
  return {
    place,
    effect,
    target: {
      ...(server !== undefined && { serverId: server.toLowerCase() }),
      ...(prefix !== undefined && { serverNamePrefix: prefix }),
      ...(project !== undefined && { projectId: project }),
    },
    delayMs: asked.delay_ms ?? 0,
    ...(times !== undefined && { times }),
    ...(probability !== undefined && { probability, seed: seed ?? 0 }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}

function placeOf({ driver, http }: AskedFault): FaultPlace | Rejection {
  if ((driver === undefined) === (http === undefined)) {
    return invalid("a fault is at one place: give either driver or http");
  }
  if (http) return { on: "http", ...http };
  const operations = driver === "*" ? DRIVER_OPERATIONS : [driver!].flat();
  const unknown = operations.find((name) =>
    !(DRIVER_OPERATIONS as readonly string[]).includes(name)
  );
  if (unknown === undefined) return { on: "driver", operations: [...new Set(operations)] };
  return invalid(
    `the driver has no operation ${unknown}; it has ${DRIVER_OPERATIONS.join(", ")}, and * for all`,
  );
}

function effectOf(asked: AskedFault, on: FaultPlace["on"]): FaultEffect | Rejection {
  const { status, retry_after: retryAfter, message, delay_ms: delayMs = 0 } = asked;
  const kind = asked.effect ?? (status === undefined ? "delay" : "answer");
  const known: readonly string[] = EFFECTS[on];
  if (!known.includes(kind)) return invalid(`on ${on} the effect is one of ${known.join(", ")}`);
  if (retryAfter !== undefined && kind !== "answer") {
    return invalid("retry_after goes with the effect answer");
  }
  switch (kind) {
    case "delay":
    case "none":
      return delayMs > 0 ? { kind: "none" } : invalid("a delay needs delay_ms");
    case "fail":
    case "die_halfway":
      return { kind, message: message ?? DEFAULT_FAILURE };
    case "lose_reply":
      return on === "http" && status !== undefined ? { kind, status } : { kind };
    case "answer":
      if (status === undefined) return invalid("an answer needs a status");
      return {
        kind,
        status,
        ...(message !== undefined && { message }),
        ...(retryAfter !== undefined && { retryAfter }),
      };
    default:
      return { kind };
  }
}

function invalid(message: string): Rejection {
  return reject("Invalid", `Invalid fault: ${message}.`);
}
