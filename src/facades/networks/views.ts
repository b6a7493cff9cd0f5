/** Networks, ports and the rest as compute sees them. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Reader } from "../../store/query.ts";
import type * as service from "../network_service.ts";
import type { FloatingIp } from "./floating_ips/decider.ts";
import { floatingIpsOfPort } from "./floating_ips/projection.ts";
import type { Network } from "./networks/decider.ts";
import { findNetwork } from "./networks/projection.ts";
import type { Port } from "./ports/decider.ts";
import { findPorts, statusOf } from "./ports/projection.ts";
import type { SecurityGroup } from "./security_groups/decider.ts";
import { findSecurityGroup, type RuleOfGroup } from "./security_groups/projection.ts";

export function viewNetwork({ id, state }: Versioned<Network>): service.VisibleNetwork {
  const { name, isExternal, isShared } = state;
  return { id, name, isExternal, isShared };
}

/** Ports with what leads to them and what guards them, in the order given. */
export async function viewPorts(
  reader: Reader,
  ports: readonly Versioned<Port>[],
): Promise<readonly service.Port[]> {
  const networkNames = await namesOf(
    ports.map(({ state }) => state.networkId),
    (id) => findNetwork(reader, id),
  );
  const groupNames = await namesOf(
    ports.flatMap(({ state }) => state.securityGroups),
    (id) => findSecurityGroup(reader, id),
  );
  const views: service.Port[] = [];
  for (const { id, state } of ports) {
    views.push({
      id,
      projectId: state.projectId,
      networkId: state.networkId,
      networkName: networkNames.get(state.networkId) ?? "",
      macAddress: state.macAddress,
      deviceId: state.deviceId,
      status: statusOf(state),
      fixedIps: state.fixedIps,
      floatingIps: await floatingAddresses(reader, id),
      securityGroups: state.securityGroups.map((id) => ({ id, name: groupNames.get(id) ?? "" })),
      isPortSecurityEnabled: state.portSecurityEnabled,
    });
  }
  return views;
}

async function namesOf(
  ids: readonly string[],
  find: (id: string) => Promise<Versioned<{ readonly name: string }> | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const id of new Set(ids)) names.set(id, (await find(id))?.state.name ?? "");
  return names;
}

async function floatingAddresses(
  reader: Reader,
  portId: string,
): Promise<service.Port["floatingIps"]> {
  const found = await floatingIpsOfPort(reader, portId);
  return found.map(({ state }) => ({
    address: state.address,
    fixedIp: state.association!.fixedIp,
  }));
}

/** Floating IPs with their networks' names and the devices they lead to. */
export async function viewFloatingIps(
  reader: Reader,
  ips: readonly Versioned<FloatingIp>[],
): Promise<readonly service.FloatingIp[]> {
  const names = await namesOf(
    ips.map(({ state }) => state.floatingNetworkId),
    (id) => findNetwork(reader, id),
  );
  const ports = await findPorts(
    reader,
    ips.flatMap(({ state }) => state.association?.portId ?? []),
  );
  const devices = new Map(ports.map(({ id, state }) => [id, state.deviceId]));
  return ips.map(({ id, state: { address, floatingNetworkId, association } }) => ({
    id,
    address,
    network: { id: floatingNetworkId, name: names.get(floatingNetworkId)! },
    leadsTo: association && {
      portId: association.portId,
      fixedIp: association.fixedIp,
      deviceId: devices.get(association.portId) ?? "",
    },
  }));
}

export function viewSecurityGroup(
  { id, state }: Versioned<SecurityGroup>,
): service.SecurityGroupDetails {
  const { name, description, projectId } = state;
  const rules = state.rules.map((rule) => viewRule({ ...rule, securityGroupId: id, projectId }));
  return { id, name, description, projectId, rules };
}

export function viewRule(rule: RuleOfGroup): service.SecurityGroupRule {
  return {
    id: rule.id,
    groupId: rule.securityGroupId,
    direction: rule.direction,
    protocol: rule.protocol,
    portRangeMin: rule.portRangeMin,
    portRangeMax: rule.portRangeMax,
    remoteIpPrefix: rule.remoteIpPrefix,
    remoteGroupId: rule.remoteGroupId,
  };
}
