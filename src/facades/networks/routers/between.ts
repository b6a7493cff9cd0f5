/** The way from a project's subnet out of the cloud. */
import type { Reader } from "../../../store/query.ts";
import { routerPortsOn } from "../ports/projection.ts";
import { findSubnet } from "../subnets/projection.ts";
import { routers } from "./projection.ts";

/**
 * The router that is on a subnet and leads out through an external network; of several, the one
 * that is the subnet's gateway. Source: neutron/db/l3_db.py, `get_router_for_floatingip`.
 */
export async function findRouterBetween(
  reader: Reader,
  subnetId: string,
  externalNetworkId: string,
): Promise<string | undefined> {
  const subnet = await findSubnet(reader, subnetId);
  if (!subnet) return undefined;
  const { networkId, gatewayIp } = subnet.state;
  let first: string | undefined;
  for (const { routerId, address } of await routerPortsOn(reader, { networkId, subnetId })) {
    const router = await routers.projection.load(reader, routerId);
    if (router?.state.gateway?.networkId !== externalNetworkId) continue;
    if (address === gatewayIp) return routerId;
    first ??= routerId;
  }
  return first;
}
