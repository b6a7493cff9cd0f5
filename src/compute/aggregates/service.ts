/** What the aggregates' endpoints share. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import { type Decision, isRejection, reject } from "../../eventsourcing/decider.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { wholeNumber } from "../../http/words.ts";
import type { Reader } from "../../store/query.ts";
import { usageByHost } from "../hosts/projection_usage.ts";
import {
  type AggregateEvent,
  type HostAggregate,
  NO_AGGREGATE,
  type ZoneFacts,
  zoneOf,
} from "./decider.ts";
import { findAggregate, hostAggregates, listAggregates } from "./projection.ts";

export interface AggregatesDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
}

/** 403 by the rule, then 400 unless the id in the path is a number. */
export function refuse(rule: Rule, request: NovaRequest): Fault | undefined {
  const { caller } = request;
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  if (wholeNumber(request.param("id")) !== undefined) return undefined;
  return fault(400, "Invalid input received: id must be an integer");
}

/** The aggregate in the path, whose id is a number; undefined when there is none. */
export function find(
  reader: Reader,
  request: NovaRequest,
): Promise<Versioned<HostAggregate> | undefined> {
  return findAggregate(reader, wholeNumber(request.param("id"))!);
}

type Decide = (aggregate: HostAggregate) => Decision<AggregateEvent>;

/** Decides a command on the aggregate in the path, on facts that hold when it is committed. */
export async function changeAggregate(
  { committer }: AggregatesDependencies,
  request: NovaRequest,
  type: string,
  decideOn: (unit: UnitOfWork, facts: ZoneFacts, id: string | undefined) => Promise<Decide>,
): Promise<Versioned<HostAggregate> | Fault> {
  const outcome = await committer.submit(metadataOf(request, type), async (unit) => {
    const found = await find(unit, request);
    const decide = await decideOn(unit, await zoneFacts(unit, found?.id), found?.id);
    if (found) return await decideIn(unit, hostAggregates, found.id, decide);
    // What is not there is refused by the same rules, in their order.
    const decision = decide(NO_AGGREGATE);
    return isRejection(decision)
      ? decision
      : reject("NotFound", "The resource could not be found.");
  });
  return isRejection(outcome) ? faultOf(outcome) : outcome;
}

/** What decisions about one aggregate's zone look at. */
async function zoneFacts(reader: Reader, id: string | undefined): Promise<ZoneFacts> {
  const others = (await listAggregates(reader)).filter((other) => other.id !== id);
  const servers = [...await usageByHost(reader)].map(([host, usage]) => [host, usage.servers]);
  return {
    others: others.map(({ state }) => ({ zone: zoneOf(state), hosts: state.hosts })),
    servers: Object.fromEntries(servers),
  };
}
