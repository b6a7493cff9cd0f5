/** From a request for a token to the token. Source: keystone/api/_shared/authentication.py. */
import { microsOf } from "../../../eventsourcing/clock.ts";
import { type Fault, forbidden, isFault, unauthorized } from "../http/faults.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { newAuditId, type TokenClaims } from "../tokens/claims.ts";
import type { Token } from "../tokens/token.ts";
import type { GrantTarget } from "../grants/grant.ts";
import { type Proof, prove } from "./methods.ts";
import type { AuthRequest } from "./schema.ts";
import { type WantedScope, wantedScope } from "./scope.ts";

export interface Issued {
  /** The text that clients send. */
  readonly id: string;
  readonly token: Token;
}

/** A token for whoever proves to be its user and has a role on its scope. */
export async function authenticate(
  service: EmbeddedIdentity,
  auth: AuthRequest,
): Promise<Issued | Fault> {
  if (auth.identity.methods.includes("application_credential") && auth.scope !== undefined) {
    return unauthorized(
      "Error authenticating with application credential: Application credentials cannot " +
        "request a scope.",
    );
  }
  const wanted = await wantedScope(service.reader, auth.scope);
  if (isFault(wanted)) return wanted;
  const proof = await prove(service, auth.identity);
  if (isFault(proof)) return proof;
  return refuseWiderScope(proof, wanted) ?? await issue(service, proof, wanted);
}

/** A token never leads to one that could do what it could not. */
function refuseWiderScope({ from, credential }: Proof, wanted: WantedScope): Fault | undefined {
  if (!from || typeof wanted === "string") return undefined;
  if (from.claims.scope?.on === "system" && wanted.on !== "system") {
    return forbidden(
      "Using a system-scoped token to create a project-scoped or domain-scoped token is not " +
        "allowed.",
    );
  }
  if (credential) {
    return forbidden(
      "Using an application credential token to create a scoped token is not allowed.",
    );
  }
}

async function issue(
  service: EmbeddedIdentity,
  proof: Proof,
  wanted: WantedScope,
): Promise<Issued | Fault> {
  const { user: { state: user }, credential } = proof;
  const claimed = (scope: GrantTarget | undefined) =>
    service.issue(claimsFor(service, proof, scope));
  if (credential) {
    return await claimed({ on: "project", id: credential.state.projectId }) ?? unauthorized();
  }
  if (typeof wanted !== "string") return await claimed(wanted) ?? unauthorized();
  if (wanted === "default" && user.defaultProjectId !== null) {
    // A default project that is of no use is passed over.
    const scoped = await claimed({ on: "project", id: user.defaultProjectId });
    if (scoped) return scoped;
  }
  return await claimed(undefined) ?? unauthorized();
}

function claimsFor(
  service: EmbeddedIdentity,
  { user, methods, from, credential }: Proof,
  scope: GrantTarget | undefined,
): TokenClaims {
  const issuedAt = service.clock();
  const latest = credential?.state.expiresAt ?? undefined;
  return {
    userId: user.id,
    scope,
    methods,
    issuedAt,
    expiresAt: Math.min(
      from?.claims.expiresAt ?? issuedAt + service.tokenLifetimeMs,
      latest === undefined ? Infinity : microsOf(latest) / 1000,
    ),
    auditIds: [newAuditId(), ...from?.claims.auditIds.slice(-1) ?? []],
    generation: user.state.tokenGeneration,
    ...(credential && { applicationCredentialId: credential.id }),
  };
}
