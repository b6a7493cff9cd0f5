/** What lists can be filtered and sorted by: Neutron's attributes, and the columns they stand in. */
import type { Column } from "../../eventsourcing/state_table.ts";
import { parseTime } from "../../http/formats.ts";
import { type Condition, isOneOf } from "../collections.ts";
import { badRequest, invalidInput, type NeutronRejection } from "./refusals.ts";
import { TAG_FILTERS, tagged } from "./tags.ts";

/** One attribute of a resource's list. */
export interface Attribute {
  /** The rows that a filter selects; its values are those of the parameter, each an alternative. */
  filter(values: readonly string[]): Condition | NeutronRejection;
  /** The column to sort by; without one, sorting is refused. */
  readonly sortColumn?: string;
}

/** Text, compared as it is. */
export function text(column: string): Attribute {
  return { filter: (values) => isOneOf(column, values), sortColumn: column };
}

/** A whole number. */
export function integer(column: string): Attribute {
  return {
    filter(values) {
      const wrong = values.find((value) => !/^\s*-?[0-9]+\s*$/.test(value));
      if (wrong !== undefined) return invalidInput(`'${wrong}' is not an integer`);
      return isOneOf(column, values.map(Number));
    },
    sortColumn: column,
  };
}

/** True or false, in any of the words for it. */
export function flag(column: string): Attribute {
  return {
    filter(values) {
      const flags: Column[] = [];
      for (const value of values) {
        const read = readFlag(value);
        if (read === undefined) return invalidInput(`'${value}' cannot be converted to boolean`);
        flags.push(read ? 1 : 0);
      }
      return isOneOf(column, flags);
    },
    sortColumn: column,
  };
}

/** A boolean or a word for one; undefined for other values. neutron_lib/api/converters.py. */
export function readFlag(value: unknown): boolean | undefined {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (word === true || word === "true" || word === "1" || word === 1) return true;
  if (word === false || word === "false" || word === "0" || word === 0) return false;
  return undefined;
}

/** A time that clients see in whole seconds. */
export function time(column: string): Attribute {
  return {
    filter(values) {
      const seconds = values.map((value) => parseTime(value)?.slice(0, 19));
      if (seconds.some((value) => value === undefined)) {
        return badRequest(`The time in ${column} is not in ISO 8601 form.`);
      }
      return (eb) => eb(eb.fn("substr", [column, eb.val(1), eb.val(19)]), "in", seconds);
    },
    sortColumn: column,
  };
}

/** Rows that have changed at a time or later. */
export const changedSince: Attribute = {
  filter(values) {
    const since = parseTime(values[0] ?? "");
    if (since === undefined) {
      return invalidInput(
        "The value of changed_since is not in the form YYYY-MM-DDTHH:MM:SSZ",
      );
    }
    return (eb) => eb("updated_at", ">=", since);
  },
};

/** What every list of resources that have a revision can be filtered by. */
export const STANDARD_ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  id: text("id"),
  project_id: text("project_id"),
  tenant_id: text("project_id"),
  description: text("description"),
  created_at: time("created_at"),
  updated_at: time("updated_at"),
  changed_since: changedSince,
  revision_number: integer("version"),
};

/** The same for resources that have tags. */
export const COMMON_ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  ...STANDARD_ATTRIBUTES,
  ...Object.fromEntries(
    TAG_FILTERS.map((name) => [name, { filter: (values) => tagged(name, values) }]),
  ),
};
