/** What a token says, and the signed text that says it. Tokens are not stored. */
import { Buffer } from "node:buffer";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { GrantTarget } from "../grants/grant.ts";

/** What is signed. Roles are not in it: they are looked up when the token is checked. */
export interface TokenClaims {
  readonly userId: string;
  /** Undefined: an unscoped token. */
  readonly scope: GrantTarget | undefined;
  /** How the user was authenticated: `password`, `token`, … */
  readonly methods: readonly string[];
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Its own audit id; then that of the first token of the chain it comes from, if any. */
  readonly auditIds: readonly string[];
  /** The user's `tokenGeneration` at the time. */
  readonly generation: number;
  readonly applicationCredentialId?: string;
  /** The trust it was got with; then `userId` is the trustee. */
  readonly trust?: {
    readonly id: string;
    /** The trustor's `tokenGeneration` at the time. */
    readonly trustorGeneration: number;
  };
}

const VERSION = "c1";

/** Makes and reads tokens with one key: `c1.<claims>.<HMAC-SHA256>`, base64url. */
export class TokenSigner {
  readonly #key: Uint8Array;

  /** `key`: 32 bytes; anything else is refused (throws). */
  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new Error("the token key must be 32 bytes");
    this.#key = key;
  }

  sign(claims: TokenClaims): string {
    const signed = `${VERSION}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
    return `${signed}.${this.#macOf(signed)}`;
  }

  /** The claims; undefined when the text is not a token signed with this key. */
  read(token: string): TokenClaims | undefined {
    const end = token.lastIndexOf(".");
    const signed = token.slice(0, Math.max(end, 0));
    if (!signed.startsWith(`${VERSION}.`)) return undefined;
    const mac = Buffer.from(token.slice(end + 1));
    const expected = Buffer.from(this.#macOf(signed));
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) return undefined;
    return JSON.parse(Buffer.from(signed.slice(VERSION.length + 1), "base64url").toString());
  }

  #macOf(signed: string): string {
    return createHmac("sha256", this.#key).update(signed).digest("base64url");
  }
}

/** A new audit id: 22 URL-safe characters. */
export function newAuditId(): string {
  return randomBytes(16).toString("base64url");
}
