/** Tags that are added several at once. */
import { assertEquals } from "@std/assert";
import { BASE, make, put, refusalOf, withNeighbours } from "./networks_kit_test.ts";

Deno.test("tags are added to those that are there, and told in order", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: {} });
    const path = `${BASE}/networks/${id}/tags`;
    const add = (tags: unknown, name: "member" | "reader" = "member") =>
      cloud.ask(name, "POST", path, { body: { tags } });
    const first = await add(["red", "green"]);
    assertEquals([first.status, first.body], [201, { tags: ["red", "green"] }]);
    assertEquals((await add(["blue", "red"])).status, 201);
    assertEquals((await add([])).status, 201);
    assertEquals((await cloud.ask("member", "GET", path)).body.tags, ["blue", "green", "red"]);
    assertEquals(refusalOf(await add("red")).slice(0, 2), [400, "InvalidInput"]);
    assertEquals((await add(["x"], "reader")).status, 403);
    const many = Array.from({ length: 48 }, (_, number) => `tag${number}`);
    assertEquals((await add(many)).status, 400);
    assertEquals((await put(cloud, `networks/${id}/tags`, { tags: ["b", "a"] })).status, 200);
    assertEquals((await cloud.ask("member", "GET", path)).body.tags, ["a", "b"]);
  }));
