/** /os-availability-zone: who sees what. */
import { assertEquals } from "@std/assert";
import { withCloud } from "../kit/cloud.ts";

const PATH = "/v2.1/os-availability-zone";

Deno.test("the list names the zones of compute hosts", async () => {
  await withCloud(async (cloud) => {
    assertEquals((await cloud.ask("reader", "GET", PATH)).json, {
      availabilityZoneInfo: [{ zoneName: "nova", zoneState: { available: true }, hosts: null }],
    });
  });
});

Deno.test("the detail has hosts with their services, for administrators", async () => {
  await withCloud(async (cloud) => {
    const { json } = await cloud.ask("admin", "GET", `${PATH}/detail`);
    const [internal, nova] = json.availabilityZoneInfo;
    const alive = { available: true, active: true, updated_at: null };
    assertEquals(internal.zoneName, "internal");
    assertEquals(internal.hosts, {
      chronova: { "nova-conductor": alive, "nova-scheduler": alive },
    });
    assertEquals(nova.zoneName, "nova");
    for (const services of Object.values<Record<string, object>>(nova.hosts)) {
      assertEquals(Object.keys(services), ["nova-compute"]);
    }
    assertEquals(
      (await cloud.ask("member", "GET", `${PATH}/detail`)).json.forbidden.message,
      "Policy doesn't allow os_compute_api:os-availability-zone:detail to be performed.",
    );
  });
});

Deno.test("unknown parameters are refused from 2.102 on; a token is needed", async () => {
  await withCloud(async (cloud) => {
    assertEquals((await cloud.ask("reader", "GET", `${PATH}?a=b`, { mv: "2.101" })).status, 200);
    assertEquals((await cloud.ask("reader", "GET", `${PATH}?a=b`, { mv: "2.102" })).status, 400);
    assertEquals((await cloud.ask("none", "GET", PATH)).status, 401);
  });
});
