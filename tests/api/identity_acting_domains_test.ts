/** Conversations about projects that act as domains: they are domains, and nothing else. */
import { assertEquals } from "@std/assert";
import { withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

withCloud("a project that acts as a domain is one", async (cloud) => {
  const token = await cloud.token("admin");
  const made = await cloud.send("POST", "/v3/projects", {
    token,
    body: { project: { name: "far", is_domain: true, description: "d", tags: ["a"] } },
  });
  const { id } = made.body.project;
  const view = {
    id,
    name: "far",
    description: "d",
    domain_id: null,
    parent_id: null,
    is_domain: true,
    enabled: true,
    tags: ["a"],
    options: {},
    links: { self: `${BASE}/projects/${id}` },
  };
  assertEquals([made.status, made.body.project], [201, view]);
  const path = `/v3/projects/${id}`;
  assertEquals((await cloud.send("GET", path, { token })).body.project, view);
  const asDomain = await cloud.send("GET", `/v3/domains/${id}`, { token });
  assertEquals([asDomain.status, asDomain.body.domain.name], [200, "far"]);
  const list = async (query: string) =>
    (await cloud.send("GET", `/v3/projects?${query}`, { token })).body.projects;
  assertEquals(await list("is_domain=true&name=far"), [view]);
  assertEquals(await list("name=far"), []);

  const below = await cloud.send("POST", "/v3/projects", {
    token,
    body: { project: { name: "near", domain_id: id } },
  });
  assertEquals([below.status, below.body.project.parent_id], [201, id]);

  const patch = (project: object) => cloud.send("PATCH", path, { token, body: { project } });
  assertEquals((await cloud.send("DELETE", path, { token })).body.error, {
    code: 403,
    title: "Forbidden",
    message: "Cannot delete a domain that is enabled, please disable it first.",
  });
  assertEquals(
    (await patch({ is_domain: false })).body.error.message,
    "Update of `is_domain` is not allowed.",
  );
  assertEquals((await patch({ domain_id: "default" })).status, 400);
  assertEquals((await patch({ parent_id: "default" })).status, 403);
  const disabled = await patch({ enabled: false, is_domain: true });
  assertEquals([disabled.status, disabled.body.project], [200, { ...view, enabled: false }]);
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  assertEquals((await cloud.send("GET", path, { token })).status, 404);
  assertEquals((await cloud.send("GET", `/v3/domains/${id}`, { token })).status, 404);
});

withCloud("who may not make domains makes no projects that act as one", async (cloud) => {
  const token = await cloud.token("demo");
  const body = { project: { name: "far", is_domain: true } };
  assertEquals((await cloud.send("POST", "/v3/projects", { token, body })).status, 403);
  const again = { project: { name: "Default", is_domain: true } };
  const admin = await cloud.token("admin");
  const taken = await cloud.send("POST", "/v3/projects", { token: admin, body: again });
  assertEquals([taken.status, taken.body.error.message], [
    409,
    "Conflict occurred attempting to store project - it is not permitted to have two projects " +
    "acting as domains with the same name: Default.",
  ]);
});
