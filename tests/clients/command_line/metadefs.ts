/** Metadata definitions by the command `openstack image metadef`, by an admin; others read. */
import { assert, assertEquals } from "@std/assert";
import { assertHas } from "./life.ts";
import { ADMIN } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** A namespace, and what it contains. */
export async function metadefs(scene: Scene): Promise<void> {
  await namespaces(scene);
  await objects(scene);
  await properties(scene);
  await resourceTypes(scene);
  await ends(scene);
}

const NAMESPACE = "image metadef namespace";

async function namespaces({ openstack, check }: Scene): Promise<void> {
  const show = () => openstack.json(`${NAMESPACE} show web`);
  await check(`${NAMESPACE} create`, async () => {
    const made = await openstack.json(
      `${NAMESPACE} create --display-name Web --description d --public --protected web`,
      ADMIN,
    );
    const is = { namespace: "web", display_name: "Web", description: "d", visibility: "public" };
    assertHas(made, is);
    assertHas(await show(), { ...is, protected: true });
    await openstack.run(`${NAMESPACE} create --private mine`, ADMIN);
  });
  await check(`${NAMESPACE} create by others, or again`, async () => {
    await openstack.refused(`${NAMESPACE} create x`, "403");
    await openstack.refused(`${NAMESPACE} create web`, "409", ADMIN);
  });
  await check(`${NAMESPACE} list`, async () => {
    const list = (options = "", by = ADMIN) =>
      openstack.column(`${NAMESPACE} list ${options}`, "namespace", by);
    assertEquals((await list()).toSorted(), ["mine", "web"]);
    assertEquals(await list("", {}), ["web"]);
    assertEquals(await list("--visibility private"), ["mine"]);
    assertEquals(await list("--resource-types OS::Nova::Flavor"), []);
  });
  await check(`${NAMESPACE} set, delete of a protected one`, async () => {
    await openstack.refused(`${NAMESPACE} delete web`, "", ADMIN);
    await openstack.run(
      `${NAMESPACE} set --display-name Servers --public --unprotected web`,
      ADMIN,
    );
    assertHas(await show(), { display_name: "Servers", protected: false, visibility: "public" });
  });
  await check(`${NAMESPACE} set --tag, unset --tag, --all-tags`, async () => {
    const tags = async () =>
      (await show()).tags?.map((tag: { name: string }) => tag.name ?? tag).toSorted();
    await openstack.run(`${NAMESPACE} set --public --tag a --tag b web`, ADMIN);
    assertEquals(await tags(), ["a", "b"]);
    await openstack.run(`${NAMESPACE} unset --tag a web`, ADMIN);
    assertEquals(await tags(), ["b"]);
    await openstack.run(`${NAMESPACE} unset --all-tags web`, ADMIN);
    assert(!(await tags())?.length);
  });
}

async function objects({ openstack, check }: Scene): Promise<void> {
  const noun = "image metadef object";
  const list = () => openstack.column(`${noun} list web`, "name");
  await check(`${noun} create, list, show`, async () => {
    await openstack.run(`${noun} create --namespace web server`, ADMIN);
    await openstack.run(`${noun} create --namespace web client`, ADMIN);
    assertEquals(await list(), ["client", "server"]);
    assertHas(await openstack.json(`${noun} show web server`), { name: "server" });
    await openstack.refused(`${noun} property show web server port`, "not found");
  });
  await check(`${noun} update --name`, async () => {
    await openstack.run(`${noun} update --name proxy web client`, ADMIN);
    assertEquals(await list(), ["proxy", "server"]);
  });
  await check(`${noun} delete`, async () => {
    await openstack.refused(`${noun} delete web nothing`, "", ADMIN);
    await openstack.run(`${noun} delete web proxy`, ADMIN);
    assertEquals(await list(), ["server"]);
    await openstack.run(`${noun} delete web`, ADMIN);
    assertEquals(await list(), []);
  });
}

async function properties({ openstack, check }: Scene): Promise<void> {
  const noun = "image metadef property";
  const list = () => openstack.column(`${noun} list web`, "name");
  const make = (name: string) =>
    openstack.json(
      `${noun} create --name ${name} --title Port --type integer --schema '{"minimum": 1}' web`,
      ADMIN,
    );
  await check(`${noun} create, list, show`, async () => {
    assertHas(await make("port"), { name: "port", title: "Port", type: "integer", minimum: 1 });
    await make("other");
    assertEquals(await list(), ["other", "port"]);
    assertHas(await openstack.json(`${noun} show web port`), { name: "port", minimum: 1 });
  });
  await check(`${noun} set`, async () => {
    await openstack.run(`${noun} set --title T --type string web port`, ADMIN);
    assertHas(await openstack.json(`${noun} show web port`), { title: "T", type: "string" });
  });
  await check(`${noun} delete`, async () => {
    await openstack.run(`${noun} delete web port`, ADMIN);
    assertEquals(await list(), ["other"]);
    await openstack.run(`${noun} delete web`, ADMIN);
    assertEquals(await list(), []);
  });
}

async function resourceTypes({ openstack, check }: Scene): Promise<void> {
  const noun = "image metadef resource type association";
  const list = () => openstack.column(`${noun} list web`, "Name");
  await check(`${noun} create, list, delete`, async () => {
    await openstack.run(`${noun} create web OS::Nova::Flavor`, ADMIN);
    assertEquals(await list(), ["OS::Nova::Flavor"]);
    assertEquals(
      await openstack.column(`${NAMESPACE} list --resource-types OS::Nova::Flavor`, "namespace"),
      ["web"],
    );
    await openstack.run(`${noun} delete web OS::Nova::Flavor`, ADMIN);
    assertEquals(await list(), []);
  });
  await check("image metadef resource type list", async () => {
    assertEquals(
      await openstack.column("image metadef resource type list", "Name"),
      ["OS::Nova::Flavor"],
    );
  });
}

async function ends({ openstack, check }: Scene): Promise<void> {
  await check(`${NAMESPACE} delete`, async () => {
    await openstack.refused(`${NAMESPACE} delete web`, "", {});
    await openstack.run(`${NAMESPACE} delete web mine`, ADMIN);
    await openstack.refused(`${NAMESPACE} show web`, "404", ADMIN);
  });
}
