/** `/v3/auth`: tokens, and what a token's user may ask for. Source: keystone/api/auth.py. */
import { Hono } from "hono";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { timestampOf } from "../../../eventsourcing/clock.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { listDomains } from "../domains/projection.ts";
import { domainView } from "../domains/view.ts";
import { targetsFor } from "../grants/effective.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault, missing } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { schemaProblem } from "../http/schema.ts";
import { EVERYTHING } from "../http/list_query.ts";
import { booleanFilter, listOf } from "../http/views.ts";
import { listProjects } from "../projects/projection.ts";
import { projectView } from "../projects/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import type { Token } from "../tokens/token.ts";
import { tokenView } from "../tokens/view.ts";
import { revokeToken } from "../users/decider.ts";
import { users } from "../users/projection.ts";
import { authenticate } from "./authenticate.ts";
import { type AuthRequest, authSchema, refuseNameless } from "./schema.ts";

/** How long after their end tokens can still be validated with `allow_expired`: two days. */
const EXPIRED_WINDOW_MS = 172_800_000;

/** The routes under `/v3/auth`. */
export function authRoutes(
  endpoints: IdentityEndpoints,
  catalog: Catalog,
): Hono {
  const { service } = endpoints;
  const tokens = new TokenOperations(service, catalog);
  const routes = new Hono();
  routes.post("/tokens", endpoints.open((request) => tokens.issue(request)));
  routes.get("/tokens", endpoints.authenticated((request) => tokens.show(request)));
  routes.delete("/tokens", endpoints.authenticated((request) => tokens.revoke(request)));
  routes.get(
    "/catalog",
    endpoints.authenticated((request) => showCatalog(service, request, catalog)),
  );
  routes.get("/projects", endpoints.authenticated((request) => showProjects(service, request)));
  routes.get("/domains", endpoints.authenticated((request) => showDomains(service, request)));
  routes.get("/system", endpoints.authenticated((request) => showSystem(service, request)));
  return routes;
}

class TokenOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  async issue(request: IdentityRequest): Promise<Outcome> {
    const { auth = null } = request.body;
    if (auth === null) return missing("auth", "request body");
    const problem = schemaProblem(authSchema, auth);
    if (problem !== undefined) return fault(400, problem);
    const wanted = auth as AuthRequest;
    const issued = refuseNameless(wanted) ??
      await authenticate(this.service, wanted, request.requestId);
    return isFault(issued) ? issued : this.#answer(request, 201, issued.id, issued.token);
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const rule = request.method === "HEAD" ? "identity:check_token" : "identity:validate_token";
    const subject = await this.#subjectOf(request, rule);
    return isFault(subject) ? subject : this.#answer(request, 200, subject.id, subject.token);
  }

  async revoke(request: AuthenticatedRequest): Promise<Outcome> {
    const subject = await this.#subjectOf(request, "identity:revoke_token");
    if (isFault(subject)) return subject;
    const { claims } = subject.token;
    const outcome = await handle(
      this.service.committer,
      users,
      claims.userId,
      request.metadata("RevokeToken"),
      (user) =>
        revokeToken({
          type: "RevokeToken",
          token: {
            auditId: claims.auditIds[0]!,
            expiresAt: timestampOf(claims.expiresAt * 1000),
          },
        }, user),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** The token that X-Subject-Token is about, if the caller may know of it. */
  async #subjectOf(
    request: AuthenticatedRequest,
    rule: Rule,
  ): Promise<{ readonly id: string; readonly token: Token } | Fault> {
    const id = request.header("x-subject-token");
    const graceMs = booleanFilter(request.query, "allow_expired") ? EXPIRED_WINDOW_MS : 0;
    const token = id ? await this.service.validate(id, graceMs) : undefined;
    if (id && !(token && knowsItsRules(request, token))) {
      return fault(404, "Failed to validate token");
    }
    const refusal = refuseUnlessAllowed(rule, request.token, { userId: token?.user.id });
    if (refusal) return refusal;
    return id && token ? { id, token } : fault(404, "No token in the request");
  }

  async #answer(
    request: IdentityRequest,
    status: number,
    id: string,
    token: Token,
  ): Promise<Outcome> {
    const catalog = request.query.has("nocatalog") || !token.scope
      ? undefined
      : await this.catalog.forToken(this.service.reader, request.origin, token);
    return { status, body: tokenView(token, catalog), headers: { "x-subject-token": id } };
  }
}

/** A service that would not keep to a token's access rules is not told of it. */
function knowsItsRules(request: AuthenticatedRequest, { credential }: Token): boolean {
  const version = Number(request.header("openstack-identity-access-rules") ?? 0);
  return !credential?.state.accessRules.length || version >= 1;
}

async function showCatalog(
  { reader }: EmbeddedIdentity,
  request: AuthenticatedRequest,
  catalog: Catalog,
): Promise<Outcome> {
  const { token, origin } = request;
  if (token.scope?.on !== "project") {
    return fault(403, "You are not authorized to perform the requested action.");
  }
  return {
    status: 200,
    body: {
      catalog: await catalog.forToken(reader, origin, token),
      links: { self: request.self },
    },
  };
}

async function showProjects(
  service: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const ids = await targetsFor(service.reader, request.token.user.state, "project");
  const found = await listProjects(service.reader, EVERYTHING, { ids });
  return listOf(request, "projects", found.map((project) => projectView(request, project)));
}

async function showDomains(
  service: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const ids = await targetsFor(service.reader, request.token.user.state, "domain");
  const found = await listDomains(service.reader, EVERYTHING, ids);
  return listOf(request, "domains", found.map((domain) => domainView(request, domain)));
}

async function showSystem(
  service: EmbeddedIdentity,
  request: AuthenticatedRequest,
): Promise<Outcome> {
  const granted = (await targetsFor(service.reader, request.token.user.state, "system")).length > 0;
  return {
    status: 200,
    body: { system: granted ? [{ all: true }] : [], links: { self: request.self } },
  };
}
