/**
 * What the bodies of requests on servers look like, microversion by microversion.
 *
 * Source: nova/api/openstack/compute/schemas: servers, lock_server, server_metadata, server_tags.
 */
import type { JsonSchema } from "../../http/schema.ts";
import {
  anything,
  bodyOf,
  boolean,
  description,
  diskConfig,
  domainName,
  type Fields,
  flavorRef,
  hostname,
  imageIdOrEmpty,
  ipv4,
  ipv6,
  listOf,
  metadata,
  name,
  nameOrNull,
  nonNegativeInteger,
  object,
  personality,
  positiveInteger,
  tag,
  text,
  trustedCertificates,
  uuid,
  versioned,
} from "../../http/schema_parts.ts";
import {
  blockDevices,
  legacyBlockDevices,
  networks,
  networksOrWord,
  schedulerHints,
  securityGroups,
  volumeType,
} from "./schema_parts.ts";

/** The most tags a server may have. */
const MAX_TAGS = 50;

const tagList: JsonSchema = { ...listOf(tag), maxItems: MAX_TAGS };

/** Properties of an object, and those that it must have. */
interface ObjectForm {
  readonly fields: Fields;
  readonly required: readonly string[];
}

const firstNewServer: ObjectForm = {
  fields: {
    name,
    imageRef: imageIdOrEmpty,
    flavorRef,
    adminPass: text,
    metadata,
    networks: networks(),
    "OS-DCF:diskConfig": diskConfig,
    accessIPv4: ipv4,
    accessIPv6: ipv6,
    personality,
    availability_zone: name,
    block_device_mapping: legacyBlockDevices,
    block_device_mapping_v2: blockDevices(),
    config_drive: boolean,
    key_name: name,
    min_count: positiveInteger,
    max_count: positiveInteger,
    return_reservation_id: boolean,
    security_groups: securityGroups,
    user_data: { type: "string", format: "base64", maxLength: 65535 },
  },
  required: ["name", "flavorRef"],
};

function adding(more: Fields): (server: ObjectForm) => ObjectForm {
  return ({ fields, required }) => ({ fields: { ...fields, ...more }, required });
}

/** The body of `POST /servers`. */
export const createSchema = versioned(firstNewServer, {
  19: adding({ description }),
  32: adding({ networks: networks({ tag }), block_device_mapping_v2: blockDevices({ tag }) }),
  // Devices lose their tag again until 2.42: a slip of Nova's that became the contract.
  33: adding({ block_device_mapping_v2: blockDevices() }),
  37: ({ fields, required }) => ({
    fields: { ...fields, networks: networksOrWord() },
    required: [...required, "networks"],
  }),
  42: adding({ networks: networksOrWord({ tag }), block_device_mapping_v2: blockDevices({ tag }) }),
  52: adding({ tags: tagList }),
  57: ({ fields: { personality: _, ...fields }, required }) => ({ fields, required }),
  63: adding({ trusted_image_certificates: trustedCertificates }),
  67: adding({ block_device_mapping_v2: blockDevices({ tag, volume_type: volumeType }) }),
  74: adding({ host: domainName, hypervisor_hostname: domainName }),
  90: adding({ hostname }),
  94: adding({ hostname: domainName }),
}, ({ fields, required }) =>
  object({
    server: object(fields, required),
    "os:scheduler_hints": schedulerHints,
    "OS-SCH-HNT:scheduler_hints": schedulerHints,
  }, ["server"]));

const firstUpdate: Fields = {
  name,
  "OS-DCF:diskConfig": diskConfig,
  accessIPv4: ipv4,
  accessIPv6: ipv6,
};

/** The body of `PUT /servers/{id}`. */
export const updateSchema = versioned(firstUpdate, {
  19: (fields) => ({ ...fields, description }),
  90: (fields) => ({ ...fields, hostname }),
  94: (fields) => ({ ...fields, hostname: domainName }),
  104: (fields) => ({ ...fields, pinned_availability_zone: nameOrNull }),
}, (fields) => bodyOf("server", object(fields)));

const lockReason: JsonSchema = {
  ...object({ locked_reason: { type: "string", minLength: 1, maxLength: 255 } }),
  type: ["object", "null"],
};

/** The body of the action `lock`: anything up to 2.72, then nothing or a reason. */
export const lockSchema = versioned(
  anything,
  { 73: () => lockReason },
  (lock) => bodyOf("lock", lock),
);

/** The body of the action `unlock`: anything; from 2.73 Nova does not look at it. */
export const unlockSchema = versioned(
  bodyOf("unlock", anything),
  { 73: () => anything },
  (body) => body,
);

/** The body of the action `reboot`. */
export const rebootSchema: JsonSchema = bodyOf(
  "reboot",
  object({
    type: { type: "string", enum: ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"] },
  }, ["type"]),
);

/** The body of the action `rescue`. */
export const rescueSchema: JsonSchema = bodyOf("rescue", {
  ...object({ adminPass: { type: "string" }, rescue_image_ref: uuid }),
  type: ["object", "null"],
});

/** The body of the action `changePassword`. */
export const changePasswordSchema: JsonSchema = bodyOf(
  "changePassword",
  object({ adminPass: { type: "string" } }, ["adminPass"]),
);

/** The body of the action `trigger_crash_dump`. */
export const crashDumpSchema: JsonSchema = bodyOf("trigger_crash_dump", { type: "null" });

/** The body of the action `createImage`. */
export const createImageSchema: JsonSchema = bodyOf(
  "createImage",
  object({ name, metadata }, ["name"]),
);

/** The body of the action `createBackup`. */
export const createBackupSchema: JsonSchema = bodyOf(
  "createBackup",
  object({ name, backup_type: text, rotation: nonNegativeInteger, metadata }, [
    "name",
    "backup_type",
    "rotation",
  ]),
);

const firstRebuild: Fields = {
  imageRef: uuid,
  name,
  adminPass: text,
  metadata,
  "OS-DCF:diskConfig": diskConfig,
  accessIPv4: ipv4,
  accessIPv6: ipv6,
  personality,
  preserve_ephemeral: boolean,
};

const keyNameOrNull: JsonSchema = {
  oneOf: [{ type: "string", minLength: 1, maxLength: 255 }, { type: "null" }],
};

const userDataOrNull: JsonSchema = {
  type: ["string", "null"],
  format: "base64",
  maxLength: 65535,
};

/** The body of the action `rebuild`. */
export const rebuildSchema = versioned(firstRebuild, {
  19: (fields) => ({ ...fields, description }),
  54: (fields) => ({ ...fields, key_name: keyNameOrNull }),
  57: ({ personality: _, ...fields }) => ({ ...fields, user_data: userDataOrNull }),
  63: (fields) => ({ ...fields, trusted_image_certificates: trustedCertificates }),
  90: (fields) => ({ ...fields, hostname }),
  94: (fields) => ({ ...fields, hostname: domainName }),
}, (fields) => bodyOf("rebuild", object(fields, ["imageRef"])));

/** The body of the action `shelve`. */
export const shelveSchema: JsonSchema = bodyOf("shelve", anything);

const destination: JsonSchema = {
  ...object({ availability_zone: name }, ["availability_zone"]),
  type: ["object", "null"],
};

const anyDestination: JsonSchema = {
  ...object({ availability_zone: { type: ["string", "null"] }, host: text }),
  type: ["object", "null"],
};

/** The body of the action `unshelve`: anything up to 2.76, then where to. */
export const unshelveSchema = versioned(anything, {
  77: () => destination,
  91: () => anyDestination,
}, (unshelve) => bodyOf("unshelve", unshelve));

/** The body of the action `resize`. */
export const resizeSchema: JsonSchema = bodyOf(
  "resize",
  object({ flavorRef, "OS-DCF:diskConfig": diskConfig }, ["flavorRef"]),
);

/** The body of the action `confirmResize`. */
export const confirmResizeSchema: JsonSchema = bodyOf("confirmResize", anything);

/** The body of the action `revertResize`. */
export const revertResizeSchema: JsonSchema = bodyOf("revertResize", anything);

const hostOrNull: JsonSchema = { ...domainName, type: ["string", "null"] };

/** The body of the action `migrate`: not looked at up to 2.55, then where to. */
export const migrateSchema = versioned(anything, {
  56: () => bodyOf("migrate", { ...object({ host: hostOrNull }), type: ["object", "null"] }),
}, (body) => body);

/** A boolean, or `auto`: whatever the hosts need. */
const blockMigration: JsonSchema = { ...boolean, enum: [...boolean.enum!, "auto"] };

const firstLiveMigration: Fields = {
  block_migration: boolean,
  disk_over_commit: boolean,
  host: hostOrNull,
};

/** The body of the action `os-migrateLive`. */
export const liveMigrateSchema = versioned({
  fields: firstLiveMigration,
  required: ["block_migration", "disk_over_commit", "host"],
}, {
  25: ({ fields: { disk_over_commit: _, ...fields } }) => ({
    fields: { ...fields, block_migration: blockMigration },
    required: ["block_migration", "host"],
  }),
  30: ({ fields, required }) => ({ fields: { ...fields, force: boolean }, required }),
  68: ({ fields: { force: _, ...fields }, required }) => ({ fields, required }),
}, ({ fields, required }) => bodyOf("os-migrateLive", object(fields, required)));

/** The body of the action `evacuate`. */
export const evacuateSchema = versioned<ObjectForm, JsonSchema>(
  {
    fields: { host: domainName, onSharedStorage: boolean, adminPass: text },
    required: ["onSharedStorage"],
  },
  {
    14: ({ fields: { onSharedStorage: _, ...fields } }) => ({ fields, required: [] }),
    29: ({ fields, required }) => ({ fields: { ...fields, force: boolean }, required }),
    68: ({ fields: { force: _, ...fields }, required }) => ({ fields, required }),
  },
  ({ fields, required }) =>
    bodyOf("evacuate", required.length === 0 ? object(fields) : object(fields, required)),
);

/** The body of the action `restore`. */
export const restoreSchema: JsonSchema = bodyOf("restore", anything);

/** The body of the action `forceDelete`. */
export const forceDeleteSchema: JsonSchema = bodyOf("forceDelete", anything);

/** The body of the action `injectNetworkInfo`. */
export const injectNetworkInfoSchema: JsonSchema = bodyOf("injectNetworkInfo", anything);

/** The body of the action `os-resetState`. */
export const resetStateSchema: JsonSchema = bodyOf(
  "os-resetState",
  object({ state: { type: "string", enum: ["active", "error"] } }, ["state"]),
);

/** The body of `os-getConsoleOutput`: how many of the last lines; all by default. */
export const consoleOutputSchema: JsonSchema = bodyOf(
  "os-getConsoleOutput",
  object({
    length: { type: ["integer", "string", "null"], pattern: "^-?[0-9]+$", minimum: -1 },
  }),
);

/** The body of `POST` and `PUT /servers/{id}/metadata`. */
export const metadataSchema: JsonSchema = bodyOf("metadata", metadata);

/** The body of `PUT /servers/{id}/metadata/{key}`. */
export const metadataItemSchema: JsonSchema = bodyOf("meta", {
  ...metadata,
  minProperties: 1,
  maxProperties: 1,
});

/** The body of `PUT /servers/{id}/tags`. */
export const tagsSchema: JsonSchema = { title: "Server tags", ...bodyOf("tags", tagList) };

/** The body of `PUT /servers/{id}/tags/{tag}`: none. */
export const tagBodySchema: JsonSchema = { title: "Server tag", type: "null" };

/** The `{tag}` of `PUT /servers/{id}/tags/{tag}`, whose problem is a 400 with words of its own. */
export const tagSchema: JsonSchema = tag;
