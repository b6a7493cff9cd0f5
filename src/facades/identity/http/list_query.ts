/** What a list is asked for: filters, inexact ones too, and pages. Source: keystone/server/flask/common.py. */
import { type Fault, fault, isFault } from "./faults.ts";
import { booleanFilter } from "./views.ts";

/** How a value is compared with what was asked for. */
export type Comparator = "equals" | "contains" | "startswith" | "endswith";

/** One thing that members of a list must meet. */
export interface Match {
  /** The attribute, as queries and tables call it. */
  readonly name: string;
  readonly comparator: Comparator;
  readonly value: string | number;
  /** Whether capitals count; never for `equals`, where the column says so. */
  readonly exactCase: boolean;
}

export interface ListQuery {
  readonly matches: readonly Match[];
  /** How many at most. */
  readonly limit?: number;
  /** Id of the last one of the page before. */
  readonly marker?: string;
}

/** No filter and no end. */
export const EVERYTHING: ListQuery = { matches: [] };

const COMPARATORS: ReadonlySet<string> = new Set(["contains", "startswith", "endswith"]);

/** The query of a list that can be narrowed by some attributes; others are passed over. */
export function listQueryOf(
  params: URLSearchParams,
  attributes: readonly string[],
): ListQuery | Fault {
  const limit = limitOf(params);
  if (isFault(limit)) return limit;
  const marker = params.get("marker") || undefined;
  const matches = [...params].flatMap(([key, value]) => matchOf(key, value, attributes, params));
  return { matches, limit, marker };
}

/** Matches of what a request fixes itself, such as the domain of its token. */
export function equalTo(values: Readonly<Record<string, string | undefined>>): readonly Match[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, comparator: "equals", value, exactCase: false } as const]
  );
}

function matchOf(
  key: string,
  value: string,
  attributes: readonly string[],
  params: URLSearchParams,
): readonly Match[] {
  const [name, suffix] = key.split("__", 2) as [string, string?];
  if (!attributes.includes(name)) return [];
  if (suffix === undefined) {
    const wanted = name === "enabled" ? Number(booleanFilter(params, name)) : value;
    return [{ name, comparator: "equals", value: wanted, exactCase: false }];
  }
  const exactCase = !suffix.startsWith("i");
  const comparator = exactCase ? suffix : suffix.slice(1);
  // What Keystone does not understand it passes over; and nothing is in everything.
  if (!COMPARATORS.has(comparator) || name === "enabled" || value === "") return [];
  return [{ name, comparator: comparator as Comparator, value, exactCase }];
}

function limitOf(params: URLSearchParams): number | undefined | Fault {
  const limit = params.get("limit");
  if (!limit) return undefined;
  if (/^\d{1,9}$/.test(limit)) return Number(limit);
  return fault(400, "Invalid input for field 'limit': it is not a number of members.");
}

/** Whether a member has all that is asked for; for lists that are small enough to be read whole. */
export function meets(
  member: Readonly<Record<string, unknown>>,
  matches: readonly Match[],
): boolean {
  return matches.every((match) => isMet(member[match.name], match));
}

function isMet(actual: unknown, { comparator, value, exactCase }: Match): boolean {
  if (typeof actual === "boolean") return Number(actual) === value;
  if (typeof actual !== "string") return false;
  const fold = (text: string) => exactCase && comparator !== "equals" ? text : text.toLowerCase();
  const [text, wanted] = [fold(actual), fold(String(value))];
  switch (comparator) {
    case "equals":
      return text === wanted;
    case "contains":
      return text.includes(wanted);
    case "startswith":
      return text.startsWith(wanted);
    case "endswith":
      return text.endsWith(wanted);
  }
}
