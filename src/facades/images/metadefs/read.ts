/** Bodies of requests on metadata definitions as facts. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { bodyProblem } from "../../../http/schema.ts";
import type { NamespaceContent } from "./decide/mod.ts";
import type {
  NamespaceFacts,
  NamespaceVisibility,
  ObjectFacts,
  PropertyFacts,
  ResourceTypeFacts,
} from "./events.ts";
import { readPropertyType } from "./property_type.ts";
import {
  type BodySchema,
  NAMELESS_PROPERTY_BODY,
  NAMESPACE_BODY,
  OBJECT_BODY,
  PROPERTY_BODY,
  RESOURCE_TYPE_BODY,
  TAG_BODY,
  TAGS_BODY,
} from "./schemas.ts";

type Asked = Readonly<Record<string, unknown>>;

const TIMES = ["created_at", "updated_at"];
const LINKS = ["self", "schema"];

/** Says no to a body that is none, that names what only the service writes, or that is no such thing. */
function readBody(
  body: unknown,
  schema: BodySchema,
  readOnly: readonly string[],
): Asked | Rejection {
  if (body === null) return reject("Invalid", "Body expected in request.");
  const written = typeof body === "object" && readOnly.find((name) => Object.hasOwn(body, name));
  if (written) return reject("Forbidden", `Attribute '${written}' is read-only.`);
  return refuseUnless(schema, body) ?? body as Asked;
}

function refuseUnless({ name, rules }: BodySchema, value: unknown): Rejection | undefined {
  const problem = bodyProblem(rules, value);
  if (problem === undefined) return undefined;
  return reject("Invalid", `Provided object does not match schema '${name}': ${problem}`);
}

/** A namespace and what it is to contain. */
export interface AskedNamespace {
  readonly facts: NamespaceFacts;
  readonly content: NamespaceContent;
}

/** Reads a namespace; `owner` is whose it is unless it says so, the caller's project. */
export function readNamespace(body: unknown, owner: string): AskedNamespace | Rejection {
  const asked = readBody(body, NAMESPACE_BODY, [...LINKS, ...TIMES]);
  if (isRejection(asked)) return asked;
  const objects = readEach(asked["objects"], objectOf);
  if (isRejection(objects)) return objects;
  const properties = propertiesOf(asked["properties"]);
  if (isRejection(properties)) return properties;
  const tags = readEach(asked["tags"], nameOf);
  if (isRejection(tags)) return tags;
  const resourceTypes = readEach(asked["resource_type_associations"], resourceTypeOf);
  if (isRejection(resourceTypes)) return resourceTypes;
  return {
    facts: {
      namespace: asked["namespace"] as string,
      displayName: textOf(asked, "display_name"),
      description: textOf(asked, "description"),
      visibility: asked["visibility"] as NamespaceVisibility | undefined ?? "private",
      isProtected: asked["protected"] === true,
      owner: textOf(asked, "owner") ?? owner,
    },
    content: { objects, properties, tags, resourceTypes },
  };
}

/** Reads an object; of one that is made, each property by itself as well. */
export function readObject(
  body: unknown,
  { isNew }: { readonly isNew: boolean },
): ObjectFacts | Rejection {
  const asked = readBody(body, OBJECT_BODY, [...LINKS, ...TIMES]);
  if (isRejection(asked)) return asked;
  for (const property of Object.values(isNew ? asked["properties"] ?? {} : {})) {
    const refusal = refuseUnless(NAMELESS_PROPERTY_BODY, property);
    if (refusal) return refusal;
  }
  return objectOf(asked);
}

/** Reads a property that stands by itself, with its name. */
export function readProperty(body: unknown): PropertyFacts | Rejection {
  const asked = readBody(body, PROPERTY_BODY, TIMES);
  if (isRejection(asked)) return asked;
  const schema = readPropertyType(asked);
  return isRejection(schema) ? schema : { name: asked["name"] as string, schema };
}

/** Reads an association with a kind of resource. */
export function readResourceType(body: unknown): ResourceTypeFacts | Rejection {
  const asked = readBody(body, RESOURCE_TYPE_BODY, TIMES);
  return isRejection(asked) ? asked : resourceTypeOf(asked);
}

/** Reads the name of a tag. */
export function readTag(body: unknown): string | Rejection {
  const asked = readBody(body, TAG_BODY, TIMES);
  return isRejection(asked) ? asked : asked["name"] as string;
}

/** Reads the names of several tags. */
export function readTags(body: unknown): readonly string[] | Rejection {
  const asked = readBody(body, TAGS_BODY, TIMES);
  return isRejection(asked) ? asked : readEach(asked["tags"], nameOf);
}

/** Reads a list, which may be absent; refuses as its items do. */
function readEach<Item>(
  items: unknown,
  read: (item: Asked) => Item | Rejection,
): readonly Item[] | Rejection {
  const found: Item[] = [];
  for (const item of items as readonly Asked[] ?? []) {
    const one = read(item);
    if (isRejection(one)) return one;
    found.push(one);
  }
  return found;
}

function nameOf(asked: Asked): string | Rejection {
  const name = textOf(asked, "name");
  return name ?? reject("Invalid", 'Missing argument: "name"');
}

function textOf(asked: Asked, key: string): string | null {
  return asked[key] as string | undefined ?? null;
}

function objectOf(asked: Asked): ObjectFacts | Rejection {
  const name = nameOf(asked);
  if (isRejection(name)) return name;
  const properties = propertiesOf(asked["properties"]);
  if (isRejection(properties)) return properties;
  return {
    name,
    description: textOf(asked, "description"),
    required: asked["required"] as readonly string[] | undefined ?? [],
    properties,
  };
}

function propertiesOf(asked: unknown): readonly PropertyFacts[] | Rejection {
  const found: PropertyFacts[] = [];
  for (const [name, property] of Object.entries(asked as Record<string, Asked> ?? {})) {
    const schema = readPropertyType(property);
    if (isRejection(schema)) return schema;
    found.push({ name, schema: schema as PropertyFacts["schema"] });
  }
  return found;
}

function resourceTypeOf(asked: Asked): ResourceTypeFacts | Rejection {
  const name = nameOf(asked);
  if (isRejection(name)) return name;
  return {
    name,
    prefix: textOf(asked, "prefix"),
    propertiesTarget: textOf(asked, "properties_target"),
  };
}
