/** `/v3/OS-EP-FILTER/endpoint_groups`. Source: keystone/api/os_ep_filter.py. */
import { Hono } from "hono";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { removeEndpointGroup } from "../cascade.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, fault, faultOf, missing } from "../http/faults.ts";
import { type PlainKind, PlainOperations } from "../http/plain_resource.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { createBody, nameUpTo, object, textOrNull, updateBody } from "../http/schema_parts.ts";
import { defined, idMatches } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createEndpointGroup,
  type EndpointFilters,
  type EndpointGroup,
  type EndpointGroupEvent,
  endpointGroupNotFound,
  updateEndpointGroup,
} from "./decider.ts";
import { endpointGroups } from "./projection.ts";

interface EndpointGroupBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly description?: string | null;
  readonly filters?: EndpointFilters;
}

const FIELDS = { name: nameUpTo(255), description: textOrNull, filters: object };

const createSchema = createBody("endpoint_group", FIELDS, ["name", "filters"]);

const updateSchema = updateBody("endpoint_group", FIELDS);

export const ENDPOINT_GROUP: PlainKind<EndpointGroup, EndpointGroupEvent> = {
  one: "endpoint_group",
  many: "endpoint_groups",
  path: "OS-EP-FILTER/endpoint_groups",
  aggregate: endpointGroups,
  order: "name",
  filters: ["name"],
  rules: { list: "identity:list_endpoint_groups", get: "identity:get_endpoint_group" },
  view: ({ name, description, filters }) => ({ name, description, filters }),
  notFound: endpointGroupNotFound,
};

/** The routes under `/v3/OS-EP-FILTER/endpoint_groups`. */
export function endpointGroupRoutes(endpoints: IdentityEndpoints): Hono {
  const { service } = endpoints;
  const groups = new EndpointGroupOperations(service, ENDPOINT_GROUP);
  const routes = new Hono();
  const one = "/:endpoint_group_id";
  routes.get("/", endpoints.authenticated((request) => groups.list(request)));
  routes.post("/", endpoints.authenticated((request) => groups.create(request), createSchema));
  routes.get(
    one,
    endpoints.authenticated((request) => groups.show(request, request.param("endpoint_group_id"))),
  );
  routes.patch(one, endpoints.authenticated((request) => groups.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => remove(service, request)));
  return routes;
}

class EndpointGroupOperations extends PlainOperations<EndpointGroup, EndpointGroupEvent> {
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const sent = request.body["endpoint_group"] as EndpointGroupBody;
    const { name, description = null, filters } = sent;
    const group = { name: name!, description, filters: filters! };
    const problem = Object.keys(group.filters).length === 0
      ? fault(400, "filters field is required and cannot be empty")
      : refuseUnknown(group.filters);
    return refuseUnlessAllowed("identity:create_endpoint_group", request.token) ?? problem ??
      await this.change(request, {
        rule: "identity:create_endpoint_group",
        command: "CreateEndpointGroup",
        id: this.service.newId(),
        status: 201,
        decide: () => createEndpointGroup({ type: "CreateEndpointGroup", group }),
      });
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("endpoint_group_id");
    const sent = request.body["endpoint_group"] as EndpointGroupBody;
    const { name, description, filters } = sent;
    const changes = defined({ name, description, filters });
    return refuseUnlessAllowed("identity:update_endpoint_group", request.token) ??
      refuseUnknown(filters) ??
      (idMatches(sent.id, id) ? undefined : fault(400, "Cannot change ID")) ??
      await this.change(request, {
        rule: "identity:update_endpoint_group",
        command: "UpdateEndpointGroup",
        id,
        status: 200,
        decide: (group) => updateEndpointGroup({ type: "UpdateEndpointGroup", id, changes }, group),
      });
  }
}

/** Takes the group from the projects that are kept to it, too. */
async function remove(
  { committer }: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const refusal = refuseUnlessAllowed("identity:delete_endpoint_group", request.token);
  if (refusal) return refusal;
  const id = request.param("endpoint_group_id");
  const outcome = await committer.submit(
    request.metadata("DeleteEndpointGroup"),
    (unit) => removeEndpointGroup(unit, id),
  );
  return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
}

const KNOWN = ["service_id", "region_id", "interface"];

/** 400 for a filter by what no endpoint has. */
function refuseUnknown(filters: EndpointFilters = {}): Fault | undefined {
  return Object.keys(filters).every((name) => KNOWN.includes(name))
    ? undefined
    : missing(KNOWN.join(" or "), "endpoint_group");
}
