/** Public keys as OpenSSH writes them: `<type> <base64> <comment>`. */
import { Buffer } from "node:buffer";
import { createHash, createPublicKey, type JsonWebKey } from "node:crypto";

/**
 * The fingerprint of a public key: MD5 of its bytes, `44:fe:29:…`.
 *
 * Undefined for a text that is no key of a known type, and for a key that cannot be one, such as a
 * point that is not on its curve. Source: nova/crypto.py, `generate_fingerprint`.
 */
export function sshFingerprint(publicKey: string): string | undefined {
  const [, type, base64] = /^(\S+) (\S+)/.exec(publicKey) ?? [];
  if (type === undefined || base64 === undefined || !isBase64(base64)) return undefined;
  const blob = Buffer.from(base64, "base64");
  if (!isKey(type, blob)) return undefined;
  return hexWithColons(createHash("md5").update(blob).digest("hex"));
}

/** `44fe29…` as `44:fe:29:…`. */
function hexWithColons(hex: string): string {
  return hex.match(/../g)!.join(":");
}

/** The bytes of an RSA public key: its type, the exponent and the modulus. */
export function rsaBlob({ n, e }: JsonWebKey): Buffer {
  return Buffer.concat([
    field(Buffer.from("ssh-rsa")),
    ...[e, n].map((number) => field(positive(Buffer.from(number!, "base64url")))),
  ]);
}

function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The highest bit is the sign. */
function positive(bytes: Buffer): Buffer {
  return bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** Whether the fields behind the type are those of a key. */
type Check = (fields: readonly Buffer[]) => boolean;

const CHECKS: Readonly<Record<string, Check>> = {
  "ssh-rsa": ([e, n, ...rest]) => rest.length === 0 && isRsa(e, n),
  "ssh-dss": (fields) => fields.length === 4 && fields.every((number) => number.length > 0),
  "ssh-ed25519": ([key, ...rest]) => rest.length === 0 && key?.length === 32,
  "sk-ssh-ed25519@openssh.com": ([key, application, ...rest]) =>
    rest.length === 0 && key?.length === 32 && application !== undefined,
  "ecdsa-sha2-nistp256": onCurve("nistp256", "P-256", 32),
  "ecdsa-sha2-nistp384": onCurve("nistp384", "P-384", 48),
  "ecdsa-sha2-nistp521": onCurve("nistp521", "P-521", 66),
  "sk-ecdsa-sha2-nistp256@openssh.com": ([curve, point, application, ...rest]) =>
    rest.length === 0 && curve !== undefined && point !== undefined &&
    application !== undefined && onCurve("nistp256", "P-256", 32)([curve, point]),
};

function isKey(type: string, blob: Buffer): boolean {
  const fields = fieldsOf(blob);
  if (!fields || fields[0]?.toString("latin1") !== type) return false;
  return Object.hasOwn(CHECKS, type) && CHECKS[type]!(fields.slice(1));
}

/** A blob's fields, each behind its length; undefined when they do not come out even. */
function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** An odd exponent of 3 or more, and a modulus that is larger. */
function isRsa(e: Buffer | undefined, n: Buffer | undefined): boolean {
  if (!e?.length || !n?.length || e[0]! >= 0x80 || n[0]! >= 0x80) return false;
  const [exponent, modulus] = [e, n].map((bytes) => BigInt(`0x${bytes.toString("hex")}`));
  return exponent! >= 3n && exponent! % 2n === 1n && exponent! < modulus!;
}

function onCurve(name: string, crv: string, size: number): Check {
  return ([curve, point, ...rest]) => {
    if (rest.length > 0 || curve?.toString("latin1") !== name) return false;
    if (point?.length !== 1 + 2 * size || point[0] !== 4) return false;
    const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)]
      .map((coordinate) => coordinate.toString("base64url"));
    try {
      createPublicKey({ key: { kty: "EC", crv, x: x!, y: y! }, format: "jwk" });
      return true;
    } catch {
      return false;
    }
  };
}
