/** The image that is made of a server: its name, and what Nova writes on it. Pure. */
import type { NewImage } from "./operations.ts";
import type { Server } from "./state.ts";

/** An image to be made, as the image service takes it. */
export interface SnapshotFacts {
  readonly imageId: string;
  readonly name: string;
  readonly projectId: string;
  readonly minRamMib: number;
  readonly minDiskGib: number;
  readonly properties: Readonly<Record<string, string>>;
}

/** nova/conf/imagecache.py, `non_inheritable_image_properties`. */
const NOT_INHERITED = new Set(["bittorrent", "cache_in_nova"]);

/** The image that the operation under way makes; undefined when it makes none. */
export function newImageOf(id: string, server: Server): SnapshotFacts | undefined {
  const { operation } = server;
  switch (operation?.name) {
    case "createImage":
      return snapshotOf(id, server, operation.input, "snapshot");
    case "createBackup": {
      const { backupType } = operation.input;
      return snapshotOf(id, server, operation.input, "backup", { backup_type: backupType });
    }
    case "shelve":
      return snapshotOf(id, server, { ...operation.input, metadata: {} }, "snapshot");
    default:
      return undefined;
  }
}

/** nova/compute/api.py, `_create_image`; nova/compute/utils.py, `initialize_instance_snapshot_metadata`. */
function snapshotOf(
  id: string,
  server: Server,
  { imageId, name, metadata }: NewImage,
  type: "snapshot" | "backup",
  more: Readonly<Record<string, string>> = {},
): SnapshotFacts {
  const inherited = Object.entries(server.image?.properties ?? {})
    .filter(([name]) => !NOT_INHERITED.has(name));
  return {
    imageId,
    name,
    projectId: server.projectId,
    minRamMib: 0,
    minDiskGib: server.flavor.diskGib,
    properties: {
      ...Object.fromEntries(inherited),
      base_image_ref: server.image?.id ?? "",
      image_type: type,
      instance_uuid: id,
      user_id: server.userId,
      owner_id: server.projectId,
      ...more,
      ...metadata,
    },
  };
}
