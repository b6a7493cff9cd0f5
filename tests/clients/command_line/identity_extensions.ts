/** What of Keystone's extensions the command `openstack` has: trusts, endpoint groups and others. */
import { join } from "node:path";
import { assertEquals } from "@std/assert";
import { live } from "./life.ts";
import { ADMIN, NOBODY } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** Trusts, endpoint groups, policies, mappings, identity providers; consumers want a package more. */
export async function identityExtensions(scene: Scene): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-identity-" });
  const file = async (name: string, content: unknown) => {
    const path = join(folder, name);
    await Deno.writeTextFile(path, JSON.stringify(content));
    return path;
  };
  try {
    await trusts(scene);
    await endpointGroups(scene, await file("filters", { interface: "internal" }));
    await things(scene, {
      policy: await file("policy", { "any": "role:admin" }),
      rules: await file("rules", [{ local: [{ groups: "{0}" }], remote: [{ type: "group" }] }]),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whom a user trusts can do what it can; a user knows the others by their ids only. */
async function trusts(scene: Scene): Promise<void> {
  const { openstack, check, server } = scene;
  const { id: trustee } = await openstack.json("user create --password secret eve", ADMIN);
  const { id: role } = await openstack.json("role show member", ADMIN);
  const { user_id: trustor, project_id: project } = await openstack.json("token issue");
  await live(scene, {
    noun: "trust",
    create: `--project ${project} --role ${role} --impersonate ${trustor} ${trustee}`,
    list: `--trustor ${trustor}`,
    is: { trustor_user_id: trustor, trustee_user_id: trustee, project_id: project },
    meanwhile: async (id) => {
      await check("a trustee makes a server in the trustor's name", async () => {
        const as = `--os-auth-type v3password --os-auth-url ${server.url}/identity \
          --os-username eve --os-password secret --os-user-domain-id default --os-trust-id ${id}`;
        const made = await openstack.json(
          `${as} server create --image cirros --flavor m1.tiny --network private --wait hers`,
          NOBODY,
        );
        assertEquals(made.user_id, trustor);
        await openstack.run("server delete --wait hers");
      });
    },
  });
}

async function endpointGroups(scene: Scene, filters: string): Promise<void> {
  const { openstack, check } = scene;
  await openstack.run("project create kept", ADMIN);
  await live(scene, {
    noun: "endpoint group",
    create: `--description d inner ${filters}`,
    is: { name: "inner", description: "d", filters: { interface: "internal" } },
    by: ADMIN,
    meanwhile: async (id) => {
      await check("endpoint group add project, list --project, remove project", async () => {
        await openstack.run("endpoint group add project inner kept", ADMIN);
        const listed = () => openstack.column("endpoint group list --project kept", "ID", ADMIN);
        assertEquals(await listed(), [id]);
        await openstack.run("endpoint group remove project inner kept", ADMIN);
        assertEquals(await listed(), []);
      });
    },
  });
  await check("endpoint add project, endpoint list --project", async () => {
    const all = "endpoint list --service compute --interface public";
    const [{ ID: id }] = await openstack.json(all, ADMIN);
    await openstack.run(`endpoint add project ${id} kept`, ADMIN);
    const listed = () => openstack.column("endpoint list --project kept", "ID", ADMIN);
    assertEquals(await listed(), [id]);
    await openstack.run(`endpoint remove project ${id} kept`, ADMIN);
    assertEquals(await listed(), []);
  });
}

async function things(
  scene: Scene,
  files: { readonly policy: string; readonly rules: string },
): Promise<void> {
  await live(scene, {
    noun: "policy",
    create: `--type text/plain ${files.policy}`,
    is: { type: "text/plain" },
    changes: [["set --type application/json", { type: "application/json" }]],
    by: ADMIN,
  });
  await live(scene, {
    noun: "mapping",
    name: "ours",
    create: `--rules ${files.rules}`,
    column: "ID",
    is: { id: "ours" },
    by: ADMIN,
  });
  await live(scene, {
    noun: "identity provider",
    name: "acme",
    create: "--remote-id one --description d",
    column: "ID",
    is: { id: "acme", description: "d", enabled: true },
    changes: [["set --disable", { enabled: false }]],
    by: ADMIN,
  });
}
