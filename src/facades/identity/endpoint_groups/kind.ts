/** What groups of endpoints have in common with other things that stand by themselves. */
import type { PlainKind } from "../http/plain_resource.ts";
import { type EndpointGroup, type EndpointGroupEvent, endpointGroupNotFound } from "./decider.ts";
import { endpointGroups } from "./projection.ts";

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
