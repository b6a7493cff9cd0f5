/** Images and backups of a server. */
import type { Minor } from "../../../http/microversions.ts";
import { imageServer, type OperateServer } from "../decide/mod.ts";
import type { OperationRequest } from "../operations.ts";
import { createBackupSchema, createImageSchema } from "../schemas.ts";
import type { Action, ActionAnswer, ActionCommand, ActionRequest } from "./action.ts";

/** From here on the answer's body names the image, instead of a header. */
const NAMED_IN_BODY = 45;
/** Until here the quota for metadata of servers bounds that of their images. */
const LAST_WITH_QUOTA = 38;

export const imageActions: Readonly<Record<string, Action>> = {
  createImage: {
    rule: "os_compute_api:servers:create_image",
    ofVolumes: "image",
    schema: () => createImageSchema,
    success: 202,
    command(request) {
      const { name, metadata = {} } = request.value as NewImageValue;
      const imageId = request.newId();
      return image(request, { name: "createImage", input: { imageId, name, metadata } });
    },
  },
  createBackup: {
    rule: "os_compute_api:os-create-backup",
    schema: () => createBackupSchema,
    success: 202,
    command(request) {
      const value = request.value as NewImageValue & { backup_type: string; rotation: unknown };
      const { name, metadata = {}, backup_type: backupType } = value;
      const imageId = request.newId();
      const rotation = Number(value.rotation);
      const input = { imageId, name, metadata, backupType, rotation };
      return image(request, { name: "createBackup", input });
    },
  },
};

/** What stands behind the key `createImage`, valid by its schema. */
export interface NewImageValue {
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

function image(
  { id, by, minor }: ActionRequest,
  operation: Extract<OperationRequest, { name: "createImage" | "createBackup" }>,
): ActionCommand {
  const command: OperateServer = { type: "OperateServer", id, by, operation };
  return {
    type: command.type,
    ...(minor <= LAST_WITH_QUOTA && { asksQuota: true }),
    decide: (server, quota) => imageServer(command, server, quota),
    answer: {
      of: "image",
      imageId: operation.input.imageId,
      shown: shownFrom(minor, operation.name === "createBackup" ? operation.input.rotation : 1),
    },
  };
}

/** Where the answer names the image. `rotation`: how many backups are kept. */
export function shownFrom(
  minor: Minor,
  rotation = 1,
): Extract<ActionAnswer, { of: "image" }>["shown"] {
  if (minor >= NAMED_IN_BODY) return "in the body";
  // Nothing is left of a backup that no rotation keeps.
  return rotation > 0 ? "in a header" : "nowhere";
}
