/** Secrets at rest: what must be read again is sealed with a key that never enters the log. */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** AES-256-GCM: `v1.<nonce>.<ciphertext and tag>`, base64url. */
export type Sealed = string & { readonly sealed: true };

const ALGORITHM = "aes-256-gcm";
const TAG_BYTES = 16;

/** Seals and opens secrets with one key. */
export class Secrets {
  readonly #key: Uint8Array;

  /** `key`: 32 bytes; anything else is refused (throws). */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new Error("the sealing key must be 32 bytes");
    this.#key = key;
  }

  seal(text: string): Sealed {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1.${nonce.toString("base64url")}.${body.toString("base64url")}` as Sealed;
  }

  /** Throws when the text was sealed with another key, or was altered. */
  open(sealed: Sealed): string {
    const [version, nonce, body] = sealed.split(".");
    if (version !== "v1" || nonce === undefined || body === undefined) {
      throw new Error("not a sealed text of a known version");
    }
    const bytes = Buffer.from(body, "base64url");
    const decipher = createDecipheriv(ALGORITHM, this.#key, Buffer.from(nonce, "base64url"));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    return decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES), undefined, "utf8") +
      decipher.final("utf8");
  }
}
