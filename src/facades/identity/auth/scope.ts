/** Which scope a request for a token asks for. Source: keystone/auth/core.py, AuthInfo. */
import type { Reader } from "../../../store/query.ts";
import { type Fault, isFault, missing, unauthorized } from "../http/faults.ts";
import { enabledScope } from "../tokens/token.ts";
import type { GrantTarget } from "../grants/grant.ts";
import { lookUpDomain, lookUpProject } from "./lookup.ts";
import type { AuthRequest } from "./schema.ts";

/** A scope; `none` when that was asked for, `default` when nothing was. */
export type WantedScope = GrantTarget | "none" | "default";

const KINDS = ["system", "project", "domain", "OS-TRUST:trust", "unscoped"];

/** What the request wants; refuses more than one scope, and those that are not there. */
export async function wantedScope(
  reader: Reader,
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
  return unauthorized();
}
