/** The shapes that Keystone's answers share. Source: keystone/server/flask/common.py. */
import { DEFAULT_DOMAIN_ID } from "../domains/decider.ts";
import type { Answer, AuthenticatedRequest, IdentityRequest } from "./endpoint.ts";

/**
 * 200 with a list: `{"users": […], "links": {…}}`.
 *
 * `last`: id of the page's last member, when there are more after it.
 */
export function listOf(
  request: IdentityRequest,
  key: string,
  members: readonly object[],
  last?: string,
): Answer {
  const next = last === undefined ? null : nextPage(request, last);
  return {
    status: 200,
    body: {
      [key]: members,
      links: { next, self: request.self, previous: null },
      ...(next !== null && { truncated: true }),
    },
  };
}

function nextPage({ self, query }: IdentityRequest, last: string): string {
  query.set("marker", last);
  return `${self.split("?", 1)[0]}?${query}`;
}

/** The link of a member to itself: `{"self": "<base>/users/<id>"}`. */
export function linksTo(request: IdentityRequest, path: string): { readonly self: string } {
  return { self: `${request.base}/${path}` };
}

/** Whether a switch such as `include_names` is on: it is there, and not 0. */
export function isOn(query: URLSearchParams, name: string): boolean {
  return query.has(name) && query.get(name) !== "0";
}

const FALSE_WORDS: ReadonlySet<string> = new Set(["0", "false", "f", "off", "no", "n"]);

/** A filter by a boolean such as `enabled`; undefined when it is not asked for. */
export function booleanFilter(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  return value === null ? undefined : !FALSE_WORDS.has(value.toLowerCase());
}

/** A filter by a text; undefined when it is not asked for. */
export function textFilter(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? undefined;
}

/** The domain that what is made is in when the body names none. */
export function ownDomainOf({ token }: AuthenticatedRequest): string {
  return token.scope?.on === "domain" ? token.scope.domain.id : DEFAULT_DOMAIN_ID;
}

/** Whether a body's `id` leaves the id as it is: absent, null, or the same. */
export function idMatches(sent: unknown, id: string | null): boolean {
  return sent === undefined || sent === null || sent === id;
}

/** What is left of an object without the fields that are undefined. */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<Fields>;
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
