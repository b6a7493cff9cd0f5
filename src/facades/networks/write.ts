/** Creates, updates and deletes as Neutron answers them; the same for every kind of resource. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import type { Reader } from "../../store/query.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../endpoint.ts";
import { mayWrite } from "./access.ts";
import { neutronError, refused } from "./answers.ts";
import { type Asked, type Fields, readCreate, readUpdate, type ValuesOf } from "./body.ts";
import { findVisible, type Resource } from "./list.ts";
import { badRequest, type NeutronRejection, notAllowed } from "./refusals.ts";
import { refuseOtherRevision } from "./revisions.ts";

/** A kind of resource that requests may make, change and delete, each within a transaction. */
export interface WritableResource<State, F extends Fields> extends Resource<State> {
  readonly fields: F;
  create(unit: UnitOfWork, command: Create<F>): Promise<Versioned<State> | NeutronRejection>;
  update(
    unit: UnitOfWork,
    before: Versioned<State>,
    command: Update<F>,
  ): Promise<Versioned<State> | NeutronRejection>;
  /** Undefined: it is gone. */
  remove(
    unit: UnitOfWork,
    before: Versioned<State>,
    command: { readonly by: Caller },
  ): Promise<NeutronRejection | undefined>;
}

/** One thing to be made. */
export interface Create<F extends Fields> extends Asked<F> {
  readonly id: string;
  readonly by: Caller;
}

/** What is to be different. */
export interface Update<F extends Fields> {
  readonly values: ValuesOf<F>;
  readonly by: Caller;
}

/** What writing operations need. */
export interface WriteDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
}

/** `POST /v2.0/<plural>`: one, or several of which all are made or none. */
export function createOf<State, F extends Fields>(
  { reader, committer }: WriteDependencies,
  resource: WritableResource<State, F>,
): FacadeOperation {
  return async (request) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const by = request.caller;
    const asked = readCreate(body.value, { ...resource, caller: by });
    if (isRejection(asked)) return refused(asked);
    const outcome = await committer.submit(
      request.metadata(commandName("Create", resource.name)),
      (unit) => createAll(unit, resource, asked.items, by),
    );
    if (isRejection(outcome)) return refused(outcome);
    const views = await resource.views(reader, outcome, by);
    return json(
      201,
      asked.isBulk ? { [resource.plural]: views } : { [resource.name]: views[0] },
    );
  };
}

/** Makes several things within a transaction; refuses all when one of them cannot be. */
export async function createAll<State, F extends Fields>(
  unit: UnitOfWork,
  resource: WritableResource<State, F>,
  items: readonly Asked<F>[],
  by: Caller,
): Promise<readonly Versioned<State>[] | NeutronRejection> {
  const made: Versioned<State>[] = [];
  for (const item of items) {
    if (!mayWrite(by, item.projectId)) return notAllowed(`create_${resource.name}`);
    const outcome = await resource.create(unit, { ...item, id: crypto.randomUUID(), by });
    if (isRejection(outcome)) return outcome;
    made.push(outcome);
  }
  return made;
}

/** `PUT /v2.0/<plural>/{id}`. */
export function updateOf<State extends Owned, F extends Fields>(
  { reader, committer }: WriteDependencies,
  resource: WritableResource<State, F>,
): FacadeOperation {
  return async (request) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const by = request.caller;
    const values = readUpdate(body.value, { ...resource, caller: by });
    if (isRejection(values)) return refused(values);
    const outcome = await committer.submit(
      request.metadata(commandName("Update", resource.name)),
      async (unit) => {
        const before = await findOwn(unit, resource, request, `update_${resource.name}`);
        return isRejection(before) ? before : await resource.update(unit, before, { values, by });
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    const [view] = await resource.views(reader, [outcome], by);
    return json(200, { [resource.name]: view });
  };
}

/** `DELETE /v2.0/<plural>/{id}`. */
export function removeOf<State extends Owned, F extends Fields>(
  { committer }: WriteDependencies,
  resource: WritableResource<State, F>,
): FacadeOperation {
  return async (request) => {
    const outcome = await committer.submit(
      request.metadata(commandName("Delete", resource.name)),
      async (unit) => {
        const before = await findOwn(unit, resource, request, `delete_${resource.name}`);
        if (isRejection(before)) return before;
        return await resource.remove(unit, before, { by: request.caller });
      },
    );
    return outcome ? refused(outcome) : new Response(null, { status: 204 });
  };
}

/** What belongs to a project. */
export interface Owned {
  readonly projectId: string;
}

/**
 * What a request's path names, if the caller may change it.
 *
 * Those who may not see it are told that it is not there; a revision other than the client's is
 * refused.
 */
export async function findOwn<State extends Owned>(
  reader: Reader,
  resource: Resource<State>,
  request: FacadeRequest,
  action: string,
): Promise<Versioned<State> | NeutronRejection> {
  const found = await findOwnOf(reader, resource, request.param("id"), request.caller, action);
  if (isRejection(found)) return found;
  return refuseOtherRevision(request.header("if-match"), found.version) ?? found;
}

/** The same for an id and whoever names it. */
export async function findOwnOf<State extends Owned>(
  reader: Reader,
  resource: Resource<State>,
  id: string,
  caller: Caller,
  action: string,
): Promise<Versioned<State> | NeutronRejection> {
  const found = await findVisible(reader, resource, id, caller);
  if (!found) return resource.notFound(id);
  return mayWrite(caller, found.state.projectId) ? found : notAllowed(action);
}

/** A request's JSON, or the answer to a body that is none. */
export async function readBody(
  request: FacadeRequest,
): Promise<{ readonly value: unknown } | Response> {
  const reading = await request.json();
  if (!reading) {
    return neutronError(413, "HTTPRequestEntityTooLarge", "Request is too large.");
  }
  if (!("malformed" in reading)) return reading;
  return refused(
    badRequest(
      "The server could not comply with the request since it is either malformed or " +
        "otherwise incorrect.",
    ),
  );
}

/** `CreateSecurityGroup`. */
export function commandName(verb: string, resource: string): string {
  const noun = resource.split("_").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return verb + noun;
}
