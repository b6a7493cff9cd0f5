/** Tags of resources as one text column, so that lists can be filtered by them. */
import type { Condition } from "../collections.ts";

/** `,red,blue,`: no tag has a comma in it. */
export function joinTags(tags: readonly string[]): string {
  return tags.length === 0 ? "" : `,${tags.join(",")},`;
}

/** A row that has this tag. */
function hasTag(tag: string): Condition {
  return (eb) => eb(eb.fn("instr", ["tags", eb.val(`,${tag},`)]), ">", 0);
}

/** How the filters `tags`, `tags-any`, `not-tags` and `not-tags-any` combine the tags they list. */
const COMBINATIONS = {
  "tags": { every: true, negated: false },
  "tags-any": { every: false, negated: false },
  "not-tags": { every: true, negated: true },
  "not-tags-any": { every: false, negated: true },
} as const;

export type TagFilter = keyof typeof COMBINATIONS;

export const TAG_FILTERS = Object.keys(COMBINATIONS) as readonly TagFilter[];

/** Rows that a tag filter selects; `values` are the parameter's, each a list with commas. */
export function tagged(filter: TagFilter, values: readonly string[]): Condition {
  const { every, negated } = COMBINATIONS[filter];
  const tags = [...new Set(values.flatMap((value) => value.split(",")))];
  return (eb) => {
    const each = tags.map((tag) => hasTag(tag)(eb));
    const all = every ? eb.and(each) : eb.or(each);
    return negated ? eb.not(all) : all;
  };
}
