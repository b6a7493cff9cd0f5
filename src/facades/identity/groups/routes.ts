/** `/v3/groups`: there are none, and clients that look for one are told so. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { fault } from "../http/faults.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { listOf } from "../http/views.ts";

/** The routes under `/v3/groups`. */
export function groupRoutes(endpoints: IdentityEndpoints): Hono {
  const routes = new Hono();
  routes.get(
    "/",
    endpoints.authenticated((request) =>
      refuseUnlessAllowed("identity:list_groups", request.token) ?? listOf(request, "groups", [])
    ),
  );
  routes.get(
    "/:group_id",
    endpoints.authenticated((request) =>
      refuseUnlessAllowed("identity:get_group", request.token) ??
        fault(404, `Could not find group: ${request.param("group_id")}.`)
    ),
  );
  return routes;
}
