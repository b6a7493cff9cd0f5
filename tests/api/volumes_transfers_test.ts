/** Volumes that go from one project to another. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

const TRANSFERS = "/volume-transfers";

async function offer(volumes: Volumes, volumeId: string, more: object = {}) {
  const transfer = { volume_id: volumeId, name: "to you", ...more };
  const made = await volumes.ask("member", "POST", TRANSFERS, { transfer });
  assertEquals(made.status, 202, made.text);
  return made.json.transfer;
}

function accept(volumes: Volumes, id: string, auth_key: unknown) {
  return volumes.ask("stranger", "POST", `${TRANSFERS}/${id}/accept`, { accept: { auth_key } });
}

async function snapshotOf(volumes: Volumes, volumeId: string): Promise<string> {
  const snapshot = { volume_id: volumeId };
  return (await volumes.ask("member", "POST", "/snapshots", { snapshot })).json.snapshot.id;
}

Deno.test("whoever knows the key takes a volume over, with its snapshots", () =>
  withVolumes(async (volumes) => {
    const { demo, other } = volumes.cloud.projectIds;
    const id = await volumes.create({ size: 2 });
    const snapshot = await snapshotOf(volumes, id);
    const made = await offer(volumes, id);
    assertMatch(made.auth_key, /^[0-9a-f]{16}$/);
    assertEquals(
      [made.name, made.volume_id, made.no_snapshots, made.source_project_id, made.accepted],
      ["to you", id, false, demo, false],
    );
    assertEquals((await volumes.show(id)).status, "awaiting-transfer");
    const shown = (await volumes.ask("member", "GET", `${TRANSFERS}/${made.id}`)).json.transfer;
    const { auth_key: _, ...told } = made;
    assertEquals(shown, told);
    const early = await volumes.ask("member", "GET", "/os-volume-transfer/detail", undefined, null);
    assertEquals(Object.keys(early.json.transfers[0]).sort(), [
      "created_at",
      "id",
      "links",
      "name",
      "volume_id",
    ]);
    assertEquals((await volumes.ask("stranger", "GET", `${TRANSFERS}/${made.id}`)).status, 404);
    assertEquals((await volumes.ask("stranger", "GET", TRANSFERS)).json.transfers, []);
    assertEquals((await volumes.ask("member", "DELETE", `/volumes/${id}`)).status, 400);

    const wrong = await accept(volumes, made.id, "0123456789abcdef");
    assertEquals([wrong.status, messageOf(wrong)], [
      400,
      `Invalid auth key: Attempt to transfer ${made.id} with invalid auth key.`,
    ]);
    const accepted = await accept(volumes, made.id, made.auth_key);
    assertEquals([accepted.status, Object.keys(accepted.json.transfer).sort()], [
      202,
      ["id", "links", "name", "volume_id"],
    ]);
    assertEquals((await volumes.ask("member", "GET", `/volumes/${id}`)).status, 404);
    const volume = await volumes.show(id, "stranger");
    assertEquals([volume.status, volume["os-vol-tenant-attr:tenant_id"]], ["available", other]);
    assertEquals((await volumes.ask("stranger", "GET", `/snapshots/${snapshot}`)).status, 200);
    assertEquals((await accept(volumes, made.id, made.auth_key)).status, 404);
    const used = async (as: "member" | "stranger") =>
      (await volumes.ask(as, "GET", "/limits")).json.limits.absolute.totalGigabytesUsed;
    assertEquals([await used("member"), await used("stranger")], [0, 4]);
  }));

Deno.test("snapshots may stay behind", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const snapshot = await snapshotOf(volumes, id);
    const made = await offer(volumes, id, { no_snapshots: true });
    assertEquals((await accept(volumes, made.id, made.auth_key)).status, 202);
    assertEquals((await volumes.ask("member", "GET", `/snapshots/${snapshot}`)).status, 200);
    assertEquals((await volumes.ask("stranger", "GET", `/snapshots/${snapshot}`)).status, 404);
  }));

Deno.test("a transfer beyond the new project's quota leaves everything as it was", () =>
  withVolumes(async (volumes) => {
    const { other } = volumes.cloud.projectIds;
    const id = await volumes.create();
    await snapshotOf(volumes, id);
    const made = await offer(volumes, id);
    for (const quota of [{ volumes: 0 }, { volumes: 1, snapshots: 0 }, { gigabytes: 1 }]) {
      await volumes.ask("admin", "PUT", `/os-quota-sets/${other}`, { quota_set: quota });
      const over = await accept(volumes, made.id, made.auth_key);
      assertEquals(over.status, 413, over.text);
      assertEquals((await volumes.show(id)).status, "awaiting-transfer");
    }
  }));

Deno.test("an offer is taken back, and only free volumes are offered", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    const made = await offer(volumes, id);
    const again = await volumes.ask("member", "POST", TRANSFERS, { transfer: { volume_id: id } });
    assertEquals([again.status, messageOf(again)], [
      400,
      "Invalid volume: status must be available",
    ]);
    const path = `${TRANSFERS}/${made.id}`;
    assertEquals((await volumes.ask("reader", "DELETE", path)).status, 403);
    assertEquals((await volumes.ask("stranger", "DELETE", path)).status, 404);
    assertEquals((await volumes.ask("member", "DELETE", path)).status, 202);
    assertEquals((await volumes.ask("member", "DELETE", path)).status, 404);
    assertEquals((await volumes.show(id)).status, "available");
    for (
      const [as, transfer, status] of [
        ["reader", { volume_id: id }, 403],
        ["stranger", { volume_id: id }, 404],
        ["member", { volume_id: "x" }, 400],
        ["member", {}, 400],
        ["member", { volume_id: id, no_snapshots: "perhaps" }, 400],
      ] as const
    ) {
      const refused = await volumes.ask(as, "POST", TRANSFERS, { transfer });
      assertEquals(refused.status, status, refused.text);
    }
    const log = await Deno.readFile(`${volumes.cloud.folder}/chronova.db`);
    assert(!new TextDecoder("latin1").decode(log).includes(made.auth_key));
  }));
