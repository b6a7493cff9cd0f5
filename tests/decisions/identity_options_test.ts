/** What options and unknown attributes lead to, tags of projects, and implications of roles. */
import { assertEquals } from "@std/assert";
import { deleteDomain, updateDomain } from "../../src/facades/identity/domains/decider.ts";
import { domains } from "../../src/facades/identity/domains/projection.ts";
import {
  applied,
  refuseImmutableDelete,
  refuseImmutableUpdate,
  type WithOptions,
} from "../../src/facades/identity/options.ts";
import {
  deleteProject,
  type ProjectChanges,
  setProjectTags,
  updateProject,
} from "../../src/facades/identity/projects/decider.ts";
import { projects } from "../../src/facades/identity/projects/projection.ts";
import {
  createRole,
  deleteRole,
  implyRole,
  stopImplyingRole,
  updateRole,
} from "../../src/facades/identity/roles/decider.ts";
import { roles } from "../../src/facades/identity/roles/projection.ts";
import { givenOf } from "../kit/given.ts";

const id = "x";

const FIXED = { immutable: true };

const refusedUpdate = (kind: string) =>
  `Unable to update immutable ${kind} resource: \`x. Set resource option "immutable" to false first.`;

const refusedDelete = (kind: string) =>
  `Unable to delete immutable ${kind} resource: \`x. Set resource option "immutable" to false first.`;

Deno.test("options that are sent are set, null resets one, and the others stay", () => {
  assertEquals(
    applied<WithOptions>({ options: { a: null, b: 2 } }, { options: { a: 1, c: 3 } }),
    { options: { b: 2, c: 3 } },
  );
  assertEquals(
    applied<WithOptions>({ extra: { a: null, b: 2 } }, { extra: { a: 1, c: 3 } }),
    { extra: { a: null, b: 2, c: 3 } },
  );
  assertEquals(applied({ name: "x" } as object, { options: { a: 1 } }), { name: "x" });
});

Deno.test("what is immutable can be made mutable, and nothing else", () => {
  const refused = (changes: object, options: object = FIXED) =>
    refuseImmutableUpdate("role", id, { options: { ...options } }, changes) !== undefined;
  assertEquals(refused({ options: { immutable: false } }), false);
  assertEquals(refused({ options: { immutable: null } }), false);
  assertEquals(refused({ options: { immutable: true } }), true);
  assertEquals(refused({ options: {} }), true);
  assertEquals(refused({ options: { immutable: false }, name: "y" }), true);
  assertEquals(refused({}), true);
  assertEquals(refused({ name: "y" }, {}), false);
  assertEquals(refused({ name: "y" }, { immutable: false }), false);
  assertEquals(refuseImmutableDelete("role", id, {}), undefined);
});

const domain = givenOf(domains)({
  type: "DomainCreated",
  data: { name: "acme", description: "", enabled: false, options: FIXED },
});

Deno.test("an immutable domain is neither updated nor deleted", () => {
  const changes = { description: "d" };
  domain.when((state) => updateDomain({ type: "UpdateDomain", id, changes }, state))
    .thenRefused("Forbidden", refusedUpdate("domain"));
  domain.when((state) => deleteDomain({ type: "DeleteDomain", id }, state))
    .thenRefused("Forbidden", refusedDelete("domain"));
});

const project = (more: object = {}) =>
  givenOf(projects)({
    type: "ProjectCreated",
    data: {
      name: "p",
      domainId: "default",
      parentId: "default",
      description: "",
      enabled: true,
      tags: ["a"],
      ...more,
    },
  });

Deno.test("an immutable project is neither updated, tagged nor deleted", () => {
  const fixed = project({ options: FIXED });
  const changes = { description: "d" };
  fixed.when((state) => updateProject({ type: "UpdateProject", id, changes }, state))
    .thenRefused("Forbidden", refusedUpdate("project"));
  fixed.when((state) => deleteProject({ type: "DeleteProject", id, hasChildren: false }, state))
    .thenRefused("Forbidden", refusedDelete("project"));
  fixed.when((state) =>
    setProjectTags({ type: "SetProjectTags", id, tags: [], verb: "delete" }, state)
  ).thenRefused(
    "Forbidden",
    'Cannot delete project tags for x, project is immutable. Set "immutable" option to false ' +
      "before creating project tags.",
  );
  fixed.when((state) =>
    updateProject(
      { type: "UpdateProject", id, changes: { options: { immutable: null } } },
      state,
    )
  ).then([{ type: "ProjectUpdated", data: { options: {} } }]);
});

Deno.test("SetProjectTags records other tags", () => {
  const set = (tags: readonly string[]) =>
    project().when((state) =>
      setProjectTags({ type: "SetProjectTags", id, tags, verb: "update" }, state)
    );
  set(["a", "b"]).then([{ type: "ProjectUpdated", data: { tags: ["a", "b"] } }]);
  set(["a"]).thenNothing();
  givenOf(projects)().when((state) =>
    setProjectTags({ type: "SetProjectTags", id, tags: [], verb: "update" }, state)
  ).thenRefused("NotFound", "Could not find project: x.");
});

Deno.test("a project is switched off after those below it, and on after those above", () => {
  const update = (from: boolean, changes: ProjectChanges, around: object) =>
    project({ enabled: from }).when((state) =>
      updateProject({ type: "UpdateProject", id, changes, ...around }, state)
    );
  update(true, { enabled: false }, { hasEnabledChildren: true }).thenRefused(
    "Forbidden",
    "Cannot disable project x since its subtree contains enabled projects.",
  );
  update(true, { enabled: false }, {}).then([
    { type: "ProjectUpdated", data: { enabled: false } },
  ]);
  update(false, { enabled: true }, { hasDisabledParents: true })
    .thenRefused("Forbidden", "Cannot enable project x since it has disabled parents");
  update(true, { enabled: true }, { hasDisabledParents: true }).thenNothing();
});

const role = givenOf(roles);

const roleOf = (more: object = {}) =>
  ({
    type: "RoleCreated",
    data: { name: "r", description: null, implies: [], ...more },
  }) as const;

Deno.test("an immutable role is neither updated nor deleted", () => {
  const fixed = role(roleOf({ options: FIXED }));
  const changes = { description: "d" };
  fixed.when((state) => updateRole({ type: "UpdateRole", id, changes }, state))
    .thenRefused("Forbidden", refusedUpdate("role"));
  fixed.when((state) => deleteRole({ type: "DeleteRole", id }, state))
    .thenRefused("Forbidden", refusedDelete("role"));
});

Deno.test("a role is of the whole cloud unless it is of a domain", () => {
  assertEquals(role(roleOf()).state.domainId, null);
  assertEquals(role(roleOf({ domainId: "acme" })).state.domainId, "acme");
  const facts = { name: "r", domainId: "acme", description: null, implies: [] };
  role().when((state) =>
    createRole({ type: "CreateRole", id, role: facts, nameTakenBy: "y" }, state)
  ).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store role - Duplicate entry found with name r at domain ID " +
      "acme.",
  );
});

Deno.test("ImplyRole makes a role imply another, but none admin, nor one of a domain behind one of all", () => {
  const imply = (implied: { name?: string; isOfDomain?: boolean }, more: object = {}) =>
    role(roleOf(more)).when((state) =>
      implyRole({
        type: "ImplyRole",
        id,
        implied: { id: "other", name: "other", isOfDomain: false, ...implied },
      }, state)
    );
  const added = { type: "RoleImplicationAdded", data: { impliedId: "other" } } as const;
  const prohibited = "other cannot be an implied roles.";
  imply({}).then([added]);
  imply({ isOfDomain: true }, { domainId: "acme" }).then([added]);
  imply({ isOfDomain: true }).thenRefused("Forbidden", prohibited);
  imply({ name: "admin" }).thenRefused("Forbidden", prohibited);
  imply({}, { implies: ["other"] }).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store implied_role - Duplicate entry.",
  );
  assertEquals(role(roleOf(), added).state.implies, ["other"]);
});

Deno.test("StopImplyingRole takes away what is implied, and no more", () => {
  const stop = { type: "StopImplyingRole", id, impliedId: "other" } as const;
  const removed = { type: "RoleImplicationRemoved", data: { impliedId: "other" } } as const;
  const before = roleOf({ implies: ["other", "third"] });
  role(before).when((state) => stopImplyingRole(stop, state)).then([removed]);
  role(roleOf()).when((state) => stopImplyingRole(stop, state))
    .thenRefused("NotFound", "x does not imply other.");
  role().when((state) => stopImplyingRole(stop, state))
    .thenRefused("NotFound", "Could not find role: x.");
  assertEquals(role(before, removed).state.implies, ["third"]);
});
