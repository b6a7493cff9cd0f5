/** Tokens for consoles: what can happen to one, what is true of it, and who is given one. */
import { type Decision, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { ServerEvent } from "../servers/events.ts";
import { refuseUnlessPlaced } from "../servers/preconditions.ts";
import { exists, type Server } from "../servers/state.ts";

export type ConsoleTokenEvent = ConsoleTokenIssued;

/** Somebody may look at a machine; the token itself is nowhere, the stream's id is its hash. */
export interface ConsoleTokenIssued {
  readonly type: "ConsoleTokenIssued";
  readonly data: {
    readonly serverId: string;
    /** As it was asked for: `novnc`. */
    readonly consoleType: string;
    /** Where the machine's console listens, for the proxy that stands in front. */
    readonly host: string;
    readonly port: number;
    /** The port for TLS, where the console has one. */
    readonly tlsPort: number | null;
    /** Tells the machine from others at the same port. */
    readonly internalAccessPath: string | null;
    /** UTC, ISO 8601: from then on it is no good. */
    readonly expiresAt: string;
  };
}

type ConsoleTokenFacts = ConsoleTokenIssued["data"];

export interface ConsoleToken extends ConsoleTokenFacts {
  /** Position of the event that issued it. 0: there is no such token. */
  readonly number: number;
}

export const NO_CONSOLE_TOKEN: ConsoleToken = {
  number: 0,
  serverId: "",
  consoleType: "",
  host: "",
  port: 0,
  tlsPort: null,
  internalAccessPath: null,
  expiresAt: "",
};

export function evolve(_: ConsoleToken, event: Recorded<ConsoleTokenEvent>): ConsoleToken {
  return { ...event.data, number: event.position };
}

/** The ways to a machine's console that there may be; that of RDP went with Hyper-V. */
export type ConsoleProtocol = "vnc" | "spice" | "serial" | "mks";

interface ConsoleKind {
  /** What clients may ask for of it. */
  readonly types: readonly string[] | "any";
  /** What refusals call the request. */
  readonly action: string;
}

/** What Nova's compute manager takes: a serial console by whatever name. */
const KINDS: Readonly<Record<ConsoleProtocol, ConsoleKind>> = {
  vnc: { types: ["novnc"], action: "get_vnc_console" },
  spice: { types: ["spice-html5", "spice-direct"], action: "get_spice_console" },
  serial: { types: "any", action: "get_serial_console" },
  mks: { types: ["webmks"], action: "get_mks_console" },
};

/** A console as it is asked for. */
export interface AskedConsole {
  readonly serverId: string;
  readonly protocol: ConsoleProtocol;
  /** `novnc`. */
  readonly type: string;
  /** Whether the cloud has consoles of the protocol. */
  readonly isOffered: boolean;
}

/**
 * Why a server's console is not to be had: the server is gone, on no host, being deleted or
 * migrated; the protocol is not offered; the type is none of it.
 *
 * Sources: nova/compute/api.py, `get_vnc_console` …; nova/compute/manager.py, of the same names.
 */
export function refuseConsole(
  { serverId, protocol, type, isOffered }: AskedConsole,
  server: Server,
): Rejection | undefined {
  if (!exists(server)) return reject("NotFound", `Instance ${serverId} could not be found.`);
  const { types, action } = KINDS[protocol];
  return refuseUnlessPlaced(serverId, server) ?? refuseWhileBusy(serverId, server, action) ??
    (isOffered ? undefined : unavailable(type)) ??
    (types === "any" || types.includes(type)
      ? undefined
      : reject("Invalid", `Invalid console type ${type}`));
}

/** `reject_instance_state`. */
function refuseWhileBusy(id: string, { taskState }: Server, action: string): Rejection | undefined {
  if (taskState !== "deleting" && taskState !== "migrating") return undefined;
  return reject(
    "Conflict",
    `Cannot '${action}' instance ${id} while it is in task_state ${taskState}`,
  );
}

/** Nova's words for a console that the cloud, or the machine, does not have. */
export function unavailable(type: string): Rejection {
  return reject("Invalid", `Unavailable console type ${type}.`);
}

export interface IssueConsoleToken {
  readonly type: "IssueConsoleToken";
  readonly asked: AskedConsole;
  readonly server: Server;
  readonly address: Pick<ConsoleTokenFacts, "host" | "port" | "tlsPort" | "internalAccessPath">;
  readonly expiresAt: string;
}

/** Lets whoever has the token look at a machine; refuses as `refuseConsole`. */
export function issueConsoleToken(
  { asked, server, address, expiresAt }: IssueConsoleToken,
  _: ConsoleToken,
): Decision<ConsoleTokenIssued> {
  const refusal = refuseConsole(asked, server);
  if (refusal) return refusal;
  const { serverId, protocol, type: consoleType } = asked;
  const { host, port, tlsPort, internalAccessPath: path } = address;
  // Who speaks SPICE directly is told no path; nova/compute/manager.py, `get_spice_console`.
  const isDirect = protocol === "spice" && consoleType === "spice-direct";
  const internalAccessPath = isDirect ? null : path;
  return [{
    type: "ConsoleTokenIssued",
    data: { serverId, consoleType, host, port, tlsPort, internalAccessPath, expiresAt },
  }];
}

/** Whether a token is good at a time; ISO 8601, UTC. */
export function isGood({ number, expiresAt }: ConsoleToken, now: string): boolean {
  return number !== 0 && now < expiresAt;
}

/**
 * Whether what happened to a server ends the tokens that were issued for it before.
 *
 * A server that is moved otherwise keeps them, as in Nova; `_clean_instance_console_tokens`.
 */
export function endsTokens({ type }: Pick<ServerEvent, "type">): boolean {
  return type === "ServerDeleted" || type === "ServerLiveMigrated";
}
