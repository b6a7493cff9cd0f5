/** The services behind the volume service, and how hosts reach volumes by hand. */
import { assertEquals } from "@std/assert";
import { messageOf, withVolumes } from "./volumes_kit_test.ts";

const BACKEND = "chronova@simulated";

Deno.test("a disabled backend gets no new volumes", () =>
  withVolumes(async (volumes) => {
    const services = async () =>
      (await volumes.ask("admin", "GET", "/os-services?binary=cinder-volume")).json.services;
    const set = (action: string, body: object, as: "admin" | "member" = "admin") =>
      volumes.ask(as, "PUT", `/os-services/${action}`, body);
    const named = { binary: "cinder-volume", host: BACKEND };
    const old = await volumes.create();

    const disabled = await set("disable-log-reason", { ...named, disabled_reason: "tired" });
    assertEquals([disabled.status, disabled.json], [200, {
      host: BACKEND,
      service: "",
      binary: "cinder-volume",
      status: "disabled",
      disabled: true,
      disabled_reason: "tired",
    }]);
    const [shown] = await services();
    assertEquals([shown.status, shown.disabled_reason, shown.state], ["disabled", "tired", "up"]);
    const pools = "/scheduler-stats/get_pools?detail=true";
    assertEquals((await volumes.ask("admin", "GET", pools)).json.pools, []);
    const refused = await volumes.create();
    assertEquals((await volumes.show(refused)).status, "error");
    assertEquals((await volumes.show(old)).status, "available");
    const { cloud } = volumes;
    const server = await cloud.create({
      imageRef: "",
      block_device_mapping_v2: [{
        boot_index: 0,
        uuid: await cloud.imageId(),
        source_type: "image",
        destination_type: "volume",
        volume_size: 1,
      }],
    });
    const built = await cloud.ask("member", "GET", `/v2.1/servers/${server}`);
    assertEquals(built.json.server.status, "ERROR");

    const enabled = await set("enable", { service: "cinder-volume", host: BACKEND });
    assertEquals([enabled.status, enabled.json.status, enabled.json.disabled], [
      200,
      "enabled",
      false,
    ]);
    assertEquals((await services())[0].disabled_reason, null);
    assertEquals((await volumes.show(await volumes.create())).status, "available");
    const [pool] = (await volumes.ask("admin", "GET", pools)).json.pools;
    assertEquals(
      [pool.name, pool.capabilities.allocated_capacity_gb, pool.capabilities.free_capacity_gb],
      [`${BACKEND}#simulated`, 4, "infinite"],
    );
    const brief = await volumes.ask("admin", "GET", "/scheduler-stats/get_pools");
    assertEquals(brief.json.pools, [{ name: pool.name }]);
    const other = await volumes.ask("admin", "GET", "/scheduler-stats/get_pools?name=x");
    assertEquals(other.json.pools, []);
    assertEquals((await volumes.ask("member", "GET", pools)).status, 403);

    assertEquals((await set("enable", named, "member")).status, 403);
    const unknown = await set("disable", { ...named, host: "moon" });
    assertEquals([unknown.status, messageOf(unknown)], [
      404,
      "Service cinder-volume could not be found on host moon.",
    ]);
    const nowhere = await set("disable", { binary: "cinder-volume" });
    assertEquals([nowhere.status, messageOf(nowhere)], [
      400,
      "Invalid input received: Host field is missing.",
    ]);
    assertEquals((await set("disable", { host: BACKEND })).status, 400);
    assertEquals((await set("dance", named)).status, 404);
  }));

Deno.test("a backend tells what it can", () =>
  withVolumes(async (volumes) => {
    const told = await volumes.ask("admin", "GET", `/capabilities/${BACKEND}`);
    assertEquals([told.status, told.json.namespace, told.json.volume_backend_name], [
      200,
      `OS::Storage::Capabilities::${BACKEND}`,
      "simulated",
    ]);
    const none = await volumes.ask("admin", "GET", "/capabilities/moon");
    assertEquals([none.status, messageOf(none)], [404, "Can't find service: moon"]);
    assertEquals((await volumes.ask("member", "GET", `/capabilities/${BACKEND}`)).status, 403);
  }));

Deno.test("a host is told how to reach a volume, and gives it up again", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const connector = { host: "here", ip: "192.0.2.1" };
    const begun = await volumes.act(id, "os-initialize_connection", { connector });
    assertEquals([begun.status, begun.json], [200, {
      connection_info: {
        driver_volume_type: "simulated",
        data: { volume_id: id, access_mode: "rw", encrypted: false },
        enforce_multipath: false,
      },
    }]);
    const ended = await volumes.act(id, "os-terminate_connection", { connector });
    assertEquals(ended.status, 202, ended.text);
    for (const body of [{}, { connector: 7 }]) {
      assertEquals((await volumes.act(id, "os-initialize_connection", body)).status, 400);
    }
    const reader = await volumes.act(id, "os-initialize_connection", { connector }, "reader");
    assertEquals(reader.status, 403);
    await volumes.act(id, "os-reset_status", { status: "maintenance" }, "admin");
    const later = await volumes.act(id, "os-initialize_connection", { connector });
    assertEquals([later.status, messageOf(later)], [
      400,
      "Invalid volume: The volume connection cannot be initialized in maintenance mode.",
    ]);

    const { cloud } = volumes;
    const server = await cloud.create();
    const volumeId = await volumes.create();
    await cloud.ask("member", "POST", `/v2.1/servers/${server}/os-volume_attachments`, {
      body: { volumeAttachment: { volumeId } },
    });
    await cloud.cloud.settled();
    const held = await volumes.act(volumeId, "os-terminate_connection", { connector });
    assertEquals([held.status, messageOf(held)], [
      409,
      `Detach volume from instance ${server} using the Compute API`,
    ]);
  }));

Deno.test("whoever makes a snapshot says how far it has come", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create();
    const made = await volumes.ask("member", "POST", "/snapshots", { snapshot: { volume_id } });
    const path = `/snapshots/${made.json.snapshot.id}/action`;
    const say = (status: string, more: object = {}) =>
      volumes.ask("member", "POST", path, {
        "os-update_snapshot_status": { status, ...more },
      });
    const early = await say("available");
    assertEquals([early.status, messageOf(early)], [
      400,
      "Snapshot status available not allowed for update_snapshot_status",
    ]);
    await volumes.ask("admin", "POST", path, { "os-reset_status": { status: "creating" } });
    const odd = await say("deleting");
    assertEquals([odd.status, messageOf(odd)], [
      400,
      "Provided snapshot status deleting not allowed for snapshot with status creating.",
    ]);
    assertEquals((await say("available", { progress: "many" })).status, 400);
    assertEquals((await say("available", { progress: "100%" })).status, 202);
    const shown = await volumes.ask("member", "GET", `/snapshots/${made.json.snapshot.id}`);
    assertEquals(shown.json.snapshot.status, "available");
  }));
