/** Key pairs: created within the quota, once by name; deleted; their keys read and made. */
import { assert, assertEquals } from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import {
  type CreateKeyPair,
  createKeyPair,
  deleteKeyPair,
  type KeyPairCreated,
  NO_KEY_PAIR,
} from "../../src/compute/keypairs/decider.ts";
import { certificateFingerprint } from "../../src/compute/keypairs/certificate.ts";
import { generateKey, readKey } from "../../src/compute/keypairs/key_material.ts";
import { keyPairs } from "../../src/compute/keypairs/projection.ts";
import { sshFingerprint } from "../../src/compute/keypairs/ssh_public_key.ts";
import { isRejection, reject } from "../../src/eventsourcing/decider.ts";
import { samplesOf } from "../kit/samples.ts";
import { givenOf, timeOf } from "../kit/given.ts";

const given = givenOf(keyPairs);
const key = { publicKey: "ssh-rsa AAAA", fingerprint: "00:01" };
const created: KeyPairCreated = {
  type: "KeyPairCreated",
  data: { userId: "user-1", name: "mine", type: "ssh", ...key, origin: "imported" },
};
const deleted = { type: "KeyPairDeleted", data: {} } as const;
const create: CreateKeyPair = {
  type: "CreateKeyPair",
  userId: "user-1",
  name: "mine",
  keyType: "ssh",
  origin: "imported",
  key,
  owned: 2,
  limit: 3,
};
const remove = { type: "DeleteKeyPair", userId: "user-1", name: "mine" } as const;

Deno.test("CreateKeyPair records the public key and its fingerprint", () => {
  given().when((state) => createKeyPair(create, state)).then([created]);
  const { origin: _, ...rest } = created.data;
  assertEquals(given(created).state, { ...rest, number: 1, createdAt: timeOf(1) });
});

Deno.test("CreateKeyPair is refused over the quota, before anything else", () => {
  const over = { ...create, owned: 3, key: reject("Invalid", "no key") };
  given(created).when((state) => createKeyPair(over, state))
    .thenRefused("QuotaExceeded", "Quota exceeded, too many key pairs.");
  given().when((state) => createKeyPair({ ...create, owned: 99, limit: -1 }, state))
    .then([created]);
});

Deno.test("CreateKeyPair is refused for a key that is none, then for a name that is taken", () => {
  const bad = { ...create, key: reject("Invalid", "no key") };
  given(created).when((state) => createKeyPair(bad, state)).thenRefused("Invalid", "no key");
  given(created).when((state) => createKeyPair(create, state))
    .thenRefused("Conflict", "Key pair 'mine' already exists.");
});

Deno.test("DeleteKeyPair makes the name free again", () => {
  given(created).when((state) => deleteKeyPair(remove, state)).then([deleted]);
  assertEquals(given(created, deleted).state, NO_KEY_PAIR);
  given(created, deleted).when((state) => createKeyPair(create, state)).then([created]);
});

Deno.test("DeleteKeyPair is refused where there is none", () => {
  given().when((state) => deleteKeyPair(remove, state))
    .thenRefused("NotFound", "Keypair mine not found for user user-1");
});

Deno.test("the fingerprints of Nova's own samples are found again", () => {
  const samples = samplesOf("os-keypairs").map(({ json }) => json.keypair)
    .filter((keyPair) => keyPair?.fingerprint && keyPair.public_key);
  assert(samples.length > 5);
  for (const { public_key, fingerprint, type = "ssh" } of samples) {
    assertEquals(readKey(type, public_key), { publicKey: public_key, fingerprint });
  }
});

Deno.test("keys of the usual types are read; the comment may be absent", () => {
  // Made by ssh-keygen, fingerprints by `ssh-keygen -l -E md5`.
  const keys = {
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH9b3fV5ODu8C9kK7GCXouhPA+8sU/ULC1m4j9hyRTP1":
      "77:e6:2c:a1:4b:c9:fb:cc:a4:f0:4b:b9:c8:07:12:d9",
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDZh+9Duchjw0dHd9OJzINIRKiwIhyeQAFkyUqZitWcF+K//eaqcn/TGAQ+RcYrr4alu1TDxnewrqm89uB0Rhbc=":
      "bf:e7:43:2f:6c:dd:7d:fa:b4:04:8c:c3:83:b3:f6:d4",
  };
  for (const [publicKey, fingerprint] of Object.entries(keys)) {
    assertEquals(sshFingerprint(publicKey), fingerprint);
  }
});

Deno.test("what is no key is refused in Nova's words", () => {
  const [type, base64] = samplesOf("os-keypairs")[0]!.json.keypair.public_key.split(" ");
  const short = btoa(atob(base64).slice(0, -1));
  for (
    const text of [
      "",
      "ssh-rsa",
      "ssh-rsa !!!!",
      "ssh-rsa AAAA",
      `ssh-ed25519 ${base64}`,
      `ssh-rot13 ${base64}`,
      `${type} ${short}`,
      `${type}\t${base64}`,
    ]
  ) {
    assertEquals(
      readKey("ssh", text),
      reject("Invalid", "Keypair data is invalid: failed to generate fingerprint"),
      text,
    );
  }
  assert(isRejection(readKey("x509", `${type} ${base64}`)));
});

Deno.test("a point that is not on its curve is no key", () => {
  const { x, y } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey
    .export({ format: "jwk" });
  const line = (first: string, second: string) => {
    const point = String.fromCharCode(4) + binary(first) + binary(second);
    const blob = ["ecdsa-sha2-nistp256", "nistp256", point]
      .map((field) => `\0\0\0${String.fromCharCode(field.length)}${field}`).join("");
    return `ecdsa-sha2-nistp256 ${btoa(blob)}`;
  };
  assert(sshFingerprint(line(x!, y!)) !== undefined);
  assertEquals(sshFingerprint(line(x!, x!)), undefined);
});

Deno.test("a generated SSH key has both halves, and Nova's comment", async () => {
  const { publicKey, privateKey, fingerprint } = await generateKey("ssh", "user-1", new Date());
  assert(/^ssh-rsa [A-Za-z0-9+/]+=* Generated-by-Nova$/.test(publicKey));
  assert(privateKey.startsWith("-----BEGIN RSA PRIVATE KEY-----\n"));
  assertEquals(sshFingerprint(publicKey), fingerprint);
});

Deno.test("a generated certificate is one, and comes in a bundle", async () => {
  const made = await generateKey("x509", "user-1", new Date("2049-06-01T00:00:00Z"));
  assertEquals(certificateFingerprint(made.publicKey), made.fingerprint);
  assert(/^(?:[0-9a-f]{2}:){19}[0-9a-f]{2}$/.test(made.fingerprint));
  // PKCS #12 begins with a sequence whose first value is the version, 3.
  const bundle = Uint8Array.from(atob(made.privateKey), (byte) => byte.charCodeAt(0));
  assertEquals([bundle[0], bundle[1], ...bundle.slice(4, 7)], [0x30, 0x82, 2, 1, 3]);
});

function binary(base64url: string): string {
  return atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
}
