/** Services as Nova's JSON, by microversion; nova/api/openstack/compute/services.py. */
import type { Minor } from "../../http/microversions.ts";
import type { Service } from "./state.ts";

/** The service of a compute host that is out of reach. */
export function viewServiceOutOfReach(host: string): object {
  return { binary: "nova-compute", host, status: "UNKNOWN" };
}

/** A service in a list, and in the answer to an update from 2.53 on; `now`: UTC, without a zone. */
export function viewService(service: Service, minor: Minor, now: string): object {
  return {
    binary: service.binary,
    host: service.host,
    id: minor >= 53 ? service.uuid : service.id,
    zone: service.zone,
    status: service.enabled ? "enabled" : "disabled",
    state: service.up ? "up" : "down",
    updated_at: service.silentSince?.replace("Z", "") ?? now,
    disabled_reason: service.disabledReason,
    ...(minor >= 11 && { forced_down: service.forcedDown }),
  };
}
