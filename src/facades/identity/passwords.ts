/** Passwords and other secrets that are only ever compared: kept as scrypt hashes. */
import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

const COST = { N: 16_384, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Hashes a password with a salt of its own: `scrypt$16384$8$1$<salt>$<hash>`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  const { N, r, p } = COST;
  return ["scrypt", N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** Whether a password is the one that was hashed; throws when the hash is not one of ours. */
export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = hashed.split("$");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined) {
    throw new Error("not a password hash of a known scheme");
  }
  const expected = Buffer.from(hash, "base64url");
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, "base64url"), cost, expected.length);
  return timingSafeEqual(actual, expected);
}

/** No password has it; checking against it takes as long as against a real one. */
export const NOBODYS_HASH = `scrypt$16384$8$1$${"A".repeat(22)}$${"A".repeat(43)}`;

function derive(
  password: string,
  salt: Uint8Array,
  cost: typeof COST,
  bytes: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, cost, (error, key) => error ? reject(error) : resolve(key));
  });
}
