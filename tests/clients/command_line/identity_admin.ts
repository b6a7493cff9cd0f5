/** What admins do with identities by the command `openstack`: groups, the catalog, limits. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { assertHas, live } from "./life.ts";
import { ADMIN, NOBODY } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** Groups, tags, properties, implied roles, services, endpoints, regions, credentials, limits. */
export async function identityAdmin(scene: Scene): Promise<void> {
  await groups(scene);
  await projects(scene);
  await roles(scene);
  await catalog(scene);
  await credentials(scene);
  await accessRules(scene);
  await limits(scene);
}

/** Whoever an admin puts into a group has at once what the group has. */
async function groups(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  const as = "--os-username cid --os-password secret --os-project-name green";
  await openstack.run("project create green", ADMIN);
  await openstack.run("user create --password secret cid", ADMIN);
  await live(scene, {
    noun: "group",
    name: "crew",
    create: "--description d",
    is: { name: "crew", description: "d", domain_id: "default" },
    changes: [["set --description e", { description: "e" }]],
    by: ADMIN,
    meanwhile: async () => {
      await check("group add user, role add --group: usable at once", async () => {
        await openstack.refused(`${as} server list`, "HTTP 401");
        await openstack.run("group add user crew cid", ADMIN);
        await openstack.run("role add --group crew --project green member", ADMIN);
        assertEquals(await openstack.json(`${as} server list`), []);
        const { name } = await openstack.json(`${as} server create --image cirros \
          --flavor m1.tiny --network private --wait first`);
        assertEquals(name, "first");
      });
      await check("group contains user, user list --group, group list --user", async () => {
        const { out } = await openstack.run("group contains user crew cid", ADMIN);
        assertMatch(out, /cid in group crew/);
        assertEquals(await openstack.column("user list --group crew", "Name", ADMIN), ["cid"]);
        assertEquals(await openstack.column("group list --user cid", "Name", ADMIN), ["crew"]);
      });
      await check("role assignment list --group, --effective", async () => {
        const [ofGroup] = await openstack.json(
          "role assignment list --group crew --names",
          ADMIN,
        );
        assertEquals([ofGroup.Group, ofGroup.Role], ["crew@Default", "member"]);
        const effective = "role assignment list --user cid --effective --names";
        assertEquals(await openstack.column(effective, "Role", ADMIN), ["member", "reader"]);
      });
      await check("role add --group --domain, --system", async () => {
        await openstack.run("role add --group crew --domain default reader", ADMIN);
        await openstack.run("role add --group crew --system all reader", ADMIN);
        const listed = await openstack.column("role assignment list --group crew", "System", ADMIN);
        assert(listed.includes("all"));
        await openstack.run("role remove --group crew --system all reader", ADMIN);
      });
      await check("group remove user ends what the group gave", async () => {
        await openstack.run("group remove user crew cid", ADMIN);
        await openstack.refused(`${as} server list`, "HTTP 401");
      });
    },
  });
}

async function projects({ openstack, check }: Scene): Promise<void> {
  await check("project create below another, project show --children, --parents", async () => {
    const { id: top } = await openstack.json("project create top", ADMIN);
    const { id: below } = await openstack.json("project create --parent top below", ADMIN);
    const { subtree } = await openstack.json("project show top --children", ADMIN);
    assertEquals(Object.keys(subtree), [below]);
    const { parents } = await openstack.json("project show below --parents", ADMIN);
    assertEquals(Object.keys(parents), [top]);
  });
  await check("project set --tag, project list --tags, --not-tags", async () => {
    await openstack.run("project set --tag fast --tag new below", ADMIN);
    const found = (query: string) => openstack.column(`project list ${query}`, "Name", ADMIN);
    assertEquals(await found("--tags fast,new"), ["below"]);
    assertEquals((await found("--not-tags fast")).includes("below"), false);
    await openstack.run("project set --remove-tag new below", ADMIN);
    assertEquals(await found("--tags new"), []);
  });
  await check("project set --property, user set --enable-lock-password", async () => {
    await openstack.run("project set --property color=red below", ADMIN);
    assertEquals((await openstack.json("project show below", ADMIN)).color, "red");
    await openstack.run("role add --user cid --project green member", ADMIN);
    await openstack.run("user set --enable-lock-password cid", ADMIN);
    assertEquals((await openstack.json("user show cid", ADMIN)).options, { lock_password: true });
    await openstack.refused(
      "--os-username cid --os-password secret --os-project-name green user password set \
        --original-password secret --password other",
      "password policy disallowing password changes",
    );
  });
  await check("project set --immutable keeps a project", async () => {
    await openstack.run("project set --immutable below", ADMIN);
    await openstack.refused("project delete below", "1 of 1 projects failed", ADMIN);
    await openstack.run("project set --no-immutable below", ADMIN);
    await openstack.run("project delete below top", ADMIN);
  });
}

async function roles({ openstack, check }: Scene): Promise<void> {
  await check("implied role create, list, delete", async () => {
    await openstack.run("role create operator", ADMIN);
    await openstack.run("implied role create reader --implied-role operator", ADMIN);
    const implied = () => openstack.column("implied role list", "Implied Role Name", ADMIN);
    assert((await implied()).includes("operator"));
    await openstack.run("implied role delete reader --implied-role operator", ADMIN);
    assertEquals((await implied()).includes("operator"), false);
  });
  await check("role add --inherited", async () => {
    await openstack.run("role add --user cid --domain default --inherited member", ADMIN);
    const [listed] = await openstack.json("role assignment list --user cid --inherited", ADMIN);
    assertEquals(listed.Inherited, true);
    await openstack.run("project create violet", ADMIN);
    const as = "--os-username cid --os-password secret --os-project-name violet";
    assertEquals(await openstack.json(`${as} server list`), []);
    await openstack.run("role remove --user cid --domain default --inherited member", ADMIN);
    await openstack.refused(`${as} server list`, "HTTP 401");
  });
  await check("role create --domain", async () => {
    await openstack.run("role create --domain default operator", ADMIN);
    const ofDomain = await openstack.column("role list --domain default", "Name", ADMIN);
    assertEquals(ofDomain, ["operator"]);
    await openstack.run("role delete --domain default operator", ADMIN);
  });
}

async function catalog(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await check("region create, set, list, delete", async () => {
    await openstack.run("region create --description d north", ADMIN);
    await openstack.run("region create --parent-region north oslo", ADMIN);
    await openstack.run("region set --description e north", ADMIN);
    assertEquals((await openstack.json("region show north", ADMIN)).description, "e");
    const below = await openstack.column("region list --parent-region north", "Region", ADMIN);
    assertEquals(below, ["oslo"]);
    await openstack.run("region delete north", ADMIN);
    await openstack.refused("region show oslo", "", ADMIN);
  });
  await live(scene, {
    noun: "service",
    name: "designate",
    create: "--description d dns --name",
    is: { name: "designate", type: "dns", description: "d", enabled: true },
    changes: [
      ["set --description e --disable", { description: "e", enabled: false }],
      ["set --enable", { enabled: true }],
    ],
    by: ADMIN,
    meanwhile: () => endpoints(scene),
  });
  await check("endpoint set --url of a service that is built in", async () => {
    const [{ ID: id }] = await openstack.json(
      "endpoint list --service image --interface internal",
      ADMIN,
    );
    await openstack.run(`endpoint set --url https://glance.example ${id}`, ADMIN);
    const { endpoints } = await openstack.json("catalog show glance");
    const urls = endpoints.map((one: { interface: string; url: string }) => one.url);
    assert(urls.includes("https://glance.example"));
    assertEquals(urls.length, 3);
  });
}

async function endpoints({ openstack, check }: Scene): Promise<void> {
  await check("endpoint create, set, list, delete", async () => {
    const { id, region } = await openstack.json(
      "endpoint create --region RegionOne designate public https://dns.example/$(project_id)s",
      ADMIN,
    );
    assertEquals(region, "RegionOne");
    const urls = async () =>
      (await openstack.json("catalog show designate")).endpoints
        .map(({ url }: { url: string }) => url);
    const { project_id } = await openstack.json("token issue");
    assertEquals(await urls(), [`https://dns.example/${project_id}`]);
    await openstack.run(`endpoint set --disable ${id}`, ADMIN);
    assertEquals(await urls(), []);
    const listed = await openstack.column("endpoint list --service designate", "ID", ADMIN);
    assertEquals(listed, [id]);
    await openstack.run(`endpoint delete ${id}`, ADMIN);
  });
}

async function credentials(scene: Scene): Promise<void> {
  const { openstack, check } = scene;
  await live(scene, {
    noun: "credential",
    create: "--type cert demo pem",
    is: { type: "cert", blob: "pem" },
    by: ADMIN,
    meanwhile: (id) =>
      check("credential set", async () => {
        await openstack.run(
          `credential set --user demo --type cert --data other --project demo ${id}`,
          ADMIN,
        );
        assertHas(await openstack.json(`credential show ${id}`, ADMIN), { blob: "other" });
        const [own] = await openstack.json("credential list");
        assertEquals([own.ID, own.Data], [id, "other"]);
      }),
  });
}

async function accessRules({ openstack, check, server }: Scene): Promise<void> {
  await check("application credential create --access-rules", async () => {
    const rules = '[{"service":"compute","method":"GET","path":"/v2.1/servers/detail"},' +
      '{"service":"compute","method":"GET","path":"/v2.1/"}]';
    const made = await openstack.json(
      `application credential create --secret s3cret --access-rules '${rules}' kept`,
    );
    const id = made.id ?? made.ID;
    const as = `--os-auth-type v3applicationcredential --os-auth-url ${server.url}/identity \
      --os-application-credential-id ${id} --os-application-credential-secret s3cret`;
    assertEquals(await openstack.json(`${as} server list --no-name-lookup`, NOBODY), []);
    await openstack.refused(`${as} keypair list`, "401", NOBODY);
    await openstack.refused(`${as} network list`, "401", NOBODY);
  });
  await check("access rule list, show, delete", async () => {
    const [rule, other] = await openstack.json("access rule list");
    assertEquals(rule.Service, "compute");
    const shown = await openstack.json(`access rule show ${rule.ID}`);
    assertEquals([shown.ID ?? shown.id, shown.Method ?? shown.method], [rule.ID, "GET"]);
    await openstack.refused(`access rule delete ${rule.ID}`, "1 of 1 access rules failed");
    await openstack.run("application credential delete kept");
    await openstack.run(`access rule delete ${rule.ID} ${other.ID}`);
    assertEquals(await openstack.json("access rule list"), []);
  });
}

async function limits({ openstack, check }: Scene): Promise<void> {
  let registered = "";
  await check("registered limit create, list, set, show", async () => {
    const { id } = await openstack.json(
      "registered limit create --service image --default-limit 10 --region RegionOne images",
      ADMIN,
    );
    registered = id;
    await openstack.run(`registered limit set --default-limit 20 ${id}`, ADMIN);
    assertHas(await openstack.json(`registered limit show ${id}`, ADMIN), {
      resource_name: "images",
      default_limit: 20,
      region_id: "RegionOne",
    });
    assertEquals(await openstack.column("registered limit list", "ID", ADMIN), [id]);
  });
  await check("limit create, list, set, show, delete", async () => {
    const { id } = await openstack.json(
      "limit create --service image --project demo --resource-limit 5 --region RegionOne images",
      ADMIN,
    );
    await openstack.run(`limit set --resource-limit 6 --description d ${id}`, ADMIN);
    assertHas(await openstack.json(`limit show ${id}`), { resource_limit: 6, description: "d" });
    assertEquals(await openstack.column("limit list", "ID"), [id]);
    await openstack.refused(`registered limit delete ${registered}`, "failed", ADMIN);
    await openstack.run(`limit delete ${id}`, ADMIN);
  });
  await check("registered limit delete", async () => {
    await openstack.run(`registered limit delete ${registered}`, ADMIN);
    assertEquals(await openstack.json("registered limit list", ADMIN), []);
  });
}
