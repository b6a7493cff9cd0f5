/** Words and numbers as Nova reads them; oslo_utils/strutils.py. */

const TRUE_WORDS: readonly string[] = ["1", "t", "true", "on", "y", "yes"];

/** Whether a boolean, or the word for one, is true; `bool_from_string`. */
export function isTrueWord(value: boolean | string): boolean {
  if (typeof value === "boolean") return value;
  return TRUE_WORDS.includes(value.trim().toLowerCase());
}

/** A whole number as Python's `int` reads one; undefined for other texts. `validate_integer`. */
export function wholeNumber(text: string): number | undefined {
  return /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
}

/** Whether a text is a UUID, however it is written; oslo_utils/uuidutils.py, `is_uuid_like`. */
export function isUuidLike(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(plainUuid(text));
}

/** A UUID-like text in the form in which ids are kept. */
export function canonicalUuid(text: string): string {
  return plainUuid(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function plainUuid(text: string): string {
  return text.replaceAll("urn:", "").replaceAll("uuid:", "").replace(/[{}]/g, "")
    .replaceAll("-", "").toLowerCase();
}
