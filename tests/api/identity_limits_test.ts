/** Conversations about limits that other services look up. */
import { assert, assertEquals } from "@std/assert";
import { Cloud, withCloud } from "./identity_cloud_test.ts";

const BASE = "http://cloud.example:8774/identity/v3";

const REST = "The server could not comply with the request since it is either malformed or " +
  "otherwise incorrect. The client is assumed to be in error.";

/** Asks as an admin, or with another token. */
function asking(cloud: Cloud) {
  return async (method: string, path: string, body?: object, token?: string) => {
    const answer = await cloud.send(method, path, {
      token: token ?? await cloud.token("admin"),
      body,
    });
    const [about] = Object.values(answer.body || {});
    // deno-lint-ignore no-explicit-any -- every answer has another shape.
    return { status: answer.status, about: about as any, message: answer.body?.error?.message };
  };
}

withCloud("registered limits: create, list, update, delete", async (cloud) => {
  const ask = asking(cloud);
  const [{ id: service_id }] = (await ask("GET", "/v3/services?type=image")).about;
  const resource = { service_id, region_id: "RegionOne", resource_name: "images" };
  const made = await ask("POST", "/v3/registered_limits", {
    registered_limits: [
      { ...resource, default_limit: 10, description: "d" },
      { service_id, resource_name: "images", default_limit: -1 },
    ],
  });
  const [{ id }, { id: other }] = made.about;
  const view = {
    id,
    ...resource,
    default_limit: 10,
    description: "d",
    links: { self: `${BASE}/registered_limits/${id}` },
  };
  assertEquals([made.status, made.about[0]], [201, view]);
  assertEquals(made.about[1].region_id, null);
  const demo = await cloud.token("demo");
  const path = `/v3/registered_limits/${id}`;
  assertEquals((await ask("GET", path, undefined, demo)).about, view);
  const listed = await ask("GET", "/v3/registered_limits?region_id=RegionOne", undefined, demo);
  assertEquals(listed.about, [view]);
  const updated = await ask("PATCH", path, { registered_limit: { default_limit: 20 } });
  assertEquals([updated.status, updated.about], [200, { ...view, default_limit: 20 }]);
  assertEquals((await ask("DELETE", path)).status, 204);
  for (const method of ["GET", "DELETE"]) {
    const gone = await ask(method, path);
    assertEquals([gone.status, gone.message], [404, `Could not find registered limit for ${id}.`]);
  }
  assertEquals(
    (await ask("DELETE", `/v3/registered_limits/${other}`, undefined, demo)).status,
    403,
  );
});

withCloud("registered limits that cannot be are refused in Keystone's words", async (cloud) => {
  const ask = asking(cloud);
  const [{ id: service_id }] = (await ask("GET", "/v3/services?type=image")).about;
  const good = { service_id, resource_name: "images", default_limit: 1 };
  const post = async (...registered_limits: readonly object[]) => {
    const { status, message } = await ask("POST", "/v3/registered_limits", { registered_limits });
    return [status, message];
  };
  assertEquals(await post(), [
    400,
    "Invalid input for field 'registered_limits': [...] is too short",
  ]);
  assertEquals(await post({ ...good, service_id: "none" }), [
    400,
    `Expecting to find service_id in registered_limit. ${REST}`,
  ]);
  assertEquals(await post({ ...good, region_id: "none" }), [
    400,
    `Expecting to find region_id in registered_limit. ${REST}`,
  ]);
  assertEquals(await post({ ...good, default_limit: -2 }), [
    400,
    "Invalid input for field 'registered_limits/0/default_limit': -2 is less than the minimum of -1",
  ]);
  const conflict = [
    409,
    "Conflict occurred attempting to store registered_limit - Duplicate entry.",
  ];
  assertEquals(await post(good, good), conflict);
  assertEquals((await ask("GET", "/v3/registered_limits")).about, [], "all of a list, or none");
  assertEquals(await post(good), [201, undefined]);
  assertEquals(await post(good), conflict);
});

withCloud("limits: of a project or a domain, seen by those they are of", async (cloud) => {
  const ask = asking(cloud);
  const [{ id: service_id }] = (await ask("GET", "/v3/services?type=image")).about;
  const { demoProject, adminProject } = cloud.ids;
  const resource = { service_id, resource_name: "images" };
  const [{ id: registered }] = (await ask("POST", "/v3/registered_limits", {
    registered_limits: [{ ...resource, default_limit: 10 }],
  })).about;
  const made = await ask("POST", "/v3/limits", {
    limits: [
      { ...resource, project_id: demoProject, resource_limit: 5 },
      { ...resource, project_id: adminProject, resource_limit: 6 },
      { ...resource, domain_id: "default", resource_limit: 7, description: "d" },
    ],
  });
  const view = (at: number, more: object) => ({
    id: made.about[at].id,
    project_id: null,
    domain_id: null,
    ...resource,
    region_id: null,
    description: null,
    links: { self: `${BASE}/limits/${made.about[at].id}` },
    ...more,
  });
  const [ofDemo, ofAdmin, ofDomain] = [
    view(0, { project_id: demoProject, resource_limit: 5 }),
    view(1, { project_id: adminProject, resource_limit: 6 }),
    view(2, { domain_id: "default", resource_limit: 7, description: "d" }),
  ];
  assertEquals([made.status, made.about], [201, [ofDemo, ofAdmin, ofDomain]]);
  assertEquals((await ask("GET", "/v3/limits")).about.length, 3);
  assertEquals((await ask("GET", "/v3/limits?domain_id=default")).about, [ofDomain]);
  const demo = await cloud.token("demo");
  assertEquals((await ask("GET", "/v3/limits", undefined, demo)).about, [ofDemo]);
  const show = async (id: string) => (await ask("GET", `/v3/limits/${id}`, undefined, demo)).status;
  assertEquals([await show(ofDemo.id), await show(ofAdmin.id), await show("none")], [
    200,
    403,
    403,
  ]);
  const unscoped = await cloud.token("demo", "unscoped");
  assertEquals((await ask("GET", "/v3/limits", undefined, unscoped)).about, []);

  const path = `/v3/limits/${ofDemo.id}`;
  const updated = await ask("PATCH", path, { limit: { resource_limit: 0, description: "e" } });
  assertEquals(updated.about, { ...ofDemo, resource_limit: 0, description: "e" });
  const inUse = `Unable to update or delete registered limit ${registered} because there are ` +
    "project limits associated with it.";
  for (
    const [method, body] of [
      ["PATCH", { registered_limit: { default_limit: 1 } }],
      ["DELETE"],
    ] as const
  ) {
    const refused = await ask(method, `/v3/registered_limits/${registered}`, body);
    assertEquals([refused.status, refused.message], [403, inUse]);
  }
  assertEquals((await ask("DELETE", path)).status, 204);
  const gone = await ask("DELETE", path);
  assertEquals([gone.status, gone.message], [404, `Could not find limit for ${ofDemo.id}.`]);
  const model = await ask("GET", "/v3/limits/model", undefined, demo);
  assertEquals([model.status, model.about.name], [200, "flat"]);
});

withCloud("limits that cannot be are refused in Keystone's words", async (cloud) => {
  const ask = asking(cloud);
  const [{ id: service_id }] = (await ask("GET", "/v3/services?type=image")).about;
  const project_id = cloud.ids.demoProject;
  const resource = { service_id, resource_name: "images" };
  const good = { ...resource, project_id, resource_limit: 1 };
  const post = async (limit: object) => {
    const { status, message } = await ask("POST", "/v3/limits", { limits: [limit] });
    return [status, message];
  };
  assertEquals(await post(good), [
    403,
    "Unable to create a limit that has no corresponding registered limit.",
  ]);
  await ask("POST", "/v3/registered_limits", {
    registered_limits: [{ ...resource, default_limit: 10 }],
  });
  assertEquals((await post({ ...good, region_id: "RegionOne" }))[0], 403);
  const neither = "Invalid input for field 'limits/0': {...} is not valid under any of the given " +
    "schemas";
  assertEquals(await post({ ...resource, resource_limit: 1 }), [400, neither]);
  assertEquals(await post({ ...good, domain_id: "default" }), [400, neither]);
  assertEquals(await post({ ...good, project_id: "none" }), [
    400,
    `Expecting to find project_id in limit. ${REST}`,
  ]);
  assertEquals(await post(good), [201, undefined]);
  assertEquals(await post(good), [
    409,
    "Conflict occurred attempting to store limit - Duplicate entry.",
  ]);
  const demo = await cloud.token("demo");
  assertEquals((await ask("POST", "/v3/limits", { limits: [good] }, demo)).status, 403);
});

withCloud("limits go with their project, and with their service", async (cloud) => {
  const ask = asking(cloud);
  const service_id = (await ask("POST", "/v3/services", { service: { type: "dns" } })).about.id;
  const resource = { service_id, resource_name: "zones" };
  await ask("POST", "/v3/registered_limits", {
    registered_limits: [{ ...resource, default_limit: 1 }],
  });
  const project = (await ask("POST", "/v3/projects", { project: { name: "p" } })).about.id;
  await ask("POST", "/v3/limits", {
    limits: [
      { ...resource, project_id: project, resource_limit: 1 },
      { ...resource, domain_id: "default", resource_limit: 2 },
    ],
  });
  const left = async () => (await ask("GET", "/v3/limits")).about.length;
  await ask("DELETE", `/v3/projects/${project}`);
  assertEquals(await left(), 1);
  assertEquals((await ask("DELETE", `/v3/services/${service_id}`)).status, 204);
  assertEquals([await left(), (await ask("GET", "/v3/registered_limits")).about], [0, []]);
});

withCloud("domains have no configuration of their own", async (cloud) => {
  const ask = asking(cloud);
  const message = async (path: string) => {
    const { status, message } = await ask("GET", `/v3/domains/${path}`);
    assertEquals(status, 404);
    return message;
  };
  const place = "in domain configuration for domain default.";
  assertEquals(await message("default/config"), `Could not find any options ${place}`);
  assertEquals(await message("default/config/ldap"), `Could not find group ldap ${place}`);
  assertEquals(
    await message("default/config/ldap/url"),
    `Could not find option url in group ldap ${place}`,
  );
  assertEquals(await message("none/config"), "Could not find domain: none.");
  const demo = await cloud.token("demo");
  assertEquals((await ask("GET", "/v3/domains/default/config", undefined, demo)).status, 403);
  assert((await ask("GET", "/v3/domains/default")).about.enabled);
});
