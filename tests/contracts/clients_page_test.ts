/** The published results of the stock clients' own tests, and how results are held against them. */
import assert from "node:assert/strict";
import expected from "../clients/functional/expected.json" with { type: "json" };
import { inShort, news, outcomesOf, page, regressions } from "../clients/functional/report.ts";

Deno.test("docs/CLIENTS.md says what is expected", async () => {
  const published = await Deno.readTextFile(new URL("../../docs/CLIENTS.md", import.meta.url));
  assert.equal(published, page(expected), "run deno task clients:functional --write");
});

Deno.test("a test that passed and fails, is skipped or is gone is a regression", () => {
  const before = { fails: "passed", goes: "passed", isSkipped: "passed", stays: "passed" };
  const now = outcomesOf([
    { suite: "compute", test: "stays", result: "passed" },
    { suite: "compute", test: "isSkipped", result: "skipped", why: "no such extension" },
    { suite: "compute", test: "fails", result: "failed", why: "no" },
  ]);
  assert.deepEqual(regressions(before, now), [
    "fails failed: no",
    "goes is not there any more",
    "isSkipped skipped: no such extension",
  ]);
  assert.deepEqual(news(before, now), []);
});

Deno.test("a test that failed and passes, and one that is new, are news", () => {
  const before = { failed: "failed: no", same: "failed: no" };
  const now = { failed: "passed", same: "failed: no", other: "skipped: no extension" };
  assert.deepEqual(regressions(before, now), []);
  assert.deepEqual(news(before, now), ["failed passed", "other skipped: no extension"]);
});

Deno.test("a reason is one line without ids, ports and the client's repetitions", () => {
  const why = "openstack.exceptions.NotFoundException: NotFoundException: 404: Client Error for " +
    "url: http://127.0.0.1:44411/v2.1/servers/530b462d-dd63-4c7c-8954-1bd9aa80164d,\n  Not Found";
  assert.equal(inShort(why), "404 /v2.1/servers/{id}, Not Found");
});
