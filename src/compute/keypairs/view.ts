/** Key pairs as Nova's JSON; nova/api/openstack/compute/views/keypairs.py. */
import type { Minor } from "../../http/microversions.ts";
import type { KeyPair } from "./decider.ts";

/** A key pair within a list. */
export function viewListed(keyPair: KeyPair, minor: Minor): object {
  const { name, publicKey, fingerprint, type } = keyPair;
  return { name, public_key: publicKey, fingerprint, ...(minor >= 2 && { type }) };
}

/** A new key pair; `privateKey` when it was made here: nobody will see it again. */
export function viewCreated(
  keyPair: KeyPair,
  minor: Minor,
  privateKey: string | undefined,
): object {
  return {
    ...(privateKey !== undefined && { private_key: privateKey }),
    ...viewListed(keyPair, minor),
    user_id: keyPair.userId,
  };
}

/** A key pair by itself, with the columns of Nova's record. */
export function viewKeyPair(keyPair: KeyPair, minor: Minor): object {
  return {
    ...viewListed(keyPair, minor),
    user_id: keyPair.userId,
    // Without a zone, as Nova prints times that it does not look at.
    created_at: keyPair.createdAt.replace("Z", ""),
    deleted: false,
    deleted_at: null,
    id: keyPair.number,
    updated_at: null,
  };
}
