/** QoS specs of volume types, and how their volumes are encrypted. */
import { assertEquals } from "@std/assert";
import { messageOf, type Volumes, withVolumes } from "./volumes_kit_test.ts";

const QOS = "/qos-specs";

async function makeSpecs(volumes: Volumes, qos_specs: object) {
  const made = await volumes.ask("admin", "POST", QOS, { qos_specs });
  assertEquals(made.status, 200, made.text);
  return made.json.qos_specs;
}

async function makeType(volumes: Volumes, name: string): Promise<string> {
  const made = await volumes.ask("admin", "POST", "/types", { volume_type: { name } });
  return made.json.volume_type.id;
}

Deno.test("QoS specs are made, changed, listed and deleted", () =>
  withVolumes(async (volumes) => {
    const made = await makeSpecs(volumes, {
      name: " quick ",
      consumer: "front-end",
      read_iops_sec: "20000",
    });
    const { id } = made;
    assertEquals(made, {
      id,
      name: "quick",
      consumer: "front-end",
      specs: { read_iops_sec: "20000" },
    });
    const other = await makeSpecs(volumes, { name: "other" });
    assertEquals([other.consumer, other.specs], ["back-end", {}]);
    const shown = await volumes.ask("admin", "GET", `${QOS}/${id}`);
    assertEquals([shown.status, shown.json.qos_specs], [200, made]);

    const page = await volumes.ask("admin", "GET", `${QOS}?limit=1`);
    assertEquals(page.json.qos_specs, [other]);
    const next = new URL(page.json.qos_specs_links[0].href);
    assertEquals(next.searchParams.get("marker"), other.id);
    const rest = await volumes.ask("admin", "GET", `${QOS}?marker=${other.id}`);
    assertEquals(rest.json, { qos_specs: [made] });
    const named = await volumes.ask("admin", "GET", `${QOS}?name=other`);
    assertEquals(named.json.qos_specs, [other]);

    const wish = { qos_specs: { consumer: "back-end", write_iops_sec: "7", read_iops_sec: "8" } };
    const changed = await volumes.ask("admin", "PUT", `${QOS}/${id}`, wish);
    assertEquals([changed.status, changed.json], [200, wish]);
    const keys = await volumes.ask("admin", "PUT", `${QOS}/${id}/delete_keys`, {
      keys: ["read_iops_sec"],
    });
    assertEquals(keys.status, 202, keys.text);
    assertEquals((await volumes.ask("admin", "GET", `${QOS}/${id}`)).json.qos_specs, {
      ...made,
      consumer: "back-end",
      specs: { write_iops_sec: "7" },
    });
    assertEquals((await volumes.ask("admin", "DELETE", `${QOS}/${id}`)).status, 202);
    const gone = await volumes.ask("admin", "GET", `${QOS}/${id}`);
    assertEquals([gone.status, messageOf(gone)], [404, `No such QoS spec ${id}.`]);
  }));

Deno.test("QoS specs hold for types until they are released", () =>
  withVolumes(async (volumes) => {
    const { id } = await makeSpecs(volumes, { name: "quick" });
    const other = await makeSpecs(volumes, { name: "other" });
    const type = await makeType(volumes, "fast");
    const ask = (path: string) => volumes.ask("admin", "GET", `${QOS}/${path}`);
    const held = async () => (await ask(`${id}/associations`)).json.qos_associations;
    assertEquals((await ask(`${id}/associate?vol_type_id=${type}`)).status, 202);
    assertEquals((await ask(`${id}/associate?vol_type_id=${type}`)).status, 202);
    assertEquals(await held(), [{ association_type: "volume_type", name: "fast", id: type }]);
    const seen = (await volumes.ask("admin", "GET", `/types/${type}`)).json.volume_type;
    assertEquals(seen.qos_specs_id, id);
    const twice = await ask(`${other.id}/associate?vol_type_id=${type}`);
    assertEquals([twice.status, messageOf(twice)], [
      400,
      `Invalid volume type: Type ${type} is already associated with another qos specs: ${id}`,
    ]);
    const inUse = await volumes.ask("admin", "DELETE", `${QOS}/${id}`);
    assertEquals([inUse.status, messageOf(inUse)], [400, "Qos specs still in use."]);
    assertEquals((await ask(`${id}/disassociate?vol_type_id=${type}`)).status, 202);
    assertEquals(await held(), []);
    await ask(`${id}/associate?vol_type_id=${type}`);
    assertEquals((await ask(`${id}/disassociate_all`)).status, 202);
    assertEquals(await held(), []);
    await ask(`${id}/associate?vol_type_id=${type}`);
    assertEquals((await volumes.ask("admin", "DELETE", `${QOS}/${id}?force=true`)).status, 202);
    const after = (await volumes.ask("admin", "GET", `/types/${type}`)).json.volume_type;
    assertEquals(after.qos_specs_id, null);
  }));

Deno.test("QoS specs that cannot be are refused", () =>
  withVolumes(async (volumes) => {
    const { id } = await makeSpecs(volumes, { name: "quick" });
    for (
      const [method, path, body, status, message] of [
        ["POST", QOS, { qos_specs: { name: "quick" } }, 409, "QoS Specs quick already exists."],
        [
          "POST",
          QOS,
          { qos_specs: { name: " " } },
          400,
          "An invalid 'name' value was provided. The 'name' can not be empty.",
        ],
        ["POST", QOS, { qos_specs: { name: "x", consumer: "nobody" } }, 400, undefined],
        ["POST", QOS, { qos_specs: { name: "x", size: 7 } }, 400, undefined],
        ["POST", QOS, { qos_specs: {} }, 400, undefined],
        ["POST", QOS, {}, 400, undefined],
        ["PUT", `${QOS}/${id}`, { qos_specs: { consumer: "nobody" } }, 400, undefined],
        ["PUT", `${QOS}/${id}`, { qos_specs: { "§": "x" } }, 400, undefined],
        ["PUT", `${QOS}/nothing`, { qos_specs: { a: "b" } }, 404, "No such QoS spec nothing."],
        [
          "PUT",
          `${QOS}/${id}/delete_keys`,
          { keys: ["size"] },
          404,
          `QoS spec ${id} has no spec with key size.`,
        ],
        ["PUT", `${QOS}/${id}/delete_keys`, { keys: "size" }, 400, undefined],
        ["GET", `${QOS}/${id}/associate`, undefined, 400, "Volume Type id must not be None."],
        [
          "GET",
          `${QOS}/${id}/associate?vol_type_id=nothing`,
          undefined,
          404,
          "Volume type nothing could not be found.",
        ],
        ["GET", `${QOS}?marker=nothing`, undefined, 404, "No such QoS spec nothing."],
        ["GET", `${QOS}?limit=x`, undefined, 400, "limit param must be an integer"],
      ] as const
    ) {
      const answered = await volumes.ask("admin", method, path, body);
      assertEquals(answered.status, status, answered.text);
      if (message) assertEquals(messageOf(answered), message);
    }
    for (const [method, path] of [["GET", QOS], ["DELETE", `${QOS}/${id}`]] as const) {
      assertEquals((await volumes.ask("member", method, path)).status, 403);
    }
    const member = await volumes.ask("member", "POST", QOS, { qos_specs: { name: "mine" } });
    assertEquals(member.status, 403);
  }));

Deno.test("volumes of an encrypted type are encrypted", () =>
  withVolumes(async (volumes) => {
    const type = await makeType(volumes, "sealed");
    const path = `/types/${type}/encryption`;
    const none = await volumes.ask("admin", "GET", path);
    assertEquals([none.status, none.json], [200, {}]);
    const given = {
      provider: "luks",
      control_location: "front-end",
      cipher: "aes-xts-plain64",
      key_size: "256",
    };
    const made = await volumes.ask("admin", "POST", path, { encryption: given });
    assertEquals(made.status, 200, made.text);
    const { encryption_id: id, ...told } = made.json.encryption;
    assertEquals(told, { ...given, key_size: 256, volume_type_id: type });
    const again = await volumes.ask("admin", "POST", path, { encryption: given });
    assertEquals([again.status, messageOf(again)], [
      400,
      `Volume type encryption for type ${type} already exists.`,
    ]);
    const changed = await volumes.ask("admin", "PUT", `${path}/${id}`, {
      encryption: { control_location: "back-end" },
    });
    assertEquals([changed.status, changed.json], [
      200,
      { encryption: { control_location: "back-end" } },
    ]);
    const shown = (await volumes.ask("admin", "GET", path)).json;
    assertEquals(
      [shown.encryption_id, shown.control_location, shown.cipher, shown.key_size],
      [id, "back-end", "aes-xts-plain64", 256],
    );
    const cipher = await volumes.ask("admin", "GET", `${path}/cipher`);
    assertEquals(cipher.json, { cipher: "aes-xts-plain64" });
    assertEquals((await volumes.ask("admin", "GET", `${path}/colour`)).status, 404);
    assertEquals((await volumes.ask("member", "GET", path)).status, 403);

    const volume = await volumes.create({ volume_type: type });
    assertEquals((await volumes.show(volume)).encrypted, true);
    assertEquals((await volumes.show(await volumes.create())).encrypted, false);
    const busy = await volumes.ask("admin", "DELETE", `${path}/${id}`);
    assertEquals([busy.status, messageOf(busy)], [
      400,
      "Cannot delete encryption specs. Volume type in use.",
    ]);
    await volumes.ask("member", "DELETE", `/volumes/${volume}`);
    assertEquals((await volumes.ask("admin", "DELETE", `${path}/${id}`)).status, 202);
    assertEquals((await volumes.ask("admin", "DELETE", `${path}/${id}`)).status, 404);
    for (
      const encryption of [
        { provider: "luks" },
        { ...given, control_location: "nowhere" },
        { ...given, key_size: "many" },
        { ...given, key_size: -1 },
      ]
    ) {
      assertEquals((await volumes.ask("admin", "POST", path, { encryption })).status, 400);
    }
  }));
