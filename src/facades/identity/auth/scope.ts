/** Which scope a request for a token asks for. Source: keystone/auth/core.py, AuthInfo. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { GrantTarget } from "../grants/grant.ts";
import { type Fault, faultOf, isFault, missing, unauthorized } from "../http/faults.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { enabledScope } from "../tokens/token.ts";
import { type Trust, trustNotFound } from "../trusts/decider.ts";
import { findUsableTrust } from "../trusts/projection.ts";
import { lookUpDomain, lookUpProject } from "./lookup.ts";
import type { AuthRequest } from "./schema.ts";

/** A scope; `none` when that was asked for, `default` when nothing was. */
export type WantedScope = GrantTarget | WantedTrust | "none" | "default";

/** A trust to act with, and its project, if it is for one. */
export interface WantedTrust {
  readonly on: "trust";
  readonly trust: Versioned<Trust>;
}

const KINDS = ["system", "project", "domain", "OS-TRUST:trust", "unscoped"];

/** What the request wants; refuses more than one scope, and those that are not there. */
export async function wantedScope(
  { reader, clock }: EmbeddedIdentity,
  scope: AuthRequest["scope"],
): Promise<WantedScope | Fault> {
  if (scope === undefined) return "default";
  if (scope === "unscoped") return "none";
  const kinds = typeof scope === "string" ? [] : KINDS.filter((kind) => Object.hasOwn(scope, kind));
  if (typeof scope === "string" || kinds.length !== 1) {
    return missing("system, project, domain, OS-TRUST:trust or unscoped", "scope");
  }
  if ("unscoped" in scope) return "none";
  if (scope.system) return { on: "system", id: "all" };
  if (scope.project) {
    const project = await lookUpProject(reader, scope.project);
    if (isFault(project)) return project;
    const target: GrantTarget = { on: "project", id: project.id };
    return await enabledScope(reader, target) ? target : unauthorized();
  }
  if (scope.domain) {
    const domain = await lookUpDomain(reader, scope.domain);
    return isFault(domain) ? domain : { on: "domain", id: domain.id };
  }
  const id = scope["OS-TRUST:trust"]?.id;
  if (!id) return missing("trust_id", "trust");
  const trust = await findUsableTrust(reader, id, clock());
  return trust ? { on: "trust", trust } : faultOf(trustNotFound(id));
}
