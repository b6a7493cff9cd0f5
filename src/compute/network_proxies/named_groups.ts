/** The groups that rules name as the side traffic comes from. */
import type { CallersNetworks, SecurityGroupDetails } from "../../facades/network_service.ts";
import type { NamedGroups } from "./view.ts";

/** Those that the rules of some groups name, the groups themselves included. */
export async function groupsNamedIn(
  groups: readonly SecurityGroupDetails[],
  theirs: CallersNetworks,
): Promise<NamedGroups> {
  const named = new Map(groups.map((group) => [group.id, group]));
  const others = groups.flatMap(({ rules }) => rules).flatMap(({ remoteGroupId }) =>
    remoteGroupId === null || named.has(remoteGroupId) ? [] : [remoteGroupId]
  );
  for (const group of await theirs.securityGroupsById([...new Set(others)])) {
    named.set(group.id, group);
  }
  return named;
}
