/** `PUT /v2.0/routers/{id}/add_extraroutes` and `…/remove_extraroutes`. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { readUpdate } from "../body.ts";
import { routes } from "../fields.ts";
import { record } from "../record.ts";
import { badRequest, type NeutronRejection } from "../refusals.ts";
import type { HostRoute } from "../subnets/decider.ts";
import { findOwn, readBody, type WriteDependencies } from "../write.ts";
import { updateRouter } from "./decider.ts";
import { routers } from "./projection.ts";
import { reachOf } from "./reach.ts";
import { routerResource } from "./resource.ts";

const FIELDS = { routes: { read: routes } };

type Change = (
  present: readonly HostRoute[],
  named: readonly HostRoute[],
) => readonly HostRoute[];

const isIn = (routes: readonly HostRoute[]) => (route: HostRoute) =>
  routes.some(({ destination, nexthop }) =>
    destination === route.destination && nexthop === route.nexthop
  );

/** Adds routes to those that a router has; one that is there already stays. */
export function addExtraRoutes(dependencies: WriteDependencies): FacadeOperation {
  return change(
    dependencies,
    { action: "add_extraroutes", command: "AddRouterExtraRoutes" },
    (present, named) => [...present, ...named.filter((route) => !isIn(present)(route))],
  );
}

/** Takes routes from a router; one that is not there is none to take. */
export function removeExtraRoutes(dependencies: WriteDependencies): FacadeOperation {
  return change(
    dependencies,
    { action: "remove_extraroutes", command: "RemoveRouterExtraRoutes" },
    (present, named) => present.filter((route) => !isIn(named)(route)),
  );
}

/** Source: neutron/db/extraroute_db.py, `add_extraroutes` and `remove_extraroutes`. */
function change(
  { reader, committer }: WriteDependencies,
  { action, command }: { readonly action: string; readonly command: string },
  apply: Change,
): FacadeOperation {
  return async (request) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const by = request.caller;
    const named = readRoutes(body.value, by);
    if (isRejection(named)) return refused(named);
    const outcome = await committer.submit(request.metadata(command), async (unit) => {
      const before = await findOwn(unit, routerResource, request, action);
      if (isRejection(before)) return before;
      const decision = updateRouter({
        type: "UpdateRouter",
        id: before.id,
        changes: { routes: apply(before.state.routes, named) },
        reach: await reachOf(unit, before.id),
      }, before.state);
      return await record(unit, routers, before, decision);
    });
    if (isRejection(outcome)) return refused(outcome);
    const [router] = await routerResource.views(reader, [outcome], by);
    return json(200, { router });
  };
}

function readRoutes(
  body: unknown,
  caller: Parameters<typeof readUpdate>[1]["caller"],
): readonly HostRoute[] | NeutronRejection {
  const values = readUpdate(body, { name: "router", plural: "routers", fields: FIELDS, caller });
  if (isRejection(values)) return values;
  return values.routes ?? badRequest("Unable to find 'routes' in request body");
}
