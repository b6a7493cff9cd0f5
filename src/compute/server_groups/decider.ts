/** Server groups: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type ServerGroupEvent = ServerGroupCreated | ServerGroupDeleted;

/** Whether servers of a group are to share a host; the soft ones are wishes. */
export type GroupPolicy = "affinity" | "anti-affinity" | "soft-affinity" | "soft-anti-affinity";

export interface ServerGroupCreated {
  readonly type: "ServerGroupCreated";
  readonly data: {
    readonly projectId: string;
    readonly userId: string;
    readonly name: string;
    readonly policy: GroupPolicy;
    /** How many servers of the group a host may have; null: the policy alone says. */
    readonly maxServersPerHost: number | null;
  };
}

/** The group is gone; its servers stay. */
export interface ServerGroupDeleted {
  readonly type: "ServerGroupDeleted";
  readonly data: Readonly<Record<never, never>>;
}

type ServerGroupFacts = ServerGroupCreated["data"];

export interface ServerGroup extends ServerGroupFacts {
  /** Position of the event that created it: groups are listed by it. 0: there is no group. */
  readonly number: number;
  readonly deleted: boolean;
}

export const NO_SERVER_GROUP: ServerGroup = {
  number: 0,
  deleted: false,
  projectId: "",
  userId: "",
  name: "",
  policy: "affinity",
  maxServersPerHost: null,
};

export function evolve(group: ServerGroup, event: Recorded<ServerGroupEvent>): ServerGroup {
  switch (event.type) {
    case "ServerGroupCreated":
      return { ...event.data, number: event.position, deleted: false };
    case "ServerGroupDeleted":
      return { ...group, deleted: true };
  }
}

/** Whether there is a group: created, and not deleted. */
export function exists(group: ServerGroup): boolean {
  return group.number !== 0 && !group.deleted;
}

export interface CreateServerGroup {
  readonly type: "CreateServerGroup";
  readonly group: ServerGroupFacts;
  /** How many groups the project has and its user, and how many each may have; -1 is "no limit". */
  readonly quota: {
    readonly ofProject: { readonly owned: number; readonly limit: number };
    readonly ofUser: { readonly owned: number; readonly limit: number };
  };
}

/**
 * Creates a server group.
 *
 * Refuses a project, or a user in it, with as many as the quota allows; and rules for a policy that
 * knows none. Source: nova/api/openstack/compute/server_groups.py, `create`.
 */
export function createServerGroup(
  { group, quota }: CreateServerGroup,
  _: ServerGroup,
): Decision<ServerGroupCreated> {
  const isOver = ({ owned, limit }: { readonly owned: number; readonly limit: number }) =>
    limit >= 0 && owned >= limit;
  if (isOver(quota.ofProject) || isOver(quota.ofUser)) {
    return reject("QuotaExceeded", "Quota exceeded, too many server groups.");
  }
  if (group.maxServersPerHost !== null && group.policy !== "anti-affinity") {
    return reject("Invalid", "Only anti-affinity policy supports rules.");
  }
  return [{ type: "ServerGroupCreated", data: group }];
}

export interface DeleteServerGroup {
  readonly type: "DeleteServerGroup";
  readonly id: string;
}

/** Deletes a server group; refuses one that is not there. */
export function deleteServerGroup(
  { id }: DeleteServerGroup,
  group: ServerGroup,
): Decision<ServerGroupDeleted> {
  if (!exists(group)) return reject("NotFound", notFound(id));
  return [{ type: "ServerGroupDeleted", data: {} }];
}

/** Nova's words for a server group that is not there. */
export function notFound(id: string): string {
  return `Instance group ${id} could not be found.`;
}
