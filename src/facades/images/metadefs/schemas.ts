/** Glance's schemas of metadata definitions, as clients ask for them; glance/api/v2/metadef_*.py. */
import type { JsonSchema } from "../../../http/schema.ts";
import { pageSchema, text } from "../schemas.ts";

type Schema = Readonly<Record<string, unknown>>;

const time = (description: string): Schema =>
  text(description, {
    readOnly: true,
    format: "date-time",
  });
const READ_ONLY_TEXT: Schema = { readOnly: true, type: "string" };

// `null` is in Glance's list, though a text is asked for besides.
const TYPE_NAMES = ["array", "boolean", "integer", "number", "object", "string", null];
const COUNT: Schema = { $ref: "#/definitions/positiveInteger" };
const COUNT_OR_NONE: Schema = { $ref: "#/definitions/positiveIntegerDefault0" };
const TEXTS: Schema = { $ref: "#/definitions/stringArray" };
const PROPERTIES: Schema = { $ref: "#/definitions/property" };

/** What a property may say of its values. */
const PROPERTY_KEYS: Readonly<Record<string, Schema>> = {
  name: { type: "string", maxLength: 80 },
  title: { type: "string" },
  description: { type: "string" },
  operators: { type: "array", items: { type: "string" } },
  type: { type: "string", enum: TYPE_NAMES },
  required: TEXTS,
  minimum: { type: "number" },
  maximum: { type: "number" },
  maxLength: COUNT,
  minLength: COUNT_OR_NONE,
  pattern: { type: "string", format: "regex" },
  enum: { type: "array" },
  readonly: { type: "boolean" },
  default: {},
  items: {
    type: "object",
    properties: { type: { type: "string", enum: TYPE_NAMES }, enum: { type: "array" } },
  },
  maxItems: COUNT,
  minItems: COUNT_OR_NONE,
  uniqueItems: { type: "boolean", default: false },
  additionalItems: { type: "boolean" },
};

const COUNTS: Readonly<Record<string, Schema>> = {
  positiveInteger: { type: "integer", minimum: 0 },
  positiveIntegerDefault0: {
    allOf: [{ $ref: "#/definitions/positiveInteger" }, { default: 0 }],
  },
};

const DEFINITIONS: Readonly<Record<string, Schema>> = {
  ...COUNTS,
  stringArray: { type: "array", items: { type: "string" }, uniqueItems: true },
  property: {
    type: "object",
    additionalProperties: {
      type: "object",
      required: ["title", "type"],
      properties: PROPERTY_KEYS,
    },
  },
};

function schemaOf(
  name: string,
  properties: Schema,
  rules: Schema = {},
): Schema & { readonly name: string } {
  return { name, properties, additionalProperties: false, ...rules };
}

/** A page of things; `definitions` stand at its top, where its references look for them. */
function collectionOf(name: string, { definitions, ...item }: Schema): Schema {
  return { ...pageSchema(name, item), ...(definitions !== undefined && { definitions }) };
}

const namespaceSchema = schemaOf("namespace", {
  namespace: text("Name of the namespace, which no other has", { maxLength: 80 }),
  display_name: text("Name for people", { maxLength: 80 }),
  description: text("What the namespace is for", { maxLength: 500 }),
  visibility: text("Who may read the namespace", { enum: ["public", "private"] }),
  protected: { type: "boolean", description: "Whether the namespace may not be deleted" },
  owner: text("The project that owns the namespace", { maxLength: 255 }),
  created_at: time("When the namespace was made"),
  updated_at: time("When the namespace last changed"),
  schema: READ_ONLY_TEXT,
  self: READ_ONLY_TEXT,
  resource_type_associations: {
    type: "array",
    items: {
      type: "object",
      properties: {
        name: { type: "string" },
        prefix: { type: "string" },
        properties_target: { type: "string" },
      },
    },
  },
  properties: PROPERTIES,
  objects: {
    type: "array",
    items: {
      type: "object",
      properties: {
        name: { type: "string" },
        description: { type: "string" },
        required: TEXTS,
        properties: PROPERTIES,
      },
    },
  },
  tags: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
}, { definitions: DEFINITIONS, required: ["namespace"] });

const objectSchema = schemaOf("object", {
  name: { type: "string", maxLength: 80 },
  description: { type: "string" },
  required: TEXTS,
  properties: PROPERTIES,
  schema: READ_ONLY_TEXT,
  self: READ_ONLY_TEXT,
  created_at: time("When the object was made"),
  updated_at: time("When the object last changed"),
}, { definitions: DEFINITIONS, required: ["name"] });

const PROPERTY_DEFINITIONS = {
  ...COUNTS,
  stringArray: { ...DEFINITIONS["stringArray"], minItems: 1 },
};

const propertySchema = schemaOf("property", PROPERTY_KEYS, {
  definitions: PROPERTY_DEFINITIONS,
  required: ["type", "title", "name"],
});

/** A property whose name stands elsewhere. */
const namelessPropertySchema = { ...propertySchema, required: ["type", "title"] };

const resourceTypeSchema = schemaOf("resource_type_association", {
  name: text("Name of the kind of resource, as Heat calls it where it knows it", {
    maxLength: 80,
  }),
  prefix: text(
    "What the names of properties begin with on such a resource, separator included",
    { maxLength: 80 },
  ),
  properties_target: text("Which of a resource's several sets of properties is meant", {
    maxLength: 80,
  }),
  created_at: time("When the association was made"),
  updated_at: time("When the association last changed"),
}, { required: ["name"] });

const tagSchema = schemaOf("tag", {
  name: { type: "string", maxLength: 80 },
  created_at: time("When the tag was made"),
  updated_at: time("When the tag last changed"),
}, { required: ["name"] });

const tagListSchema = schemaOf("tags", {
  tags: {
    type: "array",
    items: {
      type: "object",
      properties: { name: { type: "string" } },
      required: ["name"],
      additionalProperties: false,
    },
  },
});

/** Properties by their names. */
function propertiesSchema(): Schema {
  const { definitions, ...property } = namelessPropertySchema as Schema;
  const { properties, ...page } = pageSchema("properties", property);
  const byName = { type: "object", additionalProperties: property };
  return { ...page, properties: { ...properties as Schema, properties: byName }, definitions };
}

/** What `GET /v2/schemas/metadefs/…` answers with. */
export const METADEF_SCHEMAS: Readonly<Record<string, Schema>> = {
  namespace: namespaceSchema,
  namespaces: collectionOf("namespaces", namespaceSchema),
  resource_type: resourceTypeSchema,
  resource_types: collectionOf("resource_type_associations", resourceTypeSchema),
  property: propertySchema,
  properties: propertiesSchema(),
  object: objectSchema,
  objects: collectionOf("objects", objectSchema),
  tag: tagSchema,
  tags: collectionOf("tags", tagSchema),
};

/** A schema that a body is held against; its name is in the refusal. */
export interface BodySchema {
  readonly name: string;
  readonly rules: JsonSchema;
}

function bodySchema(schema: Schema & { readonly name: string }): BodySchema {
  const { name, definitions, ...rules } = schema;
  return {
    name,
    rules: inline({ type: "object", ...rules }, definitions as Schema ?? {}) as JsonSchema,
  };
}

/** The schema with what its references name in their place: the validator reports by place. */
function inline(part: unknown, definitions: Schema): unknown {
  if (Array.isArray(part)) return part.map((item) => inline(item, definitions));
  if (typeof part !== "object" || part === null) return part;
  const { $ref } = part as { readonly $ref?: string };
  if ($ref !== undefined) return inline(definitions[$ref.split("/").at(-1)!], definitions);
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, inline(value, definitions)]),
  );
}

export const NAMESPACE_BODY = bodySchema(namespaceSchema);
export const OBJECT_BODY = bodySchema(objectSchema);
export const PROPERTY_BODY = bodySchema(propertySchema);
export const NAMELESS_PROPERTY_BODY = bodySchema(namelessPropertySchema);
export const RESOURCE_TYPE_BODY = bodySchema(resourceTypeSchema);
export const TAG_BODY = bodySchema(tagSchema);
export const TAGS_BODY = bodySchema(tagListSchema);
