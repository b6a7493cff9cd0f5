/** The volumes of a server: what events make of them, and which of them something is to be done to. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { ServerDisksPrepared, ServerVolume, ServerVolumeEvent } from "./events.ts";
import type { TaskBeginning } from "./state.ts";

/** How far a server's volume has come. */
export type VolumeStatus =
  /** The build makes and attaches it. */
  | "planned"
  | "attaching"
  | "attached"
  | "detaching"
  | "swapping"
  /** The build has failed, and it is to be given back. */
  | "releasing";

export interface AttachedVolume extends ServerVolume {
  readonly status: VolumeStatus;
  /** How what is being done to it came to be. */
  readonly began: TaskBeginning;
  /** The volume that is to take its place, if one is. */
  readonly by: { readonly volumeId: string; readonly attachmentId: string } | null;
}

type Volumes = readonly AttachedVolume[];

/** The volumes of a server that is to be built. */
export function plannedVolumes(volumes: readonly ServerVolume[], began: TaskBeginning): Volumes {
  return volumes.map((volume) => ({ ...volume, status: "planned", began, by: null }));
}

/** The volumes once the build has attached them. */
export function preparedVolumes(
  volumes: Volumes,
  { deviceNames = {} }: ServerDisksPrepared["data"],
): Volumes {
  return namedVolumes(volumes, deviceNames).map((volume) => ({ ...volume, status: "attached" }));
}

/** The volumes with the names of their devices, where those are new. */
export function namedVolumes(
  volumes: Volumes,
  deviceNames: Readonly<Record<string, string>> = {},
): Volumes {
  return volumes.map((volume) => ({
    ...volume,
    deviceName: deviceNames[volume.volumeId] ?? volume.deviceName,
  }));
}

/** The volumes of a build that has failed. */
export function failedVolumes(volumes: Volumes, began: TaskBeginning): Volumes {
  return volumes.map((volume) => ({ ...volume, status: "releasing", began }));
}

/** Folds in an event of a volume. `began`: how it came to be. */
export function evolveVolumes(
  volumes: Volumes,
  event: Recorded<ServerVolumeEvent>,
  began: TaskBeginning,
): Volumes {
  switch (event.type) {
    case "ServerVolumeAttachRequested":
      return [...volumes, { ...event.data.volume, status: "attaching", began, by: null }];
    case "ServerVolumeAttachFailed":
    case "ServerVolumeDetached":
      return volumes.filter(({ volumeId }) => volumeId !== event.data.volumeId);
    case "ServerVolumeDetachRequested":
      return change(volumes, event.data, { status: "detaching", began });
    case "ServerVolumeSwapRequested":
      return change(volumes, event.data, { status: "swapping", began, by: event.data.by });
    case "ServerVolumeAttached":
    case "ServerVolumeDetachFailed":
    case "ServerVolumeSwapFailed":
      return change(volumes, event.data, { status: "attached", by: null });
    case "ServerVolumeSwapped": {
      const swapped = volumeOf(volumes, event.data.volumeId);
      return change(volumes, event.data, { ...swapped?.by, status: "attached", by: null });
    }
    case "ServerVolumeUpdated":
      return change(volumes, event.data, {
        deleteOnTermination: event.data.deleteOnTermination,
      });
  }
}

function change(
  volumes: Volumes,
  { volumeId }: { readonly volumeId: string },
  changes: Partial<AttachedVolume>,
): Volumes {
  return volumes.map((volume) => volume.volumeId === volumeId ? { ...volume, ...changes } : volume);
}

/** The server's volume of an id. */
export function volumeOf(volumes: Volumes, volumeId: string): AttachedVolume | undefined {
  return volumes.find((volume) => volume.volumeId === volumeId);
}

/** The volumes that clients are told of: those that are there. */
export function shownVolumes(volumes: Volumes): Volumes {
  return volumes.filter(({ status, source }) =>
    status !== "releasing" && (status !== "planned" || source === null)
  );
}

/** Whether the server boots from a volume. */
export function isRoot({ bootIndex }: ServerVolume): boolean {
  return bootIndex === 0;
}

/** The first volume that something is to be done to, besides the build. */
export function pendingVolume(volumes: Volumes): AttachedVolume | undefined {
  return volumes.find(({ status }) => status !== "planned" && status !== "attached");
}

/** What device names are chosen by. */
interface WithDevices {
  readonly rootDeviceName: string | null;
  readonly flavor: { readonly ephemeralGib: number; readonly swapMib: number };
  readonly volumes: readonly { readonly deviceName: string | null }[];
}

const DEFAULT_ROOT = "/dev/vda";
const DEVICE = /^(\/dev\/x?[a-z]?d?)([a-z]+)[0-9]*$/;

/**
 * The name under which a server gets a device: the one that is asked for, in the server's own form,
 * or the next that is free. Undefined: the one that is asked for is taken.
 *
 * Source: nova/compute/utils.py, `get_next_device_name`.
 */
export function nextDeviceName(server: WithDevices, asked: string | null): string | undefined {
  const root = DEVICE.exec(server.rootDeviceName ?? DEFAULT_ROOT) ?? DEVICE.exec(DEFAULT_ROOT)!;
  const [, prefix = "", rootLetter = ""] = root;
  const used = new Set([rootLetter]);
  for (const { deviceName } of server.volumes) {
    const letter = deviceName === null ? undefined : DEVICE.exec(deviceName)?.[2];
    if (letter !== undefined) used.add(letter);
  }
  // Disks for data that go with the server, and for swap, come right behind the root.
  const { ephemeralGib, swapMib } = server.flavor;
  for (const size of [ephemeralGib, swapMib]) if (size > 0) used.add(freeLetter(used));
  const letter = asked === null ? undefined : DEVICE.exec(asked)?.[2];
  if (letter !== undefined && used.has(letter)) return undefined;
  return prefix + (letter ?? freeLetter(used));
}

/** The names of all volumes of a server that is being built, by the volumes' ids. */
export function deviceNamesOf(
  server: WithDevices & { readonly volumes: readonly ServerVolume[] },
  rootDeviceName: string,
): Readonly<Record<string, string>> {
  const named: { readonly volumeId: string; readonly deviceName: string }[] = [];
  for (const volume of server.volumes) {
    const taken = { ...server, rootDeviceName, volumes: named };
    const deviceName = isRoot(volume)
      ? rootDeviceName
      : nextDeviceName(taken, volume.deviceName) ?? nextDeviceName(taken, null)!;
    named.push({ volumeId: volume.volumeId, deviceName });
  }
  return Object.fromEntries(named.map(({ volumeId, deviceName }) => [volumeId, deviceName]));
}

/** `a` … `z`, `aa` …: the first that is not used. */
function freeLetter(used: ReadonlySet<string>): string {
  for (let index = 0;; index++) {
    const letter = letterOf(index);
    if (!used.has(letter)) return letter;
  }
}

function letterOf(index: number): string {
  const last = String.fromCharCode("a".charCodeAt(0) + index % 26);
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}
