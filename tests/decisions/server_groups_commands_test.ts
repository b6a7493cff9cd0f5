/** Server groups: created within the quota, and deleted. */
import { assertEquals } from "@std/assert";
import {
  type CreateServerGroup,
  createServerGroup,
  deleteServerGroup,
  exists,
  type ServerGroupCreated,
} from "../../src/compute/server_groups/decider.ts";
import { serverGroups } from "../../src/compute/server_groups/projection.ts";
import { givenOf } from "../kit/given.ts";

const given = givenOf(serverGroups);
const group: ServerGroupCreated["data"] = {
  projectId: "project-1",
  userId: "user-1",
  name: "pair",
  policy: "anti-affinity",
  maxServersPerHost: 2,
};
const created = { type: "ServerGroupCreated", data: group } as const;
const deleted = { type: "ServerGroupDeleted", data: {} } as const;
const room = { owned: 1, limit: 2 };
const full = { owned: 2, limit: 2 };
const create: CreateServerGroup = {
  type: "CreateServerGroup",
  group,
  quota: { ofProject: room, ofUser: room },
};

Deno.test("CreateServerGroup records the group as asked", () => {
  given().when((state) => createServerGroup(create, state)).then([created]);
  assertEquals(given(created).state, { ...group, number: 1, deleted: false });
});

Deno.test("CreateServerGroup is refused over the project's quota, or the user's", () => {
  for (
    const quota of [{ ofProject: full, ofUser: room }, { ofProject: room, ofUser: full }]
  ) {
    given().when((state) => createServerGroup({ ...create, quota }, state))
      .thenRefused("QuotaExceeded", "Quota exceeded, too many server groups.");
  }
  const unlimited = { owned: 99, limit: -1 };
  const quota = { ofProject: unlimited, ofUser: unlimited };
  given().when((state) => createServerGroup({ ...create, quota }, state)).then([created]);
});

Deno.test("CreateServerGroup is refused with rules for another policy", () => {
  const other = { ...group, policy: "affinity" } as const;
  given().when((state) => createServerGroup({ ...create, group: other }, state))
    .thenRefused("Invalid", "Only anti-affinity policy supports rules.");
});

Deno.test("DeleteServerGroup deletes it once", () => {
  const command = { type: "DeleteServerGroup", id: "g" } as const;
  given(created).when((state) => deleteServerGroup(command, state)).then([deleted]);
  assertEquals(exists(given(created, deleted).state), false);
  for (const before of [given(), given(created, deleted)]) {
    before.when((state) => deleteServerGroup(command, state))
      .thenRefused("NotFound", "Instance group g could not be found.");
  }
});
