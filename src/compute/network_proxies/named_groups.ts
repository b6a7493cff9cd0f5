/** The groups that rules name as the side traffic comes from. */
import type { CallersNetworks, SecurityGroupDetails } from "../../facades/network_service.ts";
import type { NamedGroups } from "./view.ts";

/** Those that the rules of some groups name, the groups themselves included. */
export async function groupsNamedIn(
  groups: readonly SecurityGroupDetails[],
  theirs: CallersNetworks,
): Promise<NamedGroups> {
  const named = new Map(groups.map((group) => [group.id, group]));
  for (const { rules } of groups) {
    for (const { remoteGroupId } of rules) {
      if (remoteGroupId === null || named.has(remoteGroupId)) continue;
      const found = await theirs.securityGroup(remoteGroupId);
      if (found) named.set(found.id, found);
    }
  }
  return named;
}
