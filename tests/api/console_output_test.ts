/** os-getConsoleOutput: what a machine's history shows, how much of it, and who may ask. */
import { assert, assertEquals } from "@std/assert";
import { lastLines } from "../../src/compute/servers/console_output.ts";
import { simulatedConsole } from "../../src/drivers/simulated_console.ts";
import { type Role, type TestCloud, withCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor, samplesOf, shapeDifferences } from "../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

const acting = (cloud: TestCloud, id: string) =>
async (
  body: Json,
  as: Role = "member",
  mv = "2.1",
) => {
  const answered = await cloud.ask(as, "POST", `/v2.1/servers/${id}/action`, { body, mv });
  await cloud.cloud.settled();
  return answered;
};

const ASK = { "os-getConsoleOutput": {} };

Deno.test("a console tells of every boot, and how it ended", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.create({ name: "web", networks: "auto" });
    const act = acting(cloud, id);
    const output = async () => (await act(ASK)).json.output as string;
    const count = (text: string, part: string) => text.split(part).length - 1;
    const first = await output();
    assertEquals(count(first, "Linux version"), 1);
    assert(first.endsWith("web login: "), first);
    const { addresses } = (await cloud.ask("member", "GET", `/v2.1/servers/${id}/ips`)).json;
    assert(first.includes(addresses.private[0].addr));
    await act({ reboot: { type: "SOFT" } });
    await act({ reboot: { type: "HARD" } });
    await act({ "os-stop": null });
    const stopped = await output();
    assertEquals(count(stopped, "Linux version"), 3);
    assertEquals(count(stopped, "reboot: Restarting system"), 1);
    assert(stopped.endsWith("reboot: Power down"));
    assert(stopped.startsWith(first));
    // Asking changes nothing.
    assertEquals(await output(), stopped);
  });
});

Deno.test("a console is bounded, however often a machine was booted", () => {
  const machine = {
    serverId: "id",
    hostname: "web",
    vcpus: 1,
    ramMib: 512,
    disks: ["vda"],
    nics: [],
    ageSeconds: 0,
  };
  const boot = { at: "2026-01-02T03:04:05.000000Z", what: "reset" } as const;
  const output = simulatedConsole(machine, Array.from({ length: 5000 }, () => boot));
  assertEquals(output.length, 100 * 1024);
  assert(output.endsWith("web login: "));
});

Deno.test("a length is of the last lines", () => {
  const ROWS: readonly (readonly [number | string | null, string])[] = [
    [null, "a\nb\nc"],
    [0, ""],
    ["0", ""],
    [1, "c"],
    ["2", "b\nc"],
    [50, "a\nb\nc"],
    [-1, "b\nc"],
  ];
  for (const [length, wanted] of ROWS) assertEquals(lastLines("a\nb\nc", length), wanted);
});

Deno.test("what is refused", async () => {
  await withCloud(async (cloud) => {
    const id = await cloud.create();
    const act = acting(cloud, id);
    for (const length of [-2, "x", 1.5, true]) {
      assertEquals((await act({ "os-getConsoleOutput": { length } })).status, 400);
    }
    assertEquals((await act({ "os-getConsoleOutput": null })).status, 400);
    assertEquals((await act(ASK, "reader")).status, 403);
    assertEquals((await act(ASK, "stranger")).status, 404);
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const failed = await cloud.create({ flavorRef: "huge" });
    const nowhere = await acting(cloud, failed)(ASK);
    assertEquals([nowhere.status, nowhere.json.conflictingRequest.message], [
      409,
      `Instance ${failed} is not ready`,
    ]);
  });
});

Deno.test("answers are by the sample and the schemas, at every microversion", async () => {
  await withCloud(async (cloud) => {
    const act = acting(cloud, await cloud.create());
    const [request, reply] = ["req", "resp"].map((kind) =>
      samplesOf("os-console-output").find(({ file }) => file.includes(kind))!.json
    );
    for (const minor of EVERY_MINOR) {
      const answered = await act(request, "member", `2.${minor}`);
      assertEquals(replyProblems("servers", "get_console_output", minor, answered), []);
      assertEquals(shapeDifferences(reply, answered.json), []);
    }
  });
});
