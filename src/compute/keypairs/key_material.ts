/** What a key pair is made of: read from the request, or made here. */
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import { certificateFingerprint } from "./certificate.ts";
import type { KeyPairType, PublicKey } from "./decider.ts";
import { makeClientCertificate } from "./client_certificate.ts";
import { rsaBlob, sshFingerprint } from "./ssh_public_key.ts";

/** A public key with the private one, which only the answer to the request may hold. */
export interface GeneratedKey extends PublicKey {
  readonly privateKey: string;
}

/** A key as it was sent; refuses what is no key of this type. Source: nova/crypto.py. */
export function readKey(type: KeyPairType, publicKey: string): PublicKey | Rejection {
  const fingerprint = type === "ssh"
    ? sshFingerprint(publicKey)
    : certificateFingerprint(publicKey);
  if (fingerprint !== undefined) return { publicKey, fingerprint };
  const reason = type === "ssh"
    ? "failed to generate fingerprint"
    : "failed to generate X509 fingerprint. Error message: Unable to load PEM file.";
  return reject("Invalid", `Keypair data is invalid: ${reason}`);
}

/** Makes a key; both types are RSA of 2,048 bits. Source: nova/crypto.py. */
export async function generateKey(
  type: KeyPairType,
  userId: string,
  now: Date,
): Promise<GeneratedKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
  });
  if (type === "x509") {
    const { certificate, bundle } = makeClientCertificate(userId, { publicKey, privateKey }, now);
    const fingerprint = certificateFingerprint(certificate)!;
    return { publicKey: certificate, fingerprint, privateKey: bundle };
  }
  const blob = rsaBlob(publicKey.export({ format: "jwk" }));
  const line = `ssh-rsa ${blob.toString("base64")} Generated-by-Nova`;
  return {
    publicKey: line,
    fingerprint: sshFingerprint(line)!,
    privateKey: privateKey.export({ type: "pkcs1", format: "pem" }) as string,
  };
}
