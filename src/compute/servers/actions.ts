/** One row for each action of `POST /servers/{id}/action`: wire name, rule, body → command. */
import type { Decision } from "../../eventsourcing/decider.ts";
import { type BodyReading } from "../../http/body.ts";
import { type Fault, fault, NO_SUCH_RESOURCE } from "../../http/faults.ts";
import type { Minor } from "../../http/microversions.ts";
import type { Rule } from "../../http/policy.ts";
import { bodyProblem, type JsonSchema } from "../../http/schema.ts";
import { anything, bodyOf } from "../../http/schema_parts.ts";
import type { Sealed } from "../../store/secrets.ts";
import {
  type DeleteServer,
  deleteServer,
  type InjectNetworkInfo,
  injectNetworkInfo,
  type LockServer,
  lockServer,
  type OperateServer,
  operateServer,
  type ResetServerState,
  resetServerState,
  type TriggerCrashDump,
  triggerCrashDump,
  type UnlockServer,
  unlockServer,
} from "./decide/mod.ts";
import type { ServerEvent } from "./events.ts";
import { generatePassword } from "./generate.ts";
import { type OperationRequest, OPERATIONS } from "./operations.ts";
import type { Actor } from "./preconditions.ts";
import {
  changePasswordSchema,
  crashDumpSchema,
  forceDeleteSchema,
  injectNetworkInfoSchema,
  lockSchema,
  rebootSchema,
  rescueSchema,
  resetStateSchema,
  unlockSchema,
} from "./schemas.ts";
import type { Server } from "./state.ts";

/** What an action's value asks for, ready to be decided. */
export interface ActionCommand {
  readonly type: string;
  decide(server: Server): Decision<ServerEvent>;
  /** What is answered when it is accepted; nothing by default. */
  readonly answer?: object;
}

/** What a command is made from. */
export interface ActionRequest {
  readonly id: string;
  readonly by: Actor;
  /** What stands behind the action's key, valid by the schema. */
  readonly value: unknown;
  readonly minor: Minor;
  /** Hides what the log must not hold in the open. */
  seal(text: string): Sealed;
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
  /** Id of an image that the value names, which must be there and active. */
  imageIn?(value: unknown): string | undefined;
  command(request: ActionRequest): ActionCommand;
}

/** An action that is one operation, whatever its value. */
function operation(
  operation: Exclude<OperationRequest, { name: "changePassword" | "rescue" }>,
  rule: Rule,
): Action {
  const schema = bodyOf(OPERATIONS[operation.name].action, anything);
  return {
    rule,
    schema: () => schema,
    success: 202,
    command: (request) => operate(request, operation),
  };
}

function operate({ id, by }: ActionRequest, operation: OperationRequest): ActionCommand {
  const command: OperateServer = { type: "OperateServer", id, by, operation };
  return { type: command.type, decide: (server) => operateServer(command, server) };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  "os-start": operation({ name: "start", input: {} }, "os_compute_api:servers:start"),
  "os-stop": operation({ name: "stop", input: {} }, "os_compute_api:servers:stop"),
  pause: operation({ name: "pause", input: {} }, "os_compute_api:os-pause-server:pause"),
  unpause: operation({ name: "unpause", input: {} }, "os_compute_api:os-pause-server:unpause"),
  suspend: operation({ name: "suspend", input: {} }, "os_compute_api:os-suspend-server:suspend"),
  resume: operation({ name: "resume", input: {} }, "os_compute_api:os-suspend-server:resume"),
  unrescue: operation({ name: "unrescue", input: {} }, "os_compute_api:os-unrescue"),
  reboot: {
    rule: "os_compute_api:servers:reboot",
    schema: () => rebootSchema,
    success: 202,
    command(request) {
      const { type } = request.value as { type: string };
      const name = type.toUpperCase() === "SOFT" ? "softReboot" : "hardReboot";
      return operate(request, { name, input: {} });
    },
  },
  rescue: {
    rule: "os_compute_api:os-rescue",
    schema: () => rescueSchema,
    success: 200,
    imageIn: (value) => (value as { rescue_image_ref?: string } | null)?.rescue_image_ref,
    command(request) {
      const value = request.value as { adminPass?: string; rescue_image_ref?: string } | null;
      const adminPass = value?.adminPass ?? generatePassword();
      const imageId = value?.rescue_image_ref ?? null;
      return {
        ...operate(request, {
          name: "rescue",
          input: { adminPass: request.seal(adminPass), imageId },
        }),
        answer: { adminPass },
      };
    },
  },
  changePassword: {
    rule: "os_compute_api:os-admin-password",
    schema: () => changePasswordSchema,
    success: 202,
    command(request) {
      const { adminPass } = request.value as { adminPass: string };
      const input = { adminPass: request.seal(adminPass) };
      return operate(request, { name: "changePassword", input });
    },
  },
  trigger_crash_dump: {
    rule: "os_compute_api:servers:trigger_crash_dump",
    since: 17,
    schema: () => crashDumpSchema,
    success: 202,
    command({ id, by }) {
      const command: TriggerCrashDump = { type: "TriggerCrashDump", id, by };
      return { type: command.type, decide: (server) => triggerCrashDump(command, server) };
    },
  },
  injectNetworkInfo: {
    rule: "os_compute_api:os-admin-actions:inject_network_info",
    schema: () => injectNetworkInfoSchema,
    success: 202,
    command({ id, by }) {
      const command: InjectNetworkInfo = { type: "InjectNetworkInfo", id, by };
      return { type: command.type, decide: (server) => injectNetworkInfo(command, server) };
    },
  },
  "os-resetState": {
    rule: "os_compute_api:os-admin-actions:reset_state",
    schema: () => resetStateSchema,
    success: 202,
    command({ id, by, value }) {
      const { state } = value as { state: "active" | "error" };
      const command: ResetServerState = { type: "ResetServerState", id, by, vmState: state };
      return { type: command.type, decide: (server) => resetServerState(command, server) };
    },
  },
  forceDelete: {
    rule: "os_compute_api:os-deferred-delete:force",
    schema: () => forceDeleteSchema,
    success: 202,
    command({ id, by }) {
      const command: DeleteServer = { type: "DeleteServer", id, by };
      return { type: command.type, decide: (server) => deleteServer(command, server) };
    },
  },
  lock: {
    rule: "os_compute_api:os-lock-server:lock",
    schema: lockSchema,
    success: 202,
    command({ id, by, value, minor }) {
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
    command({ id, by }) {
      const command: UnlockServer = { type: "UnlockServer", id, by };
      return { type: command.type, decide: (server) => unlockServer(command, server) };
    },
  },
};

/** Actions that Nova once had, and now refuses with 410 at every microversion. */
const GONE: ReadonlySet<string> = new Set(["resetNetwork"]);

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
): Fault | { readonly value: AskedAction; readonly refusal?: Fault } {
  if ("malformed" in body || !isObject(body.value)) return malformed();
  const names = Object.keys(body.value);
  if (names.length !== 1) return malformed();
  const name = names[0]!;
  if (GONE.has(name)) {
    return fault(410, "This resource is no longer available. No forwarding address is given.");
  }
  const action = actionNamed(name);
  if (!action) return fault(400, `There is no such action: ${name}`);
  return { value: { action, value: body.value[name] }, refusal: refuse(action, body.value, minor) };
}

function refuse(action: Action, body: unknown, minor: Minor): Fault | undefined {
  const { since = 0, until = Infinity } = action;
  if (minor < since || minor > until) return NO_SUCH_RESOURCE;
  const problem = bodyProblem(action.schema(minor), body);
  return problem === undefined ? undefined : fault(400, problem);
}

function malformed(): Fault {
  return fault(400, "Malformed request body");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
