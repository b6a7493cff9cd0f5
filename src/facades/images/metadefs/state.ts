/** What is true of a namespace of metadata definitions. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import type {
  MetadefEvent,
  NamespaceFacts,
  ObjectFacts,
  PropertyFacts,
  ResourceTypeFacts,
} from "./events.ts";

interface Timed {
  readonly createdAt: string;
  readonly updatedAt: string;
}

export type MetadefObject = ObjectFacts & Timed;
export type MetadefTag = { readonly name: string } & Timed;
export type ResourceTypeAssociation = ResourceTypeFacts & Timed;

/** A kind of resource that the service has heard of. */
export interface ResourceType {
  readonly name: string;
  readonly createdAt: string;
}

/** What a namespace contains; each in the order in which it was added. */
export interface MetadefNamespace extends NamespaceFacts, Timed {
  readonly exists: boolean;
  readonly objects: readonly MetadefObject[];
  readonly properties: readonly PropertyFacts[];
  readonly tags: readonly MetadefTag[];
  readonly resourceTypes: readonly ResourceTypeAssociation[];
  /** Every kind of resource that it was ever associated with: these the service never forgets. */
  readonly knownTypes: readonly ResourceType[];
}

export const NO_NAMESPACE: MetadefNamespace = {
  exists: false,
  namespace: "",
  displayName: null,
  description: null,
  visibility: "private",
  isProtected: false,
  owner: null,
  createdAt: "",
  updatedAt: "",
  objects: [],
  properties: [],
  tags: [],
  resourceTypes: [],
  knownTypes: [],
};

export function evolve(
  namespace: MetadefNamespace,
  event: Recorded<MetadefEvent>,
): MetadefNamespace {
  const at = event.recordedAt;
  const isNew = { createdAt: at, updatedAt: at };
  const { objects, properties, tags, resourceTypes, knownTypes } = namespace;
  switch (event.type) {
    case "MetadefNamespaceCreated":
      return { ...namespace, ...event.data, exists: true, ...isNew };
    case "MetadefNamespaceUpdated":
      return { ...namespace, ...event.data, updatedAt: at };
    case "MetadefNamespaceDeleted":
      return { ...NO_NAMESPACE, namespace: namespace.namespace, knownTypes };
    case "MetadefObjectAdded":
      return { ...namespace, objects: [...objects, { ...event.data, ...isNew }] };
    case "MetadefObjectChanged": {
      const change = { ...event.data.object, updatedAt: at };
      return { ...namespace, objects: changed(objects, event.data.was, change) };
    }
    case "MetadefObjectsRemoved":
      return { ...namespace, objects: without(objects, event.data.names) };
    case "MetadefPropertyAdded":
      return { ...namespace, properties: [...properties, event.data] };
    case "MetadefPropertyChanged": {
      const { was, property } = event.data;
      return { ...namespace, properties: changed(properties, was, property) };
    }
    case "MetadefPropertiesRemoved":
      return { ...namespace, properties: without(properties, event.data.names) };
    case "MetadefTagsAdded": {
      const added = event.data.names.map((name) => ({ name, ...isNew }));
      return { ...namespace, tags: [...tags, ...added] };
    }
    case "MetadefTagRenamed": {
      const { was, name } = event.data;
      return { ...namespace, tags: changed(tags, was, { name, updatedAt: at }) };
    }
    case "MetadefTagsRemoved":
      return { ...namespace, tags: without(tags, event.data.names) };
    case "MetadefResourceTypeAdded":
      return {
        ...namespace,
        resourceTypes: [...resourceTypes, { ...event.data, ...isNew }],
        knownTypes: knownTypes.some(({ name }) => name === event.data.name)
          ? knownTypes
          : [...knownTypes, { name: event.data.name, createdAt: at }],
      };
    case "MetadefResourceTypeRemoved":
      return { ...namespace, resourceTypes: without(resourceTypes, [event.data.name]) };
  }
}

type Named = { readonly name: string };

function changed<Part extends Named>(
  parts: readonly Part[],
  name: string,
  change: Partial<Part>,
): readonly Part[] {
  return parts.map((part) => part.name === name ? { ...part, ...change } : part);
}

function without<Part extends Named>(
  parts: readonly Part[],
  names: readonly string[],
): readonly Part[] {
  const gone = new Set(names);
  return parts.filter(({ name }) => !gone.has(name));
}
