/** A project as Keystone's JSON. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
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
