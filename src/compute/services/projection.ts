/** The services of the cloud: those that schedule and conduct, and one for each compute host. */
import type { Reader } from "../../store/query.ts";
import type { CellReach } from "../cell/reach.ts";
import { uuidOf } from "../hosts/ids.ts";
import { type KnownHost, listHosts, serviceOf } from "../hosts/projection.ts";
import { INTERNAL_ZONE, type Service } from "./state.ts";

/**
 * What schedules and conducts is this process itself: it is there, and up, while it answers.
 *
 * Numeric ids of hosts are positions of events, of which the first are none of a host.
 */
const INTERNAL: readonly Service[] = (["nova-scheduler", "nova-conductor"] as const).map(
  (binary, place) => ({
    id: place + 1,
    uuid: uuidOf(binary),
    binary,
    host: "chronova",
    zone: INTERNAL_ZONE,
    enabled: true,
    disabledReason: null,
    up: true,
    forcedDown: false,
    silentSince: null,
    changedAt: null,
  }),
);

/** Every service that can be reached, oldest first. */
export async function listServices(
  reader: Reader,
  cell: Pick<CellReach, "isDown">,
): Promise<readonly Service[]> {
  if (cell.isDown) return INTERNAL;
  return [...INTERNAL, ...(await listHosts(reader)).map(computeService)];
}

/** The service of a compute host. */
export function computeService(host: KnownHost): Service {
  const { name, state, serviceId, zone } = host;
  return {
    id: state.number,
    uuid: serviceId,
    binary: "nova-compute",
    host: name,
    zone,
    disabledReason: state.disabled?.reason ?? null,
    ...serviceOf(state),
    silentSince: state.silentSince,
    changedAt: state.updatedAt ?? state.addedAt,
  };
}
