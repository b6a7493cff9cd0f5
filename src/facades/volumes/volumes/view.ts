/** Volumes as Cinder's JSON; cinder/api/v3/views/volumes.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { VolumeRequest } from "../endpoint.ts";
import { toMicroseconds } from "../lifetime.ts";
import type { Volume } from "./state.ts";

/** Where the simulated backend is, as admins see it. */
export const BACKEND_HOST = "chronova@simulated#simulated";

type Json = Readonly<Record<string, unknown>>;

/** The little that a list without details tells. */
export function volumeSummary(request: VolumeRequest, { id, state }: Versioned<Volume>): Json {
  return { id, name: state.name, links: linksOf(request, id) };
}

/** All that is told of a volume. `typeName`: name of its type. */
export function volumeDetail(
  request: VolumeRequest,
  { id, state: volume }: Versioned<Volume>,
  typeName: string | null,
): Json {
  const { minor, caller } = request;
  return {
    id,
    status: volume.status,
    size: volume.sizeGib,
    availability_zone: volume.availabilityZone,
    created_at: toMicroseconds(volume.createdAt),
    updated_at: toMicroseconds(volume.updatedAt),
    name: volume.name,
    description: volume.description,
    volume_type: typeName,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    metadata: volume.metadata,
    links: linksOf(request, id),
    user_id: volume.userId,
    bootable: String(volume.isBootable),
    encrypted: volume.isEncrypted ?? false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: volume.isMultiattach,
    attachments: attachmentsOf(id, volume, caller.isAdmin),
    ...(caller.isAdmin && { migration_status: volume.migrationStatus }),
    ...(minor >= 13 && { group_id: volume.groupId ?? null }),
    ...(minor >= 21 && caller.isAdmin && { provider_id: null }),
    ...(minor >= 48 && { shared_targets: false, service_uuid: null }),
    ...(minor >= 61 && caller.isAdmin && { cluster_name: null }),
    ...(minor >= 63 && { volume_type_id: volume.typeId }),
    ...(minor >= 65 && { consumes_quota: true }),
    "os-vol-tenant-attr:tenant_id": volume.projectId,
    ...(caller.isAdmin && {
      "os-vol-host-attr:host": BACKEND_HOST,
      "os-vol-mig-status-attr:migstat": volume.migrationStatus,
      "os-vol-mig-status-attr:name_id": null,
    }),
    ...(volume.imageMetadata && { volume_image_metadata: volume.imageMetadata }),
  };
}

function attachmentsOf(volumeId: string, volume: Volume, isAdmin: boolean): readonly Json[] {
  return volume.attachments.filter(({ status }) => status === "attached").map((one) => ({
    id: volumeId,
    attachment_id: one.id,
    volume_id: volumeId,
    server_id: one.serverId,
    host_name: isAdmin ? one.host : null,
    device: one.mountpoint,
    attached_at: toMicroseconds(one.attachedAt),
  }));
}

function linksOf({ selfBase, bookmarkBase }: VolumeRequest, id: string): readonly Json[] {
  return [
    { rel: "self", href: `${selfBase}/volumes/${id}` },
    { rel: "bookmark", href: `${bookmarkBase}/volumes/${id}` },
  ];
}
