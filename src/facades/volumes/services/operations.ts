/** `/os-services`, `/capabilities` and `/scheduler-stats`; cinder/api/v3/services.py and api/contrib. */
import { isRejection, reject } from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import { refuseUnlessAdmin } from "../access.ts";
import { fault, refused } from "../answers.ts";
import type { VolumeOperation } from "../endpoint.ts";
import { AVAILABILITY_ZONE } from "../fixed.ts";
import { isYes } from "../list.ts";
import { invalidInput } from "../refusals.ts";
import { serviceDisableSchema, serviceSchema } from "../schemas.ts";
import { allocatedGib } from "../volumes/projection.ts";
import { BACKEND_HOST } from "../volumes/view.ts";
import { record, type VolumeDependencies } from "../writes.ts";
import { disableService, enableService } from "./decider.ts";
import {
  BACKEND,
  isBackendDisabled,
  serviceKey,
  SERVICES,
  switchOf,
  volumeServices,
} from "./projection.ts";

/** `GET /os-services`; `now`: milliseconds since 1970, for services live as long as the house. */
export function listServices(
  { reader }: VolumeDependencies,
  now: () => number,
): VolumeOperation {
  return async ({ caller, query, minor }) => {
    const refusal = refuseUnlessAdmin(caller, "volume_extension:services:index");
    if (refusal) return refused(refusal);
    const updated = new Date(now()).toISOString().replace("Z", "000");
    const asked = SERVICES.filter(({ binary, host }) =>
      (query.get("binary") ?? binary) === binary && (query.get("host") ?? host) === host
    );
    const services = await Promise.all(asked.map(async (service) => {
      const { isDisabled, reason } = await switchOf(reader, service);
      const { binary, host } = service;
      return {
        binary,
        host,
        zone: AVAILABILITY_ZONE,
        status: isDisabled ? "disabled" : "enabled",
        state: "up",
        updated_at: updated,
        disabled_reason: reason,
        ...(minor >= 7 && { cluster: null }),
        ...(minor >= 49 && binary === "cinder-volume" && { backend_state: "up" }),
      };
    }));
    return json(200, { services });
  };
}

interface Asked {
  readonly host?: string | null;
  readonly binary?: string;
  readonly service?: string;
  readonly disabled_reason?: string;
}

/** `PUT /os-services/{action}`: `enable`, `disable` and `disable-log-reason`. */
export function switchService({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const action = request.param("action");
    if (!["enable", "disable", "disable-log-reason"].includes(action)) {
      return fault(404, "The resource could not be found.");
    }
    const withReason = action === "disable-log-reason";
    const body = await request.body(withReason ? serviceDisableSchema : serviceSchema);
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:services:update");
    if (refusal) return refused(refusal);
    const { host, binary = "", service = "", disabled_reason: reason } = body.value as Asked;
    if (!host) return refused(invalidInput("Host field is missing."));
    const key = binary || service;
    const known = SERVICES.find((one) => one.binary === key && one.host === host);
    if (!known) {
      return refused(reject("NotFound", `Service ${key} could not be found on host ${host}.`));
    }
    const isEnabling = action === "enable";
    const outcome = await committer.submit(
      request.metadata(isEnabling ? "EnableVolumeService" : "DisableVolumeService"),
      async (unit) => {
        const before = await unit.load(volumeServices, serviceKey(known));
        const decision = isEnabling
          ? enableService(before.state)
          : disableService(reason ?? null, before.state);
        return await record(unit, volumeServices, before, decision);
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, {
      host,
      service,
      binary,
      status: isEnabling ? "enabled" : "disabled",
      disabled: !isEnabling,
      ...(withReason && { disabled_reason: reason ?? null }),
    });
  };
}

/** What the backend says of itself. */
const ABOUT = {
  vendor_name: "Chronova",
  volume_backend_name: "simulated",
  driver_version: "1.0",
  storage_protocol: "simulated",
} as const;

/** `GET /capabilities/{host}`; cinder/api/contrib/capabilities.py. */
export const showCapabilities: VolumeOperation = (request) => {
  const refusal = refuseUnlessAdmin(request.caller, "volume_extension:capabilities");
  if (refusal) return refused(refusal);
  const host = request.param("host");
  if (host !== BACKEND) return fault(404, `Can't find service: ${host}`);
  return json(200, {
    namespace: `OS::Storage::Capabilities::${host}`,
    ...ABOUT,
    pool_name: null,
    display_name: null,
    description: null,
    visibility: null,
    replication_targets: [],
    properties: {},
  });
};

/**
 * `GET /scheduler-stats/get_pools`: the one pool, while new volumes may go to it.
 *
 * From 3.28 on a name may be asked for. Source: cinder/api/contrib/scheduler_stats.py.
 */
export function listPools({ reader }: VolumeDependencies, now: () => number): VolumeOperation {
  return async ({ caller, query, minor }) => {
    const refusal = refuseUnlessAdmin(caller, "scheduler_extension:scheduler_stats:get_pools");
    if (refusal) return refused(refusal);
    const isAsked = minor < 28 || (query.get("name") ?? BACKEND_HOST) === BACKEND_HOST;
    if (!isAsked || await isBackendDisabled(reader)) return json(200, { pools: [] });
    if (!isYes(query.get("detail") ?? "")) return json(200, { pools: [{ name: BACKEND_HOST }] });
    const allocated = await allocatedGib(reader);
    const capabilities = {
      ...ABOUT,
      pool_name: "simulated",
      total_capacity_gb: "infinite",
      free_capacity_gb: "infinite",
      allocated_capacity_gb: allocated,
      provisioned_capacity_gb: allocated,
      reserved_percentage: 0,
      max_over_subscription_ratio: "1.0",
      thin_provisioning_support: false,
      thick_provisioning_support: true,
      QoS_support: false,
      multiattach: true,
      online_extend_support: true,
      location_info: null,
      backend_state: "up",
      timestamp: new Date(now()).toISOString().replace("Z", "000"),
    };
    return json(200, { pools: [{ name: BACKEND_HOST, capabilities }] });
  };
}
