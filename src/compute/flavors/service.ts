/** What the flavors' endpoints share. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection } from "../../eventsourcing/decider.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { type Flavor, type FlavorEvent, notFound } from "./decider.ts";
import { findOpenFlavor, flavors } from "./projection.ts";

export interface FlavorsDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly settings: { readonly maxLimit: number };
}

/** 403 unless the rule lets the caller; flavors are of no project, so the caller's own counts. */
export function refuseUnless(rule: Rule, { caller }: NovaRequest): Fault | undefined {
  return refuseUnlessAllowed(rule, caller, caller.projectId);
}

/** The flavor in the path: 403 by the rule, then 404 unless it is there for the caller. */
export async function findAllowed(
  { reader }: FlavorsDependencies,
  request: NovaRequest,
  rule: Rule,
): Promise<Versioned<Flavor> | Fault> {
  const refusal = refuseUnless(rule, request);
  if (refusal) return refusal;
  const id = request.param("id");
  return await findOpenFlavor(reader, id, request.caller) ?? fault(404, notFound(id));
}

/** Decides a command on one flavor and records what follows. */
export async function changeFlavor(
  { committer }: FlavorsDependencies,
  request: NovaRequest,
  { type, id }: { readonly type: string; readonly id: string },
  decide: (flavor: Flavor) => Decision<FlavorEvent>,
): Promise<Versioned<Flavor> | Fault> {
  const outcome = await handle(committer, flavors, id, metadataOf(request, type), decide);
  return isRejection(outcome) ? faultOf(outcome) : outcome;
}
