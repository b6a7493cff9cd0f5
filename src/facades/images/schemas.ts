/** Glance's own schemas: what clients ask for before they write; glance/api/v2/images.py. */

type Schema = Readonly<Record<string, unknown>>;

/** glance/common/config.py, `image_format.container_formats` and `disk_formats`. */
const CONTAINER_FORMATS = [
  "ami",
  "ari",
  "aki",
  "bare",
  "ovf",
  "ova",
  "docker",
  "compressed",
] as const;
const DISK_FORMATS = [
  "ami",
  "ari",
  "aki",
  "vhd",
  "vhdx",
  "vmdk",
  "raw",
  "qcow2",
  "vdi",
  "iso",
  "ploop",
  "luks",
] as const;

const VISIBILITIES = ["community", "public", "private", "shared"] as const;

export const UUID_PATTERN = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}" +
  "-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$";

/** A text, and what it is. */
export function text(description: string, more: Schema = {}): Schema {
  return { type: "string", ...more, description };
}

function textOrNull(description: string, more: Schema = {}): Schema {
  return { type: ["null", "string"], ...more, description };
}

const READ_ONLY: Schema = { readOnly: true };

/** The attributes of every image. */
const BASE_PROPERTIES: Readonly<Record<string, Schema>> = {
  id: text("Identifies the image", { pattern: UUID_PATTERN }),
  name: textOrNull("What people call the image", { maxLength: 255 }),
  status: text("How far the image is", {
    ...READ_ONLY,
    // deno-fmt-ignore
    enum: [
      "queued", "saving", "active", "killed", "deleted", "uploading", "importing",
      "pending_delete", "deactivated",
    ],
  }),
  visibility: text("Who may see the image", { enum: VISIBILITIES }),
  protected: { type: "boolean", description: "Whether deleting the image is refused" },
  os_hidden: { type: "boolean", description: "Whether lists leave the image out by default" },
  checksum: textOrNull("MD5 of the data", { ...READ_ONLY, maxLength: 32 }),
  os_hash_algo: textOrNull("What os_hash_value is made with", { ...READ_ONLY, maxLength: 64 }),
  os_hash_value: textOrNull("Digest of the data, hexadecimal", { ...READ_ONLY, maxLength: 128 }),
  owner: textOrNull("The project that owns the image", { maxLength: 255 }),
  size: { type: ["null", "integer"], ...READ_ONLY, description: "Bytes of data" },
  virtual_size: {
    type: ["null", "integer"],
    ...READ_ONLY,
    description: "Bytes of the disk that the data describe",
  },
  container_format: textOrNull("What the data are wrapped in", {
    enum: [null, ...CONTAINER_FORMATS],
  }),
  disk_format: textOrNull("Form of the disk's data", { enum: [null, ...DISK_FORMATS] }),
  created_at: text("When the image was made", READ_ONLY),
  updated_at: text("When the image was last changed", READ_ONLY),
  tags: {
    type: "array",
    description: "Words to find the image by",
    items: { type: "string", maxLength: 255 },
  },
  direct_url: text("Where the store keeps the data", READ_ONLY),
  min_ram: { type: "integer", description: "RAM that booting it takes, in MiB" },
  min_disk: { type: "integer", description: "Disk that booting it takes, in GiB" },
  self: text("URL of the image", READ_ONLY),
  file: text("URL of the data", READ_ONLY),
  stores: text("Stores that have the data", READ_ONLY),
  schema: text("URL of this schema", READ_ONLY),
  locations: {
    type: "array",
    description: "Where stores keep the data",
    items: {
      type: "object",
      properties: {
        url: { type: "string", maxLength: 255 },
        metadata: { type: "object" },
      },
      required: ["url", "metadata"],
    },
  },
};

/** Well-known custom properties; etc/schema-image.json. */
const COMMON_PROPERTIES: Readonly<Record<string, Schema>> = {
  kernel_id: textOrNull("Image of the kernel to boot with", { pattern: UUID_PATTERN }),
  ramdisk_id: textOrNull("Image of the ramdisk to boot with", { pattern: UUID_PATTERN }),
  instance_uuid: text("The server that the image was made of"),
  architecture: text("Architecture that the system runs on"),
  os_distro: text("Name of the operating system's distribution"),
  os_version: text("Version of the operating system"),
  description: text("What the image is, for people"),
  cinder_encryption_key_id: text("Key that a volume of this image is sealed with"),
  cinder_encryption_key_deletion_policy: text("What becomes of that key with the image", {
    enum: ["on_image_deletion", "do_not_delete"],
  }),
};

const customProperties = Object.fromEntries(
  Object.entries(COMMON_PROPERTIES).map(([name, schema]) => [name, { ...schema, is_base: false }]),
);

/** An image: its attributes, the well-known properties, and any others as text. */
export const imageSchema: Schema = {
  name: "image",
  properties: { ...BASE_PROPERTIES, ...customProperties },
  additionalProperties: { type: "string" },
  links: [
    { rel: "self", href: "{self}" },
    { rel: "enclosure", href: "{file}" },
    { rel: "describedby", href: "{schema}" },
  ],
};

/** A page of things, with links to the first and the next. */
export function pageSchema(name: string, item: Schema): Schema {
  return {
    name,
    properties: {
      [name]: { type: "array", items: item },
      first: { type: "string" },
      next: { type: "string" },
      schema: { type: "string" },
    },
    links: [
      { rel: "first", href: "{first}" },
      { rel: "next", href: "{next}" },
      { rel: "describedby", href: "{schema}" },
    ],
  };
}

/** A list of images. */
export const imagesSchema = pageSchema("images", imageSchema);

/** One project that an image is shared with. */
export const memberSchema: Schema = {
  name: "member",
  properties: {
    member_id: text("The project"),
    image_id: text("The image", { pattern: UUID_PATTERN }),
    created_at: text("When the image was shared"),
    updated_at: text("When this last changed"),
    status: text("What the project has answered", { enum: ["pending", "accepted", "rejected"] }),
    schema: { readOnly: true, type: "string" },
  },
};

/** The projects that an image is shared with. */
export const membersSchema: Schema = {
  name: "members",
  properties: {
    members: { type: "array", items: memberSchema },
    schema: { type: "string" },
  },
  links: [{ rel: "describedby", href: "{schema}" }],
};
