/** `/v3/groups/{group_id}/users`: who is in a group. Source: keystone/api/groups.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { AuthenticatedRequest, Outcome } from "../http/endpoint.ts";
import { type Fault, faultOf, isFault } from "../http/faults.ts";
import { answerList, ownDomainFilter } from "../http/lists.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  addToGroup,
  notInGroup,
  removeFromGroup,
  type User,
  userNotFound,
} from "../users/decider.ts";
import { findUser, listMembers, users } from "../users/projection.ts";
import { userView } from "../users/view.ts";
import { type Group, groupNotFound } from "./decider.ts";
import { findGroup } from "./projection.ts";

export class MemberOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const id = request.param("group_id");
    const group = await findGroup(reader, id);
    const refusal = refuseUnlessAllowed("identity:list_users_in_group", request.token, {
      domainId: group?.state.domainId,
    });
    if (refusal) return refusal;
    if (!group) return faultOf(groupNotFound(id));
    return await answerList(request, "users", {
      filters: ["domain_id", "enabled", "name"],
      fixed: ownDomainFilter(request),
      find: (query) => listMembers(reader, id, query),
      has: (userId) => findUser(reader, userId),
      view: (user) => userView(request, user),
    });
  }

  async check(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#both(request, "identity:check_user_in_group");
    if (isFault(found)) return found;
    const { user, group } = found;
    return user.state.groupIds.includes(group.id)
      ? { status: 204 }
      : faultOf(notInGroup(user.id, group.id));
  }

  async add(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#both(request, "identity:add_user_to_group");
    if (isFault(found)) return found;
    const { user: { id }, group: { id: groupId } } = found;
    const outcome = await this.service.committer.submit(
      request.metadata("AddToGroup"),
      async (unit): Promise<Versioned<User> | Rejection> => {
        if (!await findGroup(unit, groupId)) return groupNotFound(groupId);
        return await decideIn(
          unit,
          users,
          id,
          (user) => addToGroup({ type: "AddToGroup", id, groupId }, user),
        );
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** Takes a user out; all its tokens end, for some may have come of the group. */
  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#both(request, "identity:remove_user_from_group");
    if (isFault(found)) return found;
    const { user: { id }, group: { id: groupId } } = found;
    const command = { type: "RemoveFromGroup", id, groupId, endsTokens: true } as const;
    const outcome = await this.service.committer.submit(
      request.metadata("RemoveFromGroup"),
      (unit) => decideIn(unit, users, id, (user) => removeFromGroup(command, user)),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** The group and the user of the path; 403 unless the rule allows it, 404 when one is not there. */
  async #both(
    request: AuthenticatedRequest,
    rule: Rule,
  ): Promise<{ readonly user: Versioned<User>; readonly group: Versioned<Group> } | Fault> {
    const { reader } = this.service;
    const [groupId, userId] = [request.param("group_id"), request.param("user_id")];
    const group = await findGroup(reader, groupId);
    const user = await findUser(reader, userId);
    const refusal = refuseUnlessAllowed(rule, request.token, {
      domainId: group?.state.domainId,
      userDomainId: user?.state.domainId,
    });
    if (refusal) return refusal;
    if (!group) return faultOf(groupNotFound(groupId));
    return user ? { user, group } : faultOf(userNotFound(userId));
  }
}
