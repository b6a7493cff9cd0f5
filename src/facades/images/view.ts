/** Images as Glance's JSON; glance/api/v2/images.py, `ResponseSerializer`. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { toSeconds } from "../times.ts";
import { STORE } from "./stores.ts";
import { type Image, type ImageMember, sizeOf } from "./state.ts";

/** One image; custom properties stand beside Glance's own attributes. */
export function imageView({ id, state: image }: Versioned<Image>): Record<string, unknown> {
  return {
    ...image.properties,
    name: image.name,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    visibility: image.visibility,
    size: sizeOf(image),
    virtual_size: image.data?.virtualSizeBytes ?? null,
    status: image.status,
    checksum: image.data?.checksum ?? null,
    protected: image.isProtected,
    min_ram: image.minRamMib,
    min_disk: image.minDiskGib,
    owner: image.owner,
    os_hidden: image.isHidden,
    os_hash_algo: image.data?.hashAlgorithm ?? null,
    os_hash_value: image.data?.hashValue ?? null,
    id,
    created_at: toSeconds(image.createdAt),
    updated_at: toSeconds(image.updatedAt),
    tags: image.tags,
    self: `/v2/images/${id}`,
    file: `/v2/images/${id}/file`,
    schema: "/v2/schemas/image",
    ...(image.data && { stores: STORE }),
  };
}

/** One project's part in a shared image. */
export function memberView(imageId: string, member: ImageMember): Record<string, unknown> {
  return {
    member_id: member.member,
    image_id: imageId,
    status: member.status,
    created_at: toSeconds(member.createdAt),
    updated_at: toSeconds(member.updatedAt),
    schema: "/v2/schemas/member",
  };
}
