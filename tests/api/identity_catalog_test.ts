/** Conversations about the catalog: services, endpoints, regions, and what tokens tell of them. */
import { assert, assertEquals } from "@std/assert";
import { Cloud, DEMO, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

/** Asks as an admin; gives what the answer is about, or the refusal's message. */
function asAdmin(cloud: Cloud) {
  return async (method: string, path: string, body?: object) => {
    const answer = await cloud.send(method, path, { token: await cloud.token("admin"), body });
    const [about] = Object.values(answer.body || {});
    // deno-lint-ignore no-explicit-any -- every answer has another shape.
    return { status: answer.status, about: about as any, message: answer.body?.error?.message };
  };
}

/** The catalog of a new token of `demo`, by type. */
async function catalogOf(cloud: Cloud, scope: unknown = DEMO, name = "demo") {
  const { body } = await cloud.logIn(name, scope);
  const entries = body.token.catalog as { type: string; endpoints: Record<string, unknown>[] }[];
  return new Map(entries.map((entry) => [entry.type, entry.endpoints]));
}

withCloud("services: create, list, update, delete, and what tokens tell", async (cloud) => {
  const ask = asAdmin(cloud);
  const made = await ask("POST", "/v3/services", {
    service: { type: "dns", name: "designate", description: "Names", "the-color": "red" },
  });
  const { id } = made.about;
  const view = {
    description: "Names",
    the_color: "red",
    id,
    type: "dns",
    name: "designate",
    enabled: true,
    links: { self: `${BASE}/services/${id}` },
  };
  assertEquals([made.status, made.about], [201, view]);
  assertEquals((await ask("GET", `/v3/services/${id}`)).about, view);
  assertEquals((await ask("GET", "/v3/services?type=dns")).about, [view]);
  assertEquals((await ask("GET", "/v3/services?name__icontains=DESIG")).about, [view]);
  assertEquals((await catalogOf(cloud)).get("dns"), []);
  const disabled = await ask("PATCH", `/v3/services/${id}`, { service: { enabled: false } });
  assertEquals([disabled.status, disabled.about], [200, { ...view, enabled: false }]);
  assertEquals((await catalogOf(cloud)).get("dns"), undefined);
  assertEquals((await ask("DELETE", `/v3/services/${id}`)).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const gone = await ask(method, `/v3/services/${id}`);
    assertEquals([gone.status, gone.message], [404, `Could not find service: ${id}.`]);
  }
});

withCloud("endpoints: create, update, delete, filled in for the token", async (cloud) => {
  const ask = asAdmin(cloud);
  const service = (await ask("POST", "/v3/services", { service: { type: "dns" } })).about.id;
  const url = "https://dns.example/v2/$(project_id)s/%(user_id)s";
  const endpoint = { service_id: service, interface: "public", url, region: "Cellar", name: "n" };
  const made = await ask("POST", "/v3/endpoints", { endpoint });
  const { id } = made.about;
  const view = {
    name: "n",
    id,
    interface: "public",
    region_id: "Cellar",
    region: "Cellar",
    service_id: service,
    url,
    enabled: true,
    links: { self: `${BASE}/endpoints/${id}` },
  };
  assertEquals([made.status, made.about], [201, view]);
  assertEquals((await ask("GET", "/v3/regions/Cellar")).status, 200);
  assertEquals((await ask("GET", `/v3/endpoints?service_id=${service}`)).about, [view]);
  const { demoProject, demoUser } = cloud.ids;
  const filled = `https://dns.example/v2/${demoProject}/${demoUser}`;
  assertEquals((await catalogOf(cloud)).get("dns"), [
    { name: "n", id, interface: "public", region_id: "Cellar", region: "Cellar", url: filled },
  ]);
  // There is no project to fill in.
  assertEquals((await catalogOf(cloud, { system: { all: true } }, "admin")).get("dns"), []);

  const changes = { url: "https://dns.example/v2", enabled: false, region_id: "RegionOne" };
  const updated = await ask("PATCH", `/v3/endpoints/${id}`, { endpoint: changes });
  assertEquals([updated.status, updated.about], [200, {
    ...view,
    ...changes,
    region: "RegionOne",
  }]);
  assertEquals((await catalogOf(cloud)).get("dns"), []);
  assertEquals((await ask("DELETE", `/v3/endpoints/${id}`)).status, 204);
  const gone = await ask("GET", `/v3/endpoints/${id}`);
  assertEquals([gone.status, gone.message], [404, `Could not find endpoint: ${id}.`]);
});

withCloud("endpoints that lead nowhere are refused in Keystone's words", async (cloud) => {
  const ask = asAdmin(cloud);
  const [compute] = (await ask("GET", "/v3/services?type=compute")).about;
  const good = { service_id: compute.id, interface: "public", url: "http://x/" };
  const rest = "The server could not comply with the request since it is either malformed or " +
    "otherwise incorrect. The client is assumed to be in error.";
  for (
    const [endpoint, message] of [
      [
        { ...good, service_id: "none" },
        `Expecting to find endpoint service_id in service table. ${rest}`,
      ],
      [
        { ...good, region_id: "none" },
        `Expecting to find endpoint region_id in region table. ${rest}`,
      ],
      [
        { ...good, url: "http://x/$(secret)s" },
        "Cannot create an endpoint with an invalid URL: http://x/$(secret)s.",
      ],
      [
        { ...good, url: "/v2" },
        "Invalid input for field 'endpoint/url': '/v2' does not match '^[a-zA-Z0-9+.-]+:.+'",
      ],
      [
        { ...good, interface: "secret" },
        "Invalid input for field 'endpoint/interface': 'secret' is not one of " +
        "['admin', 'internal', 'public']",
      ],
    ] as const
  ) {
    const { status, message: words } = await ask("POST", "/v3/endpoints", { endpoint });
    assertEquals([status, words], [400, message]);
  }
});

withCloud("what is built in is where the client asks, until an admin says where", async (cloud) => {
  const ask = asAdmin(cloud);
  const [image] = (await ask("GET", "/v3/services?type=image")).about;
  const [endpoint] =
    (await ask("GET", `/v3/endpoints?service_id=${image.id}&interface=public`)).about;
  assertEquals(endpoint.url, "http://cloud.example:8774/image");
  const url = "https://glance.example";
  const moved = await ask("PATCH", `/v3/endpoints/${endpoint.id}`, { endpoint: { url } });
  assertEquals([moved.status, moved.about], [200, { ...endpoint, url }]);
  assertEquals((await ask("GET", `/v3/endpoints/${endpoint.id}`)).about, { ...endpoint, url });
  const urls = async () =>
    (await catalogOf(cloud)).get("image")?.map((one) => [one.interface, one.url]);
  assertEquals(await urls(), [
    ["public", url],
    ["internal", "http://cloud.example:8774/image"],
    ["admin", "http://cloud.example:8774/image"],
  ]);
  // Only what was changed is fixed.
  const [, internal] = (await ask("GET", `/v3/endpoints?service_id=${image.id}`)).about;
  await ask("PATCH", `/v3/endpoints/${internal.id}`, { endpoint: { name: "inside" } });
  assertEquals((await urls())?.[1], ["internal", "http://cloud.example:8774/image"]);
  await ask("DELETE", `/v3/endpoints/${endpoint.id}`);
  assertEquals((await urls())?.map(([side]) => side), ["internal", "admin"]);

  const renamed = await ask("PATCH", `/v3/services/${image.id}`, { service: { name: "pictures" } });
  assertEquals(renamed.about, { ...image, name: "pictures" });
  assertEquals(
    (await ask("PATCH", `/v3/services/${image.id}`, { service: { name: "pictures" } }))
      .about.name,
    "pictures",
  );
  assertEquals((await ask("DELETE", `/v3/services/${image.id}`)).status, 204);
  assertEquals(await urls(), undefined);
  assertEquals((await ask("GET", `/v3/endpoints?service_id=${image.id}`)).about, []);
  assertEquals((await ask("GET", "/v3/services")).about.length, 5);
});

withCloud("regions: by an id of one's own, below each other", async (cloud) => {
  const ask = asAdmin(cloud);
  const put = await ask("PUT", "/v3/regions/north", { region: { description: "d" } });
  const view = {
    id: "north",
    description: "d",
    parent_region_id: null,
    links: { self: `${BASE}/regions/north` },
  };
  assertEquals([put.status, put.about], [201, view]);
  const below = { id: "oslo", parent_region_id: "north" };
  assertEquals((await ask("POST", "/v3/regions", { region: below })).about.description, "");
  const nameless = await ask("POST", "/v3/regions", { region: {} });
  assertEquals(nameless.about.id.length, 32);
  const children = await ask("GET", "/v3/regions?parent_region_id=north");
  assertEquals(children.about.map(({ id }: { id: string }) => id), ["oslo"]);
  for (
    const [method, path, region, status, message] of [
      [
        "PUT",
        "/v3/regions/north",
        {},
        409,
        "Conflict occurred attempting to store region - Duplicate ID, north..",
      ],
      [
        "POST",
        "/v3/regions",
        { id: "RegionOne" },
        409,
        "Conflict occurred attempting to store region - Duplicate ID, RegionOne..",
      ],
      [
        "PUT",
        "/v3/regions/a",
        { id: "b" },
        400,
        'Conflicting region IDs specified: "a" != "b"',
      ],
      [
        "POST",
        "/v3/regions",
        { id: "x", parent_region_id: "none" },
        404,
        "Could not find region: none.",
      ],
      [
        "PATCH",
        "/v3/regions/north",
        { parent_region_id: "oslo" },
        400,
        "The specified parent region oslo would create a circular region hierarchy.",
      ],
      ["PATCH", "/v3/regions/none", { description: "d" }, 404, "Could not find region: none."],
    ] as const
  ) {
    const answer = await ask(method, path, { region });
    assertEquals([answer.status, answer.message], [status, message]);
  }
  const updated = await ask("PATCH", "/v3/regions/RegionOne", { region: { description: "one" } });
  assertEquals([updated.status, updated.about.description], [200, "one"]);

  const refused = await ask("DELETE", "/v3/regions/RegionOne");
  assertEquals([refused.status, refused.message], [
    403,
    "Unable to delete region RegionOne because it or its child regions have associated endpoints.",
  ]);
  assertEquals((await ask("DELETE", "/v3/regions/north")).status, 204);
  assertEquals((await ask("GET", "/v3/regions/oslo")).status, 404);
  assertEquals((await ask("PUT", "/v3/regions/oslo", { region: {} })).status, 201);
});

withCloud("only admins change the catalog", async (cloud) => {
  const token = await cloud.token("demo");
  for (
    const [method, path, body] of [
      ["POST", "/v3/services", { service: { type: "x" } }],
      ["PATCH", "/v3/services/x", { service: { type: "x" } }],
      ["DELETE", "/v3/services/x"],
      ["POST", "/v3/endpoints", { endpoint: { service_id: "x", interface: "public", url: "a:b" } }],
      ["PATCH", "/v3/endpoints/x", { endpoint: { enabled: false } }],
      ["DELETE", "/v3/endpoints/x"],
      ["POST", "/v3/regions", { region: {} }],
      ["PUT", "/v3/regions/x", { region: {} }],
      ["PATCH", "/v3/regions/x", { region: { description: "d" } }],
      ["DELETE", "/v3/regions/x"],
    ] as const
  ) {
    const { status, body: answer } = await cloud.send(method, path, { token, body });
    assertEquals(status, 403, `${method} ${path}`);
    assert(answer.error.message.includes("identity:"), answer.error.message);
  }
});
