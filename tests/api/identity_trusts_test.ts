/** Conversations about trusts: making them, acting with them, and passing them on. */
import { assert, assertEquals } from "@std/assert";
import { type Cloud, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

const TRUSTS = "/v3/OS-TRUST/trusts";

const NOT_ALLOWED = "You are not authorized to perform the requested action.";

/** Makes a trust, by default of `demo` to `reader`: to be member of the project demo. */
async function trust(cloud: Cloud, sent: object = {}, token?: string) {
  const { demoUser, readerUser, demoProject } = cloud.ids;
  return await cloud.send("POST", TRUSTS, {
    token: token ?? await cloud.token("demo"),
    body: {
      trust: {
        trustor_user_id: demoUser,
        trustee_user_id: readerUser,
        impersonation: true,
        project_id: demoProject,
        roles: [{ name: "member" }],
        ...sent,
      },
    },
  });
}

/** The trust itself. */
async function made(cloud: Cloud, sent: object = {}, token?: string) {
  const { status, body } = await trust(cloud, sent, token);
  assertEquals(status, 201, JSON.stringify(body));
  return body.trust;
}

function logIn(cloud: Cloud, name: string, id: string) {
  return cloud.logIn(name, { "OS-TRUST:trust": { id } });
}

withCloud("trusts: create, show, list, roles, delete", async (cloud) => {
  const token = await cloud.token("demo");
  const { demoUser, readerUser, demoProject, memberRole } = cloud.ids;
  const whole = await made(cloud, { expires_at: "2027-01-01T00:00:00Z", hue: "red" });
  const path = `${TRUSTS}/${whole.id}`;
  const self = `${BASE}/OS-TRUST/trusts/${whole.id}`;
  const { roles, roles_links, ...view } = whole;
  assertEquals(view, {
    hue: "red",
    id: whole.id,
    trustor_user_id: demoUser,
    trustee_user_id: readerUser,
    project_id: demoProject,
    impersonation: true,
    expires_at: "2027-01-01T00:00:00.000000Z",
    remaining_uses: null,
    deleted_at: null,
    redelegated_trust_id: null,
    redelegation_count: 0,
    links: { self },
  });
  assertEquals(roles.map(({ id }: { id: string }) => id), [memberRole]);
  assertEquals(roles_links, { self: `${self}/roles`, next: null, previous: null });
  assertEquals((await cloud.send("GET", path, { token })).body.trust, whole);
  const reader = await cloud.token("reader");
  assertEquals((await cloud.send("GET", path, { token: reader })).body.trust, whole);
  const list = async (query: string, as: string) =>
    (await cloud.send("GET", TRUSTS + query, { token: as })).body.trusts;
  assertEquals(await list(`?trustor_user_id=${demoUser}`, token), [view]);
  assertEquals(await list(`?trustee_user_id=${readerUser}`, reader), [view]);
  assertEquals(await list("", await cloud.token("admin")), [view]);
  const listed = await cloud.send("GET", `${path}/roles`, { token });
  assertEquals([listed.body.roles, listed.body.links], [roles, roles_links]);
  const one = `${path}/roles/${memberRole}`;
  assertEquals((await cloud.send("GET", one, { token })).body.role, roles[0]);
  assertEquals((await cloud.send("HEAD", one, { token })).status, 200);
  const other = await cloud.send("GET", `${path}/roles/none`, { token });
  assertEquals([other.status, other.body.error.message], [404, "Could not find role: none."]);
  assertEquals((await cloud.send("DELETE", path, { token: reader })).status, 403);
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  const gone = await cloud.send("GET", path, { token });
  assertEquals([gone.status, gone.body.error.message], [404, `Could not find trust: ${whole.id}.`]);
  assertEquals(await list(`?trustor_user_id=${demoUser}`, token), []);
});

withCloud("trusts that cannot be are refused in Keystone's words", async (cloud) => {
  const { adminUser, adminRole, adminProject } = cloud.ids;
  const action = "You are not authorized to perform the requested action: ";
  for (
    const [sent, status, message] of [
      [{ trustor_user_id: adminUser }, 403, `${action}identity:create_trust.`],
      [{ roles: [] }, 403, `${action}At least one role should be specified.`],
      [{ trustee_user_id: "none" }, 404, "Could not find user: none."],
      [{ project_id: "none" }, 404, "Could not find project: none."],
      [{ project_id: adminProject }, 404, `Could not find role: ${cloud.ids.memberRole}.`],
      [{ roles: [{ id: adminRole }] }, 404, `Could not find role: ${adminRole}.`],
      [{ roles: [{ name: "none" }] }, 404, "Could not find role: none."],
      [{ expires_at: "soon" }, 400, "Timestamp not in expected format."],
      [{ expires_at: "2020-01-01T00:00:00Z" }, 400, "The 'expires_at' must not be before now."],
      [{ remaining_uses: 0 }, 400, "Invalid input for field 'trust/remaining_uses': 0 is less"],
      [{ allow_redelegation: true, redelegation_count: 4 }, 403, NOT_ALLOWED],
      [
        { allow_redelegation: true, remaining_uses: 1 },
        400,
        "remaining_uses must not be set if redelegation is allowed",
      ],
    ] as const
  ) {
    const answer = await trust(cloud, sent);
    assertEquals(answer.status, status, JSON.stringify(sent));
    assert(answer.body.error.message.startsWith(message), answer.body.error.message);
  }
  const expires_at = "2027-01-01T00:00:00Z";
  await made(cloud, { expires_at });
  assertEquals((await trust(cloud, { expires_at })).status, 409);
  const demo = await cloud.token("demo");
  const all = await cloud.send("GET", TRUSTS, { token: demo });
  assertEquals([all.status, all.body.error.message], [403, `${action}identity:list_trusts.`]);
});

withCloud("a trustee acts in the trustor's name, with the roles it was given", async (cloud) => {
  const { demoUser, readerUser, demoProject } = cloud.ids;
  const { id } = await made(cloud);
  const { status, headers, body } = await logIn(cloud, "reader", id);
  assertEquals(status, 201);
  assertEquals([body.token.user.id, body.token.user.name], [demoUser, "demo"]);
  assertEquals(body.token.project.id, demoProject);
  const names = body.token.roles.map(({ name }: { name: string }) => name);
  assertEquals(names, ["member", "reader"]);
  assertEquals(body.token["OS-TRUST:trust"], {
    id,
    trustor_user: { id: demoUser },
    trustee_user: { id: readerUser },
    impersonation: true,
  });
  const token = headers.get("x-subject-token")!;
  const shown = await cloud.send("GET", "/v3/auth/tokens", {
    token,
    headers: { "x-subject-token": token },
  });
  assertEquals(shown.body.token.user.id, demoUser);
  assertEquals((await cloud.identity.check(token))?.userId, demoUser);

  const again = await cloud.send("POST", "/v3/auth/tokens", {
    body: { auth: { identity: { methods: ["token"], token: { id: token } } } },
  });
  assertEquals([again.status, again.body.error.message], [
    403,
    "You are not authorized to perform the requested action: Using trust-scoped token to create " +
    "another token. Create a new trust-scoped token instead.",
  ]);
  for (
    const path of ["application_credentials", "access_rules", "credentials/OS-EC2"]
      .map((end) => `/v3/users/${demoUser}/${end}`).concat("/v3/credentials")
  ) {
    assertEquals((await cloud.send("GET", path, { token })).status, 403, path);
  }
  for (const [name, as] of [["demo", id], ["admin", id]] as const) {
    const refused = await logIn(cloud, name, as);
    assertEquals([refused.status, refused.body.error.message], [403, NOT_ALLOWED]);
  }
  const unknown = await logIn(cloud, "reader", "none");
  assertEquals([unknown.status, unknown.body.error.message], [404, "Could not find trust: none."]);
});

withCloud("without impersonation the trustee stays who it is", async (cloud) => {
  const { readerUser } = cloud.ids;
  const { id } = await made(cloud, { impersonation: false });
  const { headers, body } = await logIn(cloud, "reader", id);
  assertEquals(body.token.user.id, readerUser);
  const names = body.token.roles.map(({ name }: { name: string }) => name);
  assertEquals(names, ["member", "reader"]);
  const caller = await cloud.identity.check(headers.get("x-subject-token")!);
  assertEquals(caller?.userId, readerUser);
});

withCloud("what a trust is worth ends with what it rests on", async (cloud) => {
  const admin = await cloud.token("admin");
  const { demoUser, readerUser, demoProject, memberRole } = cloud.ids;
  const grant = `/v3/projects/${demoProject}/users/${demoUser}/roles/${memberRole}`;
  const user = (id: string, enabled: boolean) => async () =>
    await cloud.send("PATCH", `/v3/users/${id}`, { token: admin, body: { user: { enabled } } });
  for (
    const [end, restore] of [
      [
        () => cloud.send("DELETE", grant, { token: admin }),
        () => cloud.send("PUT", grant, { token: admin }),
      ],
      [user(demoUser, false), user(demoUser, true)],
      [user(readerUser, false), user(readerUser, true)],
    ] as const
  ) {
    const { id } = await made(cloud);
    const token = (await logIn(cloud, "reader", id)).headers.get("x-subject-token")!;
    assert(await cloud.identity.check(token));
    assert((await end()).status < 300);
    assertEquals(await cloud.identity.check(token), undefined);
    assert((await logIn(cloud, "reader", id)).status > 400);
    assert((await restore()).status < 300);
  }
  const { id } = await made(cloud);
  const token = (await logIn(cloud, "reader", id)).headers.get("x-subject-token")!;
  const demo = await cloud.token("demo");
  assertEquals((await cloud.send("DELETE", `${TRUSTS}/${id}`, { token: demo })).status, 204);
  assertEquals(await cloud.identity.check(token), undefined);
});

withCloud("tokens end with their trust, and a trust with its time", async (cloud) => {
  const { id } = await made(cloud, { expires_at: "2026-01-02T03:14:05Z" });
  const { headers, body } = await logIn(cloud, "reader", id);
  assertEquals(body.token.expires_at, "2026-01-02T03:14:05.000000Z");
  cloud.now += 11 * 60_000;
  assertEquals(await cloud.identity.check(headers.get("x-subject-token")!), undefined);
  const over = await logIn(cloud, "reader", id);
  assertEquals([over.status, over.body.error.message], [404, `Could not find trust: ${id}.`]);
  const token = await cloud.token("demo");
  assertEquals((await cloud.send("GET", `${TRUSTS}/${id}`, { token })).status, 404);
});

withCloud("a trust is good for as many tokens as it says", async (cloud) => {
  const { id } = await made(cloud, { remaining_uses: 2 });
  const token = await cloud.token("demo");
  assertEquals((await logIn(cloud, "reader", id)).status, 201);
  const left = await cloud.send("GET", `${TRUSTS}/${id}`, { token });
  assertEquals(left.body.trust.remaining_uses, 1);
  const [one, other] = await Promise.all([
    logIn(cloud, "reader", id),
    logIn(cloud, "reader", id),
  ]);
  assertEquals([one.status, other.status].filter((status) => status === 201).length, 1);
  assertEquals((await logIn(cloud, "reader", id)).status, 404);
  assertEquals((await cloud.send("GET", `${TRUSTS}/${id}`, { token })).status, 404);
});

withCloud("a trust is passed on with no more than it gives", async (cloud) => {
  const { adminUser, readerRole, demoUser, adminProject, memberRole } = cloud.ids;
  const admin = await cloud.token("admin");
  const grant = `/v3/projects/${adminProject}/users/${demoUser}/roles/${memberRole}`;
  assertEquals((await cloud.send("PUT", grant, { token: admin })).status, 204);
  const first = await made(cloud, {
    allow_redelegation: true,
    expires_at: "2027-01-01T00:00:00Z",
  });
  assertEquals(first.redelegation_count, 3);
  const token = (await logIn(cloud, "reader", first.id)).headers.get("x-subject-token")!;
  const to = { trustee_user_id: adminUser };
  for (
    const sent of [
      { ...to, expires_at: "2027-01-02T00:00:00Z" },
      { ...to, roles: [{ id: readerRole }] },
      { ...to, remaining_uses: 1 },
      { ...to, project_id: adminProject },
      { ...to, allow_redelegation: true, redelegation_count: 3 },
    ]
  ) {
    const { status, body } = await trust(cloud, sent, token);
    assertEquals([status, body.error?.message], [403, NOT_ALLOWED], JSON.stringify(sent));
  }
  const next = await made(cloud, { ...to, allow_redelegation: true }, token);
  assertEquals([next.redelegated_trust_id, next.redelegation_count, next.expires_at], [
    first.id,
    2,
    "2027-01-01T00:00:00.000000Z",
  ]);
  const acted = await logIn(cloud, "admin", next.id);
  assertEquals([acted.status, acted.body.token.user.name], [201, "demo"]);
  const last = await made(cloud, to, await tokenOf(cloud, "admin", next.id));
  const below = await trust(cloud, to, await tokenOf(cloud, "admin", last.id));
  assertEquals(below.status, 403, "the last allows no more");

  const demo = await cloud.token("demo");
  assertEquals((await cloud.send("DELETE", `${TRUSTS}/${first.id}`, { token: demo })).status, 204);
  for (const { id } of [next, last]) {
    assertEquals((await cloud.send("GET", `${TRUSTS}/${id}`, { token: demo })).status, 404);
  }
  assertEquals(await cloud.identity.check(acted.headers.get("x-subject-token")!), undefined);
});

async function tokenOf(cloud: Cloud, name: string, trustId: string): Promise<string> {
  return (await logIn(cloud, name, trustId)).headers.get("x-subject-token")!;
}

withCloud("trusts go with their users, and with their project", async (cloud) => {
  const admin = await cloud.token("admin");
  const { adminUser, adminRole, demoUser } = cloud.ids;
  const project = await cloud.send("POST", "/v3/projects", {
    token: admin,
    body: { project: { name: "p" } },
  });
  const { id } = project.body.project;
  const grant = `/v3/projects/${id}/users/${adminUser}/roles/${adminRole}`;
  assertEquals((await cloud.send("PUT", grant, { token: admin })).status, 204);
  const ofAdmin = { trustor_user_id: adminUser, project_id: id, roles: [{ id: adminRole }] };
  const both = [await made(cloud), await made(cloud, ofAdmin, admin)];
  const list = async () => (await cloud.send("GET", TRUSTS, { token: admin })).body.trusts.length;
  assertEquals([both.length, await list()], [2, 2]);
  assertEquals((await cloud.send("DELETE", `/v3/projects/${id}`, { token: admin })).status, 204);
  assertEquals(await list(), 1);
  assertEquals((await cloud.send("DELETE", `/v3/users/${demoUser}`, { token: admin })).status, 204);
  assertEquals(await list(), 0);
});
