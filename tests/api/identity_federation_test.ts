/** Conversations about identity services elsewhere, and about mappings of what they say. */
import { assert, assertEquals } from "@std/assert";
import { withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3/OS-FEDERATION";

const RULES = [{
  local: [{ user: { name: "{0}" } }, { group: { id: "0cd5e9" } }],
  remote: [{ type: "UserName" }, { type: "orgPersonType", not_any_of: ["Guest"] }],
}];

withCloud("mappings: create by an id of one's own, show, list, update, delete", async (cloud) => {
  const token = await cloud.token("admin");
  const path = "/v3/OS-FEDERATION/mappings/ours";
  const put = () => cloud.send("PUT", path, { token, body: { mapping: { rules: RULES } } });
  const view = {
    id: "ours",
    rules: RULES,
    schema_version: "1.0",
    links: { self: `${BASE}/mappings/ours` },
  };
  const made = await put();
  assertEquals([made.status, made.body.mapping], [201, view]);
  const again = await put();
  assertEquals([again.status, again.body.error.message], [
    409,
    "Conflict occurred attempting to store mapping - Duplicate entry.",
  ]);
  assertEquals((await cloud.send("GET", path, { token })).body.mapping, view);
  const all = await cloud.send("GET", "/v3/OS-FEDERATION/mappings", { token });
  assertEquals(all.body.mappings, [view]);
  const rules = [{ local: [{ groups: "{0}" }], remote: [{ type: "a", any_one_of: ["b"] }] }];
  const updated = await cloud.send("PATCH", path, { token, body: { mapping: { rules } } });
  assertEquals([updated.status, updated.body.mapping], [200, { ...view, rules }]);
  const demo = await cloud.token("demo");
  assertEquals((await cloud.send("DELETE", path, { token: demo })).status, 403);
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  const gone = await cloud.send("GET", path, { token });
  assertEquals([gone.status, gone.body.error.message], [404, "Could not find mapping: ours."]);
});

withCloud("mappings that say nothing, or too much, are refused", async (cloud) => {
  const token = await cloud.token("admin");
  const [{ local, remote }] = RULES as [typeof RULES[0]];
  for (
    const mapping of [
      {},
      { rules: [] },
      { rules: [{ local }] },
      { rules: [{ local, remote: [] }] },
      { rules: [{ local, remote: [{ type: "a", not_any_of: [], any_one_of: [] }] }] },
      { rules: [{ local: [{ hue: "red" }], remote }] },
      { rules: [{ local: [{ group: { name: "g" } }], remote }] },
    ]
  ) {
    const path = "/v3/OS-FEDERATION/mappings/bad";
    const answer = await cloud.send("PUT", path, { token, body: { mapping } });
    assertEquals(answer.status, 400, JSON.stringify(mapping));
  }
});

withCloud("identity providers: with a domain of their own, or one that is there", async (cloud) => {
  const token = await cloud.token("admin");
  const all = "/v3/OS-FEDERATION/identity_providers";
  const put = (id: string, provider: object) =>
    cloud.send("PUT", `${all}/${id}`, { token, body: { identity_provider: provider } });
  const made = await put("acme", { remote_ids: ["b", "a"] });
  assertEquals(made.status, 201, JSON.stringify(made.body));
  const view = {
    id: "acme",
    domain_id: made.body.identity_provider.domain_id,
    enabled: false,
    description: null,
    remote_ids: ["a", "b"],
    authorization_ttl: null,
    links: {
      self: `${BASE}/identity_providers/acme`,
      protocols: `${BASE}/identity_providers/acme/protocols`,
    },
  };
  assertEquals(made.body.identity_provider, view);
  const { body } = await cloud.send("GET", `/v3/domains/${view.domain_id}`, { token });
  assertEquals(
    body.domain.description,
    "Auto generated federated domain for Identity Provider: acme",
  );
  const other = await put("other", { domain_id: "default", enabled: true });
  assertEquals(other.body.identity_provider.domain_id, "default");
  const list = async (query: string) =>
    (await cloud.send("GET", all + query, { token })).body.identity_providers;
  assertEquals((await list("")).length, 2);
  assertEquals(await list("?enabled=false"), [view]);
  assertEquals(await list("?id=acme"), [view]);
  const patch = (provider: object) =>
    cloud.send("PATCH", `${all}/acme`, { token, body: { identity_provider: provider } });
  const updated = await patch({ enabled: true, remote_ids: null });
  assertEquals(updated.body.identity_provider, { ...view, enabled: true, remote_ids: [] });
  assertEquals((await patch({ domain_id: "default" })).status, 400);
  assertEquals((await patch({})).status, 400);
  for (
    const [id, sent, status] of [
      ["acme", {}, 409],
      ["third", { domain_id: "none" }, 404],
      ["third", { hue: "red" }, 400],
      ["third", { remote_ids: ["x", "x"] }, 400],
    ] as const
  ) {
    assertEquals((await put(id, sent)).status, status, JSON.stringify(sent));
  }
  await patch({ remote_ids: ["a"] });
  const taken = await put("third", { remote_ids: ["a"] });
  assertEquals([taken.status, taken.body.error.message], [
    409,
    "Conflict occurred attempting to store identity_provider - Duplicate remote ID: a.",
  ]);
  const domains = (await cloud.send("GET", "/v3/domains", { token })).body.domains;
  assertEquals(domains.length, 2, "no domain is left of those that were refused");
  const demo = await cloud.token("demo");
  assertEquals((await cloud.send("GET", `${all}/acme`, { token: demo })).status, 403);
  assertEquals((await cloud.send("DELETE", `${all}/acme`, { token })).status, 204);
  const gone = await cloud.send("DELETE", `${all}/acme`, { token });
  assertEquals([gone.status, gone.body.error.message], [
    404,
    "Could not find Identity Provider: acme.",
  ]);
  assert((await list("")).length === 1);
});
