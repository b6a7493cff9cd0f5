/** Volumes that are left on the backend, and taken up again. */
import { assertEquals } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

const HOST = "chronova@simulated#simulated";
const LIST = `/manageable_volumes?host=${encodeURIComponent(HOST)}`;

function manage(volumes: Volumes, volume: object, as: "admin" | "member" = "admin") {
  return volumes.ask(as, "POST", "/manageable_volumes", { volume: { host: HOST, ...volume } });
}

Deno.test("a volume that is unmanaged stays on the backend, and is managed again", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create({ size: 2 });
    assertEquals((await volumes.act(id, "os-unmanage", {})).status, 403);
    const managed = await manage(volumes, { ref: { "source-name": `volume-${id}` } });
    assertEquals([managed.status, messageOf(managed)], [
      400,
      "Invalid volume: Unable to manage existing volume. The volume is already managed",
    ]);
    assertEquals((await volumes.act(id, "os-unmanage", {}, "admin")).status, 202);
    assertEquals((await volumes.ask("member", "GET", `/volumes/${id}`)).status, 404);
    const limits = (await volumes.ask("member", "GET", "/limits")).json.limits.absolute;
    assertEquals([limits.totalVolumesUsed, limits.totalGigabytesUsed], [0, 0]);
    const reference = { "source-name": `volume-${id}` };
    const listed = await volumes.ask("admin", "GET", LIST);
    assertEquals(listed.json, {
      "manageable-volumes": [{ reference, size: 2, safe_to_manage: true }],
    });

    assertEquals((await manage(volumes, { ref: reference }, "member")).status, 403);
    const again = await manage(volumes, {
      ref: reference,
      name: "found",
      metadata: { a: "b" },
      bootable: true,
    });
    assertEquals(again.status, 202, again.text);
    const path = `/volumes/${again.json.volume.id}`;
    const { volume } = (await volumes.ask("admin", "GET", path)).json;
    assertEquals(
      [volume.status, volume.name, volume.size, volume.metadata, volume.bootable],
      ["available", "found", 2, { a: "b" }, "true"],
    );
    const none = await volumes.ask("admin", "GET", LIST.replace("?", "/detail?"));
    assertEquals(none.json, { "manageable-volumes": [] });
    const twice = await manage(volumes, { ref: reference });
    assertEquals(twice.json.volume.status, "error_managing");
    const remove = await volumes.ask("admin", "DELETE", `/volumes/${twice.json.volume.id}`);
    assertEquals(remove.status, 202);
  }));

Deno.test("what cannot be managed or unmanaged is refused", () =>
  withVolumes(async (volumes) => {
    const volume_id = await volumes.create();
    await volumes.ask("member", "POST", "/snapshots", { snapshot: { volume_id } });
    assertEquals((await volumes.act(volume_id, "os-unmanage", {}, "admin")).status, 400);
    const ref = { "source-name": "x" };
    for (
      const [volume, message] of [
        [{ ref, host: null }, "Invalid input received: Host field is missing."],
        [{ ref, host: "moon" }, "Invalid input received: Host 'moon' not found"],
        [{}, undefined],
        [{ ref: 7 }, undefined],
        [
          { ref, volume_type: "odd" },
          "Invalid volume type: Cannot find requested 'odd' volume type",
        ],
      ] as const
    ) {
      const refused = await manage(volumes, volume);
      assertEquals(refused.status, 400, refused.text);
      if (message) assertEquals(messageOf(refused), message);
    }
    assertEquals((await volumes.ask("admin", "GET", "/manageable_volumes")).status, 400);
    assertEquals((await volumes.ask("member", "GET", LIST)).status, 403);
    assertEquals((await volumes.ask("admin", "GET", LIST, undefined, "3.7")).status, 404);
  }));
