/** What users keep secret stands nowhere in plain text: not in the log, a table or a log line. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { parse } from "yaml";
import { type Client, withProcess } from "../kit/process.ts";

const ADMIN_PASS = "Adm1n-pass-that-nobody-reads";
const USER_DATA = "#cloud-config\npassword: user-data-that-nobody-reads\n";
const FILE = "personality-that-nobody-reads: ☃";

Deno.test("secrets are not in the database, the log lines or the errors", () =>
  withProcess(async (server) => {
    const client = await server.login("chronova");
    const secrets = [
      ...await createWithSecrets(client),
      ...await passwordsIn(server.cloudsYaml),
      client.token!,
    ];
    secrets.push(await openConsole(client));
    await provokeRefusals(client);

    // While it runs, and when it has put everything in its place.
    await assertNowhere(secrets, server.folder, server.errors);
    assertEquals(await server.stop(), 0);
    await assertNowhere(secrets, server.folder, server.errors);
    assert(server.errors.includes("/v2.1/servers"), "there are log lines to look into");
    assert(server.errors.includes("/os-console-auth-tokens/***"));
  }, { settings: { "log-level": "debug", "simulated-spawn-ms": 0 } }));

Deno.test("keys and passwords are readable by their owner alone", () =>
  withProcess(async ({ folder }) => {
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith(".key") || name === "clouds.yaml");
    assertEquals(files.sort(), ["clouds.yaml", "seal.key", "token.key"]);
    for (const file of files) {
      const { mode } = await Deno.stat(join(folder, file));
      assertEquals((mode! & 0o777).toString(8), "600", file);
    }
  }));

/** Creates servers at microversions of before and after files went; gives all that is secret. */
async function createWithSecrets(client: Client): Promise<readonly string[]> {
  const imageRef = (await client.ask("GET", "/image/v2/images")).json.images[0].id;
  const networks = (await client.ask("GET", "/network/v2.0/networks")).json.networks
    .map(({ id }: { id: string }) => ({ uuid: id }));
  const plain = { name: "x", flavorRef: "1", imageRef, networks, user_data: base64(USER_DATA) };
  const create = async (mv: string, server: object) => {
    const answer = await client.ask("POST", "/v2.1/servers", { mv, body: { server } });
    assertEquals(answer.status, 202, answer.text);
    return answer.json.server.adminPass as string;
  };
  const personality = [{ path: "/etc/secret", contents: base64(FILE) }];
  assertEquals(await create("2.1", { ...plain, personality, adminPass: ADMIN_PASS }), ADMIN_PASS);
  const generated = await create("2.90", plain);
  assert(generated.length >= 12, "a password is made up when none is given");
  return [ADMIN_PASS, generated, USER_DATA, FILE];
}

/** Asks for a console, and what its token opens; gives the token. */
async function openConsole(client: Client): Promise<string> {
  const { id } = (await client.ask("GET", "/v2.1/servers")).json.servers[0];
  const body = { remote_console: { protocol: "vnc", type: "novnc" } };
  const ask = () => client.ask("POST", `/v2.1/servers/${id}/remote-consoles`, { mv: "2.90", body });
  let opened = await ask();
  // Until it is on a host.
  while (opened.status === 409) opened = await ask();
  const token = opened.json.remote_console.url.split("token%3D")[1] as string;
  // Only administrators may; its path is logged all the same.
  const path = `/v2.1/os-console-auth-tokens/${token}`;
  assertEquals((await client.ask("GET", path, { mv: "2.90" })).status, 403);
  return token;
}

async function passwordsIn(cloudsYaml: string): Promise<readonly string[]> {
  const { clouds } = parse(await Deno.readTextFile(cloudsYaml));
  return Object.values<{ auth: { password: string } }>(clouds).map(({ auth }) => auth.password);
}

/** Requests that carry secrets and are refused: an error must not repeat them. */
async function provokeRefusals(client: Client): Promise<void> {
  const server = { name: "x", flavorRef: "1", adminPass: ADMIN_PASS, user_data: base64(USER_DATA) };
  for (const body of [{ server }, { server: { ...server, imageRef: "no-image" } }]) {
    const answer = await client.ask("POST", "/v2.1/servers", { mv: "2.90", body });
    assertEquals(answer.status, 400, answer.text);
  }
}

async function assertNowhere(
  secrets: readonly string[],
  folder: string,
  lines: string,
): Promise<void> {
  const places = new Map([["the log lines", Buffer.from(lines)]]);
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.startsWith("chronova.db")) {
      places.set(name, Buffer.from(await Deno.readFile(join(folder, name))));
    }
  }
  assert(places.has("chronova.db"));
  for (const [place, bytes] of places) {
    for (const secret of secrets) {
      const form = formsOf(secret).find((form) => bytes.includes(form));
      assertEquals(form, undefined, `a secret stands in ${place}`);
    }
  }
}

/** The ways in which a text could stand somewhere. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    // Without its last characters, which depend on what follows.
    base64(secret).replace(/.{0,3}=*$/, ""),
    bytes.toString("base64url").slice(0, -3),
    bytes.toString("hex"),
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
