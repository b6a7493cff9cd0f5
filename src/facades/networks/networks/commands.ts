/** Networks as requests make, change and delete them. */
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { flag, integer, orNull, text, textOrNone, uuid } from "../fields.ts";
import { portsOnNetwork } from "../ports/projection.ts";
import { refusePolicy } from "../qos/commands.ts";
import { defaultQosPolicyId } from "../qos/projection.ts";
import { endPoliciesOn } from "../rbac/projection.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { record } from "../record.ts";
import { invalidInput, type NeutronRejection } from "../refusals.ts";
import { subnets, subnetsOf } from "../subnets/projection.ts";
import type { Update, WritableResource } from "../write.ts";
import {
  createNetwork,
  deleteNetwork,
  type Network,
  type NetworkFacts,
  refuseSecondDefault,
  updateNetwork,
} from "./decider.ts";
import { defaultNetworkId, isSegmentTaken, lowestFreeSegment, networks } from "./projection.ts";
import {
  type AskedProvider,
  hasSegments,
  type Provider,
  readProvider,
  refuseNoSegment,
  segmentInUse,
} from "./provider.ts";
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
  "qos_policy_id": { read: orNull(uuid) },
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

  async create(unit, { id, projectId, values, by }) {
    const isExternal = values["router:external"] ?? false;
    const isDefault = isExternal && (values.is_default ?? false);
    const refusal = await refuseBeyondQuota(unit, projectId, "network") ??
      await refusePolicy(unit, values.qos_policy_id, by) ??
      await refuseDefault(unit, id, { isDefault, isExternal });
    if (refusal) return refusal;
    const provider = await findSegment(unit, askedProvider(values));
    if (isRejection(provider)) return provider;
    const before = await unit.load(networks, id);
    const network: NetworkFacts = {
      name: values.name ?? "",
      description: values.description ?? "",
      projectId,
      adminStateUp: values.admin_state_up ?? true,
      isShared: values.shared ?? false,
      isExternal,
      portSecurityEnabled: values.port_security_enabled ?? true,
      mtu: values.mtu || DEFAULT_MTU,
      tags: [],
      provider,
      isDefault,
      qosPolicyId: values.qos_policy_id === undefined
        ? await defaultQosPolicyId(unit, projectId) ?? null
        : values.qos_policy_id,
    };
    const decision = createNetwork({ type: "CreateNetwork", id, network }, before.state);
    return await record(unit, networks, before, decision);
  },

  async update(unit, before, { values, by }) {
    const isExternal = values["router:external"] ?? before.state.isExternal;
    const isDefault = isExternal && (values.is_default ?? before.state.isDefault);
    const refusal = refuseOtherProvider(values, before.state) ??
      await refusePolicy(unit, values.qos_policy_id, by) ??
      await refuseDefault(unit, before.id, { isDefault, isExternal });
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
        isDefault,
        qosPolicyId: values.qos_policy_id,
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
    await endPoliciesOn(unit, id);
    await unit.append(networks, before, decision);
  },
};

/** The subnets of a network that has no ports go with it. */
async function deleteSubnets(unit: UnitOfWork, networkId: string): Promise<void> {
  for (const subnet of await subnetsOf(unit, networkId)) {
    await unit.append(subnets, subnet, [{ type: "SubnetDeleted", data: {} }]);
  }
}

/** What a request says of how frames travel. */
function askedProvider(values: Update<Fields>["values"]): AskedProvider {
  return {
    type: values["provider:network_type"],
    physicalNetwork: values["provider:physical_network"],
    segmentationId: values["provider:segmentation_id"],
  };
}

/** The segment that was asked for, or a free one; refuses one that another network has. */
async function findSegment(
  reader: Reader,
  asked: AskedProvider,
): Promise<Provider | NeutronRejection> {
  const provider = readProvider(asked);
  if (isRejection(provider) || provider.type === "local") return provider;
  if (!hasSegments(provider) || provider.segmentationId !== null) {
    return await isSegmentTaken(reader, provider) ? segmentInUse(provider) : provider;
  }
  const found = { ...provider, segmentationId: await lowestFreeSegment(reader, provider) };
  return refuseNoSegment(found) ?? found;
}

/** Frames travel as they do: a network's provider is for ever. */
function refuseOtherProvider(
  values: Update<Fields>["values"],
  { provider }: Network,
): NeutronRejection | undefined {
  const asked = askedProvider(values);
  const names = Object.keys(asked) as (keyof AskedProvider)[];
  if (names.every((name) => asked[name] === undefined || asked[name] === provider[name])) {
    return undefined;
  }
  return invalidInput("Plugin does not support updating provider attributes");
}

/** Says no to being the default beside another; what does not lead out is none. */
async function refuseDefault(
  reader: Reader,
  id: string,
  { isDefault, isExternal }: { readonly isDefault: boolean; readonly isExternal: boolean },
): Promise<NeutronRejection | undefined> {
  if (!isDefault || !isExternal) return undefined;
  return refuseSecondDefault(id, await defaultNetworkId(reader));
}
