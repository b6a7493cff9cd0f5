/** What is the same in every cloud: zones, the one service, extensions, and what there is none of. */
import { json } from "../endpoint.ts";
import { refuseUnlessAdmin } from "./access.ts";
import { fault, refused } from "./answers.ts";
import type { VolumeOperation } from "./endpoint.ts";
import { BACKEND_HOST } from "./volumes/view.ts";

/** The one availability zone; cinder/common/config.py, `storage_availability_zone`. */
export const AVAILABILITY_ZONE = "nova";

/** `GET /os-availability-zone`. */
export const listZones: VolumeOperation = () =>
  json(200, {
    availabilityZoneInfo: [{ zoneName: AVAILABILITY_ZONE, zoneState: { available: true } }],
  });

/** The services that a Cinder of this shape has: `[binary, host]`. */
const SERVICES = [
  ["cinder-scheduler", "chronova"],
  ["cinder-volume", BACKEND_HOST.split("#")[0]!],
] as const;

/**
 * `GET /os-services`; `now`: milliseconds since 1970, for services that live as long as the house.
 *
 * Source: cinder/api/contrib/services.py, `index`.
 */
export function listServices(now: () => number): VolumeOperation {
  return ({ caller, query, minor }) => {
    const refusal = refuseUnlessAdmin(caller, "volume_extension:services:index");
    if (refusal) return refused(refusal);
    const updated = new Date(now()).toISOString().replace("Z", "000");
    const services = SERVICES
      .filter(([binary, host]) =>
        (query.get("binary") ?? binary) === binary && (query.get("host") ?? host) === host
      )
      .map(([binary, host]) => ({
        binary,
        host,
        zone: AVAILABILITY_ZONE,
        status: "enabled",
        state: "up",
        updated_at: updated,
        disabled_reason: null,
        ...(minor >= 7 && { cluster: null }),
        ...(minor >= 49 && binary === "cinder-volume" && { backend_state: "up" }),
      }));
    return json(200, { services });
  };
}

const EXTENSIONS: readonly (readonly [alias: string, name: string, updated: string])[] = [
  ["os-admin-actions", "AdminActions", "2012-08-25T00:00:00+00:00"],
  ["os-availability-zone", "AvailabilityZones", "2013-06-27T00:00:00+00:00"],
  ["os-extended-snapshot-attributes", "ExtendedSnapshotAttributes", "2012-06-19T00:00:00+00:00"],
  ["os-quota-sets", "Quotas", "2011-08-08T00:00:00+00:00"],
  ["os-services", "Services", "2012-10-28T00:00:00-00:00"],
  ["os-types-extra-specs", "TypesExtraSpecs", "2011-08-24T00:00:00+00:00"],
  ["os-types-manage", "TypesManage", "2011-08-24T00:00:00+00:00"],
  ["os-used-limits", "UsedLimits", "2013-10-03T00:00:00+00:00"],
  ["os-vol-host-attr", "VolumeHostAttribute", "2011-11-03T00:00:00+00:00"],
  ["os-vol-image-meta", "VolumeImageMetadata", "2012-12-07T00:00:00+00:00"],
  ["os-vol-mig-status-attr", "VolumeMigStatusAttribute", "2013-08-08T00:00:00+00:00"],
  ["os-vol-tenant-attr", "VolumeTenantAttribute", "2011-11-03T00:00:00+00:00"],
  ["os-volume-actions", "VolumeActions", "2012-05-31T00:00:00+00:00"],
  ["os-volume-transfer", "VolumeTransfer", "2013-05-29T00:00:00+00:00"],
  ["os-volume-type-access", "VolumeTypeAccess", "2014-06-26T00:00:00Z"],
];

const extensionViews = EXTENSIONS.map(([alias, name, updated]) => ({
  name,
  alias,
  description: name,
  updated,
  links: [],
}));

/** `GET /extensions`. */
export const listExtensions: VolumeOperation = () => json(200, { extensions: extensionViews });

/** `GET /extensions/{alias}`. */
export const showExtension: VolumeOperation = (request) => {
  const extension = extensionViews.find(({ alias }) => alias === request.param("alias"));
  return extension ? json(200, { extension }) : fault(404, "The resource could not be found.");
};

/** The list of a kind of thing that there is none of here. */
export function emptyList(
  name: string,
  { adminOnly }: { adminOnly?: string } = {},
): VolumeOperation {
  return ({ caller }) => {
    const refusal = adminOnly === undefined ? undefined : refuseUnlessAdmin(caller, adminOnly);
    return refusal ? refused(refusal) : json(200, { [name]: [] });
  };
}

/** The filters that lists take, as `GET /resource_filters` tells; etc/cinder/resource_filters.json. */
const FILTERS = {
  volume: [
    "name",
    "status",
    "metadata",
    "bootable",
    "migration_status",
    "availability_zone",
    "size",
  ],
  snapshot: ["name", "status", "volume_id", "metadata"],
  attachment: ["volume_id", "status", "instance_id", "attach_status"],
  volume_type: ["is_public"],
};

/** `GET /resource_filters`. */
export const listFilters: VolumeOperation = ({ query }) => {
  const asked = query.get("resource");
  return json(200, {
    resource_filters: Object.entries(FILTERS)
      .filter(([resource]) => (asked ?? resource) === resource)
      .map(([resource, filters]) => ({ resource, filters })),
  });
};
