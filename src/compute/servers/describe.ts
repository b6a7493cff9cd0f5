/** What happened to a server, in words for a person. */
import type { ServerEvent } from "./events.ts";
import { operationOf, rowOf } from "./operations.ts";

/** One line for one event. */
export function describe(event: ServerEvent): string {
  switch (event.type) {
    case "ServerCreated": {
      const { name, flavor, image } = event.data;
      return `created as "${name}", flavor ${flavor.name}, ` +
        (image ? `image ${image.id}` : "booting from a volume");
    }
    case "ServerScheduled": {
      const { host, decision } = event.data;
      return `placed on ${host}, chosen of ${decision.candidates.length} hosts`;
    }
    case "ServerNetworked": {
      const addresses = event.data.ports.flatMap((port) => port.fixedIps)
        .map(({ address }) => address);
      return addresses.length === 0 ? "has no ports" : `has addresses ${addresses.join(", ")}`;
    }
    case "ServerDisksPrepared":
      return `disks ready, root is ${event.data.rootDeviceName}`;
    case "ServerSpawned":
      return "running";
    case "ServerBuildRescheduled":
      return `build failed on ${event.data.host}, another host is looked for: ${event.data.reason}`;
    case "ServerBuildFailed":
      return `build failed: ${event.data.fault.message}${removedBy(event.data.decision)}`;
    case "ServerUpdated":
      return `changed: ${pairs(event.data)}`;
    case "ServerMetadataChanged":
      return `metadata changed: ${changes(pairs(event.data.set), event.data.removed)}`;
    case "ServerTagsChanged":
      return `tags changed: ${changes(event.data.added.join(", "), event.data.removed)}`;
    case "ServerLocked": {
      const { lockedBy, reason } = event.data;
      return `locked by ${lockedBy}${reason === undefined ? "" : `: ${reason}`}`;
    }
    case "ServerUnlocked":
      return "unlocked";
    case "ServerDeleteRequested":
      return "to be deleted";
    case "ServerDeleted":
      return "deleted";
    case "ServerTaskAdvanced":
      return event.data.taskState;
    case "ServerDestinationChosen": {
      const { host, decision } = event.data;
      return `to run on ${host}, chosen of ${decision.candidates.length} hosts`;
    }
    case "ServerMigrationProgressed":
      return `moved to ${event.data.progress} %`;
    case "ServerMigrationAbortRequested":
      return "move to be aborted";
    case "ServerMigrationForceCompleteRequested":
      return "move to be completed, whatever it costs";
    case "ServerMigrationCancelled":
      return "move aborted";
    case "ServerEvacuationCompleted":
      return `nothing is left of it on ${event.data.host}`;
    case "ServerOperationFailed":
      return `${rowOf(event.data.operation).word} failed: ${event.data.fault.message}`;
    case "ServerStateReset":
      return `state set to ${event.data.vmState}`;
    case "ServerPowerStateSynced":
      return `the hypervisor says power state ${event.data.powerState}`;
    case "ServerPowerUpdateIgnored":
      return `said to be powered ${event.data.power}, which changes nothing`;
    case "ServerCrashDumpTriggered":
      return "crash dump triggered";
    case "ServerNetworkInfoInjected":
      return "network settings put in again";
    case "ServerVolumeAttachRequested": {
      const { volumeId, deviceName } = event.data.volume;
      return `volume ${volumeId} to be attached${deviceName === null ? "" : ` as ${deviceName}`}`;
    }
    case "ServerVolumeAttached":
      return `volume ${event.data.volumeId} attached`;
    case "ServerVolumeAttachFailed":
      return `volume ${event.data.volumeId} not attached: ${event.data.message}`;
    case "ServerVolumeDetachRequested":
      return `volume ${event.data.volumeId} to be detached`;
    case "ServerVolumeDetached":
      return `volume ${event.data.volumeId} detached`;
    case "ServerVolumeDetachFailed":
      return `volume ${event.data.volumeId} not detached: ${event.data.message}`;
    case "ServerVolumeSwapRequested":
      return `volume ${event.data.volumeId} to be replaced by ${event.data.by.volumeId}`;
    case "ServerVolumeSwapped":
      return `volume ${event.data.volumeId} replaced`;
    case "ServerVolumeSwapFailed":
      return `volume ${event.data.volumeId} not replaced: ${event.data.message}`;
    case "ServerVolumeUpdated": {
      const { volumeId, deleteOnTermination } = event.data;
      return `volume ${volumeId} ${deleteOnTermination ? "goes" : "stays"} when it is deleted`;
    }
    case "ServerVolumeExtended":
      return `volume ${event.data.volumeId} has grown`;
    case "ServerVolumeImageRequested": {
      const { name, snapshots } = event.data;
      return `image "${name}" to be made of snapshots of ${snapshots.length} volumes`;
    }
    case "ServerVolumeImageCreated":
      return `image ${event.data.imageId} made`;
    case "ServerVolumeImageFailed":
      return `image ${event.data.imageId} not made: ${event.data.message}`;
    case "ServerInterfaceAttachRequested": {
      const { portId, make } = event.data;
      return `to attach ${make ? `a new port on network ${make.networkId}` : `port ${portId}`}`;
    }
    case "ServerInterfaceAttached": {
      const { id, fixedIps } = event.data.port;
      return `port ${id} attached: ${fixedIps.map(({ address }) => address).join(", ")}`;
    }
    case "ServerInterfaceAttachFailed":
      return `port ${event.data.portId} not attached: ${event.data.message}`;
    case "ServerInterfaceDetachRequested":
      return `to detach port ${event.data.portId}`;
    case "ServerInterfaceDetached":
      return `port ${event.data.portId} detached`;
    case "ServerInterfaceDetachFailed":
      return `port ${event.data.portId} not detached: ${event.data.message}`;
    case "ServerInterfaceLost":
      return `port ${event.data.portId} was taken away`;
    case "ServerPortsChanged":
      return event.data.ports.map((port) => {
        const addresses = [...port.fixedIps, ...(port.floatingIps ?? [])];
        return `port ${port.id} now has ${addresses.map(({ address }) => address).join(", ")}`;
      }).join("; ");
    case "ServerFixedIpChangeFailed":
      return `addresses not changed: ${event.data.fault.message}`;
    default: {
      const { done, word } = rowOf(operationOf(event.type));
      return event.type === done ? `${word}: done` : `to ${word}`;
    }
  }
}

function pairs(values: object): string {
  return Object.entries(values).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ");
}

function changes(added: string, removed: readonly string[]): string {
  const parts = [added, ...removed.map((name) => `without ${name}`)];
  return parts.filter(Boolean).join(", ");
}

function removedBy(
  decision: (ServerEvent & { type: "ServerBuildFailed" })["data"]["decision"],
): string {
  if (!decision) return "";
  const filters = decision.filters.map(({ name, removed }) => `${name} took ${removed.join(", ")}`);
  return ` (of ${decision.candidates.length} hosts: ${filters.join("; ")})`;
}
