import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { ServerMetadataChanged, ServerTagsChanged, ServerUpdated } from "../events.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessVisible,
} from "../preconditions.ts";
import type { Server } from "../state.ts";

export interface UpdateServer {
  readonly type: "UpdateServer";
  readonly id: string;
  readonly by: Actor;
  /** Only what is to change. */
  readonly changes: ServerUpdated["data"];
}

/**
 * Changes attributes of a server; in any state, also when it is locked.
 *
 * Values that are there already change nothing. Refuses to pin a server to a zone it is not in.
 * Source: nova/api/openstack/compute/servers.py, `update`.
 */
export function updateServer(command: UpdateServer, server: Server): Decision<ServerUpdated> {
  const { id, by, changes } = command;
  const refusal = refuseUnlessVisible(id, server, by) ??
    refusePin(server, changes.pinnedAvailabilityZone);
  if (refusal) return refusal;
  const different = Object.fromEntries(
    Object.entries(changes).filter(([key, value]) =>
      value !== undefined && server[key as keyof ServerUpdated["data"]] !== value
    ),
  );
  if (Object.keys(different).length === 0) return [];
  return [{ type: "ServerUpdated", data: different }];
}

/** Nova 2.104: a pin may be put where the server is, and taken off, but not moved. */
function refusePin(server: Server, zone: string | null | undefined): Rejection | undefined {
  if (zone === undefined || zone === null || zone === server.pinnedAvailabilityZone) return;
  if (server.pinnedAvailabilityZone !== null) {
    return reject(
      "Conflict",
      "Cannot change pinned availability zone directly. Unpin first by setting " +
        "pinned_availability_zone to null.",
    );
  }
  const current = server.placement?.availabilityZone ?? "";
  if (zone === current) return;
  return reject(
    "Conflict",
    `Server can only be pinned to its current availability zone '${current}', ` +
      `but '${zone}' was requested.`,
  );
}

export interface UpdateServerMetadata {
  readonly type: "UpdateServerMetadata";
  readonly id: string;
  readonly by: Actor;
  readonly items: Readonly<Record<string, string>>;
  /** Whether items that are not named go away. */
  readonly replace: boolean;
  /** How many items a server may have; -1: any number. */
  readonly limit: number;
}

/**
 * Sets metadata items, keeping or replacing the others.
 *
 * Refuses more items than the quota, a locked server, and one that never ran or is not at rest.
 * Source: nova/compute/api.py, `update_instance_metadata`.
 */
export function updateServerMetadata(
  command: UpdateServerMetadata,
  server: Server,
): Decision<ServerMetadataChanged> {
  const { id, by, items, replace, limit } = command;
  const refusal = refuseMetadataChange(id, server, by, "update metadata");
  if (refusal) return refusal;
  const set = Object.fromEntries(
    Object.entries(items).filter(([key, value]) => server.metadata[key] !== value),
  );
  const removed = replace
    ? Object.keys(server.metadata).filter((key) => !Object.hasOwn(items, key))
    : [];
  const count = new Set([...Object.keys(server.metadata), ...Object.keys(items)]).size -
    removed.length;
  if (limit >= 0 && count > limit) {
    return reject("QuotaExceeded", `Maximum number of metadata items exceeds ${limit}`);
  }
  if (Object.keys(set).length === 0 && removed.length === 0) return [];
  return [{ type: "ServerMetadataChanged", data: { set, removed } }];
}

export interface DeleteServerMetadataItem {
  readonly type: "DeleteServerMetadataItem";
  readonly id: string;
  readonly by: Actor;
  readonly key: string;
}

/** Removes one metadata item; refuses a key that is not there before it looks at the state. */
export function deleteServerMetadataItem(
  command: DeleteServerMetadataItem,
  server: Server,
): Decision<ServerMetadataChanged> {
  const { id, by, key } = command;
  const invisible = refuseUnlessVisible(id, server, by);
  if (invisible) return invisible;
  if (!Object.hasOwn(server.metadata, key)) {
    return reject("NotFound", "Metadata item was not found");
  }
  return refuseMetadataChange(id, server, by, "delete metadata") ??
    [{ type: "ServerMetadataChanged", data: { set: {}, removed: [key] } }];
}

const AT_REST = ["active", "paused", "suspended", "stopped"] as const;

function refuseMetadataChange(
  id: string,
  server: Server,
  by: Actor,
  action: string,
): Rejection | undefined {
  return refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    refuseUnlessIn(AT_REST, id, server, action) ??
    refuseUnlessLaunched(id, server, action);
}

/** How many tags a server may have; nova/objects/instance.py, `MAX_TAG_COUNT`. */
export const MAX_TAGS = 50;

export interface UpdateServerTags {
  readonly type: "UpdateServerTags";
  readonly id: string;
  readonly by: Actor;
  readonly change:
    | { readonly replaceAll: readonly string[] }
    | { readonly add: string }
    | { readonly remove: string };
}

/**
 * Adds, removes or replaces tags; also when the server is locked.
 *
 * Refuses a server that is not at rest, a tag to remove that is not there, and a 51st tag.
 * Source: nova/api/openstack/compute/server_tags.py.
 */
export function updateServerTags(
  command: UpdateServerTags,
  server: Server,
): Decision<ServerTagsChanged> {
  const { id, by, change } = command;
  const refusal = refuseUnlessVisible(id, server, by) ??
    refuseUnlessIn(AT_REST, id, server, wordFor(change));
  if (refusal) return refusal;
  if ("add" in change) return addTag(change.add, server);
  if ("remove" in change) return removeTag(id, change.remove, server);
  const wanted = new Set(change.replaceAll);
  const added = [...wanted].filter((tag) => !server.tags.includes(tag));
  const removed = server.tags.filter((tag) => !wanted.has(tag));
  if (added.length === 0 && removed.length === 0) return [];
  return [{ type: "ServerTagsChanged", data: { added, removed } }];
}

function addTag(tag: string, server: Server): Decision<ServerTagsChanged> {
  // As in Nova, a server that is full refuses even a tag that it has.
  if (server.tags.length >= MAX_TAGS) {
    return reject("Invalid", `The number of tags exceeded the per-server limit ${MAX_TAGS}`);
  }
  if (server.tags.includes(tag)) return [];
  return [{ type: "ServerTagsChanged", data: { added: [tag], removed: [] } }];
}

function removeTag(id: string, tag: string, server: Server): Decision<ServerTagsChanged> {
  if (!server.tags.includes(tag)) {
    return reject("NotFound", `Instance ${id} has no tag '${tag}'`);
  }
  return [{ type: "ServerTagsChanged", data: { added: [], removed: [tag] } }];
}

function wordFor(change: UpdateServerTags["change"]): string {
  if ("add" in change) return "update tag";
  if ("remove" in change) return "delete tag";
  return change.replaceAll.length === 0 ? "delete tags" : "update tags";
}
