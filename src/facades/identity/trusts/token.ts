/** What a token that was got with a trust is worth. Source: keystone/models/token_model.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import { findDomain } from "../domains/projection.ts";
import { effectiveRoleIds, type NamedRole } from "../grants/effective.ts";
import { withImplied } from "../roles/implied.ts";
import { rolesById } from "../roles/projection.ts";
import type { User } from "../users/decider.ts";
import { findUser } from "../users/projection.ts";
import type { Trust } from "./decider.ts";
import { findTrust } from "./projection.ts";

/** A trust that holds. */
export interface HeldTrust {
  readonly trust: Versioned<Trust>;
  readonly trustor: Versioned<User>;
  /** Implied ones included; the roles of a single domain, which no token has, left out. */
  readonly roles: readonly NamedRole[];
}

/**
 * What a trust is worth now; undefined when it is gone, when anybody it depends on is disabled, or
 * when the user that the roles come from has lost one of them.
 *
 * When it ends, and how often it may be used, is for whoever issues tokens to see.
 */
export async function heldTrust(reader: Reader, id: string): Promise<HeldTrust | undefined> {
  const trust = await findTrust(reader, id);
  if (!trust) return undefined;
  const { trustorId, redelegatedFrom } = trust.state;
  const trustor = await enabledUser(reader, trustorId);
  if (!trustor) return undefined;
  for (const agentId of redelegatedFrom?.agentIds ?? []) {
    if (!await enabledUser(reader, agentId)) return undefined;
  }
  const first = redelegatedFrom && redelegatedFrom.firstTrustorId !== trustorId
    ? await enabledUser(reader, redelegatedFrom.firstTrustorId)
    : trustor;
  const roles = first && await rolesOf(reader, trust.state, first.state);
  return roles && { trust, trustor, roles };
}

async function rolesOf(
  reader: Reader,
  { projectId, roleIds }: Trust,
  giver: User,
): Promise<readonly NamedRole[] | undefined> {
  if (projectId === null) return [];
  const known = await rolesById(reader);
  const given = [...withImplied(roleIds, known)];
  const has = await effectiveRoleIds(reader, giver, { on: "project", id: projectId }, known);
  if (!given.every((id) => has.has(id))) return undefined;
  return given.filter((id) => known.get(id)!.domainId === null)
    .map((id) => ({ id, name: known.get(id)!.name }));
}

async function enabledUser(reader: Reader, id: string): Promise<Versioned<User> | undefined> {
  const user = await findUser(reader, id);
  if (!user?.state.enabled) return undefined;
  return (await findDomain(reader, user.state.domainId))?.state.enabled ? user : undefined;
}
