/** What the credential routes do. */
import { handle } from "../../../eventsourcing/command_handler.ts";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Sealed } from "../../../store/secrets.ts";
import type { AuthenticatedRequest, IdentityRequest, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { type Fault, fault, faultOf, isFault } from "../http/faults.ts";
import { equalTo } from "../http/list_query.ts";
import { answerList } from "../http/lists.ts";
import { isAllowed, refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { defined, idMatches, linksTo } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import type { Token } from "../tokens/token.ts";
import { ec2IdOf, isEc2, readEc2Blob, refuseRebinding } from "./blob.ts";
import {
  createCredential,
  type Credential,
  credentialNotFound,
  deleteCredential,
  updateCredential,
} from "./decider.ts";
import { credentials, findCredential, listCredentials } from "./projection.ts";
import { refuseOtherProject, refuseRestricted } from "./refusals.ts";
import { FIELDS } from "./schema.ts";

interface CredentialBody {
  readonly id?: unknown;
  readonly type?: string;
  readonly blob?: string;
  readonly user_id?: string;
  readonly project_id?: string | null;
}

export class CredentialOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  /** One's own credentials; all of them for whoever may see all. */
  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { token } = request;
    const { reader } = this.service;
    const seesAll = isAllowed("identity:list_credentials", token, {});
    return await answerList(request, "credentials", {
      filters: ["user_id", "type"],
      fixed: equalTo({
        user_id: seesAll ? undefined : token.user.id,
        project_id: token.credential ? token.caller.projectId : undefined,
      }),
      find: (query) => listCredentials(reader, query),
      has: (id) => findCredential(reader, id),
      view: (credential) => this.#view(request, credential),
    });
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#find(request, "identity:get_credential");
    return isFault(found) ? found : this.#shown(request, 200, found);
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { token } = request;
    const { credential: sent } = request.body as { credential: CredentialBody };
    const userId = sent.user_id!;
    const projectId = sent.project_id ?? null;
    const refusal = refuseUnlessAllowed("identity:create_credential", token, { userId }) ??
      (isEc2(sent.type) ? refuseRestricted(token) : undefined) ??
      refuseOtherProject(token, projectId);
    if (refusal) return refusal;
    const made = isEc2(sent.type)
      ? boundTo(token, sent.blob!)
      : { id: this.service.newId(), blob: sent.blob! };
    if (isFault(made)) return made;
    const { id } = made;
    const credential = {
      ...{ type: sent.type!, userId, projectId },
      blob: this.service.secrets.seal(made.blob),
      ...defined({ extra: newExtrasOf(sent, FIELDS) }),
    };
    const outcome = await handle(
      this.service.committer,
      credentials,
      id,
      request.metadata("CreateCredential"),
      (state) => createCredential({ type: "CreateCredential", id, credential }, state),
    );
    return isRejection(outcome) ? faultOf(outcome) : this.#shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const rule = "identity:update_credential";
    const found = await this.#find(request, rule);
    if (isFault(found)) return found;
    const { id } = found;
    const { credential: sent } = request.body as { credential: CredentialBody };
    const refusal = this.#refuseChange(found.state, sent) ??
      (idMatches(sent.id, id) ? undefined : fault(400, "Cannot change ID")) ??
      // Nobody gives a credential to somebody else, or takes it out of reach.
      refuseUnlessAllowed(rule, request.token, { userId: sent.user_id ?? found.state.userId });
    if (refusal) return refusal;
    const { type, user_id: userId, project_id: projectId, blob } = sent;
    const sealed = blob === undefined ? undefined : this.service.secrets.seal(blob);
    const extra = extrasOf(sent, FIELDS);
    const changes = defined({ type, userId, projectId, blob: sealed as Sealed | undefined, extra });
    const outcome = await handle(
      this.service.committer,
      credentials,
      id,
      request.metadata("UpdateCredential"),
      (state) => updateCredential({ type: "UpdateCredential", id, changes }, state),
    );
    return isRejection(outcome) ? faultOf(outcome) : this.#shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#find(request, "identity:delete_credential");
    if (isFault(found)) return found;
    const { id } = found;
    const outcome = await handle(
      this.service.committer,
      credentials,
      id,
      request.metadata("DeleteCredential"),
      (state) => deleteCredential({ type: "DeleteCredential", id }, state),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  async #find(
    request: AuthenticatedRequest,
    rule: Rule,
  ): Promise<Versioned<Credential> | Fault> {
    const id = request.param("credential_id");
    const found = await findCredential(this.service.reader, id);
    const refusal = refuseUnlessAllowed(rule, request.token, { userId: found?.state.userId });
    if (refusal) return refusal;
    if (!found) return faultOf(credentialNotFound(id));
    return refuseOtherProject(request.token, found.state.projectId) ?? found;
  }

  #refuseChange({ type, blob }: Credential, sent: CredentialBody): Fault | undefined {
    if (!isEc2(type) || sent.blob === undefined) return undefined;
    const before = readEc2Blob(this.service.secrets.open(blob));
    const after = readEc2Blob(sent.blob);
    if (isFault(after)) return after;
    return isFault(before) ? undefined : refuseRebinding(before, after);
  }

  #shown(request: IdentityRequest, status: number, credential: Versioned<Credential>): Outcome {
    return { status, body: { credential: this.#view(request, credential) } };
  }

  /** A credential as Keystone's JSON: whoever may see it sees its secret. */
  #view(request: IdentityRequest, { id, state }: Versioned<Credential>): object {
    return {
      ...state.extra,
      id,
      type: state.type,
      user_id: state.userId,
      project_id: state.projectId,
      blob: this.service.secrets.open(state.blob),
      links: linksTo(request, `credentials/${id}`),
    };
  }
}

/** The id and the secret of a new credential for EC2; tokens got with it are bound as this one. */
function boundTo(
  { credential }: Token,
  sent: string,
): { readonly id: string; readonly blob: string } | Fault {
  const blob = readEc2Blob(sent);
  if (isFault(blob)) return blob;
  const id = ec2IdOf(blob);
  return credential
    ? { id, blob: JSON.stringify({ ...blob, app_cred_id: credential.id }) }
    : { id, blob: sent };
}
