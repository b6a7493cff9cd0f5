/** Conversations about groups, and what their members may do. */
import { assert, assertEquals } from "@std/assert";
import { Cloud, SYSTEM, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

/** Names of the members of a list. */
function namesIn(members: readonly { readonly name: string }[]): readonly string[] {
  return members.map(({ name }) => name);
}

/** Makes a group as an admin. */
async function makeGroup(cloud: Cloud, name: string, more: object = {}) {
  const answer = await cloud.send("POST", "/v3/groups", {
    token: await cloud.token("admin"),
    body: { group: { name, ...more } },
  });
  assertEquals(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.group as { readonly id: string };
}

withCloud("groups: create, show, list, update, delete", async (cloud) => {
  const token = await cloud.token("admin");
  const { id } = await makeGroup(cloud, " Crew ", { desk: 3, "on-call": null });
  const view = {
    desk: 3,
    on_call: null,
    id,
    name: "Crew",
    domain_id: "default",
    description: "",
    links: { self: `${BASE}/groups/${id}` },
  };
  assertEquals((await cloud.send("GET", `/v3/groups/${id}`, { token })).body, { group: view });
  const listed = await cloud.send("GET", "/v3/groups?name=crew&domain_id=default", { token });
  assertEquals(listed.body.groups, [view]);
  const none = await cloud.send("GET", "/v3/groups?domain_id=other", { token });
  assertEquals(none.body.groups, []);

  const updated = await cloud.send("PATCH", `/v3/groups/${id}`, {
    token,
    body: { group: { name: "Staff", description: "d", desk: 4 } },
  });
  assertEquals([updated.status, updated.body.group], [200, {
    ...view,
    desk: 4,
    name: "Staff",
    description: "d",
  }]);
  assertEquals((await cloud.send("DELETE", `/v3/groups/${id}`, { token })).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const gone = await cloud.send(method, `/v3/groups/${id}`, { token });
    assertEquals([gone.status, gone.body.error.message], [404, `Could not find group: ${id}.`]);
  }
});

withCloud("groups that cannot be are refused in Keystone's words", async (cloud) => {
  const token = await cloud.token("admin");
  const { id } = await makeGroup(cloud, "crew");
  for (
    const [method, path, group, status, message] of [
      [
        "POST",
        "/v3/groups",
        { name: "CREW" },
        409,
        "Conflict occurred attempting to store group - Duplicate entry found with name CREW at " +
        "domain ID default.",
      ],
      ["POST", "/v3/groups", { name: "x", domain_id: "no" }, 404, "Could not find domain: no."],
      [
        "POST",
        "/v3/groups",
        {},
        400,
        "Invalid input for field 'group': 'name' is a required property",
      ],
      ["PATCH", `/v3/groups/${id}`, { domain_id: "x" }, 400, "Cannot change Domain ID"],
      ["PATCH", `/v3/groups/${id}`, { id: "x" }, 400, "Cannot change ID"],
    ] as const
  ) {
    const answer = await cloud.send(method, path, { token, body: { group } });
    assertEquals([answer.status, answer.body.error.message], [status, message]);
  }
});

withCloud("users come into a group and leave it", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoUser, readerUser } = cloud.ids;
  const { id } = await makeGroup(cloud, "crew");
  const status = async (method: string, user: string, group = id) => {
    const answer = await cloud.send(method, `/v3/groups/${group}/users/${user}`, { token });
    return [answer.status, answer.body?.error?.message];
  };
  const stranger = [404, `User '${demoUser}' not found in group '${id}'`];
  assertEquals(await status("GET", demoUser), stranger);
  assertEquals(await status("PUT", demoUser), [204, undefined]);
  assertEquals(await status("PUT", demoUser), [204, undefined]);
  assertEquals(await status("PUT", readerUser), [204, undefined]);
  assertEquals((await status("HEAD", demoUser))[0], 204);

  const members = async (query = "") =>
    namesIn((await cloud.send("GET", `/v3/groups/${id}/users${query}`, { token })).body.users);
  assertEquals(await members(), ["demo", "reader"]);
  assertEquals(await members("?name__startswith=re"), ["reader"]);
  const groups = await cloud.send("GET", `/v3/users/${demoUser}/groups`, { token });
  assertEquals(namesIn(groups.body.groups), ["crew"]);
  assertEquals(groups.body.groups[0].membership_expires_at, null);

  assertEquals(await status("DELETE", demoUser), [204, undefined]);
  assertEquals(await status("DELETE", demoUser), stranger);
  assertEquals(await members(), ["reader"]);
  await cloud.send("DELETE", `/v3/users/${readerUser}`, { token });
  assertEquals(await members(), []);
  assertEquals(await status("PUT", "none"), [404, "Could not find user: none."]);
  assertEquals(await status("PUT", demoUser, "none"), [404, "Could not find group: none."]);
});

withCloud("what is granted to a group its members have at once", async (cloud) => {
  const token = await cloud.token("admin");
  const { adminProject, readerUser, memberRole } = cloud.ids;
  const scope = { project: { id: adminProject } };
  const { id } = await makeGroup(cloud, "crew");
  const grant = `/v3/projects/${adminProject}/groups/${id}/roles`;
  const status = async (method: string, path: string) =>
    (await cloud.send(method, path, { token })).status;
  assertEquals(await status("HEAD", `${grant}/${memberRole}`), 404);
  assertEquals(await status("PUT", `${grant}/${memberRole}`), 204);
  assertEquals(await status("HEAD", `${grant}/${memberRole}`), 204);
  assertEquals(namesIn((await cloud.send("GET", grant, { token })).body.roles), ["member"]);
  assertEquals((await cloud.logIn("reader", scope)).status, 401);

  await cloud.send("PUT", `/v3/groups/${id}/users/${readerUser}`, { token });
  const ofMember = await cloud.token("reader", scope);
  const caller = await cloud.identity.check(ofMember);
  assertEquals(caller?.roles, new Set(["member", "reader"]));
  const own = await cloud.send("GET", "/v3/auth/projects", { token: ofMember });
  assertEquals(namesIn(own.body.projects), ["admin", "demo"]);
  const projects = await cloud.send("GET", `/v3/users/${readerUser}/projects`, { token: ofMember });
  assertEquals(namesIn(projects.body.projects), ["admin", "demo"]);

  assertEquals(await status("DELETE", `${grant}/${memberRole}`), 204);
  assertEquals(await cloud.identity.check(ofMember), undefined);
  const gone = await cloud.send("DELETE", `${grant}/${memberRole}`, { token });
  assertEquals(
    gone.body.error.message,
    `Could not find role assignment with role: ${memberRole}, user or group: ${id}, project, ` +
      `domain, or system: ${adminProject}.`,
  );
});

withCloud("whoever leaves a group, or loses it, logs in anew", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoProject, demoUser, readerUser, memberRole } = cloud.ids;
  const { id } = await makeGroup(cloud, "crew");
  const { id: idle } = await makeGroup(cloud, "idle");
  await cloud.send("PUT", `/v3/projects/${demoProject}/groups/${id}/roles/${memberRole}`, {
    token,
  });
  for (const user of [demoUser, readerUser]) {
    for (const group of [id, idle]) {
      await cloud.send("PUT", `/v3/groups/${group}/users/${user}`, { token });
    }
  }
  const [demo, reader] = [await cloud.token("demo"), await cloud.token("reader")];
  await cloud.send("DELETE", `/v3/groups/${idle}`, { token });
  assert(await cloud.identity.check(demo), "the group gave nobody anything");
  await cloud.send("DELETE", `/v3/groups/${id}/users/${demoUser}`, { token });
  assertEquals(await cloud.identity.check(demo), undefined);
  assert(await cloud.identity.check(reader));
  await cloud.send("DELETE", `/v3/groups/${id}`, { token });
  assertEquals(await cloud.identity.check(reader), undefined);
  assertEquals((await cloud.logIn("reader")).body.token.roles, [
    { id: cloud.ids.readerRole, name: "reader" },
  ]);
});

withCloud("groups on domains and on the system", async (cloud) => {
  const token = await cloud.token("admin", SYSTEM);
  const { readerUser, readerRole } = cloud.ids;
  const { id } = await makeGroup(cloud, "crew");
  await cloud.send("PUT", `/v3/groups/${id}/users/${readerUser}`, { token });
  for (const place of ["/v3/system", "/v3/domains/default"]) {
    const path = `${place}/groups/${id}/roles`;
    assertEquals((await cloud.send("PUT", `${path}/${readerRole}`, { token })).status, 204);
    assertEquals(namesIn((await cloud.send("GET", path, { token })).body.roles), ["reader"]);
  }
  const ofSystem = await cloud.token("reader", SYSTEM);
  assertEquals((await cloud.send("GET", "/v3/groups", { token: ofSystem })).status, 200);
  const ofDomain = await cloud.token("reader", { domain: { id: "default" } });
  assertEquals((await cloud.send("GET", `/v3/groups/${id}`, { token: ofDomain })).status, 200);
  const scopes = await cloud.send("GET", "/v3/auth/system", { token: ofDomain });
  assertEquals(scopes.body.system, [{ all: true }]);
  const domains = await cloud.send("GET", "/v3/auth/domains", { token: ofDomain });
  assertEquals(namesIn(domains.body.domains), ["Default"]);
});

withCloud("role assignments of groups, and through them", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoProject, readerUser, memberRole, readerRole } = cloud.ids;
  const { id } = await makeGroup(cloud, "crew");
  await cloud.send("PUT", `/v3/groups/${id}/users/${readerUser}`, { token });
  await cloud.send("PUT", `/v3/projects/${demoProject}/groups/${id}/roles/${memberRole}`, {
    token,
  });
  const list = async (query: string) =>
    (await cloud.send("GET", `/v3/role_assignments?${query}`, { token })).body;
  const assignment = `${BASE}/projects/${demoProject}/groups/${id}/roles/${memberRole}`;
  const ofGroup = {
    role: { id: memberRole },
    group: { id },
    scope: { project: { id: demoProject } },
    links: { assignment },
  };
  assertEquals((await list(`group.id=${id}`)).role_assignments, [ofGroup]);
  assertEquals(
    (await list(`role.id=${memberRole}&scope.project.id=${demoProject}`))
      .role_assignments.length,
    2,
  );
  const domain = { id: "default", name: "Default" };
  const [named] = (await list(`group.id=${id}&include_names`)).role_assignments;
  assertEquals(named.group, { id, name: "crew", domain });

  const effective = (await list(`user.id=${readerUser}&effective`)).role_assignments;
  const membership = `${BASE}/groups/${id}/users/${readerUser}`;
  const user = { id: readerUser };
  const scope = { project: { id: demoProject } };
  assertEquals(effective.slice(1), [
    { role: { id: memberRole }, user, scope, links: { assignment, membership } },
    {
      role: { id: readerRole },
      user,
      scope,
      links: {
        assignment,
        membership,
        prior_role: `${BASE}/prior_role/${readerRole}/implies/${memberRole}`,
      },
    },
  ]);
  assertEquals(
    (await list(`group.id=${id}&effective`)).error.message,
    "Combining effective and group filter will always result in an empty list.",
  );
});

withCloud("a domain's manager keeps its groups, and no others", async (cloud) => {
  const admin = await cloud.token("admin");
  const { demoUser, readerUser, managerRole, adminRole, memberRole } = cloud.ids;
  const manager = `/v3/domains/default/users/${demoUser}/roles/${managerRole}`;
  await cloud.send("PUT", manager, { token: admin });
  const domain = (await cloud.send("POST", "/v3/domains", {
    token: admin,
    body: { domain: { name: "acme" } },
  })).body.domain.id;
  const { id: foreign } = await makeGroup(cloud, "theirs", { domain_id: domain });
  const token = await cloud.token("demo", { domain: { id: "default" } });
  const send = async (method: string, path: string, body?: object) =>
    await cloud.send(method, path, { token, body });
  const made = await send("POST", "/v3/groups", { group: { name: "ours" } });
  assertEquals(made.status, 201);
  const own = `/v3/groups/${made.body.group.id}`;
  const statuses = async (...all: readonly (readonly [string, string, object?])[]) => {
    const given: number[] = [];
    for (const one of all) given.push((await send(...one)).status);
    return given;
  };
  assertEquals(namesIn((await send("GET", "/v3/groups")).body.groups), ["ours"]);
  assertEquals(
    await statuses(
      ["PATCH", own, { group: { description: "d" } }],
      ["PUT", `${own}/users/${readerUser}`],
      ["HEAD", `${own}/users/${readerUser}`],
      ["GET", `${own}/users`],
      ["PUT", own.replace("/v3", "/v3/domains/default") + `/roles/${memberRole}`],
    ),
    [200, 204, 204, 200, 204],
  );
  assertEquals(
    await statuses(
      ["POST", "/v3/groups", { group: { name: "x", domain_id: domain } }],
      ["GET", `/v3/groups/${foreign}`],
      ["PATCH", `/v3/groups/${foreign}`, { group: { description: "d" } }],
      ["PUT", `/v3/groups/${foreign}/users/${readerUser}`],
      ["DELETE", `/v3/groups/${foreign}`],
      ["GET", "/v3/groups/none"],
      ["PUT", own.replace("/v3", "/v3/domains/default") + `/roles/${adminRole}`],
    ),
    [403, 403, 403, 403, 403, 403, 403],
  );
});

withCloud("a domain takes its groups along", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoUser } = cloud.ids;
  const { body: { domain } } = await cloud.send("POST", "/v3/domains", {
    token,
    body: { domain: { name: "acme", enabled: false } },
  });
  const { id } = await makeGroup(cloud, "crew", { domain_id: domain.id });
  await cloud.send("PUT", `/v3/groups/${id}/users/${demoUser}`, { token });
  assertEquals((await cloud.send("DELETE", `/v3/domains/${domain.id}`, { token })).status, 204);
  assertEquals((await cloud.send("GET", `/v3/groups/${id}`, { token })).status, 404);
  const left = await cloud.send("GET", `/v3/users/${demoUser}/groups`, { token });
  assertEquals(left.body.groups, []);
});
