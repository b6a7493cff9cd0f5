/** What may happen to users, projects, domains, roles and application credentials. */
import { assert, assertEquals } from "@std/assert";
import type { Aggregate } from "../../src/eventsourcing/aggregate.ts";
import type { Decision, RejectionKind } from "../../src/eventsourcing/decider.ts";
import type { DomainEvent, Recorded } from "../../src/eventsourcing/event.ts";
import {
  type ApplicationCredentialFacts,
  createApplicationCredential,
  deleteApplicationCredential,
} from "../../src/facades/identity/application_credentials/decider.ts";
import { applicationCredentials } from "../../src/facades/identity/application_credentials/projection.ts";
import {
  createDomain,
  deleteDomain,
  type DomainFacts,
  updateDomain,
} from "../../src/facades/identity/domains/decider.ts";
import { domains } from "../../src/facades/identity/domains/projection.ts";
import { type Grant, rolesOn, targetsOf } from "../../src/facades/identity/grants/grant.ts";
import { hashPassword, isPassword, NOBODYS_HASH } from "../../src/facades/identity/passwords.ts";
import {
  createProject,
  deleteProject,
  type ProjectFacts,
  updateProject,
} from "../../src/facades/identity/projects/decider.ts";
import { projects } from "../../src/facades/identity/projects/projection.ts";
import {
  createRole,
  deleteRole,
  type Role,
  updateRole,
} from "../../src/facades/identity/roles/decider.ts";
import { withImplied } from "../../src/facades/identity/roles/implied.ts";
import { roles } from "../../src/facades/identity/roles/projection.ts";
import { type TokenClaims, TokenSigner } from "../../src/facades/identity/tokens/claims.ts";
import {
  changePassword,
  createUser,
  deleteUser,
  grantRole,
  revokeRole,
  revokeToken,
  updateUser,
  type UserCreated,
  type UserEvent,
} from "../../src/facades/identity/users/decider.ts";
import { users } from "../../src/facades/identity/users/projection.ts";

/** The state after events, and what a decision on it leads to. */
function given<State, Event extends DomainEvent>(aggregate: Aggregate<State, Event>) {
  return (...events: readonly Event[]) => {
    const state = events.reduce(
      (state, event, index) =>
        aggregate.evolve(state, {
          ...event,
          position: index + 1,
          stream: `${aggregate.category}-x`,
          version: index + 1,
          recordedAt: `2026-01-02T00:00:0${index}.000000Z`,
        } as unknown as Recorded<Event>),
      aggregate.initialState,
    );
    return {
      state,
      when: (decide: (state: State) => Decision<Event>) => {
        const decision = decide(state);
        return {
          then: (...expected: readonly Event[]) =>
            assertEquals(decision as readonly Event[], expected),
          thenRefused: (kind: RejectionKind, message: string) =>
            assertEquals(decision, { rejected: kind, message } as unknown as typeof decision),
        };
      },
    };
  };
}

const id = "x";

// Users

const user = given(users);

const alice: UserCreated["data"] = {
  name: "alice",
  domainId: "default",
  enabled: true,
  description: null,
  email: null,
  defaultProjectId: null,
  passwordHash: "hash",
};

const userCreated: UserCreated = { type: "UserCreated", data: alice };

const userDeleted = { type: "UserDeleted", data: {} } as const;

const grant: Grant = { roleId: "member", target: { on: "project", id: "demo" } };

const granted = { type: "RoleGranted", data: grant } as const;

const duplicateUser = "Conflict occurred attempting to store user - Duplicate entry found with " +
  "name alice at domain ID default.";

Deno.test("CreateUser creates a user", () => {
  user().when((state) => createUser({ type: "CreateUser", id, user: alice }, state))
    .then(userCreated);
});

Deno.test("CreateUser is refused when the id is or was taken, or the name is", () => {
  const command = { type: "CreateUser", id, user: alice } as const;
  user(userCreated).when((state) => createUser(command, state))
    .thenRefused("Conflict", duplicateUser);
  user(userCreated, userDeleted).when((state) => createUser(command, state))
    .thenRefused("Conflict", duplicateUser);
  user().when((state) => createUser({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateUser);
});

Deno.test("UpdateUser records what differs, and the password by itself", () => {
  const update = (changes: object, passwordHash?: string | null) =>
    user(userCreated).when((state) =>
      updateUser({ type: "UpdateUser", id, changes, passwordHash, nameTakenBy: id }, state)
    );
  update({ name: "alice", email: "a@example.org" })
    .then({ type: "UserUpdated", data: { email: "a@example.org" } });
  update({ name: "alice" }).then();
  update({ enabled: false }, "other").then(
    { type: "UserUpdated", data: { enabled: false } },
    { type: "UserPasswordChanged", data: { passwordHash: "other" } },
  );
  update({}, null).then({ type: "UserPasswordChanged", data: { passwordHash: null } });
});

Deno.test("UpdateUser is refused for nobody, and for the name of another", () => {
  const command = { type: "UpdateUser", id, changes: { name: "alice" } } as const;
  user().when((state) => updateUser(command, state))
    .thenRefused("NotFound", "Could not find user: x.");
  user(userCreated).when((state) => updateUser({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateUser);
});

Deno.test("ChangePassword changes the password that was verified, and no other", () => {
  const command = {
    type: "ChangePassword",
    id,
    verifiedHash: "hash",
    passwordHash: "new",
  } as const;
  const changed = { type: "UserPasswordChanged", data: { passwordHash: "new" } } as const;
  user(userCreated).when((state) => changePassword(command, state)).then(changed);
  user(userCreated, changed).when((state) => changePassword(command, state)).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store password - the password was changed meanwhile.",
  );
  user().when((state) => changePassword(command, state))
    .thenRefused("NotFound", "Could not find user: x.");
});

Deno.test("another password, and being disabled, void all tokens of a user", () => {
  const after = (...events: readonly UserEvent[]) => user(...events).state.tokenGeneration;
  const changed = { type: "UserPasswordChanged", data: { passwordHash: "new" } } as const;
  const disabled = { type: "UserUpdated", data: { enabled: false } } as const;
  const enabled = { type: "UserUpdated", data: { enabled: true } } as const;
  assertEquals(after(userCreated), 0);
  assertEquals(after(userCreated, changed), 1);
  assertEquals(after(userCreated, disabled), 1);
  assertEquals(after(userCreated, disabled, enabled), 1);
  assertEquals(after(userCreated, disabled, disabled), 1);
});

Deno.test("DeleteUser deletes a user and forgets all of it but that it was", () => {
  const deleting = (...events: readonly UserEvent[]) =>
    user(...events).when((state) => deleteUser({ type: "DeleteUser", id }, state));
  deleting(userCreated).then(userDeleted);
  deleting().thenRefused("NotFound", "Could not find user: x.");
  const { state } = user(userCreated, granted, userDeleted);
  assertEquals(
    [state.exists, state.deleted, state.name, state.passwordHash, state.grants],
    [false, true, "", null, []],
  );
});

Deno.test("GrantRole grants once", () => {
  const granting = (...events: readonly UserEvent[]) =>
    user(...events).when((state) => grantRole({ type: "GrantRole", id, grant }, state));
  granting(userCreated).then(granted);
  granting(userCreated, granted).then();
  granting().thenRefused("NotFound", "Could not find user: x.");
});

Deno.test("RevokeRole takes back what was granted, there and only there", () => {
  const revoked = { type: "RoleRevoked", data: grant } as const;
  const revoking = (revokedGrant: Grant, ...events: readonly UserEvent[]) =>
    user(...events).when((state) =>
      revokeRole({ type: "RevokeRole", id, grant: revokedGrant }, state)
    );
  revoking(grant, userCreated, granted).then(revoked);
  revoking(grant, userCreated, granted, revoked).thenRefused(
    "NotFound",
    "Could not find role assignment with role: member, user or group: x, project, domain, or " +
      "system: demo.",
  );
  revoking({ roleId: "member", target: { on: "system", id: "all" } }, userCreated, granted)
    .thenRefused(
      "NotFound",
      "Could not find role assignment with role: member, user or group: x, project, domain, or " +
        "system: system.",
    );
  const { state } = user(userCreated, granted);
  assertEquals(rolesOn(state, grant.target), ["member"]);
  assertEquals(rolesOn(state, { on: "domain", id: "demo" }), []);
  assertEquals([targetsOf(state, "project"), targetsOf(state, "system")], [["demo"], []]);
});

Deno.test("RevokeToken revokes once, and forgets tokens that have ended", () => {
  const early = { auditId: "a", expiresAt: "2026-01-02T00:00:01.500000Z" };
  const late = { auditId: "b", expiresAt: "2026-01-02T01:00:00.000000Z" };
  const third = { auditId: "c", expiresAt: "2026-01-02T02:00:00.000000Z" };
  const revoked = (token: typeof early) => ({ type: "TokenRevoked", data: token }) as const;
  const revoking = (...events: readonly UserEvent[]) =>
    user(...events).when((state) => revokeToken({ type: "RevokeToken", token: early }, state));
  revoking(userCreated).then(revoked(early));
  revoking(userCreated, revoked(early)).then();
  const { state } = user(userCreated, revoked(early), revoked(late), revoked(third));
  assertEquals(state.revokedTokens, [late, third]);
});

// Projects

const project = given(projects);

const demo: ProjectFacts = {
  name: "demo",
  domainId: "default",
  parentId: "default",
  description: "",
  enabled: true,
  tags: [],
};

const projectCreated = { type: "ProjectCreated", data: demo } as const;

const projectDeleted = { type: "ProjectDeleted", data: {} } as const;

const duplicateProject = "Conflict occurred attempting to store project - it is not permitted to " +
  "have two projects with either the same name or same id in the same domain: name is demo, " +
  "project id x.";

Deno.test("CreateProject creates a project; refused when the id or the name is taken", () => {
  const command = { type: "CreateProject", id, project: demo } as const;
  project().when((state) => createProject(command, state)).then(projectCreated);
  for (const before of [[projectCreated], [projectCreated, projectDeleted]]) {
    project(...before).when((state) => createProject(command, state))
      .thenRefused("Conflict", duplicateProject);
  }
  project().when((state) => createProject({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateProject);
});

Deno.test("UpdateProject records what differs; refused for the name of another", () => {
  const changes = { name: "demo", tags: ["a"] };
  const command = { type: "UpdateProject", id, changes } as const;
  project(projectCreated).when((state) => updateProject({ ...command, nameTakenBy: id }, state))
    .then({ type: "ProjectUpdated", data: { tags: ["a"] } });
  project(projectCreated, { type: "ProjectUpdated", data: { tags: ["a"] } })
    .when((state) => updateProject(command, state)).then();
  project(projectCreated).when((state) => updateProject({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateProject);
  project().when((state) => updateProject(command, state))
    .thenRefused("NotFound", "Could not find project: x.");
});

Deno.test("DeleteProject deletes a leaf only", () => {
  const command = { type: "DeleteProject", id, hasChildren: false } as const;
  project(projectCreated).when((state) => deleteProject(command, state)).then(projectDeleted);
  project(projectCreated).when((state) => deleteProject({ ...command, hasChildren: true }, state))
    .thenRefused(
      "Forbidden",
      "Cannot delete the project x since it is not a leaf in the hierarchy. Use the cascade " +
        "option if you want to delete a whole subtree.",
    );
  project().when((state) => deleteProject(command, state))
    .thenRefused("NotFound", "Could not find project: x.");
});

// Domains

const domain = given(domains);

const acme: DomainFacts = { name: "acme", description: "", enabled: true };

const domainCreated = { type: "DomainCreated", data: acme } as const;

const domainDisabled = { type: "DomainUpdated", data: { enabled: false } } as const;

const duplicateDomain = "Conflict occurred attempting to store project - it is not permitted to " +
  "have two projects acting as domains with the same name: acme.";

Deno.test("CreateDomain creates a domain; refused when the id or the name is taken", () => {
  const command = { type: "CreateDomain", id, domain: acme } as const;
  domain().when((state) => createDomain(command, state)).then(domainCreated);
  domain(domainCreated).when((state) => createDomain(command, state)).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store domain - Duplicate entry found with ID x.",
  );
  domain().when((state) => createDomain({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateDomain);
});

Deno.test("UpdateDomain records what differs; refused for the name of another", () => {
  const command = { type: "UpdateDomain", id, changes: { enabled: false } } as const;
  domain(domainCreated).when((state) => updateDomain(command, state)).then(domainDisabled);
  domain(domainCreated, domainDisabled).when((state) => updateDomain(command, state)).then();
  domain(domainCreated).when((state) => updateDomain({ ...command, nameTakenBy: id }, state))
    .then(domainDisabled);
  domain(domainCreated).when((state) => updateDomain({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateDomain);
  domain().when((state) => updateDomain(command, state))
    .thenRefused("NotFound", "Could not find domain: x.");
});

Deno.test("DeleteDomain deletes a disabled domain only", () => {
  const command = { type: "DeleteDomain", id } as const;
  domain(domainCreated, domainDisabled).when((state) => deleteDomain(command, state))
    .then({ type: "DomainDeleted", data: {} });
  domain(domainCreated).when((state) => deleteDomain(command, state)).thenRefused(
    "Forbidden",
    "Cannot delete a domain that is enabled, please disable it first.",
  );
  domain().when((state) => deleteDomain(command, state))
    .thenRefused("NotFound", "Could not find domain: x.");
});

// Roles

const role = given(roles);

const member = { name: "member", description: null, implies: ["reader"] };

const roleCreated = { type: "RoleCreated", data: member } as const;

const duplicateRole = "Conflict occurred attempting to store role - Duplicate entry found with " +
  "name member.";

Deno.test("CreateRole creates a role; refused when the id or the name is taken", () => {
  const command = { type: "CreateRole", id, role: member } as const;
  role().when((state) => createRole(command, state)).then(roleCreated);
  role(roleCreated).when((state) => createRole(command, state))
    .thenRefused("Conflict", duplicateRole);
  role().when((state) => createRole({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateRole);
});

Deno.test("UpdateRole records what differs; DeleteRole deletes", () => {
  const update = { type: "UpdateRole", id, changes: { description: "d" } } as const;
  role(roleCreated).when((state) => updateRole(update, state))
    .then({ type: "RoleUpdated", data: { description: "d" } });
  role(roleCreated).when((state) => updateRole({ ...update, changes: member }, state)).then();
  role(roleCreated).when((state) => updateRole({ ...update, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicateRole);
  role().when((state) => updateRole(update, state))
    .thenRefused("NotFound", "Could not find role: x.");
  const remove = { type: "DeleteRole", id } as const;
  role(roleCreated).when((state) => deleteRole(remove, state))
    .then({ type: "RoleDeleted", data: {} });
  role().when((state) => deleteRole(remove, state))
    .thenRefused("NotFound", "Could not find role: x.");
});

Deno.test("implied roles are reached through each other, in circles too", () => {
  const one = (...implies: string[]): Role => ({
    ...roles.initialState,
    exists: true,
    implies,
  });
  const known = new Map([
    ["admin", one("member", "gone")],
    ["member", one("reader")],
    ["reader", one("admin")],
    ["service", one()],
  ]);
  assertEquals([...withImplied(["admin"], known)], ["admin", "member", "reader"]);
  assertEquals([...withImplied(["service", "reader"], known)], [
    "service",
    "reader",
    "admin",
    "member",
  ]);
  assertEquals([...withImplied(["gone"], known)], []);
});

// Application credentials

const credential = given(applicationCredentials);

const ci: ApplicationCredentialFacts = {
  userId: "alice",
  projectId: "demo",
  name: "ci",
  description: null,
  secretHash: "hash",
  roleIds: ["member"],
  expiresAt: null,
  unrestricted: false,
};

Deno.test("application credentials are created once, and deleted", () => {
  const created = { type: "ApplicationCredentialCreated", data: ci } as const;
  const create = { type: "CreateApplicationCredential", id, credential: ci } as const;
  const duplicate = "Conflict occurred attempting to store application_credential - Duplicate " +
    "entry found with name ci.";
  credential().when((state) => createApplicationCredential(create, state)).then(created);
  credential(created).when((state) => createApplicationCredential(create, state))
    .thenRefused("Conflict", duplicate);
  credential().when((state) => createApplicationCredential({ ...create, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicate);
  const remove = { type: "DeleteApplicationCredential", id } as const;
  credential(created).when((state) => deleteApplicationCredential(remove, state))
    .then({ type: "ApplicationCredentialDeleted", data: {} });
  credential().when((state) => deleteApplicationCredential(remove, state))
    .thenRefused("NotFound", "Could not find Application Credential: x.");
});

// Secrets and tokens

Deno.test("a password fits its own hash only, and no two hashes are alike", async () => {
  const one = await hashPassword("sesame");
  const other = await hashPassword("sesame");
  assert(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/.test(one));
  assert(one !== other);
  assert(await isPassword("sesame", one));
  assert(await isPassword("sesame", other));
  assert(!await isPassword("Sesame", one));
  assert(!await isPassword("", NOBODYS_HASH));
});

Deno.test("a token is read with the key it was signed with, and only as it was signed", () => {
  const claims: TokenClaims = {
    userId: "alice",
    scope: { on: "project", id: "demo" },
    methods: ["password"],
    issuedAt: 1,
    expiresAt: 2,
    auditIds: ["a"],
    generation: 0,
  };
  const signer = new TokenSigner(new Uint8Array(32).fill(1));
  const token = signer.sign(claims);
  assertEquals(signer.read(token), claims);
  assertEquals(new TokenSigner(new Uint8Array(32).fill(2)).read(token), undefined);
  for (let at = 0; at < token.length; at++) {
    const altered = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    assertEquals(signer.read(altered), undefined);
  }
  assertEquals(signer.read(""), undefined);
});
