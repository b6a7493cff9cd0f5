/** Routers in Neutron's lists and JSON. */
import { isLive } from "../../collections.ts";
import { toSeconds } from "../../times.ts";
import { ofOwnProject } from "../access.ts";
import { COMMON_ATTRIBUTES, flag, text } from "../attributes.ts";
import type { Json, Resource } from "../list.ts";
import { notFound } from "../refusals.ts";
import type { Gateway, Router } from "./decider.ts";

/** `GET /v2.0/routers`; neutron/db/l3_db.py, `_make_router_dict`. */
export const routerResource: Resource<Router> = {
  name: "router",
  plural: "routers",
  table: "routers",
  attributes: {
    ...COMMON_ATTRIBUTES,
    name: text("name"),
    admin_state_up: flag("admin_state_up"),
    distributed: flag("distributed"),
    ha: flag("ha"),
    status: { filter: (values) => (eb) => eb.lit(values.includes("ACTIVE")) },
  },
  visibleTo: (caller) => [isLive, ofOwnProject(caller)],
  views: (_reader, rows, caller) =>
    rows.map(({ id, version, state: router }) => ({
      id,
      name: router.name,
      tenant_id: router.projectId,
      admin_state_up: router.adminStateUp,
      status: "ACTIVE",
      external_gateway_info: router.gateway && gatewayView(router.gateway),
      description: router.description,
      availability_zones: ["nova"],
      availability_zone_hints: [],
      ...(caller.isAdmin && {
        distributed: router.isDistributed,
        ha: router.isHighlyAvailable,
      }),
      flavor_id: null,
      routes: router.routes,
      tags: router.tags,
      created_at: toSeconds(router.createdAt),
      updated_at: toSeconds(router.updatedAt),
      revision_number: version,
      project_id: router.projectId,
    })),
  notFound: notFound.router,
};

function gatewayView({ networkId, enableSnat, fixedIps }: Gateway): Json {
  return {
    network_id: networkId,
    enable_snat: enableSnat,
    external_fixed_ips: fixedIps.map(({ subnetId, address }) => ({
      subnet_id: subnetId,
      ip_address: address,
    })),
  };
}
