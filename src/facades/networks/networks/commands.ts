/** Networks as requests make, change and delete them. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { flag, integer, orNull, text, textOrNone } from "../fields.ts";
import { portsOnNetwork } from "../ports/projection.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { record } from "../record.ts";
import { badRequest, type NeutronRejection } from "../refusals.ts";
import { subnets, subnetsOf } from "../subnets/projection.ts";
import type { Update, WritableResource } from "../write.ts";
import {
  createNetwork,
  deleteNetwork,
  type Network,
  type NetworkFacts,
  updateNetwork,
} from "./decider.ts";
import { networks } from "./projection.ts";
import { networkResource } from "./resource.ts";

const fields = {
  "name": { read: text() },
  "description": { read: textOrNone },
  "admin_state_up": { read: flag },
  "shared": { read: flag, adminOnly: true, unless: false },
  "router:external": { read: flag, adminOnly: true, unless: false },
  "is_default": { read: flag, adminOnly: true, unless: false },
  "port_security_enabled": { read: flag },
  "mtu": { read: integer(0) },
  "availability_zone_hints": { read: hints, put: "refused" },
  "provider:network_type": { read: orNull(text()), adminOnly: true },
  "provider:physical_network": { read: orNull(text()), adminOnly: true },
  "provider:segmentation_id": { read: orNull(integer(0)), adminOnly: true },
} as const;

type Fields = typeof fields;

/** Zones that a network should be in: there is one, so that any list is taken and not kept. */
function hints(value: unknown) {
  return Array.isArray(value) ? { value } : { problem: "it is not a list" };
}

const DEFAULT_MTU = 1500;

/** How many ports the refusal to delete a network names. */
const MAX_NAMED = 100;

/** Networks that requests may write. */
export const writableNetworks: WritableResource<Network, Fields> = {
  ...networkResource,
  fields,

  async create(unit, { id, projectId, values }) {
    const refusal = refuseProvider(values) ?? await refuseBeyondQuota(unit, projectId, "network");
    if (refusal) return refusal;
    const before = await unit.load(networks, id);
    const network: NetworkFacts = {
      name: values.name ?? "",
      description: values.description ?? "",
      projectId,
      adminStateUp: values.admin_state_up ?? true,
      isShared: values.shared ?? false,
      isExternal: values["router:external"] ?? false,
      portSecurityEnabled: values.port_security_enabled ?? true,
      mtu: values.mtu || DEFAULT_MTU,
      tags: [],
    };
    const decision = createNetwork({ type: "CreateNetwork", id, network }, before.state);
    return await record(unit, networks, before, decision);
  },

  async update(unit, before, { values }) {
    const refusal = refuseProvider(values);
    if (refusal) return refusal;
    // All ports are looked at only where it matters who has them.
    const isTakenAway = values.shared === false || values["router:external"] === false;
    const theirs = isTakenAway ? await portsOnNetwork(unit, before.id) : [];
    const mine = await subnetsOf(unit, before.id);
    const isOthers = ({ projectId }: { readonly projectId: string }) =>
      projectId !== before.state.projectId;
    const decision = updateNetwork({
      type: "UpdateNetwork",
      id: before.id,
      changes: {
        name: values.name,
        description: values.description,
        adminStateUp: values.admin_state_up,
        isShared: values.shared,
        isExternal: values["router:external"],
        portSecurityEnabled: values.port_security_enabled,
        mtu: values.mtu === 0 ? DEFAULT_MTU : values.mtu,
      },
      isUsedByOthers: theirs.some((port) =>
        !port.deviceOwner.startsWith("network:") && isOthers(port)
      ) || mine.some(({ state }) => isOthers(state)),
      hasGateways: theirs.some(({ deviceOwner }) => deviceOwner === "network:router_gateway"),
      subnetVersions: mine.map(({ state }) => state.ipVersion),
    }, before.state);
    return await record(unit, networks, before, decision);
  },

  async remove(unit, before) {
    const { id } = before;
    const portIds = (await portsOnNetwork(unit, id, MAX_NAMED)).map((port) => port.id);
    const decision = deleteNetwork({ type: "DeleteNetwork", id, portIds });
    if (isRejection(decision)) return decision;
    await deleteSubnets(unit, id);
    await unit.append(networks, before, decision);
  },
};

/** The subnets of a network that has no ports go with it. */
async function deleteSubnets(unit: UnitOfWork, networkId: string): Promise<void> {
  for (const subnet of await subnetsOf(unit, networkId)) {
    await unit.append(subnets, subnet, [{ type: "SubnetDeleted", data: {} }]);
  }
}

/** Networks need nothing outside the host, so that there is no provider to ask for another kind. */
function refuseProvider(values: Update<Fields>["values"]): NeutronRejection | undefined {
  const type = values["provider:network_type"] ?? "local";
  const physical = values["provider:physical_network"] ?? null;
  const segment = values["provider:segmentation_id"] ?? null;
  if (type === "local" && physical === null && segment === null) return undefined;
  return badRequest("Invalid input for operation: network_type value must be 'local'.");
}
