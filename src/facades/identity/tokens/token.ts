/** What a token is worth now: its user, its scope, and the roles that come of both. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import type { ApplicationCredential } from "../application_credentials/decider.ts";
import { findApplicationCredential } from "../application_credentials/projection.ts";
import type { Domain } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import { effectiveRoles, type NamedRole } from "../grants/effective.ts";
import type { GrantTarget } from "../grants/grant.ts";
import type { Project } from "../projects/decider.ts";
import { findProject } from "../projects/projection.ts";
import type { Trust } from "../trusts/decider.ts";
import { heldTrust } from "../trusts/token.ts";
import type { User } from "../users/decider.ts";
import { findUser } from "../users/projection.ts";
import type { TokenClaims } from "./claims.ts";

/** A token whose claims hold. */
export interface Token {
  readonly claims: TokenClaims;
  /** Whom it is of: the trustor, for one got with a trust that lets the trustee stand for it. */
  readonly user: Versioned<User>;
  readonly userDomain: Versioned<Domain>;
  /** What it is scoped to; undefined when unscoped. */
  readonly scope: Scope | undefined;
  /** Implied ones included. */
  readonly roles: readonly NamedRole[];
  readonly credential: Versioned<ApplicationCredential> | undefined;
  /** What it was got with, if with a trust. */
  readonly trust?: Versioned<Trust>;
  readonly caller: Caller;
}

export type Scope =
  | {
    readonly on: "project";
    readonly project: Versioned<Project>;
    readonly domain: Versioned<Domain>;
  }
  | { readonly on: "domain"; readonly domain: Versioned<Domain> }
  | { readonly on: "system" };

/**
 * What the claims are worth; undefined when the token was revoked, when its user or scope is gone
 * or disabled, or when a scoped one has no role left.
 *
 * Whether it has expired is for the caller to know. Source: keystone/models/token_model.py, mint.
 */
export async function resolveToken(
  reader: Reader,
  claims: TokenClaims,
): Promise<Token | undefined> {
  const user = await findUser(reader, claims.userId);
  if (!user || !isHonoured(claims, user.state)) return undefined;
  const userDomain = await enabledDomain(reader, user.state.domainId);
  const scope = claims.scope && await enabledScope(reader, claims.scope);
  if (!userDomain || (claims.scope && !scope)) return undefined;

  const credentialId = claims.applicationCredentialId;
  const credential = credentialId === undefined
    ? undefined
    : await findApplicationCredential(reader, credentialId);
  if (credentialId !== undefined && credential?.state.userId !== user.id) return undefined;

  if (claims.trust) return await withTrust(reader, { claims, user, userDomain, scope });
  const granted = claims.scope ? await effectiveRoles(reader, user.state, claims.scope) : [];
  const roles = granted.filter(({ id }) => credential?.state.roleIds.includes(id) ?? true);
  if (scope && roles.length === 0) return undefined;
  const caller = callerOf(claims, roles);
  return { claims, user, userDomain, scope, roles, credential, caller };
}

/** The same of a token that a trustee got: with the trust's roles, and as its trustor, if so. */
async function withTrust(
  reader: Reader,
  trustee: Pick<Token, "claims" | "user" | "userDomain" | "scope">,
): Promise<Token | undefined> {
  const { claims, scope } = trustee;
  const held = await heldTrust(reader, claims.trust!.id);
  if (!held || held.trust.state.trusteeId !== claims.userId) return undefined;
  const { trust, trustor, roles } = held;
  if (trustor.state.tokenGeneration !== claims.trust!.trustorGeneration) return undefined;
  if (scope && roles.length === 0) return undefined;
  const user = trust.state.impersonation ? trustor : trustee.user;
  const userDomain = await enabledDomain(reader, user.state.domainId);
  if (!userDomain) return undefined;
  const caller = { ...callerOf(claims, roles), userId: user.id };
  return { claims, user, userDomain, scope, roles, credential: undefined, trust, caller };
}

/** Whether somebody acts with it in another's place, or with a key and not as a user. */
export function isBorrowed({ trust, claims }: Pick<Token, "trust" | "claims">): boolean {
  return trust !== undefined || claims.methods.includes("ec2credential");
}

function isHonoured(claims: TokenClaims, user: User): boolean {
  return user.enabled && user.tokenGeneration === claims.generation &&
    !user.revokedTokens.some(({ auditId }) => auditId === claims.auditIds[0]);
}

/** A scope that is there and enabled, as is the domain it belongs to. */
export async function enabledScope(
  reader: Reader,
  target: GrantTarget,
): Promise<Scope | undefined> {
  switch (target.on) {
    case "project": {
      const project = await findProject(reader, target.id);
      if (!project?.state.enabled) return undefined;
      const domain = await enabledDomain(reader, project.state.domainId);
      return domain && { on: "project", project, domain };
    }
    case "domain": {
      const domain = await enabledDomain(reader, target.id);
      return domain && { on: "domain", domain };
    }
    case "system":
      return { on: "system" };
  }
}

async function enabledDomain(
  reader: Reader,
  id: string,
): Promise<Versioned<Domain> | undefined> {
  const domain = await findDomain(reader, id);
  return domain?.state.enabled ? domain : undefined;
}

function callerOf({ userId, scope }: TokenClaims, roles: readonly NamedRole[]): Caller {
  const names = new Set(roles.map(({ name }) => name));
  return {
    userId,
    projectId: scope?.on === "project" ? scope.id : "",
    roles: names,
    isAdmin: names.has("admin"),
  };
}
