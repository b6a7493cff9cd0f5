/** What is true of a service. */

export interface Service {
  readonly id: number;
  readonly uuid: string;
  readonly binary: "nova-scheduler" | "nova-conductor" | "nova-compute";
  readonly host: string;
  readonly zone: string;
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly up: boolean;
  readonly forcedDown: boolean;
  /** Time of the last sign of life; null: it gives them all the time. */
  readonly silentSince: string | null;
  /** Time of the last change; null: there was none. */
  readonly changedAt: string | null;
}

/** nova/conf/availability_zone.py, `internal_service_availability_zone`. */
export const INTERNAL_ZONE = "internal";
