/** From a request for a token to the token. Source: keystone/api/_shared/authentication.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { microsOf } from "../../../eventsourcing/clock.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { type Fault, fault, faultOf, forbidden, isFault, unauthorized } from "../http/faults.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { newAuditId, type TokenClaims } from "../tokens/claims.ts";
import { isBorrowed, type Token } from "../tokens/token.ts";
import { type Trust, useTrust } from "../trusts/decider.ts";
import { trusts } from "../trusts/projection.ts";
import { findUser } from "../users/projection.ts";
import type { GrantTarget } from "../grants/grant.ts";
import { type Proof, prove } from "./methods.ts";
import type { AuthRequest } from "./schema.ts";
import { type WantedScope, wantedScope, type WantedTrust } from "./scope.ts";

export interface Issued {
  /** The text that clients send. */
  readonly id: string;
  readonly token: Token;
}

/** A token for whoever proves to be its user and has a role on its scope. */
export async function authenticate(
  service: EmbeddedIdentity,
  auth: AuthRequest,
  requestId: string,
): Promise<Issued | Fault> {
  if (auth.identity.methods.includes("application_credential") && auth.scope !== undefined) {
    return unauthorized(
      "Error authenticating with application credential: Application credentials cannot " +
        "request a scope.",
    );
  }
  const wanted = await wantedScope(service, auth.scope);
  if (isFault(wanted)) return wanted;
  const proof = await prove(service, auth.identity);
  if (isFault(proof)) return proof;
  const refusal = refuseWiderScope(proof, wanted);
  if (refusal) return refusal;
  return typeof wanted === "object" && wanted.on === "trust"
    ? await issueWithTrust(service, proof, wanted.trust, requestId)
    : await issue(service, proof, wanted);
}

/** A token never leads to one that could do what it could not. */
function refuseWiderScope({ from, credential }: Proof, wanted: WantedScope): Fault | undefined {
  if (!from) return undefined;
  if (from.trust) {
    return forbidden(
      "Using trust-scoped token to create another token. Create a new trust-scoped token instead",
    );
  }
  if (isBorrowed(from)) {
    return forbidden("Using a delegated token to create another token is not allowed.");
  }
  if (typeof wanted === "string") return undefined;
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
  wanted: Exclude<WantedScope, WantedTrust>,
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

/** A token by which a trustee acts; each counts, where a trust is good for so many. */
async function issueWithTrust(
  service: EmbeddedIdentity,
  proof: Proof,
  { id, state }: Versioned<Trust>,
  requestId: string,
): Promise<Issued | Fault> {
  const trustor = await findUser(service.reader, state.trustorId);
  if (!trustor || proof.user.id !== state.trusteeId) return NOT_ALLOWED;
  const scope = state.projectId === null
    ? undefined
    : { on: "project", id: state.projectId } as const;
  const claims = claimsFor(service, proof, scope);
  const end = state.expiresAt === null ? Infinity : microsOf(state.expiresAt) / 1000;
  const issued = await service.issue({
    ...claims,
    expiresAt: Math.min(claims.expiresAt, end),
    trust: { id, trustorGeneration: trustor.state.tokenGeneration },
  });
  if (!issued) return NOT_ALLOWED;
  const actor = { userId: proof.user.id, projectId: "", roles: [] };
  const command = { type: "UseTrust", id } as const;
  const metadata = { actor, requestId, command: command.type };
  const used = await handle(
    service.committer,
    trusts,
    id,
    metadata,
    (trust) => useTrust(command, trust),
  );
  return isRejection(used) ? faultOf(used) : issued;
}

/** Keystone does not say why. */
const NOT_ALLOWED = fault(403, "You are not authorized to perform the requested action.");

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
