/** The smallest aggregate there is: a number that is counted up. */
import type { Aggregate } from "../../src/eventsourcing/aggregate.ts";
import { stateTable } from "../../src/eventsourcing/state_table.ts";

export interface Counter {
  readonly total: number;
}

export interface Counted {
  readonly type: "Counted";
  readonly data: { readonly by: number };
}

export const counters = countersCalled("counter");

/** More of them, with a table of their own: `<category>s`. */
export function countersCalled(category: string): Aggregate<Counter, Counted> {
  return {
    category,
    eventTypes: { Counted: [] },
    initialState: { total: 0 },
    evolve: ({ total }, { data }) => ({ total: total + data.by }),
    projection: stateTable<Counter, { total: number }>({
      name: `${category}s`,
      version: 1,
      columns: { total: "integer" },
      row: ({ state }) => ({ total: state.total }),
    }),
  };
}

export function counted(by = 1): Counted {
  return { type: "Counted", data: { by } };
}
