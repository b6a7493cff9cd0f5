/** Networks, floating IPs and security groups in the form that compute once gave them. */
import type {
  FloatingIp,
  Network,
  SecurityGroup,
  SecurityGroupDetails,
  SecurityGroupRule,
} from "../../facades/network_service.ts";

/** What everyone sees of a network, and what admins see: all null but two. */
const FIELDS = [
  "id",
  "cidr",
  "netmask",
  "gateway",
  "broadcast",
  "dns1",
  "dns2",
  "cidr_v6",
  "gateway_v6",
  "label",
  "netmask_v6",
] as const;
// deno-fmt-ignore
const ADMIN_FIELDS = [
  "created_at", "updated_at", "deleted_at", "deleted", "injected", "bridge", "vlan",
  "vpn_public_address", "vpn_public_port", "vpn_private_address", "dhcp_start", "project_id",
  "host", "bridge_interface", "multi_host", "priority", "rxtx_base", "mtu", "dhcp_server",
  "enable_dhcp", "share_address",
] as const;

/** A network of `/os-networks`; networks.py, `network_dict`. */
export function viewNetwork({ id, name }: Network, isAdmin: boolean): object {
  const fields = [...FIELDS, ...(isAdmin ? ADMIN_FIELDS : [])];
  return { ...Object.fromEntries(fields.map((field) => [field, null])), id, label: name };
}

/** A network of `/os-tenant-networks`, with Python's word for no address. */
export function viewTenantNetwork({ id, name }: Network): object {
  return { id, cidr: "None", label: name };
}

/** A pool of floating IPs: a network that leads out, by its name. */
export function viewPool({ id, name }: Network): object {
  return { name: name || id };
}

/** floating_ips.py, `_translate_floating_ip_view`. */
export function viewFloatingIp({ id, address, network, leadsTo }: FloatingIp): object {
  return {
    fixed_ip: leadsTo?.fixedIp ?? null,
    id,
    instance_id: leadsTo?.deviceId ?? null,
    ip: address,
    pool: network.name || network.id,
  };
}

/** Groups that rules name, by id; what is missing cannot be seen by the caller. */
export type NamedGroups = ReadonlyMap<string, SecurityGroup & { readonly projectId: string }>;

/** security_groups.py, `_format_security_group`: rules for traffic that comes in, and no others. */
export function viewSecurityGroup(group: SecurityGroupDetails, named: NamedGroups): object {
  return {
    id: group.id,
    description: group.description,
    name: group.name,
    tenant_id: group.projectId,
    rules: group.rules.filter(({ direction }) => direction === "ingress")
      .map((rule) => viewRule(rule, named)).filter((rule) => rule !== undefined),
  };
}

/** The order in which lists show groups. */
export function byProjectAndName(a: SecurityGroupDetails, b: SecurityGroupDetails): number {
  return compare(a.projectId, b.projectId) || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A rule; undefined when it names a group that is not to be seen. */
export function viewRule(rule: SecurityGroupRule, named: NamedGroups): object | undefined {
  const { id, groupId, protocol, remoteGroupId } = rule;
  const source = remoteGroupId === null ? undefined : named.get(remoteGroupId);
  if (remoteGroupId !== null && !source) return undefined;
  return {
    id,
    parent_group_id: groupId,
    ip_protocol: protocol,
    ...portsOf(rule),
    group: source ? { name: source.name, tenant_id: source.projectId } : {},
    ip_range: source ? {} : { cidr: rule.remoteIpPrefix ?? ANYWHERE },
  };
}

/** What a rule without a remote side lets in; `parse_cidr`. */
export const ANYWHERE = "0.0.0.0/0";

/** A rule's ports in compute's form, which has numbers for all of them. */
export function portsOf(
  { protocol, portRangeMin, portRangeMax }: SecurityGroupRule,
): { readonly from_port: number | null; readonly to_port: number | null } {
  if (!protocol || portRangeMin !== null || portRangeMax !== null) {
    return { from_port: portRangeMin, to_port: portRangeMax };
  }
  return /^(tcp|udp)$/i.test(protocol)
    ? { from_port: 1, to_port: 65535 }
    : { from_port: -1, to_port: -1 };
}
