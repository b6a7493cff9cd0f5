/** Who roles are granted to: users, and groups for all who are in them. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import type { Rejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { grantRoleToGroup, groupNotFound, revokeRoleFromGroup } from "../groups/decider.ts";
import { findGroup, groups } from "../groups/projection.ts";
import { grantRole, revokeRole, userNotFound } from "../users/decider.ts";
import { findUser, users } from "../users/projection.ts";
import type { Grant, Grantee } from "./grant.ts";

/** A user or a group, as grants see it. */
export type FoundGrantee = Versioned<Grantee & { readonly domainId: string }>;

export interface GranteeKind {
  readonly name: "user" | "group";
  find(reader: Reader, id: string): Promise<FoundGrantee | undefined>;
  notFound(id: string): Rejection;
  grant(unit: UnitOfWork, id: string, grant: Grant): Promise<FoundGrantee | Rejection>;
  revoke(unit: UnitOfWork, id: string, grant: Grant): Promise<FoundGrantee | Rejection>;
}

const USERS: GranteeKind = {
  name: "user",
  find: findUser,
  notFound: userNotFound,
  grant: (unit, id, grant) =>
    decideIn(unit, users, id, (user) => grantRole({ type: "GrantRole", id, grant }, user)),
  revoke: (unit, id, grant) =>
    decideIn(unit, users, id, (user) => revokeRole({ type: "RevokeRole", id, grant }, user)),
};

const GROUPS: GranteeKind = {
  name: "group",
  find: findGroup,
  notFound: groupNotFound,
  grant: (unit, id, grant) =>
    decideIn(
      unit,
      groups,
      id,
      (group) => grantRoleToGroup({ type: "GrantRoleToGroup", id, grant }, group),
    ),
  revoke: (unit, id, grant) =>
    decideIn(
      unit,
      groups,
      id,
      (group) => revokeRoleFromGroup({ type: "RevokeRoleFromGroup", id, grant }, group),
    ),
};

export const GRANTEE_KINDS: readonly GranteeKind[] = [USERS, GROUPS];
