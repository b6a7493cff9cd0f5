/** Application credentials that are kept to access rules: at every service of a whole cloud. */
import { assertEquals } from "@std/assert";
import { TestCloud, withCloud } from "../kit/cloud.ts";

/** A test with a whole cloud. */
function test(name: string, work: (cloud: TestCloud) => Promise<void>): void {
  Deno.test(name, () => withCloud(work));
}

interface Robot {
  readonly token: string;
  readonly userId: string;
  // deno-lint-ignore no-explicit-any -- the credential as it was answered.
  readonly credential: any;
}

/** Makes an application credential of `demo` and logs in with it. */
async function robot(
  cloud: TestCloud,
  name: string,
  access_rules: readonly object[],
  more: object = {},
): Promise<Robot> {
  const own = cloud.tokens.get("member")!;
  const self = await cloud.ask("member", "GET", "/identity/v3/auth/tokens", {
    headers: { "x-subject-token": own },
  });
  const userId = self.json.token.user.id;
  const path = `/identity/v3/users/${userId}/application_credentials`;
  const body = { application_credential: { name, access_rules, ...more } };
  const made = await cloud.ask("member", "POST", path, { body });
  assertEquals(made.status, 201, made.text);
  const credential = made.json.application_credential;
  const { id, secret } = credential;
  const identity = { methods: ["application_credential"], application_credential: { id, secret } };
  const issued = await cloud.ask("none", "POST", "/identity/v3/auth/tokens", {
    body: { auth: { identity } },
  });
  assertEquals(issued.json.token.application_credential.access_rules, credential.access_rules);
  return { token: issued.headers.get("x-subject-token")!, userId, credential };
}

test("a token of a kept credential counts where a rule allows it, and nowhere else", async (cloud) => {
  const { token, userId } = await robot(cloud, "kept", [
    { service: "compute", method: "GET", path: "/v2.1/servers" },
    { service: "compute", method: "GET", path: "/v2.1/servers/{id}/ips" },
    { service: "image", method: "GET", path: "/v2/images" },
    { service: "volumev3", method: "GET", path: "/volume/v3/**" },
    { service: "compute", method: "GET", path: "/chronova/**" },
    { service: "identity", method: "GET", path: "/v3/auth/projects" },
  ]);
  const project = cloud.projectIds.demo;
  // Twice, for the second time the token is known.
  for (let time = 0; time < 2; time++) {
    for (
      const [method, path, status] of [
        ["GET", "/v2.1/servers", 200],
        ["GET", "//v2.1//servers", 200],
        ["GET", "/v2.1/servers?limit=1", 200],
        ["GET", "/v2.1/servers/none/ips", 404],
        ["GET", "/image/v2/images", 200],
        ["GET", `/volume/v3/${project}/volumes`, 200],
        ["GET", "/identity/v3/auth/projects", 200],
        ["GET", "/v2.1/servers/detail", 401],
        ["GET", `/v2.1/${project}/servers`, 401],
        ["GET", "/v2/servers", 401],
        ["GET", "/v2.1/servers/../flavors", 401],
        ["DELETE", "/v2.1/servers", 401],
        ["HEAD", "/image/v2/images", 401],
        ["GET", "/image/v2/images/none", 401],
        ["GET", "/network/v2.0/networks", 401],
        ["GET", "/identity/v3/auth/domains", 401],
        ["GET", `/identity/v3/users/${userId}`, 401],
        ["GET", "/chronova/v1/faults", 401],
      ] as const
    ) {
      const answer = await cloud.ask("none", method, path, { token });
      assertEquals(answer.status, status, `${method} ${path}: ${answer.text}`);
    }
    const created = await cloud.ask("none", "POST", "/v2.1/servers", {
      token,
      body: { server: await cloud.plain() },
    });
    assertEquals(created.status, 401);
  }
});

test("a kept token stays kept when another is made of it", async (cloud) => {
  const { token } = await robot(cloud, "kept", [
    { service: "identity", method: "POST", path: "/v3/auth/tokens" },
  ]);
  const issued = await cloud.ask("none", "POST", "/identity/v3/auth/tokens", {
    body: { auth: { identity: { methods: ["token"], token: { id: token } } } },
  });
  assertEquals(issued.status, 201);
  const child = issued.headers.get("x-subject-token")!;
  assertEquals((await cloud.ask("none", "GET", "/v2.1/servers", { token: child })).status, 401);
});

test("only services that keep to access rules are told of a token that has some", async (cloud) => {
  const { token } = await robot(cloud, "kept", [
    { service: "compute", method: "GET", path: "/v2.1/servers" },
  ]);
  const check = async (headers: Record<string, string>, as?: string) =>
    (await cloud.ask(as === undefined ? "admin" : "none", "GET", "/identity/v3/auth/tokens", {
      headers: { "x-subject-token": token, ...headers },
      token: as,
    })).status;
  assertEquals(await check({}), 404);
  assertEquals(await check({ "openstack-identity-access-rules": "0.9" }), 404);
  assertEquals(await check({ "openstack-identity-access-rules": "1.0" }), 200);
  // To ask what it is worth itself, a token needs no rule.
  assertEquals(await check({ "openstack-identity-access-rules": "1.0" }, token), 200);
});

test("access rules are a user's, shared by its credentials, and kept while in use", async (cloud) => {
  const list = { service: "compute", method: "GET", path: "/v2.1/servers" };
  const { userId, credential: first } = await robot(cloud, "one", [list]);
  const [{ id, ...facts }] = first.access_rules;
  assertEquals(facts, list);
  const { credential: second } = await robot(cloud, "two", [{ id }, { ...list, method: "DELETE" }]);
  assertEquals(second.access_rules[0], { id, ...list });
  const { credential: third } = await robot(cloud, "three", [list, list]);
  assertEquals(third.access_rules, [{ id, ...list }]);

  const base = `/identity/v3/users/${userId}`;
  const rules = async (query = "") =>
    (await cloud.ask("member", "GET", `${base}/access_rules${query}`)).json.access_rules;
  assertEquals((await rules()).length, 2);
  const [listed] = await rules("?method=GET");
  assertEquals(listed.links.self, `http://cloud.test:8774/identity/v3/access_rules/${id}`);
  const one = `${base}/access_rules/${id}`;
  assertEquals((await cloud.ask("member", "GET", one)).json.access_rule, listed);
  const refused = await cloud.ask("member", "DELETE", one);
  assertEquals([refused.status, refused.json.error.message], [
    403,
    "May not delete access rule in use",
  ]);
  assertEquals((await cloud.ask("stranger", "GET", one)).status, 403);
  assertEquals((await cloud.ask("stranger", "DELETE", one)).status, 403);
  for (const { id: credential } of [first, second, third]) {
    const path = `${base}/application_credentials/${credential}`;
    assertEquals((await cloud.ask("member", "DELETE", path)).status, 204);
  }
  assertEquals((await cloud.ask("member", "DELETE", one)).status, 204);
  const gone = await cloud.ask("member", "DELETE", one);
  assertEquals([gone.status, gone.json.error.message], [404, `Could not find Access Rule: ${id}.`]);
});

test("access rules are listed in the order they were made in", async (cloud) => {
  const wanted = ["a", "b", "c", "d", "e", "f", "g", "h"]
    .map((step) => ({ service: "compute", method: "GET", path: `/v2.1/${step}` }));
  const { userId, credential } = await robot(cloud, "many", wanted);
  const path = `/identity/v3/users/${userId}/access_rules`;
  const listed = (await cloud.ask("member", "GET", path)).json.access_rules;
  const idsOf = (rules: readonly { readonly id: string }[]) => rules.map(({ id }) => id);
  assertEquals(idsOf(listed), idsOf(credential.access_rules));
});
