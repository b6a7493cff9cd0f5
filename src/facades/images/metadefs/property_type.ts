/** What Glance makes of a property's JSON; glance/api/v2/model/metadef_property_type.py. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { pythonStr } from "../../../http/python.ts";
import type { PropertyFacts } from "./events.ts";

/** In the order in which they are answered. */
// deno-fmt-ignore
const KEYS = [
  "name", "type", "title", "description", "operators", "default", "readonly", "minimum", "maximum",
  "enum", "pattern", "minLength", "maxLength", "confidential", "items", "uniqueItems", "minItems",
  "maxItems", "additionalItems",
];

type PropertySchema = PropertyFacts["schema"];

/**
 * Reads a property that its schema allows.
 *
 * Bounds lose their fraction and a default becomes text, as in Glance. Refuses keys that are not
 * kept, and choices that are no text.
 */
export function readPropertyType(asked: PropertySchema): PropertySchema | Rejection {
  return refuseUnknown(asked, KEYS) ??
    refuseUnlessTexts(asked) ??
    refuseItems(asked["items"]) ??
    Object.fromEntries(
      KEYS.filter((key) => Object.hasOwn(asked, key))
        .map((key) => [key, kept(key, asked[key])]),
    );
}

function refuseUnknown(asked: PropertySchema, known: readonly string[]): Rejection | undefined {
  const unknown = Object.keys(asked).find((key) => !known.includes(key));
  return unknown === undefined ? undefined : reject("Invalid", `Unknown attribute: ${unknown}`);
}

function refuseUnlessTexts(asked: PropertySchema): Rejection | undefined {
  const { enum: choices, confidential } = asked;
  if (Array.isArray(choices) && choices.some((choice) => typeof choice !== "string")) {
    return wrongInput("enum", choices);
  }
  if (confidential !== undefined && typeof confidential !== "boolean") {
    return wrongInput("confidential", confidential);
  }
}

function refuseItems(items: unknown): Rejection | undefined {
  if (items === undefined) return undefined;
  const asked = items as PropertySchema;
  if (!Object.hasOwn(asked, "type")) return reject("Invalid", 'Missing argument: "type"');
  return refuseUnknown(asked, ["type", "enum"]) ?? refuseUnlessTexts(asked);
}

function wrongInput(name: string, value: unknown): Rejection {
  return reject(
    "Invalid",
    `Invalid input for field/attribute ${name}. Value: '${pythonStr(value)}'. Wrong type.`,
  );
}

/** A value as it is kept; of a default that is no plain value nothing is. */
function kept(key: string, value: unknown): unknown {
  if (key === "minimum" || key === "maximum") return Math.trunc(Number(value));
  if (key !== "default") return value;
  return typeof value === "object" ? null : pythonStr(value);
}
