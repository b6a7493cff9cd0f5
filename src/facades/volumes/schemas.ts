/** The request bodies of the volume service; cinder/api/schemas. */
import type { JsonSchema } from "../../http/schema.ts";
import { bodyOf, boolean as novaBoolean, object, uuid } from "../../http/schema_parts.ts";
import type { Minor } from "./microversions.ts";

const anything: JsonSchema = {};
const textOrNull: JsonSchema = { type: ["string", "null"] };
const shortOrNull: JsonSchema = { type: ["string", "null"], minLength: 0, maxLength: 255 };
const short: JsonSchema = { type: "string", minLength: 1, maxLength: 255 };
const uuidOrNull: JsonSchema = { oneOf: [uuid, { type: "null" }] };
const emptyOrUuid: JsonSchema = {
  oneOf: [uuid, { type: "null" }, { type: "string", maxLength: 0 }],
};

export const boolean: JsonSchema = {
  type: ["boolean", "string"],
  enum: [...novaBoolean.enum!, "y", "t", "n", "f"],
};

const size: JsonSchema = {
  type: ["integer", "string"],
  pattern: "^[0-9]+$",
  minimum: 1,
  maximum: 0x7fffffff,
};
const sizeOrNull: JsonSchema = { ...size, type: ["integer", "string", "null"] };

export const metadata: JsonSchema = {
  type: "object",
  patternProperties: { "^[a-zA-Z0-9-_:. /]{1,255}$": { type: "string", maxLength: 255 } },
  additionalProperties: false,
};
const metadataOrNull: JsonSchema = { ...metadata, type: ["object", "null"] };

const names = {
  name: textOrNull,
  description: textOrNull,
  display_name: textOrNull,
  display_description: textOrNull,
};

const created = {
  ...names,
  volume_type: shortOrNull,
  metadata: metadataOrNull,
  snapshot_id: emptyOrUuid,
  source_volid: emptyOrUuid,
  consistencygroup_id: emptyOrUuid,
  size: sizeOrNull,
  availability_zone: shortOrNull,
  multiattach: { type: ["boolean", "string", "null"] },
  image_id: shortOrNull,
  imageRef: shortOrNull,
} satisfies Record<string, JsonSchema>;

function createBody(properties: Record<string, JsonSchema>, isStrict: boolean): JsonSchema {
  return object({
    volume: { type: "object", properties, additionalProperties: !isStrict },
    "OS-SCH-HNT:scheduler_hints": { type: ["object", "null"] },
  }, ["volume"]);
}

const CREATES: readonly { readonly since: Minor; readonly schema: JsonSchema }[] = [
  { since: 0, schema: createBody(created, false) },
  { since: 13, schema: createBody({ ...created, group_id: shortOrNull }, false) },
  {
    since: 53,
    schema: createBody({ ...created, group_id: shortOrNull, backup_id: emptyOrUuid }, true),
  },
];

/** The body of `POST /volumes`. */
export function volumeCreateSchema(minor: Minor): JsonSchema {
  return CREATES.findLast(({ since }) => since <= minor)!.schema;
}

const updateProperties = { ...names, metadata };
const volumeUpdate = bodyOf("volume", object(updateProperties));
const volumeUpdate353 = bodyOf("volume", {
  ...object(updateProperties),
  anyOf: Object.keys(updateProperties).map((name) => ({ required: [name] })),
});

/** The body of `PUT /volumes/{id}`. */
export function volumeUpdateSchema(minor: Minor): JsonSchema {
  return minor < 53 ? volumeUpdate : volumeUpdate353;
}

/** The body of `POST` and `PUT …/metadata`. */
export const metadataSchema = bodyOf("metadata", metadata);
/** The body of `PUT …/metadata/{key}`. */
export const metadataItemSchema = bodyOf("meta", metadata);

export const snapshotCreateSchema = bodyOf(
  "snapshot",
  object({
    name: shortOrNull,
    display_name: shortOrNull,
    description: shortOrNull,
    volume_id: uuidOrNull,
    force: boolean,
    metadata: metadataOrNull,
  }, ["volume_id"]),
);

export const snapshotUpdateSchema = bodyOf("snapshot", {
  ...object({
    name: shortOrNull,
    description: shortOrNull,
    display_name: shortOrNull,
    display_description: shortOrNull,
  }),
  anyOf: Object.keys(names).map((name) => ({ required: [name] })),
});

/** The body of an action: its name, and what it takes. */
export const actionSchemas: Readonly<Record<string, JsonSchema>> = {
  "os-attach": bodyOf("os-attach", {
    ...object({
      instance_uuid: uuid,
      mountpoint: short,
      host_name: { type: "string", maxLength: 255 },
      mode: { type: "string", enum: ["rw", "ro"] },
    }, ["mountpoint"]),
    anyOf: [{ required: ["instance_uuid"] }, { required: ["host_name"] }],
  }),
  "os-detach": bodyOf("os-detach", {
    ...object({ attachment_id: uuidOrNull }),
    type: ["object", "null"],
  }),
  "os-force_detach": bodyOf("os-force_detach", {
    ...object({ attachment_id: uuidOrNull, connector: { type: ["object", "string", "null"] } }),
    type: ["object", "null"],
  }),
  "os-reserve": bodyOf("os-reserve", anything),
  "os-unreserve": bodyOf("os-unreserve", anything),
  "os-begin_detaching": bodyOf("os-begin_detaching", anything),
  "os-roll_detaching": bodyOf("os-roll_detaching", anything),
  "os-initialize_connection": bodyOf(
    "os-initialize_connection",
    object({ connector: { type: "object" } }, ["connector"]),
  ),
  "os-terminate_connection": bodyOf(
    "os-terminate_connection",
    object({ connector: { type: ["object", "string", "null"] } }, ["connector"]),
  ),
  "os-extend": bodyOf("os-extend", object({ new_size: size }, ["new_size"])),
  "os-retype": bodyOf(
    "os-retype",
    object({
      new_type: { type: "string" },
      migration_policy: {
        type: ["string", "null"],
        oneOf: [{ enum: ["on-demand", "never"] }, { type: "null" }],
      },
    }, ["new_type"]),
  ),
  "os-set_bootable": bodyOf("os-set_bootable", object({ bootable: boolean }, ["bootable"])),
  "os-update_readonly_flag": bodyOf(
    "os-update_readonly_flag",
    object({ readonly: boolean }, ["readonly"]),
  ),
  "os-reset_status": bodyOf("os-reset_status", {
    ...object({
      status: { type: ["string", "null"] },
      attach_status: { type: ["string", "null"] },
      migration_status: { type: ["string", "null"] },
    }),
    anyOf: ["status", "attach_status", "migration_status"].map((name) => ({ required: [name] })),
  }),
  revert: bodyOf("revert", {
    type: "object",
    properties: { snapshot_id: textOrNull },
  }),
  "os-reimage": bodyOf(
    "os-reimage",
    object({ image_id: uuid, reimage_reserved: boolean }, ["image_id"]),
  ),
  "os-force_delete": bodyOf("os-force_delete", anything),
  "os-unmanage": bodyOf("os-unmanage", anything),
  "os-migrate_volume": bodyOf(
    "os-migrate_volume",
    object({
      host: { type: ["string", "null"], maxLength: 255 },
      cluster: { type: ["string", "null"], minLength: 0, maxLength: 255 },
      force_host_copy: boolean,
      lock_volume: boolean,
    }, ["host"]),
  ),
  "os-set_image_metadata": bodyOf(
    "os-set_image_metadata",
    object({ metadata }, ["metadata"]),
  ),
  "os-show_image_metadata": bodyOf("os-show_image_metadata", anything),
  "os-unset_image_metadata": bodyOf("os-unset_image_metadata", object({ key: short }, ["key"])),
};

const upload = {
  image_name: short,
  force: boolean,
  disk_format: { type: "string", enum: ["raw", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ploop"] },
  container_format: shortOrNull,
} satisfies Record<string, JsonSchema>;
const upload300 = bodyOf("os-volume_upload_image", object(upload, ["image_name"]));
const upload301 = bodyOf(
  "os-volume_upload_image",
  object({
    ...upload,
    visibility: { type: "string", enum: ["community", "public", "private", "shared"] },
    protected: boolean,
  }, ["image_name"]),
);

/** The body of `os-volume_upload_image`. */
export function uploadSchema(minor: Minor): JsonSchema {
  return minor < 1 ? upload300 : upload301;
}

const offer = { volume_id: uuid, name: textOrNull };
const offer300 = bodyOf("transfer", object(offer, ["volume_id"]));
const offer355 = bodyOf("transfer", object({ ...offer, no_snapshots: boolean }, ["volume_id"]));

/** The body of `POST` of a transfer. */
export function transferCreateSchema(minor: Minor): JsonSchema {
  return minor < 55 ? offer300 : offer355;
}

export const transferAcceptSchema = bodyOf(
  "accept",
  object({ auth_key: { type: ["string", "integer"] } }, ["auth_key"]),
);

export const snapshotResetSchema = bodyOf(
  "os-reset_status",
  object({ status: { type: "string" } }, ["status"]),
);

const connector: JsonSchema = { type: ["object", "null"] };
const attachmentCreate = { instance_uuid: uuid, connector, volume_uuid: uuid };
const attachmentCreate327 = bodyOf("attachment", object(attachmentCreate, ["volume_uuid"]));
const attachmentCreate354 = bodyOf(
  "attachment",
  object({ ...attachmentCreate, mode: { type: "string", enum: ["rw", "ro"] } }, ["volume_uuid"]),
);

/** The body of `POST /attachments`. */
export function attachmentCreateSchema(minor: Minor): JsonSchema {
  return minor < 54 ? attachmentCreate327 : attachmentCreate354;
}

export const attachmentUpdateSchema = bodyOf(
  "attachment",
  object({ connector: { type: "object", minProperties: 1 } }, ["connector"]),
);
export const attachmentCompleteSchema = bodyOf("os-complete", anything);

const specs: JsonSchema = {
  type: "object",
  patternProperties: {
    "^[a-zA-Z0-9-_:.]{1,255}$": { type: ["string", "null"], minLength: 0, maxLength: 255 },
  },
  additionalProperties: false,
};

export const typeCreateSchema = bodyOf(
  "volume_type",
  object({
    name: short,
    description: shortOrNull,
    extra_specs: { ...specs, type: ["object", "null"] },
    "os-volume-type-access:is_public": boolean,
  }, ["name"]),
);

export const typeUpdateSchema = bodyOf(
  "volume_type",
  object({
    name: { type: ["string", "null"], minLength: 1, maxLength: 255 },
    description: shortOrNull,
    is_public: { oneOf: [boolean, { type: "null" }] },
  }),
);

export const extraSpecsSchema = bodyOf("extra_specs", specs);
/** The body of `PUT …/extra_specs/{key}`: one key and its value. */
export const extraSpecSchema: JsonSchema = { ...specs, minProperties: 1, maxProperties: 1 };

const project = object({ project: short }, ["project"]);
export const addAccessSchema = bodyOf("addProjectAccess", project);
export const removeAccessSchema = bodyOf("removeProjectAccess", project);

/** A limit; text of digits counts as a number. */
const limit: JsonSchema = {
  type: ["integer", "string"],
  pattern: "^-?[0-9]+$",
  minLength: 1,
  minimum: -1,
  maximum: 0x7fffffff,
};

/** Limits by name. */
export const quotaUpdateSchema = bodyOf("quota_set", {
  type: "object",
  properties: { tenant_id: anything, force: anything },
  patternProperties: { "^(?!tenant_id$|force$)[ -~]{1,300}$": limit },
  additionalProperties: false,
});

/** Limits by name, of a class. */
export const quotaClassUpdateSchema = bodyOf("quota_class_set", {
  type: "object",
  patternProperties: { "^[ -~]{1,300}$": limit },
  additionalProperties: false,
});

/** Whether a boolean of a body, or a word for one, is true. */
export function isTrue(value: unknown): boolean {
  const yes = [true, "true", "1", "on", "yes", "y", "t"];
  return yes.includes(typeof value === "string" ? value.toLowerCase() : value as boolean);
}

const specsWithSpaces: JsonSchema = {
  type: "object",
  patternProperties: {
    "^[a-zA-Z0-9-_:. /]{1,255}$": { type: ["string", "null"], maxLength: 255 },
  },
  additionalProperties: false,
};

export const qosCreateSchema = bodyOf("qos_specs", {
  type: "object",
  properties: { name: { type: "string" } },
  required: ["name"],
});
export const qosUpdateSchema = bodyOf("qos_specs", specsWithSpaces);
export const qosKeysSchema = bodyOf("keys", {
  type: "array",
  items: short,
  uniqueItems: true,
});

const encryption = {
  key_size: {
    type: ["string", "integer", "null"],
    pattern: "^[0-9]+$",
    minimum: 0,
    maximum: 0x7fffffff,
  },
  provider: { type: "string", minLength: 0, maxLength: 255 },
  control_location: { enum: ["front-end", "back-end"] },
  cipher: shortOrNull,
} satisfies Record<string, JsonSchema>;

export const encryptionCreateSchema = bodyOf("encryption", {
  type: "object",
  properties: encryption,
  required: ["provider", "control_location"],
});
export const encryptionUpdateSchema = bodyOf("encryption", {
  type: "object",
  properties: encryption,
});

export const defaultTypeSchema: JsonSchema = {
  type: "object",
  properties: { default_type: object({ volume_type: short }, ["volume_type"]) },
  required: ["default_type"],
};

export const groupTypeCreateSchema = bodyOf(
  "group_type",
  object({
    name: short,
    description: shortOrNull,
    is_public: boolean,
    group_specs: metadataOrNull,
  }, ["name"]),
);
export const groupTypeUpdateSchema = bodyOf(
  "group_type",
  object({ name: shortOrNull, description: shortOrNull, is_public: boolean }),
);
export const groupSpecsSchema = bodyOf("group_specs", specs);
/** The body of `PUT …/group_specs/{key}`: one key and its value. */
export const groupSpecSchema = extraSpecSchema;

export const groupCreateSchema = bodyOf(
  "group",
  object({
    description: shortOrNull,
    group_type: short,
    name: shortOrNull,
    volume_types: {
      type: "array",
      minItems: 1,
      items: { type: "string", maxLength: 255 },
      uniqueItems: true,
    },
    availability_zone: { type: ["string", "null"], minLength: 1, maxLength: 255 },
  }, ["group_type", "volume_types"]),
);
const groupChanges = {
  description: shortOrNull,
  name: shortOrNull,
  add_volumes: textOrNull,
  remove_volumes: textOrNull,
};
export const groupUpdateSchema = bodyOf("group", {
  ...object(groupChanges),
  anyOf: Object.keys(groupChanges).map((name) => ({ required: [name] })),
});
export const groupDeleteSchema = bodyOf("delete", object({ "delete-volumes": boolean }));
export const groupResetSchema = bodyOf(
  "reset_status",
  object({ status: { type: "string" } }, ["status"]),
);
export const groupFromSourceSchema = bodyOf("create-from-src", {
  ...object({
    description: shortOrNull,
    name: shortOrNull,
    source_group_id: uuid,
    group_snapshot_id: uuid,
  }),
  oneOf: [{ required: ["group_snapshot_id"] }, { required: ["source_group_id"] }],
});

export const groupSnapshotCreateSchema = bodyOf(
  "group_snapshot",
  object({ group_id: uuid, name: shortOrNull, description: shortOrNull }, ["group_id"]),
);

const backup = {
  volume_id: uuid,
  container: shortOrNull,
  description: shortOrNull,
  incremental: boolean,
  force: boolean,
  name: shortOrNull,
  snapshot_id: uuidOrNull,
} satisfies Record<string, JsonSchema>;
const backup343 = { ...backup, metadata: metadataOrNull };
const backupCreates = [
  { since: 0, schema: bodyOf("backup", object(backup, ["volume_id"])) },
  { since: 43, schema: bodyOf("backup", object(backup343, ["volume_id"])) },
  {
    since: 51,
    schema: bodyOf(
      "backup",
      object({ ...backup343, availability_zone: textOrNull }, ["volume_id"]),
    ),
  },
];

/** The body of `POST /backups`. */
export function backupCreateSchema(minor: Minor): JsonSchema {
  return backupCreates.findLast(({ since }) => since <= minor)!.schema;
}

const backupUpdate = { name: shortOrNull, description: shortOrNull };
const backupUpdate309 = bodyOf("backup", {
  ...object(backupUpdate),
  type: ["object", "null"],
});
const backupUpdate343 = bodyOf("backup", {
  ...object({ ...backupUpdate, metadata }),
  type: ["object", "null"],
});

/** The body of `PUT /backups/{id}`. */
export function backupUpdateSchema(minor: Minor): JsonSchema {
  return minor < 43 ? backupUpdate309 : backupUpdate343;
}

export const backupRestoreSchema = bodyOf("restore", {
  ...object({ name: shortOrNull, volume_id: uuidOrNull }),
  type: ["object", "null"],
});
export const backupResetSchema = snapshotResetSchema;

const service = {
  binary: short,
  host: {
    type: ["string", "null"],
    minLength: 1,
    maxLength: 255,
    pattern: "^[a-zA-Z0-9-._#@:/+]*$",
  },
  cluster: { type: ["string", "null"], minLength: 0, maxLength: 255 },
  service: short,
} satisfies Record<string, JsonSchema>;
const oneOfNames = { anyOf: [{ required: ["binary"] }, { required: ["service"] }] };

/** The body of `PUT /os-services/enable` and `…/disable`. */
export const serviceSchema: JsonSchema = { ...object(service), ...oneOfNames };
export const serviceDisableSchema: JsonSchema = {
  ...object({ ...service, disabled_reason: short }),
  ...oneOfNames,
};

export const snapshotStatusSchema = bodyOf(
  "os-update_snapshot_status",
  object({
    status: { type: "string" },
    progress: { type: ["string", "null"], pattern: "^(100|[0-9]{1,2})%$" },
  }, ["status"]),
);

const managed = {
  description: shortOrNull,
  availability_zone: shortOrNull,
  bootable: boolean,
  volume_type: shortOrNull,
  name: shortOrNull,
  host: service.host,
  ref: { type: ["object", "string"] },
  metadata: metadataOrNull,
} satisfies Record<string, JsonSchema>;
const managed300 = bodyOf("volume", object(managed, ["ref"]));
const managed316 = bodyOf("volume", object({ ...managed, cluster: service.cluster }, ["ref"]));

/** The body of `POST /manageable_volumes`. */
export function manageSchema(minor: Minor): JsonSchema {
  return minor < 16 ? managed300 : managed316;
}
