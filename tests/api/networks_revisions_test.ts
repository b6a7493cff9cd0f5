/** `If-Match: revision_number=…`: changes that are only made to what the client has seen. */
import { assertEquals } from "@std/assert";
import { BASE, make, type Name, refusalOf, withNeighbours } from "./networks_kit_test.ts";

Deno.test("a change of another revision than the client has seen is refused", () =>
  withNeighbours(async (cloud) => {
    const { id } = await make(cloud, "networks", { network: { name: "mine" } });
    const path = `${BASE}/networks/${id}`;
    const change = (match: string, name: Name = "member") =>
      cloud.ask(name, "PUT", path, {
        body: { network: { description: match } },
        headers: { "if-match": match },
      });
    assertEquals((await change("revision_number=1")).body.network.revision_number, 2);
    assertEquals(refusalOf(await change("revision_number=1")), [
      412,
      "RevisionNumberConstraintFailed",
      "Constrained to 1, but current revision is 2",
    ]);
    assertEquals((await change('"revision_number=2"')).status, 200);
    assertEquals((await change('"abc", "other"')).status, 200);
    assertEquals((await change("revision_number=4", "other")).status, 404);
    assertEquals(refusalOf(await change("revision_number=x")), [
      400,
      "BadRequest",
      "Bad if-match request: Revision number etag must be in the format of revision_number=<int>.",
    ]);
    assertEquals(refusalOf(await change("revision_number=1,revision_number=4")), [
      400,
      "BadRequest",
      "Bad if-match request: Multiple revision_number etags are not supported..",
    ]);
    const drop = (match: string) =>
      cloud.ask("member", "DELETE", path, { headers: { "if-match": match } });
    assertEquals((await drop("revision_number=3")).status, 412);
    assertEquals((await drop("revision_number=4")).status, 204);
  }));

Deno.test("routes and interfaces of a router heed the revision too", () =>
  withNeighbours(async (cloud) => {
    const network = await make(cloud, "networks", { network: {} });
    const subnet = await make(cloud, "subnets", {
      subnet: { network_id: network.id, ip_version: 4, cidr: "10.1.0.0/24" },
    });
    const router = await make(cloud, "routers", { router: {} });
    const answer = await cloud.ask(
      "member",
      "PUT",
      `${BASE}/routers/${router.id}/add_router_interface`,
      { body: { subnet_id: subnet.id }, headers: { "if-match": "revision_number=7" } },
    );
    assertEquals(answer.status, 412);
  }));
