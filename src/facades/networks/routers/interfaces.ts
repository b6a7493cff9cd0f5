/** `PUT /v2.0/routers/{id}/add_router_interface` and `…/remove_router_interface`. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../../endpoint.ts";
import { mayWrite } from "../access.ts";
import { contains, parseAddress, parseCidr } from "../addresses.ts";
import { refused } from "../answers.ts";
import { objectIn, refuseBody } from "../body.ts";
import { uuid } from "../fields.ts";
import { floatingIpsOfRouter } from "../floating_ips/projection.ts";
import { findVisible } from "../list.ts";
import type { Port } from "../ports/decider.ts";
import { ports } from "../ports/projection.ts";
import { portResource } from "../ports/resource.ts";
import { createServicePort, deleteServicePort } from "../ports/service_ports.ts";
import { type NeutronRejection, notFound, refusal } from "../refusals.ts";
import { findSubnet } from "../subnets/projection.ts";
import { subnetResource } from "../subnets/resource.ts";
import { findOwn, readBody, type WriteDependencies } from "../write.ts";
import { interfaceOwner, refuseReach, type Router, routerRequest } from "./decider.ts";
import { interfacesOf, reachOf } from "./reach.ts";
import { routerResource } from "./resource.ts";

/** What the body names: a subnet, or a port, or (to remove) both. */
interface Named {
  readonly subnetId: string | undefined;
  readonly portId: string | undefined;
}

/** What became of a router's interface. */
interface Interface {
  readonly port: Versioned<Port>;
  readonly subnetIds: readonly string[];
}

type Change = (
  unit: UnitOfWork,
  router: Versioned<Router>,
  named: Named,
  by: Caller,
) => Promise<Interface | NeutronRejection>;

/** Puts a router on a subnet, by the subnet's gateway address or a port that is there. */
export function addInterface(dependencies: WriteDependencies): FacadeOperation {
  return change(dependencies, "add_router_interface", async (unit, router, named, by) => {
    if (named.portId !== undefined && named.subnetId !== undefined) {
      return routerRequest("Cannot specify both subnet-id and port-id");
    }
    return named.portId === undefined
      ? await addBySubnet(unit, router, named.subnetId!, by)
      : await addByPort(unit, router, named.portId, by);
  });
}

/** Takes a router off a subnet; its port goes with it. */
export function removeInterface(dependencies: WriteDependencies): FacadeOperation {
  return change(dependencies, "remove_router_interface", removeNamed);
}

function change(
  { committer }: WriteDependencies,
  action: "add_router_interface" | "remove_router_interface",
  apply: Change,
): FacadeOperation {
  const command = action === "add_router_interface"
    ? "AddRouterInterface"
    : "RemoveRouterInterface";
  return async (request) => {
    const named = await readNamed(request);
    if (named instanceof Response) return named;
    const outcome = await committer.submit(request.metadata(command), async (unit) => {
      const router = await findOwn(unit, routerResource, request, action);
      return isRejection(router) ? router : await apply(unit, router, named, request.caller);
    });
    if (isRejection(outcome)) return refused(outcome);
    const { port, subnetIds } = outcome;
    return json(200, {
      id: request.param("id"),
      tenant_id: port.state.projectId,
      project_id: port.state.projectId,
      port_id: port.id,
      network_id: port.state.networkId,
      subnet_id: subnetIds.at(-1),
      subnet_ids: subnetIds,
    });
  };
}

async function readNamed(request: FacadeRequest): Promise<Named | Response> {
  const body = await readBody(request);
  if (body instanceof Response) return body;
  const named = objectIn(body.value);
  if (!named) return refused(refuseBody(body.value));
  const [subnetId, portId] = [named["subnet_id"], named["port_id"]];
  if (subnetId === undefined && portId === undefined) {
    return refused(routerRequest("Either subnet_id or port_id must be specified"));
  }
  for (const id of [portId, subnetId]) {
    const reading = id === undefined ? { value: "" } : uuid(id);
    if ("problem" in reading) return refused(routerRequest(reading.problem));
  }
  return { subnetId: subnetId as string | undefined, portId: portId as string | undefined };
}

async function addBySubnet(
  unit: UnitOfWork,
  router: Versioned<Router>,
  subnetId: string,
  by: Caller,
): Promise<Interface | NeutronRejection> {
  const subnet = await findVisible(unit, subnetResource, subnetId, by);
  if (!subnet) return notFound.subnet(subnetId);
  const { gatewayIp, networkId, projectId, cidr } = subnet.state;
  if (gatewayIp === null) {
    return routerRequest("Subnet for router interface must have a gateway IP");
  }
  if (projectId !== by.projectId && !by.isAdmin) {
    return routerRequest(
      `Cannot add interface to router because subnet ${subnetId} is not owned by project making ` +
        "the request",
    );
  }
  const refusal = refuseReach({ subnetId, cidr }, await reachOf(unit, router.id));
  if (refusal) return refusal;
  const port = await createServicePort(unit, {
    id: crypto.randomUUID(),
    networkId,
    projectId: router.state.projectId,
    deviceId: router.id,
    deviceOwner: interfaceOwner(router.state),
    addresses: [{ subnetId, ipAddress: gatewayIp }],
  });
  return isRejection(port) ? port : { port, subnetIds: [subnetId] };
}

async function addByPort(
  unit: UnitOfWork,
  router: Versioned<Router>,
  portId: string,
  by: Caller,
): Promise<Interface | NeutronRejection> {
  const port = await findVisible(unit, portResource, portId, by);
  if (!port || !mayWrite(by, port.state.projectId)) return notFound.port(portId);
  const { networkId, deviceId, fixedIps } = port.state;
  if (deviceId !== "") {
    return refusal(
      "Conflict",
      "PortInUse",
      `Unable to complete operation on port ${portId} for network ${networkId}. ` +
        `Port already has an attached device ${deviceId}.`,
    );
  }
  if (fixedIps.length === 0) return routerRequest("Router port must have at least one fixed IP");
  const reach = await reachOf(unit, router.id);
  for (const { subnetId } of fixedIps) {
    const subnet = await findSubnet(unit, subnetId);
    const refusal = subnet && refuseReach({ subnetId, cidr: subnet.state.cidr }, reach);
    if (refusal) return refusal;
  }
  const after = await unit.append(ports, port, [{
    type: "PortUpdated",
    data: { deviceId: router.id, deviceOwner: interfaceOwner(router.state) },
  }]);
  return { port: after, subnetIds: fixedIps.map(({ subnetId }) => subnetId) };
}

async function removeNamed(
  unit: UnitOfWork,
  router: Versioned<Router>,
  { portId, subnetId }: Named,
): Promise<Interface | NeutronRejection> {
  const interfaces = await interfacesOf(unit, router.id);
  const found = interfaces.find(({ id, state }) =>
    portId === undefined ? state.fixedIps.some((ip) => ip.subnetId === subnetId) : id === portId
  );
  if (!found) return await noInterface(unit, router.id, { portId, subnetId });
  const subnetIds = found.state.fixedIps.map((ip) => ip.subnetId);
  if (subnetId !== undefined && !subnetIds.includes(subnetId)) {
    return refusal(
      "Invalid",
      "SubnetMismatchForPort",
      `Subnet on port ${portId} does not match the requested subnet ${subnetId}.`,
    );
  }
  for (const id of subnetIds) {
    const refusal = await refuseFloating(unit, router.id, id) ??
      await refuseRouted(unit, router, id);
    if (refusal) return refusal;
  }
  await deleteServicePort(unit, found.id);
  return { port: found, subnetIds: subnetId === undefined ? subnetIds : [subnetId] };
}

async function noInterface(
  reader: Reader,
  routerId: string,
  { portId, subnetId }: Named,
): Promise<NeutronRejection> {
  if (portId !== undefined) {
    return refusal(
      "NotFound",
      "RouterInterfaceNotFound",
      `Router ${routerId} does not have an interface with id ${portId}`,
    );
  }
  if (!await findSubnet(reader, subnetId!)) return notFound.subnet(subnetId!);
  return refusal(
    "NotFound",
    "RouterInterfaceNotFoundForSubnet",
    `Router ${routerId} has no interface on subnet ${subnetId}`,
  );
}

/** Says no while floating IPs lead through the router to addresses of the subnet. */
async function refuseFloating(
  reader: Reader,
  routerId: string,
  subnetId: string,
): Promise<NeutronRejection | undefined> {
  const subnet = await findSubnet(reader, subnetId);
  if (!subnet) return undefined;
  const cidr = parseCidr(subnet.state.cidr)!;
  const leading = await floatingIpsOfRouter(reader, routerId);
  if (!leading.some(({ state }) => contains(cidr, parseAddress(state.association!.fixedIp)!))) {
    return undefined;
  }
  return refusal(
    "Conflict",
    "RouterInterfaceInUseByFloatingIP",
    `Router interface for subnet ${subnetId} on router ${routerId} cannot be deleted, as it is ` +
      "required by one or more floating IPs.",
  );
}

/** Says no while routes of the router lead over hops on the subnet. */
async function refuseRouted(
  reader: Reader,
  { id, state: { routes } }: Versioned<Router>,
  subnetId: string,
): Promise<NeutronRejection | undefined> {
  const subnet = await findSubnet(reader, subnetId);
  if (!subnet) return undefined;
  const cidr = parseCidr(subnet.state.cidr)!;
  if (!routes.some(({ nexthop }) => contains(cidr, parseAddress(nexthop)!))) return undefined;
  return refusal(
    "Conflict",
    "RouterInterfaceInUseByRoute",
    `Router interface for subnet ${subnetId} on router ${id} cannot be deleted, as it is ` +
      "required by one or more routes.",
  );
}
