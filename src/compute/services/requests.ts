/** Bodies and ids of requests on services, as commands; nova/api/openstack/compute/services.py. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import { isTrueWord } from "../../http/words.ts";
import type { UpdateHostService } from "../hosts/decider.ts";

/** What an update asks for, and the answer to it. */
export interface AskedByHost {
  readonly changes: Omit<UpdateHostService, "type" | "host">;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** The body of an update below 2.53, valid by its schema. */
export interface BodyByHost {
  readonly host: string;
  readonly binary: string;
  readonly disabled_reason?: string;
  readonly forced_down?: boolean | string;
}

const ACTIONS: Readonly<Record<string, (body: BodyByHost) => AskedByHost | Rejection>> = {
  enable: () => ({ changes: { enabled: true }, answer: { status: "enabled" } }),
  disable: () => ({ changes: { enabled: false }, answer: { status: "disabled" } }),
  "disable-log-reason": ({ disabled_reason: reason }) =>
    reason === undefined ? reject("Invalid", "Missing disabled reason field") : {
      changes: { enabled: false, reason },
      answer: { status: "disabled", disabled_reason: reason },
    },
  "force-down": ({ forced_down: word }) => {
    if (word === undefined) return reject("Invalid", "Missing forced_down field");
    const forcedDown = isTrueWord(word);
    return { changes: { forcedDown }, answer: { forced_down: forcedDown } };
  },
};

/** Reads `PUT /os-services/{action}`; `force-down` is there from 2.11 on. */
export function readByHost(
  action: string,
  body: BodyByHost,
  minor: number,
): AskedByHost | Rejection {
  const isKnown = Object.hasOwn(ACTIONS, action) && (action !== "force-down" || minor >= 11);
  if (!isKnown) return reject("NotFound", "Unknown action");
  const asked = ACTIONS[action]!(body);
  return "rejected" in asked ? asked : refuseBinary(body.binary) ?? asked;
}

/** The body of an update from 2.53 on, valid by its schema. */
export interface BodyById {
  readonly status?: "enabled" | "disabled";
  readonly disabled_reason?: string;
  readonly forced_down?: boolean | string;
}

/** Reads `PUT /os-services/{id}`; refuses a reason to enable, and to change nothing. */
export function readById(
  { status, disabled_reason: reason, forced_down: word }: BodyById,
): AskedByHost["changes"] | Rejection {
  if (status === "enabled" && reason !== undefined) {
    return reject("Invalid", "Specifying 'disabled_reason' with status 'enabled' is invalid.");
  }
  if (status === undefined && word === undefined) {
    return reject(
      "Invalid",
      "No updates were requested. Fields 'status' or 'forced_down' should be specified.",
    );
  }
  return {
    ...(status !== undefined && { enabled: status === "enabled", reason }),
    ...(word !== undefined && { forcedDown: isTrueWord(word) }),
  };
}

/** Only the services of compute hosts can be changed. */
export function refuseBinary(binary: string): Rejection | undefined {
  if (binary === "nova-compute") return undefined;
  return reject(
    "Invalid",
    `Updating a ${binary} service is not supported. Only nova-compute services can be updated.`,
  );
}
