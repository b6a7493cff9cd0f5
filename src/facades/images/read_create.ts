/** The body of `POST /v2/images` as a command; glance/api/v2/images.py, `RequestDeserializer`. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import { bodyProblem, type JsonSchema } from "../../http/schema.ts";
import type { ImageFacts, Visibility } from "./events.ts";
import { imageSchema } from "./schemas.ts";

/** What a create asks for. */
export interface AskedImage {
  /** Absent: the service chooses one. */
  readonly id?: string;
  readonly image: ImageFacts;
}

/** Attributes that are never written: they say where things are. */
const DISALLOWED = ["direct_url", "self", "file", "schema", "stores"];
/** Attributes that only the service writes. */
// deno-fmt-ignore
const READ_ONLY: ReadonlySet<string> = new Set([
  "created_at", "updated_at", "status", "checksum", "size", "virtual_size", "direct_url", "self",
  "file", "schema", "id", "os_hash_algo", "os_hash_value",
]);
const RESERVED: ReadonlySet<string> = new Set(["location", "locations", "deleted", "deleted_at"]);
const RESERVED_PREFIX = "os_glance";
const MAX_NAME = 255;

// deno-fmt-ignore
const OWN = new Set([
  "id", "name", "visibility", "owner", "disk_format", "container_format", "min_ram", "min_disk",
  "protected", "os_hidden", "tags",
]);

/**
 * Reads what is to be made; `owner` is the caller's project.
 *
 * Refuses what the image's schema does not allow, and attributes that are the service's own.
 */
export function readCreate(body: unknown, owner: string): AskedImage | Rejection {
  const problem = refuseBody(body);
  if (problem) return problem;
  const asked = body as Record<string, unknown>;
  const properties = Object.entries(asked).filter(([name]) => !OWN.has(name));
  const unwritable = properties.map(([name]) => refuseName(name)).find((refusal) => refusal);
  if (unwritable) return unwritable;
  return {
    ...(typeof asked["id"] === "string" && { id: asked["id"].toLowerCase() }),
    image: {
      name: asked["name"] as string | undefined ?? null,
      visibility: asked["visibility"] as Visibility | undefined ?? "shared",
      owner: asked["owner"] === undefined ? owner : asked["owner"] as string | null,
      diskFormat: asked["disk_format"] as string | undefined ?? null,
      containerFormat: asked["container_format"] as string | undefined ?? null,
      minRamMib: asked["min_ram"] as number | undefined ?? 0,
      minDiskGib: asked["min_disk"] as number | undefined ?? 0,
      isProtected: asked["protected"] as boolean | undefined ?? false,
      isHidden: asked["os_hidden"] as boolean | undefined ?? false,
      properties: Object.fromEntries(properties.map(([name, value]) => [name, value as string])),
      tags: [...new Set(asked["tags"] as string[] | undefined ?? [])],
    },
  };
}

function refuseBody(body: unknown): Rejection | undefined {
  if (body === null) return reject("Invalid", "Body expected in request.");
  if (typeof body !== "object") {
    return reject("Invalid", "Unexpected body type. Expected list/dict.");
  }
  const disallowed = DISALLOWED.find((name) => Object.hasOwn(body, name));
  if (disallowed) return reject("Forbidden", `Attribute '${disallowed}' is read-only.`);
  return refuseUnlessImage(body);
}

// Ajv reads all of JSON Schema; its type here names what the schemas of compute make use of.
const SCHEMA = { type: "object", ...imageSchema } as JsonSchema;

/** Says no to what the schema of images, whole or in part, does not allow. */
export function refuseUnlessImage(part: unknown): Rejection | undefined {
  const problem = bodyProblem(SCHEMA, part);
  if (problem === undefined) return undefined;
  return reject("Invalid", `Provided object does not match schema 'image': ${problem}`);
}

/** Says no to names that no caller writes. */
export function refuseName(name: string): Rejection | undefined {
  if (name.length > MAX_NAME) {
    return reject("Invalid", "Custom property should not be greater than 255 characters.");
  }
  if (READ_ONLY.has(name)) return reject("Forbidden", `Attribute '${name}' is read-only.`);
  if (RESERVED.has(name) || name.startsWith(RESERVED_PREFIX)) {
    return reject("Forbidden", `Attribute '${name}' is reserved.`);
  }
}
