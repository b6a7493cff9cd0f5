/** Names within a namespace, which are compared as in the usual Glance database: without case. */

/** Whether two names are one. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** What is called this; undefined when nothing is. */
export function named<Part extends { readonly name: string }>(
  parts: readonly Part[],
  name: string,
): Part | undefined {
  return parts.find((part) => isSameName(part.name, name));
}

/** The first name that stands in a list twice. */
export function firstDuplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => {
    const isSeen = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return isSeen;
  });
}
