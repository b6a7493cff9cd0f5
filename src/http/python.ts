/** JSON values in Python's notation, which Nova's messages quote. */

/**
 * A JSON value as Python's `repr` prints it: `None`, `True`, `'it'`, `[1, 1.5]`, `{'a': 1}`.
 *
 * JSON does not tell 1 from 1.0 once parsed, so a whole number prints as an integer. The caller
 * bounds the nesting. Source: Python's object.__repr__, float_repr and unicode_repr.
 */
export function pythonRepr(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
      return numeral(value);
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "True" : "False";
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const items = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${pythonRepr(item)}`);
    return `{${items.join(", ")}}`;
  }
  return "None";
}

/** A JSON value as Python's `str` prints it: text bare, anything else as {@linkcode pythonRepr}. */
export function pythonStr(value: unknown): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(
    /[\\']|[[\p{C}\p{Z}]--[ ]]/gv,
    (character) => character === "'" && quote === '"' ? "'" : escape(character),
  );
  return quote + escaped + quote;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escape(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

function numeral(value: number): string {
  if (Number.isInteger(value)) return String(BigInt(value));
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  // Python turns to exponents earlier than JavaScript, and gives them two digits.
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}
