/** Rows of state tables, as the states they hold. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { StateColumns } from "../../eventsourcing/state_table.ts";

/** A row's folded state. */
export function versionedOf<State>({ id, version, state }: StateColumns): Versioned<State> {
  return { id, version, state: JSON.parse(state) };
}

/** What is left of a versioned state when it exists. */
export function existing<State extends { readonly exists: boolean }>(
  found: Versioned<State> | undefined,
): Versioned<State> | undefined {
  return found?.state.exists ? found : undefined;
}
