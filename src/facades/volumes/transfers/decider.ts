/** Transfers of volumes to other projects: what can happen to one, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN } from "../lifetime.ts";
import { invalidSnapshot, invalidVolume, notFound } from "../refusals.ts";

export type TransferEvent =
  | VolumeTransferCreated
  | VolumeTransferAccepted
  | VolumeTransferDeleted;

/** What whoever offers a volume says of it. */
export interface TransferFacts {
  readonly name: string | null;
  readonly volumeId: string;
  /** The project that the volume was of. */
  readonly projectId: string;
  /** Whether its snapshots stay behind. */
  readonly noSnapshots: boolean;
  /** Of the key that whoever accepts must know. */
  readonly salt: string;
  /** Hexadecimal; the key itself is kept nowhere. */
  readonly keyHash: string;
}

/** A volume waits to be taken over by whoever knows the key. */
export interface VolumeTransferCreated {
  readonly type: "VolumeTransferCreated";
  readonly data: TransferFacts;
}

export interface VolumeTransferAccepted {
  readonly type: "VolumeTransferAccepted";
  readonly data: { readonly projectId: string; readonly userId: string };
}

/** The volume stays where it is. */
export interface VolumeTransferDeleted {
  readonly type: "VolumeTransferDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Transfer extends Lifetime, TransferFacts {
  /** The project that took the volume over; null: none has. */
  readonly destinationProjectId: string | null;
}

export const NO_TRANSFER: Transfer = {
  ...UNBORN,
  name: null,
  volumeId: "",
  projectId: "",
  noSnapshots: false,
  salt: "",
  keyHash: "",
  destinationProjectId: null,
};

export function evolve(transfer: Transfer, event: Recorded<TransferEvent>): Transfer {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeTransferCreated":
      return { ...transfer, ...event.data, ...born(event) };
    case "VolumeTransferAccepted":
      // One that is over is told of no more.
      return {
        ...transfer,
        exists: false,
        destinationProjectId: event.data.projectId,
        updatedAt,
      };
    case "VolumeTransferDeleted":
      return { ...transfer, exists: false, updatedAt };
  }
}

export interface CreateTransfer extends TransferFacts {
  readonly type: "CreateTransfer";
  readonly volumeStatus: string;
  readonly snapshots: readonly { readonly id: string; readonly status: string }[];
}

/**
 * Offers a volume; refuses one that is not free, or has snapshots that are busy and would go along.
 *
 * Source: cinder/transfer/api.py, `API.create`.
 */
export function createTransfer(
  { type: _, volumeStatus, snapshots, ...data }: CreateTransfer,
): Decision<VolumeTransferCreated> {
  if (volumeStatus !== "available") return invalidVolume("status must be available");
  const busy = data.noSnapshots
    ? undefined
    : snapshots.find(({ status }) => status !== "available");
  if (busy) return invalidSnapshot(`snapshot: ${busy.id} status must be available`);
  return [{ type: "VolumeTransferCreated", data }];
}

/** Takes a volume over; refuses a transfer that is over, and a wrong key. */
export function acceptTransfer(
  { id, isKeyRight, ...data }: VolumeTransferAccepted["data"] & {
    readonly id: string;
    readonly isKeyRight: boolean;
  },
  transfer: Transfer,
): Decision<VolumeTransferAccepted> {
  return refuseUnlessThere(id, transfer) ??
    (isKeyRight ? undefined : reject(
      "Invalid",
      `Invalid auth key: Attempt to transfer ${id} with invalid auth key.`,
    )) ??
    [{ type: "VolumeTransferAccepted", data }];
}

/** Takes an offer back; refuses one that is over. */
export function deleteTransfer(id: string, transfer: Transfer): Decision<VolumeTransferDeleted> {
  return refuseUnlessThere(id, transfer) ?? [{ type: "VolumeTransferDeleted", data: {} }];
}

function refuseUnlessThere(id: string, { exists }: Transfer): Rejection | undefined {
  return exists ? undefined : notFound.transfer(id);
}
