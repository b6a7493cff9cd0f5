/** Changing what is said of an image: JSON patches and tags. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { ImageFacts, ImageTagsChanged, ImageUpdated, Visibility } from "../events.ts";
import type { Image } from "../state.ts";
import { refuseBeyondQuota, refuseOutOfRange, refuseVisibility } from "./limits.ts";

/** One operation of a patch, of a value that the image's schema allows. */
export interface Change {
  readonly op: "add" | "replace" | "remove";
  /** Name of an attribute or custom property. */
  readonly name: string;
  /** Absent when something is removed. */
  readonly value?: unknown;
  /** The first patch format refuses to add what is there; the second replaces it. */
  readonly refusesPresent?: boolean;
}

export interface UpdateImage {
  readonly type: "UpdateImage";
  readonly by: Pick<Caller, "isAdmin">;
  /** In order: each applies to what those before it have made. */
  readonly changes: readonly Change[];
}

/** The attributes that a patch may name, and what they are called here. */
const ATTRIBUTES: Readonly<Record<string, keyof ImageFacts>> = {
  name: "name",
  visibility: "visibility",
  owner: "owner",
  disk_format: "diskFormat",
  container_format: "containerFormat",
  min_ram: "minRamMib",
  min_disk: "minDiskGib",
  protected: "isProtected",
  os_hidden: "isHidden",
  tags: "tags",
};

/**
 * Applies a patch, all of it or nothing.
 *
 * Refuses removing what every image has and what is not there, a new owner or a public image from
 * callers who are no admins, and other formats once there are data.
 * Source: glance/api/v2/images.py, `_do_add`, `_do_replace` and `_do_remove`.
 */
export function updateImage({ changes, by }: UpdateImage, image: Image): Decision<ImageUpdated> {
  let facts: ImageFacts = factsOf(image);
  for (const change of changes) {
    const next = apply(change, facts, image, by);
    if ("rejected" in next) return next;
    facts = next;
  }
  const beyond = refuseOutOfRange(facts) ?? refuseBeyondQuota(facts);
  if (beyond) return beyond;
  const data = difference(factsOf(image), facts);
  return Object.keys(data).length === 0 ? [] : [{ type: "ImageUpdated", data }];
}

function apply(
  change: Change,
  facts: ImageFacts,
  image: Image,
  by: Pick<Caller, "isAdmin">,
): ImageFacts | Rejection {
  const { op, name, value } = change;
  const attribute = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
  if (op === "remove") return remove(name, attribute, facts);
  const isPresent = attribute !== undefined || Object.hasOwn(facts.properties, name);
  if (op === "add" && isPresent && change.refusesPresent) {
    return reject("Conflict", `Property ${name} already present.`);
  }
  if (op === "replace" && !isPresent) {
    return reject("Conflict", `Property ${name} does not exist.`);
  }
  if (attribute === undefined) {
    return { ...facts, properties: { ...facts.properties, [name]: String(value) } };
  }
  return refuseAttribute(name, value, image, by) ??
    { ...facts, [attribute]: attribute === "tags" ? unique(value as string[]) : value };
}

function remove(
  name: string,
  attribute: keyof ImageFacts | undefined,
  facts: ImageFacts,
): ImageFacts | Rejection {
  if (attribute !== undefined) return reject("Forbidden", `Property ${name} may not be removed.`);
  if (!Object.hasOwn(facts.properties, name)) {
    return reject("Conflict", `Property ${name} does not exist.`);
  }
  const { [name]: _removed, ...properties } = facts.properties;
  return { ...facts, properties };
}

function refuseAttribute(
  name: string,
  value: unknown,
  image: Image,
  by: Pick<Caller, "isAdmin">,
): Rejection | undefined {
  switch (name) {
    case "owner":
      return by.isAdmin ? undefined : reject("Forbidden", "Owner can't be updated by non admin.");
    case "visibility":
      return refuseVisibility(value as Visibility, by);
    case "disk_format":
    case "container_format":
      if (image.status === "queued") return undefined;
      return reject("Forbidden", `Attribute ${name} can be only replaced for a queued image.`);
  }
}

function factsOf(image: Image): ImageFacts {
  return {
    name: image.name,
    visibility: image.visibility,
    owner: image.owner,
    diskFormat: image.diskFormat,
    containerFormat: image.containerFormat,
    minRamMib: image.minRamMib,
    minDiskGib: image.minDiskGib,
    isProtected: image.isProtected,
    isHidden: image.isHidden,
    properties: image.properties,
    tags: image.tags,
  };
}

function difference(before: ImageFacts, after: ImageFacts): Partial<ImageFacts> {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) =>
      JSON.stringify(value) !== JSON.stringify(before[name as keyof ImageFacts])
    ),
  );
}

function unique(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)];
}

/** Adds a tag; one that is there changes nothing. Refuses more than 128. */
export function addTag(tag: string, image: Image): Decision<ImageTagsChanged> {
  if (image.tags.includes(tag)) return [];
  const tags = [...image.tags, tag];
  return refuseBeyondQuota({ properties: {}, tags }) ??
    [{ type: "ImageTagsChanged", data: { tags } }];
}

/** Takes a tag away; refuses one that is not there. */
export function removeTag(tag: string, image: Image): Decision<ImageTagsChanged> {
  if (!image.tags.includes(tag)) return reject("NotFound", "The resource could not be found.");
  const tags = image.tags.filter((candidate) => candidate !== tag);
  return [{ type: "ImageTagsChanged", data: { tags } }];
}
