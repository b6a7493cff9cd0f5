/** Conversations about groups of endpoints, and about projects that are kept to some. */
import { assert, assertEquals } from "@std/assert";
import { type Cloud, DEMO, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

const GROUPS = "/v3/OS-EP-FILTER/endpoint_groups";

const REST = "The server could not comply with the request since it is either malformed or " +
  "otherwise incorrect. The client is assumed to be in error.";

async function makeGroup(cloud: Cloud, token: string, group: object) {
  const answer = await cloud.send("POST", GROUPS, { token, body: { endpoint_group: group } });
  assertEquals(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.endpoint_group;
}

/** The endpoints of the catalog, by the type of their service and their interface. */
async function endpointIds(cloud: Cloud, token: string): Promise<ReadonlyMap<string, string>> {
  const services = (await cloud.send("GET", "/v3/services", { token })).body.services;
  const endpoints = (await cloud.send("GET", "/v3/endpoints", { token })).body.endpoints;
  const typeOf = new Map(services.map(({ id, type }: { id: string; type: string }) => [id, type]));
  return new Map(
    endpoints.map((one: { id: string; service_id: string; interface: string }) => [
      `${typeOf.get(one.service_id)} ${one.interface}`,
      one.id,
    ]),
  );
}

/** Type and interface of all that a new token of `demo` on its project tells of. */
async function catalogOf(cloud: Cloud): Promise<readonly string[]> {
  const { body } = await cloud.logIn("demo", DEMO);
  return body.token.catalog.flatMap(
    ({ type, endpoints }: { type: string; endpoints: readonly { interface: string }[] }) =>
      endpoints.map((one) => `${type} ${one.interface}`),
  ).sort();
}

withCloud("groups of endpoints: create, show, list, update, delete", async (cloud) => {
  const token = await cloud.token("admin");
  const made = await makeGroup(cloud, token, { name: "in", filters: { interface: "internal" } });
  const view = {
    id: made.id,
    name: "in",
    description: null,
    filters: { interface: "internal" },
    links: { self: `${BASE}/OS-EP-FILTER/endpoint_groups/${made.id}` },
  };
  assertEquals(made, view);
  const path = `${GROUPS}/${made.id}`;
  assertEquals((await cloud.send("GET", path, { token })).body.endpoint_group, view);
  const other = await makeGroup(cloud, token, { name: "b", filters: { region_id: "RegionOne" } });
  const list = async (query: string) =>
    (await cloud.send("GET", GROUPS + query, { token })).body.endpoint_groups;
  assertEquals(await list(""), [other, made]);
  assertEquals(await list("?name=in"), [made]);
  const updated = await cloud.send("PATCH", path, {
    token,
    body: { endpoint_group: { description: "d", filters: { interface: "public" } } },
  });
  const changed = { ...view, description: "d", filters: { interface: "public" } };
  assertEquals([updated.status, updated.body.endpoint_group], [200, changed]);
  const { body: { endpoints } } = await cloud.send("GET", `${path}/endpoints`, { token });
  assert(endpoints.length > 0);
  for (const endpoint of endpoints) assertEquals(endpoint.interface, "public");
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  for (const [method, at] of [["GET", path], ["DELETE", path], ["GET", `${path}/endpoints`]]) {
    const { status, body } = await cloud.send(method!, at!, { token });
    assertEquals([status, body.error.message], [
      404,
      `Could not find Endpoint Group: ${made.id}.`,
    ]);
  }
});

withCloud("groups that cannot be are refused", async (cloud) => {
  const token = await cloud.token("admin");
  const { id } = await makeGroup(cloud, token, { name: "in", filters: { interface: "internal" } });
  const unknown =
    `Expecting to find service_id or region_id or interface in endpoint_group. ${REST}`;
  for (
    const [method, group, message] of [
      ["POST", { name: "x" }, "Invalid input for field 'endpoint_group': 'filters' is a required"],
      ["POST", { name: "x", filters: {} }, "filters field is required and cannot be empty"],
      ["POST", { name: "x", filters: { hue: "red" } }, unknown],
      ["PATCH", { filters: { hue: "red" } }, unknown],
      ["PATCH", { id: "y" }, "Cannot change ID"],
    ] as const
  ) {
    const path = method === "POST" ? GROUPS : `${GROUPS}/${id}`;
    const answer = await cloud.send(method, path, { token, body: { endpoint_group: group } });
    assertEquals(answer.status, 400, JSON.stringify(group));
    assert(answer.body.error.message.startsWith(message), answer.body.error.message);
  }
  const demo = await cloud.token("demo");
  const body = { endpoint_group: { name: "x", filters: { interface: "public" } } };
  assertEquals((await cloud.send("POST", GROUPS, { token: demo, body })).status, 403);
  assertEquals((await cloud.send("GET", GROUPS, { token: demo })).status, 403);
});

withCloud("a project is kept to endpoints, and its tokens tell of no others", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoProject } = cloud.ids;
  const all = await catalogOf(cloud);
  const compute = (await endpointIds(cloud, token)).get("compute public")!;
  const ofProject = `/v3/OS-EP-FILTER/projects/${demoProject}/endpoints`;
  const path = `${ofProject}/${compute}`;
  const absent = await cloud.send("GET", path, { token });
  assertEquals([absent.status, absent.body.error.message], [
    404,
    `Endpoint ${compute} not found in project ${demoProject}`,
  ]);
  assertEquals((await cloud.send("PUT", path, { token })).status, 204);
  assertEquals((await cloud.send("HEAD", path, { token })).status, 204);
  const again = await cloud.send("PUT", path, { token });
  assertEquals([again.status, again.body.error.message], [
    409,
    "Conflict occurred attempting to store project_endpoint - Duplicate entry.",
  ]);
  const { body } = await cloud.send("GET", ofProject, { token });
  assertEquals(body.endpoints.map(({ id }: { id: string }) => id), [compute]);
  const projects = `/v3/OS-EP-FILTER/endpoints/${compute}/projects`;
  const kept = (await cloud.send("GET", projects, { token })).body.projects;
  assertEquals(kept.map(({ name }: { name: string }) => name), ["demo"]);
  assertEquals(await catalogOf(cloud), ["compute public"]);
  assertEquals((await cloud.send("DELETE", path, { token })).status, 204);
  assertEquals((await cloud.send("DELETE", path, { token })).status, 404);
  assertEquals(await catalogOf(cloud), all);
  for (
    const stray of [`/projects/none/endpoints/${compute}`, `/projects/${demoProject}/endpoints/x`]
  ) {
    assertEquals((await cloud.send("PUT", `/v3/OS-EP-FILTER${stray}`, { token })).status, 404);
  }
  const demo = await cloud.token("demo");
  assertEquals((await cloud.send("PUT", path, { token: demo })).status, 403);
});

withCloud("a project is kept to a group, until either is deleted", async (cloud) => {
  const token = await cloud.token("admin");
  const { demoProject } = cloud.ids;
  const group = await makeGroup(cloud, token, { name: "in", filters: { interface: "internal" } });
  const path = `${GROUPS}/${group.id}/projects/${demoProject}`;
  const absent = await cloud.send("GET", path, { token });
  assertEquals([absent.status, absent.body.error.message], [
    404,
    "Endpoint Group Project Association not found",
  ]);
  assertEquals((await cloud.send("PUT", path, { token })).status, 204);
  assertEquals((await cloud.send("GET", path, { token })).body.project_endpoint_group, {
    endpoint_group_id: group.id,
    project_id: demoProject,
    links: { self: `/OS-EP-FILTER/endpoint_groups/${group.id}/projects/${demoProject}` },
  });
  const groupsOf = `/v3/OS-EP-FILTER/projects/${demoProject}/endpoint_groups`;
  assertEquals((await cloud.send("GET", groupsOf, { token })).body.endpoint_groups, [group]);
  const projectsOf = `${GROUPS}/${group.id}/projects`;
  const projects = (await cloud.send("GET", projectsOf, { token })).body.projects;
  assertEquals(projects.map(({ name }: { name: string }) => name), ["demo"]);
  for (const one of await catalogOf(cloud)) assert(one.endsWith(" internal"), one);
  assertEquals((await cloud.send("DELETE", `${GROUPS}/${group.id}`, { token })).status, 204);
  assertEquals((await cloud.send("GET", groupsOf, { token })).body.endpoint_groups, []);
  assert((await catalogOf(cloud)).includes("compute public"));

  const next = await makeGroup(cloud, token, { name: "in", filters: { interface: "internal" } });
  const made = await cloud.send("POST", "/v3/projects", {
    token,
    body: { project: { name: "p" } },
  });
  const { id } = made.body.project;
  const of = `${GROUPS}/${next.id}/projects`;
  assertEquals((await cloud.send("PUT", `${of}/${id}`, { token })).status, 204);
  assertEquals((await cloud.send("DELETE", `/v3/projects/${id}`, { token })).status, 204);
  assertEquals((await cloud.send("GET", of, { token })).body.projects, []);
});
