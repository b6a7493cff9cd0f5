/** Volumes, snapshots and volume types by the command `openstack`, and servers that boot from them. */
import { assert, assertEquals } from "@std/assert";
import { assertHas, live } from "./life.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** From a first volume to servers that boot from copies of it. */
export async function volumes(scene: Scene): Promise<void> {
  await types(scene);
  await life(scene);
  await snapshots(scene);
  await backups(scene);
  await qualities(scene);
  await groups(scene);
  await services(scene);
  await transfers(scene);
  await limits(scene);
  await booting(scene);
}

async function types(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "volume type",
    name: "fast",
    create: "--description quick --property speed=high --private",
    is: { name: "fast", description: "quick", is_public: false, properties: { speed: "high" } },
    changes: [
      ["set --description quicker", { description: "quicker" }],
      ["set --property color=red", { properties: { speed: "high", color: "red" } }],
      ["unset --property speed", { properties: { color: "red" } }],
    ],
    meanwhile: async () => {
      await check("volume type set --project, unset --project", async () => {
        const mine = () => openstack.column("volume type list", "Name");
        assert(!(await mine()).includes("fast"));
        await openstack.run("volume type set --project demo fast", ADMIN);
        assert((await mine()).includes("fast"));
        await openstack.run("volume type unset --project demo fast", ADMIN);
        assert(!(await mine()).includes("fast"));
      });
    },
    by: ADMIN,
  });
  await check(
    "volume type create as a member",
    () => openstack.refused("volume type create mine", "403"),
  );
}

async function backups(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("volume backup create, show, list, restore, set, delete", async () => {
    const volume = await openstack.json("volume create --size 1 precious");
    await openstack.run("volume backup create --name safe precious");
    const { id } = await openstack.json("volume backup show safe");
    await openstack.run("volume backup create --name more --incremental precious");
    assertEquals(await openstack.column("volume backup list", "Name"), ["more", "safe"]);
    assertEquals(await openstack.column("volume backup list --name safe", "Status"), [
      "available",
    ]);
    await openstack.refused("volume backup delete safe", "Incremental backups exist");
    await openstack.run("volume backup restore safe copy");
    assertHas(await openstack.json("volume show copy"), { size: 1, status: "available" });
    await openstack.run(`volume backup set --state error ${id}`, ADMIN);
    assertEquals((await openstack.json("volume backup show safe")).status, "error");
    await openstack.run("volume backup delete more");
    await openstack.run("volume backup delete safe");
    await openstack.run(`volume delete copy ${volume.id}`);
  });
}

async function qualities(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("volume qos create, set, unset, associate, disassociate, delete", async () => {
    const run = (command: string) => openstack.run(command, ADMIN);
    const show = () => openstack.json("volume qos show quick", ADMIN);
    await run("volume qos create --consumer front-end --property size=1 quick");
    assertHas(await show(), { consumer: "front-end", properties: { size: "1" } });
    await run("volume qos set --property speed=2 quick");
    await run("volume qos unset --property size quick");
    assertHas(await show(), { properties: { speed: "2" } });
    await run("volume type create quickest");
    await run("volume qos associate quick quickest");
    assertHas(await show(), { associations: ["quickest"] });
    await openstack.refused("volume qos delete quick", "still in use", ADMIN);
    await run("volume qos disassociate --volume-type quickest quick");
    await run("volume qos delete quick");
    await run("volume type delete quickest");
  });
}

async function groups(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("volume group type create, volume group create, set, delete", async () => {
    const late = (command: string) => `--os-volume-api-version 3.62 volume group ${command}`;
    await openstack.run(late("type create together"), ADMIN);
    await openstack.run(
      late("create --volume-group-type together --volume-type __DEFAULT__ --name ours"),
    );
    assertHas(await openstack.json(late("show ours")), { Status: "available" });
    await openstack.run(late("set --description all ours"));
    assertEquals((await openstack.json(late("show ours"))).Description, "all");
    await openstack.run(late("delete ours"));
    await openstack.run(late("type delete together"), ADMIN);
  });
}

async function services(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("volume service list, set --disable, --enable", async () => {
    const host = "chronova@simulated";
    const status = () =>
      openstack.column("volume service list --service cinder-volume", "Status", ADMIN);
    assertEquals(await status(), ["enabled"]);
    const set = (how: string) =>
      openstack.run(`volume service set ${how} ${host} cinder-volume`, ADMIN);
    await set("--disable --disable-reason tired");
    assertEquals(await status(), ["disabled"]);
    await set("--enable");
    assertEquals(await status(), ["enabled"]);
    assertEquals(await openstack.column("volume backend pool list", "Name", ADMIN), [
      `${host}#simulated`,
    ]);
  });
}

async function life(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "volume",
    name: "data",
    create: "--size 1 --description mine --property a=1",
    is: { name: "data", size: 1, description: "mine", bootable: false, properties: { a: "1" } },
    changes: [
      ["set --description ours", { description: "ours" }],
      ["set --property b=2", { properties: { a: "1", b: "2" } }],
      ["unset --property a", { properties: { b: "2" } }],
      ["set --size 2", { size: 2 }],
      ["set --bootable", { bootable: true }],
      ["set --non-bootable", { bootable: false }],
      ["set --read-only", { status: "available" }],
      ["set --read-write", { status: "available" }],
      ["set --image-property os_distro=debian", {
        volume_image_metadata: { os_distro: "debian" },
      }],
    ],
    meanwhile: async (id) => {
      await check("volume set --name", async () => {
        await openstack.run(`volume set --name other ${id}`);
        assertEquals((await openstack.json("volume show other")).id, id);
        await openstack.run("volume set --name data other");
      });
      await check("volume set --size to less", async () => {
        await openstack.refused("volume set --size 1 data", "New size must be greater");
      });
      await check("volume unset --image-property", async () => {
        await openstack.run("volume unset --image-property os_distro data");
        assert(!("volume_image_metadata" in await openstack.json("volume show data")));
      });
      await check("volume set --state as admin", async () => {
        await openstack.run(`volume set --state error ${id}`, ADMIN);
        assertEquals((await openstack.json("volume show data")).status, "error");
        await openstack.run(`volume set --state available ${id}`, ADMIN);
        await openstack.refused(`volume set --state error ${id}`, "403");
      });
      await check("volume set --type", async () => {
        await openstack.run("volume type create slow", ADMIN);
        await openstack.run("volume set --type slow data");
        assertEquals((await openstack.json("volume show data")).type, "slow");
        await openstack.run("volume set --type __DEFAULT__ data");
        await openstack.run("volume type delete slow", ADMIN);
      });
      await check("volume migrate to where it is", () =>
        openstack.refused(
          `volume migrate --host chronova@simulated#simulated ${id}`,
          "destination host/cluster must be different",
          ADMIN,
        ));
      await copies(scene);
    },
  });
  await check("volume create beyond what there may be", async () => {
    await openstack.refused("volume create --size 100000 huge", "quota");
    await openstack.refused("volume create --size 1 --type nothing huge", "nothing");
    await openstack.refused("volume create --size 1 --image nothing huge", "nothing");
  });
  await check("volume list --name, --status, --long, --all-projects", async () => {
    await openstack.run("volume create --size 1 one");
    await openstack.run("volume create --size 1 two");
    assertEquals(await openstack.column("volume list", "Name"), ["one", "two"]);
    assertEquals(await openstack.column("volume list --name two", "Name"), ["two"]);
    assertEquals(await openstack.column("volume list --status error", "Name"), []);
    assertEquals(await openstack.column("volume list --long", "Type"), [
      "__DEFAULT__",
      "__DEFAULT__",
    ]);
    assertEquals(await openstack.column("volume list", "Name", ADMIN), []);
    assertEquals(await openstack.column("volume list --all-projects", "Name", ADMIN), [
      "one",
      "two",
    ]);
  });
  await check("volume delete --force", async () => {
    const { id } = await openstack.json("volume show one");
    await openstack.run(`volume set --state maintenance ${id}`, ADMIN);
    await openstack.refused("volume delete one", "400");
    await openstack.run(`volume delete --force ${id}`, ADMIN);
    await openstack.run("volume delete two");
    assertEquals(await openstack.column("volume list", "Name"), []);
  });
}

/** A volume made of another, and an image made of a volume. */
async function copies({ openstack, check }: Scene): Promise<void> {
  await check("volume create --source", async () => {
    const { id } = await openstack.json("volume show data");
    const copy = await openstack.json("volume create --source data copy");
    assertHas(copy, { size: 2, source_volid: id });
    await openstack.run("volume delete copy");
  });
  await check("image create --volume", async () => {
    await openstack.run("image create --volume data disk");
    await openstack.until("image show disk", ({ status }: Json) => status === "active");
    assertEquals((await openstack.json("image show disk")).disk_format, "raw");
    await openstack.until("volume show data", ({ status }: Json) => status === "available");
    await openstack.run("volume create --image disk --size 1 copy");
    assertHas(await openstack.json("volume show copy"), { bootable: true });
    await openstack.run("volume delete copy");
    await openstack.run("image delete disk");
  });
}

async function snapshots(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await openstack.run("volume create --size 1 data");
  await live(scene, {
    noun: "volume snapshot",
    name: "snap",
    create: "--volume data --description mine --property a=1",
    is: { name: "snap", size: 1, description: "mine", properties: { a: "1" } },
    changes: [
      ["set --description ours", { description: "ours" }],
      ["set --property b=2", { properties: { a: "1", b: "2" } }],
      ["unset --property a", { properties: { b: "2" } }],
    ],
    meanwhile: async (id) => {
      await check("volume create --snapshot", async () => {
        const copy = await openstack.json("volume create --snapshot snap copy");
        assertHas(copy, { size: 1, snapshot_id: id });
        await openstack.run("volume delete copy");
      });
      await check("volume snapshot list --volume, --status", async () => {
        assertEquals(await openstack.column("volume snapshot list --volume data", "ID"), [id]);
        assertEquals(await openstack.column("volume snapshot list --status error", "ID"), []);
      });
      await check("volume snapshot set --state as admin", async () => {
        await openstack.run(`volume snapshot set --state error ${id}`, ADMIN);
        assertEquals((await openstack.json("volume snapshot show snap")).status, "error");
        await openstack.run(`volume snapshot set --state available ${id}`, ADMIN);
      });
      await check(
        "volume delete of a volume that has snapshots",
        () => openstack.refused("volume delete data", "have snapshots"),
      );
    },
  });
  await check("volume delete --purge", async () => {
    await openstack.run("volume snapshot create --volume data snap");
    await openstack.run("volume delete --purge data");
    assertEquals(await openstack.column("volume snapshot list", "ID"), []);
  });
}

/** A volume that goes to another project. */
async function transfers({ openstack, check }: Scene): Promise<void> {
  await openstack.run("volume create --size 1 gift");
  const { id: volume } = await openstack.json("volume show gift");
  let request: Json;
  await check("volume transfer request create, list, show", async () => {
    request = await openstack.json("volume transfer request create --name please gift");
    assertHas(request, { name: "please", volume_id: volume });
    assertEquals((await openstack.json("volume show gift")).status, "awaiting-transfer");
    assertEquals(await openstack.column("volume transfer request list", "ID"), [request.id]);
    assertHas(await openstack.json("volume transfer request show please"), { id: request.id });
  });
  await check("volume transfer request accept", async () => {
    const accept = `volume transfer request accept ${request.id}`;
    await openstack.refused(`${accept} --auth-key wrong`, "invalid auth key", ADMIN);
    await openstack.run(`${accept} --auth-key ${request.auth_key}`, ADMIN);
    assertEquals(await openstack.column("volume list", "Name"), []);
    assertEquals(await openstack.column("volume list", "Name", ADMIN), ["gift"]);
    assertEquals(await openstack.column("volume transfer request list", "ID"), []);
  });
  await check("volume transfer request delete", async () => {
    const { id } = await openstack.json("volume transfer request create gift", ADMIN);
    await openstack.run(`volume transfer request delete ${id}`, ADMIN);
    assertEquals((await openstack.json("volume show gift", ADMIN)).status, "available");
    await openstack.run("volume delete gift", ADMIN);
  });
}

async function limits({ openstack, check }: Scene): Promise<void> {
  const limitOf = async (options: string) => {
    const rows: Json[] = await openstack.json(`quota show --volume ${options}`, ADMIN);
    return rows.find(({ Resource }) => Resource === "volumes").Limit;
  };
  await check("quota set --volumes, --class", async () => {
    await openstack.run("quota set --volumes 3 demo", ADMIN);
    assertEquals(await limitOf("demo"), 3);
    await openstack.run("quota set --class --volumes 20 default", ADMIN);
    assertEquals(await limitOf("admin"), 20);
    assertEquals(await limitOf("demo"), 3);
    await openstack.run("quota set --volumes 20 demo", ADMIN);
  });
  await check("volume service list", async () => {
    assertEquals(await openstack.column("volume service list", "Binary", ADMIN), [
      "cinder-backup",
      "cinder-scheduler",
      "cinder-volume",
    ]);
    await openstack.refused("volume service list", "403");
  });
}

/** Servers that boot from volumes, and from what is made of those. */
async function booting({ openstack, check }: Scene): Promise<void> {
  const rest = "--flavor m1.tiny --network private --wait";
  const volumesOf = (server: string) => openstack.json(`server volume list ${server}`);
  await check("server create --boot-from-volume", async () => {
    await openstack.run(`server create --image cirros --boot-from-volume 1 ${rest} made`);
    const [root] = await volumesOf("made");
    assertHas(root, { Device: "/dev/vda" });
    assertHas(await openstack.json(`volume show ${root["Volume ID"]}`), {
      status: "in-use",
      bootable: true,
    });
    assertEquals((await openstack.json("server show made")).image, "N/A (booted from volume)");
  });
  await check("server create --volume", async () => {
    await openstack.run("volume create --image cirros --size 1 root");
    await openstack.run(`server create --volume root ${rest} there`);
    const { id } = await openstack.json("volume show root");
    assertEquals((await volumesOf("there"))[0]["Volume ID"], id);
    await openstack.refused(`server create --volume root ${rest} twice`, "400");
  });
  await check("server create --snapshot", async () => {
    // Before 3.66 it takes force, which the client does not send to a service that knows 3.66.
    await openstack.run("--os-volume-api-version 3.66 volume snapshot create --volume root snap");
    const { id } = await openstack.json("volume snapshot show snap");
    await openstack.run(`server create --snapshot snap ${rest} copy`);
    const [root] = await volumesOf("copy");
    const { snapshot_id } = await openstack.json(`volume show ${root["Volume ID"]}`);
    assertEquals(snapshot_id, id);
  });
  await check("server create --block-device", async () => {
    const devices = "--block-device source_type=blank,destination_type=volume,volume_size=1";
    await openstack.run(`server create --image cirros ${devices} ${rest} more`);
    assertEquals((await volumesOf("more")).map(({ Device }: Json) => Device), ["/dev/vdb"]);
  });
  await check("server image create of a server that boots from a volume", async () => {
    await openstack.run("server image create --name golden there");
    const { size, status, properties } = await openstack.json("image show golden");
    assertEquals([size, status, properties.root_device_name], [0, "active", "/dev/vda"]);
    const names = await openstack.column("volume snapshot list", "Name");
    assertEquals(names, ["snap", "snapshot for golden"]);
  });
  await check("server create --image of a server that boots from a volume", async () => {
    await openstack.run(`server create --image golden ${rest} again`);
    const [root] = await volumesOf("again");
    const { snapshot_id, status } = await openstack.json(`volume show ${root["Volume ID"]}`);
    const { name } = await openstack.json(`volume snapshot show ${snapshot_id}`);
    assertEquals([name, status], ["snapshot for golden", "in-use"]);
  });
  await check("server shelve, server unshelve of a server with a volume", async () => {
    await openstack.run("server shelve --offload --wait there");
    await openstack.until("volume show root", ({ status }: Json) => status === "reserved");
    await openstack.run("server unshelve --wait there");
    await openstack.until("volume show root", ({ status }: Json) => status === "in-use");
  });
  await check("server delete gives volumes back", async () => {
    await openstack.run("server delete --wait made there copy more again");
    await openstack.until("volume show root", ({ status }: Json) => status === "available");
  });
}
