/** Tags of a namespace; glance/api/v2/metadef_tags.py. */
import type { Decision } from "../../../../eventsourcing/decider.ts";
import type { MetadefTagRenamed, MetadefTagsAdded, MetadefTagsRemoved } from "../events.ts";
import { firstDuplicate, isSameName, named } from "../names.ts";
import { duplicateTag, isProtected, noTag } from "../refusals.ts";
import type { MetadefNamespace } from "../state.ts";
import { refuseProtected } from "./namespaces.ts";

/** Adds a tag; refuses one that is there. */
export function addTag(
  name: string,
  { tags, namespace }: MetadefNamespace,
): Decision<MetadefTagsAdded> {
  if (named(tags, name)) return duplicateTag(name, namespace);
  return [{ type: "MetadefTagsAdded", data: { names: [name] } }];
}

export interface SetTags {
  readonly type: "SetTags";
  readonly names: readonly string[];
  /** The tags that are there stay. */
  readonly appends: boolean;
}

/**
 * Adds several tags, in place of all that were there unless they are to be appended; none: nothing
 * changes. Refuses the same name twice. Source: glance/db/sqlalchemy/metadef_api/tag.py,
 * `create_tags`.
 */
export function setTags(
  { names, appends }: SetTags,
  { tags, namespace }: MetadefNamespace,
): Decision<MetadefTagsAdded | MetadefTagsRemoved> {
  if (names.length === 0) return [];
  const before = tags.map(({ name }) => name);
  const duplicate = firstDuplicate([...appends ? before : [], ...names]);
  if (duplicate !== undefined) return duplicateTag(duplicate, namespace);
  const isRemoving = !appends && before.length > 0;
  return [
    ...isRemoving ? [{ type: "MetadefTagsRemoved", data: { names: before } } as const] : [],
    { type: "MetadefTagsAdded", data: { names } },
  ];
}

/** Gives a tag another name; refuses one that is not there, and a name that another has. */
export function renameTag(
  was: string,
  name: string,
  { tags, namespace }: MetadefNamespace,
): Decision<MetadefTagRenamed> {
  const before = named(tags, was);
  if (!before) return noTag(was);
  if (before.name === name) return [];
  if (!isSameName(before.name, name) && named(tags, name)) return duplicateTag(name, namespace);
  return [{ type: "MetadefTagRenamed", data: { was: before.name, name } }];
}

/** Removes a tag; refuses one that is not there or protected. */
export function removeTag(name: string, namespace: MetadefNamespace): Decision<MetadefTagsRemoved> {
  const before = named(namespace.tags, name);
  if (!before) return noTag(name);
  if (namespace.isProtected) return isProtected("tag", before.name);
  return [{ type: "MetadefTagsRemoved", data: { names: [before.name] } }];
}

/** Removes all tags; refuses a namespace that is protected. */
export function clearTags(namespace: MetadefNamespace): Decision<MetadefTagsRemoved> {
  const names = namespace.tags.map(({ name }) => name);
  return refuseProtected(namespace) ??
    (names.length === 0 ? [] : [{ type: "MetadefTagsRemoved", data: { names } }]);
}
