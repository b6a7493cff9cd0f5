/** `/v2/metadefs/namespaces/{namespace}/tags`. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { last, readDirection, readLimit, refuseSortKey } from "../paging.ts";
import { withBody } from "../with_body.ts";
import {
  changeNamespace,
  type MetadefDependencies,
  type NamespaceChange,
  onNamespace,
  removal,
} from "./change.ts";
import { addTag, clearTags, removeTag, renameTag, setTags } from "./decide/mod.ts";
import { named } from "./names.ts";
import { readTag, readTags } from "./read.ts";
import { noTag } from "./refusals.ts";
import type { MetadefNamespace, MetadefTag } from "./state.ts";
import { tagView } from "./view.ts";

function change(command: string, action: string): NamespaceChange {
  return { command, action, absence: "ofApi" };
}

/** `GET …/tags`: the newest first, unless another order is asked for. */
export function listTags(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(dependencies, "ofApi", ({ query }, namespace) => {
    const page = pageOf(namespace.tags, query);
    return isRejection(page) ? page : json(200, { tags: page.map(({ name }) => ({ name })) });
  });
}

function pageOf(
  tags: readonly MetadefTag[],
  query: URLSearchParams,
): readonly MetadefTag[] | Rejection {
  const direction = readDirection(query);
  if (typeof direction !== "string") return direction;
  const visibility = last(query, "visibility") || "public";
  if (!["public", "private", "shared"].includes(visibility)) {
    return reject("Invalid", `Invalid visibility value: ${visibility}`);
  }
  const limit = readLimit(last(query, "limit") || String(tags.length));
  if (typeof limit !== "number") return limit;
  const key = last(query, "sort_key") ?? "created_at";
  const wrongKey = refuseSortKey(key, ["id", "name", "created_at", "updated_at"]);
  if (wrongKey) return wrongKey;
  const sorted = tags.toSorted((one, other) => compare(keyOf(one, key), keyOf(other, key)));
  if (direction === "desc") sorted.reverse();
  const marker = last(query, "marker");
  const before = marker ? named(tags, marker) : undefined;
  if (marker && !before) return noTag(marker);
  const start = before ? sorted.indexOf(before) + 1 : 0;
  return sorted.slice(start, start + limit);
}

/** Tags stand in the order in which they were added, which is that of their ids. */
function keyOf(tag: MetadefTag, key: string): string {
  if (key === "name") return tag.name.toLowerCase();
  if (key === "updated_at") return tag.updatedAt;
  return key === "created_at" ? tag.createdAt : "";
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** `POST …/tags`: these tags instead of all, or besides them when a header says so. */
export function createTags(dependencies: MetadefDependencies): FacadeOperation {
  return withBody(readTags, async (request, names) => {
    const appends = isTrue(request.header("x-openstack-append"));
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("SetMetadefTags", "add_metadef_tags"),
      (before) => setTags({ type: "SetTags", names, appends }, before),
    );
    if (isRejection(outcome)) return outcome;
    return json(201, { tags: names.map((name) => ({ name })) });
  });
}

/** oslo_utils/strutils.py, `bool_from_string`. */
function isTrue(text: string | undefined): boolean {
  return ["1", "t", "true", "on", "y", "yes"].includes((text ?? "").trim().toLowerCase());
}

/** `POST …/tags/{tag}`. */
export function createTag(dependencies: MetadefDependencies): FacadeOperation {
  return async (request) => {
    const name = readTag({ name: request.param("tag") });
    if (isRejection(name)) return refused(request, name);
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("AddMetadefTag", "add_metadef_tag"),
      (before) => addTag(name, before),
    );
    return isRejection(outcome) ? refused(request, outcome) : json(201, viewOf(outcome, name));
  };
}

function viewOf({ tags }: MetadefNamespace, name: string): object {
  return tagView(named(tags, name)!);
}

/** `GET …/tags/{tag}`. */
export function showTag(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(dependencies, "ofApi", (request, { tags }) => {
    const tag = named(tags, request.param("tag"));
    return tag ? json(200, tagView(tag)) : noTag(request.param("tag"));
  });
}

/** `PUT …/tags/{tag}`. */
export function updateTag(dependencies: MetadefDependencies): FacadeOperation {
  return withBody(readTag, async (request, name) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("RenameMetadefTag", "modify_metadef_tag"),
      (before) => renameTag(request.param("tag"), name, before),
    );
    return isRejection(outcome) ? outcome : json(200, viewOf(outcome, name));
  });
}

/** `DELETE …/tags/{tag}`. */
export function deleteTag(dependencies: MetadefDependencies): FacadeOperation {
  return removal(
    dependencies,
    change("RemoveMetadefTag", "delete_metadef_tag"),
    (before, request) => removeTag(request.param("tag"), before),
  );
}

/** `DELETE …/tags`. */
export function deleteTags(dependencies: MetadefDependencies): FacadeOperation {
  return removal(
    dependencies,
    change("RemoveMetadefTags", "delete_metadef_tags"),
    clearTags,
  );
}
