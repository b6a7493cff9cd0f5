/** Attributes of a body that Keystone does not know: it keeps them, and shows them as they came. */
import type { Extra } from "../options.ts";

/** What nobody can set: it is made for each answer. */
const MADE = ["id", "links"];

/** The attributes of a body besides those known; undefined when there are none. */
export function extrasOf(
  sent: object,
  known: Readonly<Record<string, unknown>>,
): Extra | undefined {
  const unknown = Object.entries(sent)
    .filter(([name]) => !Object.hasOwn(known, name) && !MADE.includes(name));
  return unknown.length === 0 ? undefined : Object.fromEntries(unknown);
}

/** The same for what is created, where `-` and `:` in names become `_`. */
export function newExtrasOf(
  sent: object,
  known: Readonly<Record<string, unknown>>,
): Extra | undefined {
  const extra = extrasOf(sent, known);
  return extra && Object.fromEntries(
    Object.entries(extra).map(([name, value]) => [name.replaceAll(/[:-]/g, "_"), value]),
  );
}
