/** `GET /servers` and `GET /servers/detail`: filters, times, projects, sorting and paging. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { microsOf, timestampOf } from "../../src/eventsourcing/clock.ts";
import { type Answered, ORIGIN, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import { HeldDriver, type Json, makeFlavor, makeImage } from "../kit/samples.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const NEWEST = "2.104";

/** The names on a list, in text order unless it is the order that counts. */
function namesOf({ status, json, text }: Answered): string[] {
  assertEquals(status, 200, text);
  return json.servers.map(({ name }: Json) => name).sort();
}

async function list(
  cloud: TestCloud,
  query: string,
  { as = "member", mv = NEWEST }: { readonly as?: Role; readonly mv?: string } = {},
): Promise<string[]> {
  return namesOf(await cloud.ask(as, "GET", `/v2.1/servers?${query}`, { mv }));
}

function refused({ json }: Answered): string {
  return (Object.values(json)[0] as Json).message;
}

// Filters

/** What is known of the servers that filters are tried on. */
interface Filtered {
  readonly cloud: TestCloud;
  readonly ids: Readonly<Record<string, string>>;
  readonly userId: string;
  readonly reservationId: string;
  readonly otherImage: string;
}

/** Everything of the member's that lives. */
const LIVING = ["broken", "db-2", "held", "plain", "web-1"];
const SCHEDULED = ["db-2", "held", "plain", "web-1"];
const RUNNING = ["db-2", "plain", "web-1"];

async function withFiltered(work: (filtered: Filtered) => Promise<void>): Promise<void> {
  await withCloud(async (cloud) => {
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const otherImage = await makeImage(cloud, { name: "other" });
    const ids = {
      "web-1": await cloud.create({
        name: "web-1",
        description: "the front",
        hostname: "front.example.com",
        networks: "auto",
        tags: ["t1", "t2"],
        config_drive: true,
        accessIPv4: "192.0.2.1",
        accessIPv6: "2001:db8::1",
        "OS-DCF:diskConfig": "AUTO",
      }, { mv: NEWEST }),
      "db-2": await cloud.create({
        name: "db-2",
        flavorRef: "2",
        imageRef: otherImage,
        tags: ["t1"],
        hostname: "back",
      }),
      plain: await cloud.create({ name: "plain" }),
      broken: await cloud.create({ name: "broken", flavorRef: "huge" }),
      deleted: await cloud.create({ name: "deleted" }),
      foreign: await cloud.create({ name: "foreign" }, { as: "stranger" }),
    };
    const lock = (as: Role, id: string) =>
      cloud.ask(as, "POST", `/v2.1/servers/${id}/action`, { body: { lock: null } });
    await lock("member", ids["web-1"]);
    await lock("admin", ids["db-2"]);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${ids.deleted}`);
    await cloud.cloud.settled();
    const body = { server: { ...await cloud.plain(), name: "held", hostname: "held" } };
    await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    await untilSpawning(cloud);
    const shown = await cloud.ask("padmin", "GET", `/v2.1/servers/${ids["web-1"]}`, { mv: NEWEST });
    await work({
      cloud,
      ids,
      userId: shown.json.server.user_id,
      reservationId: shown.json.server["OS-EXT-SRV-ATTR:reservation_id"],
      otherImage,
    });
  }, { driver: new HeldDriver(), settings: { simulatedHosts: 1 } });
}

async function untilSpawning(cloud: TestCloud): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if ((await list(cloud, "task_state=spawning")).length > 0) return;
    await new Promise((done) => setTimeout(done, 2));
  }
  throw new Error("the held server never came to be spawned");
}

/** A filter, what it finds, and who may use it from when on; from then on it is not dropped. */
type FilterRow = readonly [
  query: string,
  finds: readonly string[],
  since: number,
  member: number | "never",
];

function filterRows({ ids, userId, reservationId, otherImage }: Filtered): readonly FilterRow[] {
  const web = ["web-1"];
  return [
    ["name=web", web, 1, 1],
    ["name=WEB", web, 1, 1],
    ["name=^.e", ["held", "web-1"], 1, 1],
    ["name=-[12]$", ["db-2", "web-1"], 1, 1],
    ["name=web|db", [], 1, 1],
    ["name=(e)\\1", [], 1, 1],
    ["name=foreign", [], 1, 1],
    ["name=deleted", [], 1, 1],
    ["name=web&name=db", ["db-2"], 1, 1],
    [`image=${otherImage}`, ["db-2"], 1, 1],
    ["image=abc", [], 1, 1],
    ["image=", [], 1, 1],
    ["flavor=2", ["db-2"], 1, 1],
    ["flavor=huge", ["broken"], 1, 1],
    ["flavor=999", [], 1, 1],
    ["ip=10.0", web, 1, 1],
    ["ip=0.0.", web, 1, 1],
    ["ip=10.1.", [], 1, 1],
    ["ip6=fe80", [], 1, 5],
    [`reservation_id=${reservationId}`, web, 1, 1],
    [`reservation_id=${reservationId.slice(2, 6)}`, web, 1, 1],
    ["tags=t1", ["db-2", "web-1"], 26, 26],
    ["tags=t1,t2", web, 26, 26],
    ["tags=t2,t1", web, 26, 26],
    ["tags=t1,t9", [], 26, 26],
    ["tags=T1", [], 26, 26],
    ["tags-any=t1,t2", ["db-2", "web-1"], 26, 26],
    ["tags-any=t2,t9", web, 26, 26],
    ["not-tags=t1,t2", ["broken", "db-2", "held", "plain"], 26, 26],
    ["not-tags-any=t1,t2", ["broken", "held", "plain"], 26, 26],
    ["tags=t1&not-tags-any=t2", ["db-2"], 26, 26],
    ["tags=t2&tags=t1", ["db-2", "web-1"], 26, 26],
    ["locked=true", ["db-2", "web-1"], 73, 73],
    ["locked=1", ["db-2", "web-1"], 73, 73],
    ["locked=False", ["broken", "held", "plain"], 73, 73],
    ["hostname=^front", web, 1, 90],
    ["hostname=BACK", ["db-2"], 1, 90],
    ["vm_state=error", ["broken"], 1, 83],
    ["vm_state=building", ["held"], 1, 83],
    ["vm_state=err", [], 1, 83],
    ["task_state=spawning", ["held"], 1, 83],
    ["power_state=1", RUNNING, 1, 83],
    ["power_state=0", ["broken", "held"], 1, 83],
    [`user_id=${userId}`, LIVING, 1, 83],
    ["user_id=abc", [], 1, 83],
    ["availability_zone=nova", SCHEDULED, 1, 83],
    ["availability_zone=^ov", [], 1, 83],
    ["key_name=k", [], 1, 83],
    ["config_drive=true", web, 1, 83],
    ["created_at=^20", LIVING, 1, 83],
    ["created_at=^19", [], 1, 83],
    ["launched_at=^20", RUNNING, 1, 83],
    ["terminated_at=^20", [], 1, 83],
    ["progress=0", LIVING, 1, 83],
    ["progress=5", [], 1, 83],
    ["host=compute-1", SCHEDULED, 1, "never"],
    ["host=compute", [], 1, "never"],
    ["node=compute", SCHEDULED, 1, "never"],
    [`uuid=${ids["web-1"]}`, web, 1, "never"],
    [`uuid=${ids["foreign"]}`, [], 1, "never"],
    ["display_name=web", web, 1, "never"],
    ["display_description=FRONT", web, 1, "never"],
    // No such column: accepted, without effect.
    ["description=zz", LIVING, 1, 1],
    [`image_ref=${otherImage}`, ["db-2"], 1, "never"],
    ["launch_index=0", LIVING, 1, "never"],
    ["launch_index=1", [], 1, "never"],
    ["kernel_id=x", [], 1, "never"],
    ["ramdisk_id=x", [], 1, "never"],
    ["locked_by=owner", web, 1, "never"],
    ["locked_by=adm", ["db-2"], 1, "never"],
    ["root_device_name=vda", SCHEDULED, 1, "never"],
    ["access_ip_v4=^192", web, 1, "never"],
    ["access_ip_v6=db8", web, 1, "never"],
    ["auto_disk_config=1", web, 1, "never"],
    ["auto_disk_config=0", ["broken", "db-2", "held", "plain"], 1, "never"],
  ];
}

Deno.test("filters", async (t) => {
  await withFiltered(async (filtered) => {
    const { cloud } = filtered;
    for (const [query, finds, since, member] of filterRows(filtered)) {
      const from = member === "never" ? since : member;
      await t.step(`${query.slice(0, 40)}, an administrator`, async () => {
        for (const mv of new Set([since, from, 104])) {
          assertEquals(await list(cloud, query, { as: "padmin", mv: `2.${mv}` }), finds, `2.${mv}`);
        }
        if (since === 1) return;
        const before = { as: "padmin", mv: `2.${since - 1}` } as const;
        assertEquals(await list(cloud, query, before), LIVING, "before it was known");
      });
      await t.step(`${query.slice(0, 40)}, a member`, async () => {
        const found = member === "never" ? LIVING : finds;
        for (const as of ["member", "reader"] as const) {
          for (const mv of new Set([from, 104])) {
            assertEquals(await list(cloud, query, { as, mv: `2.${mv}` }), found, `2.${mv}`);
          }
        }
        if (from === 1) return;
        assertEquals(await list(cloud, query, { mv: `2.${from - 1}` }), LIVING, "dropped before");
      });
    }
    await t.step("detail takes the same filters", async () => {
      for (const [query, finds] of filterRows(filtered)) {
        const path = `/v2.1/servers/detail?${query}`;
        assertEquals(namesOf(await cloud.ask("padmin", "GET", path, { mv: NEWEST })), finds, query);
      }
    });
    await t.step("status", () => checkStatus(cloud));
    await t.step("deleted servers", () => checkDeleted(cloud));
    await t.step("projects", () => checkProjects(cloud));
    await t.step("what is no filter", () => checkNoFilters(cloud));
    await t.step("many values", () => checkManyValues(cloud));
    await t.step("several filters are joined by and", async () => {
      assertEquals(await list(cloud, "name=b&status=ERROR"), ["broken"]);
      assertEquals(await list(cloud, "name=web&flavor=2"), []);
    });
  });
});

async function checkStatus(cloud: TestCloud): Promise<void> {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["ACTIVE", RUNNING],
    ["active", RUNNING],
    ["BUILD", ["held"]],
    ["ERROR", ["broken"]],
    // The words of the reference page for BUILD, SHUTOFF, RESCUE and RESIZE.
    ["BUILDING", ["held"]],
    ["STOPPED", []],
    ["RESCUED", []],
    ["RESIZED", []],
    ...[
      "HARD_REBOOT",
      "MIGRATING",
      "PASSWORD",
      "PAUSED",
      "REBOOT",
      "REBUILD",
      "RESCUE",
      "RESIZE",
      "REVERT_RESIZE",
      "SHELVED",
      "SHELVED_OFFLOADED",
      "SHUTOFF",
      "SOFT_DELETED",
      "SUSPENDED",
      "VERIFY_RESIZE",
    ].map((word) => [word, []] as const),
    ["ACTIVE&status=ERROR", ["broken", ...RUNNING]],
    ["nonsense&status=ERROR", ["broken"]],
    ["ERROR&status=nonsense", ["broken"]],
    ["DELETED&status=ERROR", ["broken"]],
  ];
  for (const [words, finds] of rows) {
    for (const mv of ["2.1", "2.37", "2.38", NEWEST]) {
      assertEquals(await list(cloud, `status=${words}`, { mv }), finds, `${words} at ${mv}`);
    }
  }
  for (const word of ["FLYING", "", "UNKNOWN"]) {
    assertEquals(await list(cloud, `status=${word}`, { mv: "2.37" }), [], word);
    const answered = await cloud.ask("member", "GET", `/v2.1/servers?status=${word}`, {
      mv: "2.38",
    });
    assertEquals([answered.status, refused(answered)], [400, "Invalid status value"], word);
  }
  for (const as of ["member", "reader"] as const) {
    const answered = await cloud.ask(as, "GET", "/v2.1/servers?status=deleted");
    assertEquals(answered.status, 403);
    assertEquals(refused(answered), "Only administrators may list deleted instances");
  }
}

async function checkDeleted(cloud: TestCloud): Promise<void> {
  const everything = [...LIVING, "deleted"].sort();
  const rows: readonly (readonly [query: string, admin: string[], member: string[]])[] = [
    ["deleted=true", ["deleted"], LIVING],
    ["deleted=1", ["deleted"], LIVING],
    ["deleted=false", LIVING, LIVING],
    ["deleted=maybe", LIVING, LIVING],
    ["deleted=true&soft_deleted=", ["deleted"], LIVING],
    ["deleted=true&soft_deleted=1", ["deleted"], LIVING],
    ["soft_deleted=1", LIVING, LIVING],
    ["soft_deleted=", LIVING, LIVING],
    ["changes-since=2020-01-01", everything, everything],
    ["changes-since=2020-01-01&deleted=false", LIVING, everything],
    ["changes-since=2020-01-01&deleted=true", ["deleted"], everything],
    ["changes-before=2999-01-01", everything, everything],
    ["deleted=true&name=del", ["deleted"], []],
    ["deleted=true&terminated_at=^20", ["deleted"], []],
    ["changes-since=2020-01-01&name=del", ["deleted"], ["deleted"]],
    ["changes-since=2020-01-01&status=ERROR", ["broken"], ["broken"]],
  ];
  for (const [query, admin, member] of rows) {
    assertEquals(await list(cloud, query, { as: "padmin" }), admin, query);
    assertEquals(await list(cloud, query), member, `${query}, a member`);
  }
  assertEquals(await list(cloud, "status=deleted", { as: "padmin" }), ["deleted"]);
  const path = "/v2.1/servers/detail?deleted=true";
  const detail = await cloud.ask("padmin", "GET", path, { mv: NEWEST });
  assertEquals(detail.json.servers[0].status, "DELETED");
  assertEquals(detail.json.servers[0]["OS-EXT-STS:vm_state"], "deleted");
  assert("OS-SRV-USG:terminated_at" in detail.json.servers[0]);
}

/** The names that are found, or how it is refused. */
type Outcome = readonly string[] | number;

async function checkProjects(cloud: TestCloud): Promise<void> {
  const { demo, other } = cloud.projectIds;
  const all = [...LIVING, "foreign"].sort();
  const rows: readonly (readonly [string, admin: Outcome, member: Outcome])[] = [
    ["", [], LIVING],
    ...["", "1", "t", "true", "on", "y", "yes", "TRUE", "Yes"]
      .map((word) => [`all_tenants=${word}`, all, 403] as const),
    ...["0", "f", "false", "off", "n", "no", "FALSE"]
      .map((word) => [`all_tenants=${word}`, [], LIVING] as const),
    ...["maybe", "2", "-1", "nil"].map((word) => [`all_tenants=${word}`, 400, 400] as const),
    ["all_tenants=0&all_tenants=1", all, 403],
    ["all_tenants=1&all_tenants=0", [], LIVING],
    [`all_tenants=1&project_id=${other}`, ["foreign"], 403],
    [`all_tenants=1&tenant_id=${other}`, ["foreign"], 403],
    [`all_tenants=1&project_id=${demo}`, LIVING, 403],
    ["all_tenants=1&project_id=nobody", [], 403],
    [`project_id=${other}`, [], LIVING],
    [`tenant_id=${other}`, [], LIVING],
    [`all_tenants=0&project_id=${other}`, [], LIVING],
    ["all_tenants=1&deleted=true", ["deleted"], 403],
    ["all_tenants=1&name=fore", ["foreign"], 403],
  ];
  for (const operation of ["index", "detail"]) {
    const path = operation === "index" ? "/v2.1/servers" : "/v2.1/servers/detail";
    for (const [query, admin, member] of rows) {
      for (
        const [as, expected] of [["admin", admin], ["member", member], ["reader", member]] as const
      ) {
        const answered = await cloud.ask(as, "GET", `${path}?${query}`, { mv: NEWEST });
        const about = `${operation} ${query} as ${as}`;
        if (typeof expected !== "number") assertEquals(namesOf(answered), [...expected], about);
        else assertEquals(answered.status, expected, about);
        if (expected === 400) {
          assertMatch(refused(answered), /^Unrecognized value '.*', acceptable/);
        }
        if (expected === 403) {
          assertMatch(refused(answered), new RegExp(`servers:${operation}:get_all_tenants to be`));
        }
      }
    }
  }
}

async function checkNoFilters(cloud: TestCloud): Promise<void> {
  const joined = [
    "block_device_mapping",
    "services",
    "metadata",
    "system_metadata",
    "info_cache",
    "security_groups",
    "pci_devices",
  ];
  for (const name of [...joined, "_anything", "__proto__"]) {
    for (const mv of ["2.1", NEWEST]) {
      const path = `/v2.1/servers?${name}=x`;
      const answered = await cloud.ask("padmin", "GET", path, { mv });
      assertEquals([answered.status, refused(answered)], [400, `Invalid filter field: ${name}.`]);
      assertEquals(await list(cloud, `${name}=x`, { mv }), LIVING, `${name}, a member`);
    }
  }
  for (const as of ["padmin", "member"] as const) {
    assertEquals(await list(cloud, "foo=1&constructor=2", { as, mv: "2.74" }), LIVING);
    for (const mv of ["2.75", NEWEST]) {
      const answered = await cloud.ask(as, "GET", "/v2.1/servers?foo=1", { mv });
      assertEquals(refused(answered), "'foo' does not match any of the regexes: '^_'");
    }
  }
  for (
    const [query, says] of [
      [
        "locked=maybe",
        /^Unrecognized value 'maybe', acceptable values are: '0', '1', 'f', 'false', /,
      ],
      ["changes-since=yesterday", /'yesterday' is not a 'date-time'$/],
      ["changes-since=0", /'0' is not a 'date-time'$/],
      ["changes-since=", /'' is not a 'date-time'$/],
      [
        "changes-since=2021-01-01&changes-before=2020-01-01",
        /^The value of changes-since must be less/,
      ],
      ["tags=", /'' is not a 'regex'$/],
      ["ip=", /'' is not a 'regex'$/],
      ["name=[", /'\[' is not a 'regex'$/],
    ] as const
  ) {
    const answered = await cloud.ask("member", "GET", `/v2.1/servers?${query}`, { mv: NEWEST });
    assertEquals(answered.status, 400, query);
    assertMatch(refused(answered), says);
  }
}

/** Long lists of values must neither fail nor take long. */
async function checkManyValues(cloud: TestCloud): Promise<void> {
  const many = Array.from({ length: 3000 }, (_, place) => `x${place}`);
  assertEquals(await list(cloud, `tags=${many}`), []);
  assertEquals(await list(cloud, `tags=${Array(3000).fill("t1")}`), ["db-2", "web-1"]);
  assertEquals(await list(cloud, `tags-any=${[...many, "t2"]}`), ["web-1"]);
  assertEquals(await list(cloud, `not-tags=${["t1", "t2", ...many]}`), LIVING);
  assertEquals(await list(cloud, `not-tags=${Array(3000).fill("t1")}`), [
    "broken",
    "held",
    "plain",
  ]);
  assertEquals(await list(cloud, `not-tags-any=${[...many, "t1"]}`), ["broken", "held", "plain"]);
  assertEquals(await list(cloud, `status=ERROR&${Array(3000).fill("status=x").join("&")}`), [
    "broken",
  ]);
  const keys = Array(3000).fill("sort_key=display_name").join("&");
  const first = await cloud.ask("member", "GET", `/v2.1/servers?limit=1&${keys}`, { mv: NEWEST });
  assertEquals(first.status, 200);
  const next = first.json.servers_links[0].href.slice(ORIGIN.length);
  assertEquals((await cloud.ask("member", "GET", `${next}&${keys}`, { mv: NEWEST })).status, 200);
}

// Times

/** A clock that stands still until it is set. */
class SetClock {
  now = Date.parse("2031-05-06T07:08:09.500Z");
  readonly read = () => this.now;

  add(seconds: number): void {
    this.now += seconds * 1000;
  }
}

async function withClock(
  work: (cloud: TestCloud, clock: SetClock) => Promise<void>,
): Promise<void> {
  const clock = new SetClock();
  await withCloud((cloud) => work(cloud, clock), { clock: clock.read });
}

Deno.test("changes-since and changes-before count both ends, to the second that is shown", () =>
  withClock(async (cloud, clock) => {
    await cloud.create({ name: "first" });
    clock.add(10);
    await cloud.create({ name: "second" });
    const both = ["first", "second"];
    // Shown as 07:08:09 and 07:08:19; made half a second later.
    const rows: readonly (readonly [string, string[]])[] = [
      ["changes-since=2031-05-06T07:08:09Z", both],
      ["changes-since=2031-05-06T07:08:10Z", ["second"]],
      ["changes-since=2031-05-06T07:08:19Z", ["second"]],
      ["changes-since=2031-05-06T07:08:20Z", []],
      ["changes-before=2031-05-06T07:08:08Z", []],
      ["changes-before=2031-05-06T07:08:09Z", ["first"]],
      ["changes-before=2031-05-06T07:08:18Z", ["first"]],
      ["changes-before=2031-05-06T07:08:19Z", both],
      ["changes-since=2031-05-06T07:08:09Z&changes-before=2031-05-06T07:08:09Z", ["first"]],
      ["changes-since=2031-05-06", both],
      ["changes-since=2031-05-07", []],
      ["changes-since=2031-05-06T07:08:19", ["second"]],
      ["changes-since=2031-05-06T09:08:19%2B02:00", ["second"]],
      ["changes-since=2031-05-06T09:08:20%2B02:00", []],
      ["changes-since=20310506T070819Z", ["second"]],
    ];
    for (const [query, finds] of rows) assertEquals(await list(cloud, query), finds, query);
    assertEquals(await list(cloud, "changes-before=2020-01-01", { mv: "2.65" }), both, "dropped");
    // To the microsecond, where one is given: the last event is that of the second server.
    const { recordedAt } = await cloud.cloud.log.head();
    const micros = microsOf(recordedAt);
    assertEquals(await list(cloud, `changes-since=${recordedAt}`), ["second"]);
    assertEquals(await list(cloud, `changes-since=${timestampOf(micros + 1)}`), []);
  }));

Deno.test("whatever is changed shows in changes-since; what is another project's does not", () =>
  withClock(async (cloud, clock) => {
    const id = await cloud.create({ name: "watched" });
    await cloud.create({ name: "still" });
    const path = `/v2.1/servers/${id}`;
    const changes: readonly (readonly [string, string, Json?])[] = [
      ["PUT", "", { server: { name: "watched" } }],
      ["PUT", "", { server: { description: "new" } }],
      ["POST", "/metadata", { metadata: { a: "1" } }],
      ["PUT", "/metadata/a", { meta: { a: "2" } }],
      ["DELETE", "/metadata/a"],
      ["PUT", "/tags/red"],
      ["PUT", "/tags", { tags: ["blue"] }],
      ["DELETE", "/tags/blue"],
      ["POST", "/action", { lock: null }],
      ["POST", "/action", { unlock: null }],
      ["DELETE", ""],
    ];
    for (const [method, part, body] of changes.slice(1)) {
      clock.add(60);
      await cloud.create({ name: "foreign" }, { as: "stranger" });
      const since = new Date(clock.now).toISOString();
      assertEquals(await list(cloud, `changes-since=${since}`), [], `before ${method} ${part}`);
      await cloud.ask("member", method, path + part, { mv: NEWEST, body });
      await cloud.cloud.settled();
      assertEquals(await list(cloud, `changes-since=${since}`), ["watched"], `${method} ${part}`);
    }
    const { json } = await cloud.ask(
      "member",
      "GET",
      `/v2.1/servers/detail?changes-since=2031-01-01`,
    );
    const deleted = json.servers.find((server: Json) => server.id === id);
    assertEquals([deleted.status, json.servers.length], ["DELETED", 2]);
  }));

Deno.test("a change that changes nothing is no change", () =>
  withClock(async (cloud, clock) => {
    const id = await cloud.create({ name: "same", metadata: { a: "1" }, tags: ["red"] });
    clock.add(60);
    const since = new Date(clock.now).toISOString();
    for (
      const [method, part, body] of [
        ["PUT", "", { server: { name: "same" } }],
        ["PUT", "", { server: {} }],
        ["POST", "/metadata", { metadata: { a: "1" } }],
        ["PUT", "/tags", { tags: ["red", "red"] }],
        ["PUT", "/tags/red", undefined],
        ["POST", "/action", { unlock: null }],
      ] as const
    ) {
      const answered = await cloud.ask("member", method, `/v2.1/servers/${id}${part}`, {
        mv: NEWEST,
        body,
      });
      assert(answered.status < 300, answered.text);
      assertEquals(await list(cloud, `changes-since=${since}`), [], `${method} ${part}`);
    }
  }));

Deno.test("who asks for changes since the last one seen misses none, whatever the clock does", () =>
  withClock(async (cloud, clock) => {
    const ids: string[] = [];
    for (let place = 0; place < 5; place++) ids.push(await cloud.create({ name: `s${place}` }));
    const seen = new Map<string, string>();
    let since = "2000-01-01T00:00:00Z";
    const poll = async () => {
      const path = `/v2.1/servers/detail?changes-since=${since}`;
      const { json } = await cloud.ask("member", "GET", path, { mv: NEWEST });
      for (const { id, name, updated } of json.servers) {
        seen.set(id, name);
        if (updated > since) since = updated;
      }
    };
    await poll();
    const jumps = [0, 0, 5, -3600, 0, 1, 86_400, -86_400, -30, 7200, 0, -1, 1, -7200, 0, 0];
    for (const [place, jump] of jumps.entries()) {
      clock.add(jump);
      const id = ids[place % ids.length]!;
      const name = `renamed-${place}`;
      await cloud.ask("member", "PUT", `/v2.1/servers/${id}`, { body: { server: { name } } });
      await poll();
      assertEquals(seen.get(id), name, `after the jump by ${jump} s`);
    }
  }));

// Sorting

/** Servers with ties and gaps in every column, in order of creation. */
async function withSorted(
  work: (cloud: TestCloud, ids: readonly string[]) => Promise<void>,
): Promise<void> {
  await withCloud(async (cloud) => {
    await cloud.limit({ instances: -1, cores: -1, ram: -1 });
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const image = await makeImage(cloud, { name: "other" });
    const servers: readonly Json[] = [
      { name: "b", description: "z", tags: ["x"] },
      { name: "A", description: null, flavorRef: "2" },
      { name: "c", "OS-DCF:diskConfig": "AUTO", accessIPv4: "192.0.2.9" },
      { name: "a", description: "Y", hostname: "zeta", config_drive: true },
      { name: "b", flavorRef: "huge" },
      { name: "ä", imageRef: image, accessIPv6: "2001:db8::2" },
      { name: "10", availability_zone: "nova", accessIPv6: "2001:db8::1" },
      { name: "9", accessIPv4: "192.0.2.10", flavorRef: "huge" },
    ];
    const ids: string[] = [];
    for (const server of servers) ids.push(await cloud.create(server, { mv: NEWEST }));
    // Three in one request: they differ in name and launch index only.
    const body = { server: { ...await cloud.plain(), name: "many", min_count: 3 } };
    await cloud.ask("member", "POST", "/v2.1/servers", { mv: NEWEST, body });
    await cloud.cloud.settled();
    const { json } = await cloud.ask("member", "GET", "/v2.1/servers?name=many&sort_dir=asc");
    ids.push(...json.servers.map(({ id }: Json) => id));
    const act = (as: Role, place: number, body: Json) =>
      cloud.ask(as, "POST", `/v2.1/servers/${ids[place]}/action`, { body });
    await act("member", 2, { lock: null });
    await act("admin", 5, { lock: null });
    await cloud.ask("member", "PUT", `/v2.1/servers/${ids[0]}`, {
      mv: NEWEST,
      body: { server: { description: "later" } },
    });
    await work(cloud, ids);
  });
}

type Value = string | number | null;

/** What each sort key compares, read off the server as an administrator sees it. */
const SORT_VALUES: Readonly<Record<string, (server: Json, place: number) => Value>> = {
  access_ip_v4: ({ accessIPv4 }) => accessIPv4 || null,
  access_ip_v6: ({ accessIPv6 }) => accessIPv6 || null,
  auto_disk_config: (server) => server["OS-DCF:diskConfig"] === "AUTO" ? 1 : 0,
  availability_zone: (server) => server["OS-EXT-AZ:availability_zone"] || null,
  config_drive: ({ config_drive }) => config_drive,
  created_at: (_, place) => place,
  display_description: ({ description }) => description,
  display_name: ({ name }) => name,
  host: (server) => server["OS-EXT-SRV-ATTR:host"],
  hostname: (server) => server["OS-EXT-SRV-ATTR:hostname"],
  image_ref: ({ image }) => image.id,
  instance_type_id: ({ flavor }) =>
    ({ "m1.tiny": "1", "m1.small": "2" })[flavor.original_name as string] ?? "huge",
  kernel_id: () => "",
  key_name: () => null,
  launch_index: (server) => server["OS-EXT-SRV-ATTR:launch_index"],
  launched_at: (server) => server["OS-SRV-USG:launched_at"],
  locked_by: (_, place) => ({ 2: "owner", 5: "admin" })[place] ?? null,
  node: (server) => server["OS-EXT-SRV-ATTR:hypervisor_hostname"],
  power_state: (server) => server["OS-EXT-STS:power_state"],
  progress: () => 0,
  project_id: ({ tenant_id }) => tenant_id,
  ramdisk_id: () => "",
  root_device_name: (server) => server["OS-EXT-SRV-ATTR:root_device_name"],
  task_state: (server) => server["OS-EXT-STS:task_state"],
  terminated_at: () => null,
  user_id: ({ user_id }) => user_id,
  uuid: ({ id }) => id,
  vm_state: (server) => server["OS-EXT-STS:vm_state"],
};

/** Ids in the order asked for; nulls come first upwards, ties by creation. */
function sorted(
  servers: ReadonlyMap<string, Json>,
  ids: readonly string[],
  keys: readonly (readonly [string, "asc" | "desc"])[],
): string[] {
  const complete = keys.some(([key]) => key === "created_at")
    ? keys
    : [...keys, ["created_at", keys[0]?.[1] ?? "desc"] as const];
  const valueOf = (key: string, id: string) => {
    const value = SORT_VALUES[key]!(servers.get(id), ids.indexOf(id));
    return typeof value === "string" ? value.toLowerCase() : value;
  };
  return [...ids].sort((one, other) => {
    for (const [key, direction] of complete) {
      const [a, b] = [valueOf(key, one), valueOf(key, other)];
      if (a === b) continue;
      const isLess = a === null || (b !== null && a < b);
      return isLess === (direction === "asc") ? -1 : 1;
    }
    return 0;
  });
}

Deno.test("sorting", async (t) => {
  await withSorted(async (cloud, ids) => {
    const detail = await cloud.ask("padmin", "GET", "/v2.1/servers/detail", { mv: NEWEST });
    const servers = new Map<string, Json>(detail.json.servers.map((one: Json) => [one.id, one]));
    const order = async (query: string, as: Role = "padmin", mv = NEWEST) => {
      const answered = await cloud.ask(as, "GET", `/v2.1/servers?${query}`, { mv });
      assertEquals(answered.status, 200, answered.text);
      return answered.json.servers.map(({ id }: Json) => id);
    };
    const newest = [...ids].reverse();
    await t.step("by default, the newest first", async () => {
      assertEquals(await order(""), newest);
      assertEquals(await order("sort_dir=desc"), newest);
      assertEquals(await order("sort_dir=asc"), ids);
    });
    for (const key of Object.keys(SORT_VALUES)) {
      await t.step(`by ${key}`, async () => {
        for (const direction of ["asc", "desc"] as const) {
          const expected = sorted(servers, ids, [[key, direction]]);
          for (const mv of ["2.1", "2.74", NEWEST]) {
            const query = `sort_key=${key}&sort_dir=${direction}`;
            assertEquals(await order(query, "padmin", mv), expected, `${direction} at ${mv}`);
          }
        }
        assertEquals(
          await order(`sort_key=${key}`),
          sorted(servers, ids, [[key, "desc"]]),
          "no direction",
        );
      });
    }
    await t.step("by updated_at", async () => {
      assertEquals((await order("sort_key=updated_at"))[0], ids[0]);
      assertEquals((await order("sort_key=updated_at&sort_dir=asc")).at(-1), ids[0]);
    });
    await t.step("by several keys", async () => {
      const rows: readonly (readonly [string, readonly (readonly [string, "asc" | "desc"])[]])[] = [
        ["vm_state=asc,display_name=desc", [["vm_state", "asc"], ["display_name", "desc"]]],
        ["display_name=asc,created_at=desc", [["display_name", "asc"], ["created_at", "desc"]]],
        ["locked_by=desc,display_name=asc,uuid=asc", [
          ["locked_by", "desc"],
          ["display_name", "asc"],
          ["uuid", "asc"],
        ]],
      ];
      for (const [text, keys] of rows) {
        const query = text.split(",").map((pair) => pair.split("="))
          .map(([key, direction]) => `sort_key=${key}&sort_dir=${direction}`).join("&");
        assertEquals(await order(query), sorted(servers, ids, keys), text);
      }
      // Missing directions take the first.
      assertEquals(
        await order("sort_key=vm_state&sort_key=display_name&sort_dir=asc"),
        sorted(servers, ids, [["vm_state", "asc"], ["display_name", "asc"]]),
      );
      // A key twice counts once, where it stood first.
      assertEquals(
        await order("sort_key=display_name&sort_dir=asc&sort_key=display_name&sort_dir=desc"),
        sorted(servers, ids, [["display_name", "asc"]]),
      );
    });
    await t.step("locked: ignored, then a key of its own", async () => {
      const locked = [ids[2], ids[5]];
      assertEquals(await order("sort_key=locked&sort_dir=asc", "padmin", "2.72"), newest);
      for (const mv of ["2.73", "2.74", NEWEST]) {
        const asc = await order("sort_key=locked&sort_dir=asc", "padmin", mv);
        assertEquals(asc.slice(-2), locked, mv);
      }
    });
    await t.step("what cannot be sorted by", () => checkSortRefusals(cloud, newest));
  });
});

const IGNORED_KEYS = [
  "architecture",
  "cell_name",
  "cleaned",
  "default_ephemeral_device",
  "default_swap_device",
  "deleted",
  "deleted_at",
  "disable_terminate",
  "ephemeral_gb",
  "ephemeral_key_uuid",
  "id",
  "key_data",
  "launched_on",
  "memory_mb",
  "os_type",
  "reservation_id",
  "root_gb",
  "shutdown_terminate",
  "user_data",
  "vcpus",
  "vm_mode",
];

async function checkSortRefusals(cloud: TestCloud, newest: readonly string[]): Promise<void> {
  const ask = (query: string, as: Role = "member", mv = NEWEST) =>
    cloud.ask(as, "GET", `/v2.1/servers?${query}`, { mv });
  for (const key of IGNORED_KEYS) {
    const { json } = await ask(`sort_key=${key}&sort_dir=asc`, "member", "2.74");
    assertEquals(json.servers.map(({ id }: Json) => id), newest, `${key} is ignored`);
    assertEquals((await ask(`sort_key=${key}`, "member", "2.75")).status, 400, key);
  }
  for (const key of ["name", "status", "created", "updated", "", "metadata", "toString"]) {
    for (const mv of ["2.1", NEWEST]) {
      const answered = await ask(`sort_key=${key}`, "padmin", mv);
      assertEquals(answered.status, 400, key);
      assertMatch(refused(answered), /^Invalid input for query parameters sort_key\. /);
    }
  }
  for (const key of ["host", "node"]) {
    for (const as of ["member", "reader"] as const) {
      const answered = await ask(`sort_key=display_name&sort_key=${key}`, as);
      assertEquals(answered.status, 403);
      assertEquals(refused(answered), `Only administrators can sort servers by ${key}`);
    }
  }
  for (
    const query of ["sort_dir=upward", "sort_key=uuid&sort_dir=ASC", "sort_key=uuid&sort_dir="]
  ) {
    const answered = await ask(query);
    assertEquals(answered.status, 400, query);
    assertEquals(
      refused(answered),
      "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'",
    );
  }
  for (const query of ["sort_key=uuid&sort_dir=asc&sort_dir=desc", "sort_dir=asc&sort_dir=asc"]) {
    const answered = await ask(query);
    assertEquals(answered.status, 400, query);
    assertEquals(
      refused(answered),
      "Invalid input received: Sort direction size exceeds sort key size",
    );
  }
}

// Paging

/** Follows the links from page to page; `between` is told of every page. */
async function walk(
  cloud: TestCloud,
  path: string,
  { as = "member", between }: {
    readonly as?: Role;
    readonly between?: (ids: readonly string[]) => Promise<void>;
  } = {},
): Promise<string[]> {
  const seen: string[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const answered: Answered = await cloud.ask(as, "GET", next, { mv: NEWEST });
    assertEquals(answered.status, 200, answered.text);
    const page = answered.json.servers.map(({ id }: Json) => id);
    seen.push(...page);
    await between?.(page);
    next = answered.json.servers_links?.[0].href.slice(ORIGIN.length);
    assert(seen.length < 10_000, `${path} never ends`);
  }
  return seen;
}

Deno.test("page by page, every server comes exactly once, in the order of the whole list", async (t) => {
  await withSorted(async (cloud) => {
    const orders = [
      "",
      "sort_dir=asc",
      ...Object.keys(SORT_VALUES).flatMap((key) => [
        `sort_key=${key}&sort_dir=asc`,
        `sort_key=${key}&sort_dir=desc`,
      ]),
      "sort_key=updated_at",
      "sort_key=locked",
    ];
    for (const order of orders) {
      await t.step(order || "the usual order", async () => {
        const whole = await walk(cloud, `/v2.1/servers?${order}`, { as: "padmin" });
        assertEquals(whole.length, 11);
        for (const limit of [1, 2, 3, 10, 11, 12]) {
          for (const path of ["/v2.1/servers", "/v2.1/servers/detail"]) {
            const paged = await walk(cloud, `${path}?limit=${limit}&${order}`, { as: "padmin" });
            assertEquals(paged, whole, `limit=${limit} of ${path}`);
          }
        }
      });
    }
    await t.step("several keys, each with its direction, need both at every page", async () => {
      // As in Nova, a link repeats a parameter once only: clients send the keys themselves.
      const keys = "sort_key=vm_state&sort_dir=asc&sort_key=display_name&sort_dir=desc";
      const whole = await walk(cloud, `/v2.1/servers?${keys}`);
      const seen: string[] = [];
      for (let page: string[] = ["first"]; page.length > 0;) {
        const marker = seen.length > 0 ? `&marker=${seen.at(-1)}` : "";
        const path = `/v2.1/servers?limit=2&${keys}${marker}`;
        const { json } = await cloud.ask("member", "GET", path, { mv: NEWEST });
        page = json.servers.map(({ id }: Json) => id);
        seen.push(...page);
      }
      assertEquals(seen, whole);
    });
  });
});

Deno.test("page by page while servers come and go, those that stay come exactly once", async (t) => {
  for (const order of ["", "sort_dir=asc", "sort_key=display_name", "sort_key=uuid&sort_dir=asc"]) {
    await t.step(order || "the usual order", () =>
      withCloud(async (cloud) => {
        await cloud.limit({ instances: -1, cores: -1, ram: -1 });
        const stay: string[] = [];
        const go: string[] = [];
        for (let place = 0; place < 24; place++) {
          const id = await cloud.create({ name: `s-${place % 5}` });
          (place % 3 === 0 ? go : stay).push(id);
        }
        let page = 0;
        const between = async (ids: readonly string[]) => {
          await cloud.create({ name: `n-${page++}` });
          // The marker of the next page among them.
          const gone = go.filter((id) => ids.includes(id)).concat(go.slice(-1));
          for (const id of gone) await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
          await cloud.cloud.settled();
        };
        const seen = await walk(cloud, `/v2.1/servers?limit=3&${order}`, { between });
        assertEquals(new Set(seen).size, seen.length, "twice");
        for (const id of stay) assert(seen.includes(id), `${id} was not seen`);
      }));
  }
});

Deno.test("markers and limits", () =>
  withCloud(async (cloud) => {
    const ids: string[] = [];
    for (const name of ["one", "two", "three", "four"]) ids.push(await cloud.create({ name }));
    const foreign = await cloud.create({ name: "foreign" }, { as: "stranger" });
    ids.push(await cloud.create({ name: "five" }));
    await cloud.ask("member", "DELETE", `/v2.1/servers/${ids[2]}`);
    await cloud.cloud.settled();
    const ask = (query: string) => cloud.ask("member", "GET", `/v2.1/servers?${query}`);
    const names = async (query: string) => {
      const { status, json, text } = await ask(query);
      assertEquals(status, 200, text);
      return json.servers.map(({ name }: Json) => name);
    };
    assertEquals(await names(""), ["five", "four", "two", "one"]);
    assertEquals(await names(`marker=${ids[3]}`), ["two", "one"]);
    assertEquals(await names(`marker=${ids[2]}`), ["two", "one"], "a deleted one");
    assertEquals(await names(`marker=${foreign}`), ["four", "two", "one"], "another project's");
    assertEquals(await names(`marker=${ids[0]}`), [], "the last");
    assertEquals(await names("marker="), ["five", "four", "two", "one"], "an empty one");
    assertEquals(
      await names(`marker=${ids[0]}&marker=${ids[3]}`),
      ["two", "one"],
      "the last counts",
    );
    for (const marker of [UNKNOWN, "abc", "1", "'"]) {
      const answered = await ask(`marker=${marker}`);
      assertEquals([answered.status, refused(answered)], [400, `marker [${marker}] not found`]);
    }
    assertEquals(await names("limit=2"), ["five", "four"]);
    assertEquals(await names("limit=1&limit=2"), ["five", "four"], "the last counts");
    assertEquals(await names("limit=02"), ["five", "four"]);
    assertEquals(await names(`limit=${"9".repeat(400)}`), ["five", "four", "two", "one"]);
    const nothing = await ask("limit=0");
    assertEquals([nothing.status, nothing.json], [200, { servers: [] }]);
    for (const limit of ["-1", "x", "", "1.5", "+1", "1e3", "٣"]) {
      const answered = await ask(`limit=${encodeURIComponent(limit)}`);
      assertEquals(answered.status, 400, limit);
      assertMatch(refused(answered), /^Invalid input for query parameters limit\. /);
    }
  }));

Deno.test("links to the next page", () =>
  withCloud(async (cloud) => {
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) ids.push(await cloud.create({ name }));
    const { demo } = cloud.projectIds;
    const linkOf = async (
      path: string,
      { as = "member", mv = "2.1" }: { as?: Role; mv?: string } = {},
    ) => {
      const { json, text } = await cloud.ask(as, "GET", path, { mv });
      if (!json.servers_links) return undefined;
      assertEquals(Object.keys(json), ["servers", "servers_links"], text);
      assertEquals(json.servers_links.length, 1);
      assertEquals(json.servers_links[0].rel, "next");
      return json.servers_links[0].href;
    };
    const c = `marker=${ids[2]}`;
    const servers = `${ORIGIN}/v2.1/servers`;
    assertEquals(await linkOf("/v2.1/servers?limit=1"), `${servers}?limit=1&${c}`);
    assertEquals(
      await linkOf("/v2.1/servers/detail?limit=1"),
      `${servers}/detail?limit=1&${c}`,
    );
    assertEquals(
      await linkOf(`/v2.1/${demo}/servers?limit=1`),
      `${ORIGIN}/v2.1/${demo}/servers?limit=1&${c}`,
    );
    // In order of name, the marker last and in place of the older one.
    assertEquals(
      await linkOf("/v2.1/servers?status=ACTIVE&limit=1&changes-since=2020-01-01"),
      `${servers}?changes-since=2020-01-01&limit=1&status=ACTIVE&${c}`,
    );
    assertEquals(
      await linkOf(`/v2.1/servers?limit=1&marker=${ids[2]}&sort_key=created_at`),
      `${servers}?limit=1&sort_key=created_at&marker=${ids[1]}`,
    );
    assertEquals(
      await linkOf("/v2.1/servers?all_tenants=1&limit=1", { as: "admin" }),
      `${servers}?all_tenants=1&limit=1&${c}`,
    );
    // Each once, with its last value; unknown ones are gone, and those not for members stay.
    assertEquals(
      await linkOf("/v2.1/servers?limit=3&limit=1&name=x&name=.&foo=1&host=h"),
      `${servers}?host=h&limit=1&name=.&${c}`,
    );
    assertEquals(await linkOf("/v2.1/servers?limit=1&tags=t"), `${servers}?limit=1&${c}`);
    assertEquals(await linkOf("/v2.1/servers?limit=1&_x=1"), `${servers}?_x=1&limit=1&${c}`);
    // Also when nothing follows; not when the page is not full.
    assertEquals(await linkOf("/v2.1/servers?limit=3"), `${servers}?limit=3&marker=${ids[0]}`);
    assertEquals(await linkOf(`/v2.1/servers?limit=3&marker=${ids[0]}`), undefined);
    assertEquals(await linkOf("/v2.1/servers?limit=4"), undefined);
    assertEquals(await linkOf("/v2.1/servers?limit=0"), undefined);
    assertEquals(await linkOf("/v2.1/servers"), undefined);
  }));

Deno.test("the largest page is a setting", () =>
  withCloud(async (cloud) => {
    const ids: string[] = [];
    for (let place = 0; place < 7; place++) ids.push(await cloud.create({ name: `s${place}` }));
    for (const query of ["", "limit=100", "limit=3", "limit=5"]) {
      const { json } = await cloud.ask("member", "GET", `/v2.1/servers?${query}`);
      assertEquals(json.servers.length, query === "limit=3" ? 3 : 5, query);
      assert(json.servers_links, query);
    }
    assertEquals(await walk(cloud, "/v2.1/servers"), ids.reverse());
    const flavors = await cloud.ask("member", "GET", "/v2.1/flavors");
    assertEquals(flavors.json.flavors.length, 5);
    assertEquals(
      flavors.json.flavors_links[0].href,
      `${ORIGIN}/v2.1/flavors?marker=5`,
    );
  }, { settings: { maxLimit: 5 } }));
