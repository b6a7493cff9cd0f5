/** What an action of `POST /servers/{id}/action` is made of. */
import type { Decision } from "../../../eventsourcing/decider.ts";
import type { Fault } from "../../../http/faults.ts";
import type { Minor } from "../../../http/microversions.ts";
import type { Rule } from "../../../http/policy.ts";
import type { JsonSchema } from "../../../http/schema.ts";
import { anything, bodyOf } from "../../../http/schema_parts.ts";
import type { Sealed } from "../../../store/secrets.ts";
import {
  type FlavorFacts,
  type HostFacts,
  type ImageFacts,
  type OperateServer,
  operateServer,
  type QuotaState,
  type SchedulingFacts,
} from "../decide/mod.ts";
import type { ServerEvent } from "../events.ts";
import { type OperationRequest, OPERATIONS } from "../operations.ts";
import type { Actor } from "../preconditions.ts";
import type { Server } from "../state.ts";

/** What an action's value asks for, ready to be decided. */
export interface ActionCommand {
  readonly type: string;
  /** Whether `decide` looks at the project's quota. */
  readonly asksQuota?: true;
  /** Whether it looks at hosts as the scheduler sees them. */
  readonly asksScheduler?: true;
  decide(
    server: Server,
    quota?: QuotaState,
    scheduling?: SchedulingFacts,
  ): Decision<ServerEvent>;
  readonly answer?: ActionAnswer;
}

/** What is answered to an accepted action; nothing by default. */
export type ActionAnswer =
  | { readonly of: "body"; readonly body: object }
  /** The server as it is now, with its new password beside. */
  | { readonly of: "server"; readonly adminPass: string }
  /** An image that was begun: it is there before the answer is. */
  | {
    readonly of: "image";
    readonly imageId: string;
    readonly shown: "in the body" | "in a header" | "nowhere";
  };

/** What a command is made from. */
export interface ActionRequest {
  readonly id: string;
  readonly by: Actor;
  /** What stands behind the action's key, valid by the schema. */
  readonly value: unknown;
  readonly minor: Minor;
  readonly facts: ActionFacts;
  /** Hides what the log must not hold in the open. */
  seal(text: string): Sealed;
  /** A new id, for what the action makes. */
  newId(): string;
}

/** What an action's value names, to be looked up before it is decided. */
export interface ActionNames {
  readonly image?: string;
  /** Whether the volume that the server boots from is asked for. */
  readonly rootVolume?: true;
  readonly flavor?: string;
  /** A key pair of the server's owner. */
  readonly keyPair?: string;
  /** Whether hosts and their zones are asked for. */
  readonly hosts?: true;
}

/** What was found of what the value names; absent: not asked for, or not there for the caller. */
export interface ActionFacts {
  readonly image?: ImageFacts;
  readonly rootVolume?: { readonly sizeGib: number };
  readonly flavor?: FlavorFacts;
  readonly keyPairExists?: boolean;
  readonly hosts?: readonly HostFacts[];
}

export interface Action {
  readonly rule: Rule;
  /** Another rule in its place, where the value asks for that. */
  ruleFor?(value: unknown, minor: Minor): Rule;
  /** Rules besides, where the value asks for more. */
  moreRules?(value: unknown, minor: Minor): readonly Rule[];
  /** Microversions that have it; others answer 404. */
  readonly since?: Minor;
  readonly until?: Minor;
  /** Schema of the whole body, the action's key included. */
  readonly schema: (minor: Minor) => JsonSchema;
  /** What is done in its place to a server that boots from a volume. */
  readonly ofVolumes?: "image";
  /** The status of an accepted request. */
  readonly success: number;
  names?(value: unknown): ActionNames;
  /** The command, or why the value makes none. */
  command(request: ActionRequest): ActionCommand | Fault;
}

/** An action that changes nothing: it asks about the machine, and is answered at once. */
export interface Question extends Pick<Action, "rule" | "since" | "until" | "schema"> {
  readonly asks: "console output" | `${"vnc" | "spice" | "serial" | "rdp"} console`;
}

/** What the network service does for a server, by the action that asks for it. */
export type NetworkChange =
  | "addSecurityGroup"
  | "removeSecurityGroup"
  | "addFixedIp"
  | "removeFixedIp"
  | "addFloatingIp"
  | "removeFloatingIp";

/** An action that the network service carries out; the server hears of it from there. */
export interface NetworkAction extends Pick<Action, "rule" | "since" | "until" | "schema"> {
  readonly changes: NetworkChange;
}

/** An action that is one operation, whatever its value. */
export function plainOperation(
  operation: Extract<OperationRequest, { input: Readonly<Record<never, never>> }>,
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

/** The command of an operation. */
export function operate(
  { id, by }: Pick<ActionRequest, "id" | "by">,
  operation: OperationRequest,
): ActionCommand {
  const command: OperateServer = { type: "OperateServer", id, by, operation };
  return { type: command.type, decide: (server) => operateServer(command, server) };
}
