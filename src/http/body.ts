/** Request bodies: bounded, then JSON. */

/** Largest request body in bytes; oslo.middleware, `max_request_body_size`. */
export const MAX_BODY = 114_688;

/** The whole body, or `tooLarge`; stops reading as soon as that is clear. */
export async function withinLimit(request: Request): Promise<Uint8Array | "tooLarge"> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY) return "tooLarge";
  if (request.body === null) return new Uint8Array();
  // A declared length is what arrives; a body in chunks has to be counted.
  if (request.headers.has("content-length")) return await request.bytes();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > MAX_BODY) return "tooLarge";
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** What a body holds: JSON (nothing counts as null), or something else. */
export type BodyReading = { readonly value: unknown } | { readonly malformed: true };

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** How JSON may write half of a character of two. */
const HALF_CHARACTER = /\\u[dD][89a-fA-F]/;

/**
 * Reads JSON; an empty body is null.
 *
 * Text with half a character (a lone surrogate) is malformed: no UTF-8, so neither the log nor a
 * table, can hold it.
 */
export function readJson(bytes: Uint8Array): BodyReading {
  if (bytes.length === 0) return { value: null };
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    const isWhole = !HALF_CHARACTER.test(text) || isWellFormed(value);
    return isWhole ? { value } : { malformed: true };
  } catch {
    return { malformed: true };
  }
}

function isWellFormed(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "string" && !one.isWellFormed()) return false;
    if (typeof one === "object" && one !== null) {
      for (const [key, part] of Object.entries(one)) left.push(key, part);
    }
  }
  return true;
}
