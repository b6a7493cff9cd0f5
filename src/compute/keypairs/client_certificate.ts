/** Certificates by which a user logs in to Windows without a password. */
import { Buffer } from "node:buffer";
import { createHash, createHmac, createSign, type KeyObject, randomBytes } from "node:crypto";
import { bits, integer, nothing, octets, oid, sequence, set, tagged, time, utf8 } from "./der.ts";

/** A key with both halves. */
export interface KeyHalves {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const SHA256_WITH_RSA = sequence(oid("1.2.840.113549.1.1.11"), nothing);
const USER_PRINCIPAL_NAME = oid("1.3.6.1.4.1.311.20.2.3");

/**
 * Makes a certificate for a user, good for ten years, as PEM; and the bundle of it and its private
 * key that Windows imports: PKCS #12 with an empty password, as base64.
 *
 * Source: nova/crypto.py, `generate_winrm_x509_cert`.
 */
export function makeClientCertificate(
  userId: string,
  key: KeyHalves,
  now: Date,
): { readonly certificate: string; readonly bundle: string } {
  const certificate = signed(userId, key, now);
  const lines = certificate.toString("base64").match(/.{1,64}/g)!.join("\n");
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    bundle: bundle(certificate, key.privateKey).toString("base64"),
  };
}

function signed(userId: string, { publicKey, privateKey }: KeyHalves, now: Date): Buffer {
  const name = sequence(set(sequence(oid("2.5.4.3"), utf8(userId))));
  const facts = sequence(
    tagged(0, integer(2)),
    integer(serialNumber()),
    SHA256_WITH_RSA,
    name,
    sequence(time(now), time(new Date(now.getTime() + 3650 * DAY_MS))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(clientAuthentication(), principalName(`${userId}@localhost`))),
  );
  const signature = createSign("sha256").update(facts).sign(privateKey);
  return sequence(facts, SHA256_WITH_RSA, bits(signature));
}

/** 159 random bits, and never zero. */
function serialNumber(): Buffer {
  const bytes = randomBytes(20);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

function clientAuthentication(): Buffer {
  return sequence(oid("2.5.29.37"), octets(sequence(oid("1.3.6.1.5.5.7.3.2"))));
}

function principalName(name: string): Buffer {
  const other = tagged(0, USER_PRINCIPAL_NAME, tagged(0, utf8(name)));
  return sequence(oid("2.5.29.17"), octets(sequence(other)));
}

const DATA = oid("1.2.840.113549.1.7.1");
const MAC_ROUNDS = 2048;

/** RFC 7292: the certificate and the key, unencrypted, as the password is empty anyway. */
function bundle(certificate: Buffer, privateKey: KeyObject): Buffer {
  const sharedId = set(
    sequence(
      oid("1.2.840.113549.1.9.21"),
      set(octets(createHash("sha1").update(certificate).digest())),
    ),
  );
  const pem = sequence(oid("1.2.840.113549.1.9.22.1"), tagged(0, octets(certificate)));
  const bags = sequence(
    sequence(oid("1.2.840.113549.1.12.10.1.3"), tagged(0, pem), sharedId),
    sequence(
      oid("1.2.840.113549.1.12.10.1.1"),
      tagged(0, privateKey.export({ type: "pkcs8", format: "der" })),
      sharedId,
    ),
  );
  const safe = sequence(sequence(DATA, tagged(0, octets(bags))));
  const salt = randomBytes(20);
  const mac = createHmac("sha1", macKey(salt)).update(safe).digest();
  return sequence(
    integer(3),
    sequence(DATA, tagged(0, octets(safe))),
    sequence(
      sequence(sequence(oid("1.3.14.3.2.26"), nothing), octets(mac)),
      octets(salt),
      integer(MAC_ROUNDS),
    ),
  );
}

/** RFC 7292, appendix B: key material for a MAC (purpose 3), from the empty password. */
function macKey(salt: Buffer): Buffer {
  const block = 64;
  const filled = (bytes: Buffer): Buffer =>
    Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  // The empty password is two bytes of zero: its end.
  const start = Buffer.concat([Buffer.alloc(block, 3), filled(salt), filled(Buffer.alloc(2))]);
  let key: Buffer = createHash("sha1").update(start).digest();
  for (let round = 1; round < MAC_ROUNDS; round++) key = createHash("sha1").update(key).digest();
  return key;
}
