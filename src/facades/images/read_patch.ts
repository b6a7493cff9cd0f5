/** The body of `PATCH /v2/images/{id}` as changes; glance/api/v2/images.py, `RequestDeserializer`. */
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Change } from "./decide/mod.ts";
import { refuseName, refuseUnlessImage } from "./read_create.ts";

const OPERATIONS = ["add", "remove", "replace"] as const;
const AVAILABLE = OPERATIONS.join(", ");

/** The patch formats, by content type, and the draft of JSON Patch that each follows. */
export const PATCH_FORMATS: Readonly<Record<string, 4 | 10>> = {
  "application/openstack-images-v2.0-json-patch": 4,
  "application/openstack-images-v2.1-json-patch": 10,
};

/** Reads a patch; refuses what is none, and attributes that are the service's own. */
export function readPatch(body: unknown, draft: 4 | 10): readonly Change[] | Rejection {
  if (body === null) return invalid("Body expected in request.");
  if (!Array.isArray(body)) {
    return invalid("Request body must be a JSON array of operation objects.");
  }
  const changes: Change[] = [];
  for (const operation of body) {
    const change = readOperation(operation, draft);
    if (isRejection(change)) return change;
    // Shown beside an image, not of it: openstacksdk takes it for a property, and removes it.
    if (change.op === "remove" && change.name === "stores") continue;
    changes.push(change);
  }
  return changes;
}

function invalid(message: string): Rejection {
  return reject("Invalid", message);
}

function readOperation(operation: unknown, draft: 4 | 10): Change | Rejection {
  if (typeof operation !== "object" || operation === null || Array.isArray(operation)) {
    return invalid("Operations must be JSON objects.");
  }
  const raw = operation as Record<string, unknown>;
  const target = draft === 10 ? readTarget10(raw) : readTarget4(raw);
  if ("rejected" in target) return target;
  const path = readPointer(target.path);
  if ("rejected" in path) return path;
  const { op } = target;
  const name = path[0]!;
  if (path.length !== 1 || name === "locations") {
    return invalid(`Invalid JSON pointer for this resource: '/${path.join("/")}'`);
  }
  if (op !== "remove" && !Object.hasOwn(raw, "value")) {
    return invalid(`Operation "${op}" requires a member named "value".`);
  }
  const refusal = refuseName(name) ??
    (op === "remove" ? undefined : refuseUnlessImage({ [name]: raw["value"] }));
  if (refusal) return refusal;
  return {
    op,
    name,
    ...(op !== "remove" && { value: raw["value"] }),
    ...(draft === 4 && { refusesPresent: true }),
  };
}

type Target = { readonly op: Change["op"]; readonly path: unknown };

/** `{"op": "add", "path": "/name", …}`. */
function readTarget10(raw: Readonly<Record<string, unknown>>): Target | Rejection {
  const op = raw["op"] ?? undefined;
  if (op === undefined) {
    return invalid(
      "Unable to find `op` in JSON Schema change. It must be one of the following: " +
        `${AVAILABLE}.`,
    );
  }
  const known = OPERATIONS.find((candidate) => candidate === op);
  if (!known) {
    return invalid(
      `Invalid operation: \`${shown(op)}\`. It must be one of the following: ${AVAILABLE}.`,
    );
  }
  if (!Object.hasOwn(raw, "path")) return invalid("Unable to find 'path' in JSON Schema change");
  return { op: known, path: raw["path"] };
}

/** `{"add": "/name", …}`. */
function readTarget4(raw: Readonly<Record<string, unknown>>): Target | Rejection {
  const [op, ...others] = OPERATIONS.filter((candidate) => Object.hasOwn(raw, candidate));
  if (op === undefined) {
    return invalid(
      'Operation objects must contain exactly one member named "add", "remove", or "replace".',
    );
  }
  if (others.length > 0) {
    return invalid(
      'Operation objects must contain only one member named "add", "remove", or "replace".',
    );
  }
  return { op, path: raw[op] };
}

/** The parts of a JSON pointer, unescaped. */
function readPointer(pointer: unknown): readonly string[] | Rejection {
  if (typeof pointer !== "string" || !pointer.startsWith("/")) {
    return invalid(`Pointer \`${shown(pointer)}\` does not start with "/".`);
  }
  if (/\/\s*\//.test(pointer.slice(1))) {
    return invalid(`Pointer \`${pointer}\` contains adjacent "/".`);
  }
  if (pointer.length > 1 && pointer.endsWith("/")) {
    return invalid(`Pointer \`${pointer}\` end with "/".`);
  }
  if (/~(?![01])/.test(pointer)) {
    return invalid(
      `Pointer \`${pointer}\` contains "~" not part of a recognized escape sequence.`,
    );
  }
  return pointer.replace(/^\/+/, "").split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~").trim());
}

/** A value in a message: text as it is, of anything else only what it is. */
function shown(value: unknown): string {
  return typeof value === "string" ? value : typeof value;
}
