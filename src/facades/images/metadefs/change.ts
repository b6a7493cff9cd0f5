/** Requests on one namespace: finding it, who may, and recording what follows. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import type { FacadeOperation, FacadeRequest } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { notAuthorized } from "../change.ts";
import { maySeeNamespace } from "./access.ts";
import type { MetadefEvent } from "./events.ts";
import { findNamespace, metadefNamespaces } from "./projection.ts";
import { noNamespace } from "./refusals.ts";
import type { MetadefNamespace } from "./state.ts";

/** What operations on metadata definitions need. */
export interface MetadefDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
}

export type Absence = keyof typeof noNamespace;

/** The namespace that the path names, if the caller may see it. */
async function visibleNamespace(
  reader: Reader,
  request: FacadeRequest,
  absence: Absence,
): Promise<Versioned<MetadefNamespace> | Rejection> {
  const name = request.param("namespace");
  const found = await findNamespace(reader, name);
  return found && maySeeNamespace(found.state, request.caller) ? found : noNamespace[absence](name);
}

/** A GET of the namespace that the path names, or of something in it. */
export function onNamespace(
  { reader }: MetadefDependencies,
  absence: Absence,
  answer: (request: FacadeRequest, namespace: MetadefNamespace) => Response | Rejection,
): FacadeOperation {
  return async (request) => {
    const found = await visibleNamespace(reader, request, absence);
    const answered = isRejection(found) ? found : answer(request, found.state);
    return isRejection(answered) ? refused(request, answered) : answered;
  };
}

export interface NamespaceChange {
  /** The command's name, for the log. */
  readonly command: string;
  /** The policy's name for it: only admins may. */
  readonly action: string;
  readonly absence: Absence;
}

/**
 * Decides a command on the namespace that the path names, and records what follows.
 *
 * Refuses callers who may not see the namespace, and those who are no admins.
 */
export function changeNamespace(
  { committer }: MetadefDependencies,
  request: FacadeRequest,
  { command, action, absence }: NamespaceChange,
  decide: (
    before: MetadefNamespace,
    unit: UnitOfWork,
    id: string,
  ) => Decision<MetadefEvent> | Promise<Decision<MetadefEvent>>,
): Promise<MetadefNamespace | Rejection> {
  return committer.submit(request.metadata(command), async (unit) => {
    const before = await visibleNamespace(unit, request, absence);
    if (isRejection(before)) return before;
    if (!request.caller.isAdmin) return reject("Forbidden", notAuthorized(action)());
    const decision = await decide(before.state, unit, before.id);
    if (isRejection(decision)) return decision;
    return (await unit.append(metadefNamespaces, before, decision)).state;
  });
}

/** A DELETE of the namespace that the path names, or of something in it. */
export function removal(
  dependencies: MetadefDependencies,
  change: NamespaceChange,
  decide: (before: MetadefNamespace, request: FacadeRequest) => Decision<MetadefEvent>,
): FacadeOperation {
  return async (request) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change,
      (before) => decide(before, request),
    );
    return isRejection(outcome) ? refused(request, outcome) : new Response(null, { status: 204 });
  };
}
