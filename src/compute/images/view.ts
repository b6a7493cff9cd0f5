/** Images as Nova's JSON; nova/api/openstack/compute/views/images.py. */
import type { Image } from "../../facades/image_service.ts";

/** Where links in an answer lead. */
export interface ImageLinks {
  readonly selfBase: string;
  readonly bookmarkBase: string;
  /** Where the image service has an image. */
  alternate(id: string): string;
}

/** An image in the short list. */
export function viewShortImage({ id, name }: Image, links: ImageLinks): object {
  return { id, name, links: linksOf(id, links) };
}

/** An image with all that is shown of it. */
export function viewImage(image: Image, links: ImageLinks): object {
  const { id, name, properties } = image;
  const serverId = properties["instance_uuid"];
  const diskConfig = properties["auto_disk_config"];
  return {
    id,
    name,
    minRam: image.minRamMib,
    minDisk: image.minDiskGib,
    metadata: metadataOf(properties),
    created: seconds(image.createdAt),
    updated: seconds(image.updatedAt),
    status: STATUSES[image.status] ?? "UNKNOWN",
    progress: PROGRESS[image.status] ?? 0,
    "OS-EXT-IMG-SIZE:size": image.sizeBytes,
    links: linksOf(id, links),
    ...(serverId !== undefined && {
      server: { id: serverId, links: linksTo("servers", serverId, links) },
    }),
    ...(diskConfig !== undefined && {
      "OS-DCF:diskConfig": isTrue(diskConfig) ? "AUTO" : "MANUAL",
    }),
  };
}

/** Two properties are lists, which the image service keeps as text; nova/image/glance.py, `_convert`. */
function metadataOf(properties: Image["properties"]): object {
  return Object.fromEntries(
    Object.entries(properties).map((
      [name, value],
    ) => [name, LISTS.has(name) ? read(value) : value]),
  );
}

const LISTS: ReadonlySet<string> = new Set(["block_device_mapping", "mappings"]);

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const STATUSES: Readonly<Record<string, string>> = {
  active: "ACTIVE",
  queued: "SAVING",
  saving: "SAVING",
  deleted: "DELETED",
  pending_delete: "DELETED",
  killed: "ERROR",
};

const PROGRESS: Readonly<Record<string, number>> = { queued: 25, saving: 50, active: 100 };

function linksOf(id: string, links: ImageLinks): object[] {
  return [
    ...linksTo("images", id, links),
    {
      rel: "alternate",
      type: "application/vnd.openstack.image",
      href: links.alternate(id),
    },
  ];
}

function linksTo(collection: string, id: string, { selfBase, bookmarkBase }: ImageLinks): object[] {
  return [
    { rel: "self", href: `${selfBase}/${collection}/${id}` },
    { rel: "bookmark", href: `${bookmarkBase}/${collection}/${id}` },
  ];
}

/** `2026-01-02T03:04:05Z`. */
function seconds(timestamp: string): string {
  return `${timestamp.slice(0, 19)}Z`;
}

/** oslo_utils.strutils, `bool_from_string`. */
function isTrue(word: string): boolean {
  return ["1", "t", "true", "on", "y", "yes"].includes(word.trim().toLowerCase());
}
