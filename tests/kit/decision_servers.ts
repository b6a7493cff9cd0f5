/** Example servers: who acts on them, and what has happened to them. */
import type { Candidate } from "../../src/compute/hosts/scheduler.ts";
import type { Neighbours, SchedulingFacts } from "../../src/compute/servers/decide/placement.ts";
import type {
  FlavorSnapshot,
  ServerBuildFailed,
  ServerBuildRescheduled,
  ServerCreated,
  ServerDeleted,
  ServerDeleteRequested,
  ServerDisksPrepared,
  ServerEvent,
  ServerLocked,
  ServerMetadataChanged,
  ServerNetworked,
  ServerPort,
  ServerScheduled,
  ServerSpawned,
  ServerTagsChanged,
  ServerUnlocked,
  ServerUpdated,
} from "../../src/compute/servers/events.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import { evolve, NO_SERVER } from "../../src/compute/servers/state.ts";
import type { VmState } from "../../src/compute/servers/states.ts";
import { givenOf } from "./given.ts";

/** A server to which these events have happened. */
export const given = givenOf({ evolve, initialState: NO_SERVER, category: "server" });

/** Id of the example server. */
export const ID = "11111111-2222-4333-8444-555555555555";

/** Id of the example image. */
export const IMAGE = "66666666-7777-4888-8999-aaaaaaaaaaaa";

export const owner: Actor = { userId: "user-1", projectId: "project-1", isAdmin: false };
export const stranger: Actor = { userId: "user-2", projectId: "project-2", isAdmin: false };
/** An administrator whose token is for another project than the server's. */
export const admin: Actor = { userId: "user-3", projectId: "project-3", isAdmin: true };
/** An administrator whose token is for the server's own project. */
export const adminOfProject: Actor = { ...admin, projectId: "project-1" };

/** Every vm_state, and whether metadata and tags of a server in it may be changed. */
const IS_AT_REST: Readonly<Record<VmState, boolean>> = {
  building: false,
  active: true,
  paused: true,
  suspended: true,
  stopped: true,
  rescued: false,
  resized: false,
  "soft-delete": false,
  deleted: false,
  error: false,
  shelved: false,
  shelved_offloaded: false,
};

export const VM_STATES = Object.keys(IS_AT_REST) as readonly VmState[];

/** Those of a server that is there. */
export const LIVING = VM_STATES.filter((vmState) => vmState !== "deleted");
export const AT_REST = LIVING.filter((vmState) => IS_AT_REST[vmState]);
export const NOT_AT_REST = LIVING.filter((vmState) => !IS_AT_REST[vmState]);

export const exampleFlavor: FlavorSnapshot = {
  id: "1",
  name: "m1.tiny",
  vcpus: 1,
  ramMib: 512,
  diskGib: 1,
  ephemeralGib: 0,
  swapMib: 0,
  extraSpecs: {},
};

export const examplePort: ServerPort = {
  id: "port-1",
  networkId: "network-1",
  networkName: "private",
  macAddress: "fa:16:3e:00:00:01",
  fixedIps: [
    { address: "10.0.0.5", subnetId: "subnet-4" },
    { address: "fd00::5", subnetId: "subnet-6" },
  ],
};

export function created(changes: Partial<ServerCreated["data"]> = {}): ServerCreated {
  return {
    type: "ServerCreated",
    data: {
      projectId: owner.projectId,
      userId: owner.userId,
      name: "web",
      hostname: "web",
      description: null,
      flavor: exampleFlavor,
      image: { id: IMAGE, properties: {} },
      metadata: {},
      tags: [],
      accessIPv4: null,
      accessIPv6: null,
      diskConfig: "MANUAL",
      configDrive: false,
      keyName: null,
      userData: null,
      personality: [],
      requestedZone: null,
      requestedHost: null,
      networks: [{ networkId: "network-1" }],
      securityGroups: ["default"],
      blockDevices: [],
      boot: { isVolumeBacked: false, minRamMib: 0, minDiskGib: 1 },
      schedulerHints: {},
      trustedImageCertificates: null,
      reservationId: "r-abcd1234",
      launchIndex: 0,
      ...changes,
    },
  };
}

export function scheduled(changes: Partial<ServerScheduled["data"]> = {}): ServerScheduled {
  return {
    type: "ServerScheduled",
    data: {
      host: "host-a",
      node: "node-a",
      availabilityZone: "nova",
      decision: { candidates: ["host-a"], filters: [], weighed: [{ host: "host-a", weight: 0 }] },
      ...changes,
    },
  };
}

export function networked(ports: readonly ServerPort[] = [examplePort]): ServerNetworked {
  return { type: "ServerNetworked", data: { ports } };
}

export function disksPrepared(rootDeviceName = "/dev/vda"): ServerDisksPrepared {
  return { type: "ServerDisksPrepared", data: { rootDeviceName } };
}

export function spawned(): ServerSpawned {
  return { type: "ServerSpawned", data: {} };
}

/** All that follows the creation until the server runs. */
export function built(): readonly ServerEvent[] {
  return [scheduled(), networked(), disksPrepared(), spawned()];
}

export function buildFailed(
  fault: Partial<ServerBuildFailed["data"]["fault"]> = {},
): ServerBuildFailed {
  return { type: "ServerBuildFailed", data: { fault: { code: 500, message: "broken", ...fault } } };
}

export function updated(data: ServerUpdated["data"]): ServerUpdated {
  return { type: "ServerUpdated", data };
}

export function metadataChanged(
  set: Readonly<Record<string, string>>,
  ...removed: readonly string[]
): ServerMetadataChanged {
  return { type: "ServerMetadataChanged", data: { set, removed } };
}

export function tagsChanged(
  added: readonly string[],
  removed: readonly string[] = [],
): ServerTagsChanged {
  return { type: "ServerTagsChanged", data: { added, removed } };
}

export function lockedBy(by: "owner" | "admin", reason?: string): ServerLocked {
  return {
    type: "ServerLocked",
    data: { lockedBy: by, ...(reason !== undefined && { reason }) },
  };
}

export function unlocked(): ServerUnlocked {
  return { type: "ServerUnlocked", data: {} };
}

export function deleteRequested(): ServerDeleteRequested {
  return { type: "ServerDeleteRequested", data: {} };
}

export function deleted(): ServerDeleted {
  return { type: "ServerDeleted", data: {} };
}

/** What the scheduler looks at: these hosts, and no neighbours but those given. */
export function facts(
  candidates: readonly Candidate[],
  neighbours: Partial<Neighbours> = {},
): SchedulingFacts {
  return {
    candidates,
    neighbours: { sameHosts: null, differentHosts: [], group: null, ...neighbours },
  };
}

export function rescheduled(
  changes: Partial<ServerBuildRescheduled["data"]> = {},
): ServerBuildRescheduled {
  return {
    type: "ServerBuildRescheduled",
    data: { host: "host-a", reason: "broken", details: "EnsureRunning failed.", ...changes },
  };
}

/** A host with room for a few of the example flavor. */
export function candidate(host: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    host,
    node: `node-of-${host}`,
    availabilityZone: "nova",
    enabled: true,
    up: true,
    vcpus: 16,
    ramMib: 8192,
    diskGib: 100,
    vcpusUsed: 0,
    ramMibUsed: 0,
    diskGibUsed: 0,
    ioOps: 0,
    failedBuilds: 0,
    aggregateMetadata: {},
    capabilities: {},
    ...changes,
  };
}
