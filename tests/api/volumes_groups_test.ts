/** Projects' default types, group types, groups of volumes and their snapshots. */
import { assertEquals } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

async function defaultTypeId(volumes: Volumes): Promise<string> {
  return (await volumes.ask("admin", "GET", "/types/default")).json.volume_type.id;
}

async function makeGroupType(volumes: Volumes, group_type: object = {}): Promise<string> {
  const body = { group_type: { name: "together", ...group_type } };
  const made = await volumes.ask("admin", "POST", "/group_types", body);
  assertEquals(made.status, 202, made.text);
  return made.json.group_type.id;
}

async function makeGroup(volumes: Volumes, group: object = {}): Promise<string> {
  const types = (await volumes.ask("admin", "GET", "/group_types")).json.group_types;
  const group_type = types[0]?.id ?? await makeGroupType(volumes);
  const volume_types = [await defaultTypeId(volumes)];
  const body = { group: { name: "ours", group_type, volume_types, ...group } };
  const made = await volumes.ask("member", "POST", "/groups", body);
  assertEquals(made.status, 202, made.text);
  assertEquals(Object.keys(made.json.group), ["id", "name"]);
  return made.json.group.id;
}

async function showGroup(volumes: Volumes, id: string) {
  return (await volumes.ask("member", "GET", `/groups/${id}?list_volume=true`)).json.group;
}

Deno.test("a project's default type is what its volumes are of", () =>
  withVolumes(async (volumes) => {
    const { demo } = volumes.cloud.projectIds;
    const path = `/default-types/${demo}`;
    const made = await volumes.ask("admin", "POST", "/types", { volume_type: { name: "ours" } });
    const type = made.json.volume_type.id;
    const none = await volumes.ask("admin", "GET", path);
    assertEquals([none.status, messageOf(none)], [
      404,
      `Default type for project ${demo} not found.`,
    ]);
    const body = { default_type: { volume_type: "ours" } };
    const set = await volumes.ask("admin", "PUT", path, body);
    const shown = { project_id: demo, volume_type_id: type };
    assertEquals([set.status, set.json], [200, { default_type: shown }]);
    assertEquals((await volumes.ask("admin", "GET", path)).json, { default_type: shown });
    const all = await volumes.ask("admin", "GET", "/default-types");
    assertEquals(all.json, { default_types: [shown] });
    const volume = await volumes.create();
    assertEquals((await volumes.show(volume)).volume_type, "ours");
    const mine = await volumes.ask("member", "GET", "/types/default");
    assertEquals(mine.json.volume_type.id, type);
    await volumes.ask("member", "DELETE", `/volumes/${volume}`);
    const busy = await volumes.ask("admin", "DELETE", `/types/${type}`);
    assertEquals([busy.status, messageOf(busy)], [
      400,
      `The volume type ${type} is a default volume type and cannot be deleted.`,
    ]);
    assertEquals((await volumes.ask("admin", "DELETE", path)).status, 204);
    assertEquals((await volumes.ask("admin", "DELETE", `/types/${type}`)).status, 202);

    const unknown = await volumes.ask("admin", "PUT", "/default-types/nobody", body);
    assertEquals([unknown.status, messageOf(unknown)], [
      404,
      "Project with id nobody not found.",
    ]);
    const noType = await volumes.ask("admin", "PUT", path, body);
    assertEquals([noType.status, messageOf(noType)], [
      400,
      "Volume type with name ours could not be found.",
    ]);
    assertEquals((await volumes.ask("admin", "PUT", path, { default_type: {} })).status, 400);
    assertEquals((await volumes.ask("member", "GET", path)).status, 403);
    assertEquals((await volumes.ask("admin", "GET", path, undefined, "3.61")).status, 404);
  }));

Deno.test("group types and their specs", () =>
  withVolumes(async (volumes) => {
    const id = await makeGroupType(volumes, { group_specs: { a: "1" } });
    const path = `/group_types/${id}`;
    const show = async () => (await volumes.ask("admin", "GET", path)).json.group_type;
    assertEquals(await show(), {
      id,
      name: "together",
      description: null,
      is_public: true,
      group_specs: { a: "1" },
    });
    const seen = await volumes.ask("member", "GET", path);
    assertEquals(Object.keys(seen.json.group_type), ["id", "name", "description", "is_public"]);
    const specs = { group_specs: { foo: "bar" } };
    const added = await volumes.ask("admin", "POST", `${path}/group_specs`, specs);
    assertEquals([added.status, added.json], [202, specs]);
    const put = await volumes.ask("admin", "PUT", `${path}/group_specs/foo`, { foo: "baz" });
    assertEquals([put.status, put.json], [200, { foo: "baz" }]);
    const one = await volumes.ask("admin", "GET", `${path}/group_specs/foo`);
    assertEquals(one.json, { foo: "baz" });
    assertEquals((await volumes.ask("admin", "DELETE", `${path}/group_specs/a`)).status, 202);
    const all = await volumes.ask("admin", "GET", `${path}/group_specs`);
    assertEquals(all.json, { group_specs: { foo: "baz" } });
    const noSpec = await volumes.ask("admin", "DELETE", `${path}/group_specs/a`);
    assertEquals([noSpec.status, messageOf(noSpec)], [
      404,
      `Group Type ${id} has no specs with key a.`,
    ]);
    const changed = await volumes.ask("admin", "PUT", path, {
      group_type: { name: "new", description: "why", is_public: false },
    });
    assertEquals([changed.status, changed.json.group_type.name], [200, "new"]);
    assertEquals((await volumes.ask("member", "GET", path)).status, 404);
    assertEquals((await volumes.ask("member", "GET", "/group_types")).json.group_types, []);
    const hidden = await volumes.ask("admin", "GET", "/group_types?is_public=None");
    assertEquals(hidden.json.group_types.length, 1);
    for (
      const [method, at, body, status] of [
        ["POST", "/group_types", { group_type: { name: "new" } }, 409],
        ["POST", "/group_types", { group_type: {} }, 400],
        ["PUT", path, { group_type: { name: " " } }, 400],
        ["PUT", path, { group_type: {} }, 400],
        ["PUT", `${path}/group_specs/foo`, { bar: "x" }, 400],
        ["GET", "/group_types/nothing", undefined, 404],
        ["GET", "/group_types/default", undefined, 404],
        ["DELETE", "/group_types/nothing", undefined, 404],
      ] as const
    ) {
      const refused = await volumes.ask("admin", method, at, body);
      assertEquals(refused.status, status, refused.text);
    }
    assertEquals((await volumes.ask("member", "DELETE", path)).status, 403);
    assertEquals((await volumes.ask("admin", "DELETE", path)).status, 202);
    assertEquals((await volumes.ask("admin", "GET", path)).status, 404);
  }));

Deno.test("a group is volumes that belong together", () =>
  withVolumes(async (volumes) => {
    const id = await makeGroup(volumes);
    const type = await defaultTypeId(volumes);
    const volume = await volumes.create({ group_id: id, volume_type: type });
    assertEquals((await volumes.show(volume)).group_id, id);
    const other = await volumes.create();
    const shown = await showGroup(volumes, id);
    assertEquals(
      [shown.status, shown.availability_zone, shown.volume_types, shown.volumes],
      ["available", "nova", [type], [volume]],
    );
    const put = await volumes.ask("member", "PUT", `/groups/${id}`, {
      group: { name: "theirs", add_volumes: other, remove_volumes: volume },
    });
    assertEquals(put.status, 202, put.text);
    const changed = await showGroup(volumes, id);
    assertEquals([changed.name, changed.volumes], ["theirs", [other]]);
    assertEquals((await volumes.show(volume)).group_id, null);
    const listed = await volumes.ask("member", "GET", "/groups/detail?name=theirs");
    assertEquals(listed.json.groups.map((group: { id: string }) => group.id), [id]);
    const brief = await volumes.ask("member", "GET", "/groups?list_volume=true");
    assertEquals(brief.json.groups, [{ id, name: "theirs" }]);
    assertEquals((await volumes.ask("stranger", "GET", `/groups/${id}`)).status, 404);
    assertEquals((await volumes.ask("stranger", "GET", "/groups")).json.groups, []);

    const single = await volumes.ask("member", "DELETE", `/volumes/${other}`);
    assertEquals(single.status, 400);
    const action = (body: object, as: "member" | "admin" | "reader" = "member") =>
      volumes.ask(as, "POST", `/groups/${id}/action`, body);
    const full = await action({ delete: {} });
    assertEquals([full.status, messageOf(full)], [
      400,
      `Invalid Group: Group ${id} still contains volumes. The delete-volumes flag is required to ` +
      "delete it.",
    ]);
    assertEquals((await action({ reset_status: { status: "error" } })).status, 403);
    assertEquals((await action({ reset_status: { status: "odd" } }, "admin")).status, 400);
    assertEquals((await action({ reset_status: { status: "error" } }, "admin")).status, 202);
    assertEquals((await showGroup(volumes, id)).status, "error");
    assertEquals((await action({ dance: {} })).status, 400);
    assertEquals((await action({ delete: {} }, "reader")).status, 403);
    const busy = await volumes.ask("admin", "DELETE", "/group_types/nothing");
    assertEquals(busy.status, 404);
    assertEquals((await action({ delete: { "delete-volumes": true } })).status, 202);
    assertEquals((await volumes.ask("member", "GET", `/groups/${id}`)).status, 404);
    assertEquals((await volumes.ask("member", "GET", `/volumes/${other}`)).status, 404);
    assertEquals((await volumes.ask("member", "GET", `/volumes/${volume}`)).status, 200);
  }));

Deno.test("groups refuse what does not belong", () =>
  withVolumes(async (volumes) => {
    const id = await makeGroup(volumes);
    const type = await defaultTypeId(volumes);
    const volume = await volumes.create();
    const rare = await volumes.ask("admin", "POST", "/types", { volume_type: { name: "rare" } });
    const odd = await volumes.create({ volume_type: rare.json.volume_type.id });
    const cannot = `Invalid volume: Cannot add volume`;
    for (
      const [group, message] of [
        [{ add_volumes: volume, remove_volumes: volume }, undefined],
        [{ add_volumes: "x" }, `${cannot} x to group ${id} because volume cannot be found.`],
        [
          { add_volumes: odd },
          `${cannot} ${odd} to group ${id} because volume type ${rare.json.volume_type.id} is not ` +
          "supported by the group.",
        ],
        [
          { remove_volumes: volume },
          `Invalid volume: Cannot remove volume ${volume} from group ${id} because it is not in ` +
          "the group.",
        ],
        [{ name: "ours" }, undefined],
        [{}, undefined],
      ] as const
    ) {
      const refused = await volumes.ask("member", "PUT", `/groups/${id}`, { group });
      assertEquals(refused.status, 400, refused.text);
      if (message) assertEquals(messageOf(refused), message);
    }
    const untyped = await volumes.ask("member", "POST", "/volumes", {
      volume: { size: 1, group_id: id },
    });
    assertEquals([untyped.status, messageOf(untyped)], [
      400,
      "Invalid input received: volume_type must be provided when creating a volume in a group.",
    ]);
    const nowhere = await volumes.ask("member", "POST", "/volumes", {
      volume: { size: 1, group_id: odd, volume_type: type },
    });
    assertEquals([nowhere.status, messageOf(nowhere)], [404, `Group ${odd} could not be found.`]);
    const { demo } = volumes.cloud.projectIds;
    await volumes.ask("admin", "PUT", `/os-quota-sets/${demo}`, { quota_set: { groups: 1 } });
    const usage = await volumes.ask("admin", "GET", `/os-quota-sets/${demo}?usage=true`);
    assertEquals(usage.json.quota_set.groups, { limit: 1, in_use: 1, reserved: 0 });
    const group = { group_type: "together", volume_types: [type] };
    for (
      const [asked, status] of [
        [group, 413],
        [{ ...group, group_type: "nothing" }, 404],
        [{ ...group, volume_types: ["nothing"] }, 404],
        [{ ...group, volume_types: [] }, 400],
        [{ ...group, availability_zone: "moon" }, 400],
      ] as const
    ) {
      const refused = await volumes.ask("member", "POST", "/groups", { group: asked });
      assertEquals(refused.status, status, refused.text);
    }
  }));

Deno.test("a group's snapshot is one of each of its volumes, and makes another group", () =>
  withVolumes(async (volumes) => {
    const id = await makeGroup(volumes);
    const volume_type = await defaultTypeId(volumes);
    for (const size of [1, 2]) await volumes.create({ size, group_id: id, volume_type });
    const made = await volumes.ask("member", "POST", "/group_snapshots", {
      group_snapshot: { group_id: id, name: "then" },
    });
    assertEquals(made.status, 202, made.text);
    const snapshot = made.json.group_snapshot.id;
    const shown = await volumes.ask("member", "GET", `/group_snapshots/${snapshot}`);
    assertEquals(
      [shown.json.group_snapshot.status, shown.json.group_snapshot.group_id],
      ["available", id],
    );
    const listed = await volumes.ask("member", "GET", "/group_snapshots/detail?name=then");
    assertEquals(listed.json.group_snapshots, [shown.json.group_snapshot]);
    const parts = (await volumes.ask("member", "GET", "/snapshots/detail")).json.snapshots;
    assertEquals(
      parts.map((part: Record<string, unknown>) => [part["size"], part["group_snapshot_id"]]),
      [[2, snapshot], [1, snapshot]],
    );
    assertEquals((await volumes.ask("member", "DELETE", `/snapshots/${parts[0].id}`)).status, 400);

    const remove = (group: string) =>
      volumes.ask("member", "POST", `/groups/${group}/action`, {
        delete: { "delete-volumes": true },
      });
    const busy = await remove(id);
    assertEquals([busy.status, messageOf(busy)], [
      400,
      "Invalid Group: Group has existing snapshots.",
    ]);
    for (
      const [source, from] of [
        [{ group_snapshot_id: snapshot }, [snapshot, null]],
        [{ source_group_id: id }, [null, id]],
      ] as const
    ) {
      const body = { "create-from-src": { name: "again", ...source } };
      const again = await volumes.ask("member", "POST", "/groups/action", body);
      assertEquals(again.status, 202, again.text);
      const group = await showGroup(volumes, again.json.group.id);
      assertEquals([group.group_snapshot_id, group.source_group_id], from);
      assertEquals(group.volumes.length, 2);
      assertEquals((await remove(group.id)).status, 202);
    }
    const unclear = { "create-from-src": { group_snapshot_id: snapshot, source_group_id: id } };
    assertEquals((await volumes.ask("member", "POST", "/groups/action", unclear)).status, 400);
    const path = `/group_snapshots/${snapshot}`;
    const reset = { reset_status: { status: "error" } };
    assertEquals((await volumes.ask("member", "POST", `${path}/action`, reset)).status, 403);
    assertEquals((await volumes.ask("admin", "POST", `${path}/action`, reset)).status, 202);
    assertEquals((await volumes.ask("stranger", "DELETE", path)).status, 404);
    assertEquals((await volumes.ask("member", "DELETE", path)).status, 202);
    assertEquals((await volumes.ask("member", "GET", path)).status, 404);
    assertEquals((await volumes.ask("member", "GET", "/snapshots")).json.snapshots, []);
    assertEquals((await remove(id)).status, 202);
  }));
