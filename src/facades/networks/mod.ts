/** The embedded network service: enough of Neutron to boot on, and to build networks with. */
import type { AnyAggregate } from "../../eventsourcing/aggregate.ts";
import { addressGroups } from "./address_groups/projection.ts";
import { addressScopes } from "./address_scopes/projection.ts";
import { floatingIps } from "./floating_ips/projection.ts";
import { networks } from "./networks/projection.ts";
import { ports } from "./ports/projection.ts";
import { qosPolicies } from "./qos/projection.ts";
import { networkQuotas } from "./quotas/projection.ts";
import { rbacPolicies } from "./rbac/projection.ts";
import { routers } from "./routers/projection.ts";
import { securityGroups } from "./security_groups/projection.ts";
import { subnetPools } from "./subnet_pools/projection.ts";
import { subnets } from "./subnets/projection.ts";

/** Everything of the network service that is folded from the log. */
export const networkAggregates: readonly AnyAggregate[] = [
  networks,
  subnets,
  ports,
  securityGroups,
  routers,
  floatingIps,
  networkQuotas,
  addressScopes,
  subnetPools,
  addressGroups,
  rbacPolicies,
  qosPolicies,
];

export { networkRoutes, type NetworkRoutesDependencies } from "./routes.ts";
export { type NetworkSeed, seedNetworks } from "./seed.ts";
export {
  seedDefaultGroup,
  seedNetwork,
  seedNetworkQuota,
  type SeedResource,
  seedSecurityGroup,
  seedSecurityGroupRule,
  seedSubnet,
} from "./seed_resources.ts";
export { EmbeddedNetworks, type EmbeddedNetworksOptions } from "./service.ts";
