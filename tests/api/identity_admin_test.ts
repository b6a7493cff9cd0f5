/** Conversations about users, projects, domains, roles, grants and application credentials. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createTables, replay } from "../../src/eventsourcing/projector.ts";
import { identityAggregates } from "../../src/facades/identity/mod.ts";
import { Cloud, DEMO, passwordOf, PASSWORDS, SYSTEM, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

/** Names of the members of a list. */
function namesIn(members: readonly { readonly name: string }[]): readonly string[] {
  return members.map(({ name }) => name);
}

/** Creates something as an admin; gives what came of it. */
async function create(cloud: Cloud, path: string, body: object) {
  const token = await cloud.token("admin");
  const answer = await cloud.send("POST", path, { token, body });
  assertEquals(answer.status, 201, JSON.stringify(answer.body));
  return Object.values(answer.body)[0] as { readonly id: string };
}

withCloud("users: create, show, list, update, delete", async (cloud) => {
  const token = await cloud.token("admin");
  const user = { name: "alice", password: "wonderland", email: "alice@example.org" };
  const created = await cloud.send("POST", "/v3/users", { token, body: { user } });
  const { id } = created.body.user;
  const view = {
    id,
    name: "alice",
    domain_id: "default",
    enabled: true,
    email: "alice@example.org",
    password_expires_at: null,
    options: {},
    links: { self: `${BASE}/users/${id}` },
  };
  assertEquals([created.status, created.body], [201, { user: view }]);
  assertEquals((await cloud.send("GET", `/v3/users/${id}`, { token })).body, { user: view });
  const named = await cloud.send("GET", "/v3/users?name=ALICE&domain_id=default", { token });
  assertEquals(named.body, {
    users: [view],
    links: {
      next: null,
      self: `${BASE}/users?name=ALICE&domain_id=default`,
      previous: null,
    },
  });
  const everybody = await cloud.send("GET", "/v3/users", { token });
  assertEquals(namesIn(everybody.body.users), ["admin", "alice", "demo", "reader"]);

  const updated = await cloud.send("PATCH", `/v3/users/${id}`, {
    token,
    body: { user: { name: "bob", enabled: false, default_project_id: cloud.ids.demoProject } },
  });
  assertEquals(updated.status, 200);
  assertEquals(updated.body.user.default_project_id, cloud.ids.demoProject);
  const disabled = await cloud.send("GET", "/v3/users?enabled=false", { token });
  assertEquals(namesIn(disabled.body.users), ["bob"]);

  assertEquals((await cloud.send("DELETE", `/v3/users/${id}`, { token })).status, 204);
  const gone = await cloud.send("GET", `/v3/users/${id}`, { token });
  assertEquals([gone.status, gone.body.error.message], [404, `Could not find user: ${id}.`]);
});

withCloud("a name is taken once in a domain, in capitals or not", async (cloud) => {
  const token = await cloud.token("admin");
  for (
    const [path, key, message] of [
      ["/v3/users", "user", "Duplicate entry found with name DEMO at domain ID default."],
      ["/v3/projects", "project", "with either the same name or same id in the same domain"],
      ["/v3/domains", "domain", "two projects acting as domains with the same name: DEFAULT."],
      ["/v3/roles", "role", "Duplicate entry found with name MEMBER."],
    ] as const
  ) {
    const name = { user: "DEMO", project: "DEMO", domain: "DEFAULT", role: "MEMBER" }[key];
    const { status, body } = await cloud.send("POST", path, { token, body: { [key]: { name } } });
    assertEquals([status, body.error.title], [409, "Conflict"]);
    assertStringIncludes(body.error.message, message);
  }
});

withCloud("a user who can log in needs no admin to read itself, and no more", async (cloud) => {
  const token = await cloud.token("demo");
  const { demoUser, adminUser, demoProject, adminProject } = cloud.ids;
  const status = async (method: string, path: string, body?: object) =>
    (await cloud.send(method, path, { token, body })).status;
  assertEquals(await status("GET", `/v3/users/${demoUser}`), 200);
  assertEquals(await status("GET", `/v3/users/${demoUser}/projects`), 200);
  assertEquals(await status("GET", `/v3/users/${demoUser}/groups`), 200);
  assertEquals(await status("GET", `/v3/projects/${demoProject}`), 200);
  assertEquals(await status("GET", "/v3/domains/default"), 200);
  assertEquals(await status("GET", "/v3/regions"), 200);
  for (
    const [method, path, body] of [
      ["GET", `/v3/users/${adminUser}`],
      ["GET", "/v3/users/unknown"],
      ["GET", "/v3/users"],
      ["POST", "/v3/users", { user: { name: "x" } }],
      ["PATCH", `/v3/users/${demoUser}`, { user: { name: "x" } }],
      ["DELETE", `/v3/users/${demoUser}`],
      ["GET", `/v3/users/${adminUser}/projects`],
      ["GET", "/v3/projects"],
      ["GET", `/v3/projects/${adminProject}`],
      ["POST", "/v3/projects", { project: { name: "x" } }],
      ["PATCH", `/v3/projects/${demoProject}`, { project: { name: "x" } }],
      ["DELETE", `/v3/projects/${demoProject}`],
      ["GET", "/v3/domains"],
      ["POST", "/v3/domains", { domain: { name: "x" } }],
      ["PATCH", "/v3/domains/default", { domain: { name: "x" } }],
      ["DELETE", "/v3/domains/default"],
      ["GET", "/v3/roles"],
      ["POST", "/v3/roles", { role: { name: "x" } }],
      ["GET", `/v3/roles/${cloud.ids.memberRole}`],
      ["PATCH", `/v3/roles/${cloud.ids.memberRole}`, { role: { name: "x" } }],
      ["DELETE", `/v3/roles/${cloud.ids.memberRole}`],
      ["GET", "/v3/role_assignments"],
      ["GET", "/v3/services"],
      ["GET", "/v3/endpoints"],
      ["GET", "/v3/groups"],
      ["PUT", `/v3/projects/${demoProject}/users/${demoUser}/roles/${cloud.ids.adminRole}`],
      ["DELETE", `/v3/projects/${demoProject}/users/${adminUser}/roles/${cloud.ids.adminRole}`],
      ["GET", `/v3/projects/${demoProject}/users/${demoUser}/roles`],
      ["PUT", `/v3/system/users/${demoUser}/roles/${cloud.ids.adminRole}`],
      ["GET", `/v3/users/${adminUser}/application_credentials`],
    ] as const
  ) {
    assertEquals(await status(method, path, body), 403, `${method} ${path}`);
    assertEquals((await cloud.send(method, path, { body })).status, 401, `${method} ${path}`);
  }
});

withCloud("bodies out of shape are 400, and never repeat a password", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoProject, demoUser } = cloud.ids;
  for (
    const [method, path, body, message] of [
      ["POST", "/v3/users", {}, "'user' is a required property"],
      ["POST", "/v3/users", { user: {} }, "field 'user': 'name' is a required property"],
      ["POST", "/v3/users", { user: { name: "" } }, "field 'user/name': '' should be non-empty"],
      ["POST", "/v3/users", { user: { name: " " } }, "' ' does not match '[\\\\S]+'"],
      ["POST", "/v3/users", { user: { name: "x", enabled: "yes" } }, "not of type 'boolean'"],
      ["POST", "/v3/users", { user: { name: "x", password: ["sesame"] } }, "[...] is not of type"],
      ["POST", "/v3/users", { user: { name: "x" }, a: 1 }, "('a' was unexpected)"],
      ["PATCH", `/v3/users/${demoUser}`, { user: {} }, "{...} does not have enough properties"],
      ["PATCH", `/v3/users/${demoUser}`, { user: { id: "x" } }, "Cannot change ID"],
      ["PATCH", `/v3/users/${demoUser}`, { user: { domain_id: "x" } }, "Cannot change Domain ID"],
      ["POST", `/v3/users/${demoUser}/password`, { user: { password: "sesame" } }, "required"],
      ["POST", "/v3/projects", { project: { name: "x".repeat(65) } }, "is too long"],
      ["POST", "/v3/projects", { project: { name: "x", domain_id: "no" } }, "find domain: no."],
      ["POST", "/v3/projects", { project: { name: "x", parent_id: "no" } }, "find project: no."],
      [
        "POST",
        "/v3/projects",
        { project: { name: "x", is_domain: true, domain_id: "default" } },
        "only root projects are allowed to act as domains.",
      ],
      ["POST", "/v3/projects", { project: { name: "x", tags: ["a,b"] } }, "does not match"],
      ["PATCH", `/v3/projects/${demoProject}`, { project: { domain_id: "x" } }, "Domain ID"],
      ["POST", "/v3/domains", { domain: { name: "x", explicit_domain_id: "X" } }, "UUID format"],
    ] as const
  ) {
    const answer = await cloud.send(method, path, { token, body });
    assertEquals(answer.status, 400, `${method} ${path} ${JSON.stringify(body)}`);
    assertStringIncludes(answer.body.error.message, message);
    assert(!answer.body.error.message.includes("sesame"));
  }
});

withCloud("whoever knows the old password changes it; older tokens end", async (cloud) => {
  const token = await cloud.token("demo");
  const change = (original_password: string, id = cloud.ids.demoUser) =>
    cloud.send("POST", `/v3/users/${id}/password`, {
      body: { user: { original_password, password: "a new one" } },
    });
  assertEquals((await change("wrong")).status, 401);
  assertEquals((await change(PASSWORDS.demo, "nobody")).status, 401);
  assertEquals(await cloud.identity.check(token) !== undefined, true);
  assertEquals((await change(PASSWORDS.demo)).status, 204);
  assertEquals(await cloud.identity.check(token), undefined);
  assertEquals((await cloud.logIn("demo")).status, 401);
  assertEquals((await cloud.logIn("demo", DEMO, "a new one")).status, 201);
});

withCloud("an admin sets a password, or takes it away", async (cloud) => {
  const token = await cloud.token("admin");
  const set = async (password: string | null) =>
    (await cloud.send("PATCH", `/v3/users/${cloud.ids.demoUser}`, {
      token,
      body: { user: { password } },
    })).status;
  assertEquals(await set("opened by admin"), 200);
  assertEquals((await cloud.logIn("demo", DEMO, "opened by admin")).status, 201);
  assertEquals(await set(null), 200);
  assertEquals((await cloud.logIn("demo", DEMO, "opened by admin")).status, 401);
  assertEquals((await cloud.logIn("demo", DEMO, "")).status, 401);
});

withCloud("disabling ends tokens: of a user for good, of a project for the time", async (cloud) => {
  const admin = await cloud.token("admin", SYSTEM);
  const token = await cloud.token("demo");
  const enable = (path: string, key: string, enabled: boolean) =>
    cloud.send("PATCH", path, { token: admin, body: { [key]: { enabled } } });
  const project = `/v3/projects/${cloud.ids.demoProject}`;
  await enable(project, "project", false);
  assertEquals(await cloud.identity.check(token), undefined);
  assertEquals((await cloud.logIn("demo")).status, 401);
  await enable(project, "project", true);
  assert(await cloud.identity.check(token));
  const user = `/v3/users/${cloud.ids.demoUser}`;
  await enable(user, "user", false);
  assertEquals((await cloud.logIn("demo")).status, 401);
  await enable(user, "user", true);
  assertEquals(await cloud.identity.check(token), undefined);
  assertEquals((await cloud.logIn("demo")).status, 201);
});

withCloud("a default project is the scope of whoever asks for none", async (cloud) => {
  const token = await cloud.token("admin");
  const prefer = (default_project_id: string) =>
    cloud.send("PATCH", `/v3/users/${cloud.ids.demoUser}`, {
      token,
      body: { user: { default_project_id } },
    });
  const logIn = () =>
    cloud.send("POST", "/v3/auth/tokens", {
      body: { auth: passwordOf({ id: cloud.ids.demoUser, password: PASSWORDS.demo }) },
    });
  await prefer(cloud.ids.demoProject);
  assertEquals((await logIn()).body.token.project.name, "demo");
  await prefer(cloud.ids.adminProject);
  const { status, body } = await logIn();
  assertEquals([status, body.token.project], [201, undefined]);
});

withCloud("projects: create below a parent, list, update, delete leaves only", async (cloud) => {
  const token = await cloud.token("admin");
  const { id } = await create(cloud, "/v3/projects", {
    project: { name: "top", description: "d", tags: ["a"], options: {} },
  });
  const below = await create(cloud, "/v3/projects", { project: { name: "below", parent_id: id } });
  const children = await cloud.send("GET", `/v3/projects?parent_id=${id}`, { token });
  assertEquals(namesIn(children.body.projects), ["below"]);
  const updated = await cloud.send("PATCH", `/v3/projects/${id}`, {
    token,
    body: { project: { name: "first", description: null } },
  });
  assertEquals([updated.body.project.name, updated.body.project.description], ["first", ""]);
  assertEquals(updated.body.project.tags, ["a"]);
  const all = await cloud.send("GET", "/v3/projects?enabled=True", { token });
  assertEquals(namesIn(all.body.projects), ["admin", "below", "demo", "first"]);
  const acting = await cloud.send("GET", "/v3/projects?is_domain=true", { token });
  assertEquals(namesIn(acting.body.projects), ["Default"]);
  const refused = await cloud.send("DELETE", `/v3/projects/${id}`, { token });
  assertEquals(refused.status, 403);
  assertStringIncludes(refused.body.error.message, "since it is not a leaf in the hierarchy");
  assertEquals((await cloud.send("DELETE", `/v3/projects/${below.id}`, { token })).status, 204);
  assertEquals((await cloud.send("DELETE", `/v3/projects/${id}`, { token })).status, 204);
  assertEquals((await cloud.send("DELETE", `/v3/projects/${id}`, { token })).status, 404);
});

withCloud("a deleted project takes what was granted on it along", async (cloud) => {
  const token = await cloud.token("admin", SYSTEM);
  const { demoProject, demoUser } = cloud.ids;
  assertEquals((await cloud.send("DELETE", `/v3/projects/${demoProject}`, { token })).status, 204);
  const left = await cloud.send("GET", `/v3/role_assignments?user.id=${demoUser}`, { token });
  assertEquals(left.body.role_assignments, []);
  const projects = await cloud.send("GET", `/v3/users/${demoUser}/projects`, { token });
  assertEquals(projects.body.projects, []);
});

withCloud("domains: users and projects of their own, and all goes with them", async (cloud) => {
  const token = await cloud.token("admin");
  const domain = await create(cloud, "/v3/domains", { domain: { name: "acme" } });
  const domain_id = domain.id;
  const project = await create(cloud, "/v3/projects", { project: { name: "demo", domain_id } });
  await create(cloud, "/v3/projects", {
    project: { name: "sub", domain_id, parent_id: project.id },
  });
  const user = await create(cloud, "/v3/users", {
    user: { name: "demo", domain_id, password: "acme's" },
  });
  const grant = `users/${user.id}/roles/${cloud.ids.managerRole}`;
  const put = async (path: string) => (await cloud.send("PUT", path, { token })).status;
  assertEquals(await put(`/v3/domains/${domain_id}/${grant}`), 204);
  assertEquals(await put(`/v3/projects/${project.id}/${grant}`), 204);

  const logIn = (scope: object) =>
    cloud.send("POST", "/v3/auth/tokens", {
      body: {
        auth: {
          ...passwordOf({ name: "demo", domain: { name: "acme" }, password: "acme's" }),
          scope,
        },
      },
    });
  const scoped = await logIn({ domain: { name: "acme" } });
  assertEquals(scoped.body.token.domain, { id: domain_id, name: "acme" });
  assertEquals(namesIn(scoped.body.token.roles), ["manager", "member", "reader"]);
  const manager = scoped.headers.get("x-subject-token")!;
  const list = async (path: string) => (await cloud.send("GET", path, { token: manager })).body;
  assertEquals(namesIn((await list("/v3/users")).users), ["demo"]);
  assertEquals(namesIn((await list("/v3/users?domain_id=default")).users), []);
  assertEquals(namesIn((await list("/v3/projects")).projects), ["demo", "sub"]);
  assertEquals(namesIn((await list("/v3/domains")).domains), ["acme"]);
  assertEquals((await list("/v3/auth/domains")).domains[0].name, "acme");
  const made = await cloud.send("POST", "/v3/users", {
    token: manager,
    body: { user: { name: "second" } },
  });
  assertEquals([made.status, made.body.user.domain_id], [201, domain_id]);
  const give = async (role: string) =>
    (await cloud.send(
      "PUT",
      `/v3/projects/${project.id}/users/${made.body.user.id}/roles/${role}`,
      {
        token: manager,
      },
    )).status;
  assertEquals([await give(cloud.ids.memberRole), await give(cloud.ids.adminRole)], [204, 403]);

  const remove = () => cloud.send("DELETE", `/v3/domains/${domain_id}`, { token });
  const early = await remove();
  assertEquals(early.status, 403);
  assertEquals(
    early.body.error.message,
    "Cannot delete a domain that is enabled, please disable it first.",
  );
  await cloud.send("PATCH", `/v3/domains/${domain_id}`, {
    token,
    body: { domain: { enabled: false } },
  });
  assertEquals((await logIn({ domain: { id: domain_id } })).status, 401);
  assertEquals(await cloud.identity.check(manager), undefined);
  assertEquals((await remove()).status, 204);
  assertEquals((await cloud.send("GET", `/v3/users/${user.id}`, { token })).status, 404);
  assertEquals((await cloud.send("GET", `/v3/projects/${project.id}`, { token })).status, 404);
});

withCloud("roles: list, create, update, and taken from all when deleted", async (cloud) => {
  const token = await cloud.token("admin");
  const all = await cloud.send("GET", "/v3/roles", { token });
  assertEquals(namesIn(all.body.roles), ["admin", "manager", "member", "reader", "service"]);
  const { id } = await create(cloud, "/v3/roles", { role: { name: "auditor", description: "d" } });
  const view = {
    id,
    name: "auditor",
    domain_id: null,
    description: "d",
    options: {},
    links: { self: `${BASE}/roles/${id}` },
  };
  assertEquals((await cloud.send("GET", `/v3/roles/${id}`, { token })).body, { role: view });
  const named = await cloud.send("GET", "/v3/roles?name=auditor", { token });
  assertEquals(named.body.roles, [view]);
  const path = `/v3/projects/${cloud.ids.demoProject}/users/${cloud.ids.demoUser}/roles`;
  await cloud.send("PUT", `${path}/${id}`, { token });
  await cloud.send("PATCH", `/v3/roles/${id}`, { token, body: { role: { name: "checker" } } });
  const granted = async () => namesIn((await cloud.send("GET", path, { token })).body.roles);
  assertEquals(await granted(), ["checker", "member"]);
  assertEquals((await cloud.send("DELETE", `/v3/roles/${id}`, { token })).status, 204);
  assertEquals(await granted(), ["member"]);
  assertEquals((await cloud.send("GET", `/v3/roles/${id}`, { token })).status, 404);
});

withCloud("which roles come with which can be read", async (cloud) => {
  const token = await cloud.token("admin");
  const { memberRole, readerRole } = cloud.ids;
  const view = (id: string, name: string) => ({ id, links: { self: `${BASE}/roles/${id}` }, name });
  const inference = {
    prior_role: view(memberRole, "member"),
    implies: [view(readerRole, "reader")],
  };
  const { body } = await cloud.send("GET", "/v3/role_inferences", { token });
  assertEquals([body.role_inferences.length, body.role_inferences[2]], [3, inference]);
  const one = await cloud.send("GET", `/v3/roles/${memberRole}/implies`, { token });
  assertEquals(one.body, {
    role_inference: inference,
    links: { self: `${BASE}/roles/${memberRole}/implies` },
  });
  assertEquals((await cloud.send("GET", "/v3/roles/none/implies", { token })).status, 404);
});

withCloud("grants: put, head, get, delete, and effective at once", async (cloud) => {
  const admin = await cloud.token("admin");
  const { adminProject, readerUser, memberRole } = cloud.ids;
  const path = `/v3/projects/${adminProject}/users/${readerUser}/roles/${memberRole}`;
  const send = async (method: string) => (await cloud.send(method, path, { token: admin })).status;
  assertEquals(await send("HEAD"), 404);
  const missing = await cloud.send("DELETE", path, { token: admin });
  assertEquals(missing.status, 404);
  assertEquals(
    missing.body.error.message,
    `Could not find role assignment with role: ${memberRole}, user or group: ${readerUser}, ` +
      `project, domain, or system: ${adminProject}.`,
  );
  assertEquals([await send("PUT"), await send("PUT")], [204, 204]);
  assertEquals([await send("HEAD"), await send("GET")], [204, 204]);
  const token = await cloud.token("reader", { project: { id: adminProject } });
  assertEquals((await cloud.identity.check(token))?.roles, new Set(["member", "reader"]));
  assertEquals(await send("DELETE"), 204);
  assertEquals(await cloud.identity.check(token), undefined);
  for (
    const unknown of [
      `/v3/projects/none/users/${readerUser}/roles/${memberRole}`,
      `/v3/projects/${adminProject}/users/none/roles/${memberRole}`,
      `/v3/projects/${adminProject}/users/${readerUser}/roles/none`,
      `/v3/domains/none/users/${readerUser}/roles/${memberRole}`,
    ]
  ) {
    const { status, body } = await cloud.send("PUT", unknown, { token: admin });
    assertEquals(status, 404);
    assertMatch(body.error.message, /^Could not find (project|user|role|domain): none\.$/);
  }
});

withCloud("grants on the system", async (cloud) => {
  const token = await cloud.token("admin", SYSTEM);
  const { readerUser, readerRole } = cloud.ids;
  const all = `/v3/system/users/${readerUser}/roles`;
  assertEquals((await cloud.send("PUT", `${all}/${readerRole}`, { token })).status, 204);
  assertEquals(namesIn((await cloud.send("GET", all, { token })).body.roles), ["reader"]);
  const reader = await cloud.token("reader", SYSTEM);
  assertEquals((await cloud.send("GET", "/v3/users", { token: reader })).status, 200);
  assertEquals(
    (await cloud.send("POST", "/v3/users", { token: reader, body: { user: { name: "x" } } }))
      .status,
    403,
  );
  assertEquals((await cloud.send("DELETE", `${all}/${readerRole}`, { token })).status, 204);
  assertEquals(await cloud.identity.check(reader), undefined);
});

withCloud("role assignments by user, role and scope, with names and effects", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoUser, demoProject, memberRole, readerRole, adminUser } = cloud.ids;
  const list = async (query: string) =>
    (await cloud.send("GET", `/v3/role_assignments?${query}`, { token })).body.role_assignments;
  const links = {
    assignment: `${BASE}/projects/${demoProject}/users/${demoUser}/roles/${memberRole}`,
  };
  assertEquals(await list(`user.id=${demoUser}`), [{
    role: { id: memberRole },
    user: { id: demoUser },
    scope: { project: { id: demoProject } },
    links,
  }]);
  const domain = { id: "default", name: "Default" };
  assertEquals(await list(`user.id=${demoUser}&include_names`), [{
    role: { id: memberRole, name: "member" },
    user: { id: demoUser, name: "demo", domain },
    scope: { project: { id: demoProject, name: "demo", domain } },
    links,
  }]);
  const effective = await list(`user.id=${demoUser}&effective=1`);
  assertEquals(
    effective.map(({ role }: { role: { id: string } }) => role.id),
    [memberRole, readerRole],
  );
  assertEquals((await list(`role.id=${readerRole}&effective`)).length, 5);
  assertEquals((await list(`scope.project.id=${demoProject}`)).length, 3);
  assertEquals((await list("scope.system=all&include_names=1"))[0].user.id, adminUser);
  assertEquals(await list("group.id=x"), []);
  const both = await cloud.send("GET", "/v3/role_assignments?scope.system=all&scope.domain.id=x", {
    token,
  });
  assertEquals(both.status, 400);
});

withCloud("the catalog's services, endpoints and regions can be read", async (cloud) => {
  const token = await cloud.token("admin");
  const get = async (path: string) => (await cloud.send("GET", path, { token })).body;
  const [compute] = (await get("/v3/services?type=compute")).services;
  assertEquals((await get(`/v3/services/${compute.id}`)).service.name, "nova");
  const { endpoints } = await get(`/v3/endpoints?service_id=${compute.id}&interface=public`);
  assertEquals(endpoints.map(({ url }: { url: string }) => url), [
    "http://cloud.example:8774/v2.1",
  ]);
  assertEquals((await get(`/v3/endpoints/${endpoints[0].id}`)).endpoint, endpoints[0]);
  assertEquals((await get("/v3/regions")).regions[0].id, "RegionOne");
  assertEquals((await get("/v3/regions/RegionOne")).region.parent_region_id, null);
  assertEquals((await get("/v3/services/none")).error.message, "Could not find service: none.");
  assertEquals((await get("/v3/groups")).groups, []);
  assertEquals((await get("/v3/groups/none")).error.message, "Could not find group: none.");
});

withCloud("an application credential logs in with its roles, and no more", async (cloud) => {
  const token = await cloud.token("admin");
  const { adminUser, memberRole, readerRole, demoProject } = cloud.ids;
  const path = `/v3/users/${adminUser}/application_credentials`;
  const created = await cloud.send("POST", path, {
    token,
    body: {
      application_credential: {
        name: "ci",
        roles: [{ name: "member" }],
        expires_at: "2026-01-02T03:30:00",
      },
    },
  });
  assertEquals(created.status, 201);
  const { id, secret, ...credential } = created.body.application_credential;
  assertMatch(secret, /^[A-Za-z0-9_-]{86}$/);
  const view = {
    name: "ci",
    description: null,
    user_id: adminUser,
    project_id: demoProject,
    roles: [
      { id: memberRole, name: "member", domain_id: null },
      { id: readerRole, name: "reader", domain_id: null },
    ],
    expires_at: "2026-01-02T03:30:00.000000",
    unrestricted: false,
    links: { self: `${BASE}/users/${adminUser}/application_credentials/${id}` },
  };
  assertEquals(credential, view);
  const shown = await cloud.send("GET", `${path}/${id}`, { token });
  assertEquals(shown.body, { application_credential: { id, ...view } });
  const listed = await cloud.send("GET", `${path}?name=ci`, { token });
  assertEquals(listed.body.application_credentials, [{ id, ...view }]);

  const logIn = (application_credential: object, scope?: object) =>
    cloud.send("POST", "/v3/auth/tokens", {
      body: {
        auth: {
          identity: { methods: ["application_credential"], application_credential },
          ...(scope && { scope }),
        },
      },
    });
  const byId = await logIn({ id, secret });
  assertEquals(byId.status, 201);
  assertEquals(byId.body.token.application_credential, { id, name: "ci", restricted: true });
  assertEquals(byId.body.token.project.name, "demo");
  assertEquals(namesIn(byId.body.token.roles), ["member", "reader"]);
  assertEquals(byId.body.token.expires_at, "2026-01-02T03:30:00.000000Z");
  const user = { name: "admin", domain: { id: "default" } };
  assertEquals((await logIn({ name: "ci", user, secret })).status, 201);
  assertEquals((await logIn({ id, secret: "wrong" })).status, 401);
  assertEquals((await logIn({ name: "no", user, secret })).status, 401);
  assertEquals((await logIn({ id: "none", secret })).status, 404);
  assertEquals((await logIn({ secret })).status, 400);
  assertEquals((await logIn({ id, secret }, DEMO)).status, 401);

  const restricted = byId.headers.get("x-subject-token")!;
  const refused = await cloud.send("POST", path, {
    token: restricted,
    body: { application_credential: { name: "another" } },
  });
  assertEquals(refused.status, 403);
  const rescoped = await cloud.send("POST", "/v3/auth/tokens", {
    body: { auth: { identity: { methods: ["token"], token: { id: restricted } } } },
  });
  assertEquals(rescoped.body.token.application_credential.id, id);
  assertEquals((await cloud.send("DELETE", `${path}/${id}`, { token })).status, 204);
  assertEquals(await cloud.identity.check(restricted), undefined);
  assertEquals((await logIn({ id, secret })).status, 404);

  const rows = await cloud.log.reader.select<Record<string, object>, object>((db) =>
    db.selectFrom("events").selectAll()
  );
  assert(!JSON.stringify(rows).includes(secret));
});

withCloud("application credentials that cannot be are refused", async (cloud) => {
  const token = await cloud.token("demo");
  const post = async (application_credential: object, as = token) => {
    const { status, body } = await cloud.send(
      "POST",
      `/v3/users/${cloud.ids.demoUser}/application_credentials`,
      { token: as, body: { application_credential } },
    );
    return [status, body.error?.message ?? ""] as const;
  };
  for (
    const [sent, status, message] of [
      [{}, 400, "'name' is a required property"],
      [{ name: "x", roles: [{ name: "admin" }] }, 400, "with unassigned role"],
      [{ name: "x", roles: [{ name: "none" }] }, 404, "Could not find role: none."],
      [{ name: "x", expires_at: "tomorrow" }, 400, "Timestamp not in expected format."],
      [{ name: "x", expires_at: "2020-01-01T00:00:00Z" }, 400, "must not be before now"],
      [{ name: "x", access_rules: [{}] }, 400, "'service' is a required property"],
      [{ name: "x", access_rules: [{ id: "none" }] }, 404, "Could not find Access Rule: none."],
      [
        { name: "x", access_rules: [{ service: "image", method: "get", path: "/" }] },
        400,
        "'get' is not one of ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']",
      ],
    ] as const
  ) {
    const [given, words] = await post(sent);
    assertEquals(given, status);
    assertStringIncludes(words, message);
  }
  const [unscoped] = await post({ name: "x" }, await cloud.token("demo", "unscoped"));
  const [another] = await post({ name: "x" }, await cloud.token("admin"));
  assertEquals([unscoped, another], [400, 403]);
  assertEquals([(await post({ name: "x" }))[0], (await post({ name: "X" }))[0]], [201, 409]);
});

/** Makes one of each thing that Keystone's extensions have. */
async function makeExtensions(cloud: Cloud): Promise<void> {
  const token = await cloud.token("admin");
  const { adminUser, demoUser, demoProject, adminRole } = cloud.ids;
  const filters = "/v3/OS-EP-FILTER";
  const { id } = await create(cloud, `${filters}/endpoint_groups`, {
    endpoint_group: { name: "in", filters: { interface: "internal" } },
  });
  const path = `${filters}/endpoint_groups/${id}/projects/${demoProject}`;
  await cloud.send("PUT", path, { token });
  await cloud.send("PUT", "/v3/domains/default/config", {
    token,
    body: { config: { ldap: { url: "ldap://one", password: "x" } } },
  });
  await create(cloud, "/v3/policies", { policy: { type: "text/plain", blob: "b" } });
  await create(cloud, "/v3/OS-OAUTH1/consumers", { consumer: {} });
  await create(cloud, "/v3/OS-TRUST/trusts", {
    trust: {
      ...{ trustor_user_id: adminUser, trustee_user_id: demoUser, impersonation: false },
      ...{ project_id: demoProject, roles: [{ id: adminRole }] },
    },
  });
  const federation = "/v3/OS-FEDERATION";
  const rules = [{ local: [], remote: [{ type: "a" }] }];
  await cloud.send("PUT", `${federation}/mappings/ours`, { token, body: { mapping: { rules } } });
  await cloud.send("PUT", `${federation}/identity_providers/acme`, {
    token,
    body: { identity_provider: {} },
  });
}

withCloud("the tables built anew from the log equal the live ones", async (cloud) => {
  const token = await cloud.token("admin");
  const { id } = await create(cloud, "/v3/users", { user: { name: "alice", password: "x" } });
  const grant = `/v3/projects/${cloud.ids.demoProject}/users/${id}/roles/${cloud.ids.memberRole}`;
  await cloud.send("PUT", grant, { token });
  await cloud.send("PATCH", `/v3/users/${id}`, { token, body: { user: { name: "bob" } } });
  await cloud.send("DELETE", `/v3/users/${cloud.ids.readerUser}`, { token });
  await cloud.send("POST", `/v3/users/${cloud.ids.adminUser}/application_credentials`, {
    token,
    body: {
      application_credential: {
        name: "ci",
        access_rules: [{ service: "image", method: "GET", path: "/v2/images" }],
      },
    },
  });
  await cloud.send("DELETE", `/v3/roles/${cloud.ids.serviceRole}`, { token });
  const group = await create(cloud, "/v3/groups", { group: { name: "crew" } });
  await cloud.send("PUT", `/v3/groups/${group.id}/users/${id}`, { token });
  await cloud.send("PUT", grant.replace(`users/${id}`, `groups/${group.id}`), { token });
  await cloud.send("PUT", `/v3/projects/${cloud.ids.demoProject}/tags/a`, { token });
  await cloud.send("PUT", "/v3/regions/north", { token, body: { region: {} } });
  const service = await create(cloud, "/v3/services", { service: { type: "dns" } });
  await create(cloud, "/v3/endpoints", {
    endpoint: { service_id: service.id, interface: "public", url: "http://dns.example" },
  });
  await create(cloud, "/v3/credentials", {
    credential: { type: "cert", blob: "b", user_id: cloud.ids.adminUser },
  });
  const resource = { service_id: service.id, resource_name: "zone" };
  await create(cloud, "/v3/registered_limits", {
    registered_limits: [{ ...resource, default_limit: 5 }],
  });
  await create(cloud, "/v3/limits", {
    limits: [{ ...resource, resource_limit: 7, project_id: cloud.ids.demoProject }],
  });
  await makeExtensions(cloud);

  const tables = identityAggregates.flatMap(({ projection }) => projection.tables);
  const rowsOf = async (table: string) => {
    const rows = await cloud.log.reader.select<Record<string, object>, object>((db) =>
      db.selectFrom(table).selectAll()
    );
    return rows.map((row) => JSON.stringify(row)).sort();
  };
  const live = await Promise.all(tables.map(rowsOf));
  await cloud.log.transaction(async (tx) => {
    for (const { projection } of identityAggregates) await createTables(tx, projection);
    await replay(cloud.log, identityAggregates, tx);
  });
  assertEquals(await Promise.all(tables.map(rowsOf)), live);
  const empty = tables.filter((_, at) => live[at]!.length === 0);
  assertEquals(empty, []);
});
