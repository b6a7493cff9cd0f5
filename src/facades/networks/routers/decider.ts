/** Routers: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { contains, parseAddress, parseCidr } from "../addresses.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import type { FixedIp } from "../ports/decider.ts";
import { invalidInput, type NetworkDecision, type NeutronRejection, refusal } from "../refusals.ts";
import type { HostRoute } from "../subnets/decider.ts";

export type RouterEvent = RouterCreated | RouterUpdated | RouterGatewaySet | RouterDeleted;

/** What whoever makes a router says of it. */
export interface RouterFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  readonly adminStateUp: boolean;
  readonly routes: readonly HostRoute[];
  readonly tags: readonly string[];
  /** Whether every host routes for itself; only admins say so. */
  readonly isDistributed?: boolean;
  /** Whether another takes over when it fails; only admins say so. */
  readonly isHighlyAvailable?: boolean;
}

/** A router's way out of the cloud. */
export interface Gateway {
  readonly networkId: string;
  /** The port through which it leads. */
  readonly portId: string;
  readonly enableSnat: boolean;
  readonly fixedIps: readonly FixedIp[];
}

export interface RouterCreated {
  readonly type: "RouterCreated";
  readonly data: RouterFacts;
}

export interface RouterUpdated {
  readonly type: "RouterUpdated";
  readonly data: Partial<RouterFacts>;
}

/** The router leads out here now; null: nowhere. */
export interface RouterGatewaySet {
  readonly type: "RouterGatewaySet";
  readonly data: { readonly gateway: Gateway | null };
}

export interface RouterDeleted {
  readonly type: "RouterDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface Router extends Lifetime, Required<RouterFacts> {
  readonly gateway: Gateway | null;
}

export const NO_ROUTER: Router = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  adminStateUp: true,
  routes: [],
  tags: [],
  isDistributed: false,
  isHighlyAvailable: false,
  gateway: null,
};

export function evolve(router: Router, event: Recorded<RouterEvent>): Router {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "RouterCreated":
      return { ...router, ...event.data, ...born(event) };
    case "RouterUpdated":
      return { ...router, ...event.data, updatedAt };
    case "RouterGatewaySet":
      return { ...router, gateway: event.data.gateway, updatedAt };
    case "RouterDeleted":
      return { ...router, exists: false, gateway: null, updatedAt };
  }
}

/** A subnet that a router reaches, and the router's address on it. */
export interface Reach {
  readonly subnetId: string;
  readonly cidr: string;
  readonly address: string;
}

/** Most routes of a router; neutron/conf/db/extraroute_db.py, `max_routes`. */
const MAX_ROUTES = 30;

export interface UpdateRouter {
  readonly type: "UpdateRouter";
  readonly id: string;
  readonly changes: Partial<RouterFacts>;
  readonly reach: readonly Reach[];
}

/**
 * Changes a router; refuses routes to hops that it does not reach, or that it is itself, and to
 * become another kind of router while it is up.
 */
export function updateRouter(
  { id, changes, reach }: UpdateRouter,
  router: Router,
): NetworkDecision<RouterUpdated> {
  const data = whatDiffers<RouterFacts>(router, changes);
  return (data.routes && refuseRoutes(id, data.routes, reach)) ??
    refuseOtherKind(data, { ...router, ...data }) ??
    (Object.keys(data).length === 0 ? [] : [{ type: "RouterUpdated", data }]);
}

/** Source: neutron/db/l3_dvr_db.py and l3_hamode_db.py, checks before updates. */
function refuseOtherKind(
  { isDistributed, isHighlyAvailable }: Partial<RouterFacts>,
  { adminStateUp }: RouterFacts,
): NeutronRejection | undefined {
  if (!adminStateUp) return undefined;
  const down = "Please set router admin_state_up to False prior to upgrade";
  if (isDistributed !== undefined) {
    return routerRequest(`Cannot change the 'distributed' attribute of active routers. ${down}`);
  }
  if (isHighlyAvailable !== undefined) {
    return routerRequest(`Cannot change HA attribute of active routers. ${down}`);
  }
}

function refuseRoutes(
  id: string,
  routes: readonly HostRoute[],
  reach: readonly Reach[],
): NeutronRejection | undefined {
  if (routes.length > MAX_ROUTES) {
    return refusal(
      "Invalid",
      "RoutesExhausted",
      `Unable to complete operation for ${id}. The number of routes exceeds the maximum ` +
        `${MAX_ROUTES}.`,
    );
  }
  const wrong = (reason: string) => ({
    ...invalidInput(""),
    type: "InvalidRoutes",
    message: `Invalid format for routes: ${JSON.stringify(routes)}, ${reason}`,
  });
  for (const { nexthop } of routes) {
    const hop = parseAddress(nexthop)!;
    if (!reach.some(({ cidr }) => contains(parseCidr(cidr)!, hop))) {
      return wrong("the nexthop is not connected with router");
    }
    if (reach.some(({ address }) => address === nexthop)) {
      return wrong("the nexthop is used by router");
    }
  }
}

/** Says no to changing a way out that floating IPs lead through. */
export function refuseGatewayInUse(
  id: string,
  { networkId }: Gateway,
  hasFloatingIps: boolean,
): NeutronRejection | undefined {
  if (!hasFloatingIps) return undefined;
  return refusal(
    "Conflict",
    "RouterExternalGatewayInUseByFloatingIp",
    `Gateway cannot be updated for router ${id}, since a gateway to external network ` +
      `${networkId} is required by one or more floating IPs.`,
  );
}

/** Deletes a router; refuses one that has interfaces. */
export function deleteRouter(id: string, hasInterfaces: boolean): NetworkDecision<RouterDeleted> {
  if (!hasInterfaces) return [{ type: "RouterDeleted", data: {} }];
  return refusal("Conflict", "RouterInUse", `Router ${id} still has ports`);
}

/** Says no to a subnet that a router reaches already, or whose addresses are those of another. */
export function refuseReach(
  { subnetId, cidr }: Omit<Reach, "address">,
  reach: readonly Reach[],
): NeutronRejection | undefined {
  if (reach.some((other) => other.subnetId === subnetId)) {
    return routerRequest(`Router already has a port on subnet ${subnetId}`);
  }
  const mine = parseCidr(cidr)!;
  const overlapping = reach.find((other) => {
    const theirs = parseCidr(other.cidr)!;
    return mine.version === theirs.version && mine.first <= theirs.last &&
      theirs.first <= mine.last;
  });
  if (!overlapping) return undefined;
  return routerRequest(
    `Cidr ${cidr} of subnet ${subnetId} overlaps with cidr ${overlapping.cidr} of subnet ` +
      overlapping.subnetId,
  );
}

/** A request on a router that makes no sense. */
export function routerRequest(message: string): NeutronRejection {
  return refusal("Invalid", "BadRequest", `Bad router request: ${message}.`);
}

/** Who has the ports by which a router is on networks of projects; Neutron's words. */
export const INTERFACE_OWNERS = [
  "network:router_interface",
  "network:router_interface_distributed",
  "network:ha_router_replicated_interface",
] as const;

export type InterfaceOwner = typeof INTERFACE_OWNERS[number];

/** What the ports of a router's interfaces are called; neutron/db/l3_dvr_db.py, `_get_device_owner`. */
export function interfaceOwner(
  { isDistributed, isHighlyAvailable }: Pick<Router, "isDistributed" | "isHighlyAvailable">,
): InterfaceOwner {
  if (isDistributed) return "network:router_interface_distributed";
  return isHighlyAvailable ? "network:ha_router_replicated_interface" : "network:router_interface";
}
