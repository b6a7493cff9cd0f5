/** Replies about addresses, interfaces and security groups. */
import { floatingIpOf, serverWithAddress } from "../networks.ts";
import type { Asking } from "./asking.ts";

/** The proxies end with 2.35, actions on addresses with 2.43. */
export async function floatingIpReplies(asking: Asking): Promise<void> {
  const { cloud, minor } = asking;
  if (minor > 43) return;
  const address = await floatingIpOf(cloud);
  const [id] = await serverWithAddress(cloud);
  const action = `/v2.1/servers/${id}/action`;
  for (const name of ["addFloatingIp", "removeFloatingIp"]) {
    const body = { [name]: { address } };
    await asking.reply("floating_ips add_remove_floating_ip", "member", "POST", action, body);
  }
  if (minor <= 35) await poolReplies(asking);
  await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`);
}

async function poolReplies(asking: Asking): Promise<void> {
  const path = "/v2.1/os-floating-ips";
  const schema = "floating_ips create_get_floating_ip";
  const { json } = await asking.reply(schema, "member", "POST", path, { pool: "public" });
  const one = `${path}/${json.floating_ip.id}`;
  await asking.reply(schema, "member", "GET", one);
  await asking.reply("floating_ips list_floating_ips", "member", "GET", path);
  await asking.reply("floating_ips add_remove_floating_ip", "member", "DELETE", one);
}

export async function securityGroupReplies(asking: Asking): Promise<void> {
  if (asking.minor > 35) return;
  const path = "/v2.1/os-security-groups";
  const rules = "/v2.1/os-security-group-rules";
  const of = (schema: string) => `security_groups ${schema}`;
  const body = { security_group: { name: "web", description: "for all" } };
  const made = await asking.reply(of("create_security_group"), "member", "POST", path, body);
  const { id } = made.json.security_group;
  const one = `${path}/${id}`;
  await asking.reply(of("update_security_group"), "member", "PUT", one, body);
  const rule = await asking.reply(of("create_security_group_rule"), "member", "POST", rules, {
    security_group_rule: {
      parent_group_id: id,
      ip_protocol: "tcp",
      from_port: 22,
      to_port: 22,
      cidr: "10.0.0.0/24",
    },
  });
  await asking.reply(of("get_security_group"), "member", "GET", one);
  await asking.reply(of("list_security_groups"), "member", "GET", path);
  const { id: ruleId } = rule.json.security_group_rule;
  await asking.reply(of("delete_security_group_rule"), "member", "DELETE", `${rules}/${ruleId}`);
  await asking.reply(of("delete_security_group"), "member", "DELETE", one);
}

export async function interfaceReplies(asking: Asking, server: string): Promise<void> {
  const path = `/v2.1/servers/${server}/os-interface`;
  const schema = "interfaces get_create_interfaces";
  const body = { interfaceAttachment: { net_id: await asking.cloud.networkId() } };
  const { json } = await asking.reply(schema, "member", "POST", path, body);
  const one = `${path}/${json.interfaceAttachment.port_id}`;
  await asking.reply(schema, "member", "GET", one);
  await asking.reply("interfaces list_interfaces", "member", "GET", path);
  const groups = `/v2.1/servers/${server}/os-security-groups`;
  await asking.reply("security_groups list_security_groups", "member", "GET", groups);
  await asking.reply("interfaces delete_interface", "member", "DELETE", one);
  await asking.cloud.cloud.settled();
}

export async function externalEventReplies(asking: Asking, server_uuid: string): Promise<void> {
  const events = [{ name: "network-changed", server_uuid, tag: "foo", status: "completed" }];
  const path = "/v2.1/os-server-external-events";
  await asking.reply("server_external_events create", "admin", "POST", path, { events });
}
