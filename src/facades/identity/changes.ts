/** Telling what a change changes: pure. */

/** The fields that a state does not have already. */
export function newIn<State extends object>(
  changes: Partial<State>,
  state: State,
): Partial<State> {
  const differing = Object.entries(changes).filter(([name, value]) =>
    JSON.stringify(value) !== JSON.stringify(state[name as keyof State])
  );
  return Object.fromEntries(differing) as Partial<State>;
}
