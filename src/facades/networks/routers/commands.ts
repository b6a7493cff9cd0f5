/** Routers as requests make, change and delete them. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { pythonStr } from "../../../http/python.ts";
import {
  fixedIps,
  flag,
  isObject,
  orNull,
  type Reading,
  routes,
  text,
  textOrNone,
  uuid,
} from "../fields.ts";
import { floatingIpsOfRouter } from "../floating_ips/projection.ts";
import { findVisible } from "../list.ts";
import { leadsOut } from "../networks/external.ts";
import { networkResource } from "../networks/resource.ts";
import type { AddressRequest } from "../ports/allocate.ts";
import { ports } from "../ports/projection.ts";
import { createServicePort, deleteServicePort } from "../ports/service_ports.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { record } from "../record.ts";
import { type NeutronRejection, notAllowed, notFound } from "../refusals.ts";
import { subnetsOf } from "../subnets/projection.ts";
import type { WritableResource } from "../write.ts";
import {
  deleteRouter,
  type Gateway,
  interfaceOwner,
  refuseGatewayInUse,
  refuseReach,
  type Router,
  routerRequest,
  updateRouter,
} from "./decider.ts";
import { routers } from "./projection.ts";
import { interfacesOf, reachOf } from "./reach.ts";
import { routerResource } from "./resource.ts";

/** A way out, as requests ask for it. */
interface AskedGateway {
  readonly networkId: string;
  readonly enableSnat: boolean | undefined;
  readonly addresses: readonly AddressRequest[] | undefined;
}

const fields = {
  name: { read: text() },
  description: { read: textOrNone },
  admin_state_up: { read: flag },
  external_gateway_info: { read: gateway },
  routes: { read: routes, post: "refused" },
  distributed: { read: orNull(flag), adminOnly: true },
  ha: { read: orNull(flag), adminOnly: true },
  availability_zone_hints: {
    read: (value: unknown) => Array.isArray(value) ? { value } : { problem: "it is not a list" },
    put: "refused",
  },
} as const;

const GATEWAY_KEYS = ["network_id", "enable_snat", "external_fixed_ips"];

/** `{"network_id": …, "enable_snat": …, "external_fixed_ips": […]}`; null or {} for no way out. */
function gateway(value: unknown): Reading<AskedGateway | null> {
  if (value === null) return { value: null };
  if (!isObject(value)) return { problem: `'${pythonStr(value)}' is not a dictionary` };
  const keys = Object.keys(value);
  if (keys.length === 0) return { value: null };
  const unexpected = keys.filter((key) => !GATEWAY_KEYS.includes(key));
  if (unexpected.length > 0) {
    return { problem: `Unexpected keys supplied: ${unexpected.join(", ")}` };
  }
  const networkId = uuid(value["network_id"]);
  if (!("value" in networkId)) return networkId;
  const snat = orNull(flag)(value["enable_snat"] ?? null);
  if (!("value" in snat)) return snat;
  const given = value["external_fixed_ips"];
  const addresses = given === undefined || given === null ? undefined : fixedIps(given);
  if (addresses && !("value" in addresses)) return addresses;
  return {
    value: {
      networkId: networkId.value,
      enableSnat: snat.value ?? undefined,
      // An empty list leaves the choice to the service.
      addresses: addresses?.value.length ? addresses.value : undefined,
    },
  };
}

/** Routers that requests may write. */
export const writableRouters: WritableResource<Router, typeof fields> = {
  ...routerResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const refusal = refuseGatewayDetails("create_router", values.external_gateway_info, by) ??
      await refuseBeyondQuota(unit, projectId, "router");
    if (refusal) return refusal;
    const router = await unit.append(routers, await unit.load(routers, id), [{
      type: "RouterCreated",
      data: {
        name: values.name ?? "",
        description: values.description ?? "",
        projectId,
        adminStateUp: values.admin_state_up ?? true,
        routes: [],
        tags: [],
        isDistributed: values.distributed ?? false,
        isHighlyAvailable: values.ha ?? false,
      },
    }]);
    return await setGateway(unit, router, values.external_gateway_info, by);
  },

  async update(unit, before, { values, by }) {
    const refusal = refuseGatewayDetails("update_router", values.external_gateway_info, by);
    if (refusal) return refusal;
    const router = await setGateway(unit, before, values.external_gateway_info, by);
    if (isRejection(router)) return router;
    const decision = updateRouter({
      type: "UpdateRouter",
      id: before.id,
      changes: {
        name: values.name,
        description: values.description,
        adminStateUp: values.admin_state_up,
        routes: values.routes,
        isDistributed: values.distributed ?? undefined,
        isHighlyAvailable: values.ha ?? undefined,
      },
      reach: values.routes ? await reachOf(unit, before.id) : [],
    }, router.state);
    const after = await record(unit, routers, router, decision);
    if (!isRejection(after)) await renameOwners(unit, router, after);
    return after;
  },

  async remove(unit, before) {
    const { id, state: { gateway } } = before;
    const decision = deleteRouter(id, (await interfacesOf(unit, id)).length > 0);
    if (isRejection(decision)) return decision;
    if (gateway) await deleteServicePort(unit, gateway.portId);
    await unit.append(routers, before, decision);
  },
};

/** The interfaces of a router of another kind are called otherwise. */
async function renameOwners(
  unit: UnitOfWork,
  { id, state: before }: Versioned<Router>,
  { state: after }: Versioned<Router>,
): Promise<void> {
  const deviceOwner = interfaceOwner(after);
  if (deviceOwner === interfaceOwner(before)) return;
  for (const port of await interfacesOf(unit, id)) {
    await unit.append(ports, port, [{ type: "PortUpdated", data: { deviceOwner } }]);
  }
}

/** neutron/conf/policies/router.py, `external_gateway_info:*`. */
function refuseGatewayDetails(
  action: string,
  asked: AskedGateway | null | undefined,
  by: Caller,
): NeutronRejection | undefined {
  if (!asked || by.isAdmin) return undefined;
  if (asked.enableSnat !== undefined) {
    return notAllowed(action, "external_gateway_info:enable_snat");
  }
  if (asked.addresses) return notAllowed(action, "external_gateway_info:external_fixed_ips");
}

/**
 * Whether a gateway is on the subnets that are asked for, and has the addresses that are named.
 *
 * How many are wanted of a subnet is not looked at: l3_db.py, `_check_for_external_ip_change`.
 */
function hasAddresses({ fixedIps }: Gateway, asked: readonly AddressRequest[] = []): boolean {
  if (asked.length === 0) return true;
  const subnets = new Set(asked.flatMap(({ subnetId }) => subnetId ?? []));
  const addresses = new Set(asked.flatMap(({ ipAddress }) => ipAddress ?? []));
  return areEqual(subnets, new Set(fixedIps.map(({ subnetId }) => subnetId))) &&
    areEqual(addresses, new Set(fixedIps.map(({ address }) => address)));
}

function areEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.symmetricDifference(other).size === 0;
}

/** Brings a router's way out to what was asked for; undefined asks for what it has. */
async function setGateway(
  unit: UnitOfWork,
  router: Versioned<Router>,
  asked: AskedGateway | null | undefined,
  by: Caller,
): Promise<Versioned<Router> | NeutronRejection> {
  const { id, state: { gateway } } = router;
  if (asked === undefined || (asked === null && !gateway)) return router;
  if (asked && gateway?.networkId === asked.networkId && hasAddresses(gateway, asked.addresses)) {
    const enableSnat = asked.enableSnat ?? gateway.enableSnat;
    if (enableSnat === gateway.enableSnat) return router;
    return await unit.append(routers, router, [
      { type: "RouterGatewaySet", data: { gateway: { ...gateway, enableSnat } } },
    ]);
  }
  if (gateway) {
    const hasFloatingIps = (await floatingIpsOfRouter(unit, id)).length > 0;
    const refusal = asked?.networkId === gateway.networkId
      ? undefined
      : refuseGatewayInUse(id, gateway, hasFloatingIps);
    if (refusal) return refusal;
    await deleteServicePort(unit, gateway.portId);
  }
  const next = asked && await openGateway(unit, id, asked, by);
  if (isRejection(next)) return next;
  return await unit.append(routers, router, [
    { type: "RouterGatewaySet", data: { gateway: next } },
  ]);
}

async function openGateway(
  unit: UnitOfWork,
  routerId: string,
  { networkId, enableSnat = true, addresses }: AskedGateway,
  by: Caller,
) {
  const network = await findVisible(unit, networkResource, networkId, by);
  if (!network) return notFound.network(networkId);
  if (!await leadsOut(unit, network, by)) {
    return routerRequest(`Network ${networkId} is not an external network`);
  }
  const reach = await reachOf(unit, routerId);
  for (const { id, state } of await subnetsOf(unit, networkId)) {
    const refusal = refuseReach({ subnetId: id, cidr: state.cidr }, reach);
    if (refusal) return refusal;
    if (addresses?.some(({ ipAddress }) => ipAddress === state.gatewayIp)) {
      return routerRequest(`External IP ${state.gatewayIp} is the same as the gateway IP`);
    }
  }
  const port = await createServicePort(unit, {
    id: crypto.randomUUID(),
    networkId,
    projectId: "",
    deviceId: routerId,
    deviceOwner: "network:router_gateway",
    addresses,
  });
  if (isRejection(port)) return port;
  return { networkId, portId: port.id, enableSnat, fixedIps: port.state.fixedIps };
}
