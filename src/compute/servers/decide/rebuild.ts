import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { OperationRequested, RebuildChanges } from "../operations.ts";
import type { Actor } from "../preconditions.ts";
import { isVolumeBacked, type Server } from "../state.ts";
import { bootNotes, type ImageFacts, novaProperties, type QuotaState } from "./create.ts";
import { refuseOverInjection, refuseOverMetadata } from "./create_limits.ts";
import { refuseSmallVolume } from "./create_devices.ts";
import { refuseUnfitImage } from "./create_references.ts";
import { operateServer } from "./operate.ts";
import type { Sealed } from "../../../store/secrets.ts";

/** Sets a server up anew, from an image. */
export interface RebuildServer {
  readonly type: "RebuildServer";
  readonly id: string;
  readonly by: Actor;
  readonly adminPass: Sealed;
  readonly preserveEphemeral: boolean;
  /** Undefined: there is no such image, or the caller may not see it. */
  readonly image: ImageFacts | undefined;
  /** Size of the volume that the server boots from; null: it boots from none. */
  readonly rootVolumeGib: number | null;
  /** Whether the key pair that is named is there; also when none is. */
  readonly keyPairExists: boolean;
  /** Lengths of the files' contents as they were sent, in characters. */
  readonly contentLengths: readonly number[];
  readonly changes: Omit<RebuildChanges, "image">;
  /** Whether a server that boots from a volume may get another image: from microversion 2.93 on. */
  readonly reimagesVolumes: boolean;
}

/**
 * Rebuilds a server.
 *
 * Refuses what every operation refuses, then an unknown key pair or image, metadata and files over
 * the quota, and an image that does not fit the server. Source: nova/compute/api.py, `rebuild`.
 */
export function rebuildServer(
  command: RebuildServer,
  server: Server,
  quota: QuotaState,
): Decision<OperationRequested> {
  const { id, by, adminPass, preserveEphemeral } = command;
  const changes = {
    ...command.changes,
    image: newImage(command, server),
    boot: bootNotes(command.image, server.flavor, isVolumeBacked(server)),
  };
  const input = { adminPass, preserveEphemeral, changes };
  const operation = { name: "rebuild", input } as const;
  const decision = operateServer({ type: "OperateServer", id, by, operation }, server);
  if (isRejection(decision)) return decision;
  return refuseReferences(command, server) ??
    refuseOverLimits(command, quota) ??
    refuseUnfitImage({
      image: command.image,
      flavor: server.flavor,
      isVolumeBacked: isVolumeBacked(server),
      isAdmin: by.isAdmin,
    }) ??
    refuseSmallVolume(command.rootVolumeGib, command.image) ??
    decision;
}

function newImage({ image }: RebuildServer, server: Server): RebuildChanges["image"] {
  if (!image || isVolumeBacked(server)) return server.image;
  return { id: image.id, properties: novaProperties(image.properties) };
}

function refuseReferences(command: RebuildServer, server: Server): Rejection | undefined {
  if (!command.keyPairExists) return reject("Invalid", "Invalid key_name provided.");
  if (!command.image) return reject("Invalid", "Cannot find image for rebuild");
  if (!isVolumeBacked(server) || command.reimagesVolumes) return undefined;
  if (command.image.id === server.boot.volumeImage?.id) return undefined;
  return reject(
    "Invalid",
    `Image ${command.image.id} is unacceptable: Unable to rebuild with a different image for a ` +
      "volume-backed server.",
  );
}

function refuseOverLimits(
  { changes: { metadata = {}, personality = [] }, contentLengths }: RebuildServer,
  { limits }: QuotaState,
): Rejection | undefined {
  const files = personality.map(({ path }, place) => ({
    path,
    contentLength: contentLengths[place] ?? 0,
  }));
  return refuseOverMetadata({ metadata }, limits) ??
    refuseOverInjection({ personality: files }, limits);
}
