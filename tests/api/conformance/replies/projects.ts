/** Replies about what projects have, but for their servers. */
import { makeImage } from "../../../kit/samples.ts";
import { publicKey } from "../keypairs.ts";
import type { Asking } from "./asking.ts";

export async function quotaReplies(asking: Asking): Promise<void> {
  const path = `/v2.1/os-quota-sets/${asking.cloud.projectIds.other}`;
  const classPath = "/v2.1/os-quota-class-sets/test";
  const body = { quota_set: { cores: 30, instances: "11" } };
  await asking.reply("limits get_limit", "member", "GET", "/v2.1/limits");
  await asking.reply("quotas get_quota_set", "admin", "GET", path);
  await asking.reply("quotas get_quota_set", "admin", "GET", `${path}/defaults`);
  await asking.reply("quotas get_quota_set_details", "admin", "GET", `${path}/detail`);
  await asking.reply("quotas update_quota_set", "admin", "PUT", path, body);
  await asking.reply("quotas delete_quota", "admin", "DELETE", path);
  await asking.reply("quota_classes get_quota_class_set", "admin", "GET", classPath);
  await asking.reply("quota_classes update_quota_class_set", "admin", "PUT", classPath, {
    quota_class_set: { cores: 21 },
  });
}

export async function flavorReplies(asking: Asking): Promise<void> {
  const { minor } = asking;
  const all = "/v2.1/flavors";
  const one = `${all}/10`;
  // Tempest's last schema of flavors is older than the fields that 2.102 took away.
  const details = minor < 102
    ? asking.reply.bind(asking)
    : (_: string, ...rest: Parameters<Asking["ask"]>) => asking.ask(...rest);
  const schema = "flavors create_update_get_flavor_details";
  const flavor = { name: "test_flavor", ram: 1024, vcpus: 2, disk: 10, id: "10" };
  await details(schema, "admin", "POST", all, {
    flavor: { ...flavor, "os-flavor-access:is_public": false },
  });
  await details(schema, "admin", "GET", one);
  if (minor >= 55) await details(schema, "admin", "PUT", one, { flavor: { description: "new" } });
  await asking.reply("flavors list_flavors", "admin", "GET", `${all}?is_public=none`);
  await details("flavors list_flavors_details", "admin", "GET", `${all}/detail?is_public=none`);
  await accessReplies(asking, one);
  await extraSpecReplies(asking, `${one}/os-extra_specs`);
  await asking.reply("flavors delete_flavor", "admin", "DELETE", one);
}

async function accessReplies(asking: Asking, flavor: string): Promise<void> {
  const schema = "flavors_access add_remove_list_flavor_access";
  const access = { tenant: asking.cloud.projectIds.demo };
  const path = `${flavor}/action`;
  await asking.reply(schema, "admin", "POST", path, { addTenantAccess: access });
  await asking.reply(schema, "admin", "GET", `${flavor}/os-flavor-access`);
  await asking.reply(schema, "admin", "POST", path, { removeTenantAccess: access });
}

async function extraSpecReplies(asking: Asking, path: string): Promise<void> {
  const schema = "flavors_extra_specs set_get_flavor_extra_specs";
  const one = `${path}/hw:numa_nodes`;
  await asking.reply(schema, "admin", "POST", path, { extra_specs: { "hw:numa_nodes": "1" } });
  await asking.reply(schema, "admin", "GET", path);
  await asking.reply(`${schema}_key`, "admin", "PUT", one, { "hw:numa_nodes": "2" });
  await asking.reply(`${schema}_key`, "admin", "GET", one);
  await asking.reply("flavors_extra_specs unset_flavor_extra_specs", "admin", "DELETE", one);
}

export async function keyPairReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-keypairs";
  const keypair = { name: "mine", public_key: publicKey() };
  await asking.reply("keypairs create_keypair", "member", "POST", path, { keypair });
  await asking.reply("keypairs get_keypair", "member", "GET", `${path}/mine`);
  await asking.reply("keypairs list_keypairs", "member", "GET", path);
  await asking.reply("keypairs delete_keypair", "member", "DELETE", `${path}/mine`);
}

export async function serverGroupReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-server-groups";
  const rules = asking.minor >= 64
    ? { policy: "anti-affinity", rules: { max_server_per_host: 3 } }
    : { policies: ["anti-affinity"] };
  const schema = "server_groups create_show_server_group";
  const body = { server_group: { name: "test", ...rules } };
  const { json } = await asking.reply(schema, "member", "POST", path, body);
  const one = `${path}/${json.server_group.id}`;
  await asking.reply(schema, "member", "GET", one);
  await asking.reply("server_groups list_server_groups", "member", "GET", path);
  await asking.reply("server_groups delete_server_group", "member", "DELETE", one);
}

/** Images end with 2.35, their metadata with 2.38. */
export async function imageReplies(asking: Asking): Promise<void> {
  if (asking.minor > 38) return;
  const id = await makeImage(asking.cloud, { instance_uuid: crypto.randomUUID() });
  const path = "/v2.1/images";
  const metadata = `${path}/${id}/metadata`;
  const item = "images image_meta_item";
  await asking.reply("images image_metadata", "admin", "GET", metadata);
  await asking.reply("images image_metadata", "admin", "POST", metadata, { metadata: { a: "1" } });
  await asking.reply(item, "admin", "PUT", `${metadata}/a`, { meta: { a: "2" } });
  await asking.reply(item, "admin", "GET", `${metadata}/a`);
  await asking.reply("images delete", "admin", "DELETE", `${metadata}/a`);
  if (asking.minor > 35) return;
  await asking.reply("images list_images", "admin", "GET", `${path}?limit=1`);
  await asking.reply("images list_images_details", "admin", "GET", `${path}/detail`);
  await asking.reply("images get_image", "admin", "GET", `${path}/${id}`);
  await asking.reply("images delete", "admin", "DELETE", `${path}/${id}`);
}
