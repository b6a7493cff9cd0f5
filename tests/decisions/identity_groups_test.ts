/** What may happen to groups, and to users in them. */
import { assertEquals } from "@std/assert";
import {
  createGroup,
  deleteGroup,
  grantRoleToGroup,
  type GroupFacts,
  revokeRoleFromGroup,
  updateGroup,
} from "../../src/facades/identity/groups/decider.ts";
import { groups } from "../../src/facades/identity/groups/projection.ts";
import {
  addToGroup,
  changePassword,
  removeFromGroup,
  type UserCreated,
} from "../../src/facades/identity/users/decider.ts";
import { users } from "../../src/facades/identity/users/projection.ts";
import { givenOf } from "../kit/given.ts";

const id = "x";

const group = givenOf(groups);

const crew: GroupFacts = { name: "crew", domainId: "default", description: "" };

const created = { type: "GroupCreated", data: crew } as const;

const deleted = { type: "GroupDeleted", data: {} } as const;

const grant = { roleId: "member", target: { on: "project", id: "demo" } } as const;

const granted = { type: "GroupRoleGranted", data: grant } as const;

const duplicate = "Conflict occurred attempting to store group - Duplicate entry found with name " +
  "crew at domain ID default.";

const nowhere = "Could not find group: x.";

Deno.test("CreateGroup creates a group; refused when the id or the name is or was taken", () => {
  const command = { type: "CreateGroup", id, group: crew } as const;
  group().when((state) => createGroup(command, state)).then([created]);
  for (const happened of [[created], [created, deleted]]) {
    group(happened).when((state) => createGroup(command, state)).thenRefused("Conflict", duplicate);
  }
  group().when((state) => createGroup({ ...command, nameTakenBy: "y" }, state))
    .thenRefused("Conflict", duplicate);
});

Deno.test("UpdateGroup records what differs; refused for none, and for the name of another", () => {
  const update = (changes: object, nameTakenBy = id) => {
    const command = { type: "UpdateGroup", id, changes, nameTakenBy } as const;
    return group(created).when((state) => updateGroup(command, state));
  };
  update({ name: "crew", description: "d" })
    .then([{ type: "GroupUpdated", data: { description: "d" } }]);
  update({ extra: { desk: 3 } }).then([{ type: "GroupUpdated", data: { extra: { desk: 3 } } }]);
  update({ name: "crew" }).thenNothing();
  update({ name: "crew" }, "y").thenRefused("Conflict", duplicate);
  group().when((state) => updateGroup({ type: "UpdateGroup", id, changes: {} }, state))
    .thenRefused("NotFound", nowhere);
});

Deno.test("DeleteGroup deletes a group and its grants", () => {
  const command = { type: "DeleteGroup", id } as const;
  group(created, granted).when((state) => deleteGroup(command, state)).then([deleted]);
  group(created, deleted).when((state) => deleteGroup(command, state))
    .thenRefused("NotFound", nowhere);
  assertEquals(group(created, granted, deleted).state.grants, []);
});

Deno.test("a role is granted to a group once, and taken back where it was granted", () => {
  const give = { type: "GrantRoleToGroup", id, grant } as const;
  group(created).when((state) => grantRoleToGroup(give, state)).then([granted]);
  group(created, granted).when((state) => grantRoleToGroup(give, state)).thenNothing();
  group().when((state) => grantRoleToGroup(give, state)).thenRefused("NotFound", nowhere);
  const take = { type: "RevokeRoleFromGroup", id, grant } as const;
  const revoked = { type: "GroupRoleRevoked", data: grant } as const;
  group(created, granted).when((state) => revokeRoleFromGroup(take, state)).then([revoked]);
  group(created, granted, revoked).when((state) => revokeRoleFromGroup(take, state))
    .thenRefused(
      "NotFound",
      "Could not find role assignment with role: member, user or group: x, project, domain, or " +
        "system: demo.",
    );
});

// Users in groups

const user = givenOf(users);

const alice: UserCreated = {
  type: "UserCreated",
  data: {
    name: "alice",
    domainId: "default",
    enabled: true,
    description: null,
    email: null,
    defaultProjectId: null,
    passwordHash: null,
  },
};

const added = { type: "UserAddedToGroup", data: { groupId: "crew" } } as const;

Deno.test("AddToGroup puts a user into a group once", () => {
  const command = { type: "AddToGroup", id, groupId: "crew" } as const;
  user(alice).when((state) => addToGroup(command, state)).then([added]);
  user(alice, added).when((state) => addToGroup(command, state)).thenNothing();
  user().when((state) => addToGroup(command, state))
    .thenRefused("NotFound", "Could not find user: x.");
  assertEquals(user(alice, added).state.groupIds, ["crew"]);
});

Deno.test("RemoveFromGroup takes a user out, and ends its tokens where some may come of it", () => {
  for (const endsTokens of [true, false]) {
    const command = { type: "RemoveFromGroup", id, groupId: "crew", endsTokens } as const;
    const removed = {
      type: "UserRemovedFromGroup",
      data: { groupId: "crew", endsTokens },
    } as const;
    user(alice, added).when((state) => removeFromGroup(command, state)).then([removed]);
    user(alice).when((state) => removeFromGroup(command, state))
      .thenRefused("NotFound", "User 'x' not found in group 'crew'");
    user().when((state) => removeFromGroup(command, state))
      .thenRefused("NotFound", "Could not find user: x.");
    const { groupIds, tokenGeneration } = user(alice, added, removed).state;
    assertEquals([groupIds, tokenGeneration], [[], endsTokens ? 1 : 0]);
  }
});

Deno.test("ChangePassword is refused while the password is locked", () => {
  const command = { type: "ChangePassword", id, verifiedHash: "", passwordHash: "new" } as const;
  const locked = { type: "UserUpdated", data: { options: { lock_password: true } } } as const;
  user(alice, locked).when((state) => changePassword(command, state)).thenRefused(
    "Invalid",
    "You cannot change your password at this time due to password policy disallowing password " +
      "changes. Please contact your administrator to reset your password.",
  );
});
