/** Which roles come with which: pure. */
import type { Role } from "./decider.ts";

/**
 * The granted roles and all that these imply, each once, the granted ones first.
 *
 * Ids of roles that are gone are left out. Source: keystone/assignment/core.py, add_implied_roles.
 */
export function withImplied(
  granted: Iterable<string>,
  roles: ReadonlyMap<string, Role>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  // A set visits what is added while it is walked, and meets no role twice.
  for (const id of granted) if (roles.has(id)) reached.add(id);
  for (const id of reached) {
    for (const implied of roles.get(id)?.implies ?? []) {
      if (roles.has(implied)) reached.add(implied);
    }
  }
  return reached;
}
