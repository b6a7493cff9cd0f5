/** One row for each action of `POST /servers/{id}/action`: wire name, rule, body → command. */
import type { Decision } from "../../eventsourcing/decider.ts";
import { type BodyReading } from "../../http/body.ts";
import { type Fault, fault, NO_SUCH_RESOURCE } from "../../http/faults.ts";
import type { Minor } from "../../http/microversions.ts";
import type { Rule } from "../../http/policy.ts";
import { bodyProblem, type JsonSchema } from "../../http/schema.ts";
import { anything, bodyOf } from "../../http/schema_parts.ts";
import {
  type LockServer,
  lockServer,
  type OperateServer,
  operateServer,
  type ResetServerState,
  resetServerState,
  type UnlockServer,
  unlockServer,
} from "./decide/mod.ts";
import type { ServerEvent } from "./events.ts";
import { type Operation, OPERATIONS } from "./operations.ts";
import type { Actor } from "./preconditions.ts";
import { lockSchema, rebootSchema, resetStateSchema, unlockSchema } from "./schemas.ts";
import type { Server } from "./state.ts";

/** What an action's value asks for, ready to be decided. */
export interface ActionCommand {
  readonly type: string;
  decide(server: Server): Decision<ServerEvent>;
}

export interface Action {
  readonly rule: Rule;
  /** Microversions that have it; others answer 404. */
  readonly since?: Minor;
  readonly until?: Minor;
  /** Schema of the whole body, the action's key included. */
  readonly schema: (minor: Minor) => JsonSchema;
  /** The status of an accepted request. */
  readonly success: number;
  /** Makes the command; `value` is what stands behind the action's key. */
  command(id: string, by: Actor, value: unknown, minor: Minor): ActionCommand;
}

/** An action that is one operation, whatever its value. */
function operation(name: Operation, rule: Rule): Action {
  const { action } = OPERATIONS[name];
  const schema = bodyOf(action, anything);
  return {
    rule,
    schema: () => schema,
    success: 202,
    command: (id, by) => operate(id, by, name),
  };
}

function operate(id: string, by: Actor, operation: Operation): ActionCommand {
  const command: OperateServer = { type: "OperateServer", id, by, operation };
  return { type: command.type, decide: (server) => operateServer(command, server) };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  "os-start": operation("start", "os_compute_api:servers:start"),
  "os-stop": operation("stop", "os_compute_api:servers:stop"),
  pause: operation("pause", "os_compute_api:os-pause-server:pause"),
  unpause: operation("unpause", "os_compute_api:os-pause-server:unpause"),
  suspend: operation("suspend", "os_compute_api:os-suspend-server:suspend"),
  resume: operation("resume", "os_compute_api:os-suspend-server:resume"),
  reboot: {
    rule: "os_compute_api:servers:reboot",
    schema: () => rebootSchema,
    success: 202,
    command(id, by, value) {
      const { type } = value as { type: string };
      return operate(id, by, type.toUpperCase() === "SOFT" ? "softReboot" : "hardReboot");
    },
  },
  "os-resetState": {
    rule: "os_compute_api:os-admin-actions:reset_state",
    schema: () => resetStateSchema,
    success: 202,
    command(id, by, value) {
      const { state } = value as { state: "active" | "error" };
      const command: ResetServerState = { type: "ResetServerState", id, by, vmState: state };
      return { type: command.type, decide: (server) => resetServerState(command, server) };
    },
  },
  lock: {
    rule: "os_compute_api:os-lock-server:lock",
    schema: lockSchema,
    success: 202,
    command(id, by, value, minor) {
      // Below 2.73 the value is not looked at, whatever it is.
      const reason = minor >= 73
        ? (value as { locked_reason?: string } | null)?.locked_reason
        : undefined;
      const command: LockServer = { type: "LockServer", id, by, reason };
      return { type: command.type, decide: (server) => lockServer(command, server) };
    },
  },
  unlock: {
    rule: "os_compute_api:os-lock-server:unlock",
    schema: unlockSchema,
    success: 202,
    command(id, by) {
      const command: UnlockServer = { type: "UnlockServer", id, by };
      return { type: command.type, decide: (server) => unlockServer(command, server) };
    },
  },
};

/** The action of a wire name; undefined when nobody knows it. */
export function actionNamed(name: string): Action | undefined {
  return Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
}

/** An action that was asked for, its value valid. */
export interface AskedAction {
  readonly action: Action;
  readonly value: unknown;
}

/**
 * Reads the body of `POST /servers/{id}/action`.
 *
 * Refuses what is not an object with exactly one key, a key nobody knows, an action that is not at
 * this microversion, and a value that its schema does not allow. Source: nova/api/openstack/wsgi.py.
 */
export function readAction(
  body: BodyReading,
  minor: Minor,
): Fault | { readonly value: AskedAction } {
  if ("malformed" in body || !isObject(body.value)) return malformed();
  const names = Object.keys(body.value);
  if (names.length !== 1) return malformed();
  const name = names[0]!;
  const action = actionNamed(name);
  if (!action) return fault(400, `There is no such action: ${name}`);
  const { since = 0, until = Infinity } = action;
  if (minor < since || minor > until) return NO_SUCH_RESOURCE;
  const problem = bodyProblem(action.schema(minor), body.value);
  if (problem !== undefined) return fault(400, problem);
  return { value: { action, value: body.value[name] } };
}

function malformed(): Fault {
  return fault(400, "Malformed request body");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
