/** All that is true of a server, folded from its events. */
import type { Recorded } from "../../eventsourcing/event.ts";
import {
  changeableMigrations,
  clearedFrom,
  endedByDelete,
  type HostPlace,
  type Migration,
  type Move,
  movedByDelete,
  movedByReset,
} from "./moves.ts";
import { type OperationRequest, stageOf } from "./operations.ts";
import {
  evolveByInterface,
  type InterfaceChange,
  nextInterfaceChange,
} from "./state_interfaces.ts";
import { evolveByOperation, idle } from "./state_operations.ts";
import { POWER_STATE, type PowerState, type TaskState, type VmState } from "./states.ts";
import type {
  BootNotes,
  FlavorSnapshot,
  RequestedNetwork,
  ServerCreated,
  ServerEvent,
  ServerPort,
  ServerVolumeImageRequested,
} from "./events.ts";
import {
  type AttachedVolume,
  evolveVolumes,
  failedVolumes,
  pendingVolume,
  plannedVolumes,
  preparedVolumes,
} from "./volumes.ts";

/** What was asked for at the create and has since been changed. */
type Asked = Omit<ServerCreated["data"], "requestedZone" | "networks" | "volumes" | "boot">;

export interface Server extends Asked {
  /** Position of the event that created it: Nova's numeric record id. 0: there is no server. */
  readonly number: number;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
  /** The operation under way on the machine, if one is. */
  readonly operation: OperationRequest | null;
  readonly powerState: PowerState;
  readonly pinnedAvailabilityZone: string | null;
  readonly boot: BootNotes;
  readonly requestedNetworks: readonly RequestedNetwork[];
  readonly ports: readonly ServerPort[];
  readonly volumes: readonly AttachedVolume[];
  /** Images under way that are made of snapshots of its volumes, oldest first. */
  readonly volumeImages: readonly VolumeImage[];
  /** Ports on their way to the machine or away from it, oldest first. */
  readonly interfaceChanges: readonly InterfaceChange[];
  readonly rootDeviceName: string | null;
  /** Where it is, and where its claim is; null while it is on no host. Kept once it is deleted. */
  readonly placement: HostPlace | null;
  /** Whether it is or was on a host, and so known to the cell, not to the API alone. */
  readonly inCell: boolean;
  /** How far its move is, in percent, while it is moved as it runs. */
  readonly progress: number;
  /** Its move that is under way, or waits to be confirmed: it has a claim on both hosts. */
  readonly move: Move | null;
  /** The records of its moves, oldest first; once it was stored, only those that may change again. */
  readonly migrations: readonly Migration[];
  /** Where this build has failed so far, in order. */
  readonly failedAttempts: readonly { readonly host: string; readonly reason: string }[];
  /** The image that a shelved server comes back from; null: it is not shelved, or on a volume. */
  readonly shelvedImageId: string | null;
  readonly lock: { readonly by: "owner" | "admin"; readonly reason: string | null } | null;
  readonly fault: Fault | null;
  readonly createdAt: string;
  /** Time of its last event, whatever it was: what `changes-since` compares with. */
  readonly updatedAt: string;
  /** How the present task, or the last one, came to be. */
  readonly taskBegan: TaskBeginning;
  readonly launchedAt: string | null;
  readonly terminatedAt: string | null;
}

/** The event that set a task. */
export interface TaskBeginning {
  /** Deadlines count from here. */
  readonly at: string;
  readonly position: number;
  /** The request that, through however many steps, led to it. */
  readonly requestId: string;
}

/** An image that is to be made of snapshots of a server's volumes. */
export type VolumeImage = ServerVolumeImageRequested["data"] & { readonly began: TaskBeginning };

/** What went wrong, as `GET /servers/{id}` shows it. */
export interface Fault {
  readonly code: number;
  readonly message: string;
  readonly details: string | null;
  readonly createdAt: string;
}

/** No server: nothing has happened on the stream. */
export const NO_SERVER: Server = {
  number: 0,
  projectId: "",
  userId: "",
  name: "",
  hostname: "",
  description: null,
  vmState: "building",
  taskState: null,
  operation: null,
  powerState: POWER_STATE.noState,
  flavor: {
    id: "",
    name: "",
    vcpus: 0,
    ramMib: 0,
    diskGib: 0,
    ephemeralGib: 0,
    swapMib: 0,
    extraSpecs: {},
  },
  image: null,
  boot: { isVolumeBacked: false, minRamMib: 0, minDiskGib: 0 },
  metadata: {},
  tags: [],
  accessIPv4: null,
  accessIPv6: null,
  diskConfig: "MANUAL",
  configDrive: false,
  keyName: null,
  userData: null,
  personality: [],
  pinnedAvailabilityZone: null,
  requestedHost: null,
  requestedNetworks: [],
  ports: [],
  volumes: [],
  volumeImages: [],
  interfaceChanges: [],
  securityGroups: [],
  blockDevices: [],
  schedulerHints: {},
  trustedImageCertificates: null,
  reservationId: "",
  launchIndex: 0,
  rootDeviceName: null,
  placement: null,
  inCell: false,
  progress: 0,
  move: null,
  migrations: [],
  failedAttempts: [],
  shelvedImageId: null,
  lock: null,
  fault: null,
  createdAt: "",
  updatedAt: "",
  taskBegan: { at: "", position: 0, requestId: "" },
  launchedAt: null,
  terminatedAt: null,
};

/** The fields that a server's claims and its part of a quota follow from. */
export const CLAIM_FIELDS = [
  "number",
  "vmState",
  "operation",
  "flavor",
  "boot",
  "placement",
  "move",
] as const satisfies readonly (keyof Server)[];

/** A server, as far as claims and quota look at it. */
export type Claimant = Pick<Server, typeof CLAIM_FIELDS[number]>;

/** Whether there is a server to act on: created, and not gone. */
export function exists(server: Pick<Server, "number" | "vmState">): boolean {
  return server.number !== 0 && server.vmState !== "deleted";
}

/**
 * Whether a server is gone, or its delete asked for and not undone.
 *
 * Source: nova/compute/api.py, `_update_queued_for_delete`.
 */
export function isQueuedForDelete({ vmState, taskState }: Server): boolean {
  if (vmState === "soft-delete") return taskState !== "restoring";
  return vmState === "deleted" || taskState === "deleting" || taskState === "soft-deleting";
}

/** Whether a server boots from a volume; nova/compute/utils.py, `is_volume_backed_instance`. */
export function isVolumeBacked({ boot }: Pick<Server, "boot">): boolean {
  return boot.isVolumeBacked;
}

/** What is stored of a server: of what grows with every move, only what may change again. */
export function keptOf(server: Server): Server {
  return { ...server, migrations: exists(server) ? changeableMigrations(server.migrations) : [] };
}

/** What a server takes of the host it is on: VCPUs, RAM in MiB, disk in GiB. */
export interface Claim {
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
}

/** What a server claims of a host; nova/scheduler/utils.py, `resources_from_flavor`. */
export function claimOf(server: Pick<Server, "flavor" | "boot">): Claim {
  const { vcpus, ramMib, diskGib, ephemeralGib, swapMib } = server.flavor;
  // The root disk of a server that boots from a volume is not on the host.
  const rootGib = isVolumeBacked(server) ? 0 : diskGib;
  return { vcpus, ramMib, diskGib: rootGib + ephemeralGib + Math.ceil(swapMib / 1024) };
}

/** What a server claims, and where; a deleted one still shows where it was, but claims nothing. */
export function claimsOf(
  server: Claimant,
): readonly { readonly host: string; readonly claim: Claim }[] {
  if (!exists(server)) return [];
  if (server.move === null) return claimOn(server.placement, server, server.flavor);
  const { source, destination, oldFlavor, newFlavor } = server.move;
  return [...claimOn(source, server, oldFlavor), ...claimOn(destination, server, newFlavor)];
}

function claimOn(
  place: HostPlace | null,
  { boot }: Claimant,
  flavor: FlavorSnapshot,
): ReturnType<typeof claimsOf> {
  return place === null ? [] : [{ host: place.host, claim: claimOf({ boot, flavor }) }];
}

/**
 * Whether a server counts against quota: one that was deleted softly does not until it is restored.
 *
 * It counts from when that is asked for, so that nobody else gets its place meanwhile.
 * Source: nova/quota.py, `_instances_cores_ram_count`.
 */
export function countsAgainstQuota(server: Claimant): boolean {
  const isAway = server.vmState === "soft-delete" && server.operation?.name !== "restore";
  return exists(server) && !isAway;
}

/**
 * What counts of a server against quota: while it may still go back to another size, the larger.
 *
 * So neither the way there nor the way back can ever find the quota exhausted.
 */
export function sizeOf({ flavor, move }: Claimant): Pick<Claim, "vcpus" | "ramMib"> {
  const sizes = move ? [move.oldFlavor, move.newFlavor] : [flavor];
  return {
    vcpus: Math.max(...sizes.map(({ vcpus }) => vcpus)),
    ramMib: Math.max(...sizes.map(({ ramMib }) => ramMib)),
  };
}

/** What is to be done next to a server's interfaces or volumes; nothing while a task is under way. */
export function nextChange(server: Server): InterfaceChange | AttachedVolume | undefined {
  if (!exists(server) || server.taskState !== null || stageOf(server)) return undefined;
  return nextInterfaceChange(server) ?? pendingVolume(server.volumes);
}

/** Folds one event in. */
export function evolve(server: Server, event: Recorded<ServerEvent>): Server {
  const after = { ...change(server, event), updatedAt: event.recordedAt };
  const [before, next] = [nextChange(server), nextChange(after)];
  // What had to wait has its time from when its turn comes.
  return next && next.began.position !== before?.began.position
    ? beginning(after, next, event.recordedAt)
    : after;
}

function beginning(server: Server, next: InterfaceChange | AttachedVolume, at: string): Server {
  const begun = { ...next, began: { ...next.began, at } };
  const put = <T>(one: T) => one === next as unknown ? begun as T : one;
  return {
    ...server,
    interfaceChanges: server.interfaceChanges.map(put),
    volumes: server.volumes.map(put),
  };
}

function change(server: Server, event: Recorded<ServerEvent>): Server {
  const at = event.recordedAt;
  switch (event.type) {
    case "ServerCreated": {
      const { requestedZone, networks, volumes = [], boot, ...asked } = event.data;
      return {
        ...NO_SERVER,
        ...asked,
        boot: boot ?? unnoted(asked),
        tags: sorted(asked.tags),
        number: event.position,
        pinnedAvailabilityZone: requestedZone,
        requestedNetworks: networks,
        volumes: plannedVolumes(volumes, beginningIn(event)),
        taskState: "scheduling",
        createdAt: at,
        taskBegan: beginningIn(event),
      };
    }
    case "ServerScheduled": {
      const { host, node, availabilityZone } = event.data;
      return {
        ...server,
        placement: { host, node, availabilityZone },
        inCell: true,
        taskState: "networking",
        taskBegan: beginningIn(event),
      };
    }
    case "ServerNetworked":
      return {
        ...server,
        ports: event.data.ports,
        taskState: "block_device_mapping",
        taskBegan: beginningIn(event),
      };
    case "ServerDisksPrepared":
      return {
        ...server,
        rootDeviceName: event.data.rootDeviceName,
        volumes: preparedVolumes(server.volumes, event.data),
        taskState: "spawning",
        taskBegan: beginningIn(event),
      };
    case "ServerSpawned":
      return {
        ...server,
        vmState: "active",
        taskState: null,
        powerState: POWER_STATE.running,
        launchedAt: at,
      };
    case "ServerBuildRescheduled": {
      const { host, reason } = event.data;
      return {
        ...server,
        taskState: "scheduling",
        ports: [],
        placement: null,
        rootDeviceName: null,
        failedAttempts: [...server.failedAttempts, { host, reason }],
        taskBegan: beginningIn(event),
      };
    }
    case "ServerBuildFailed": {
      const { code, message, details } = event.data.fault;
      return {
        ...server,
        vmState: "error",
        taskState: null,
        ports: [],
        volumes: failedVolumes(server.volumes, beginningIn(event)),
        placement: null,
        fault: { code, message, details: details ?? null, createdAt: at },
      };
    }
    case "ServerUpdated":
      return { ...server, ...event.data };
    case "ServerMetadataChanged": {
      const { set, removed } = event.data;
      const kept = Object.entries(server.metadata).filter(([key]) => !removed.includes(key));
      return { ...server, metadata: { ...Object.fromEntries(kept), ...set } };
    }
    case "ServerTagsChanged": {
      const { added, removed } = event.data;
      const kept = server.tags.filter((tag) => !removed.includes(tag));
      return { ...server, tags: sorted([...kept, ...added]) };
    }
    case "ServerLocked":
      return {
        ...server,
        // As in Nova, a lock taken over without a new reason keeps the old one.
        lock: {
          by: event.data.lockedBy,
          reason: event.data.reason ?? server.lock?.reason ?? null,
        },
      };
    case "ServerUnlocked":
      return { ...server, lock: null };
    case "ServerDeleteRequested":
      return {
        ...server,
        taskState: "deleting",
        operation: null,
        taskBegan: beginningIn(event),
        ...endedByDelete(server, event),
      };
    case "ServerDeleted":
      return {
        ...idle(server),
        vmState: "deleted",
        powerState: POWER_STATE.noState,
        ports: [],
        volumes: [],
        interfaceChanges: [],
        ...movedByDelete(server, event),
        terminatedAt: at,
      };
    case "ServerStateReset":
      return { ...idle(server), ...movedByReset(server, event), vmState: event.data.vmState };
    case "ServerEvacuationCompleted":
      return { ...server, ...clearedFrom(server, event, event.data.host) };
    case "ServerPowerStateSynced":
      return { ...server, powerState: event.data.powerState };
    case "ServerFixedIpChangeFailed":
      return { ...server, fault: { ...event.data.fault, details: null, createdAt: at } };
    case "ServerCrashDumpTriggered":
    case "ServerNetworkInfoInjected":
    case "ServerPowerUpdateIgnored":
    case "ServerVolumeExtended":
      return server;
    case "ServerVolumeImageRequested": {
      const { imageId, name, snapshots, image } = event.data;
      const facts = { imageId, name, snapshots, ...(image && { image }) };
      const begun = { ...facts, began: beginningIn(event) };
      return { ...server, volumeImages: [...server.volumeImages, begun] };
    }
    case "ServerVolumeImageCreated":
    case "ServerVolumeImageFailed": {
      const { imageId } = event.data;
      const left = server.volumeImages.filter((image) => image.imageId !== imageId);
      return { ...server, volumeImages: left };
    }
    case "ServerVolumeAttachRequested":
    case "ServerVolumeAttached":
    case "ServerVolumeAttachFailed":
    case "ServerVolumeDetachRequested":
    case "ServerVolumeDetached":
    case "ServerVolumeDetachFailed":
    case "ServerVolumeSwapRequested":
    case "ServerVolumeSwapped":
    case "ServerVolumeSwapFailed":
    case "ServerVolumeUpdated":
      return { ...server, volumes: evolveVolumes(server.volumes, event, beginningIn(event)) };
    case "ServerInterfaceAttachRequested":
    case "ServerInterfaceAttached":
    case "ServerInterfaceAttachFailed":
    case "ServerInterfaceDetachRequested":
    case "ServerInterfaceDetached":
    case "ServerInterfaceDetachFailed":
    case "ServerInterfaceLost":
    case "ServerPortsChanged":
      return evolveByInterface(server, event);
    default:
      return evolveByOperation(server, event);
  }
}

/** The task that an event sets, as how it came to be. */
export function beginningIn(
  { recordedAt, position, metadata }: Recorded<ServerEvent>,
): TaskBeginning {
  return { at: recordedAt, position, requestId: metadata.requestId };
}

/** What is known of the boot of a server of which nothing was noted. */
function unnoted({ image, flavor }: Asked): BootNotes {
  return { isVolumeBacked: image === null, minRamMib: 0, minDiskGib: flavor.diskGib };
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
