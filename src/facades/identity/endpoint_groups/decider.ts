/** Groups of endpoints by what they have in common: facts, state and rules. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";

export type EndpointGroupEvent = EndpointGroupCreated | EndpointGroupUpdated | EndpointGroupDeleted;

/** What endpoints must have to be in a group, as it was sent: any of these three. */
export type EndpointFilters = Readonly<
  Partial<Record<"service_id" | "region_id" | "interface", unknown>>
>;

export interface EndpointGroupFacts {
  readonly name: string;
  readonly description: string | null;
  readonly filters: EndpointFilters;
}

export interface EndpointGroupCreated {
  readonly type: "EndpointGroupCreated";
  readonly data: EndpointGroupFacts;
}

/** Carries only what changed. */
export interface EndpointGroupUpdated {
  readonly type: "EndpointGroupUpdated";
  readonly data: Partial<EndpointGroupFacts>;
}

export interface EndpointGroupDeleted {
  readonly type: "EndpointGroupDeleted";
  readonly data: Record<never, never>;
}

export interface EndpointGroup extends EndpointGroupFacts {
  readonly exists: boolean;
}

export const NO_ENDPOINT_GROUP: EndpointGroup = {
  exists: false,
  name: "",
  description: null,
  filters: {},
};

export function evolve(group: EndpointGroup, event: Recorded<EndpointGroupEvent>): EndpointGroup {
  switch (event.type) {
    case "EndpointGroupCreated":
      return { ...event.data, exists: true };
    case "EndpointGroupUpdated":
      return { ...group, ...event.data };
    case "EndpointGroupDeleted":
      return NO_ENDPOINT_GROUP;
  }
}

export interface CreateEndpointGroup {
  readonly type: "CreateEndpointGroup";
  readonly group: EndpointGroupFacts;
}

/** Creates a group; several may have one name. */
export function createEndpointGroup(
  { group }: CreateEndpointGroup,
): Decision<EndpointGroupCreated> {
  return [{ type: "EndpointGroupCreated", data: group }];
}

export interface UpdateEndpointGroup {
  readonly type: "UpdateEndpointGroup";
  readonly id: string;
  readonly changes: Partial<EndpointGroupFacts>;
}

export function updateEndpointGroup(
  { id, changes }: UpdateEndpointGroup,
  group: EndpointGroup,
): Decision<EndpointGroupUpdated> {
  if (!group.exists) return endpointGroupNotFound(id);
  const data = newIn<EndpointGroupFacts>(changes, group);
  return Object.keys(data).length === 0 ? [] : [{ type: "EndpointGroupUpdated", data }];
}

export interface DeleteEndpointGroup {
  readonly type: "DeleteEndpointGroup";
  readonly id: string;
}

/** Deletes a group; projects are no longer kept to it, in the same transaction. */
export function deleteEndpointGroup(
  { id }: DeleteEndpointGroup,
  group: EndpointGroup,
): Decision<EndpointGroupDeleted> {
  return group.exists ? [{ type: "EndpointGroupDeleted", data: {} }] : endpointGroupNotFound(id);
}

/** There is no group of this id. */
export function endpointGroupNotFound(id: string) {
  return reject("NotFound", `Could not find Endpoint Group: ${id}.`);
}
