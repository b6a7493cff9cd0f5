/** A project as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Domain } from "../domains/decider.ts";
import type { IdentityRequest } from "../http/endpoint.ts";
import { linksTo } from "../http/views.ts";
import type { Project } from "./decider.ts";

/** One project, as it stands in lists too. */
export function projectView(request: IdentityRequest, { id, state }: Versioned<Project>): object {
  return {
    ...state.extra,
    id,
    name: state.name,
    domain_id: state.domainId,
    description: state.description,
    enabled: state.enabled,
    parent_id: state.parentId,
    is_domain: false,
    tags: state.tags,
    options: state.options,
    links: linksTo(request, `projects/${id}`),
  };
}

/** A domain, as the project that acts as one: it is in no domain, and below nothing. */
export function actingDomainView(
  request: IdentityRequest,
  { id, state }: Versioned<Domain>,
): object {
  const place = { domainId: "", parentId: "" };
  return {
    ...projectView(request, { id, version: 0, state: { ...state, ...place } }),
    domain_id: null,
    parent_id: null,
    is_domain: true,
  };
}
