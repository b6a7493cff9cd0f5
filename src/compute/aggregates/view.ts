/** Aggregates as Nova's JSON, by microversion; nova/api/openstack/compute/aggregates.py. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Minor } from "../../http/microversions.ts";
import { type HostAggregate, zoneOf } from "./decider.ts";

/** What the answer to a create shows of an aggregate: neither hosts nor metadata. */
export function viewCreated({ id, state }: Versioned<HostAggregate>, minor: Minor): object {
  return {
    availability_zone: zoneOf(state),
    created_at: local(state.createdAt),
    deleted: false,
    deleted_at: null,
    id: state.number,
    name: state.name,
    updated_at: state.updatedAt === null ? null : local(state.updatedAt),
    ...(minor >= 41 && { uuid: id }),
  };
}

/** An aggregate with its hosts and metadata. */
export function viewAggregate(aggregate: Versioned<HostAggregate>, minor: Minor): object {
  const { hosts, metadata } = aggregate.state;
  return { ...viewCreated(aggregate, minor), hosts, metadata };
}

/** `2026-01-02T03:04:05.678901`: without a zone, as Nova shows times that it does not look at. */
function local(timestamp: string): string {
  return timestamp.replace("Z", "");
}
