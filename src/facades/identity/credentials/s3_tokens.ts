/** `/v3/s3tokens`: what a service that speaks S3 asks of whoever signed. */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { microsOf } from "../../../eventsourcing/clock.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault, unauthorized } from "../http/faults.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { newAuditId } from "../tokens/claims.ts";
import type { Token } from "../tokens/token.ts";
import { tokenView } from "../tokens/view.ts";
import { findUser } from "../users/projection.ts";
import { ec2IdOf, readEc2Blob } from "./blob.ts";
import { credentialNotFound } from "./decider.ts";
import { findCredential } from "./projection.ts";
import { s3Signature } from "./s3_signature.ts";

const text = { type: "string" } as const;

const credentials = {
  type: "object",
  properties: { access: text, token: text, signature: text },
} as const;

const schema = {
  type: "object",
  properties: { credentials, credential: credentials, ec2Credentials: credentials },
} as const;

interface Signed {
  readonly access?: string;
  /** What was signed, base64. */
  readonly token?: string;
  readonly signature?: string;
}

/** The route of signatures for S3, under `/v3`. Source: keystone/api/s3tokens.py. */
export function s3TokenRoutes(endpoints: IdentityEndpoints, catalog: Catalog): Hono {
  const { service } = endpoints;
  const routes = new Hono();
  routes.post(
    "/s3tokens",
    endpoints.authenticated((request) => validate(service, catalog, request), schema),
  );
  return routes;
}

/** Whom a signature is of, as a token that nobody is given. */
async function validate(
  service: EmbeddedIdentity,
  catalog: Catalog,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const refusal = refuseUnlessAllowed("identity:s3tokens_validate", request.token);
  if (refusal) return refusal;
  if (Object.keys(request.body).length === 0) {
    return fault(400, "request must include a request body");
  }
  const { credentials, credential, ec2Credentials } = request.body;
  const token = await signer(
    service,
    (credentials ?? credential ?? ec2Credentials ?? {}) as Signed,
  );
  if (isFault(token)) return token;
  const entries = await catalog.forToken(service.reader, request.origin, token);
  return { status: 200, body: tokenView(token, entries) };
}

async function signer(
  service: EmbeddedIdentity,
  { access, token: signed, signature }: Signed,
): Promise<Token | Fault> {
  if (access === undefined) return unauthorized();
  const id = ec2IdOf({ access });
  const credential = await findCredential(service.reader, id);
  if (!credential) return faultOf(credentialNotFound(id));
  const { type, userId, projectId, blob: sealed } = credential.state;
  const blob = readEc2Blob(service.secrets.open(sealed));
  if (type !== "ec2" || projectId === null || isFault(blob)) return unauthorized();
  const { secret, app_cred_id } = blob;
  if (typeof secret !== "string" || signed === undefined) return unauthorized();
  if (!isSame(s3Signature(signed, secret), signature)) return unauthorized();
  return await tokenFor(service, {
    userId,
    projectId,
    ...(typeof app_cred_id === "string" && { applicationCredentialId: app_cred_id }),
  });
}

/** What the user would get for the project; 401 when it would get nothing. */
async function tokenFor(
  service: EmbeddedIdentity,
  { userId, projectId, ...bound }: {
    readonly userId: string;
    readonly projectId: string;
    readonly applicationCredentialId?: string;
  },
): Promise<Token | Fault> {
  const user = await findUser(service.reader, userId);
  if (!user) return unauthorized();
  const issuedAt = service.clock();
  const issued = await service.issue({
    userId,
    scope: { on: "project", id: projectId },
    methods: ["ec2credential"],
    issuedAt,
    expiresAt: issuedAt + service.tokenLifetimeMs,
    auditIds: [newAuditId()],
    generation: user.state.tokenGeneration,
    ...bound,
  });
  const end = issued?.token.credential?.state.expiresAt;
  const isOver = end !== undefined && end !== null && microsOf(end) <= issuedAt * 1000;
  return issued && !isOver ? issued.token : unauthorized();
}

function isSame(expected: string | undefined, sent: string | undefined): boolean {
  if (expected === undefined || sent === undefined) return false;
  const [one, other] = [Buffer.from(expected), Buffer.from(sent)];
  return one.length === other.length && timingSafeEqual(one, other);
}
