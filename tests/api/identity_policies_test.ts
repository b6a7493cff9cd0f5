/** Conversations about policies of other services, and about consumers of OAuth 1. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { SYSTEM, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

withCloud("policies: create, show, list, update, delete", async (cloud) => {
  const token = await cloud.token("admin");
  const sent = { type: "application/json", blob: "{}", description: "d" };
  const made = await cloud.send("POST", "/v3/policies", { token, body: { policy: sent } });
  const { id } = made.body.policy;
  const view = { ...sent, id, links: { self: `${BASE}/policies/${id}` } };
  assertEquals([made.status, made.body.policy], [201, view]);
  const path = `/v3/policies/${id}`;
  const list = async (query: string) =>
    (await cloud.send("GET", `/v3/policies${query}`, { token })).body.policies;
  assertEquals(await list(""), [view]);
  assertEquals(await list("?type__contains=json"), [view]);
  assertEquals(await list("?type=text/plain"), []);
  const updated = await cloud.send("PATCH", path, { token, body: { policy: { blob: "[]" } } });
  assertEquals([updated.status, updated.body.policy], [200, { ...view, blob: "[]" }]);
  assertEquals((await cloud.send("GET", path, { token })).body.policy, { ...view, blob: "[]" });
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const gone = await cloud.send(method, path, { token });
    assertEquals([gone.status, gone.body.error.message], [404, `Could not find policy: ${id}.`]);
  }
});

withCloud("policies that cannot be are refused, and only admins write them", async (cloud) => {
  const token = await cloud.token("admin");
  const post = (policy: object, as = token) =>
    cloud.send("POST", "/v3/policies", { token: as, body: { policy } });
  const whole = { type: "text/plain", blob: "x" };
  for (const policy of [{ type: "x" }, { blob: "x" }, { ...whole, blob: {} }]) {
    assertEquals((await post(policy)).status, 400, JSON.stringify(policy));
  }
  const { id } = (await post(whole)).body.policy;
  const path = `/v3/policies/${id}`;
  const renamed = await cloud.send("PATCH", path, { token, body: { policy: { id: "x" } } });
  assertEquals([renamed.status, renamed.body.error.message], [400, "Cannot change policy ID"]);
  const demo = await cloud.token("demo");
  assertEquals((await post(whole, demo)).status, 403);
  assertEquals((await cloud.send("GET", path, { token: demo })).status, 403);
  assertEquals((await cloud.send("DELETE", path, { token: demo })).status, 403);
  const system = await cloud.token("admin", SYSTEM);
  assertEquals((await cloud.send("GET", path, { token: system })).status, 200);
});

withCloud("consumers: the secret is told once, and sealed", async (cloud) => {
  const token = await cloud.token("admin");
  const all = "/v3/OS-OAUTH1/consumers";
  const made = await cloud.send("POST", all, { token, body: { consumer: { hue: "red" } } });
  assertEquals(made.status, 201);
  const { secret, ...view } = made.body.consumer;
  assertMatch(secret, /^[0-9a-f]{32}$/);
  const path = `${all}/${view.id}`;
  assertEquals(view, {
    hue: "red",
    id: view.id,
    description: null,
    links: { self: `${BASE}/OS-OAUTH1/consumers/${view.id}` },
  });
  assertEquals((await cloud.send("GET", path, { token })).body.consumer, view);
  assertEquals((await cloud.send("GET", all, { token })).body.consumers, [view]);
  const patch = (consumer: object) => cloud.send("PATCH", path, { token, body: { consumer } });
  assertEquals((await patch({ description: "d" })).body.consumer, { ...view, description: "d" });
  const refused = await patch({ secret: "mine" });
  assertEquals([refused.status, refused.body.error.message], [
    400,
    "Invalid input for field 'consumer': {...} should not be valid under {'required': ['secret']}",
  ]);
  assertEquals((await patch({ id: "other" })).body.error.message, "Cannot change ID");
  const demo = await cloud.token("demo");
  assertEquals(
    (await cloud.send("POST", all, { token: demo, body: { consumer: {} } })).status,
    403,
  );
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  const gone = await cloud.send("GET", path, { token });
  assertEquals([gone.status, gone.body.error.message], [404, "Consumer not found"]);
  await cloud.stop();
  const texts: string[] = [];
  for (const file of Deno.readDirSync(cloud.folder)) {
    const bytes = await Deno.readFile(`${cloud.folder}/${file.name}`);
    texts.push(new TextDecoder("latin1").decode(bytes));
  }
  assert(texts.some((text) => text.includes('"hue":"red"')));
  assert(!texts.some((text) => text.includes(secret)));
  await cloud.start();
});
