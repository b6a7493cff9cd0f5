/** Consoles: their URLs at every microversion, what their tokens open, and for how long. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Role, type TestCloud, type TestCloudOptions, withCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor, NO_DELAYS } from "../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";
import { SimulatedDriver } from "../../src/drivers/simulated.ts";
import type { DriverFailure } from "../../src/drivers/driver.ts";

const EVERYTHING = { settings: { consoles: ["vnc", "spice", "serial", "mks"] } };

/** Asks for consoles of one server. */
class Asking {
  constructor(readonly cloud: TestCloud, readonly id: string) {}

  async act(body: Json, { as = "member", mv = "2.5" }: { as?: Role; mv?: string } = {}) {
    const path = `/v2.1/servers/${this.id}/action`;
    const answered = await this.cloud.ask(as, "POST", path, { mv, body });
    await this.cloud.cloud.settled();
    return answered;
  }

  create(
    protocol: string,
    type: string,
    { as = "member", mv = "2.104" }: { as?: Role; mv?: string } = {},
  ) {
    const body = { remote_console: { protocol, type } };
    return this.cloud.ask(as, "POST", `/v2.1/servers/${this.id}/remote-consoles`, { mv, body });
  }

  /** The token of a new console. */
  async token(protocol = "vnc", type = "novnc"): Promise<string> {
    const { status, text, json } = await this.create(protocol, type);
    assertEquals(status, 200, text);
    return /token(?:=|%3D)([0-9a-f-]{36})$/.exec(json.remote_console.url)![1]!;
  }

  show(token: string, { as = "admin", mv = "2.104" }: { as?: Role; mv?: string } = {}) {
    return this.cloud.ask(as, "GET", `/v2.1/os-console-auth-tokens/${token}`, { mv });
  }
}

async function withServer(
  work: (asking: Asking) => Promise<void>,
  options: TestCloudOptions = {},
): Promise<void> {
  await withCloud(async (cloud) => await work(new Asking(cloud, await cloud.create())), options);
}

/** Protocol, type, the URL without its token, the first minor that knows the words. */
const CONSOLES = [
  ["vnc", "novnc", "http://127.0.0.1:6080/vnc_auto.html?path=%3Ftoken%3D", 6],
  ["spice", "spice-html5", "http://127.0.0.1:6082/spice_auto.html?token=", 6],
  ["serial", "serial", "ws://127.0.0.1:6083/?token=", 6],
  ["mks", "webmks", "http://127.0.0.1:6090/?token=", 8],
  ["spice", "spice-direct", "http://127.0.0.1:13002/nova?token=", 99],
] as const;

const TOKEN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

Deno.test("each console has its URL, from the microversion on that knows it", () =>
  withServer(async (asking) => {
    for (const [protocol, type, url, since] of CONSOLES) {
      for (const minor of EVERY_MINOR) {
        const answered = await asking.create(protocol, type, { mv: `2.${minor}` });
        const wanted = minor < 6 ? 404 : minor < since ? 400 : 200;
        assertEquals(answered.status, wanted, `${type} at 2.${minor}: ${answered.text}`);
        if (wanted !== 200) continue;
        // Tempest's newest schema was made from that of before 2.8, and lacks MKS.
        if (type !== "webmks" || minor < 99) {
          assertEquals(replyProblems("servers", "get_remote_consoles", minor, answered), []);
        }
        const { remote_console: { url: shown, ...rest } } = answered.json;
        assertEquals(rest, { protocol, type });
        assert(shown.startsWith(url), shown);
        assertMatch(shown.slice(url.length), new RegExp(`^${TOKEN}$`));
      }
    }
  }, EVERYTHING));

Deno.test("the actions of old answer until 2.5", () =>
  withServer(async (asking) => {
    for (
      const [action, type, url] of [
        ["os-getVNCConsole", "novnc", CONSOLES[0][2]],
        ["os-getSPICEConsole", "spice-html5", CONSOLES[1][2]],
        ["os-getSerialConsole", "serial", CONSOLES[2][2]],
      ] as const
    ) {
      for (const mv of ["2.1", "2.5"]) {
        const { status, json } = await asking.act({ [action]: { type } }, { mv });
        assertEquals([status, json.console.type], [200, type]);
        assert(json.console.url.startsWith(url), json.console.url);
      }
      assertEquals((await asking.act({ [action]: { type } }, { mv: "2.6" })).status, 404);
      assertEquals((await asking.act({ [action]: { type: "x" } })).status, 400);
      assertEquals((await asking.act({ [action]: null })).status, 400);
    }
    const { status, json } = await asking.act({ "os-getVNCConsole": { type: "xvpvnc" } });
    assertEquals([status, json.badRequest.message], [400, "Invalid console type xvpvnc"]);
  }, EVERYTHING));

Deno.test("consoles of RDP are refused whatever is asked, as they went from Nova", () =>
  withServer(async (asking) => {
    for (const value of [{ type: "rdp-html5" }, null, 7]) {
      for (const as of ["member", "reader", "stranger"] as const) {
        const { status, json } = await asking.act({ "os-getRDPConsole": value }, { as });
        assertEquals(status, 400);
        assertMatch(json.badRequest.message, /^The server could not comply with the request/);
      }
    }
    assertEquals((await asking.act({ "os-getRDPConsole": null }, { mv: "2.6" })).status, 404);
    const { status, json } = await asking.create("rdp", "rdp-html5");
    assertEquals([status, json.badRequest.message], [400, "Unavailable console type rdp."]);
    assertEquals((await asking.create("rdp", "rdp-html5", { as: "stranger" })).status, 404);
  }, EVERYTHING));

Deno.test("a plain cloud has VNC alone, as Nova's", () =>
  withServer(async (asking) => {
    for (const [protocol, type] of CONSOLES) {
      const { status, json } = await asking.create(protocol, type);
      if (protocol === "vnc") assertEquals(status, 200);
      else {
        const message = `Unavailable console type ${type}.`;
        assertEquals([status, json.badRequest.message], [400, message]);
      }
    }
    const { status, json } = await asking.act({ "os-getSerialConsole": { type: "serial" } });
    assertEquals([status, json.badRequest.message], [400, "Unavailable console type serial."]);
  }));

Deno.test("consoles are seen where the settings say", () =>
  withServer(async (asking) => {
    const { json } = await asking.create("vnc", "novnc");
    assertMatch(
      json.remote_console.url,
      new RegExp(`^https://vnc\\.example/lite\\?path=ws%3Ftoken%3D${TOKEN}$`),
    );
  }, { settings: { novncproxyBaseUrl: "https://vnc.example/lite?path=ws" } }));

Deno.test("who may ask for consoles, and of which servers", () =>
  withServer(async (asking) => {
    assertEquals((await asking.create("vnc", "novnc", { as: "admin" })).status, 200);
    assertEquals((await asking.create("vnc", "novnc", { as: "reader" })).status, 403);
    assertEquals((await asking.create("vnc", "novnc", { as: "stranger" })).status, 404);
    const old = { "os-getVNCConsole": { type: "novnc" } };
    assertEquals((await asking.act(old, { as: "admin" })).status, 200);
    assertEquals((await asking.act(old, { as: "reader" })).status, 403);
    assertEquals((await asking.act(old, { as: "stranger" })).status, 404);
    // The actions ask the policy before they look for the server; the path does not.
    const nothing = new Asking(asking.cloud, crypto.randomUUID());
    assertEquals((await nothing.act(old, { as: "reader" })).status, 403);
    assertEquals((await nothing.create("vnc", "novnc", { as: "reader" })).status, 404);
    await makeFlavor(asking.cloud, "huge", { diskGib: 1_000_000 });
    const failed = await asking.cloud.create({ flavorRef: "huge" });
    const { status, json } = await new Asking(asking.cloud, failed).create("vnc", "novnc");
    assertEquals([status, json.conflictingRequest.message], [
      409,
      `Instance ${failed} is not ready`,
    ]);
  }));

/** A hypervisor whose machines have no console. */
class Blind extends SimulatedDriver {
  override console(): Promise<never> {
    return Promise.resolve({ failed: "there is no console" } satisfies DriverFailure as never);
  }
}

Deno.test("a machine without a console has none", () =>
  withServer(async (asking) => {
    const { status, json } = await asking.create("vnc", "novnc");
    assertEquals([status, json.badRequest.message], [400, "Unavailable console type vnc."]);
  }, { driver: new Blind(NO_DELAYS) }));

Deno.test("a token tells administrators where the console is", () =>
  withServer(async (asking) => {
    const token = await asking.token();
    const console = {
      instance_uuid: asking.id,
      host: "127.0.0.1",
      port: 5900,
      internal_access_path: asking.id,
    };
    for (const minor of EVERY_MINOR) {
      const { status, json } = await asking.show(token, { mv: `2.${minor}` });
      if (minor >= 31) assertEquals([status, json], [200, { console }]);
      else {
        assertEquals(status, 400);
        assertMatch(json.badRequest.message, /^The server could not comply with the request/);
      }
    }
    assertEquals((await asking.show(token, { as: "member" })).status, 403);
    const query = await asking.show(`${token}?x=1`, { mv: "2.98" });
    assertEquals(query.status, 200);
    assertEquals((await asking.show(`${token}?x=1`, { mv: "2.99" })).status, 400);
    const unknown = await asking.show(crypto.randomUUID());
    assertEquals([unknown.status, unknown.json.itemNotFound.message], [404, "Token not found"]);
  }));

Deno.test("ports for TLS are told of direct consoles, from 2.99 on", () =>
  withServer(async (asking) => {
    const direct = await asking.token("spice", "spice-direct");
    const { json: { console } } = await asking.show(direct);
    assertEquals(console, {
      instance_uuid: asking.id,
      host: "127.0.0.1",
      port: 5901,
      tls_port: 5902,
      internal_access_path: null,
    });
    assertEquals("tls_port" in (await asking.show(direct, { mv: "2.98" })).json.console, false);
    const html5 = await asking.token("spice", "spice-html5");
    assertEquals("tls_port" in (await asking.show(html5)).json.console, false);
    // Nova's serial console does not mind its name.
    const odd = await asking.token("serial", "spice-direct");
    assertEquals((await asking.show(odd)).json.console.tls_port, null);
  }, EVERYTHING));

Deno.test("a token is good for ten minutes, and for its own console alone", async () => {
  let now = Date.UTC(2026, 0, 1);
  await withServer(async (asking) => {
    const first = await asking.token();
    now += 599_000;
    const second = await asking.token();
    assert(first !== second);
    assertEquals((await asking.show(first)).status, 200);
    now += 1000;
    assertEquals((await asking.show(first)).status, 404);
    assertEquals((await asking.show(second)).status, 200);
  }, { clock: () => now });
});

Deno.test("tokens end when their server is deleted or moved while it runs, not otherwise", () =>
  withServer(async (asking) => {
    const token = await asking.token();
    const still = async () => (await asking.show(token)).status;
    const act = (body: Json) => asking.act(body, { as: "padmin", mv: "2.90" });
    for (
      const body of [{ reboot: { type: "HARD" } }, { rebuild: { imageRef: await imageOf(asking) } }]
    ) {
      assertEquals((await act(body)).status, 202);
      assertEquals(await still(), 200);
    }
    assertEquals((await act({ migrate: null })).status, 202);
    assertEquals((await act({ confirmResize: null })).status, 204);
    assertEquals(await still(), 200);
    const live = { "os-migrateLive": { host: null, block_migration: "auto" } };
    assertEquals((await act(live)).status, 202);
    assertEquals(await still(), 404);
    const last = await asking.token();
    assertEquals((await asking.show(last)).status, 200);
    await asking.cloud.ask("member", "DELETE", `/v2.1/servers/${asking.id}`);
    await asking.cloud.cloud.settled();
    assertEquals((await asking.show(last)).status, 404);
  }));

function imageOf({ cloud }: Asking): Promise<string> {
  return cloud.imageId();
}

Deno.test("tokens outlive a restart, and stand nowhere in plain text", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
  const lines: string[] = [];
  const log = { write: (_: string, fields: object) => void lines.push(JSON.stringify(fields)) };
  let token = "";
  await withServer(async (asking) => {
    token = await asking.token();
    assertEquals((await asking.show(token)).status, 200);
    const http = { path: "/v2.1/os-console-auth-tokens/*" };
    const body = { fault: { http, effect: "delay", delay_ms: 1 } };
    const added = await asking.cloud.ask("admin", "POST", "/chronova/v1/faults", { body });
    assertEquals(added.status, 201);
    for (const prefix of ["/v2.1/", "/v2.1//", `/v2.1/${asking.cloud.projectIds.admin}/`]) {
      await asking.cloud.ask("admin", "GET", `${prefix}os-console-auth-tokens/${token}`);
    }
  }, { folder, log });
  await withCloud(async (cloud) => {
    const path = `/v2.1/os-console-auth-tokens/${token}`;
    assertEquals((await cloud.ask("admin", "GET", path, { mv: "2.31" })).status, 200);
    const events = await cloud.cloud.log.read({ limit: Number.MAX_SAFE_INTEGER });
    const texts = events.map((event) => JSON.stringify(event));
    assert(texts.some((text) => text.includes("ConsoleTokenIssued")));
    assert(texts.some((text) => text.includes("/os-console-auth-tokens/***")));
    assertEquals(texts.filter((text) => text.includes(token)), []);
  }, { folder });
  assertEquals(lines.filter((line) => line.includes(token)), []);
  assert(lines.some((line) => line.includes("/os-console-auth-tokens/***")));
  await Deno.remove(folder, { recursive: true });
});
