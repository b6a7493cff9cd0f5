/** What admins have set of services, as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { BACKEND_HOST } from "../volumes/view.ts";
import { ENABLED, evolve, type ServiceSwitch, type VolumeServiceEvent } from "./decider.ts";

/** Services: stream `volume_service-<binary>@<host>`, table `volume_services`. */
export const volumeServices: Aggregate<ServiceSwitch, VolumeServiceEvent> = {
  category: "volume_service",
  eventTypes: { VolumeServiceDisabled: [], VolumeServiceEnabled: [] },
  initialState: ENABLED,
  evolve,
  projection: stateTable<ServiceSwitch, Record<never, never>>({
    name: "volume_services",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

/** The host of the one backend, without its pool. */
export const BACKEND = BACKEND_HOST.split("#")[0]!;

/** The services that a Cinder of this shape has. */
export const SERVICES = [
  { binary: "cinder-backup", host: "chronova" },
  { binary: "cinder-scheduler", host: "chronova" },
  { binary: "cinder-volume", host: BACKEND },
] as const;

type Service = Pick<(typeof SERVICES)[number], "binary" | "host">;

/** The id of a service's stream. */
export function serviceKey({ binary, host }: Service): string {
  return `${binary}@${host}`;
}

/** What is set of a service. */
export async function switchOf(reader: Reader, service: Service): Promise<ServiceSwitch> {
  return (await volumeServices.projection.load(reader, serviceKey(service)))?.state ?? ENABLED;
}

/** Whether new volumes have nowhere to go. */
export async function isBackendDisabled(reader: Reader): Promise<boolean> {
  return (await switchOf(reader, { binary: "cinder-volume", host: BACKEND })).isDisabled;
}
