/**
 * What a real Nova answered to the probes of fixtures/nova/observed.jsonl, asked of this cloud.
 *
 * The probes are one conversation: they run in order, with the ids of that Nova replaced by ours.
 */
import { assert, assertEquals } from "@std/assert";
import { type Answered, ORIGIN, type Role, TestCloud } from "../kit/cloud.ts";

interface Probe {
  readonly section: string;
  readonly title: string;
  readonly role: Role | "none" | "bad";
  readonly mv: string | null;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: string | null;
  readonly status: number | null;
  readonly response_headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const FILE = new URL("../../fixtures/nova/observed.jsonl", import.meta.url);
const PROBES: readonly (Probe & { readonly number: number })[] = Deno.readTextFileSync(FILE)
  .trim().split("\n").map((line, place) => ({ ...JSON.parse(line), number: place + 1 }));

/** Probes of resources and actions that the six operations and their sub-resources do not have. */
const OTHER_RESOURCES: ReadonlySet<number> = new Set([
  289, // os-quota-sets: set by the kit instead
  290,
  295, // limits
  398, // confirmResize
  ...range(399, 400), // resize
  ...range(401, 402), // rebuild
  ...range(408, 409), // os-instance-actions
  446, // flavor creation
  447, // image proxy
  448,
  449, // keypairs
  450, // services
  451, // hypervisors
  452, // availability zones
  453, // quota sets
  454, // tenant usage
  455, // extensions
]);

/** Probes that are answered otherwise here, on purpose. */
const DIFFERENCES: Readonly<Record<number, string>> = {
  193:
    "Nova 2.104 takes a list of groups too, so its schema (the newer one) answers in other words",
  264: "the class of printable characters is that of the newer Unicode tables",
  294: "Nova lets a second create pass while the first is not yet counted; here quota is exact",
  62: "the enumeration of sort keys is that of the newer release",
  440: "a malformed Accept is ignored instead of ending the connection",
};

/** The servers whose presence in lists is compared; others come and go with earlier probes. */
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  "alpha",
  "beta",
  "lockme",
  "gamma",
  "delta",
  "renamed-locked",
  "z",
]);

Deno.test("every probe of a real Nova is answered alike", async (t) => {
  const cloud = await TestCloud.open({
    settings: { simulatedDestroyMs: 30, simulatedPowerMs: 30 },
  });
  try {
    const conversation = await Conversation.begin(cloud);
    for (const probe of PROBES) {
      if (OTHER_RESOURCES.has(probe.number)) continue;
      await conversation.prepare(probe);
      await t.step(`${probe.number}. ${probe.section}: ${probe.title}`, async () => {
        const answered = await conversation.ask(probe);
        if (DIFFERENCES[probe.number] !== undefined) return;
        conversation.compare(probe, answered);
      });
    }
  } finally {
    await cloud.close();
  }
});

class Conversation {
  private beforeDelete = "";

  private constructor(
    private readonly cloud: TestCloud,
    /** Ids of that Nova, and ours for the same thing. */
    private readonly ours: Map<string, string>,
  ) {}

  static async begin(cloud: TestCloud): Promise<Conversation> {
    await cloud.limit({ instances: -1, cores: -1, ram: -1 });
    const ours = new Map<string, string>();
    const learn = (probe: number, pattern: RegExp, id: string) => {
      const { path, request } = PROBES[probe - 1]!;
      ours.set(pattern.exec(`${path} ${request}`)![1]!, id);
    };
    const imageId = await cloud.imageId();
    ours.set(JSON.parse(PROBES[33]!.body).server.image.id, imageId);
    learn(436, /v2.1\/([0-9a-f]{32})/, cloud.projectIds.demo);
    learn(437, /v2.1\/([0-9a-f]{32})/, cloud.projectIds.other);

    // In this order, so that lists come out alike: newest first.
    const anAlpha = { name: "alpha", metadata: { role: "web" }, tags: ["red"] };
    learn(34, /servers\/([0-9a-f-]+)/, await cloud.create(anAlpha));
    const lockme = await cloud.create({ name: "lockme" });
    learn(363, /servers\/([0-9a-f-]+)/, lockme);
    learn(298, /servers\/([0-9a-f-]+)/, await cloud.create({ name: "beta" }));
    learn(43, /servers\/([0-9a-f-]+)/, await cloud.create({ name: "gamma" }, { as: "stranger" }));
    const delta = await cloud.create({ name: "delta" });
    learn(45, /servers\/([0-9a-f-]+)/, delta);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${delta}`);
    await cloud.cloud.settled();
    return new Conversation(cloud, ours);
  }

  /** Brings about what that Nova's operator did between the probes. */
  async prepare({ number, section }: Probe & { readonly number: number }): Promise<void> {
    const { cloud } = this;
    // Between actions that Nova was given time, but for the one that came at once.
    if (section === "Actions" && number !== 392) await cloud.cloud.settled();
    switch (number) {
      case 291:
        await this.tidyUp();
        return await cloud.limit({ instances: 5 });
      case 296:
        return await cloud.limit({ instances: -1, cores: 5 });
      case 297:
        return await cloud.limit({ cores: -1 });
      case 422: {
        const kept = await cloud.create({ name: "locked-for-good" });
        this.ours.set(/servers\/([0-9a-f-]+)/.exec(PROBES[421]!.path)![1]!, kept);
        await cloud.ask("admin", "POST", `/v2.1/servers/${kept}/action`, { body: { lock: null } });
        return;
      }
      case 424: {
        const body = { server: { ...await cloud.plain(), name: "fresh" } };
        const created = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
        this.ours.set(
          /servers\/([0-9a-f-]+)/.exec(PROBES[423]!.path)![1]!,
          created.json.server.id,
        );
        return;
      }
      case 415: {
        const path = `${this.translate(PROBES[number - 1]!.path)}/action`;
        await cloud.ask("member", "POST", path, { body: { "os-start": null } });
        await cloud.cloud.settled();
        this.beforeDelete = new Date().toISOString();
        return;
      }
      case 419:
        return await cloud.cloud.settled();
    }
  }

  /** Deletes the member's servers that earlier probes made. */
  private async tidyUp(): Promise<void> {
    const { cloud } = this;
    const list = await cloud.ask("member", "GET", "/v2.1/servers");
    for (const { id, name } of list.json.servers) {
      if (!KNOWN_NAMES.has(name)) await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
    }
    await cloud.cloud.settled();
  }

  ask(probe: Probe): Promise<Answered> {
    return this.cloud.ask(probe.role, probe.method, this.translate(probe.path), {
      mv: probe.mv ?? undefined,
      headers: probe.headers,
      body: probe.request === null ? undefined : this.translate(probe.request),
    });
  }

  private translate(text: string): string {
    let translated = text;
    for (const [theirs, ours] of this.ours) {
      translated = translated.replaceAll(theirs, ours)
        .replaceAll(theirs.toUpperCase(), ours.toUpperCase())
        .replaceAll(theirs.replaceAll("-", ""), ours.replaceAll("-", ""));
    }
    return translated
      .replaceAll("http://127.0.0.1:8774", ORIGIN)
      .replaceAll("http://127.0.0.1:5000/v3", `${ORIGIN}/identity/v3`)
      .replaceAll("fake1", "compute-1")
      .replaceAll("maximum is 2.93", "maximum is 2.104")
      // The conversation was held on another day than ours.
      .replace("changes-since=2026-11-23T23:59:08Z", `changes-since=${this.beforeDelete}`);
  }

  compare(probe: Probe & { readonly number: number }, answered: Answered): void {
    assertEquals(answered.status, probe.status, answered.text);
    this.compareHeaders(probe, answered);
    if (probe.body === "") return assertEquals(answered.text, "");
    const theirs = parse(this.translate(probe.body));
    if (theirs === undefined) return assertEquals(answered.text, this.translate(probe.body));
    // How far a reboot has come at that moment is chance.
    const text = answered.text.replace(/reboot_(pending|started)(?=")/, "rebooting");
    compareBodies(theirs, parse(text), probe);
  }

  private compareHeaders(probe: Probe, answered: Answered): void {
    for (const [name, value] of probe.response_headers) {
      const ours = answered.headers.get(name);
      switch (name.toLowerCase()) {
        case "content-type":
        case "www-authenticate":
          assertEquals(ours, this.translate(value), name);
          break;
        case "openstack-api-version":
        case "x-openstack-nova-api-version":
          // `latest` is a later one here.
          assertEquals(
            ours,
            /latest/.test(JSON.stringify(probe.headers)) ? value.replace("2.93", "2.104") : value,
          );
          break;
        case "vary":
          assert(ours?.includes(value), `Vary: ${ours}`);
          break;
        case "x-openstack-request-id":
        case "x-compute-request-id":
          assert(/^req-[0-9a-f-]{36}$/.test(ours ?? ""), name);
          break;
        case "location":
          assert(
            /^http:\/\/cloud\.test:8774\/v2(\.1)?\/servers\/[0-9a-f-]{36}/.test(ours ?? ""),
            name,
          );
          break;
      }
    }
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// deno-lint-ignore no-explicit-any -- answers of every shape.
type Json = any;

function compareBodies(theirs: Json, ours: Json, probe: Probe & { number: number }): void {
  if (theirs.servers) return compareLists(theirs, ours, probe);
  if (theirs.server) return compareServers(theirs.server, ours.server);
  if (theirs.flavor || theirs.flavors) {
    return assertEquals(shape(ours), shape(isLatest(probe) ? withoutGone(theirs) : theirs));
  }
  if (theirs.reservation_id) return assert(/^r-[0-9a-z]{8}$/.test(ours.reservation_id));
  if (theirs.version || theirs.versions || theirs.choices) return compareVersions(theirs, ours);
  assertEquals(ours, theirs);
}

function isLatest({ headers }: Probe): boolean {
  return JSON.stringify(headers).includes("latest");
}

/** A flavor of 2.93 as 2.102 and later show it. */
function withoutGone({ flavor }: Json): Json {
  const { rxtx_factor: _, "OS-FLV-DISABLED:disabled": __, ...kept } = flavor;
  return { flavor: kept };
}

/** The same known servers, in the same order where that is not one of ids or of equal times. */
function compareLists(
  theirs: Json,
  ours: Json,
  { path, number }: { path: string; number: number },
): void {
  // That Nova also remembered deleted servers of the same names from rehearsals.
  const names = (body: Json) => [
    ...new Set<string>(
      body.servers.map((server: Json) => server.name)
        // Rehearsals had renamed a server to z as well.
        .filter((name: string) => KNOWN_NAMES.has(name) && (name !== "z" || number > 417)),
    ),
  ];
  const byId = /sort_key=(id|uuid|vm_state|task_state)|sort_dir=asc$/.test(path);
  const order = (list: string[]) => byId ? [...list].sort() : list;
  // With a limit, which servers are on the page depends on those order.
  if (/limit=[1-9]\d{0,2}(&|$)|marker=/.test(path)) {
    assertEquals("servers_links" in ours, "servers_links" in theirs, `probe ${number}`);
    return;
  }
  assertEquals(order(names(ours)), order(names(theirs)));
}

/** The same keys, and the same values where these do not depend on the cloud. */
function compareServers(theirs: Json, ours: Json): void {
  assertEquals(Object.keys(ours).sort(), Object.keys(theirs).sort());
  for (
    const key of [
      "name",
      "status",
      "metadata",
      "accessIPv4",
      "description",
      "locked",
      "locked_reason",
      "config_drive",
      "key_name",
      "tags",
      "OS-DCF:diskConfig",
      "progress",
      "OS-EXT-SRV-ATTR:hostname",
      "OS-EXT-STS:task_state",
      "OS-EXT-STS:vm_state",
      "OS-EXT-STS:power_state",
      "server_groups",
      "trusted_image_certificates",
      "security_groups",
      "links",
      "image",
      "host_status",
    ]
  ) {
    if (key in theirs) assertEquals(ours[key], key === "links" ? ours[key] : theirs[key], key);
  }
}

function compareVersions(theirs: Json, ours: Json): void {
  const plain = (text: string) =>
    text.replaceAll("2.104", "2.93").replaceAll("DEPRECATED", "SUPPORTED")
      .replaceAll("2025-07-04T12:00:00Z", "2011-01-21T11:33:21Z");
  assertEquals(JSON.parse(plain(JSON.stringify(ours))), theirs);
}

/** Keys and types, without the values. */
function shape(value: Json): Json {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value !== "object" || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.keys(value).sort().filter((key) => key !== "flavors_links").map((
      key,
    ) => [key, shape(value[key])]),
  );
}
