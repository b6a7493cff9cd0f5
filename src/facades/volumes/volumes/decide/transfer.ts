/** Volumes on their way to another project. */
import type { Decision } from "../../../../eventsourcing/decider.ts";
import { invalidVolume } from "../../refusals.ts";
import type { VolumeHandedOver, VolumeOffered, VolumeOfferWithdrawn } from "../events.ts";
import type { Volume } from "../state.ts";

/** Whether the volume is free is for the transfer to say. */
export function offerVolume(): Decision<VolumeOffered> {
  return [{ type: "VolumeOffered", data: {} }];
}

/** A volume that waits for nobody any more stays as it is. */
export function withdrawOffer(volume: Volume): Decision<VolumeOfferWithdrawn> {
  return isOffered(volume) ? [{ type: "VolumeOfferWithdrawn", data: {} }] : [];
}

/** Gives a volume to another project; refuses one in maintenance. */
export function handOver(
  data: VolumeHandedOver["data"],
  { status }: Volume,
): Decision<VolumeHandedOver> {
  if (status === "maintenance") {
    return invalidVolume("The volume cannot accept transfer in maintenance mode.");
  }
  return [{ type: "VolumeHandedOver", data }];
}

function isOffered({ exists, status }: Volume): boolean {
  return exists && status === "awaiting-transfer";
}
