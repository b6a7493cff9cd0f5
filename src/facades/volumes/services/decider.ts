/** The services of the volume service: whether new volumes may go to them. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Decision } from "../../../eventsourcing/decider.ts";

export type VolumeServiceEvent = VolumeServiceDisabled | VolumeServiceEnabled;

/** The scheduler gives it nothing new. */
export interface VolumeServiceDisabled {
  readonly type: "VolumeServiceDisabled";
  /** Why, in an admin's words; null: nobody has said. */
  readonly data: { readonly reason: string | null };
}

export interface VolumeServiceEnabled {
  readonly type: "VolumeServiceEnabled";
  readonly data: Readonly<Record<never, never>>;
}

/** What an admin has set. */
export interface ServiceSwitch {
  readonly isDisabled: boolean;
  readonly reason: string | null;
}

export const ENABLED: ServiceSwitch = { isDisabled: false, reason: null };

export function evolve(_: ServiceSwitch, event: Recorded<VolumeServiceEvent>): ServiceSwitch {
  return event.type === "VolumeServiceEnabled"
    ? ENABLED
    : { isDisabled: true, reason: event.data.reason };
}

/** Disables a service; without a reason, the one that was given before stays. */
export function disableService(
  reason: string | null,
  now: ServiceSwitch,
): Decision<VolumeServiceDisabled> {
  const next = reason ?? now.reason;
  if (now.isDisabled && next === now.reason) return [];
  return [{ type: "VolumeServiceDisabled", data: { reason: next } }];
}

/** Enables a service again. */
export function enableService({ isDisabled }: ServiceSwitch): Decision<VolumeServiceEnabled> {
  return isDisabled ? [{ type: "VolumeServiceEnabled", data: {} }] : [];
}
