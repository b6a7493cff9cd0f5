/** What the application credential routes do. */
import { randomBytes } from "node:crypto";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { knownRules, type WantedRule } from "../access_rules/wanted.ts";
import type { AuthenticatedRequest, Outcome } from "../http/endpoint.ts";
import { expiryOf } from "../http/expiry.ts";
import { type Fault, fault, faultOf, forbidden, isFault } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { listOf, textFilter } from "../http/views.ts";
import { hashPassword } from "../passwords.ts";
import { roleNotFound } from "../roles/decider.ts";
import { withImplied } from "../roles/implied.ts";
import { rolesById } from "../roles/projection.ts";
import type { EmbeddedIdentity } from "../service.ts";
import type { Token } from "../tokens/token.ts";
import {
  type ApplicationCredential,
  type ApplicationCredentialFacts,
  applicationCredentialNotFound,
  createApplicationCredential,
  deleteApplicationCredential,
} from "./decider.ts";
import {
  applicationCredentials,
  findApplicationCredential,
  listApplicationCredentials,
} from "./projection.ts";
import { credentialView } from "./view.ts";

interface CredentialBody {
  readonly name: string;
  readonly secret?: string | null;
  readonly description?: string | null;
  readonly expires_at?: string | null;
  readonly unrestricted?: boolean | null;
  readonly roles?: readonly { readonly id?: string; readonly name?: string }[];
  readonly access_rules?: readonly WantedRule[];
}

const SECRET_BYTES = 64;

export class CredentialOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const userId = request.param("user_id");
    const refusal = refuseUnlessAllowed("identity:list_application_credentials", request.token, {
      userId,
    });
    if (refusal) return refusal;
    const roles = await rolesById(this.service.reader);
    const found = await listApplicationCredentials(this.service.reader, {
      userId,
      name: textFilter(request.query, "name"),
    });
    return listOf(
      request,
      "application_credentials",
      found.map((credential) => credentialView(request, credential, roles)),
    );
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#find(request, "identity:get_application_credential");
    return isFault(found) ? found : await this.#shown(request, 200, found);
  }

  /** The secret is in this answer and nowhere else. */
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const userId = request.param("user_id");
    const { application_credential: sent } = request.body as {
      application_credential: CredentialBody;
    };
    const refusal =
      refuseUnlessAllowed("identity:create_application_credential", request.token, { userId }) ??
        refuseRestricted(request.token);
    if (refusal) return refusal;
    const roleIds = await this.#rolesFor(request.token, sent);
    if (isFault(roleIds)) return roleIds;
    const expiresAt = expiryOf(sent.expires_at ?? null, this.service.clock());
    if (isFault(expiresAt)) return expiresAt;
    const secret = sent.secret || randomBytes(SECRET_BYTES).toString("base64url");
    const facts: ApplicationCredentialFacts = {
      userId,
      projectId: request.token.caller.projectId,
      name: sent.name,
      description: sent.description ?? null,
      secretHash: await hashPassword(secret),
      roleIds,
      expiresAt,
      unrestricted: sent.unrestricted ?? false,
    };
    const created = await this.#record(request, facts, sent.access_rules ?? []);
    return isFault(created) ? created : await this.#shown(request, 201, created, { secret });
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#find(request, "identity:delete_application_credential");
    const refusal = isFault(found) ? found : refuseRestricted(request.token);
    if (refusal) return refusal;
    const id = request.param("application_credential_id");
    const outcome = await handle(
      this.service.committer,
      applicationCredentials,
      id,
      request.metadata("DeleteApplicationCredential"),
      (state) => deleteApplicationCredential({ type: "DeleteApplicationCredential", id }, state),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** The credential in the path, if the rule lets its owner (not whoever the path says) pass. */
  async #find(
    request: AuthenticatedRequest,
    rule: Rule,
  ): Promise<Versioned<ApplicationCredential> | Fault> {
    const id = request.param("application_credential_id");
    const found = await findApplicationCredential(this.service.reader, id);
    return refuseUnlessAllowed(rule, request.token, {
      userId: found?.state.userId ?? request.param("user_id"),
    }) ?? found ?? faultOf(applicationCredentialNotFound(id));
  }

  /** The roles asked for with all they imply, or those of the token; none that it has not. */
  async #rolesFor(
    token: Token,
    { roles: asked = [] }: CredentialBody,
  ): Promise<readonly string[] | Fault> {
    const own = token.roles.map(({ id }) => id);
    if (token.scope?.on !== "project" || asked.length === 0) {
      return token.scope?.on === "project" ? own : invalid("A project-scoped token is required");
    }
    const roles = await rolesById(this.service.reader);
    const wanted: string[] = [];
    for (const { id, name } of asked) {
      const found = [...roles].find(([known, role]) => known === id || role.name === name);
      if (!found) return faultOf(roleNotFound(id ?? name!));
      wanted.push(found[0]);
    }
    const all = [...withImplied(wanted, roles)];
    if (all.every((id) => own.includes(id))) return all;
    return invalid("Cannot create an application credential with unassigned role");
  }

  async #record(
    request: AuthenticatedRequest,
    facts: ApplicationCredentialFacts,
    wanted: readonly WantedRule[],
  ): Promise<Versioned<ApplicationCredential> | Fault> {
    const id = this.service.newId();
    const outcome = await this.service.committer.submit(
      request.metadata("CreateApplicationCredential"),
      async (unit) => {
        const { userId, name } = facts;
        const rules = await knownRules(unit, userId, wanted, this.service.newId);
        if (isRejection(rules)) return rules;
        const credential = { ...facts, ...(rules.length > 0 && { accessRules: rules }) };
        const [taken] = await listApplicationCredentials(unit, { userId, name });
        const nameTakenBy = taken?.id;
        return await decideIn(
          unit,
          applicationCredentials,
          id,
          (state) =>
            createApplicationCredential(
              { type: "CreateApplicationCredential", id, credential, nameTakenBy },
              state,
            ),
        );
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : outcome;
  }

  async #shown(
    request: AuthenticatedRequest,
    status: number,
    credential: Versioned<ApplicationCredential>,
    once: { readonly secret?: string } = {},
  ): Promise<Outcome> {
    const roles = await rolesById(this.service.reader);
    const view = { ...credentialView(request, credential, roles), ...once };
    return { status, body: { application_credential: view } };
  }
}

/** A credential may make and delete others only when it was made to. */
function refuseRestricted({ credential }: Token): Fault | undefined {
  if (!credential || credential.state.unrestricted) return undefined;
  return forbidden(
    "Using method 'application_credential' is not allowed for managing additional application " +
      "credentials.",
  );
}

function invalid(detail: string): Fault {
  return fault(400, `Invalid application credential: ${detail}`);
}
