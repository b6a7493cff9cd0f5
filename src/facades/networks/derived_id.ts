/** Ids that follow from what they name, so that making a thing twice makes one thing. */
import { createHash } from "node:crypto";

/** Chronova's own name space for RFC 9562 ids of version 5; drawn once, never changed. */
const NAMESPACE = "6f0c2f52-93a1-4d0e-8d43-5f7a1ce5b0de";

/** The id (UUID, version 5) of what these parts name. */
export function derivedId(...parts: readonly string[]): string {
  const digest = createHash("sha1")
    .update(NAMESPACE.replaceAll("-", ""), "hex")
    .update(JSON.stringify(parts))
    .digest("hex");
  const variant = (parseInt(digest[16]!, 16) & 0x3 | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-` +
    `${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
