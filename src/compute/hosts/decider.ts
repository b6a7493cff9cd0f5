/** Compute hosts and their services: what can happen to one, what is true of it, what may be done. */
import { type Decision, reject } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type HostEvent =
  | HostAdded
  | HostEnabled
  | HostDisabled
  | HostForcedDown
  | HostForcedUp
  | HostFellSilent
  | HostHeardAgain
  | HostBuildFailed
  | HostBuildSucceeded
  | HostRemoved;

type Nothing = Readonly<Record<never, never>>;

/** A host offers itself for servers. */
export interface HostAdded {
  readonly type: "HostAdded";
  readonly data: HostFacts;
}

/** Its service takes new servers again. */
export interface HostEnabled {
  readonly type: "HostEnabled";
  readonly data: Nothing;
}

/** Its service takes no new servers; those that are there stay. */
export interface HostDisabled {
  readonly type: "HostDisabled";
  readonly data: { readonly reason: string | null };
}

/** An administrator said that its service is down, whatever it says itself. */
export interface HostForcedDown {
  readonly type: "HostForcedDown";
  readonly data: Nothing;
}

/** An administrator took that back. */
export interface HostForcedUp {
  readonly type: "HostForcedUp";
  readonly data: Nothing;
}

/** Its service gives no sign of life any more, whatever it does. */
export interface HostFellSilent {
  readonly type: "HostFellSilent";
  readonly data: Nothing;
}

export interface HostHeardAgain {
  readonly type: "HostHeardAgain";
  readonly data: Nothing;
}

/** A server could not be built here. */
export interface HostBuildFailed {
  readonly type: "HostBuildFailed";
  readonly data: { readonly serverId: string };
}

/** A server was built here, after others could not be. */
export interface HostBuildSucceeded {
  readonly type: "HostBuildSucceeded";
  readonly data: { readonly serverId: string };
}

/** Its service was deleted, and the host with it. */
export interface HostRemoved {
  readonly type: "HostRemoved";
  readonly data: Nothing;
}

export interface HostFacts {
  readonly node: string;
  /** Its zone while it is in no aggregate that names another. */
  readonly availabilityZone: string;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  /** How many times over each may be claimed; nova/conf/compute.py, `*_allocation_ratio`. */
  readonly vcpuRatio: number;
  readonly ramRatio: number;
  readonly diskRatio: number;
}

export interface Host extends HostFacts {
  readonly exists: boolean;
  /** Position of the event that added it: its numeric id in Nova's tables. 0: there is no host. */
  readonly number: number;
  readonly addedAt: string;
  /** Time of the last change of its service; null: there was none. */
  readonly updatedAt: string | null;
  /** Why it takes no new servers, or null: it does. */
  readonly disabled: { readonly reason: string | null } | null;
  readonly forcedDown: boolean;
  /** Time of its service's last sign of life; null: it gives them all the time. */
  readonly silentSince: string | null;
  /** Builds that have failed here since the last that did not. */
  readonly failedBuilds: number;
}

export const NO_HOST: Host = {
  exists: false,
  number: 0,
  addedAt: "",
  updatedAt: null,
  node: "",
  availabilityZone: "",
  vcpus: 0,
  ramMib: 0,
  diskGib: 0,
  vcpuRatio: 1,
  ramRatio: 1,
  diskRatio: 1,
  disabled: null,
  forcedDown: false,
  silentSince: null,
  failedBuilds: 0,
};

export function evolve(host: Host, event: Recorded<HostEvent>): Host {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "HostAdded":
      return {
        ...NO_HOST,
        ...event.data,
        exists: true,
        number: event.position,
        addedAt: event.recordedAt,
      };
    case "HostEnabled":
      return { ...host, disabled: null, updatedAt };
    case "HostDisabled":
      return { ...host, disabled: { reason: event.data.reason }, updatedAt };
    case "HostForcedDown":
      return { ...host, forcedDown: true, updatedAt };
    case "HostForcedUp":
      return { ...host, forcedDown: false, updatedAt };
    case "HostFellSilent":
      return { ...host, silentSince: event.recordedAt };
    case "HostHeardAgain":
      return { ...host, silentSince: null };
    case "HostBuildFailed":
      return { ...host, failedBuilds: host.failedBuilds + 1 };
    case "HostBuildSucceeded":
      return { ...host, failedBuilds: 0 };
    case "HostRemoved":
      return { ...host, exists: false, updatedAt };
  }
}

export interface AddHost {
  readonly type: "AddHost";
  readonly host: string;
  readonly facts: HostFacts;
}

/** Adds a host; refuses a name that is taken. */
export function addHost(command: AddHost, host: Host): Decision<HostAdded> {
  if (host.exists) return reject("Conflict", `Host ${command.host} already exists.`);
  return [{ type: "HostAdded", data: command.facts }];
}

export interface UpdateHostService {
  readonly type: "UpdateHostService";
  readonly host: string;
  /** Undefined: what is so stays so. */
  readonly enabled?: boolean;
  /** Why it is disabled; of no meaning otherwise. */
  readonly reason?: string;
  readonly forcedDown?: boolean;
}

/**
 * Enables or disables a host's service, and says whether it is down.
 *
 * Refuses to have it up again while something may be left there of servers that were evacuated from
 * it (`wasEvacuated`), and a host that is not there. Disabling again takes the new reason, or none.
 * Source: nova/api/openstack/compute/services.py, `update`.
 */
export function updateHostService(
  { host: name, enabled, reason, forcedDown }: UpdateHostService,
  host: Host,
  { wasEvacuated = false }: { readonly wasEvacuated?: boolean } = {},
): Decision<HostEnabled | HostDisabled | HostForcedDown | HostForcedUp> {
  if (forcedDown === false && wasEvacuated) {
    return reject(
      "Invalid",
      `Unable to force up host ${name} as \`done\` evacuation migration records remain ` +
        "associated with the host. Ensure the compute service has been restarted, allowing these " +
        "records to move to `completed` before retrying this request.",
    );
  }
  if (!host.exists) return reject("NotFound", notMapped(name));
  const events: (HostEnabled | HostDisabled | HostForcedDown | HostForcedUp)[] = [];
  if (enabled === true && host.disabled) events.push({ type: "HostEnabled", data: {} });
  const why = reason ?? null;
  if (enabled === false && (!host.disabled || host.disabled.reason !== why)) {
    events.push({ type: "HostDisabled", data: { reason: why } });
  }
  if (forcedDown !== undefined && forcedDown !== host.forcedDown) {
    events.push({ type: forcedDown ? "HostForcedDown" : "HostForcedUp", data: {} });
  }
  return events;
}

export interface SetHeartbeat {
  readonly type: "SetHeartbeat";
  readonly host: string;
  /** Whether the service gives signs of life. */
  readonly heartbeat: boolean;
}

/** Has a host's service fall silent, or be heard again; refuses a host that is not there. */
export function setHeartbeat(
  { host: name, heartbeat }: SetHeartbeat,
  { exists, silentSince }: Host,
): Decision<HostFellSilent | HostHeardAgain> {
  if (!exists) return reject("NotFound", `There is no host ${name}.`);
  if (heartbeat === (silentSince === null)) return [];
  return [{ type: heartbeat ? "HostHeardAgain" : "HostFellSilent", data: {} }];
}

export interface RemoveHost {
  readonly type: "RemoveHost";
  /** As the request has it. */
  readonly serviceId: string;
  /** Servers that are on the host. */
  readonly servers: number;
  /** Moves from it and to it that are under way, or wait to be confirmed. */
  readonly migrations: number;
}

/**
 * Removes a host with its service.
 *
 * Refuses one that is not there, one that has servers, and one that servers are on their way from
 * or to. Source: nova/api/openstack/compute/services.py, `delete`.
 */
export function removeHost(
  { serviceId, servers, migrations }: RemoveHost,
  host: Host,
): Decision<HostRemoved> {
  if (!host.exists) return reject("NotFound", `Service ${serviceId} not found.`);
  if (servers > 0) {
    return reject(
      "Conflict",
      "Unable to delete compute service that is hosting instances. Migrate or delete the " +
        "instances first.",
    );
  }
  if (migrations > 0) {
    return reject(
      "Conflict",
      "Unable to delete compute service that has in-progress migrations. Complete the " +
        "migrations or delete the instances first.",
    );
  }
  return [{ type: "HostRemoved", data: {} }];
}

/** Counts a build that failed here; nova/compute/stats.py, `build_failed`. */
export function recordHostBuildFailed(serverId: string, host: Host): Decision<HostBuildFailed> {
  return host.exists ? [{ type: "HostBuildFailed", data: { serverId } }] : [];
}

/** Forgets failed builds once one succeeds; nova/compute/stats.py, `build_succeeded`. */
export function recordHostBuildSucceeded(
  serverId: string,
  host: Host,
): Decision<HostBuildSucceeded> {
  if (!host.exists || host.failedBuilds === 0) return [];
  return [{ type: "HostBuildSucceeded", data: { serverId } }];
}

/** Nova's words for a host that is not there. */
export function notMapped(host: string): string {
  return `Host '${host}' is not mapped to any cell`;
}
