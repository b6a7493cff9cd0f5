/** What each event makes of a server. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type {
  FlavorSnapshot,
  ServerEvent,
  ServerVolume,
} from "../../src/compute/servers/events.ts";
import type { Migration, MigrationType } from "../../src/compute/servers/moves.ts";
import { type AttachedVolume, pendingVolume } from "../../src/compute/servers/volumes.ts";
import { type Operation, OPERATIONS, rowOf } from "../../src/compute/servers/operations.ts";
import { nextStep } from "../../src/compute/servers/processes/mod.ts";
import {
  claimOf,
  claimsOf,
  evolve,
  exists,
  NO_SERVER,
  type Server,
  sizeOf,
  type TaskBeginning,
} from "../../src/compute/servers/state.ts";
import { POWER_STATE, type VmState } from "../../src/compute/servers/states.ts";
import { statusOf } from "../../src/compute/servers/status.ts";
import {
  buildFailed,
  built,
  created,
  deleted,
  deleteRequested,
  disksPrepared,
  exampleFlavor,
  examplePort,
  given,
  lockedBy,
  metadataChanged,
  networked,
  rescheduled,
  scheduled,
  spawned,
  tagsChanged,
  unlocked,
  updated,
} from "../kit/decision_servers.ts";
import { EXAMPLE_METADATA, recorded, timeOf } from "../kit/given.ts";

interface Example {
  readonly before: readonly ServerEvent[];
  readonly event: ServerEvent;
  /** All that the event changes, but for `updatedAt`. */
  readonly changes: (at: string) => Partial<Server>;
}

/** The beginning of a task by the example event that was recorded then: one a second. */
function began(at: string): TaskBeginning {
  const position = (Date.parse(at) - Date.parse(timeOf(0))) / 1000;
  return { at, position, requestId: EXAMPLE_METADATA.requestId };
}

/** Both events of one operation: it is asked for, and then it is done. */
function operation<Name extends Operation>(
  name: Name,
  { input = {}, ends, before = [], begins = () => ({}), result = {} }: OperationExample,
): Record<(typeof OPERATIONS)[Name]["requested"] | (typeof OPERATIONS)[Name]["done"], Example> {
  const { requested, done } = OPERATIONS[name];
  const [{ task }] = rowOf(name).stages;
  const there = [created(), ...built(), ...before];
  const ask = { type: requested, data: input } as ServerEvent;
  return {
    [requested]: {
      before: there,
      event: ask,
      changes: (at: string) => ({
        operation: { name, input } as Server["operation"],
        taskState: task,
        taskBegan: began(at),
        ...begins(at),
      }),
    },
    [done]: {
      before: [...there, ask],
      event: { type: done, data: result } as ServerEvent,
      changes: (at: string) => ({ operation: null, taskState: null, ...ends(at) }),
    },
  } as never;
}

interface OperationExample {
  readonly input?: object;
  /** What must have happened to a server that was built. */
  readonly before?: readonly ServerEvent[];
  /** What the request changes besides the task. */
  readonly begins?: (at: string) => Partial<Server>;
  readonly result?: object;
  /** What is true when it is done. */
  readonly ends: (at: string) => Partial<Server>;
}

const { running, paused, shutDown, suspended } = POWER_STATE;

const isNow = (vmState: VmState, powerState: Server["powerState"]) => () => ({
  vmState,
  powerState,
});

const newImage = { imageId: "image-2", name: "an image", metadata: { a: "1" } };
const shelveRequested: ServerEvent = {
  type: "ServerShelveRequested",
  data: { imageId: "image-2", name: "web-shelved" },
};
const offloaded: readonly ServerEvent[] = [
  shelveRequested,
  { type: "ServerShelved", data: { offloads: true } },
  { type: "ServerShelveOffloaded", data: {} },
];

const VOLUME: ServerVolume = {
  volumeId: "v",
  attachmentId: "a",
  bdmId: "b",
  bootIndex: null,
  deviceName: "/dev/vdb",
  tag: null,
  deleteOnTermination: false,
  source: null,
};
const OTHER = { volumeId: "w", attachmentId: "c" };
const attaching: ServerEvent = { type: "ServerVolumeAttachRequested", data: { volume: VOLUME } };
const attached: ServerEvent = { type: "ServerVolumeAttached", data: { volumeId: "v" } };
const swapping: ServerEvent = {
  type: "ServerVolumeSwapRequested",
  data: { volumeId: "v", by: OTHER },
};

/** How many events a server has that is there. */
const THERE = [created(), ...built()].length;

/** The volume as the server has it. */
const HELD: AttachedVolume = {
  ...VOLUME,
  status: "attached",
  began: began(timeOf(THERE + 1)),
  by: null,
};

/** An event of a volume of a server that is there. */
/** An event that changes nothing but the time of the last one. */
const imaging = {
  type: "ServerVolumeImageRequested",
  data: { imageId: "i", name: "n", snapshots: [{ volumeId: "v", snapshotId: "s" }] },
} as const;

function unchanged(event: ServerEvent): Example {
  return { before: [created(), ...built()], event, changes: () => ({}) };
}

function volume(
  before: readonly ServerEvent[],
  event: ServerEvent,
  volumes: (at: string) => readonly AttachedVolume[],
): Example {
  return {
    before: [created(), ...built(), ...before],
    event,
    changes: (at) => ({ volumes: volumes(at) }),
  };
}

const secondPort = { ...examplePort, id: "port-2", tag: "blue" };
const asked = {
  portId: "port-2",
  make: { networkId: "network-1", fixedIp: null },
  tag: "blue",
};
const attachRequested: ServerEvent = { type: "ServerInterfaceAttachRequested", data: asked };
const plugged: ServerEvent = { type: "ServerInterfaceAttached", data: { port: secondPort } };
const detachRequested: ServerEvent = {
  type: "ServerInterfaceDetachRequested",
  data: { portId: "port-2" },
};
const withTwoPorts = [created(), ...built(), attachRequested, plugged];

const HOST_A = { host: "host-a", node: "node-a", availabilityZone: "nova" };
const MEMORY = { totalBytes: 4, remainingBytes: 2 };
const large = { ...exampleFlavor, id: "2", name: "m1.small", vcpus: 2, ramMib: 2048 };
const resizeRequested = {
  type: "ServerResizeRequested",
  data: { migrationId: "migration-1", flavor: large, diskConfig: "AUTO" },
} as const;
const liveRequested: ServerEvent = {
  type: "ServerLiveMigrationRequested",
  data: {
    migrationId: "migration-1",
    host: null,
    blockMigration: null,
    diskOverCommit: false,
    isForced: false,
  },
};

const evacuated = {
  type: "ServerEvacuationRequested",
  data: {
    migrationId: "migration-1",
    host: null,
    adminPass: null,
    isForced: false,
    stops: true,
  },
} as const;

/** The record of a move of the example server that began then. */
function recordOf(
  type: MigrationType,
  at: string,
  { newFlavor = exampleFlavor }: { readonly newFlavor?: FlavorSnapshot } = {},
): Migration {
  const { userId, projectId } = EXAMPLE_METADATA.actor;
  return {
    id: "migration-1",
    number: began(at).position,
    type,
    status: type === "resize" || type === "migration" ? "pre-migrating" : "accepted",
    source: HOST_A,
    destination: null,
    oldFlavorId: exampleFlavor.id,
    newFlavorId: newFlavor.id,
    userId,
    projectId,
    createdAt: at,
    updatedAt: at,
  };
}

/** What is true of the example server when a move begins. */
function moving(
  type: MigrationType,
  at: string,
  { newFlavor = exampleFlavor }: { readonly newFlavor?: FlavorSnapshot } = {},
): Pick<Server, "move" | "migrations"> {
  return {
    move: {
      source: HOST_A,
      destination: null,
      oldFlavor: exampleFlavor,
      newFlavor,
      vmState: "active",
      endsOff: false,
      isHalfway: false,
      wish: null,
      memory: null,
    },
    migrations: [recordOf(type, at, { newFlavor })],
  };
}

const resized: readonly ServerEvent[] = [
  resizeRequested,
  { type: "ServerDestinationChosen", data: { ...scheduled().data, host: "host-b" } },
  { type: "ServerTaskAdvanced", data: { taskState: "resize_migrating" } },
  { type: "ServerTaskAdvanced", data: { taskState: "resize_migrated" } },
  { type: "ServerTaskAdvanced", data: { taskState: "resize_finish" } },
  { type: "ServerResized", data: {} },
];
const FINISHED: Migration = {
  ...recordOf("resize", timeOf(THERE + 1), { newFlavor: large }),
  status: "finished",
  destination: { ...HOST_A, host: "host-b" },
  updatedAt: timeOf(THERE + resized.length),
};

/** One example of each type of event; a new type does not compile without one. */
const EXAMPLES: Readonly<Record<ServerEvent["type"], Example>> = {
  ServerCreated: {
    before: [],
    event: created({ requestedZone: "nova", tags: ["b", "a", "b"], keyName: "key" }),
    changes: (at) => {
      const { requestedZone, networks, volumes: _, ...kept } = created({ keyName: "key" }).data;
      return {
        ...kept,
        tags: ["a", "b"],
        number: 1,
        pinnedAvailabilityZone: requestedZone ?? "nova",
        requestedNetworks: networks,
        taskState: "scheduling",
        createdAt: at,
        taskBegan: began(at),
      };
    },
  },
  ServerInterfaceAttachRequested: {
    before: [created(), ...built()],
    event: attachRequested,
    changes: (at) => ({ interfaceChanges: [{ kind: "attach", asked, began: began(at) }] }),
  },
  ServerInterfaceAttached: {
    before: [created(), ...built(), attachRequested],
    event: plugged,
    changes: () => ({ interfaceChanges: [], ports: [examplePort, secondPort] }),
  },
  ServerInterfaceAttachFailed: {
    before: [created(), ...built(), attachRequested],
    event: {
      type: "ServerInterfaceAttachFailed",
      data: { portId: "port-2", rejected: null, message: "it does not fit" },
    },
    changes: () => ({ interfaceChanges: [] }),
  },
  ServerInterfaceDetachRequested: {
    before: withTwoPorts,
    event: detachRequested,
    changes: (at) => ({
      interfaceChanges: [{ kind: "detach", portId: "port-2", isLost: false, began: began(at) }],
    }),
  },
  ServerInterfaceDetached: {
    before: [...withTwoPorts, detachRequested],
    event: { type: "ServerInterfaceDetached", data: { portId: "port-2" } },
    changes: () => ({ interfaceChanges: [], ports: [examplePort] }),
  },
  ServerInterfaceDetachFailed: {
    before: [...withTwoPorts, detachRequested],
    event: {
      type: "ServerInterfaceDetachFailed",
      data: { portId: "port-2", message: "it is stuck" },
    },
    changes: () => ({ interfaceChanges: [] }),
  },
  ServerInterfaceLost: {
    before: withTwoPorts,
    event: { type: "ServerInterfaceLost", data: { portId: "port-2" } },
    changes: (at) => ({
      ports: [examplePort],
      interfaceChanges: [{ kind: "detach", portId: "port-2", isLost: true, began: began(at) }],
    }),
  },
  ServerPortsChanged: {
    before: withTwoPorts,
    event: { type: "ServerPortsChanged", data: { ports: [{ ...secondPort, fixedIps: [] }] } },
    changes: () => ({ ports: [examplePort, { ...secondPort, fixedIps: [] }] }),
  },
  ServerScheduled: {
    before: [created()],
    event: scheduled(),
    changes: (at) => ({
      placement: { host: "host-a", node: "node-a", availabilityZone: "nova" },
      inCell: true,
      taskState: "networking",
      taskBegan: began(at),
    }),
  },
  ServerNetworked: {
    before: [created(), scheduled()],
    event: networked(),
    changes: (at) => ({
      ports: [examplePort],
      taskState: "block_device_mapping",
      taskBegan: began(at),
    }),
  },
  ServerDisksPrepared: {
    before: [created(), scheduled(), networked()],
    event: disksPrepared("/dev/sda"),
    changes: (at) => ({ rootDeviceName: "/dev/sda", taskState: "spawning", taskBegan: began(at) }),
  },
  ServerSpawned: {
    before: [created(), scheduled(), networked(), disksPrepared()],
    event: spawned(),
    changes: (at) => ({
      vmState: "active",
      taskState: null,
      powerState: POWER_STATE.running,
      launchedAt: at,
    }),
  },
  ServerBuildRescheduled: {
    before: [created(), scheduled(), networked(), disksPrepared()],
    event: rescheduled({ reason: "no disk" }),
    changes: (at) => ({
      taskState: "scheduling",
      ports: [],
      placement: null,
      rootDeviceName: null,
      failedAttempts: [{ host: "host-a", reason: "no disk" }],
      taskBegan: began(at),
    }),
  },
  ServerBuildFailed: {
    before: [created(), scheduled(), networked()],
    event: buildFailed({ details: "no disk" }),
    changes: (at) => ({
      vmState: "error",
      taskState: null,
      ports: [],
      placement: null,
      fault: { code: 500, message: "broken", details: "no disk", createdAt: at },
    }),
  },
  ServerUpdated: {
    before: [created({ description: "old" })],
    event: updated({ name: "db", description: null }),
    changes: () => ({ name: "db", description: null }),
  },
  ServerMetadataChanged: {
    before: [created({ metadata: { a: "1", b: "1", c: "1" } })],
    event: metadataChanged({ b: "2", d: "2" }, "a"),
    changes: () => ({ metadata: { b: "2", c: "1", d: "2" } }),
  },
  ServerTagsChanged: {
    before: [created({ tags: ["a", "b", "d"] })],
    event: tagsChanged(["c"], ["b"]),
    changes: () => ({ tags: ["a", "c", "d"] }),
  },
  ServerLocked: {
    before: [created()],
    event: lockedBy("owner", "why"),
    changes: () => ({ lock: { by: "owner", reason: "why" } }),
  },
  ServerUnlocked: {
    before: [created(), lockedBy("owner")],
    event: unlocked(),
    changes: () => ({ lock: null }),
  },
  ServerDeleteRequested: {
    before: [created(), ...built()],
    event: deleteRequested(),
    changes: (at) => ({ taskState: "deleting", taskBegan: began(at) }),
  },
  ...operation("start", { ends: isNow("active", running) }),
  ...operation("stop", { ends: isNow("stopped", shutDown) }),
  ...operation("powerOn", { ends: isNow("active", running) }),
  ...operation("powerOff", { ends: isNow("stopped", shutDown) }),
  ...operation("softReboot", { ends: isNow("active", running) }),
  ...operation("hardReboot", { ends: isNow("active", running) }),
  ...operation("pause", { ends: isNow("paused", paused) }),
  ...operation("unpause", { ends: isNow("active", running) }),
  ...operation("suspend", { ends: isNow("suspended", suspended) }),
  ...operation("resume", { ends: isNow("active", running) }),
  ...operation("changePassword", {
    input: { adminPass: "sealed" },
    ends: isNow("active", running),
  }),
  ...operation("rescue", {
    input: { adminPass: "sealed", imageId: null },
    ends: (at) => ({ ...isNow("rescued", running)(), launchedAt: at }),
  }),
  ...operation("unrescue", { ends: isNow("active", running) }),
  ...operation("createImage", { input: newImage, ends: () => ({}) }),
  ...operation("createBackup", {
    input: { ...newImage, backupType: "daily", rotation: 2 },
    ends: () => ({}),
  }),
  ...operation("rebuild", {
    input: {
      adminPass: "sealed",
      preserveEphemeral: false,
      changes: { image: { id: "image-2", properties: {} }, name: "new", keyName: null },
    },
    begins: () => ({ image: { id: "image-2", properties: {} }, name: "new", keyName: null }),
    ends: (at) => ({ ...isNow("active", running)(), launchedAt: at }),
  }),
  ...operation("shelve", {
    input: { imageId: "image-2", name: "web-shelved" },
    result: { offloads: false },
    ends: () => ({ ...isNow("shelved", shutDown)(), shelvedImageId: "image-2" }),
  }),
  ...operation("shelveOffload", {
    before: [shelveRequested, { type: "ServerShelved", data: { offloads: false } }],
    ends: () => ({ ...isNow("shelved_offloaded", shutDown)(), placement: null }),
  }),
  ...operation("unshelve", {
    before: offloaded,
    input: { pinnedAvailabilityZone: "nova", host: "host-b" },
    begins: () => ({ pinnedAvailabilityZone: "nova" }),
    ends: (at) => ({ ...isNow("active", running)(), shelvedImageId: null, launchedAt: at }),
  }),
  ...operation("softDelete", { ends: isNow("soft-delete", shutDown) }),
  ...operation("restore", {
    before: [{ type: "ServerSoftDeleteRequested", data: {} }, {
      type: "ServerSoftDeleted",
      data: {},
    }],
    ends: isNow("active", running),
  }),
  ...operation("resize", {
    input: resizeRequested.data,
    begins: (at) => ({ diskConfig: "AUTO", ...moving("resize", at, { newFlavor: large }) }),
    ends: (at) => ({
      vmState: "resized",
      launchedAt: at,
      migrations: [{
        ...recordOf("resize", timeOf(THERE + 1), { newFlavor: large }),
        status: "finished",
        updatedAt: at,
      }],
    }),
  }),
  ...operation("migrate", {
    input: { migrationId: "migration-1", host: "host-b" },
    begins: (at) => ({ diskConfig: "MANUAL", ...moving("migration", at) }),
    ends: (at) => ({
      vmState: "resized",
      launchedAt: at,
      migrations: [{
        ...recordOf("migration", timeOf(THERE + 1)),
        status: "finished",
        updatedAt: at,
      }],
    }),
  }),
  ...operation("confirmResize", {
    before: resized,
    begins: (at) => ({ migrations: [{ ...FINISHED, status: "confirming", updatedAt: at }] }),
    ends: (at) => ({
      vmState: "active",
      move: null,
      migrations: [{ ...FINISHED, status: "confirmed", updatedAt: at }],
    }),
  }),
  ...operation("revertResize", {
    before: resized,
    begins: (at) => ({ migrations: [{ ...FINISHED, status: "reverting", updatedAt: at }] }),
    ends: (at) => ({
      ...isNow("active", running)(),
      move: null,
      placement: HOST_A,
      flavor: exampleFlavor,
      launchedAt: at,
      migrations: [{ ...FINISHED, status: "reverted", updatedAt: at }],
    }),
  }),
  ...operation("liveMigrate", {
    input: liveRequested.data,
    begins: (at) => moving("live-migration", at),
    ends: (at) => ({
      move: null,
      migrations: [{
        ...recordOf("live-migration", timeOf(THERE + 1)),
        status: "completed",
        updatedAt: at,
      }],
    }),
  }),
  ServerEvacuationCompleted: {
    before: [created(), ...built(), evacuated, { type: "ServerEvacuated", data: {} }],
    event: { type: "ServerEvacuationCompleted", data: { host: HOST_A.host } },
    changes: (at) => ({
      migrations: [{
        ...recordOf("evacuation", timeOf(THERE + 1)),
        status: "completed",
        updatedAt: at,
      }],
    }),
  },
  ...operation("evacuate", {
    input: { ...evacuated.data, adminPass: "sealed" },
    begins: (at) => {
      const begun = moving("evacuation", at);
      return { ...begun, move: { ...begun.move!, endsOff: true } };
    },
    ends: (at) => ({
      ...isNow("stopped", shutDown)(),
      launchedAt: at,
      move: null,
      migrations: [{
        ...recordOf("evacuation", timeOf(THERE + 1)),
        status: "done",
        updatedAt: at,
      }],
    }),
  }),
  ServerMigrationProgressed: {
    before: [created(), ...built(), liveRequested],
    event: { type: "ServerMigrationProgressed", data: { progress: 50, memory: MEMORY } },
    changes: () => {
      const { move } = moving("live-migration", timeOf(THERE + 1));
      return { progress: 50, move: { ...move!, memory: MEMORY } };
    },
  },
  ServerMigrationAbortRequested: {
    before: [created(), ...built(), liveRequested],
    event: { type: "ServerMigrationAbortRequested", data: {} },
    changes: (at) => ({
      move: { ...moving("live-migration", timeOf(THERE + 1)).move!, wish: "abort" },
      // It has its time anew, but belongs to the request that began it.
      taskBegan: { ...began(timeOf(THERE + 1)), at },
    }),
  },
  ServerMigrationForceCompleteRequested: {
    before: [created(), ...built(), liveRequested],
    event: { type: "ServerMigrationForceCompleteRequested", data: {} },
    changes: (at) => ({
      move: { ...moving("live-migration", timeOf(THERE + 1)).move!, wish: "complete" },
      taskBegan: { ...began(timeOf(THERE + 1)), at },
    }),
  },
  ServerMigrationCancelled: {
    before: [created(), ...built(), liveRequested],
    event: { type: "ServerMigrationCancelled", data: {} },
    changes: (at) => ({
      operation: null,
      taskState: null,
      move: null,
      migrations: [{
        ...recordOf("live-migration", timeOf(THERE + 1)),
        status: "cancelled",
        updatedAt: at,
      }],
    }),
  },
  ServerDestinationChosen: {
    before: [created(), ...built(), ...offloaded, {
      type: "ServerUnshelveRequested",
      data: { host: null },
    }],
    event: { type: "ServerDestinationChosen", data: scheduled().data },
    changes: (at) => ({
      placement: { host: "host-a", node: "node-a", availabilityZone: "nova" },
      taskState: "spawning",
      taskBegan: began(at),
    }),
  },
  ServerCrashDumpTriggered: unchanged({ type: "ServerCrashDumpTriggered", data: {} }),
  ServerNetworkInfoInjected: unchanged({ type: "ServerNetworkInfoInjected", data: {} }),
  ServerTaskAdvanced: {
    before: [created(), ...built(), { type: "ServerSoftRebootRequested", data: {} }],
    event: { type: "ServerTaskAdvanced", data: { taskState: "reboot_pending" } },
    changes: (at) => ({ taskState: "reboot_pending", taskBegan: began(at) }),
  },
  ServerOperationFailed: {
    before: [created(), ...built(), { type: "ServerHardRebootRequested", data: {} }],
    event: {
      type: "ServerOperationFailed",
      data: {
        operation: "hardReboot",
        fault: { code: 500, message: "no answer" },
        inError: true,
      },
    },
    changes: (at) => ({
      operation: null,
      taskState: null,
      vmState: "error",
      fault: { code: 500, message: "no answer", details: null, createdAt: at },
    }),
  },
  ServerPowerStateSynced: {
    before: [created(), ...built()],
    event: { type: "ServerPowerStateSynced", data: { powerState: shutDown } },
    changes: () => ({ powerState: shutDown }),
  },
  ServerPowerUpdateIgnored: {
    before: [created(), ...built()],
    event: { type: "ServerPowerUpdateIgnored", data: { power: "on" } },
    changes: () => ({}),
  },
  ServerVolumeExtended: {
    before: [created(), ...built(), attaching, attached],
    event: { type: "ServerVolumeExtended", data: { volumeId: "v" } },
    changes: () => ({}),
  },
  ServerFixedIpChangeFailed: {
    before: [created(), ...built()],
    event: {
      type: "ServerFixedIpChangeFailed",
      data: { fault: { code: 404, message: "Network could not be found." } },
    },
    changes: (at) => ({
      fault: { code: 404, message: "Network could not be found.", details: null, createdAt: at },
    }),
  },
  ServerStateReset: {
    before: [created(), ...built(), { type: "ServerStopRequested", data: {} }],
    event: { type: "ServerStateReset", data: { vmState: "error" } },
    changes: () => ({ vmState: "error", taskState: null, operation: null }),
  },
  ServerVolumeAttachRequested: volume([], {
    type: "ServerVolumeAttachRequested",
    data: { volume: VOLUME },
  }, (at) => [
    { ...VOLUME, status: "attaching", began: began(at), by: null },
  ]),
  ServerVolumeAttached: volume([attaching], {
    type: "ServerVolumeAttached",
    data: { volumeId: "v" },
  }, () => [HELD]),
  ServerVolumeAttachFailed: volume([attaching], {
    type: "ServerVolumeAttachFailed",
    data: { volumeId: "v", message: "no" },
  }, () => []),
  ServerVolumeDetachRequested: volume([attaching, attached], {
    type: "ServerVolumeDetachRequested",
    data: { volumeId: "v" },
  }, (at) => [
    { ...HELD, status: "detaching", began: began(at) },
  ]),
  ServerVolumeDetached: volume([attaching, attached], {
    type: "ServerVolumeDetached",
    data: { volumeId: "v" },
  }, () => []),
  ServerVolumeDetachFailed: volume([attaching], {
    type: "ServerVolumeDetachFailed",
    data: { volumeId: "v", message: "no" },
  }, () => [HELD]),
  ServerVolumeSwapRequested: volume([attaching, attached], {
    type: "ServerVolumeSwapRequested",
    data: { volumeId: "v", by: OTHER },
  }, (at) => [
    { ...HELD, status: "swapping", began: began(at), by: OTHER },
  ]),
  ServerVolumeSwapped: volume([attaching, attached, swapping], {
    type: "ServerVolumeSwapped",
    data: { volumeId: "v" },
  }, () => [
    { ...HELD, ...OTHER, began: began(timeOf(THERE + 3)) },
  ]),
  ServerVolumeSwapFailed: volume([attaching, attached, swapping], {
    type: "ServerVolumeSwapFailed",
    data: { volumeId: "v", message: "no" },
  }, () => [
    { ...HELD, began: began(timeOf(THERE + 3)) },
  ]),
  ServerVolumeUpdated: volume([attaching, attached], {
    type: "ServerVolumeUpdated",
    data: { volumeId: "v", deleteOnTermination: true },
  }, () => [
    { ...HELD, deleteOnTermination: true },
  ]),
  ServerVolumeImageRequested: {
    before: [created(), ...built()],
    event: imaging,
    changes: (at) => ({ volumeImages: [{ ...imaging.data, began: began(at) }] }),
  },
  ServerVolumeImageCreated: {
    before: [created(), ...built(), imaging],
    event: { type: "ServerVolumeImageCreated", data: { imageId: "i" } },
    changes: () => ({ volumeImages: [] }),
  },
  ServerVolumeImageFailed: {
    before: [created(), ...built(), imaging],
    event: { type: "ServerVolumeImageFailed", data: { imageId: "i", message: "no" } },
    changes: () => ({ volumeImages: [] }),
  },
  ServerDeleted: {
    before: [created(), ...built(), deleteRequested()],
    event: deleted(),
    changes: (at) => ({
      vmState: "deleted",
      taskState: null,
      powerState: POWER_STATE.noState,
      ports: [],
      // It still shows where it was.
      terminatedAt: at,
    }),
  },
};

for (const [type, { before, event, changes }] of Object.entries(EXAMPLES)) {
  const nth = before.length + 1;
  const at = timeOf(nth);

  Deno.test(`${type} changes this and nothing else`, () => {
    const server = given(before).state;
    const after = evolve(server, recorded(event, nth));
    assertEquals(after, { ...server, ...changes(at), updatedAt: at });
  });

  Deno.test(`${type} with a field that this release does not know folds as without it`, () => {
    const server = given(before).state;
    const extended = { ...event, data: { ...event.data, ofALaterRelease: 1 } } as ServerEvent;
    const after = evolve(server, recorded(extended, nth));
    const known = Object.fromEntries(
      Object.keys(NO_SERVER).map((key) => [key, after[key as keyof Server]]),
    );
    assertEquals(known, { ...evolve(server, recorded(event, nth)) });
  });
}

Deno.test("a fault without details has none", () => {
  assertEquals(given(created(), buildFailed()).state.fault?.details, null);
});

Deno.test("a server exists from its creation until it is deleted, failed or not", () => {
  assert(!exists(given().state));
  assert(exists(given(created()).state));
  assert(exists(given(created(), buildFailed()).state));
  assert(exists(given(created(), built(), deleteRequested()).state));
  assert(!exists(given(created(), built(), deleteRequested(), deleted()).state));
});

Deno.test("a server claims its flavor's size, the root disk only where it boots from an image", () => {
  const flavor = { ...exampleFlavor, vcpus: 2, ramMib: 2048, diskGib: 20, ephemeralGib: 5 };
  const claim = (changes: Parameters<typeof created>[0]) => claimOf(given(created(changes)).state);
  assertEquals(claim({ flavor }), { vcpus: 2, ramMib: 2048, diskGib: 25 });
  const onVolume = { isVolumeBacked: true, minRamMib: 0, minDiskGib: 20 };
  assertEquals(claim({ flavor, boot: onVolume }), { vcpus: 2, ramMib: 2048, diskGib: 5 });
  // Of a server that is older than what is noted at the boot, the image says it.
  assertEquals(claim({ flavor, image: null, boot: undefined }).diskGib, 5);
  assertEquals(claim({ flavor, boot: undefined }).diskGib, 25);
  assertEquals(claim({ flavor: { ...flavor, swapMib: 1 } }).diskGib, 26);
  assertEquals(claim({ flavor: { ...flavor, swapMib: 1024 } }).diskGib, 26);
  assertEquals(claim({ flavor: { ...flavor, swapMib: 1025 } }).diskGib, 27);
});

Deno.test("a move claims both hosts, and the larger size counts until it is over", () => {
  const hostsOf = (server: Server) =>
    claimsOf(server).map(({ host, claim }) => [host, claim.vcpus]);
  const at = (...events: readonly ServerEvent[]) => given(created(), ...built(), ...events).state;
  const asked = at(resizeRequested);
  assertEquals(hostsOf(asked), [["host-a", 1]]);
  assertEquals(sizeOf(asked), { vcpus: 2, ramMib: 2048 });
  const there = at(...resized);
  assertEquals(hostsOf(there), [["host-a", 1], ["host-b", 2]]);
  assertEquals(there.placement?.host, "host-b");
  assertEquals(there.flavor, large);
  const confirm: ServerEvent = { type: "ServerResizeConfirmRequested", data: {} };
  assertEquals(hostsOf(at(...resized, confirm)), [["host-a", 1], ["host-b", 2]]);
  const confirmed = at(...resized, confirm, { type: "ServerResizeConfirmed", data: {} });
  assertEquals(hostsOf(confirmed), [["host-b", 2]]);
  const revert: ServerEvent = { type: "ServerResizeRevertRequested", data: {} };
  const reverted = at(...resized, revert, { type: "ServerResizeReverted", data: {} });
  assertEquals(hostsOf(reverted), [["host-a", 1]]);
  assertEquals(sizeOf(reverted), { vcpus: 1, ramMib: 512 });
  const leaving = at(...resized, deleteRequested());
  assertEquals(hostsOf(leaving), [["host-a", 1], ["host-b", 2]]);
  assertEquals(leaving.migrations.at(-1)?.status, "confirmed");
  assertEquals(hostsOf(at(...resized, deleteRequested(), deleted())), []);
  const reset: ServerEvent = { type: "ServerStateReset", data: { vmState: "active" } };
  assertEquals(hostsOf(at(...resized, reset)), [["host-b", 2]]);
});

Deno.test("a move that fails leaves the server where it was, in the size that it had", () => {
  for (const until of [2, 3, 4, 5]) {
    const failed: ServerEvent = {
      type: "ServerOperationFailed",
      data: { operation: "resize", fault: { code: 500, message: "no" }, inError: true },
    };
    const server = given(created(), ...built(), ...resized.slice(0, until), failed).state;
    assertEquals(claimsOf(server).map(({ host }) => host), ["host-a"]);
    assertEquals([server.placement?.host, server.flavor], ["host-a", exampleFlavor]);
    assertEquals([server.vmState, server.migrations.at(-1)?.status], ["error", "error"]);
  }
});

Deno.test("no order of events, however absurd, keeps a server from being folded and shown", () => {
  const events = fc.array(fc.constantFrom(...Object.values(EXAMPLES).map(({ event }) => event)));
  fc.assert(fc.property(events, (events) => {
    const server = given(events).state;
    assertEquals(Object.keys(server).sort(), Object.keys(NO_SERVER).sort());
    assertEquals(server.updatedAt, events.length === 0 ? "" : timeOf(events.length));
    assert(statusOf(server) !== "UNKNOWN");
    assert(Object.values(claimOf(server)).every((figure) => figure >= 0));
    const isConfirming = server.operation?.name === "confirmResize";
    const isWaiting = isConfirming || server.volumeImages.length > 0 ||
      exists(server) && (pendingVolume(server.volumes) !== undefined ||
          server.interfaceChanges.length > 0);
    if (server.taskState === null) assertEquals(nextStep(server) !== undefined, isWaiting);
  }));
});
