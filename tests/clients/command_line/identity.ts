/** Identity by the command `openstack`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { identityAdmin } from "./identity_admin.ts";
import { ADMIN, NOBODY } from "./openstack.ts";
import { live } from "./life.ts";
import type { Scene } from "./scene.ts";

/** Domains, projects, users, roles, credentials, the catalog, tokens. */
export async function identity(scene: Scene): Promise<void> {
  await things(scene);
  await catalog(scene);
  await roles(scene);
  await newUser(scene);
  await applicationCredential(scene);
  await tokens(scene);
  await identityAdmin(scene);
}

async function things(scene: Scene): Promise<void> {
  for (
    const life of [
      {
        noun: "domain",
        name: "one",
        create: "--disable --description d",
        is: { name: "one", description: "d", enabled: false },
        changes: [
          ["set --description e --enable", { description: "e", enabled: true }],
          ["set --disable", { enabled: false }],
        ],
      },
      {
        noun: "project",
        name: "red",
        create: "--description d --tag a --property color=red",
        is: { name: "red", description: "d", domain_id: "default", enabled: true },
        changes: [
          ["set --description e --disable", { description: "e", enabled: false }],
          ["set --enable --tag b", { enabled: true, tags: ["a", "b"] }],
          ["set --clear-tags", { tags: [] }],
        ],
      },
      {
        noun: "role",
        name: "operator",
        create: "--description d",
        is: { name: "operator", description: "d", domain_id: null },
        changes: [["set --description e", { description: "e" }]],
      },
      {
        noun: "user",
        name: "ann",
        create: "--password secret --email a@example.org --description d --project demo",
        is: { name: "ann", email: "a@example.org", description: "d", enabled: true },
        changes: [
          ["set --email b@example.org --disable", { email: "b@example.org", enabled: false }],
          ["set --enable --description e", { enabled: true, description: "e" }],
        ],
      },
    ] as const
  ) {
    await live(scene, { ...life, by: ADMIN });
  }
}

async function catalog({ openstack, check }: Scene): Promise<void> {
  const services = ["compute", "identity", "image", "network"];
  await check("catalog list", async () => {
    const types = await openstack.column("catalog list", "Type");
    for (const type of services) assert(types.includes(type), `${type} is not among ${types}`);
  });
  await check("catalog show", async () => {
    const { type, endpoints } = await openstack.json("catalog show nova");
    assertEquals(type, "compute");
    assertMatch(endpoints[0].url, /\/v2\.1$/);
  });
  await check("service list, service show", async () => {
    const types = await openstack.column("service list", "Type", ADMIN);
    for (const type of services) assert(types.includes(type), `${type} is not among ${types}`);
    assertEquals((await openstack.json("service show glance", ADMIN)).type, "image");
  });
  await check("endpoint list, endpoint show", async () => {
    const all = "endpoint list --service compute --interface public";
    const [endpoint] = await openstack.json(all, ADMIN);
    assertMatch(endpoint.URL, /\/v2\.1$/);
    const shown = await openstack.json(`endpoint show ${endpoint.ID}`, ADMIN);
    assertEquals([shown.service_name, shown.interface], ["nova", "public"]);
  });
  await check("region list, region show", async () => {
    assertEquals(await openstack.column("region list", "Region", ADMIN), ["RegionOne"]);
    assertEquals((await openstack.json("region show RegionOne", ADMIN)).region, "RegionOne");
  });
  await check(
    "project create as a member",
    () => openstack.refused("project create mine", "403"),
  );
}

async function roles({ openstack, check }: Scene): Promise<void> {
  const assigned = async () =>
    await openstack.column("role assignment list --user reader --project demo --names", "Role", {
      ...ADMIN,
    });
  await check("role add", async () => {
    assertEquals(await assigned(), ["reader"]);
    await openstack.run("role add --user reader --project demo member", ADMIN);
    assertEquals(await assigned(), ["member", "reader"]);
  });
  await check("role remove", async () => {
    await openstack.run("role remove --user reader --project demo member", ADMIN);
    assertEquals(await assigned(), ["reader"]);
  });
  await check("role add --system, --domain", async () => {
    await openstack.run("role add --user reader --system all reader", ADMIN);
    await openstack.run("role add --user reader --domain default reader", ADMIN);
    const all: readonly { System: string; Domain: string }[] = await openstack.json(
      "role assignment list --user reader --names",
      ADMIN,
    );
    assert(all.some(({ System }) => System === "all"));
    assert(all.some(({ Domain }) => Domain === "Default"));
  });
  await check("implied role list", async () => {
    const implied = await openstack.column("implied role list", "Implied Role Name", ADMIN);
    assert(implied.includes("member"), `member is not among ${implied}`);
  });
}

/** Someone whom an admin lets in is in at once. */
async function newUser({ openstack, check }: Scene): Promise<void> {
  const as = "--os-username bob --os-password first --os-project-name blue";
  await check("a new user with a role works at once", async () => {
    await openstack.run("project create blue", ADMIN);
    await openstack.run("user create --password first bob", ADMIN);
    await openstack.refused(`${as} server list`, "HTTP 401");
    await openstack.run("role add --user bob --project blue member", ADMIN);
    assertEquals(await openstack.json(`${as} server list`), []);
    const { name } = await openstack.json(`${as} server create --image cirros --flavor m1.tiny \
      --network private --wait first`);
    assertEquals(name, "first");
    assertEquals(await openstack.column("server list", "Name"), []);
    assertEquals(await openstack.column("server list --project blue", "Name", ADMIN), ["first"]);
  });
  await check("user password set", async () => {
    await openstack.run(
      `${as} user password set --original-password first --password second`,
    );
    await openstack.refused(`${as} token issue`, "HTTP 401");
    const other = as.replace("first", "second");
    assertMatch((await openstack.json(`${other} token issue`)).id, /^\S{20,}$/);
  });
  await check("user set --password", async () => {
    await openstack.run("user set --password first bob", ADMIN);
    assertMatch((await openstack.json(`${as} token issue`)).id, /^\S{20,}$/);
  });
  await check("user set --disable ends what the user may", async () => {
    await openstack.run("user set --disable bob", ADMIN);
    await openstack.refused(`${as} server list`, "HTTP 401");
  });
}

async function applicationCredential(scene: Scene): Promise<void> {
  const { openstack, check, server } = scene;
  await live(scene, {
    noun: "application credential",
    name: "robot",
    create: "--secret s3cret --role reader --description d",
    is: { Name: "robot", Description: "d" },
    meanwhile: (id) =>
      check("a robot with an application credential", async () => {
        const as = `--os-auth-type v3applicationcredential --os-auth-url ${server.url}/identity \
          --os-application-credential-id ${id} --os-application-credential-secret`;
        assertEquals(await openstack.json(`${as} s3cret server list`, NOBODY), []);
        await openstack.refused(`${as} wrong server list`, "HTTP 401", NOBODY);
        await openstack.refused(
          `${as} s3cret server group create --policy affinity a`,
          "403",
          NOBODY,
        );
      }),
  });
}

async function tokens({ openstack, check, server }: Scene): Promise<void> {
  await check("token issue", async () => {
    const token = await openstack.json("token issue");
    assertMatch(token.id, /^\S{20,}$/);
    assertMatch(token.project_id, /^[0-9a-f]{32}$/);
  });
  await check(
    "token issue with a wrong password",
    () => openstack.refused("--os-password wrong token issue", "HTTP 401"),
  );
  await check("token revoke", async () => {
    const { id, project_id: project } = await openstack.json("token issue");
    const as = `--os-auth-type v3token --os-auth-url ${server.url}/identity --os-token ${id} \
      --os-project-id ${project}`;
    assertEquals(await openstack.json(`${as} server list`, NOBODY), []);
    await openstack.run(`token revoke ${id}`);
    await openstack.refused(`${as} server list`, "40", NOBODY);
  });
}
