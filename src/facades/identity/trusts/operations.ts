/** What the trust routes do. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { removeTrust } from "../cascade.ts";
import { effectiveRoleIds } from "../grants/effective.ts";
import type { AuthenticatedRequest, Outcome } from "../http/endpoint.ts";
import { expiryOf } from "../http/expiry.ts";
import { newExtrasOf } from "../http/extras.ts";
import { type Fault, faultOf, forbidden, isFault } from "../http/faults.ts";
import { type PolicyTarget, refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { defined, listOf, textFilter } from "../http/views.ts";
import { projectNotFound } from "../projects/decider.ts";
import { findProject } from "../projects/projection.ts";
import { type Role, roleNotFound } from "../roles/decider.ts";
import { rolesById } from "../roles/projection.ts";
import { roleView } from "../roles/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { isBorrowed, type Token } from "../tokens/token.ts";
import { userNotFound } from "../users/decider.ts";
import { findUser } from "../users/projection.ts";
import { createTrust, type Trust, trustNotFound, type WantedTrust } from "./decider.ts";
import { findUsableTrust, listTrusts, pedigreeOf, trusts } from "./projection.ts";
import { FIELDS } from "./schema.ts";
import { rolesLinks, rolesOfTrust, trustView, wholeTrustView } from "./view.ts";

interface TrustBody {
  readonly trustor_user_id: string;
  readonly trustee_user_id: string;
  readonly impersonation: boolean;
  readonly project_id?: string | null;
  readonly remaining_uses?: number | null;
  readonly expires_at?: string | null;
  readonly allow_redelegation?: boolean | null;
  readonly redelegation_count?: number | null;
  readonly roles?: readonly { readonly id?: string; readonly name?: string }[];
}

export class TrustOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  /** All of them for whoever may see all; others name themselves as one of the two. */
  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const trustor = textFilter(request.query, "trustor_user_id") || undefined;
    const trustee = textFilter(request.query, "trustee_user_id") || undefined;
    const rule = trustor
      ? "identity:list_trusts_for_trustor"
      : trustee
      ? "identity:list_trusts_for_trustee"
      : "identity:list_trusts";
    const refusal = refuseUnlessAllowed(rule, request.token, { userId: trustor ?? trustee }) ??
      refuseCredential(request.token);
    if (refusal) return refusal;
    const query = trustor ? { trustor_user_id: trustor } : { trustee_user_id: trustee };
    const found = await listTrusts(this.service.reader, query);
    return listOf(request, "trusts", found.map((trust) => trustView(request, trust)));
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const trust = await this.#find(request, "identity:get_trust");
    if (isFault(trust)) return trust;
    const roles = await rolesById(this.service.reader);
    return { status: 200, body: { trust: wholeTrustView(request, trust, roles) } };
  }

  async roles(request: AuthenticatedRequest): Promise<Outcome> {
    const trust = await this.#find(request, "identity:list_roles_for_trust");
    if (isFault(trust)) return trust;
    const roles = rolesOfTrust(request, trust, await rolesById(this.service.reader));
    return { status: 200, body: { roles, links: rolesLinks(request, trust) } };
  }

  async role(request: AuthenticatedRequest): Promise<Outcome> {
    const trust = await this.#find(request, "identity:get_role_for_trust");
    if (isFault(trust)) return trust;
    const id = request.param("role_id");
    const state = (await rolesById(this.service.reader)).get(id);
    if (!state || !trust.state.roleIds.includes(id)) return faultOf(roleNotFound(id));
    return { status: 200, body: { role: roleView(request, { id, version: 0, state }) } };
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const sent = request.body["trust"] as TrustBody;
    const { token } = request;
    const target = { userId: sent.trustor_user_id };
    const refusal = refuseUnlessAllowed("identity:create_trust", token, target) ??
      refuseCredential(token);
    if (refusal) return refusal;
    if (sent.project_id && !sent.roles?.length) {
      return forbidden("At least one role should be specified");
    }
    const roles = await rolesById(this.service.reader);
    const wanted = await this.#wanted(sent, roles);
    if (isFault(wanted)) return wanted;
    const id = this.service.newId();
    const outcome = await this.service.committer.submit(
      request.metadata("CreateTrust"),
      async (unit) => {
        const from = token.trust ? await pedigreeOf(unit, token.trust) : [];
        const isTaken = await this.#isTaken(unit, wanted);
        const command = { type: "CreateTrust", trust: wanted, from, isTaken } as const;
        return await decideIn(unit, trusts, id, () => createTrust(command));
      },
    );
    if (isRejection(outcome)) return faultOf(outcome);
    return { status: 201, body: { trust: wholeTrustView(request, outcome, roles) } };
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const trust = await this.#find(request, "identity:delete_trust");
    if (isFault(trust)) return trust;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteTrust"),
      (unit) => removeTrust(unit, trust.id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** The trust in the path: 404 comes before the rule, as in Keystone. */
  async #find(request: AuthenticatedRequest, rule: Rule): Promise<Versioned<Trust> | Fault> {
    const id = request.param("trust_id");
    const trust = await findUsableTrust(this.service.reader, id, this.service.clock());
    if (!trust) return faultOf(trustNotFound(id));
    return refuseUnlessAllowed(rule, request.token, targetOf(trust)) ??
      refuseCredential(request.token) ?? trust;
  }

  /** What is asked for; 404 for users, projects and roles that are not there or not the trustor's. */
  async #wanted(
    sent: TrustBody,
    roles: ReadonlyMap<string, Role>,
  ): Promise<WantedTrust | Fault> {
    const { reader, clock } = this.service;
    const { trustor_user_id: trustorId, trustee_user_id: trusteeId } = sent;
    const projectId = sent.project_id || null;
    if (!await findUser(reader, trusteeId)) return faultOf(userNotFound(trusteeId));
    const roleIds = await this.#ownRoles(sent, trustorId, projectId, roles);
    if (isFault(roleIds)) return roleIds;
    const expiresAt = expiryOf(sent.expires_at ?? null, clock());
    if (isFault(expiresAt)) return expiresAt;
    return {
      ...{ trustorId, trusteeId, projectId, roleIds, expiresAt },
      impersonation: sent.impersonation,
      remainingUses: sent.remaining_uses ?? null,
      allowRedelegation: sent.allow_redelegation ?? false,
      redelegationCount: sent.redelegation_count ?? undefined,
      ...defined({ extra: newExtrasOf(sent, FIELDS) }),
    };
  }

  /** The ids of the roles named, each of which the trustor must have on the project. */
  async #ownRoles(
    { roles: asked = [] }: TrustBody,
    trustorId: string,
    projectId: string | null,
    roles: ReadonlyMap<string, Role>,
  ): Promise<readonly string[] | Fault> {
    const { reader } = this.service;
    if (projectId !== null && !await findProject(reader, projectId)) {
      return faultOf(projectNotFound(projectId));
    }
    const trustor = await findUser(reader, trustorId);
    const own = trustor && projectId !== null
      ? await effectiveRoleIds(reader, trustor.state, { on: "project", id: projectId }, roles)
      : new Set<string>();
    const ids = new Set<string>();
    for (const { id, name } of asked) {
      const found = id ?? [...roles].find(([, role]) => role.name === name)?.[0];
      if (found === undefined || !own.has(found)) return faultOf(roleNotFound(found ?? name!));
      ids.add(found);
    }
    return [...ids];
  }

  async #isTaken(unit: UnitOfWork, wanted: WantedTrust): Promise<boolean> {
    if (wanted.expiresAt === null) return false;
    const own = await listTrusts(unit, { trustor_user_id: wanted.trustorId });
    return own.some(({ state }) =>
      state.trusteeId === wanted.trusteeId && state.projectId === wanted.projectId &&
      state.impersonation === wanted.impersonation && state.expiresAt === wanted.expiresAt
    );
  }
}

function targetOf({ state }: Versioned<Trust>): PolicyTarget {
  return { userId: state.trustorId, trusteeId: state.trusteeId };
}

/** Those who act with less than a login have nothing to do with trusts, but to pass one on. */
function refuseCredential(token: Token): Fault | undefined {
  return token.credential || (isBorrowed(token) && !token.trust)
    ? forbidden("Delegated tokens cannot manage trusts.")
    : undefined;
}
