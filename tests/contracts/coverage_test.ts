/** docs/api_coverage.md says what is so. */
import { assertEquals } from "@std/assert";
import { coverage, PAGE, page } from "../kit/coverage.ts";

Deno.test("the page of the API's coverage is current; else run `deno task coverage`", async () => {
  assertEquals(Deno.readTextFileSync(PAGE), page(await coverage()));
});
