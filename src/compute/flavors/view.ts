/** Flavors as Nova's JSON, by microversion; nova/api/openstack/compute/views/flavors.py. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { allows } from "../../http/policy.ts";
import type { Flavor } from "./decider.ts";

/** A flavor within the short list. */
export function viewShort({ id, state }: Versioned<Flavor>, request: NovaRequest): object {
  return {
    id,
    name: state.name,
    links: links(id, request),
    ...(request.minor >= 55 && { description: state.description }),
  };
}

/** A flavor with all that this microversion has. */
export function viewFlavor({ id, state }: Versioned<Flavor>, request: NovaRequest): object {
  const { minor, caller } = request;
  const showsSpecs = minor >= 61 &&
    allows("os_compute_api:os-flavor-extra-specs:index", caller, caller.projectId);
  return {
    id,
    name: state.name,
    ram: state.ramMib,
    disk: state.diskGib,
    swap: state.swapMib === 0 && minor < 75 ? "" : state.swapMib,
    "OS-FLV-EXT-DATA:ephemeral": state.ephemeralGib,
    ...(minor < 102 && { "OS-FLV-DISABLED:disabled": state.disabled }),
    vcpus: state.vcpus,
    "os-flavor-access:is_public": state.isPublic,
    ...(minor < 102 && { rxtx_factor: state.rxtxFactor }),
    links: links(id, request),
    ...(minor >= 55 && { description: state.description }),
    ...(showsSpecs && { extra_specs: state.extraSpecs }),
  };
}

/** The projects that may use a flavor which is not public. */
export function viewAccess({ id, state }: Versioned<Flavor>): object {
  return { flavor_access: state.projects.map((tenant_id) => ({ flavor_id: id, tenant_id })) };
}

function links(id: string, { selfBase, bookmarkBase }: NovaRequest): object[] {
  return [
    { rel: "self", href: `${selfBase}/flavors/${id}` },
    { rel: "bookmark", href: `${bookmarkBase}/flavors/${id}` },
  ];
}
