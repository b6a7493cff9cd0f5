/** Key pairs: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type KeyPairEvent = KeyPairCreated | KeyPairDeleted;

/** `ssh`: a public key as OpenSSH writes it; `x509`: a certificate as PEM. */
export type KeyPairType = "ssh" | "x509";

/** A user has a new key; the private half, if it was made here, is nowhere but in the answer. */
export interface KeyPairCreated {
  readonly type: "KeyPairCreated";
  readonly data: {
    readonly userId: string;
    readonly name: string;
    readonly type: KeyPairType;
    readonly publicKey: string;
    /** Bytes in hexadecimal with colons between: MD5 of an SSH key, SHA-1 of a certificate. */
    readonly fingerprint: string;
    readonly origin: "imported" | "generated";
  };
}

export interface KeyPairDeleted {
  readonly type: "KeyPairDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface KeyPair extends Omit<KeyPairCreated["data"], "origin"> {
  /** Position of the event that created it: Nova's numeric record id. 0: there is no key pair. */
  readonly number: number;
  readonly createdAt: string;
}

export const NO_KEY_PAIR: KeyPair = {
  number: 0,
  userId: "",
  name: "",
  type: "ssh",
  publicKey: "",
  fingerprint: "",
  createdAt: "",
};

export function evolve(_: KeyPair, event: Recorded<KeyPairEvent>): KeyPair {
  switch (event.type) {
    case "KeyPairCreated": {
      const { origin: _, ...keyPair } = event.data;
      return { ...keyPair, number: event.position, createdAt: event.recordedAt };
    }
    case "KeyPairDeleted":
      return NO_KEY_PAIR;
  }
}

/** Whether there is a key pair: created, and not deleted. */
export function exists(keyPair: KeyPair): boolean {
  return keyPair.number !== 0;
}

/** A public key and its fingerprint. */
export interface PublicKey {
  readonly publicKey: string;
  readonly fingerprint: string;
}

export interface CreateKeyPair {
  readonly type: "CreateKeyPair";
  readonly userId: string;
  readonly name: string;
  readonly keyType: KeyPairType;
  readonly origin: KeyPairCreated["data"]["origin"];
  /** The key, or why what was sent is none. */
  readonly key: PublicKey | Rejection;
  /** How many key pairs the user has, and may have; -1 is "no limit". */
  readonly owned: number;
  readonly limit: number;
}

/**
 * Creates a key pair.
 *
 * Refuses a user who has as many as the quota allows, a key that is none, and a name that is taken,
 * in this order. Source: nova/compute/api.py, `KeypairAPI.import_key_pair`.
 */
export function createKeyPair(command: CreateKeyPair, keyPair: KeyPair): Decision<KeyPairCreated> {
  const { userId, name, keyType, origin, key, owned, limit } = command;
  if (limit >= 0 && owned >= limit) {
    return reject("QuotaExceeded", "Quota exceeded, too many key pairs.");
  }
  if (isRejection(key)) return key;
  if (exists(keyPair)) return reject("Conflict", `Key pair '${name}' already exists.`);
  return [{ type: "KeyPairCreated", data: { userId, name, type: keyType, ...key, origin } }];
}

export interface DeleteKeyPair {
  readonly type: "DeleteKeyPair";
  readonly userId: string;
  readonly name: string;
}

/** Deletes a key pair; refuses one that is not there. Source: `KeypairAPI.delete_key_pair`. */
export function deleteKeyPair(command: DeleteKeyPair, keyPair: KeyPair): Decision<KeyPairDeleted> {
  if (!exists(keyPair)) return reject("NotFound", notFound(command));
  return [{ type: "KeyPairDeleted", data: {} }];
}

/** Nova's words for a key pair that is not there. */
export function notFound({ userId, name }: Pick<DeleteKeyPair, "userId" | "name">): string {
  return `Keypair ${name} not found for user ${userId}`;
}
