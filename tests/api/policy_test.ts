/** Who may do what, rule by rule, and what each sees. */
import { assert, assertEquals } from "@std/assert";
import { type Answered, type Asked, TestCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor } from "../kit/samples.ts";

/**
 * Callers: the roles of the kit (an admin of another project, one of this, a member, a reader, a
 * member of another project) and three more of this cloud: the member without a project, one with
 * the role `service` alone, and the admin with a token for the domain.
 */
const CALLERS = [
  "admin",
  "padmin",
  "member",
  "reader",
  "stranger",
  "projectless",
  "servant",
  "domainAdmin",
] as const;

type Caller = typeof CALLERS[number];

/** The status for each caller. */
type Statuses = readonly number[];

// In the order of CALLERS; each is 403 for a token of the domain.
const readersOf = (ok: number): Statuses => [ok, ok, ok, ok, 404, 404, 403, 403];
const membersOf = (ok: number): Statuses => [ok, ok, ok, 403, 404, 404, 403, 403];
/** Without a server in the path, a stranger acts on the own project. */
const anyReader = (ok: number): Statuses => [ok, ok, ok, ok, ok, 403, 403, 403];
const anyMember = (ok: number): Statuses => [ok, ok, ok, 403, ok, 403, 403, 403];
/** On a server: one of another project is hidden even where nobody of its own may. */
const adminsOf = (ok: number): Statuses => [ok, ok, 403, 403, 404, 404, 403, 403];
const admins = (ok: number): Statuses => [ok, ok, 403, 403, 403, 403, 403, 403];
/** Tags are looked up without regard to the project: the rule itself refuses. */
const tagReaders = (ok: number): Statuses => [ok, ok, ok, ok, 403, 403, 403, 403];
const tagMembers = (ok: number): Statuses => [ok, ok, ok, 403, 403, 403, 403, 403];

interface Rule {
  /** As Nova calls it, behind `os_compute_api:`. */
  readonly rule: string;
  readonly method: string;
  /** `SERVER`: a new server of the member's, for every caller. */
  readonly path: string;
  readonly mv?: string;
  readonly body?: Json;
  readonly statuses: Statuses;
  /** The rule that is named when a caller without any right is refused, if it is another. */
  readonly named?: string;
  /** Done to the server before. */
  readonly before?: readonly (readonly [Caller, method: string, path: string, body?: Json])[];
}

const RESIZE = { resize: { flavorRef: "2" } };
const liveTo = (host: string | null) => ({ "os-migrateLive": { host, block_migration: "auto" } });

function rulesOf(plain: Json, networkId: string): readonly Rule[] {
  const create = (changes: Json) => ({ server: { ...plain, ...changes } });
  const servers = { method: "POST", path: "/v2.1/servers", mv: "2.90" };
  const unknown = "00000000-0000-4000-8000-000000000000";
  const device = {
    source_type: "volume",
    destination_type: "volume",
    uuid: unknown,
    boot_index: 0,
  };
  const own = (
    rule: string,
    method: string,
    path: string,
    statuses: Statuses,
    body?: Json,
  ): Rule => ({
    rule,
    method,
    path: `/v2.1/servers/SERVER${path}`,
    mv: "2.90",
    statuses,
    body,
  });
  const action = (rule: string, body: Json, earlier?: Json): Rule => ({
    ...own(rule, "POST", "/action", membersOf(202), body),
    ...(earlier && { before: [["member", "POST", "/action", earlier]] }),
  });
  const metadata = { metadata: { a: "1" } };
  const admin = "servers:create";
  return [
    { rule: "servers:index", method: "GET", path: "/v2.1/servers", statuses: anyReader(200) },
    {
      rule: "servers:detail",
      method: "GET",
      path: "/v2.1/servers/detail",
      statuses: anyReader(200),
    },
    {
      rule: "servers:index:get_all_tenants",
      method: "GET",
      path: "/v2.1/servers?all_tenants=1",
      statuses: admins(200),
      named: "servers:index",
    },
    {
      rule: "servers:detail:get_all_tenants",
      method: "GET",
      path: "/v2.1/servers/detail?all_tenants=1",
      statuses: admins(200),
      named: "servers:detail",
    },
    own("servers:show", "GET", "", readersOf(200)),
    own("servers:update", "PUT", "", membersOf(200), { server: { name: "renamed" } }),
    own("servers:delete", "DELETE", "", membersOf(204)),
    { rule: "servers:create", ...servers, body: create({}), statuses: anyMember(202) },
    {
      rule: "servers:create:forced_host",
      ...servers,
      body: create({ availability_zone: "nova:compute-1" }),
      statuses: admins(202),
      named: admin,
    },
    {
      rule: "compute:servers:create:requested_destination",
      ...servers,
      body: create({ host: "compute-1" }),
      statuses: admins(202),
      named: admin,
    },
    {
      // Whoever may: there is no such volume.
      rule: "servers:create:attach_volume",
      ...servers,
      body: create({ imageRef: "", block_device_mapping_v2: [device] }),
      statuses: anyMember(400),
      named: admin,
    },
    {
      rule: "servers:create:attach_network",
      ...servers,
      body: create({ networks: [{ uuid: networkId }] }),
      statuses: anyMember(202),
      named: admin,
    },
    {
      rule: "servers:create:trusted_certs",
      ...servers,
      body: create({ trusted_image_certificates: ["one"] }),
      statuses: anyMember(202),
      named: admin,
    },
    {
      rule: "servers:create:zero_disk_flavor",
      ...servers,
      body: create({ flavorRef: "zero" }),
      statuses: admins(202),
      named: admin,
    },
    own("os-lock-server:lock", "POST", "/action", membersOf(202), { lock: null }),
    own("os-lock-server:unlock", "POST", "/action", membersOf(202), { unlock: null }),
    {
      ...own("os-lock-server:unlock", "POST", "/action", membersOf(202), { unlock: null }),
      before: [["member", "POST", "/action", { lock: null }]],
    },
    {
      ...own(
        "os-lock-server:unlock:unlock_override",
        "POST",
        "/action",
        [202, 202, 403, 403, 404, 404, 403, 403],
        { unlock: null },
      ),
      before: [["admin", "POST", "/action", { lock: null }]],
      named: "os-lock-server:unlock",
    },
    action("servers:stop", { "os-stop": null }),
    action("servers:start", { "os-start": null }, { "os-stop": null }),
    action("servers:reboot", { reboot: { type: "HARD" } }),
    action("os-pause-server:pause", { pause: null }),
    action("os-pause-server:unpause", { unpause: null }, { pause: null }),
    action("os-suspend-server:suspend", { suspend: null }),
    action("os-suspend-server:resume", { resume: null }, { suspend: null }),
    { ...action("os-rescue", { rescue: null }), statuses: membersOf(200) },
    action("os-unrescue", { unrescue: null }, { rescue: null }),
    action("os-admin-password", { changePassword: { adminPass: "new" } }),
    action("servers:trigger_crash_dump", { trigger_crash_dump: null }),
    action("os-deferred-delete:force", { forceDelete: null }),
    {
      ...action("os-admin-actions:reset_state", { "os-resetState": { state: "active" } }),
      statuses: adminsOf(202),
    },
    {
      ...action("os-admin-actions:inject_network_info", { injectNetworkInfo: null }),
      statuses: adminsOf(202),
    },
    action("servers:resize", { resize: { flavorRef: "2" } }),
    {
      ...action("servers:confirm_resize", { confirmResize: null }, RESIZE),
      statuses: membersOf(204),
    },
    action("servers:revert_resize", { revertResize: null }, RESIZE),
    { ...action("os-migrate-server:migrate", { migrate: null }), statuses: adminsOf(202) },
    {
      // Whoever may: there is no such host.
      ...action("os-migrate-server:migrate:host", { migrate: { host: "nowhere" } }),
      statuses: adminsOf(400),
    },
    { ...action("os-migrate-server:migrate_live", liveTo(null)), statuses: adminsOf(202) },
    {
      ...action("os-migrate-server:migrate_live:host", liveTo("nowhere")),
      statuses: adminsOf(400),
    },
    // Whoever may: its host is up.
    { ...action("os-evacuate", { evacuate: {} }), statuses: adminsOf(400) },
    own("servers:migrations:index", "GET", "/migrations", adminsOf(200)),
    own("servers:migrations:show", "GET", "/migrations/1", adminsOf(404)),
    own("servers:migrations:delete", "DELETE", "/migrations/1", adminsOf(409)),
    own("servers:migrations:force_complete", "POST", "/migrations/1/action", adminsOf(409), {
      force_complete: null,
    }),
    {
      rule: "os-migrations:index",
      method: "GET",
      path: "/v2.1/os-migrations",
      statuses: admins(200),
    },
    own("os-remote-consoles", "POST", "/remote-consoles", membersOf(200), {
      remote_console: { protocol: "vnc", type: "novnc" },
    }),
    {
      // The action of old asks for the rule before it looks for the server.
      ...action("os-remote-consoles", { "os-getVNCConsole": { type: "novnc" } }),
      mv: "2.5",
      statuses: [200, 200, 200, 403, 404, 403, 403, 403],
    },
    {
      // Whoever may: there is no such token.
      rule: "os-console-auth-tokens",
      method: "GET",
      path: "/v2.1/os-console-auth-tokens/unknown",
      mv: "2.31",
      statuses: admins(404),
    },
    own("os-instance-actions:list", "GET", "/os-instance-actions", readersOf(200)),
    own("server-metadata:index", "GET", "/metadata", readersOf(200)),
    own("server-metadata:show", "GET", "/metadata/role", readersOf(200)),
    own("server-metadata:create", "POST", "/metadata", membersOf(200), metadata),
    own("server-metadata:update_all", "PUT", "/metadata", membersOf(200), metadata),
    own("server-metadata:update", "PUT", "/metadata/a", membersOf(200), { meta: { a: "1" } }),
    own("server-metadata:delete", "DELETE", "/metadata/role", membersOf(204)),
    own("os-server-tags:index", "GET", "/tags", tagReaders(200)),
    own("os-server-tags:show", "GET", "/tags/red", tagReaders(204)),
    own("os-server-tags:update_all", "PUT", "/tags", tagMembers(200), { tags: ["blue"] }),
    own("os-server-tags:update", "PUT", "/tags/blue", tagMembers(201)),
    own("os-server-tags:delete", "DELETE", "/tags/red", tagMembers(204)),
    own("os-server-tags:delete_all", "DELETE", "/tags", tagMembers(204)),
    own("ips:index", "GET", "/ips", readersOf(200)),
    own("os-security-groups:list", "GET", "/os-security-groups", readersOf(200)),
    action("os-security-groups:add", { addSecurityGroup: { name: "default" } }),
    {
      ...action("os-security-groups:remove", { removeSecurityGroup: { name: "default" } }),
      // By its name, an administrator means a group of the own project.
      statuses: [404, 202, 202, 403, 404, 404, 403, 403],
    },
    { ...action("os-multinic:add", { addFixedIp: { networkId } }), mv: "2.43" },
    { ...action("os-multinic:remove", { removeFixedIp: { address: "1.2.3.4" } }), mv: "2.43" },
    {
      ...action("os-floating-ips:add", { addFloatingIp: { address: "1.2.3.4" } }),
      mv: "2.43",
      // Whoever may: there is no such address.
      statuses: membersOf(404),
    },
    {
      rule: "os-server-external-events:create",
      method: "POST",
      path: "/v2.1/os-server-external-events",
      body: { events: [{ name: "network-changed", server_uuid: crypto.randomUUID() }] },
      statuses: [207, 207, 403, 403, 403, 403, 207, 403],
    },
    own("ips:show", "GET", "/ips/private", readersOf(200)),
  ];
}

Deno.test("rules", async (t) => {
  await withCallers(async (cloud, ask) => {
    await makeFlavor(cloud, "zero", { diskGib: 0 });
    for (const rule of rulesOf(await cloud.plain(), await cloud.networkId())) {
      await t.step(`${rule.rule}: ${rule.method} ${rule.path}`, async () => {
        for (const [place, caller] of CALLERS.entries()) {
          const needsServer = rule.path.includes("SERVER");
          const id = needsServer ? await makeServer(cloud, rule, ask) : "";
          const path = rule.path.replace("SERVER", id);
          const before = (await cloud.cloud.log.head()).position;
          const answered = await ask(caller, rule.method, path, rule);
          assertEquals(answered.status, rule.statuses[place], `${caller}: ${answered.text}`);
          if (answered.status >= 400) await checkRefusal(caller, answered, rule, cloud, before);
          await cloud.cloud.settled();
        }
      });
    }
  });
});

async function makeServer(cloud: TestCloud, { before = [] }: Rule, ask: Ask): Promise<string> {
  const id = await cloud.create({ networks: "auto", metadata: { role: "web" }, tags: ["red"] });
  for (const [caller, method, path, body] of before) {
    const done = await ask(caller, method, `/v2.1/servers/${id}${path}`, { body });
    assert(done.status < 300, done.text);
    await cloud.cloud.settled();
  }
  return id;
}

async function checkRefusal(
  caller: Caller,
  { status, json }: Answered,
  { rule, named }: Rule,
  { cloud }: TestCloud,
  before: number,
): Promise<void> {
  assertEquals((await cloud.log.head()).position, before, "something was written");
  if (status !== 403 || rule.endsWith("zero_disk_flavor")) return;
  const full = rule.startsWith("compute:") ? rule : `os_compute_api:${rule}`;
  const expected = [full, `os_compute_api:${named ?? rule}`]
    .map((name) => `Policy doesn't allow ${name} to be performed.`);
  assert(expected.includes(json.forbidden.message), `${caller}: ${json.forbidden.message}`);
  // Who has no right at all is told so by the wider rule.
  if (caller === "servant") assertEquals(json.forbidden.message, expected[1]);
}

Deno.test("flavors are for everybody with a token, private ones for administrators", async () => {
  await withCallers(async (cloud, ask) => {
    await makeFlavor(cloud, "secret", { isPublic: false });
    for (const caller of CALLERS) {
      for (const path of ["/v2.1/flavors", "/v2.1/flavors/detail", "/v2.1/flavors/1"]) {
        assertEquals((await ask(caller, "GET", path)).status, 200, `${caller} ${path}`);
      }
      const mayAsk = caller.toLowerCase().endsWith("admin");
      const shown = await ask(caller, "GET", "/v2.1/flavors/secret");
      assertEquals(shown.status, mayAsk ? 200 : 404, caller);
      const { flavors } = (await ask(caller, "GET", "/v2.1/flavors?is_public=none")).json;
      const listed = flavors.some(({ id }: Json) => id === "secret");
      assertEquals(listed, mayAsk, caller);
    }
    for (const caller of ["member", "stranger", "reader"] as const) {
      const body = { server: { ...await cloud.plain(), flavorRef: "secret" } };
      const answered = await ask(caller, "POST", "/v2.1/servers", { mv: "2.90", body });
      assertEquals(answered.status, caller === "reader" ? 403 : 400, caller);
    }
  });
});

Deno.test("extra specs of flavors are for readers of a project", async () => {
  await withCallers(async (_, ask) => {
    for (const caller of CALLERS) {
      const { json } = await ask(caller, "GET", "/v2.1/flavors/1", { mv: "2.61" });
      const isReader = !["projectless", "servant", "domainAdmin"].includes(caller);
      assertEquals("extra_specs" in json.flavor, isReader, caller);
    }
  });
});

// What is seen

const ADMINISTRATIVE = [
  "OS-EXT-SRV-ATTR:host",
  "OS-EXT-SRV-ATTR:hypervisor_hostname",
  "OS-EXT-SRV-ATTR:instance_name",
];
const ADMINISTRATIVE_SINCE_3 = [
  ...ADMINISTRATIVE,
  "OS-EXT-SRV-ATTR:hostname",
  "OS-EXT-SRV-ATTR:kernel_id",
  "OS-EXT-SRV-ATTR:launch_index",
  "OS-EXT-SRV-ATTR:ramdisk_id",
  "OS-EXT-SRV-ATTR:reservation_id",
  "OS-EXT-SRV-ATTR:root_device_name",
  "OS-EXT-SRV-ATTR:user_data",
];

Deno.test("administrators see more of a server, the same in show, detail and the answer to PUT", async () => {
  await withCallers(async (cloud, ask) => {
    const id = await cloud.create({ user_data: "YQ==" });
    for (const minor of [1, 2, 3, 15, 16, 74, 75, 89, 90, 104]) {
      const hostname = minor >= 90 ? ["OS-EXT-SRV-ATTR:hostname"] : [];
      const administrative = [
        ...new Set([...(minor < 3 ? ADMINISTRATIVE : ADMINISTRATIVE_SINCE_3), ...hostname]),
        ...(minor >= 16 ? ["host_status"] : []),
      ].sort();
      for (const caller of ["admin", "padmin", "member", "reader"] as const) {
        const isAdmin = caller.endsWith("admin");
        const seen = isAdmin ? administrative : hostname;
        const mv = `2.${minor}`;
        const show = await ask(caller, "GET", `/v2.1/servers/${id}`, { mv });
        assertEquals(guardedKeys(show.json.server), seen, `show at ${mv} as ${caller}`);
        const detail = await ask(caller, "GET", `/v2.1/servers/detail`, { mv });
        if (caller !== "admin") {
          assertEquals(guardedKeys(detail.json.servers[0]), seen, `detail at ${mv} as ${caller}`);
        }
        if (caller === "reader") continue;
        const body = { server: {} };
        const put = await ask(caller, "PUT", `/v2.1/servers/${id}`, { mv, body });
        const left = minor >= 75 ? seen : [];
        assertEquals(guardedKeys(put.json.server), left, `PUT at ${mv} as ${caller}`);
      }
    }
  });
});

function guardedKeys(server: Json): string[] {
  return Object.keys(server)
    .filter((key) => key.startsWith("OS-EXT-SRV-ATTR:") || key === "host_status").sort();
}

Deno.test("what went wrong inside is for administrators", async () => {
  await withCallers(async (cloud, ask) => {
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const id = await cloud.create({ flavorRef: "huge" });
    for (
      const [caller, sees] of [
        ["admin", true],
        ["padmin", true],
        ["member", false],
        ["reader", false],
      ] as const
    ) {
      const { json } = await ask(caller, "GET", `/v2.1/servers/${id}`);
      const { fault } = json.server;
      assertEquals(fault.code, 500);
      assert(fault.message.startsWith("No valid host was found."), fault.message);
      assertEquals("details" in fault, sees, caller);
    }
  });
});

// Other projects

Deno.test("nothing of another project is seen or touched", async () => {
  await withCallers(async (cloud, ask) => {
    const id = await cloud.create({ name: "private", metadata: { role: "web" }, tags: ["red"] });
    const head = async () => (await cloud.cloud.log.head()).position;
    const before = await head();
    const requests: readonly (readonly [string, string, Json?])[] = [
      ["GET", ""],
      ["PUT", "", { server: { name: "mine" } }],
      ["DELETE", ""],
      ["POST", "/action", { lock: null }],
      ["POST", "/action", { unlock: null }],
      ["GET", "/ips"],
      ["GET", "/ips/private"],
      ["GET", "/metadata"],
      ["POST", "/metadata", { metadata: { a: "1" } }],
      ["PUT", "/metadata", { metadata: { a: "1" } }],
      ["GET", "/metadata/role"],
      ["PUT", "/metadata/role", { meta: { role: "1" } }],
      ["DELETE", "/metadata/role"],
      ["GET", "/tags"],
      ["PUT", "/tags", { tags: ["mine"] }],
      ["DELETE", "/tags"],
      ["GET", "/tags/red"],
      ["PUT", "/tags/blue"],
      ["DELETE", "/tags/red"],
    ];
    for (const [method, path, body] of requests) {
      const answered = await ask("stranger", method, `/v2.1/servers/${id}${path}`, {
        mv: "2.90",
        body,
      });
      // As in Nova, tags are refused where all else is hidden.
      assertEquals(answered.status, path.startsWith("/tags") ? 403 : 404, `${method} ${path}`);
      assert(!answered.text.includes("web") && !answered.text.includes("blue"), answered.text);
    }
    const { demo } = cloud.projectIds;
    for (
      const query of [
        "",
        "name=private",
        `uuid=${id}`,
        "changes-since=2020-01-01",
        "deleted=true",
        `project_id=${demo}`,
        `tenant_id=${demo}`,
        "status=ACTIVE",
        "ip=10.",
      ]
    ) {
      for (const path of ["/v2.1/servers", "/v2.1/servers/detail"]) {
        const { json } = await ask("stranger", "GET", `${path}?${query}`, { mv: "2.90" });
        assertEquals(json.servers, [], `${path}?${query}`);
      }
    }
    assertEquals(await head(), before, "something was written");
    const { json } = await ask("member", "GET", `/v2.1/servers/${id}`);
    assertEquals([json.server.name, json.server.metadata], ["private", { role: "web" }]);
  });
});

Deno.test("a lock says who holds it: the owner's project, or an administrator from outside", async () => {
  await withCallers(async (cloud, ask) => {
    const id = await cloud.create();
    const act = async (caller: Caller, action: "lock" | "unlock") =>
      (await ask(caller, "POST", `/v2.1/servers/${id}/action`, { body: { [action]: null } }))
        .status;
    const rename = async (caller: Caller) =>
      (await ask(caller, "PUT", `/v2.1/servers/${id}`, { body: { server: { name: "y" } } })).status;
    const change = async (caller: Caller) =>
      (await ask(caller, "POST", `/v2.1/servers/${id}/metadata`, { body: { metadata: {} } }))
        .status;
    const steps: readonly (readonly [string, () => Promise<number>, number])[] = [
      ["locked by the member", () => act("member", "lock"), 202],
      ["the member may not change it", () => change("member"), 409],
      ["the member may rename it", () => rename("member"), 200],
      ["an administrator may change it", () => change("admin"), 200],
      ["an administrator lifts it", () => act("admin", "unlock"), 202],
      ["locked by an administrator of the project", () => act("padmin", "lock"), 202],
      ["the member lifts it", () => act("member", "unlock"), 202],
      ["locked by an administrator from outside", () => act("admin", "lock"), 202],
      ["the member may lock it again, to no effect", () => act("member", "lock"), 202],
      ["the member may not lift it", () => act("member", "unlock"), 403],
      ["an administrator of the project may", () => act("padmin", "unlock"), 202],
      ["the member may change it again", () => change("member"), 200],
    ];
    for (const [what, step, status] of steps) {
      assertEquals(await step(), status, what);
    }
  });
});

// Callers

type Ask = (caller: Caller, method: string, path: string, asked?: Asked) => Promise<Answered>;

async function withCallers(work: (cloud: TestCloud, ask: Ask) => Promise<void>): Promise<void> {
  const cloud = await TestCloud.open();
  try {
    await cloud.limit({ instances: -1, cores: -1, ram: -1 });
    await cloud.limit({ instances: -1, cores: -1, ram: -1 }, cloud.projectIds.other);
    const tokens: Partial<Record<Caller, string>> = {
      projectless: await tokenFor(cloud, ["demo", "demo-password"], "unscoped"),
      servant: await servantToken(cloud),
      domainAdmin: await domainToken(cloud),
    };
    await work(cloud, (caller, method, path, asked = {}) => {
      const token = tokens[caller];
      const as = token === undefined ? caller as "member" : "none";
      return cloud.ask(as, method, path, { ...asked, token });
    });
  } finally {
    await cloud.close();
  }
}

async function tokenFor(
  cloud: TestCloud,
  [name, password]: readonly [string, string],
  scope: Json,
): Promise<string> {
  const domain = { id: "default" };
  const identity = { methods: ["password"], password: { user: { name, domain, password } } };
  const body = { auth: { identity, scope } };
  const answered = await cloud.ask("none", "POST", "/identity/v3/auth/tokens", { body });
  assertEquals(answered.status, 201, answered.text);
  return answered.headers.get("x-subject-token")!;
}

/** A user of project demo with the role `service`, and no other. */
async function servantToken(cloud: TestCloud): Promise<string> {
  const { demo } = cloud.projectIds;
  const user = { name: "servant", password: "servant-password" };
  const made = await cloud.ask("admin", "POST", "/identity/v3/users", { body: { user } });
  assertEquals(made.status, 201, made.text);
  await grant(cloud, `projects/${demo}/users/${made.json.user.id}`, "service");
  return await tokenFor(cloud, ["servant", "servant-password"], { project: { id: demo } });
}

async function domainToken(cloud: TestCloud): Promise<string> {
  const { json } = await cloud.ask("admin", "GET", "/identity/v3/users?name=admin");
  await grant(cloud, `domains/default/users/${json.users[0].id}`, "admin");
  // A changed user needs new tokens.
  return await tokenFor(cloud, ["admin", "admin-password"], { domain: { id: "default" } });
}

async function grant(cloud: TestCloud, target: string, role: string): Promise<void> {
  const { json } = await cloud.ask("admin", "GET", `/identity/v3/roles?name=${role}`);
  const granted = await cloud.ask(
    "admin",
    "PUT",
    `/identity/v3/${target}/roles/${json.roles[0].id}`,
  );
  assertEquals(granted.status, 204, granted.text);
}
