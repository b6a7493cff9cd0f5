/** Conversations about tokens, as clients have them with Keystone. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { handle } from "../../src/eventsourcing/command_handler.ts";
import { users } from "../../src/facades/identity/users/projection.ts";
import { revokeRole } from "../../src/facades/identity/users/decider.ts";
import { Cloud, DEMO, passwordOf, PASSWORDS, SYSTEM, withCloud } from "./identity_cloud_test.ts";

const UNAUTHORIZED = {
  error: {
    code: 401,
    message: "The request you have made requires authentication.",
    title: "Unauthorized",
  },
};

withCloud("the root names the versions, with links the client can follow", async (cloud) => {
  for (const path of ["", "/"]) {
    const { status, headers, body } = await cloud.send("GET", path);
    assertEquals(status, 300);
    assertEquals(headers.get("location"), "http://cloud.example:8774/identity/v3/");
    assertEquals(body.versions.values[0].links, [
      { rel: "self", href: "http://cloud.example:8774/identity/v3/" },
    ]);
  }
  for (const path of ["/v3", "/v3/"]) {
    const { status, body } = await cloud.send("GET", path);
    assertEquals(status, 200);
    assertEquals(body.version.id, "v3.14");
    assertEquals(body.version.links[0].href, "http://cloud.example:8774/identity/v3/");
  }
});

withCloud("a password and a project's name give a token", async (cloud) => {
  const { status, headers, body } = await cloud.logIn("demo");
  assertEquals(status, 201);
  assertEquals(headers.get("vary"), "X-Auth-Token");
  assertMatch(headers.get("x-openstack-request-id")!, /^req-[0-9a-f-]{36}$/);
  assertMatch(headers.get("x-subject-token")!, /^[A-Za-z0-9_.-]+$/);
  const { catalog, audit_ids, roles, ...token } = body.token;
  assertEquals(token, {
    methods: ["password"],
    user: {
      domain: { id: "default", name: "Default" },
      id: cloud.ids.demoUser,
      name: "demo",
      password_expires_at: null,
    },
    expires_at: "2026-01-02T04:04:05.000000Z",
    issued_at: "2026-01-02T03:04:05.000000Z",
    project: {
      domain: { id: "default", name: "Default" },
      id: cloud.ids.demoProject,
      name: "demo",
    },
    is_domain: false,
  });
  assertMatch(audit_ids[0], /^[A-Za-z0-9_-]{22}$/);
  assertEquals(roles, [
    { id: cloud.ids.memberRole, name: "member" },
    { id: cloud.ids.readerRole, name: "reader" },
  ]);
  assertEquals(catalog.map(({ type }: { type: string }) => type), [
    "compute",
    "identity",
    "image",
    "network",
    "volumev3",
    "block-storage",
  ]);
});

withCloud("ids do as well as names, in capitals or not", async (cloud) => {
  const { demoUser, demoProject } = cloud.ids;
  const byId = await cloud.send("POST", "/v3/auth/tokens", {
    body: {
      auth: {
        ...passwordOf({ id: demoUser, password: PASSWORDS.demo }),
        scope: { project: { id: demoProject } },
      },
    },
  });
  assertEquals(byId.status, 201);
  assertEquals(byId.body.token.project.id, demoProject);
  const inCapitals = await cloud.send("POST", "/v3/auth/tokens", {
    body: {
      auth: {
        ...passwordOf({ name: "DEMO", domain: { name: "DEFAULT" }, password: PASSWORDS.demo }),
        scope: { project: { name: "Demo", domain: { id: "default" } } },
      },
    },
  });
  assertEquals(inCapitals.status, 201);
});

withCloud("roles bring the roles they imply", async (cloud) => {
  const names = async (name: string, scope?: unknown) =>
    (await cloud.logIn(name, scope)).body.token.roles.map((role: { name: string }) => role.name);
  assertEquals(await names("admin"), ["admin", "manager", "member", "reader"]);
  assertEquals(await names("demo"), ["member", "reader"]);
  assertEquals(await names("reader"), ["reader"]);
  assertEquals(await names("admin", SYSTEM), ["admin", "manager", "member", "reader"]);
  const caller = await cloud.identity.check(await cloud.token("admin"));
  assertEquals(caller, {
    userId: cloud.ids.adminUser,
    projectId: cloud.ids.demoProject,
    roles: new Set(["admin", "manager", "member", "reader"]),
    isAdmin: true,
  });
});

withCloud("scopes: the system, nothing, and nothing said", async (cloud) => {
  const system = (await cloud.logIn("admin", SYSTEM)).body.token;
  assertEquals(system.system, { all: true });
  assertEquals(system.project, undefined);
  for (const scope of ["unscoped", { unscoped: {} }, undefined]) {
    const { token } = (await cloud.send("POST", "/v3/auth/tokens", {
      body: {
        auth: {
          ...passwordOf({
            name: "demo",
            domain: { id: "default" },
            password: PASSWORDS.demo,
          }),
          ...(scope !== undefined && { scope }),
        },
      },
    })).body;
    assertEquals([token.roles, token.project, token.catalog], [undefined, undefined, undefined]);
  }
});

withCloud("whoever cannot prove to be somebody is told nothing else", async (cloud) => {
  const project = (name: string) => ({ project: { name, domain: { id: "default" } } });
  const refused = [
    await cloud.logIn("demo", DEMO, "wrong"),
    await cloud.logIn("demo", DEMO, ""),
    await cloud.logIn("nobody", DEMO, "wrong"),
    await cloud.logIn("demo", project("nowhere")),
    await cloud.logIn("demo", project("admin")),
    await cloud.logIn("demo", SYSTEM),
    await cloud.logIn("demo", { domain: { id: "default" } }),
    await cloud.logIn("demo", { domain: { name: "nowhere" } }),
    await cloud.send("GET", "/v3/auth/tokens"),
    await cloud.send("GET", "/v3/auth/projects", { token: "c1.e30.AAAA" }),
  ];
  for (const { status, headers, body } of refused) {
    assertEquals([status, body], [401, UNAUTHORIZED]);
    assertEquals(
      headers.get("www-authenticate"),
      'Keystone uri="http://cloud.example:8774/identity/v3"',
    );
  }
});

const IN_SHAPE = { methods: ["password"], password: { user: { id: "x", password: "p" } } };

const MALFORMED: readonly (readonly [unknown, string])[] = [
  ["", "Expecting to find auth in request body."],
  ["{", "Expecting to find valid JSON in request body."],
  ["[]", "Expecting to find valid JSON in request body."],
  [{}, "Expecting to find auth in request body."],
  [{ auth: null }, "Expecting to find auth in request body."],
  [{ auth: {} }, "'identity' is a required property"],
  [
    { auth: { identity: { methods: "password" } } },
    "Invalid input for field 'identity/methods': 'password' is not of type 'array'",
  ],
  [{ auth: { identity: { methods: ["password"] } } }, "Expecting to find password in identity."],
  [
    { auth: { identity: { methods: ["password"], password: {} } } },
    "Expecting to find user in password.",
  ],
  [
    { auth: passwordOf({ password: "p" }) },
    "Invalid input for field identity/password/user: id or name must be present.",
  ],
  [{ auth: passwordOf({ name: "demo", password: "p" }) }, "Expecting to find domain in user."],
  [
    { auth: passwordOf({ id: "x", password: 4711 }) },
    "Invalid input for field 'identity/password/user/password': *** is not of type 'string'",
  ],
  [
    { auth: { identity: IN_SHAPE, scope: { project: {} } } },
    "Invalid input for field scope/project: id or name must be present.",
  ],
  [
    { auth: { identity: IN_SHAPE, scope: { project: { name: "demo" } } } },
    "Expecting to find domain in project.",
  ],
  [
    { auth: { identity: IN_SHAPE, scope: {} } },
    "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope.",
  ],
  [
    { auth: { identity: IN_SHAPE, scope: "project" } },
    "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope.",
  ],
  [
    { auth: { identity: { methods: ["token"], token: {} } } },
    "Invalid input for field 'identity/token': 'id' is a required property",
  ],
];

withCloud("malformed requests for a token are 400, in Keystone's words", async (cloud) => {
  for (const [sent, message] of MALFORMED) {
    const { status, body } = await cloud.send("POST", "/v3/auth/tokens", { body: sent });
    assertEquals([status, body.error?.title], [400, "Bad Request"], JSON.stringify(sent));
    assertStringIncludes(body.error.message, message);
    assert(!body.error.message.includes("4711"));
  }
  const form = await cloud.send("POST", "/v3/auth/tokens", {
    body: "auth=x",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  assertEquals(form.status, 400);
  assertStringIncludes(form.body.error.message, "application/json in Content-Type header");
  const huge = await cloud.send("POST", "/v3/auth/tokens", { body: `"${"x".repeat(200_000)}"` });
  assertEquals(huge.status, 413);
});

withCloud("a method nobody knows is a 401 that says so", async (cloud) => {
  const { status, body } = await cloud.send("POST", "/v3/auth/tokens", {
    body: { auth: { identity: { methods: ["totp"], totp: {} } } },
  });
  assertEquals(status, 401);
  assertEquals(body.error.message, "Attempted to authenticate with an unsupported method.");
  const { status: none } = await cloud.send("POST", "/v3/auth/tokens", {
    body: { auth: { identity: { methods: [] } } },
  });
  assertEquals(none, 401);
});

withCloud("a token can be looked at by its user and by admins only", async (cloud) => {
  const demo = await cloud.token("demo");
  const admin = await cloud.token("admin");
  const reader = await cloud.token("reader");
  const look = (method: string, token: string, subject?: string) =>
    cloud.send(method, "/v3/auth/tokens", {
      token,
      ...(subject !== undefined && { headers: { "x-subject-token": subject } }),
    });
  const own = await look("GET", demo, demo);
  assertEquals([own.status, own.headers.get("x-subject-token")], [200, demo]);
  assertEquals(own.body.token.user.name, "demo");
  const short = await cloud.send("GET", "/v3/auth/tokens?nocatalog", {
    token: demo,
    headers: { "x-subject-token": demo },
  });
  assertEquals([short.body.token.catalog, short.body.token.roles.length], [undefined, 2]);
  assertEquals((await look("GET", admin, demo)).status, 200);
  const head = await look("HEAD", admin, demo);
  assertEquals([head.status, head.body], [200, ""]);
  const foreign = await look("GET", reader, demo);
  assertEquals(foreign.status, 403);
  assertEquals(
    foreign.body.error.message,
    "You are not authorized to perform the requested action: identity:validate_token.",
  );
  assertEquals((await look("GET", admin, "unknown")).status, 404);
  assertEquals((await look("GET", admin)).body.error.message, "No token in the request");
});

withCloud("a revoked token is refused at once, others are not", async (cloud) => {
  const token = await cloud.token("demo");
  const other = await cloud.token("demo");
  assert(await cloud.identity.check(token));
  const revoked = await cloud.send("DELETE", "/v3/auth/tokens", {
    token,
    headers: { "x-subject-token": token },
  });
  assertEquals([revoked.status, revoked.body], [204, ""]);
  assertEquals(await cloud.identity.check(token), undefined);
  assertEquals((await cloud.send("GET", "/v3/auth/projects", { token })).status, 401);
  assert(await cloud.identity.check(other));
});

withCloud("a token ends when it expires, and can be validated a while longer", async (cloud) => {
  const token = await cloud.token("demo");
  const known = await cloud.token("reader");
  assert(await cloud.identity.check(known));
  cloud.now += 3_599_999;
  assert(await cloud.identity.check(token));
  cloud.now += 1;
  assertEquals(await cloud.identity.check(token), undefined);
  assertEquals(await cloud.identity.check(known), undefined);
  const look = async (query: string) =>
    (await cloud.send("GET", `/v3/auth/tokens${query}`, {
      token: await cloud.token("admin"),
      headers: { "x-subject-token": token },
    })).status;
  assertEquals([await look(""), await look("?allow_expired=1")], [404, 200]);
  cloud.now += 172_800_000;
  assertEquals(await look("?allow_expired=1"), 404);
});

withCloud("tokens survive a restart, and so does their revocation", async (cloud) => {
  const kept = await cloud.token("demo");
  const revoked = await cloud.token("demo");
  await cloud.send("DELETE", "/v3/auth/tokens", {
    token: revoked,
    headers: { "x-subject-token": revoked },
  });
  await cloud.stop();
  await cloud.start();
  assertEquals((await cloud.identity.check(kept))?.userId, cloud.ids.demoUser);
  assertEquals(await cloud.identity.check(revoked), undefined);
});

withCloud("a token of another key, or with other claims, is unknown", async (cloud) => {
  const token = await cloud.token("demo");
  const [version, claims, mac] = token.split(".") as [string, string, string];
  const others = [
    `${version}.${claims}.${mac.slice(1)}A`,
    `${version}.${claims.slice(0, -2)}.${mac}`,
    `${version}.${btoa('{"userId":"x"}')}.${mac}`,
    `${claims}.${mac}`,
    "",
    ".",
    "gAAAAABm",
  ];
  for (const other of others) assertEquals(await cloud.identity.check(other), undefined);
});

withCloud("a role that is taken back is gone at once", async (cloud) => {
  const token = await cloud.token("demo");
  const { demoUser, memberRole, demoProject } = cloud.ids;
  assert(await cloud.identity.check(token));
  await handle(
    cloud.committer,
    users,
    demoUser,
    { actor: { userId: "", projectId: "", roles: [] }, requestId: "req-x", command: "RevokeRole" },
    (user) =>
      revokeRole({
        type: "RevokeRole",
        id: demoUser,
        grant: { roleId: memberRole, target: { on: "project", id: demoProject } },
      }, user),
  );
  assertEquals(await cloud.identity.check(token), undefined);
  assertEquals((await cloud.logIn("demo")).status, 401);
});

withCloud("a token gives another of the same chain, which ends no later", async (cloud) => {
  const first = await cloud.logIn("admin", "unscoped");
  cloud.now += 60_000;
  const rescope = (id: string, scope: unknown) =>
    cloud.send("POST", "/v3/auth/tokens", {
      body: { auth: { identity: { methods: ["token"], token: { id } }, scope } },
    });
  const second = await rescope(first.headers.get("x-subject-token")!, DEMO);
  assertEquals(second.status, 201);
  const { audit_ids, methods, expires_at, issued_at } = second.body.token;
  assertEquals(methods, ["token", "password"]);
  assertEquals([audit_ids.length, audit_ids[1]], [2, first.body.token.audit_ids[0]]);
  assertEquals(expires_at, first.body.token.expires_at);
  assertEquals(issued_at, "2026-01-02T03:05:05.000000Z");
  assertEquals((await rescope("unknown", DEMO)).status, 404);
  const { status, body } = await rescope(await cloud.token("admin", SYSTEM), DEMO);
  assertEquals(status, 403);
  assertStringIncludes(body.error.message, "Using a system-scoped token to create a project-");
});

withCloud("the catalog's URLs follow the host that the client asked", async (cloud) => {
  const token = await cloud.token("demo");
  const { status, body } = await cloud.send("GET", "/v3/auth/catalog", { token });
  assertEquals(status, 200);
  const compute = body.catalog[0];
  assertEquals([compute.type, compute.name], ["compute", "nova"]);
  assertEquals(
    compute.endpoints.map((endpoint: { interface: string }) => endpoint.interface),
    ["public", "internal", "admin"],
  );
  const [{ id, ...endpoint }] = compute.endpoints;
  assertMatch(id, /^[0-9a-f]{32}$/);
  assertEquals(endpoint, {
    interface: "public",
    region_id: "RegionOne",
    region: "RegionOne",
    url: "http://cloud.example:8774/v2.1",
  });
  assertEquals(body.catalog[1].endpoints[0].url, "http://cloud.example:8774/identity");
  const system = await cloud.token("admin", SYSTEM);
  assertEquals((await cloud.send("GET", "/v3/auth/catalog", { token: system })).status, 403);
});

withCloud("a user can ask which projects, domains and systems it may use", async (cloud) => {
  const token = await cloud.token("admin", "unscoped");
  const projects = await cloud.send("GET", "/v3/auth/projects", { token });
  assertEquals(
    projects.body.projects.map(({ name }: { name: string }) => name),
    ["admin", "demo"],
  );
  assertEquals(projects.body.links, {
    next: null,
    self: "http://cloud.example:8774/identity/v3/auth/projects",
    previous: null,
  });
  assertEquals(projects.body.projects[1], {
    id: cloud.ids.demoProject,
    name: "demo",
    domain_id: "default",
    description: "",
    enabled: true,
    parent_id: "default",
    is_domain: false,
    tags: [],
    options: {},
    links: {
      self: `http://cloud.example:8774/identity/v3/projects/${cloud.ids.demoProject}`,
    },
  });
  assertEquals((await cloud.send("GET", "/v3/auth/domains", { token })).body.domains, []);
  const system = await cloud.send("GET", "/v3/auth/system", { token });
  assertEquals(system.body.system, [{ all: true }]);
});

withCloud("what is no route is a 404 in Keystone's form", async (cloud) => {
  const { status, body } = await cloud.send("GET", "/v3/nothing");
  assertEquals([status, body.error.title], [404, "Not Found"]);
});

withCloud("no secret is in the log or the tables", async (cloud) => {
  const token = await cloud.token("demo");
  await cloud.send("DELETE", "/v3/auth/tokens", { token, headers: { "x-subject-token": token } });
  await cloud.send("POST", "/v3/credentials", {
    token: await cloud.token("admin"),
    body: { credential: { type: "totp", blob: "JBSWY3DPEHPK3PXP", user_id: cloud.ids.demoUser } },
  });
  const tables = ["events", "users", "credentials"];
  for (const table of tables) {
    const rows = await cloud.log.reader.select<Record<string, object>, object>((db) =>
      db.selectFrom(table).selectAll()
    );
    const text = JSON.stringify(rows);
    assert(rows.length > 0);
    for (
      const secret of [
        ...Object.values(PASSWORDS),
        ...[token, token.split(".")[2]!, "JBSWY3DPEHPK3PXP"],
      ]
    ) {
      assert(!text.includes(secret), `${table} holds ${secret}`);
    }
  }
});

Deno.test("a cloud without a seed answers, too", async () => {
  const folder = await Deno.makeTempDir();
  const cloud = new Cloud(folder);
  await cloud.start();
  assertEquals((await cloud.logIn("demo")).status, 401);
  await cloud.stop();
  await Deno.remove(folder, { recursive: true });
});
