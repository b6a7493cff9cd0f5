/** Making, changing and deleting namespaces. */
import { type Decision, reject, type Rejection } from "../../../../eventsourcing/decider.ts";
import type { Caller } from "../../../../http/auth.ts";
import type {
  MetadefEvent,
  MetadefNamespaceDeleted,
  MetadefNamespaceUpdated,
  NamespaceFacts,
  ObjectFacts,
  PropertyFacts,
  ResourceTypeFacts,
} from "../events.ts";
import { firstDuplicate } from "../names.ts";
import {
  duplicateNamespace,
  duplicateObject,
  duplicateProperty,
  duplicateResourceType,
  duplicateTag,
  isProtected,
} from "../refusals.ts";
import type { MetadefNamespace } from "../state.ts";

/** What a namespace is to contain from its beginning. */
export interface NamespaceContent {
  readonly objects: readonly ObjectFacts[];
  readonly properties: readonly PropertyFacts[];
  /** Names of tags. */
  readonly tags: readonly string[];
  readonly resourceTypes: readonly ResourceTypeFacts[];
}

export interface CreateNamespace {
  readonly type: "CreateNamespace";
  readonly by: Pick<Caller, "isAdmin">;
  readonly facts: NamespaceFacts;
  readonly content: NamespaceContent;
  readonly isNameTaken: boolean;
}

/**
 * Makes a namespace with all that it contains.
 *
 * Refuses callers who are no admins, names that are taken, and the same name twice within.
 * Source: glance/api/v2/metadef_namespaces.py, `NamespaceController.create`.
 */
export function createNamespace(command: CreateNamespace): Decision<MetadefEvent> {
  const { by, facts, content, isNameTaken } = command;
  if (!by.isAdmin) {
    return reject(
      "Forbidden",
      "You are not authorized to complete add_metadef_namespace action.",
    );
  }
  if (isNameTaken) return duplicateNamespace(facts.namespace);
  return refuseDuplicates(facts.namespace, content) ??
    [{ type: "MetadefNamespaceCreated", data: facts }, ...eventsOf(content)];
}

function refuseDuplicates(namespace: string, content: NamespaceContent): Rejection | undefined {
  for (
    const [names, duplicate] of [
      [namesOf(content.resourceTypes), duplicateResourceType],
      [namesOf(content.objects), duplicateObject],
      [content.tags, duplicateTag],
      [namesOf(content.properties), duplicateProperty],
    ] as const
  ) {
    const name = firstDuplicate(names);
    if (name !== undefined) return duplicate(name, namespace);
  }
}

function namesOf(parts: readonly { readonly name: string }[]): readonly string[] {
  return parts.map(({ name }) => name);
}

function eventsOf({ resourceTypes, objects, tags, properties }: NamespaceContent): MetadefEvent[] {
  return [
    ...resourceTypes.map((data) => ({ type: "MetadefResourceTypeAdded", data }) as const),
    ...objects.map((data) => ({ type: "MetadefObjectAdded", data }) as const),
    ...tags.length === 0 ? [] : [{ type: "MetadefTagsAdded", data: { names: tags } } as const],
    ...properties.map((data) => ({ type: "MetadefPropertyAdded", data }) as const),
  ];
}

export interface UpdateNamespace {
  readonly type: "UpdateNamespace";
  readonly facts: NamespaceFacts;
  /** Whether another namespace has the new name. */
  readonly isNameTaken: boolean;
}

/** Says something else of a namespace, all of it anew; refuses a name that is another's. */
export function updateNamespace(
  { facts, isNameTaken }: UpdateNamespace,
  before: MetadefNamespace,
): Decision<MetadefNamespaceUpdated> {
  if (isNameTaken) {
    return reject(
      "Conflict",
      "Invalid update. It would result in a duplicate metadata definition namespace with the " +
        `same name of ${facts.namespace}`,
    );
  }
  const isChanged = Object.entries(facts).some(([name, value]) =>
    before[name as keyof NamespaceFacts] !== value
  );
  return isChanged ? [{ type: "MetadefNamespaceUpdated", data: facts }] : [];
}

/** Deletes a namespace and what it contains; refuses one that is protected. */
export function deleteNamespace(before: MetadefNamespace): Decision<MetadefNamespaceDeleted> {
  return refuseProtected(before) ?? [{ type: "MetadefNamespaceDeleted", data: {} }];
}

/** Says no to emptying a namespace that is protected. */
export function refuseProtected(namespace: MetadefNamespace): Rejection | undefined {
  return namespace.isProtected ? isProtected("namespace", namespace.namespace) : undefined;
}
