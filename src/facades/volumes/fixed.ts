/** What is the same in every cloud: zones, extensions, and what there is none of. */
import { json } from "../endpoint.ts";
import { fault } from "./answers.ts";
import type { VolumeOperation } from "./endpoint.ts";

/** The one availability zone; cinder/common/config.py, `storage_availability_zone`. */
export const AVAILABILITY_ZONE = "nova";

/** `GET /os-availability-zone`. */
export const listZones: VolumeOperation = () =>
  json(200, {
    availabilityZoneInfo: [{ zoneName: AVAILABILITY_ZONE, zoneState: { available: true } }],
  });

const EXTENSIONS: readonly (readonly [alias: string, name: string, updated: string])[] = [
  ["backups", "Backups", "2012-12-12T00:00:00+00:00"],
  ["capabilities", "Capabilities", "2015-08-31T00:00:00+00:00"],
  ["encryption", "VolumeTypeEncryption", "2013-07-01T00:00:00+00:00"],
  ["os-admin-actions", "AdminActions", "2012-08-25T00:00:00+00:00"],
  ["os-availability-zone", "AvailabilityZones", "2013-06-27T00:00:00+00:00"],
  ["os-extended-snapshot-attributes", "ExtendedSnapshotAttributes", "2012-06-19T00:00:00+00:00"],
  ["os-quota-sets", "Quotas", "2011-08-08T00:00:00+00:00"],
  ["os-services", "Services", "2012-10-28T00:00:00-00:00"],
  ["os-snapshot-actions", "SnapshotActions", "2013-07-16T00:00:00+00:00"],
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
  ["qos-specs", "Qos_specs_manage", "2013-08-02T00:00:00+00:00"],
  ["scheduler-stats", "Scheduler_stats", "2014-09-07T00:00:00+00:00"],
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
export function emptyList(name: string): VolumeOperation {
  return () => json(200, { [name]: [] });
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
    "group_id",
    "size",
  ],
  snapshot: ["name", "status", "volume_id", "metadata"],
  backup: ["name", "status", "volume_id"],
  group: [],
  group_snapshot: ["status", "group_id"],
  attachment: ["volume_id", "status", "instance_id", "attach_status"],
  pool: ["name"],
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
