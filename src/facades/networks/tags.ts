/** Tags of resources as one text column, so that lists can be filtered by them. */
import { type Condition, hasPart } from "../collections.ts";
import { badRequest, type NeutronRejection } from "./refusals.ts";

/** `,red,blue,`: what separates tags is escaped within them. */
export function joinTags(tags: readonly string[]): string {
  return tags.length === 0 ? "" : `,${tags.map(escapeTag).join(",")},`;
}

function escapeTag(tag: string): string {
  return tag.replaceAll("%", "%25").replaceAll(",", "%2C");
}

/** A row that has this tag. */
function hasTag(tag: string): Condition {
  return hasPart("tags", `,${escapeTag(tag)},`);
}

/** Most tags that a resource may have, and so the most that a filter may name. */
export const MAX_TAGS = 50;

/** How the filters `tags`, `tags-any`, `not-tags` and `not-tags-any` combine the tags they list. */
const COMBINATIONS = {
  "tags": { every: true, negated: false },
  "tags-any": { every: false, negated: false },
  "not-tags": { every: true, negated: true },
  "not-tags-any": { every: false, negated: true },
} as const;

export type TagFilter = keyof typeof COMBINATIONS;

export const TAG_FILTERS = Object.keys(COMBINATIONS) as readonly TagFilter[];

/**
 * Rows that a tag filter selects; `values` are the parameter's, each a list with commas.
 *
 * Refuses more tags than a resource can have: an expression must not grow with a request.
 */
export function tagged(
  filter: TagFilter,
  values: readonly string[],
): Condition | NeutronRejection {
  const { every, negated } = COMBINATIONS[filter];
  const tags = [...new Set(values.flatMap((value) => value.split(",")))];
  if (tags.length > MAX_TAGS) return badRequest(`${filter} names more than ${MAX_TAGS} tags`);
  return (eb) => {
    const each = tags.map((tag) => hasTag(tag)(eb));
    const all = every ? eb.and(each) : eb.or(each);
    return negated ? eb.not(all) : all;
  };
}
