/** What can happen to a namespace of metadata definitions, as stored. */

export type MetadefEvent =
  | MetadefNamespaceCreated
  | MetadefNamespaceUpdated
  | MetadefNamespaceDeleted
  | MetadefObjectAdded
  | MetadefObjectChanged
  | MetadefObjectsRemoved
  | MetadefPropertyAdded
  | MetadefPropertyChanged
  | MetadefPropertiesRemoved
  | MetadefTagsAdded
  | MetadefTagRenamed
  | MetadefTagsRemoved
  | MetadefResourceTypeAdded
  | MetadefResourceTypeRemoved;

export type NamespaceVisibility = "public" | "private";

/** What whoever makes a namespace says of it. */
export interface NamespaceFacts {
  /** The name that everybody calls it by. */
  readonly namespace: string;
  readonly displayName: string | null;
  readonly description: string | null;
  readonly visibility: NamespaceVisibility;
  /** Neither it nor what it contains may be deleted. */
  readonly isProtected: boolean;
  /** The project that owns it. */
  readonly owner: string | null;
}

/** A property that images, flavors or others may have, and what its values are like. */
export interface PropertyFacts {
  readonly name: string;
  /** A JSON schema of the few keys that Glance knows. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Several properties under one name. */
export interface ObjectFacts {
  readonly name: string;
  readonly description: string | null;
  /** Names of the properties that must be there. */
  readonly required: readonly string[];
  readonly properties: readonly PropertyFacts[];
}

/** That a namespace's properties are meant for a kind of resource. */
export interface ResourceTypeFacts {
  /** Such as `OS::Glance::Image`. */
  readonly name: string;
  /** What the properties' names begin with on such a resource. */
  readonly prefix: string | null;
  /** Which of a resource's several sets of properties is meant. */
  readonly propertiesTarget: string | null;
}

/** A namespace is there, empty. */
export interface MetadefNamespaceCreated {
  readonly type: "MetadefNamespaceCreated";
  readonly data: NamespaceFacts;
}

/** This is said of the namespace now. */
export interface MetadefNamespaceUpdated {
  readonly type: "MetadefNamespaceUpdated";
  readonly data: NamespaceFacts;
}

/** The namespace is gone, with all that it contained. */
export interface MetadefNamespaceDeleted {
  readonly type: "MetadefNamespaceDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface MetadefObjectAdded {
  readonly type: "MetadefObjectAdded";
  readonly data: ObjectFacts;
}

/** The object that was called `was` is this now. */
export interface MetadefObjectChanged {
  readonly type: "MetadefObjectChanged";
  readonly data: { readonly was: string; readonly object: ObjectFacts };
}

export interface MetadefObjectsRemoved {
  readonly type: "MetadefObjectsRemoved";
  readonly data: { readonly names: readonly string[] };
}

export interface MetadefPropertyAdded {
  readonly type: "MetadefPropertyAdded";
  readonly data: PropertyFacts;
}

/** The property that was called `was` is this now. */
export interface MetadefPropertyChanged {
  readonly type: "MetadefPropertyChanged";
  readonly data: { readonly was: string; readonly property: PropertyFacts };
}

export interface MetadefPropertiesRemoved {
  readonly type: "MetadefPropertiesRemoved";
  readonly data: { readonly names: readonly string[] };
}

export interface MetadefTagsAdded {
  readonly type: "MetadefTagsAdded";
  readonly data: { readonly names: readonly string[] };
}

export interface MetadefTagRenamed {
  readonly type: "MetadefTagRenamed";
  readonly data: { readonly was: string; readonly name: string };
}

export interface MetadefTagsRemoved {
  readonly type: "MetadefTagsRemoved";
  readonly data: { readonly names: readonly string[] };
}

export interface MetadefResourceTypeAdded {
  readonly type: "MetadefResourceTypeAdded";
  readonly data: ResourceTypeFacts;
}

export interface MetadefResourceTypeRemoved {
  readonly type: "MetadefResourceTypeRemoved";
  readonly data: { readonly name: string };
}
