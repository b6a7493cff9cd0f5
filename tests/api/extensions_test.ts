/** /extensions, and what Nova has removed: answers against Nova's samples and words. */
import { assertEquals } from "@std/assert";
import { withCloud } from "../kit/cloud.ts";
import { samplesOf } from "../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

const SAMPLES = new Map(samplesOf("extension-info").map(({ file, json }) => [file, json]));

Deno.test("extensions are those of Nova's samples, to the letter", async () => {
  await withCloud(async (cloud) => {
    const get = async (path: string) => (await cloud.ask("reader", "GET", path)).json;
    assertEquals(await get("/v2.1/extensions"), SAMPLES.get("extensions-list-resp.json"));
    assertEquals(
      await get("/v2/extensions"),
      SAMPLES.get("extensions-list-resp-v21-compatible.json"),
    );
    const one = SAMPLES.get("extensions-get-resp.json");
    assertEquals(await get(`/v2.1/extensions/${one.extension.alias}`), one);
    assertEquals((await get("/v2/extensions/OS-EXT-VIF-NET")).extension.name, "ExtendedVIFNet");
    assertEquals(
      (await get("/v2.1/extensions/OS-EXT-VIF-NET")).itemNotFound.message,
      "The resource could not be found.",
    );
  });
});

Deno.test("every list of extensions is by the schemas, at every microversion", async () => {
  await withCloud(async (cloud) => {
    for (const minor of EVERY_MINOR) {
      const list = await cloud.ask("reader", "GET", "/v2.1/extensions", { mv: `2.${minor}` });
      assertEquals(replyProblems("extensions", "list_extensions", minor, list), []);
    }
    const odd = "/v2.1/extensions?a=1";
    assertEquals((await cloud.ask("reader", "GET", odd, { mv: "2.101" })).status, 200);
    assertEquals((await cloud.ask("reader", "GET", odd, { mv: "2.102" })).status, 400);
  });
});

Deno.test("what Nova has removed is 410, whoever asks and at every microversion", async (t) => {
  const ROWS: readonly (readonly [string, string, object?])[] = [
    ["GET", "/os-agents"],
    ["POST", "/os-agents", { agent: {} }],
    ["PUT", "/os-agents/1", { para: {} }],
    ["DELETE", "/os-agents/1"],
    ["GET", "/os-cells"],
    ["GET", "/os-cells/detail"],
    ["GET", "/os-cells/one/capacities"],
    ["POST", "/os-certificates"],
    ["GET", "/os-certificates/root"],
    ["GET", "/os-cloudpipe"],
    ["GET", "/servers/none/consoles"],
    ["POST", "/servers/none/consoles", {}],
    ["DELETE", "/servers/none/consoles/1"],
  ];
  await withCloud(async (cloud) => {
    for (const [method, path, body] of ROWS) {
      await t.step(`${method} ${path}`, async () => {
        for (const mv of ["2.1", "2.104"]) {
          const { status, json } = await cloud.ask("reader", method, `/v2.1${path}`, { mv, body });
          assertEquals([status, json], [410, {
            computeFault: {
              code: 410,
              message: "This resource is no longer available. No forwarding address is given.",
            },
          }]);
        }
      });
    }
  });
});
