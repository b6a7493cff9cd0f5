/** Key pairs by the command `openstack`. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { ADMIN, type Options } from "./openstack.ts";
import type { Scene } from "./scene.ts";

const PUBLIC_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEpvfKlRnHcLwWe5WgQUGCXhXmDnfTJZRrVuLjSmXFvF me@here";

/** Key pairs made here and brought along, of both types, and by whom they are seen. */
export async function keypairs({ openstack, check }: Scene): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-keys-" });
  const names = (options = "", by?: Options) =>
    openstack.column(`keypair list ${options}`, "Name", by);
  try {
    await check("keypair create", async () => {
      // Newer clients make the key themselves.
      const { out } = await openstack.run("keypair create made");
      assertStringIncludes(out, "PRIVATE KEY");
    });
    await check("keypair create --private-key", async () => {
      const file = join(folder, "key");
      await openstack.run(`keypair create --private-key ${file} kept`);
      assertStringIncludes(await Deno.readTextFile(file), "PRIVATE KEY");
    });
    await check("keypair create --public-key", async () => {
      const file = join(folder, "key.pub");
      await Deno.writeTextFile(file, PUBLIC_KEY);
      const made = await openstack.json(`keypair create --public-key ${file} brought`);
      assertMatch(made.fingerprint, /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
      await openstack.refused(`keypair create --public-key ${file} brought`, "409");
      await Deno.writeTextFile(file, "not a key");
      await openstack.refused(`keypair create --public-key ${file} bad`, "400");
    });
    await check("keypair list", async () => {
      assertEquals(await names(), ["brought", "kept", "made"]);
      // Page by page; Nova has pages from 2.35 on, and before the client would ask for ever.
      assertEquals(await names("--limit 2", { microversion: "2.35" }), ["brought", "kept", "made"]);
      assertEquals(await names("", ADMIN), []);
      assertEquals(await names("--user demo", { ...ADMIN }), ["brought", "kept", "made"]);
    });
    await check("keypair show", async () => {
      const { name, type } = await openstack.json("keypair show brought", { microversion: "2.2" });
      assertEquals([name, type], ["brought", "ssh"]);
      const { out } = await openstack.run("keypair show --public-key brought");
      assertEquals(out.trim(), PUBLIC_KEY);
    });
    await check("server create --key-name", async () => {
      const server = await openstack.json(
        "server create --image cirros --flavor m1.tiny --network private --key-name made --wait one",
      );
      assertEquals(server.key_name, "made");
      assertEquals(await openstack.column("server list --key-name made", "Name"), ["one"]);
    });
    await check("keypair create --user, keypair delete --user", async () => {
      await openstack.run("keypair create --user demo gift", { ...ADMIN, microversion: "2.10" });
      assert((await names()).includes("gift"));
      await openstack.run("keypair delete --user demo gift", { ...ADMIN, microversion: "2.10" });
      assert(!(await names()).includes("gift"));
    });
    await check("keypair delete", async () => {
      await openstack.run("keypair delete made kept brought");
      assertEquals(await names(), []);
      await openstack.refused("keypair delete made", "made");
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
