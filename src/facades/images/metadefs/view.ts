/** Metadata definitions as Glance's JSON: what is unknown is left out. */
import { toSeconds } from "../../times.ts";
import type { PropertyFacts } from "./events.ts";
import type {
  MetadefNamespace,
  MetadefObject,
  MetadefTag,
  ResourceType,
  ResourceTypeAssociation,
} from "./state.ts";

type View = Record<string, unknown>;

export const NAMESPACES = "/v2/metadefs/namespaces";

/** A namespace without what it contains. */
export function namespaceView(namespace: MetadefNamespace): View {
  return {
    namespace: namespace.namespace,
    ...known("display_name", namespace.displayName),
    ...known("description", namespace.description),
    visibility: namespace.visibility,
    protected: namespace.isProtected,
    ...known("owner", namespace.owner),
    ...timesOf(namespace),
    self: namespaceLink(namespace.namespace),
    schema: "/v2/schemas/metadefs/namespace",
  };
}

/** Where a namespace is, within the service. */
export function namespaceLink(namespace: string): string {
  return `${NAMESPACES}/${namespace}`;
}

/** A namespace as it stands in lists: with the kinds of resource that it is meant for. */
export function listedView(namespace: MetadefNamespace): View {
  return {
    ...namespaceView(namespace),
    ...unlessEmpty("resource_type_associations", namespace.resourceTypes.map(associationView)),
  };
}

/**
 * A namespace with all that it contains.
 *
 * For a kind of resource, the names of properties begin as they do there.
 */
export function detailedView(namespace: MetadefNamespace, resourceType?: string): View {
  const prefix = namespace.resourceTypes.find(({ name }) => name === resourceType)?.prefix ?? "";
  return {
    ...listedView(namespace),
    ...propertiesUnlessEmpty(namespace.properties, prefix),
    ...unlessEmpty("objects", objectsView(namespace, prefix)),
    ...unlessEmpty("tags", namespace.tags.toReversed().map(({ name }) => ({ name }))),
  };
}

/** A namespace that was just made, with what it was told to contain and no more. */
export function createdView(namespace: MetadefNamespace): View {
  const { resourceTypes, properties, objects, tags } = namespace;
  return {
    ...namespaceView(namespace),
    ...unlessEmpty("resource_type_associations", resourceTypes.map(barelyAssociated)),
    ...propertiesUnlessEmpty(properties),
    ...unlessEmpty("objects", objects.map(saidOf)),
    ...unlessEmpty("tags", tags.map(({ name }) => ({ name }))),
  };
}

/** All objects, by name. */
export function objectsView(namespace: MetadefNamespace, prefix = ""): readonly View[] {
  return sortedByName(namespace.objects)
    .map((object) => objectView(namespace.namespace, object, prefix));
}

/** One object. */
export function objectView(namespace: string, object: MetadefObject, prefix = ""): View {
  return {
    name: object.name,
    required: object.required.map((name) => prefix + name),
    ...known("description", object.description),
    properties: propertiesView(object.properties, prefix),
    ...generatedOf(namespace, object),
  };
}

/** An object that was just made or changed: what was not said of it is left out. */
export function writtenObjectView(namespace: string, object: MetadefObject): View {
  return { ...saidOf(object), ...generatedOf(namespace, object) };
}

function saidOf({ name, required, description, properties }: MetadefObject): View {
  return {
    name,
    ...unlessEmpty("required", required),
    ...known("description", description),
    ...propertiesUnlessEmpty(properties),
  };
}

function generatedOf(namespace: string, object: MetadefObject): View {
  return {
    ...timesOf(object),
    self: `${namespaceLink(namespace)}/objects/${object.name}`,
    schema: "/v2/schemas/metadefs/object",
  };
}

function sortedByName<Part extends { readonly name: string }>(
  parts: readonly Part[],
): readonly Part[] {
  const key = ({ name }: Part) => name.toLowerCase();
  return parts.toSorted((one, other) => key(one) < key(other) ? -1 : 1);
}

function propertiesUnlessEmpty(properties: readonly PropertyFacts[], prefix?: string): View {
  return properties.length === 0 ? {} : { properties: propertiesView(properties, prefix) };
}

/** Properties by their names, and in their order. */
export function propertiesView(properties: readonly PropertyFacts[], prefix = ""): View {
  return Object.fromEntries(
    sortedByName(properties).map(({ name, schema }) => [prefix + name, schema]),
  );
}

/** One property, with its name. */
export function propertyView({ name, schema }: PropertyFacts): View {
  return { ...schema, name };
}

export function tagView(tag: MetadefTag): View {
  return { name: tag.name, ...timesOf(tag) };
}

export function associationView(association: ResourceTypeAssociation): View {
  return { ...barelyAssociated(association), ...timesOf(association) };
}

function barelyAssociated(association: ResourceTypeAssociation): View {
  return {
    name: association.name,
    ...known("prefix", association.prefix),
    ...known("properties_target", association.propertiesTarget),
  };
}

export function resourceTypeView({ name, createdAt }: ResourceType): View {
  return { name, ...timesOf({ createdAt, updatedAt: createdAt }) };
}

function timesOf(
  { createdAt, updatedAt }: { readonly createdAt: string; readonly updatedAt: string },
): View {
  return { created_at: toSeconds(createdAt), updated_at: toSeconds(updatedAt) };
}

function known(key: string, value: string | null): View {
  return value === null ? {} : { [key]: value };
}

function unlessEmpty(key: string, values: readonly unknown[]): View {
  return values.length === 0 ? {} : { [key]: values };
}
