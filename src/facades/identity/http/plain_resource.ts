/** What the routes of things that stand by themselves have in common: list, show, change, delete. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { type Decision, isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { DomainEvent } from "../../../eventsourcing/event.ts";
import type { Reader } from "../../../store/query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import type { EmbeddedIdentity } from "../service.ts";
import type { AuthenticatedRequest, IdentityRequest, Outcome } from "./endpoint.ts";
import { faultOf } from "./faults.ts";
import { answerList } from "./lists.ts";
import { refuseUnlessAllowed, type Rule } from "./policy.ts";
import { linksTo } from "./views.ts";

/** A kind of thing. */
export interface PlainKind<State, Event extends DomainEvent> {
  /** The key of one in bodies, such as `policy`. */
  readonly one: string;
  /** The key of a list. */
  readonly many: string;
  /** Where they are, behind `/v3/`. */
  readonly path: string;
  readonly aggregate: Aggregate<State, Event>;
  /** The column that lists are in order of. */
  readonly order: string;
  /** The attributes that lists can be narrowed by. */
  readonly filters: readonly string[];
  readonly rules: { readonly list: Rule; readonly get: Rule };
  /** What is shown besides the id and the link. */
  view(state: State): object;
  /** The links besides that to itself. */
  links?(request: IdentityRequest, id: string): object;
  notFound(id: string): Rejection;
}

/** A change of one thing. */
export interface PlainChange<State, Event extends DomainEvent> {
  readonly rule: Rule;
  /** What the log calls it, such as `CreatePolicy`. */
  readonly command: string;
  readonly id: string;
  /** Of the answer; 204: one without a body. */
  readonly status: 200 | 201 | 204;
  decide(state: State): Decision<Event>;
  /** What this answer shows besides, and no other does. */
  readonly once?: object;
}

/** One thing; undefined when there is none of this id. */
export async function findPlain<State extends { readonly exists: boolean }>(
  reader: Reader,
  { projection }: Pick<Aggregate<State, DomainEvent>, "projection">,
  id: string,
): Promise<Versioned<State> | undefined> {
  return existing(await projection.load(reader, id));
}

export class PlainOperations<
  State extends { readonly exists: boolean },
  Event extends DomainEvent,
> {
  constructor(
    protected readonly service: EmbeddedIdentity,
    private readonly kind: PlainKind<State, Event>,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { aggregate, order: by, filters, many, rules } = this.kind;
    const { reader } = this.service;
    return refuseUnlessAllowed(rules.list, request.token) ??
      await answerList(request, many, {
        filters,
        find: (query) => listStates<State>(reader, aggregate.projection.name, query, { by }),
        has: (id) => findPlain(reader, aggregate, id),
        view: (found) => this.view(request, found),
      });
  }

  async show(request: AuthenticatedRequest, id: string): Promise<Outcome> {
    const { aggregate, rules, notFound } = this.kind;
    const refusal = refuseUnlessAllowed(rules.get, request.token);
    if (refusal) return refusal;
    const found = await findPlain(this.service.reader, aggregate, id);
    return found ? this.answer(request, 200, found) : faultOf(notFound(id));
  }

  async change(
    request: AuthenticatedRequest,
    { rule, command, id, status, decide, once }: PlainChange<State, Event>,
  ): Promise<Outcome> {
    const refusal = refuseUnlessAllowed(rule, request.token);
    if (refusal) return refusal;
    const { committer } = this.service;
    const metadata = request.metadata(command);
    const outcome = await handle(committer, this.kind.aggregate, id, metadata, decide);
    if (isRejection(outcome)) return faultOf(outcome);
    return status === 204 ? { status } : this.answer(request, status, outcome, once);
  }

  /** One as Keystone's JSON. */
  view(request: IdentityRequest, { id, state }: Versioned<State>): object {
    const self = linksTo(request, `${this.kind.path}/${id}`);
    return {
      id,
      ...this.kind.view(state),
      links: { ...self, ...this.kind.links?.(request, id) },
    };
  }

  protected answer(
    request: IdentityRequest,
    status: number,
    found: Versioned<State>,
    once?: object,
  ): Outcome {
    return { status, body: { [this.kind.one]: { ...this.view(request, found), ...once } } };
  }
}
