/** What is built in and what was made, as one: pure. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";

/** A thing that may be built in. */
export interface Overlaid {
  readonly exists: boolean;
  readonly deleted: boolean;
}

/** The state as everybody sees it: what is built in is there until it is deleted. */
export function seen<State extends Overlaid, Facts>(
  state: State,
  builtIn: Facts | undefined,
): State {
  if (state.exists || state.deleted || builtIn === undefined) return state;
  return { ...state, ...builtIn, exists: true };
}

/** All there is: what is built in, in its own order, then what was made. */
export function overlaid<State extends Overlaid, Facts>(
  rows: readonly Versioned<State>[],
  builtIn: ReadonlyMap<string, Facts>,
  unborn: State,
): readonly Versioned<State>[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const ofOurs = [...builtIn].map(([id, facts]) => {
    const row = known.get(id) ?? { id, version: 0, state: unborn };
    return { ...row, state: seen(row.state, facts) };
  });
  const made = rows.filter(({ id }) => !builtIn.has(id));
  return [...ofOurs, ...made].filter(({ state }) => state.exists);
}
