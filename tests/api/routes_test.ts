/** Every route of the compute API, walked off the app itself: with a token it answers, without it does not. */
import { assert, assertEquals } from "@std/assert";
import { type Answered, type Role, TestCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor, mountedRoutes } from "../kit/samples.ts";

interface Row {
  /** The method and the path, as the route has it. */
  readonly route: string;
  /** What stands for the path's variables, in their order; `SERVER` is a server of the member's. */
  readonly variables?: readonly string[];
  readonly body?: Json;
  /** Default: 2.90. */
  readonly mv?: string;
  /** Default: the member. */
  readonly as?: Role;
  /** With a token. */
  readonly status: number;
  /** Without one; default: 401. */
  readonly open?: number;
}

const SERVER = "SERVER";
/** A volume that is not there. */
const VOLUME = "11111111-2222-4333-8444-555555555555";
const PROJECT = "PROJECT";

/** In this order: later rows use what earlier ones made. */
function rowsOf(plain: Json): readonly Row[] {
  const server = "/v2.1/servers/:id";
  const one = [SERVER];
  const flavor = { name: "new", id: "new", ram: 1, vcpus: 1, disk: 1 };
  const admin = { as: "admin" } as const;
  return [
    { route: "GET /", status: 200, open: 200 },
    { route: "GET /v2", status: 200, open: 200 },
    { route: "GET /v2/", status: 200, open: 200 },
    { route: "GET /v2.1", status: 200, open: 200 },
    { route: "GET /v2.1/", status: 200, open: 200 },
    { route: "OPTIONS /v2.1/*", variables: ["servers"], status: 200, open: 200 },

    { route: "GET /v2.1/servers", status: 200 },
    { route: "GET /v2.1/servers/detail", status: 200 },
    { route: "POST /v2.1/servers", body: { server: plain }, status: 202 },
    { route: `GET ${server}`, variables: one, status: 200 },
    { route: `PUT ${server}`, variables: one, body: { server: {} }, status: 200 },
    { route: `POST ${server}/action`, variables: one, body: { lock: null }, status: 202 },
    { route: `POST ${server}/action`, variables: one, body: { unlock: null }, status: 202 },
    { route: `GET ${server}/ips`, variables: one, status: 200 },
    { route: `GET ${server}/ips/:network`, variables: [SERVER, "private"], status: 200 },
    { route: `GET ${server}/metadata`, variables: one, status: 200 },
    { route: `POST ${server}/metadata`, variables: one, body: { metadata: {} }, status: 200 },
    { route: `PUT ${server}/metadata`, variables: one, body: { metadata: {} }, status: 200 },
    {
      route: `PUT ${server}/metadata/:key`,
      variables: [SERVER, "a"],
      body: { meta: { a: "1" } },
      status: 200,
    },
    { route: `GET ${server}/metadata/:key`, variables: [SERVER, "a"], status: 200 },
    { route: `DELETE ${server}/metadata/:key`, variables: [SERVER, "a"], status: 204 },
    { route: `GET ${server}/os-volume_attachments`, variables: one, status: 200 },
    {
      route: `POST ${server}/os-volume_attachments`,
      variables: one,
      body: { volumeAttachment: { volumeId: VOLUME } },
      status: 404,
    },
    {
      route: `GET ${server}/os-volume_attachments/:volume`,
      variables: [SERVER, VOLUME],
      status: 404,
    },
    {
      route: `PUT ${server}/os-volume_attachments/:volume`,
      variables: [SERVER, VOLUME],
      body: { volumeAttachment: { volumeId: VOLUME } },
      status: 404,
    },
    {
      route: `DELETE ${server}/os-volume_attachments/:volume`,
      variables: [SERVER, VOLUME],
      status: 404,
    },
    { route: `GET ${server}/tags`, variables: one, status: 200 },
    { route: `PUT ${server}/tags`, variables: one, body: { tags: ["a"] }, status: 200 },
    { route: `PUT ${server}/tags/:tag`, variables: [SERVER, "b"], status: 201 },
    { route: `GET ${server}/tags/:tag`, variables: [SERVER, "b"], status: 204 },
    { route: `DELETE ${server}/tags/:tag`, variables: [SERVER, "b"], status: 204 },
    { route: `DELETE ${server}/tags`, variables: one, status: 204 },
    { route: `GET ${server}/os-instance-actions`, variables: one, status: 200 },
    {
      route: `GET ${server}/os-instance-actions/:request_id`,
      variables: [SERVER, "req-unknown"],
      status: 404,
    },
    ...interfaceRows(),
    { route: `GET ${server}/diagnostics`, ...admin, variables: one, status: 200 },
    { route: `GET ${server}/os-server-password`, variables: one, status: 200 },
    { route: `DELETE ${server}/os-server-password`, variables: one, status: 204 },
    { route: `GET ${server}/topology`, variables: one, status: 200 },
    {
      route: `POST ${server}/remote-consoles`,
      variables: one,
      body: { remote_console: { protocol: "vnc", type: "novnc" } },
      status: 200,
    },
    {
      route: "GET /v2.1/os-console-auth-tokens/:token",
      ...admin,
      variables: ["unknown"],
      status: 404,
    },
    { route: `GET ${server}/shares`, variables: one, mv: "2.97", status: 200 },
    {
      route: `POST ${server}/shares`,
      variables: one,
      mv: "2.97",
      body: { share: { share_id: "11111111-2222-4333-8444-555555555555" } },
      status: 409,
    },
    { route: `GET ${server}/shares/:share`, variables: [SERVER, "x"], mv: "2.97", status: 404 },
    { route: `DELETE ${server}/shares/:share`, variables: [SERVER, "x"], mv: "2.97", status: 409 },
    { route: `GET ${server}/migrations`, variables: one, as: "admin", status: 200 },
    {
      route: `GET ${server}/migrations/:number`,
      variables: [SERVER, "1"],
      as: "admin",
      status: 404,
    },
    {
      route: `DELETE ${server}/migrations/:number`,
      variables: [SERVER, "1"],
      as: "admin",
      status: 409,
    },
    {
      route: `POST ${server}/migrations/:number/action`,
      variables: [SERVER, "1"],
      as: "admin",
      body: { force_complete: null },
      status: 409,
    },
    { route: "GET /v2.1/os-migrations", as: "admin", status: 200 },
    { route: `DELETE ${server}`, variables: one, status: 204 },

    { route: "GET /v2.1/flavors", status: 200 },
    { route: "GET /v2.1/flavors/detail", status: 200 },
    { route: "POST /v2.1/flavors", ...admin, body: { flavor }, status: 200 },
    { route: "GET /v2.1/flavors/:id", variables: ["new"], status: 200 },
    {
      route: "PUT /v2.1/flavors/:id",
      ...admin,
      variables: ["new"],
      body: { flavor: { description: "x" } },
      status: 200,
    },
    {
      route: "GET /v2.1/flavors/:id/os-flavor-access",
      ...admin,
      variables: ["private"],
      status: 200,
    },
    {
      route: "POST /v2.1/flavors/:id/action",
      ...admin,
      variables: ["private"],
      body: { addTenantAccess: { tenant: PROJECT } },
      status: 200,
    },
    { route: "GET /v2.1/flavors/:id/os-extra_specs", variables: ["new"], status: 200 },
    {
      route: "POST /v2.1/flavors/:id/os-extra_specs",
      ...admin,
      variables: ["new"],
      body: { extra_specs: { "hw:numa_nodes": "1" } },
      status: 200,
    },
    {
      route: "PUT /v2.1/flavors/:id/os-extra_specs/:key",
      ...admin,
      variables: ["new", "hw:numa_nodes"],
      body: { "hw:numa_nodes": "2" },
      status: 200,
    },
    {
      route: "GET /v2.1/flavors/:id/os-extra_specs/:key",
      variables: ["new", "hw:numa_nodes"],
      status: 200,
    },
    {
      route: "DELETE /v2.1/flavors/:id/os-extra_specs/:key",
      ...admin,
      variables: ["new", "hw:numa_nodes"],
      status: 200,
    },
    { route: "DELETE /v2.1/flavors/:id", ...admin, variables: ["new"], status: 202 },

    { route: "GET /v2.1/os-keypairs", status: 200 },
    {
      route: "POST /v2.1/os-keypairs",
      body: { keypair: { name: "key" } },
      status: 201,
    },
    { route: "GET /v2.1/os-keypairs/:name", variables: ["key"], status: 200 },
    { route: "DELETE /v2.1/os-keypairs/:name", variables: ["key"], status: 204 },

    { route: "GET /v2.1/limits", status: 200 },
    { route: "GET /v2.1/os-quota-sets/:project", variables: [PROJECT], status: 200 },
    { route: "GET /v2.1/os-quota-sets/:project/detail", variables: [PROJECT], status: 200 },
    { route: "GET /v2.1/os-quota-sets/:project/defaults", variables: [PROJECT], status: 200 },
    {
      route: "PUT /v2.1/os-quota-sets/:project",
      ...admin,
      variables: [PROJECT],
      body: { quota_set: { instances: 20 } },
      status: 200,
    },
    { route: "DELETE /v2.1/os-quota-sets/:project", ...admin, variables: [PROJECT], status: 202 },
    { route: "GET /v2.1/os-quota-class-sets/:name", ...admin, variables: ["default"], status: 200 },
    {
      route: "PUT /v2.1/os-quota-class-sets/:name",
      ...admin,
      variables: ["default"],
      body: { quota_class_set: { instances: 20 } },
      status: 200,
    },

    { route: "GET /v2.1/os-server-groups", status: 200 },
    {
      route: "POST /v2.1/os-server-groups",
      body: { server_group: { name: "group", policy: "affinity" } },
      status: 200,
    },
    { route: "GET /v2.1/os-server-groups/:id", variables: ["unknown"], status: 404 },
    { route: "DELETE /v2.1/os-server-groups/:id", variables: ["unknown"], status: 404 },

    { route: "GET /v2.1/images", mv: "2.35", status: 200 },
    { route: "GET /v2.1/images/detail", mv: "2.35", status: 200 },
    { route: "GET /v2.1/images/:id", mv: "2.35", variables: ["none"], status: 404 },
    { route: "DELETE /v2.1/images/:id", mv: "2.35", variables: ["none"], status: 404 },
    { route: "GET /v2.1/images/:id/metadata", mv: "2.38", variables: ["none"], status: 404 },
    {
      route: "POST /v2.1/images/:id/metadata",
      mv: "2.38",
      variables: ["none"],
      body: { metadata: {} },
      status: 404,
    },
    {
      route: "PUT /v2.1/images/:id/metadata",
      mv: "2.38",
      variables: ["none"],
      body: { metadata: {} },
      status: 404,
    },
    {
      route: "GET /v2.1/images/:id/metadata/:key",
      mv: "2.38",
      variables: ["none", "a"],
      status: 404,
    },
    {
      route: "PUT /v2.1/images/:id/metadata/:key",
      mv: "2.38",
      variables: ["none", "a"],
      body: { meta: { a: "1" } },
      status: 404,
    },
    {
      route: "DELETE /v2.1/images/:id/metadata/:key",
      mv: "2.38",
      variables: ["none", "a"],
      status: 404,
    },

    { route: "GET /v2.1/extensions", status: 200 },
    { route: "GET /v2.1/extensions/:alias", variables: ["os-hosts"], status: 200 },

    { route: "GET /v2.1/os-simple-tenant-usage", ...admin, status: 200 },
    { route: "GET /v2.1/os-simple-tenant-usage/:project", variables: [PROJECT], status: 200 },
    { route: "GET /v2.1/os-instance_usage_audit_log", ...admin, status: 200 },
    {
      route: "GET /v2.1/os-instance_usage_audit_log/:before",
      ...admin,
      variables: ["2026-01-02 03:04:05"],
      status: 200,
    },
    {
      route: "POST /v2.1/os-assisted-volume-snapshots",
      ...admin,
      body: {
        snapshot: {
          volume_id: "v",
          create_info: { snapshot_id: "s", type: "qcow2", new_file: "f" },
        },
      },
      status: 403,
    },
    {
      route: "DELETE /v2.1/os-assisted-volume-snapshots/:id",
      ...admin,
      variables: ["s"],
      status: 403,
    },

    { route: "GET /v2.1/os-agents", status: 410 },
    { route: "POST /v2.1/os-agents", body: {}, status: 410 },
    { route: "PUT /v2.1/os-agents/:id", variables: ["1"], body: {}, status: 410 },
    { route: "DELETE /v2.1/os-agents/:id", variables: ["1"], status: 410 },
    { route: "GET /v2.1/os-cells", status: 410 },
    { route: "POST /v2.1/os-cells", body: {}, status: 410 },
    { route: "GET /v2.1/os-cells/capacities", status: 410 },
    { route: "GET /v2.1/os-cells/detail", status: 410 },
    { route: "GET /v2.1/os-cells/info", status: 410 },
    { route: "POST /v2.1/os-cells/sync_instances", body: {}, status: 410 },
    { route: "GET /v2.1/os-cells/:id", variables: ["1"], status: 410 },
    { route: "PUT /v2.1/os-cells/:id", variables: ["1"], body: {}, status: 410 },
    { route: "DELETE /v2.1/os-cells/:id", variables: ["1"], status: 410 },
    { route: "GET /v2.1/os-cells/:id/capacities", variables: ["1"], status: 410 },
    { route: "POST /v2.1/os-certificates", body: {}, status: 410 },
    { route: "GET /v2.1/os-certificates/:id", variables: ["1"], status: 410 },
    { route: "GET /v2.1/os-cloudpipe", status: 410 },
    { route: "POST /v2.1/os-cloudpipe", body: {}, status: 410 },
    { route: "PUT /v2.1/os-cloudpipe/:id", variables: ["1"], body: {}, status: 410 },
    { route: "GET /v2.1/servers/:id/consoles", variables: ["1"], status: 410 },
    { route: "POST /v2.1/servers/:id/consoles", variables: ["1"], body: {}, status: 410 },
    { route: "GET /v2.1/servers/:id/consoles/:console", variables: ["1", "1"], status: 410 },
    { route: "DELETE /v2.1/servers/:id/consoles/:console", variables: ["1", "1"], status: 410 },

    { route: "GET /v2.1/os-availability-zone", status: 200 },
    { route: "GET /v2.1/os-availability-zone/detail", ...admin, status: 200 },

    { route: "GET /v2.1/os-services", ...admin, status: 200 },
    {
      route: "PUT /v2.1/os-services/:id",
      ...admin,
      mv: "2.52",
      variables: ["disable"],
      body: { host: "compute-1", binary: "nova-compute" },
      status: 200,
    },
    { route: "DELETE /v2.1/os-services/:id", ...admin, variables: ["unknown"], status: 400 },
    { route: "GET /v2.1/os-hypervisors", ...admin, status: 200 },
    { route: "GET /v2.1/os-hypervisors/detail", ...admin, status: 200 },
    { route: "GET /v2.1/os-hypervisors/statistics", ...admin, mv: "2.87", status: 200 },
    { route: "GET /v2.1/os-hypervisors/:id", ...admin, variables: ["unknown"], status: 400 },
    {
      route: "GET /v2.1/os-hypervisors/:id/uptime",
      ...admin,
      mv: "2.52",
      variables: ["unknown"],
      status: 404,
    },
    {
      route: "GET /v2.1/os-hypervisors/:id/search",
      ...admin,
      mv: "2.52",
      variables: ["compute"],
      status: 200,
    },
    {
      route: "GET /v2.1/os-hypervisors/:id/servers",
      ...admin,
      mv: "2.52",
      variables: ["compute"],
      status: 200,
    },
    { route: "GET /v2.1/os-aggregates", ...admin, status: 200 },
    {
      route: "POST /v2.1/os-aggregates",
      ...admin,
      body: { aggregate: { name: "fast" } },
      status: 200,
    },
    { route: "GET /v2.1/os-aggregates/:id", ...admin, variables: ["1"], status: 200 },
    {
      route: "PUT /v2.1/os-aggregates/:id",
      ...admin,
      variables: ["1"],
      body: { aggregate: { name: "faster" } },
      status: 200,
    },
    {
      route: "POST /v2.1/os-aggregates/:id/action",
      ...admin,
      variables: ["1"],
      body: { set_metadata: { metadata: { ssd: "true" } } },
      status: 200,
    },
    {
      route: "POST /v2.1/os-aggregates/:id/images",
      ...admin,
      variables: ["1"],
      body: { cache: [{ id: "70a599e0-31e7-49b7-b260-868f441e862b" }] },
      status: 202,
    },
    { route: "DELETE /v2.1/os-aggregates/:id", ...admin, variables: ["1"], status: 200 },
    { route: "GET /v2.1/os-hosts", ...admin, mv: "2.42", status: 200 },
    ...["", "/reboot", "/shutdown", "/startup"].map((action) => ({
      route: `GET /v2.1/os-hosts/:name${action}`,
      ...admin,
      mv: "2.42",
      variables: ["compute-1"],
      status: 200,
    })),
    {
      route: "PUT /v2.1/os-hosts/:name",
      ...admin,
      mv: "2.42",
      variables: ["compute-1"],
      body: { status: "enable" },
      status: 200,
    },
    ...networkProxyRows(),
    {
      route: "POST /v2.1/os-server-external-events",
      ...admin,
      body: { events: [{ name: "network-changed", server_uuid: crypto.randomUUID() }] },
      status: 207,
    },
  ];
}

function interfaceRows(): readonly Row[] {
  const path = "/v2.1/servers/:id/os-interface";
  return [
    { route: `GET ${path}`, variables: [SERVER], status: 200 },
    { route: `POST ${path}`, variables: [SERVER], body: {}, status: 200 },
    { route: `GET ${path}/:port`, variables: [SERVER, "unknown"], status: 404 },
    { route: "GET /v2.1/servers/:id/os-security-groups", variables: [SERVER], status: 200 },
    { route: `DELETE ${path}/:port`, variables: [SERVER, "unknown"], status: 202 },
  ];
}

/** The network proxies, and what is gone for good. */
function networkProxyRows(): readonly Row[] {
  const unknown = crypto.randomUUID();
  const mv = "2.35";
  const gone = (route: string, variables: readonly string[] = []): Row => ({
    route,
    variables,
    status: 410,
  });
  const named = { security_group: { name: "web", description: "" } };
  const rule = { security_group_rule: { parent_group_id: unknown } };
  const groups = "/v2.1/os-security-groups";
  return [
    { route: "GET /v2.1/os-networks", mv, status: 200 },
    { route: "GET /v2.1/os-networks/:id", variables: ["unknown"], mv, status: 404 },
    { route: "GET /v2.1/os-tenant-networks", mv, status: 200 },
    { route: "GET /v2.1/os-tenant-networks/:id", variables: ["unknown"], mv, status: 404 },
    { route: "GET /v2.1/os-floating-ips", mv, status: 200 },
    { route: "POST /v2.1/os-floating-ips", body: { pool: "none" }, mv, status: 404 },
    { route: "GET /v2.1/os-floating-ips/:id", variables: ["unknown"], mv, status: 404 },
    { route: "DELETE /v2.1/os-floating-ips/:id", variables: ["unknown"], mv, status: 404 },
    { route: "GET /v2.1/os-floating-ip-pools", mv, status: 200 },
    { route: `GET ${groups}`, mv, status: 200 },
    { route: `POST ${groups}`, body: named, mv, status: 200 },
    { route: `GET ${groups}/:id`, variables: [unknown], mv, status: 404 },
    { route: `PUT ${groups}/:id`, variables: [unknown], body: named, mv, status: 404 },
    { route: `DELETE ${groups}/:id`, variables: [unknown], mv, status: 404 },
    { route: "POST /v2.1/os-security-group-rules", body: rule, mv, status: 404 },
    {
      route: "DELETE /v2.1/os-security-group-rules/:id",
      variables: [unknown],
      mv,
      status: 404,
    },
    gone("POST /v2.1/os-networks"),
    gone("POST /v2.1/os-networks/add"),
    gone("DELETE /v2.1/os-networks/:id", ["1"]),
    { ...gone("POST /v2.1/os-networks/:id/action", ["1"]), body: { disassociate: null } },
    gone("POST /v2.1/os-tenant-networks"),
    gone("DELETE /v2.1/os-tenant-networks/:id", ["1"]),
    gone("GET /v2.1/os-fixed-ips/:id", ["1"]),
    { ...gone("POST /v2.1/os-fixed-ips/:id/action", ["1"]), body: { reserve: null } },
    gone("GET /v2.1/os-floating-ip-dns"),
    gone("PUT /v2.1/os-floating-ip-dns/:id", ["1"]),
    gone("DELETE /v2.1/os-floating-ip-dns/:id", ["1"]),
    gone("GET /v2.1/os-floating-ip-dns/:domain/entries/:id", ["1", "2"]),
    gone("PUT /v2.1/os-floating-ip-dns/:domain/entries/:id", ["1", "2"]),
    gone("DELETE /v2.1/os-floating-ip-dns/:domain/entries/:id", ["1", "2"]),
    gone("GET /v2.1/os-floating-ips-bulk"),
    gone("POST /v2.1/os-floating-ips-bulk"),
    gone("GET /v2.1/os-floating-ips-bulk/:id", ["1"]),
    gone("PUT /v2.1/os-floating-ips-bulk/:id", ["1"]),
    gone("GET /v2.1/os-fping"),
    gone("GET /v2.1/os-fping/:id", ["1"]),
    gone("GET /v2.1/os-security-group-default-rules"),
    gone("POST /v2.1/os-security-group-default-rules"),
    gone("GET /v2.1/os-security-group-default-rules/:id", ["1"]),
    gone("DELETE /v2.1/os-security-group-default-rules/:id", ["1"]),
    gone("GET /v2.1/servers/:id/os-virtual-interfaces", [SERVER]),
  ];
}

Deno.test("every route has a row here", () => {
  const rows = new Set(rowsOf({}).map(({ route }) => route));
  const mounted = new Set(mountedRoutes().map(({ method, path }) => `${method} ${path}`));
  assertEquals([...mounted].filter((route) => !rows.has(route)), [], "routes without a row");
  assertEquals([...rows].filter((route) => !mounted.has(route)), [], "rows without a route");
});

Deno.test("every route answers with a token, and with none is a 401", async (t) => {
  const cloud = await TestCloud.open();
  try {
    await makeFlavor(cloud, "private", { isPublic: false });
    const server = await cloud.create({ networks: "auto" });
    const fill = (text: string) =>
      text.replaceAll(SERVER, server).replaceAll(PROJECT, cloud.projectIds.demo);
    for (const row of rowsOf(await cloud.plain())) {
      await t.step(row.route, async () => {
        const [method, path] = requestOf(row, fill);
        const body = row.body && JSON.parse(fill(JSON.stringify(row.body)));
        const mv = row.mv ?? "2.90";
        for (const as of ["none", "bad"] as const) {
          checkClosed(row, await cloud.ask(as, method, path, { mv, body }));
        }
        const answered = await cloud.ask(row.as ?? "member", method, path, { mv, body });
        assertEquals(answered.status, row.status, answered.text);
        await cloud.cloud.settled();
      });
    }
  } finally {
    await cloud.close();
  }
});

function requestOf({ route, variables = [] }: Row, fill: (text: string) => string) {
  const [method, pattern] = route.split(" ") as [string, string];
  const left = [...variables];
  const path = pattern.replace(/:\w+|\*/g, () => fill(left.shift()!));
  assertEquals(left, [], `${route} has fewer variables`);
  return [method, path] as const;
}

function checkClosed({ open = 401 }: Row, answered: Answered): void {
  assertEquals(answered.status, open, answered.text);
  if (open !== 401) return;
  assert(answered.headers.get("www-authenticate")?.startsWith("Keystone uri="));
  assertEquals(Object.keys(answered.json), ["error"]);
}
