/** A data folder is one process's at a time, and anybody's once that process is dead. */
import { assertEquals, assertMatch } from "@std/assert";
import { runTask, withProcess } from "../kit/process.ts";

Deno.test("a second process is refused a folder in use, and gets it once the first is killed", async () => {
  await withProcess(async (first) => {
    const second = await runTask("serve", ["--port=0", `--data-dir=${first.folder}`]);
    assertEquals(second.code, 2);
    assertEquals(second.out, "");
    assertMatch(second.errors, /^chronova: the data folder .* is in use by another process: /m);
    assertEquals(second.errors.includes("    at "), false, "a stack trace is no clear message");

    const client = await first.login("chronova");
    assertEquals((await client.ask("GET", "/v2.1/servers")).status, 200, "the first goes on");

    await first.kill();
    await first.start();
    assertEquals((await client.ask("GET", "/v2.1/servers")).status, 200, "the next one goes on");
    assertEquals(await first.stop(), 0);
  });
});
