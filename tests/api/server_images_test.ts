/** Images, backups, rebuilds and the shelf: what a server can become, and come back from. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Answered, ORIGIN, type Role, type TestCloud, withCloud } from "../kit/cloud.ts";
import { SimulatedDriver } from "../../src/drivers/simulated.ts";
import { NO_DELAYS } from "../kit/samples.ts";

/** Takes no snapshot until it is told to go on. */
class HeldSnapshots extends SimulatedDriver {
  readonly #held = Promise.withResolvers<void>();
  readonly goOn = this.#held.resolve;

  constructor() {
    super(NO_DELAYS);
  }

  override async snapshot(id: string, imageId: string, signal: AbortSignal) {
    await this.#held.promise;
    return await super.snapshot(id, imageId, signal);
  }
}

interface Act {
  readonly as?: Role;
  readonly mv?: string;
}

function act(
  cloud: TestCloud,
  id: string,
  body: unknown,
  { as = "member", mv = "2.90" }: Act = {},
): Promise<Answered> {
  return cloud.ask(as, "POST", `/v2.1/servers/${id}/action`, { mv, body });
}

async function show(cloud: TestCloud, id: string, as: Role = "member") {
  return (await cloud.ask(as, "GET", `/v2.1/servers/${id}`, { mv: "2.90" })).json.server;
}

async function image(cloud: TestCloud, id: string): Promise<Answered> {
  return await cloud.ask("member", "GET", `/image/v2/images/${id}`);
}

async function lastAction(cloud: TestCloud, id: string) {
  const path = `/v2.1/servers/${id}/os-instance-actions`;
  const { json } = await cloud.ask("admin", "GET", path, { mv: "2.90" });
  const requestId = json.instanceActions[0].request_id;
  const shown = await cloud.ask("admin", "GET", `${path}/${requestId}`, { mv: "2.90" });
  return shown.json.instanceAction;
}

Deno.test("createImage names the image in a header, and from 2.45 in the body", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    const old = await act(cloud, id, { createImage: { name: "old" } }, { mv: "2.44" });
    assertEquals([old.status, old.text], [202, ""]);
    assertEquals(old.headers.get("content-type"), "text/html; charset=UTF-8");
    const location = old.headers.get("location")!;
    assert(location.startsWith(`${ORIGIN}/image/`), location);
    assertEquals((await image(cloud, location.split("/").at(-1)!)).json.name, "old");
    await cloud.cloud.settled();
    const metadata = { purpose: "test" };
    const created = await act(cloud, id, { createImage: { name: "new", metadata } });
    assertEquals(created.status, 202);
    assertEquals(created.headers.get("location"), null);
    await cloud.cloud.settled();
    const { json } = await image(cloud, created.json.image_id);
    assertEquals(json.status, "active");
    assertEquals(json.visibility, "private");
    assertEquals([json.purpose, json.image_type, json.instance_uuid], ["test", "snapshot", id]);
    assertEquals(json.base_image_ref, await cloud.imageId());
    assertEquals((await show(cloud, id)).status, "ACTIVE");
    const { action, events } = await lastAction(cloud, id);
    assertEquals([action, events[0].event, events[0].result, events.length], [
      "createImage",
      "compute_snapshot_instance",
      "Success",
      1,
    ]);
  }));

Deno.test("an image is there before the answer is, and the server's task shows", () => {
  const driver = new HeldSnapshots();
  return withCloud(async (cloud) => {
    const id = await cloud.create();
    const { json } = await act(cloud, id, { createImage: { name: "slow" } });
    assertEquals((await image(cloud, json.image_id)).json.status, "queued");
    const { "OS-EXT-STS:task_state": task, status } = await show(cloud, id);
    assertMatch(task, /^image_/);
    assertEquals(status, "ACTIVE");
    driver.goOn();
    await cloud.cloud.settled();
    assertEquals((await image(cloud, json.image_id)).json.status, "active");
  }, { driver });
});

Deno.test("metadata of images is bound by the servers' quota below 2.39", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await cloud.limit({ metadata_items: 1 });
    const body = { createImage: { name: "much", metadata: { a: "1", b: "2" } } };
    const refused = await act(cloud, id, body, { mv: "2.38" });
    assertEquals(refused.status, 403);
    assertEquals(refused.json.forbidden.message, "Image metadata limit exceeded");
    assertEquals((await act(cloud, id, body, { mv: "2.39" })).status, 202);
  }));

Deno.test("of backups of one type as many are kept as the rotation says", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    const backup = async (name: string, rotation: number | string, type = "daily") => {
      const body = { createBackup: { name, backup_type: type, rotation } };
      const { status, json } = await act(cloud, id, body);
      assertEquals(status, 202);
      await cloud.cloud.settled();
      return json.image_id;
    };
    const names = async () => {
      const path = "/image/v2/images?image_type=backup&sort=name:asc";
      const { json } = await cloud.ask("member", "GET", path);
      return json.images.map(({ name }: { name: string }) => name);
    };
    await backup("one", 2);
    await backup("weekly", 1, "weekly");
    await backup("two", 2);
    assertEquals(await names(), ["one", "two", "weekly"]);
    await backup("three", "2");
    assertEquals(await names(), ["three", "two", "weekly"]);
    await backup("none", 0);
    assertEquals(await names(), ["weekly"]);
    const { action, events } = await lastAction(cloud, id);
    assertEquals([action, events[0].event], ["createBackup", "compute_backup_instance"]);
  }));

Deno.test("a backup that no rotation keeps has no location", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    const body = (rotation: number) => ({
      createBackup: { name: "b", backup_type: "daily", rotation },
    });
    const kept = await act(cloud, id, body(1), { mv: "2.1" });
    assert(kept.headers.get("location") !== null);
    await cloud.cloud.settled();
    assertEquals((await act(cloud, id, body(0), { mv: "2.1" })).headers.get("location"), null);
  }));

Deno.test("a rebuild answers with the server as it will be, and its password", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create({ metadata: { old: "1" }, key_name: undefined });
    const imageRef = await cloud.imageId();
    const asked = {
      imageRef,
      name: "anew",
      adminPass: "seekr3t",
      metadata: { new: "1" },
      description: "again",
      user_data: "ZWNobw==",
      accessIPv6: "80fe:0::",
      hostname: "anew-host",
      preserve_ephemeral: false,
    };
    const answer = await act(cloud, id, { rebuild: asked });
    assertEquals(answer.status, 202, answer.text);
    assertEquals(answer.headers.get("location"), `${ORIGIN}/v2.1/servers/${id}`);
    const { server } = answer.json;
    assertEquals(
      [server.name, server.adminPass, server.metadata, server.description, server.user_data],
      ["anew", "seekr3t", { new: "1" }, "again", "ZWNobw=="],
    );
    assertEquals([server.accessIPv6, server["OS-EXT-SRV-ATTR:hostname"]], ["80fe::", "anew-host"]);
    assertEquals(server.status, "REBUILD");
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "ACTIVE");
    const { action, events } = await lastAction(cloud, id);
    assertEquals([action, events.length, events[0].result], ["rebuild", 2, "Success"]);
  }));

Deno.test("a rebuild shows as much as its microversion has", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    const imageRef = await cloud.imageId();
    const keys = async (mv: string) => {
      const { json, text } = await act(cloud, id, { rebuild: { imageRef } }, { mv });
      await cloud.cloud.settled();
      assert(json?.server, text);
      return ["key_name", "user_data", "tags", "OS-EXT-STS:vm_state"]
        .filter((key) => key in json.server);
    };
    assertEquals(await keys("2.1"), []);
    assertEquals(await keys("2.54"), ["key_name", "tags"]);
    assertEquals(await keys("2.57"), ["key_name", "user_data", "tags"]);
    assertEquals(await keys("2.75"), ["key_name", "user_data", "tags", "OS-EXT-STS:vm_state"]);
  }));

Deno.test("what a rebuild may not be", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    const imageRef = await cloud.imageId();
    await cloud.limit({ metadata_items: 1 });
    const rows: readonly (readonly [object, number, string, Act?])[] = [
      [{ imageRef: crypto.randomUUID() }, 400, "Cannot find image for rebuild"],
      [{ imageRef, key_name: "none" }, 400, "Invalid key_name provided."],
      [
        { imageRef, metadata: { a: "1", b: "2" } },
        403,
        "Maximum number of metadata items exceeds 1",
      ],
      [
        { imageRef },
        403,
        "Policy doesn't allow os_compute_api:servers:rebuild to be performed.",
        { as: "reader" },
      ],
    ];
    for (const [rebuild, status, message, options] of rows) {
      const { json, ...answer } = await act(cloud, id, { rebuild }, options);
      assertEquals(answer.status, status);
      assertEquals((Object.values(json)[0] as { message: string }).message, message);
    }
    assertEquals((await show(cloud, id)).metadata, {});
  }));

Deno.test("a stopped server is stopped again after its rebuild", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await act(cloud, id, { "os-stop": null });
    await cloud.cloud.settled();
    await act(cloud, id, { rebuild: { imageRef: await cloud.imageId() } });
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "SHUTOFF");
    const { events } = await lastAction(cloud, id);
    assertEquals(events.map(({ event }: { event: string }) => event), [
      "compute_stop_instance",
      "compute_rebuild_instance",
      "rebuild_server",
    ]);
  }));

Deno.test("a server on a volume leaves its host when it is shelved, whatever the setting", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create({
      imageRef: "",
      block_device_mapping_v2: [{
        boot_index: 0,
        uuid: await cloud.imageId(),
        source_type: "image",
        destination_type: "volume",
        volume_size: 1,
      }],
    });
    await act(cloud, id, { shelve: null });
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "SHELVED_OFFLOADED");
    const namesOf = async () =>
      (await lastAction(cloud, id)).events.map((one: { event: string }) => one.event);
    assertEquals(await namesOf(), ["compute_shelve_offload_instance"]);
    await act(cloud, id, { unshelve: null });
    await cloud.cloud.settled();
    assertEquals(await namesOf(), ["compute_unshelve_instance", "schedule_instances"]);
  }, { settings: { shelvedOffloadSeconds: -1 } }));

Deno.test("a shelved server leaves its host at once, keeps its image, and comes back", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    assertEquals((await act(cloud, id, { shelve: null })).status, 202);
    await cloud.cloud.settled();
    const shelved = await show(cloud, id, "admin");
    assertEquals(
      [shelved.status, shelved["OS-EXT-SRV-ATTR:host"], shelved["OS-EXT-STS:power_state"]],
      ["SHELVED_OFFLOADED", null, 4],
    );
    const kept = await cloud.ask("member", "GET", "/image/v2/images?name=x-shelved");
    assertEquals(kept.json.images.map(({ status }: { status: string }) => status), ["active"]);
    // As in Nova, a host that offloads what it has just shelved says so in no event of its own.
    assertEquals((await lastAction(cloud, id)).events.map((one: { event: string }) => one.event), [
      "compute_shelve_instance",
    ]);
    assertEquals((await act(cloud, id, { unshelve: null })).status, 202);
    await cloud.cloud.settled();
    const back = await show(cloud, id, "admin");
    assertEquals(back.status, "ACTIVE");
    assert(back["OS-EXT-SRV-ATTR:host"]);
    assertEquals((await lastAction(cloud, id)).events.map((one: { event: string }) => one.event), [
      "compute_unshelve_instance",
      "schedule_instances",
      "get_image_info",
    ]);
    const left = await cloud.ask("member", "GET", "/image/v2/images?name=x-shelved");
    assertEquals(left.json.images, []);
  }));

Deno.test("a server may stay shelved on its host, and be taken off it by an admin", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await act(cloud, id, { shelve: null });
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "SHELVED");
    const zone = { unshelve: { availability_zone: "nova" } };
    const refused = await act(cloud, id, zone, { mv: "2.77" });
    assertEquals(refused.status, 409);
    assertMatch(refused.json.conflictingRequest.message, /must be SHELVED_OFFLOADED/);
    assertEquals((await act(cloud, id, { shelveOffload: null })).status, 403);
    assertEquals((await act(cloud, id, { shelveOffload: null }, { as: "padmin" })).status, 202);
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "SHELVED_OFFLOADED");
    assertEquals((await act(cloud, id, zone, { mv: "2.77" })).status, 202);
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "ACTIVE");
  }, { settings: { shelvedOffloadSeconds: -1 } }));

Deno.test("what an unshelve may ask for", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await act(cloud, id, { shelve: null });
    await cloud.cloud.settled();
    const rows: readonly (readonly [object, number, Act])[] = [
      [{ availability_zone: "moon" }, 400, { mv: "2.77" }],
      [{ host: "nowhere" }, 400, { mv: "2.91", as: "padmin" }],
      [{ host: "compute-1" }, 403, { mv: "2.91" }],
      [{ host: "compute-1", availability_zone: "nova" }, 202, { mv: "2.91", as: "padmin" }],
    ];
    for (const [unshelve, status, options] of rows) {
      assertEquals((await act(cloud, id, { unshelve }, options)).status, status);
    }
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id, "admin"))["OS-EXT-SRV-ATTR:host"], "compute-1");
  }));

Deno.test("a shelved server without a host to come back to stays on the shelf", () =>
  withCloud(async (cloud) => {
    const first = await cloud.create();
    await act(cloud, first, { shelve: null });
    await cloud.cloud.settled();
    const second = await cloud.create();
    await act(cloud, first, { unshelve: null });
    await cloud.cloud.settled();
    const { status } = await show(cloud, first);
    assertEquals(status, "SHELVED_OFFLOADED");
    const { events, message } = await lastAction(cloud, first);
    assertEquals([events[0].result, message], ["Error", "Error"]);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${second}`);
    await cloud.cloud.settled();
    await act(cloud, first, { unshelve: null });
    await cloud.cloud.settled();
    assertEquals((await show(cloud, first)).status, "ACTIVE");
  }, { settings: { simulatedHosts: 1, simulatedHostRamMib: 600 } }));

Deno.test("a shelved server that is deleted leaves no image behind", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await act(cloud, id, { shelve: null });
    await cloud.cloud.settled();
    assertEquals((await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`)).status, 204);
    await cloud.cloud.settled();
    const left = await cloud.ask("member", "GET", "/image/v2/images?name=x-shelved");
    assertEquals(left.json.images, []);
  }));

Deno.test("a server that is shelved for long leaves its host", () => {
  let now = Date.UTC(2026, 0, 1);
  return withCloud(async (cloud) => {
    const id = await cloud.create();
    await act(cloud, id, { shelve: null });
    await cloud.cloud.settled();
    await cloud.cloud.lookAround();
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "SHELVED");
    now += 3601 * 1000;
    await cloud.cloud.lookAround();
    await cloud.cloud.settled();
    assertEquals((await show(cloud, id)).status, "SHELVED_OFFLOADED");
  }, { settings: { shelvedOffloadSeconds: 3600 }, clock: () => now++ });
});
