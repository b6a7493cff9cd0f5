/** A fault as JSON: as it was asked for, and what has come of it. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { type Fault, isActive } from "./decider.ts";

/** One fault. `active`: it can still strike. */
export function viewFault({ id, state }: Versioned<Fault>, nowMs: number): object {
  const { place, target, effect, delayMs, times, probability, seed, until } = state;
  return {
    id,
    ...(place.on === "driver" ? { driver: place.operations } : { http: partsOf(place) }),
    ...(target.serverId !== undefined && { server: target.serverId }),
    ...(target.serverNamePrefix !== undefined && { server_name_prefix: target.serverNamePrefix }),
    ...(target.projectId !== undefined && { project: target.projectId }),
    effect: effect.kind === "none" ? "delay" : effect.kind,
    delay_ms: delayMs,
    ...("message" in effect && { message: effect.message }),
    ...("status" in effect && { status: effect.status }),
    ...("retryAfter" in effect && { retry_after: effect.retryAfter }),
    ...(times !== undefined && { times }),
    ...(probability !== undefined && { probability, seed }),
    ...(until !== undefined && { until }),
    struck: state.struck,
    active: isActive(state, { struck: state.struck, nowMs }),
    created_at: state.addedAt,
    created_by: state.addedBy,
  };
}

function partsOf({ on: _, ...parts }: { readonly on: "http" }): object {
  return parts;
}
