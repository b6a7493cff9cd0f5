/** Aggregates of hosts: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type AggregateEvent =
  | AggregateCreated
  | AggregateRenamed
  | AggregateMetadataChanged
  | AggregateHostAdded
  | AggregateHostRemoved
  | AggregateImagesRequested
  | AggregateDeleted;

type Metadata = Readonly<Record<string, string>>;

/** The key that makes an aggregate an availability zone. */
export const ZONE = "availability_zone";

export interface AggregateCreated {
  readonly type: "AggregateCreated";
  readonly data: {
    /** Its numeric id: one more than the last one's. */
    readonly number: number;
    readonly name: string;
    /** With the key `availability_zone` when it is one. */
    readonly metadata: Metadata;
  };
}

export interface AggregateRenamed {
  readonly type: "AggregateRenamed";
  readonly data: { readonly name: string };
}

export interface AggregateMetadataChanged {
  readonly type: "AggregateMetadataChanged";
  readonly data: { readonly set: Metadata; readonly removed: readonly string[] };
}

export interface AggregateHostAdded {
  readonly type: "AggregateHostAdded";
  readonly data: { readonly host: string };
}

export interface AggregateHostRemoved {
  readonly type: "AggregateHostRemoved";
  readonly data: { readonly host: string };
}

/** Its hosts were asked to keep these images at hand. */
export interface AggregateImagesRequested {
  readonly type: "AggregateImagesRequested";
  readonly data: { readonly imageIds: readonly string[] };
}

export interface AggregateDeleted {
  readonly type: "AggregateDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface HostAggregate {
  /** 0: there is no aggregate. */
  readonly number: number;
  readonly deleted: boolean;
  readonly name: string;
  readonly metadata: Metadata;
  /** In the order in which they came. */
  readonly hosts: readonly string[];
  readonly createdAt: string;
  /** Time of the last change of its name or metadata; null: there was none. */
  readonly updatedAt: string | null;
}

export const NO_AGGREGATE: HostAggregate = {
  number: 0,
  deleted: false,
  name: "",
  metadata: {},
  hosts: [],
  createdAt: "",
  updatedAt: null,
};

export function evolve(
  aggregate: HostAggregate,
  event: Recorded<AggregateEvent>,
): HostAggregate {
  const at = event.recordedAt;
  switch (event.type) {
    case "AggregateCreated":
      return { ...NO_AGGREGATE, ...event.data, createdAt: at };
    case "AggregateRenamed":
      return { ...aggregate, name: event.data.name, updatedAt: at };
    case "AggregateMetadataChanged": {
      const { set, removed } = event.data;
      const kept = Object.entries(aggregate.metadata).filter(([key]) => !removed.includes(key));
      return {
        ...aggregate,
        metadata: { ...Object.fromEntries(kept), ...set },
        updatedAt: at,
      };
    }
    case "AggregateHostAdded":
      return { ...aggregate, hosts: [...aggregate.hosts, event.data.host] };
    case "AggregateHostRemoved": {
      const { host } = event.data;
      return { ...aggregate, hosts: aggregate.hosts.filter((other) => other !== host) };
    }
    case "AggregateImagesRequested":
      return aggregate;
    case "AggregateDeleted":
      return { ...aggregate, deleted: true };
  }
}

/** Whether there is an aggregate: created, and not deleted. */
export function exists(aggregate: HostAggregate): boolean {
  return aggregate.number !== 0 && !aggregate.deleted;
}

/** The zone that an aggregate is, or null. */
export function zoneOf({ metadata }: Pick<HostAggregate, "metadata">): string | null {
  return metadata[ZONE] ?? null;
}

/** Another aggregate, as far as zones are concerned. */
export interface OtherAggregate {
  readonly zone: string | null;
  readonly hosts: readonly string[];
}

/** What decisions about zones look at: all but the aggregate itself. */
export interface ZoneFacts {
  readonly others: readonly OtherAggregate[];
  /** By host: how many servers are on it; none where it is absent. */
  readonly servers: Readonly<Record<string, number>>;
}

export interface CreateAggregate {
  readonly type: "CreateAggregate";
  readonly number: number;
  readonly name: string;
  /** Null, or empty: it is no zone. */
  readonly zone: string | null;
  /** Whether another aggregate has this name. */
  readonly nameIsTaken: boolean;
}

/** Creates an aggregate without hosts; refuses a name that is taken. */
export function createAggregate(
  { number, name, zone, nameIsTaken }: CreateAggregate,
  _: HostAggregate,
): Decision<AggregateCreated> {
  if (nameIsTaken) return reject("Conflict", nameExists(name));
  const metadata: Metadata = zone ? { [ZONE]: zone } : {};
  return [{ type: "AggregateCreated", data: { number, name, metadata } }];
}

export interface UpdateAggregate {
  readonly type: "UpdateAggregate";
  /** As the request has it. */
  readonly id: string;
  readonly name?: string;
  /** Null is refused: a zone cannot be without a name. */
  readonly zone?: string | null;
  readonly nameIsTaken: boolean;
  readonly facts: ZoneFacts;
}

/**
 * Renames an aggregate, makes it another zone, or both.
 *
 * Refuses a name that is taken, an empty zone, a second zone for any of its hosts, and another zone
 * while servers are on them. Source: nova/compute/api.py, `update_aggregate`.
 */
export function updateAggregate(
  command: UpdateAggregate,
  aggregate: HostAggregate,
): Decision<AggregateRenamed | AggregateMetadataChanged> {
  const { id, name, zone, nameIsTaken, facts } = command;
  if (!exists(aggregate)) return reject("NotFound", notFound(id));
  if (name !== undefined && nameIsTaken) return reject("Conflict", nameExists(name));
  const changes: Changes = zone === undefined ? {} : { [ZONE]: zone };
  const renamed = { ...aggregate, name: name ?? aggregate.name };
  const refusal = refuseZone(changes, renamed, facts);
  if (refusal) {
    const { number } = aggregate;
    return reject("Invalid", `Cannot update aggregate ${number}. Reason: ${refusal}.`);
  }
  return [
    ...renaming(name, aggregate),
    ...metadataChanges(changes, aggregate),
  ];
}

function renaming(name: string | undefined, aggregate: HostAggregate): AggregateRenamed[] {
  if (name === undefined || name === aggregate.name) return [];
  return [{ type: "AggregateRenamed", data: { name } }];
}

/** Metadata to be set, or (null) taken away. */
type Changes = Readonly<Record<string, string | null>>;

function metadataChanges(changes: Changes, { metadata }: HostAggregate) {
  const set = Object.fromEntries(
    Object.entries(changes).filter((entry): entry is [string, string] =>
      entry[1] !== null && metadata[entry[0]] !== entry[1]
    ),
  );
  const removed = Object.keys(changes)
    .filter((key) => changes[key] === null && Object.hasOwn(metadata, key));
  if (Object.keys(set).length === 0 && removed.length === 0) return [];
  return [{ type: "AggregateMetadataChanged", data: { set, removed } }] as const;
}

export interface SetAggregateMetadata {
  readonly type: "SetAggregateMetadata";
  readonly id: string;
  /** Null takes a key away; keys that are absent stay. */
  readonly changes: Changes;
  readonly facts: ZoneFacts;
}

/**
 * Sets and removes metadata of an aggregate.
 *
 * Refuses what `updateAggregate` refuses of a zone.
 * Source: nova/compute/api.py, `update_aggregate_metadata`.
 */
export function setAggregateMetadata(
  { id, changes, facts }: SetAggregateMetadata,
  aggregate: HostAggregate,
): Decision<AggregateMetadataChanged> {
  if (!exists(aggregate)) return reject("NotFound", notFound(id));
  const refusal = refuseZone(changes, aggregate, facts);
  if (refusal) {
    const { number } = aggregate;
    return reject("Invalid", `Cannot update metadata of aggregate ${number}. Reason: ${refusal}.`);
  }
  return metadataChanges(changes, aggregate);
}

/** Why an aggregate cannot become this zone; nova/compute/api.py, `is_safe_to_update_az`. */
function refuseZone(
  changes: Changes,
  aggregate: HostAggregate,
  { others, servers }: ZoneFacts,
): string | undefined {
  if (!Object.hasOwn(changes, ZONE)) return undefined;
  const zone = changes[ZONE];
  if (!zone) return `Aggregate ${aggregate.name} does not support empty named availability zone`;
  const conflict = refuseSecondZone(zone, aggregate.hosts, others);
  if (conflict) return conflict;
  if (zone !== zoneOf(aggregate) && aggregate.hosts.some((host) => servers[host])) {
    return "One or more hosts contain instances in this zone";
  }
}

/** A host is in one zone at most. */
function refuseSecondZone(
  zone: string,
  hosts: readonly string[],
  others: readonly OtherAggregate[],
): string | undefined {
  const zones = others
    .filter((other) => other.hosts.some((host) => hosts.includes(host)))
    .flatMap((other) => other.zone !== null && other.zone !== zone ? [`'${other.zone}'`] : []);
  if (zones.length === 0) return undefined;
  return `One or more hosts already in availability zone(s) [${zones.join(", ")}]`;
}

export interface AddHostToAggregate {
  readonly type: "AddHostToAggregate";
  readonly id: string;
  readonly host: string;
  readonly hostExists: boolean;
  readonly facts: ZoneFacts;
}

/**
 * Adds a host to an aggregate.
 *
 * Refuses a host that is not there or is a member already, a second zone for it, and another zone
 * while servers are on it. Source: nova/compute/api.py, `add_host_to_aggregate`.
 */
export function addHostToAggregate(
  { id, host, hostExists, facts }: AddHostToAggregate,
  aggregate: HostAggregate,
): Decision<AggregateHostAdded> {
  if (!hostExists) return reject("NotFound", `Compute host ${host} could not be found.`);
  if (!exists(aggregate)) return reject("NotFound", notFound(id));
  const refusal = refuseHost(host, aggregate, facts);
  if (refusal) {
    const { number } = aggregate;
    return reject("Conflict", `Cannot add host to aggregate ${number}. Reason: ${refusal}.`);
  }
  if (aggregate.hosts.includes(host)) {
    return reject("Conflict", `Aggregate ${aggregate.number} already has host ${host}.`);
  }
  return [{ type: "AggregateHostAdded", data: { host } }];
}

function refuseHost(
  host: string,
  aggregate: HostAggregate,
  { others, servers }: ZoneFacts,
): string | undefined {
  const zone = zoneOf(aggregate);
  if (zone === null) return undefined;
  const conflict = refuseSecondZone(zone, [host], others);
  if (conflict) return conflict;
  const all = [...others, { zone, hosts: aggregate.hosts }];
  const before = zoneAmong(all, host);
  const count = servers[host] ?? 0;
  if (count > 0 && before !== zone) return moveRefused("added to", { before, after: zone, count });
}

function zoneAmong(aggregates: readonly OtherAggregate[], host: string): string | null {
  return aggregates.find(({ zone, hosts }) => zone !== null && hosts.includes(host))?.zone ?? null;
}

/** Nova's words; no zone is Python's `None`. */
function moveRefused(
  how: "added to" | "removed from",
  { before, after, count }: {
    readonly before: string | null;
    readonly after: string | null;
    readonly count: number;
  },
): string {
  return `The host cannot be ${how} the aggregate as the availability zone of the host would ` +
    `change from '${before ?? "None"}' to '${after ?? "None"}' but the host already has ` +
    `${count} instance(s). Changing the AZ of an existing instance is not supported by this ` +
    "action. Move the instances away from this host then try again. If you need to move the " +
    "instances between AZs then you can use shelve_offload and unshelve to achieve this.";
}

export interface RemoveHostFromAggregate {
  readonly type: "RemoveHostFromAggregate";
  readonly id: string;
  readonly host: string;
  readonly hostExists: boolean;
  readonly facts: ZoneFacts;
}

/**
 * Takes a host out of an aggregate.
 *
 * Refuses a host that is not there or not a member, and another zone while servers are on it.
 * Source: nova/compute/api.py, `remove_host_from_aggregate`.
 */
export function removeHostFromAggregate(
  { id, host, hostExists, facts }: RemoveHostFromAggregate,
  aggregate: HostAggregate,
): Decision<AggregateHostRemoved> {
  const missing = reject("NotFound", `Cannot remove host ${host} in aggregate ${id}`);
  if (!hostExists || !exists(aggregate)) return missing;
  const refusal = refuseLeaving(host, aggregate, facts);
  if (refusal) return refusal;
  if (!aggregate.hosts.includes(host)) return missing;
  return [{ type: "AggregateHostRemoved", data: { host } }];
}

function refuseLeaving(
  host: string,
  aggregate: HostAggregate,
  { others, servers }: ZoneFacts,
): Rejection | undefined {
  const before = zoneOf(aggregate);
  const count = servers[host] ?? 0;
  if (before === null || count === 0) return undefined;
  const after = zoneAmong(others, host);
  if (before === after) return undefined;
  const reason = moveRefused("removed from", { before, after, count });
  return reject(
    "Conflict",
    `Cannot remove host from aggregate ${aggregate.number}. Reason: ${reason}.`,
  );
}

/** Takes a host that is gone out of an aggregate. */
export function forgetHost(host: string, aggregate: HostAggregate): Decision<AggregateHostRemoved> {
  if (!aggregate.hosts.includes(host)) return [];
  return [{ type: "AggregateHostRemoved", data: { host } }];
}

export interface RequestAggregateImages {
  readonly type: "RequestAggregateImages";
  readonly id: string;
  readonly imageIds: readonly string[];
}

/** Asks the hosts of an aggregate to keep images at hand; refuses an aggregate that is not there. */
export function requestAggregateImages(
  { id, imageIds }: RequestAggregateImages,
  aggregate: HostAggregate,
): Decision<AggregateImagesRequested> {
  if (!exists(aggregate)) return reject("NotFound", notFound(id));
  return [{ type: "AggregateImagesRequested", data: { imageIds } }];
}

export interface DeleteAggregate {
  readonly type: "DeleteAggregate";
  readonly id: string;
}

/** Deletes an aggregate; refuses one that is not there, and one that has hosts. */
export function deleteAggregate(
  { id }: DeleteAggregate,
  aggregate: HostAggregate,
): Decision<AggregateDeleted> {
  if (!exists(aggregate)) return reject("NotFound", notFound(id));
  if (aggregate.hosts.length > 0) {
    return reject(
      "Invalid",
      `Cannot remove host from aggregate ${aggregate.number}. Reason: Host aggregate is not empty.`,
    );
  }
  return [{ type: "AggregateDeleted", data: {} }];
}

/** Nova's words for an aggregate that is not there. */
export function notFound(id: string): string {
  return `Aggregate ${id} could not be found.`;
}

function nameExists(name: string): string {
  return `Aggregate ${name} already exists.`;
}
