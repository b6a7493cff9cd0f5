/** What may happen to credentials for other ends, and to limits. */
import { assertEquals } from "@std/assert";
import { readEc2Blob, refuseRebinding } from "../../src/facades/identity/credentials/blob.ts";
import {
  createCredential,
  type CredentialFacts,
  deleteCredential,
  updateCredential,
} from "../../src/facades/identity/credentials/decider.ts";
import { credentials } from "../../src/facades/identity/credentials/projection.ts";
import {
  createLimit,
  deleteLimit,
  type LimitFacts,
  updateLimit,
} from "../../src/facades/identity/limits/decider.ts";
import { limits } from "../../src/facades/identity/limits/projection.ts";
import {
  createRegisteredLimit,
  deleteRegisteredLimit,
  updateRegisteredLimit,
} from "../../src/facades/identity/registered_limits/decider.ts";
import { registeredLimits } from "../../src/facades/identity/registered_limits/projection.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import { givenOf } from "../kit/given.ts";

const id = "x";

const REST = "The server could not comply with the request since it is either malformed or " +
  "otherwise incorrect. The client is assumed to be in error.";

const credential = givenOf(credentials);

const cert: CredentialFacts = {
  type: "cert",
  userId: "u",
  projectId: null,
  blob: "v1.sealed" as Sealed,
};

const credentialCreated = { type: "CredentialCreated", data: cert } as const;

const credentialDeleted = { type: "CredentialDeleted", data: {} } as const;

Deno.test("a credential is created while there is none of its id", () => {
  const command = { type: "CreateCredential", id, credential: cert } as const;
  credential().when((state) => createCredential(command, state)).then([credentialCreated]);
  credential(credentialCreated, credentialDeleted).when((state) => createCredential(command, state))
    .then([credentialCreated]);
  credential(credentialCreated).when((state) => createCredential(command, state)).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store credential - Duplicate entry found with ID x.",
  );
});

Deno.test("UpdateCredential records what differs; one for EC2 has a project", () => {
  const update = (changes: Partial<CredentialFacts>) =>
    credential(credentialCreated).when((state) =>
      updateCredential({ type: "UpdateCredential", id, changes }, state)
    );
  update({ projectId: "p", userId: "u" })
    .then([{ type: "CredentialUpdated", data: { projectId: "p" } }]);
  update({ type: "ec2", projectId: "p" })
    .then([{ type: "CredentialUpdated", data: { type: "ec2", projectId: "p" } }]);
  update({ type: "EC2" })
    .thenRefused("Invalid", `Expecting to find project_id in credential. ${REST}`);
  update({ type: "cert" }).thenNothing();
});

Deno.test("what is not there is neither updated nor deleted", () => {
  const words = "Could not find credential: x.";
  credential().when((state) =>
    updateCredential({ type: "UpdateCredential", id, changes: {} }, state)
  ).thenRefused("NotFound", words);
  const remove = { type: "DeleteCredential", id } as const;
  credential().when((state) => deleteCredential(remove, state)).thenRefused("NotFound", words);
  credential(credentialCreated).when((state) => deleteCredential(remove, state))
    .then([credentialDeleted]);
});

Deno.test("a secret for EC2 is JSON with an access key, and stays bound as it is", () => {
  assertEquals(readEc2Blob('{"access":"a","secret":"s"}'), { access: "a", secret: "s" });
  const absent = (what: string) => ({
    fault: 400,
    message: `Expecting to find ${what} in credential. ${REST}`,
  });
  for (
    const [blob, fault] of [
      ["{", { fault: 400, message: "Invalid blob in credential" }],
      ["[1]", absent("blob")],
      ["null", absent("blob")],
      ["{}", absent("blob")],
      ['{"secret":"s"}', absent("access")],
      ['{"access":7}', absent("access")],
    ] as const
  ) {
    assertEquals<unknown>(readEc2Blob(blob), fault, blob);
  }
  const before = { access: "a", trust_id: "t" };
  assertEquals(refuseRebinding(before, { ...before, access: "b", secret: "s" }), undefined);
  assertEquals(
    refuseRebinding(before, { access: "a" })?.message,
    "trust_id can not be updated for credential",
  );
});

// Limits

const resource = { serviceId: "s", regionId: null, resourceName: "images" };

const usual = { ...resource, defaultLimit: 10, description: null };

const registered = { type: "RegisteredLimitCreated", data: usual } as const;

const registeredLimit = givenOf(registeredLimits);

Deno.test("a resource has one registered limit", () => {
  const create = (isTaken: boolean) =>
    createRegisteredLimit({ type: "CreateRegisteredLimit", limit: usual, isTaken });
  registeredLimit().when(() => create(false)).then([registered]);
  registeredLimit().when(() => create(true)).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store registered_limit - Duplicate entry.",
  );
});

Deno.test("a registered limit stays as it is while there are limits in its place", () => {
  const given = registeredLimit(registered);
  const update = (changes: object, isReferred = false, isTaken = false) =>
    given.when((state) =>
      updateRegisteredLimit(
        { type: "UpdateRegisteredLimit", id, changes, isReferred, isTaken },
        state,
      )
    );
  const inUse = "Unable to update or delete registered limit x because there are project limits " +
    "associated with it.";
  update({ defaultLimit: 5, resourceName: "images" })
    .then([{ type: "RegisteredLimitUpdated", data: { defaultLimit: 5 } }]);
  update({ defaultLimit: 10 }).thenNothing();
  update({ defaultLimit: 5 }, true).thenRefused("Forbidden", inUse);
  update({ resourceName: "other" }, false, true).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store registered_limit - Duplicate entry.",
  );
  const remove = (isReferred: boolean) =>
    ({ type: "DeleteRegisteredLimit", id, isReferred }) as const;
  given.when((state) => deleteRegisteredLimit(remove(true), state)).thenRefused("Forbidden", inUse);
  const deleted = { type: "RegisteredLimitDeleted", data: {} } as const;
  given.when((state) => deleteRegisteredLimit(remove(false), state)).then([deleted]);
  registeredLimit(registered, deleted).when((state) => deleteRegisteredLimit(remove(false), state))
    .thenRefused("NotFound", "Could not find registered limit for x.");
});

const limit = givenOf(limits);

const own: LimitFacts = {
  ...resource,
  registeredLimitId: "r",
  projectId: "p",
  domainId: null,
  resourceLimit: 5,
  description: null,
};

const limitCreated = { type: "LimitCreated", data: own } as const;

Deno.test("a limit stands in the place of a registered one, one for a project", () => {
  const create = (of: typeof own | Omit<typeof own, "registeredLimitId">, isTaken = false) =>
    limit().when(() => createLimit({ type: "CreateLimit", limit: of, isTaken }));
  create(own).then([limitCreated]);
  const { registeredLimitId: _, ...stray } = own;
  create(stray).thenRefused(
    "Forbidden",
    "Unable to create a limit that has no corresponding registered limit.",
  );
  create(own, true).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store limit - Duplicate entry.",
  );
});

Deno.test("limits are updated and deleted", () => {
  const update = (changes: object) => ({ type: "UpdateLimit", id, changes }) as const;
  limit(limitCreated).when((state) => updateLimit(update({ resourceLimit: 0 }), state))
    .then([{ type: "LimitUpdated", data: { resourceLimit: 0 } }]);
  limit(limitCreated).when((state) => updateLimit(update({ resourceLimit: 5 }), state))
    .thenNothing();
  const remove = { type: "DeleteLimit", id } as const;
  const deleted = { type: "LimitDeleted", data: {} } as const;
  limit(limitCreated).when((state) => deleteLimit(remove, state)).then([deleted]);
  for (const gone of [limit(), limit(limitCreated, deleted)]) {
    gone.when((state) => updateLimit(update({}), state))
      .thenRefused("NotFound", "Could not find limit for x.");
    gone.when((state) => deleteLimit(remove, state))
      .thenRefused("NotFound", "Could not find limit for x.");
  }
});
