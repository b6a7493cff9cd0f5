/** What `openstack server create` may be told. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { assertHas } from "./life.ts";
import { becomes, BOOT, boot, hostOf, made } from "./machine.ts";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** One server: options of `create`, and what `show` then tells of it, among others. */
type Row = readonly [options: string, is: Json, microversion?: string];

const ROWS: readonly Row[] = [
  ["--property a=1 --property 'b=two words'", { properties: { a: "1", b: "two words" } }],
  ["--description words", { description: "words" }],
  ["--tag red --tag blue", { tags: ["blue", "red"] }],
  ["--hostname own-name", { "OS-EXT-SRV-ATTR:hostname": "own-name" }],
  ["--hostname own.example.org", { "OS-EXT-SRV-ATTR:hostname": "own.example.org" }, "2.94"],
  ["--use-config-drive", { config_drive: "True" }],
  ["--no-config-drive", { config_drive: "" }],
  ["--hint different_host=2bb1b4ba-0b5c-4ae2-96ae-9d29b9bd1c6a", {
    scheduler_hints: { different_host: ["2bb1b4ba-0b5c-4ae2-96ae-9d29b9bd1c6a"] },
  }],
  ["--host compute-3", { "OS-EXT-SRV-ATTR:host": "compute-3" }],
  ["--hypervisor-hostname compute-2", { "OS-EXT-SRV-ATTR:host": "compute-2" }],
  ["--availability-zone nova", {
    "OS-EXT-AZ:availability_zone": "nova",
    pinned_availability_zone: "nova",
  }],
  ["--property a=1", { properties: { a: "1" }, description: null }, "2.1"],
];

export async function creation(scene: Scene): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-creation-" });
  try {
    await scene.openstack.run("quota set --instances 30 --cores 30 admin", ADMIN);
    for (const row of ROWS) await create(scene, row);
    await secrets(scene, folder);
    await files(scene, folder);
    await networks(scene);
    await several(scene);
    await refusals(scene);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function create({ openstack, check }: Scene, row: Row): Promise<void> {
  const [options, is, microversion] = row;
  await check(`server create ${options}`, async () => {
    const by = { ...ADMIN, microversion };
    const { id } = await openstack.json(`server create ${BOOT} ${options} one`, by);
    const shown = await openstack.until(
      `server show ${id}`,
      (server) => server.status === "ACTIVE",
      by,
    );
    assertHas(shown, is);
    await openstack.run(`server delete ${id}`, by);
  });
}

async function secrets(scene: Scene, folder: string): Promise<void> {
  const { openstack, check } = scene;
  await check("server create --password, --key-name", async () => {
    await openstack.run(`keypair create --private-key ${join(folder, "key")} mine`, ADMIN);
    const options = `${BOOT} --key-name mine --password open-sesame`;
    const answer = await openstack.json(`server create ${options} keyed`, ADMIN);
    assertHas(answer, { adminPass: "open-sesame", key_name: "mine" });
    const shown = await becomes(scene, "keyed", "ACTIVE");
    assert(!("adminPass" in shown), "the password is shown");
    assertEquals(await openstack.column("server list --key-name mine", "Name", ADMIN), ["keyed"]);
    await openstack.refused(`server create ${BOOT} --key-name none two`, "400", ADMIN);
  });
}

async function files(scene: Scene, folder: string): Promise<void> {
  const { openstack, check } = scene;
  const script = join(folder, "script");
  await Deno.writeTextFile(script, "#!/bin/sh\necho hello\n");
  await check("server create --user-data", async () => {
    const told = await made(scene, "told", `${BOOT} --user-data ${script}`);
    const { "OS-EXT-SRV-ATTR:user_data": data } = told;
    assertEquals(atob(data), await Deno.readTextFile(script));
  });
  await check("server create --file from 2.57 on", async () => {
    // Below, this client's release cannot write its own request.
    await openstack.refused(`server create ${BOOT} --file /etc/hello=${script} no`, "2.56", ADMIN);
  });
}

async function networks(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const on = "--flavor m1.tiny --image cirros";
  const { id: network } = await openstack.json("network show private", ADMIN);
  await check("server create --nic none, --no-network", async () => {
    assertEquals((await made(scene, "bare", `${on} --nic none`)).addresses, {});
    assertEquals((await made(scene, "bare-2", `${on} --no-network`)).addresses, {});
  });
  await check("server create --nic auto, --auto-network", async () => {
    for (const [name, option] of [["some", "--nic auto"], ["some-2", "--auto-network"]] as const) {
      const { addresses } = await made(scene, name, `${on} ${option}`);
      assertEquals(Object.keys(addresses), ["private"]);
    }
  });
  await check("server create --nic net-id, v4-fixed-ip, tag", async () => {
    const nic = `--nic net-id=${network},v4-fixed-ip=10.0.0.99,tag=first`;
    const { addresses } = await made(scene, "fixed", `${on} ${nic}`);
    assertEquals(addresses.private, ["10.0.0.99"]);
    await openstack.refused(`server create ${on} ${nic} fixed-2`, "400", ADMIN);
  });
  await check("server create --port, --nic port-id, --security-group", async () => {
    const port = await openstack.json("port create --network private mine", ADMIN);
    await openstack.run("security group create web", ADMIN);
    const nics = `--nic port-id=${port.id} --nic net-id=${network} --security-group web`;
    const { id } = await made(scene, "two-ports", `${on} ${nics}`);
    const ports: readonly Json[] = await openstack.json(`port list --server ${id} --long`, ADMIN);
    assertEquals(ports.length, 2);
    const shown = await openstack.json("port show mine", ADMIN);
    assertHas(shown, { device_id: id, status: "ACTIVE" });
    await openstack.refused(`server create ${on} --port mine taken`, "409", ADMIN);
  });
}

async function several({ openstack, check }: Scene): Promise<void> {
  await check("server create --min, --max", async () => {
    const first = await openstack.json(`server create ${BOOT} --min 2 --max 2 twin`, ADMIN);
    const listed = `server list --reservation-id ${first["OS-EXT-SRV-ATTR:reservation_id"]}`;
    assertEquals(await openstack.column("server list --name ^twin", "Name", ADMIN), [
      "twin-1",
      "twin-2",
    ]);
    assertEquals((await openstack.column(listed, "Name", ADMIN)).length, 2);
    await openstack.refused(`server create ${BOOT} --min 3 --max 2 no`, "", ADMIN);
  });
}

async function refusals(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("server create with what is not there", async () => {
    for (
      const [options, words] of [
        ["--flavor none --image cirros --network private", "none"],
        ["--flavor m1.tiny --image none --network private", "none"],
        ["--flavor m1.tiny --image cirros --network none", "none"],
        [`${BOOT} --host nowhere`, "400"],
        [`${BOOT} --security-group none`, ""],
        [`${BOOT} --hint group=2bb1b4ba-0b5c-4ae2-96ae-9d29b9bd1c6a`, "400"],
      ] as const
    ) {
      await openstack.refused(`server create ${options} no`, words, ADMIN);
    }
    assertEquals(await openstack.column("server list --name ^no$", "ID", ADMIN), []);
  });
  await check("server create --block-device, --ephemeral, --swap", async () => {
    await openstack.run(
      "flavor create --ram 64 --vcpus 1 --disk 1 --ephemeral 2 --swap 64 wide",
      ADMIN,
    );
    await boot(
      scene,
      "wide",
      "--flavor wide --image cirros --network private --ephemeral size=1 --swap 32",
    );
    assert(await hostOf(scene, "wide") !== null);
    const own = "server create --flavor wide --image cirros --network private";
    const larger = "larger than";
    await openstack.refused(`${own} --ephemeral size=3 no`, larger, ADMIN);
    await openstack.refused(`${own} --swap 128 no`, larger, ADMIN);
  });
}
