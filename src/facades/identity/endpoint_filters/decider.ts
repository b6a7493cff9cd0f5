/**
 * What a project is kept to of the catalog, endpoints and groups of them: what can happen, what is
 * true of a project, and what may be done.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";

export type EndpointFilterEvent = EndpointFilterAdded | EndpointFilterRemoved;

/** An endpoint, or a group of them. */
export interface FilterMember {
  readonly kind: "endpoint" | "endpoint_group";
  readonly id: string;
}

export interface EndpointFilterAdded {
  readonly type: "EndpointFilterAdded";
  readonly data: FilterMember;
}

export interface EndpointFilterRemoved {
  readonly type: "EndpointFilterRemoved";
  readonly data: FilterMember;
}

/** A project without any has the whole catalog. */
export interface EndpointFilter {
  readonly members: readonly FilterMember[];
}

export const NO_ENDPOINT_FILTER: EndpointFilter = { members: [] };

export function evolve(
  { members }: EndpointFilter,
  { type, data }: Recorded<EndpointFilterEvent>,
): EndpointFilter {
  switch (type) {
    case "EndpointFilterAdded":
      return { members: [...members, data] };
    case "EndpointFilterRemoved":
      return { members: members.filter((one) => !isSame(one, data)) };
  }
}

/** Ids of the members of one kind. */
export function memberIdsOf(
  { members }: EndpointFilter,
  kind: FilterMember["kind"],
): readonly string[] {
  return members.filter((one) => one.kind === kind).map(({ id }) => id);
}

/** Whether the project is kept to it. */
export function isFilteredTo({ members }: EndpointFilter, member: FilterMember): boolean {
  return members.some((one) => isSame(one, member));
}

export interface AddEndpointFilter {
  readonly type: "AddEndpointFilter";
  readonly member: FilterMember;
}

/** Keeps a project to an endpoint or a group; refuses one that it is kept to already. */
export function addEndpointFilter(
  { member }: AddEndpointFilter,
  filter: EndpointFilter,
): Decision<EndpointFilterAdded> {
  if (!isFilteredTo(filter, member)) return [{ type: "EndpointFilterAdded", data: member }];
  return reject(
    "Conflict",
    `Conflict occurred attempting to store project_${member.kind} - Duplicate entry.`,
  );
}

export interface RemoveEndpointFilter {
  readonly type: "RemoveEndpointFilter";
  readonly projectId: string;
  readonly member: FilterMember;
}

/** Keeps a project to it no longer; refuses what it is not kept to. */
export function removeEndpointFilter(
  { projectId, member }: RemoveEndpointFilter,
  filter: EndpointFilter,
): Decision<EndpointFilterRemoved> {
  if (!isFilteredTo(filter, member)) return notFiltered(projectId, member);
  return [{ type: "EndpointFilterRemoved", data: member }];
}

/** The project is not kept to it. */
export function notFiltered(projectId: string, { kind, id }: FilterMember) {
  return reject(
    "NotFound",
    kind === "endpoint"
      ? `Endpoint ${id} not found in project ${projectId}`
      : "Endpoint Group Project Association not found",
  );
}

function isSame(one: FilterMember, other: FilterMember): boolean {
  return one.kind === other.kind && one.id === other.id;
}
