/** Images by the command `openstack`. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { ADMIN } from "./openstack.ts";
import { assertHas, live } from "./life.ts";
import type { Scene } from "./scene.ts";

/** From a file on disk and back to one, sharing, tags and properties. */
export async function images(scene: Scene): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-images-" });
  try {
    await disk(scene, folder);
    await lists(scene);
    await sharing(scene);
    await imports(scene, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function disk(scene: Scene, folder: string): Promise<void> {
  const { openstack, check } = scene;
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  const file = join(folder, "disk.raw");
  await Deno.writeFile(file, bytes);
  await live(scene, {
    noun: "image",
    name: "mine",
    create: `--file ${file} --disk-format raw --container-format bare --min-disk 1 --min-ram 64 \
      --property os_distro=debian --tag a`,
    is: { name: "mine", status: "active", size: bytes.length, min_disk: 1, min_ram: 64 },
    changes: [
      ["set --min-disk 2 --min-ram 128", { min_disk: 2, min_ram: 128 }],
      ["set --tag b", { tags: ["a", "b"] }],
      ["unset --tag a", { tags: ["b"] }],
      ["set --protected", { protected: true }],
      ["set --unprotected", { protected: false }],
      ["set --architecture x86_64", {}],
      ["set --shared", { visibility: "shared" }],
      ["set --private", { visibility: "private" }],
    ],
    meanwhile: async (id) => {
      await check("image set --property, image unset --property", async () => {
        await openstack.run(`image set --property one=1 --property two=2 ${id}`);
        const { properties } = await openstack.json(`image show ${id}`);
        assertHas(properties, { one: "1", two: "2", os_distro: "debian", architecture: "x86_64" });
        await openstack.run(`image unset --property one ${id}`);
        assert(!("one" in (await openstack.json(`image show ${id}`)).properties));
      });
      await check("image save gives the bytes that were uploaded", async () => {
        const saved = join(folder, "saved.raw");
        await openstack.run(`image save --file ${saved} mine`);
        assertEquals(await Deno.readFile(saved), bytes);
      });
      await check("image set --deactivate, --activate", async () => {
        await openstack.run(`image set --deactivate ${id}`, ADMIN);
        assertEquals((await openstack.json("image show mine")).status, "deactivated");
        // What the client says of it has nothing to do with the 403 that it got.
        await openstack.refused(`image save --file ${join(folder, "no")} mine`, "");
        await openstack.run(`image set --activate ${id}`, ADMIN);
        assertEquals((await openstack.json("image show mine")).status, "active");
      });
      await check("image set --hidden, --unhidden", async () => {
        await openstack.run(`image set --hidden ${id}`);
        assertHas((await openstack.json(`image show ${id}`)).properties, { os_hidden: true });
        assert((await openstack.column("image list --hidden", "ID")).includes(id));
        assert(!(await openstack.column("image list", "ID")).includes(id));
        await openstack.run(`image set --unhidden ${id}`);
      });
      await check("image set --name", async () => {
        await openstack.run("image set --name ours mine");
        assertEquals((await openstack.json("image show ours")).id, id);
        await openstack.run("image set --name mine ours");
      });
      await check(
        "image delete of a protected image",
        async () => {
          await openstack.run("image set --protected mine");
          await openstack.refused("image delete mine", "403");
          await openstack.run("image set --unprotected mine");
        },
      );
    },
  });
}

async function lists({ openstack, check }: Scene): Promise<void> {
  // Without a file the client uploads what it finds on its standard input: nothing.
  await openstack.run("image create --disk-format qcow2 --tag x --property os=bsd first");
  await openstack.run("image create --disk-format raw --tag x --tag y second");
  for (
    const [options, names] of [
      ["", ["cirros", "first", "second"]],
      ["--public", ["cirros"]],
      ["--shared", ["first", "second"]],
      ["--private", []],
      ["--status active", ["cirros", "first", "second"]],
      ["--status queued", []],
      ["--name second", ["second"]],
      ["--tag x", ["first", "second"]],
      ["--tag x --tag y", ["second"]],
      ["--property os=bsd", ["first"]],
      ["--property disk_format=raw", ["second"]],
      ["--limit 2", 2],
      ["--sort name:desc", ["cirros", "first", "second"]],
    ] as const
  ) {
    await check(`image list ${options}`, async () => {
      const found = await openstack.column(`image list ${options}`, "Name");
      if (typeof names === "number") assertEquals(found.length, names);
      else assertEquals(found, names);
    });
  }
  await check("image list --long", async () => {
    const [image] = await openstack.json("image list --long --name cirros");
    assertHas(image, { "Name": "cirros", "Visibility": "public", "Status": "active" });
  });
  await check("image set of another's image", async () => {
    await openstack.refused("image set --name x cirros", "403");
    await openstack.refused("image set --public first", "403");
  });
}

/** A private image and the project that it is shared with. */
async function sharing({ openstack, check }: Scene): Promise<void> {
  const other = { as: "chronova-admin" } as const;
  const { id: project } = await openstack.json("project show admin", ADMIN);
  const { id } = await openstack.json("image create --shared --disk-format raw secret");
  await check("image add project, image member list", async () => {
    await openstack.run(`image add project ${id} ${project}`);
    assertEquals(await openstack.column(`image member list ${id}`, "Status"), ["pending"]);
  });
  await check("image set --accept", async () => {
    await openstack.run(`image set --accept --project ${project} ${id}`, other);
    assertEquals(await openstack.column(`image member list ${id}`, "Status"), ["accepted"]);
    const shared = await openstack.column("image list --shared --member-status accepted", "ID", {
      ...other,
    });
    assert(shared.includes(id));
  });
  await check("image remove project", async () => {
    await openstack.run(`image remove project ${id} ${project}`);
    assertEquals(await openstack.column(`image member list ${id}`, "Status"), []);
  });
}

/** Data that are staged and imported, in two steps and in one; and the tasks that came of it. */
async function imports({ openstack, check, server }: Scene, folder: string): Promise<void> {
  const bytes = crypto.getRandomValues(new Uint8Array(4096));
  const file = join(folder, "import.raw");
  await Deno.writeFile(file, bytes);
  await check("image import info", async () => {
    const info = await openstack.json("image import info");
    assertEquals(info["import-methods"], ["glance-direct"]);
  });
  await check("image create --import", async () => {
    const { id } = await openstack.json(
      `image create --import --file ${file} --disk-format raw --container-format bare imported`,
    );
    assertHas(await openstack.json(`image show ${id}`), { status: "active", size: bytes.length });
    const saved = join(folder, "imported.raw");
    await openstack.run(`image save --file ${saved} ${id}`);
    assertEquals(await Deno.readFile(saved), bytes);
  });
  const disk = join(folder, "staged.raw");
  await Deno.writeFile(disk, bytes);
  // The client uploads what it finds on its standard input when it makes an image.
  const demo = await server.login("chronova");
  const { json: { id } } = await demo.ask("POST", "/image/v2/images", {
    body: { disk_format: "raw", container_format: "bare" },
  });
  await check("image stage, image import", async () => {
    await openstack.run(`image stage --file ${disk} ${id}`);
    assertHas(await openstack.json(`image show ${id}`), { status: "uploading" });
    await openstack.run(`image import --method glance-direct --wait ${id}`);
    assertHas(await openstack.json(`image show ${id}`), { status: "active", size: bytes.length });
  });
  await check("image import by other methods", async () => {
    await openstack.refused(`image import --method web-download --uri http://a/b ${id}`, "");
    await openstack.refused(`image import --method copy-image --all-stores ${id}`, "");
  });
  await check("image task list, image task show", async () => {
    const tasks = await openstack.json("image task list", ADMIN);
    assertEquals(tasks.map((task: { Status: string }) => task.Status), ["success", "success"]);
    const task = await openstack.json(`image task show ${tasks[0].ID}`, ADMIN);
    assertHas(task, { status: "success", result: { image_id: id } });
    await openstack.refused("image task list", "403");
  });
  await check("image stores list", async () => {
    assertEquals(await openstack.column("image stores list", "ID"), ["file"]);
  });
  await check("cached image list, queue, clear", async () => {
    await openstack.refused("cached image list", "not supported", ADMIN);
    await openstack.refused(`cached image queue ${id}`, "", ADMIN);
    await openstack.refused("cached image clear", "Failed to clear image cache", ADMIN);
  });
  await check("image member get", async () => {
    const { id: project } = await openstack.json("project show admin", ADMIN);
    const shared = (await openstack.json("image list --name secret"))[0].ID;
    await openstack.run(`image add project ${shared} ${project}`);
    assertHas(await openstack.json(`image member get ${shared} ${project}`), {
      status: "pending",
    });
  });
}
