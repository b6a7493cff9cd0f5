/** /os-server-external-events: what other services tell of servers, and what comes of it. */
import { assert, assertEquals } from "@std/assert";
import { servers } from "../../src/compute/servers/aggregate.ts";
import { instanceActions } from "../../src/compute/history/instance_actions.ts";
import type { ServerEvent, ServerPortsChanged } from "../../src/compute/servers/events.ts";
import type { Recorded } from "../../src/eventsourcing/event.ts";
import { type Answered, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import { HeldDriver, type Json, makeFlavor, samplesOf, shapeDifferences } from "../kit/samples.ts";
import { EVERY_MINOR } from "../kit/schemas.ts";
import { withVolumes } from "./volumes_kit_test.ts";

const MV = "2.104";

async function tell(
  cloud: TestCloud,
  events: readonly Json[],
  { mv = MV, as = "admin" }: { readonly mv?: string; readonly as?: Role } = {},
): Promise<Answered> {
  const path = "/v2.1/os-server-external-events";
  const answered = await cloud.ask(as, "POST", path, { mv, body: { events } });
  await cloud.cloud.settled();
  return answered;
}

async function shown(cloud: TestCloud, server: string): Promise<Json> {
  return (await cloud.ask("padmin", "GET", `/v2.1/servers/${server}`, { mv: MV })).json.server;
}

/** Newest first: each action's name, and what was done for it. */
async function actionsOf(cloud: TestCloud, server: string): Promise<readonly Json[]> {
  const path = `/v2.1/servers/${server}/os-instance-actions`;
  const { json } = await cloud.ask("padmin", "GET", path, { mv: MV });
  const actions: Json[] = [];
  for (const { action, request_id, user_id } of json.instanceActions) {
    const one = await cloud.ask("padmin", "GET", `${path}/${request_id}`, { mv: MV });
    const events = one.json.instanceAction.events;
    actions.push({
      action,
      user_id,
      events: events.map(({ event, result }: Json) => [event, result]),
    });
  }
  return actions;
}

async function eventsOf(cloud: TestCloud, server: string): Promise<readonly string[]> {
  const events = await cloud.cloud.log.read({ stream: `server-${server}`, limit: 1000 });
  return events.map(({ type }) => type);
}

async function act(cloud: TestCloud, server: string, body: Json): Promise<void> {
  const path = `/v2.1/servers/${server}/action`;
  const answered = await cloud.ask("member", "POST", path, { mv: MV, body });
  assertEquals(answered.status, 202, answered.text);
  await cloud.cloud.settled();
}

Deno.test("events are answered one by one, and 207 when one of them fails", async (t) => {
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create({ networks: "auto" });
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const nowhere = await cloud.create({ flavorRef: "huge" });
    const unknown = crypto.randomUUID();
    const changed = { name: "network-changed" };
    const fine = { ...changed, server_uuid, tag: "a" };
    const completed = { ...fine, status: "completed", code: 200 };

    await t.step("all accepted: 200, whatever status they had", async () => {
      const answered = await tell(cloud, [fine, { ...fine, status: "in-progress" }]);
      assertEquals([answered.status, answered.json], [200, { events: [completed, completed] }]);
    });
    await t.step("some, or none: 207", async () => {
      const bad = [
        [{ ...changed, server_uuid: unknown }, 404],
        [{ ...changed, server_uuid: server_uuid.toUpperCase() }, 404],
        [{ name: "volume-extended", server_uuid: unknown }, 404],
        [{ ...changed, server_uuid: nowhere, status: "completed" }, 422],
        [{ name: "volume-extended", server_uuid: nowhere }, 400],
        [{ name: "volume-extended", server_uuid }, 400],
        [{ name: "power-update", server_uuid }, 400],
        [{ name: "accelerator-request-bound", server_uuid }, 400],
      ] as const;
      const failed = bad.map(([event, code]) => ({ ...event, status: "failed", code }));
      const asked = bad.map(([event]) => event);
      const none = await tell(cloud, asked);
      assertEquals([none.status, none.json], [207, { events: failed }]);
      const some = await tell(cloud, [...asked, fine]);
      assertEquals([some.status, some.json], [207, { events: [...failed, completed] }]);
    });
    await t.step("what nothing waits for is accepted, and no more", async () => {
      const before = await eventsOf(cloud, server_uuid);
      const names = [
        "network-vif-plugged",
        "network-vif-unplugged",
        "network-vif-deleted",
        "volume-reimaged",
      ];
      const tagged = { name: "accelerator-request-bound", server_uuid, tag: "arq" };
      const events = [...names.map((name) => ({ name, server_uuid })), tagged];
      assertEquals((await tell(cloud, events)).status, 200);
      assertEquals(await eventsOf(cloud, server_uuid), before);
    });
    await t.step("a server that was deleted is still known to have been on its host", async () => {
      await cloud.ask("member", "DELETE", `/v2.1/servers/${server_uuid}`);
      await cloud.cloud.settled();
      const before = await eventsOf(cloud, server_uuid);
      const events = [
        fine,
        { name: "power-update", server_uuid, tag: "POWER_ON" },
        { name: "volume-extended", server_uuid, tag: "v" },
        { name: "network-vif-deleted", server_uuid, tag: "p" },
      ];
      assertEquals((await tell(cloud, events)).status, 200);
      assertEquals(await eventsOf(cloud, server_uuid), before);
    });
  });
});

Deno.test("external events: for administrators and services", async () => {
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create();
    const events = [{ name: "network-changed", server_uuid }];
    for (const as of ["member", "reader", "stranger"] as const) {
      const answered = await tell(cloud, events, { as });
      assertEquals([answered.status, answered.json.forbidden.message], [
        403,
        "Policy doesn't allow os_compute_api:os-server-external-events:create to be performed.",
      ]);
    }
    assertEquals((await tell(cloud, events, { as: "padmin" })).status, 200);
    // What is no request is refused before anybody asks who sends it.
    assertEquals((await tell(cloud, [], { as: "member" })).status, 400);
  });
});

Deno.test("external events by the microversion, and their answers by the sample", async (t) => {
  const SINCE: Readonly<Record<string, number>> = {
    "network-changed": 1,
    "network-vif-plugged": 1,
    "network-vif-unplugged": 1,
    "network-vif-deleted": 1,
    "volume-extended": 51,
    "power-update": 76,
    "accelerator-request-bound": 82,
    "volume-reimaged": 93,
  };
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create();
    const [sample] = samplesOf("os-server-external-events")
      .filter(({ file }) => file === "event-create-resp.json");
    for (const minor of EVERY_MINOR) {
      await t.step(`2.${minor}`, async () => {
        const mv = `2.${minor}`;
        for (const [name, since] of Object.entries(SINCE)) {
          const answered = await tell(cloud, [{ name, server_uuid, tag: "foo" }], { mv });
          assertEquals(answered.status, minor >= since ? 200 : 400, name);
          if (minor < since) continue;
          assertEquals(shapeDifferences(sample!.json, answered.json), []);
        }
      });
    }
  });
});

Deno.test("power-update: a server follows its machine, and it is an action of the history", async (t) => {
  const driver = new HeldDriver();
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create();
    const power = (tag: string) => tell(cloud, [{ name: "power-update", server_uuid, tag }]);
    const states = async () => {
      const server = await shown(cloud, server_uuid);
      const machine = (await driver.powers()).get(server_uuid);
      return [server.status, server["OS-EXT-STS:power_state"], machine];
    };

    await t.step("off, though it is locked", async () => {
      await act(cloud, server_uuid, { lock: null });
      assertEquals((await power("POWER_OFF")).status, 200);
      assertEquals(await states(), ["SHUTOFF", 4, "stopped"]);
      const [last] = await actionsOf(cloud, server_uuid);
      assertEquals([last.action, last.events], ["stop", [["compute_power_update", "Success"]]]);
      await act(cloud, server_uuid, { unlock: null });
    });
    await t.step("on again", async () => {
      await power("POWER_ON");
      assertEquals(await states(), ["ACTIVE", 1, "running"]);
      const [last] = await actionsOf(cloud, server_uuid);
      assertEquals([last.action, last.events], ["start", [["compute_power_update", "Success"]]]);
    });
    await t.step("on, as it is: an action, and no more", async () => {
      await power("POWER_ON");
      assertEquals(await states(), ["ACTIVE", 1, "running"]);
      assertEquals((await eventsOf(cloud, server_uuid)).at(-1), "ServerPowerUpdateIgnored");
      const [last] = await actionsOf(cloud, server_uuid);
      assertEquals([last.action, last.events], ["start", [["compute_power_update", "Success"]]]);
    });
    await t.step("any other tag: accepted, and nothing at all", async () => {
      const before = await eventsOf(cloud, server_uuid);
      for (const tag of ["", "power_on", "constructor"]) {
        assertEquals((await power(tag)).status, 200);
      }
      assertEquals(await eventsOf(cloud, server_uuid), before);
    });
    await t.step("off, and more in the same request", async () => {
      const off = { name: "power-update", server_uuid, tag: "POWER_OFF" };
      await tell(cloud, [off, { name: "volume-extended", server_uuid, tag: "v" }]);
      const events = await cloud.cloud.log.read({ stream: `server-${server_uuid}`, limit: 1000 });
      const [extended, stopped] = instanceActions(events as Recorded<ServerEvent>[]);
      assertEquals([extended!.action, stopped!.action], ["extend_volume", "stop"]);
      assertEquals(extended!.requestId, stopped!.requestId);
      for (const { events } of [extended!, stopped!]) {
        assertEquals(events.map(({ result }) => result), ["Success"]);
      }
      await power("POWER_ON");
    });
    await t.step("a machine that does not go off", async () => {
      driver.ensurePower = () => Promise.resolve({ failed: "stuck" });
      await power("POWER_OFF");
      assertEquals((await shown(cloud, server_uuid)).status, "ACTIVE");
      const [last] = await actionsOf(cloud, server_uuid);
      assertEquals([last.action, last.events], ["stop", [["compute_power_update", "Error"]]]);
    });
  }, { driver });
});

Deno.test("volume-extended: an action of the history, whether the server has the volume or not", async () => {
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create();
    const tag = crypto.randomUUID();
    assertEquals((await tell(cloud, [{ name: "volume-extended", server_uuid, tag }])).status, 200);
    const [last, first] = await actionsOf(cloud, server_uuid);
    assertEquals([last.action, last.events], [
      "extend_volume",
      [["compute_extend_volume", "Success"]],
    ]);
    assertEquals(first.action, "create");
    assert(last.user_id !== first.user_id);
  });
});

Deno.test("a volume that grows while a server has it: the same, without anybody's event", () =>
  withVolumes(async (volumes) => {
    const { cloud } = volumes;
    const server = await cloud.create();
    const [used, unused] = [await volumes.create(), await volumes.create()];
    const path = `/v2.1/servers/${server}/os-volume_attachments`;
    const body = { volumeAttachment: { volumeId: used } };
    assertEquals((await cloud.ask("member", "POST", path, { mv: MV, body })).status, 202);
    await cloud.cloud.settled();
    for (const id of [used, unused]) {
      assertEquals((await volumes.act(id, "os-extend", { new_size: 2 })).status, 202);
    }
    await cloud.cloud.settled();
    const actions = await actionsOf(cloud, server);
    assertEquals(actions.map(({ action }) => action), [
      "extend_volume",
      "attach_volume",
      "create",
    ]);
    assertEquals(actions[0].events, [["compute_extend_volume", "Success"]]);
    assertEquals(actions[0].user_id, actions[1].user_id);
  }));

Deno.test("network-vif-deleted: the machine lets go of the port, and of no other", async () => {
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create({ networks: "auto" });
    const interfaces = `/v2.1/servers/${server_uuid}/os-interface`;
    const made = await cloud.ask("member", "POST", interfaces, { mv: MV, body: {} });
    const { port_id: tag } = made.json.interfaceAttachment;
    const before = (await shown(cloud, server_uuid)).addresses.private.length;
    const event = { name: "network-vif-deleted", server_uuid };
    assertEquals((await tell(cloud, [{ ...event, tag }, { ...event, tag }])).status, 200);
    assertEquals((await shown(cloud, server_uuid)).addresses.private.length, before - 1);
    const left = await cloud.ask("member", "GET", interfaces, { mv: MV });
    assertEquals(left.json.interfaceAttachments.length, 1);
    const types = await eventsOf(cloud, server_uuid);
    assertEquals(types.slice(-2), ["ServerInterfaceLost", "ServerInterfaceDetached"]);
    assertEquals(types.filter((type) => type === "ServerInterfaceLost").length, 1);
    assertEquals((await actionsOf(cloud, server_uuid))[0].action, "attach_interface");
  });
});

Deno.test("network-changed: a server shows again what its ports are", async () => {
  await withCloud(async (cloud) => {
    const server_uuid = await cloud.create({ networks: "auto" });
    const right = (await shown(cloud, server_uuid)).addresses;
    const metadata = {
      actor: { userId: "test", projectId: "", roles: [] },
      requestId: "req-00000000-0000-0000-0000-000000000000",
      command: "Test",
    };
    await cloud.cloud.committer.submit(metadata, async (unit) => {
      const at = await unit.load(servers, server_uuid);
      const ports = at.state.ports.map((port) => ({
        ...port,
        fixedIps: port.fixedIps.map((fixedIp) => ({ ...fixedIp, address: "192.0.2.1" })),
      }));
      const wrong: ServerPortsChanged = { type: "ServerPortsChanged", data: { ports } };
      await unit.append(servers, at, [wrong]);
    });
    assertEquals((await shown(cloud, server_uuid)).addresses.private[0].addr, "192.0.2.1");
    const event = { name: "network-changed", server_uuid };
    assertEquals((await tell(cloud, [event])).status, 200);
    assertEquals((await shown(cloud, server_uuid)).addresses, right);
    const before = await eventsOf(cloud, server_uuid);
    await tell(cloud, [event]);
    assertEquals(await eventsOf(cloud, server_uuid), before);
  });
});
