/** `/v3/users/{user_id}/credentials/OS-EC2`: the same credentials, as EC2 puts it. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { type Fault, faultOf, isFault, unauthorized } from "../http/faults.ts";
import { equalTo } from "../http/list_query.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { linksTo, listOf } from "../http/views.ts";
import { projectNotFound } from "../projects/decider.ts";
import { findProject } from "../projects/projection.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { userNotFound } from "../users/decider.ts";
import { findUser } from "../users/projection.ts";
import { type Ec2Blob, ec2IdOf, readEc2Blob } from "./blob.ts";
import {
  createCredential,
  type Credential,
  credentialNotFound,
  deleteCredential,
} from "./decider.ts";
import { credentials, findCredential, listCredentials } from "./projection.ts";
import { refuseOtherProject, refuseRestricted } from "./refusals.ts";

const createSchema = {
  type: "object",
  properties: { tenant_id: { type: "string" } },
  required: ["tenant_id"],
} as const;

/** The routes of EC2 credentials, under `/v3`. Source: keystone/api/users.py. */
export function ec2CredentialRoutes(endpoints: IdentityEndpoints): Hono {
  const operations = new Ec2Operations(endpoints.service);
  const all = "/users/:user_id/credentials/OS-EC2";
  const one = `${all}/:access`;
  const routes = new Hono();
  routes.get(all, endpoints.undelegated((request) => operations.list(request)));
  routes.post(all, endpoints.undelegated((request) => operations.create(request), createSchema));
  routes.get(one, endpoints.undelegated((request) => operations.show(request)));
  routes.delete(one, endpoints.undelegated((request) => operations.remove(request)));
  return routes;
}

class Ec2Operations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const userId = request.param("user_id");
    const { token } = request;
    const refusal = refuseUnlessAllowed("identity:ec2_list_credentials", token, { userId });
    if (refusal) return refusal;
    if (!await findUser(reader, userId)) return faultOf(userNotFound(userId));
    const matches = equalTo({ user_id: userId, type: "ec2" });
    const found = (await listCredentials(reader, { matches }))
      .filter(({ state }) => !refuseOtherProject(token, state.projectId))
      .map((one) => this.#view(request, one)).filter((view) => !isFault(view));
    return listOf(request, "credentials", found);
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#find(request, "identity:ec2_get_credential");
    return isFault(found) ? found : this.#shown(request, 200, found);
  }

  /** Makes an access key and its secret for a project. */
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader, newId, secrets, committer } = this.service;
    const userId = request.param("user_id");
    const { tenant_id: projectId } = request.body as { readonly tenant_id: string };
    const { token } = request;
    const refusal = refuseUnlessAllowed("identity:ec2_create_credential", token, { userId }) ??
      refuseRestricted(token);
    if (refusal) return refusal;
    if (!await findUser(reader, userId)) return faultOf(userNotFound(userId));
    if (!await findProject(reader, projectId)) return faultOf(projectNotFound(projectId));
    const stray = refuseOtherProject(token, projectId);
    if (stray) return stray;
    const blob: Ec2Blob = {
      access: newId(),
      secret: newSecret(),
      trust_id: null,
      ...(token.credential && { app_cred_id: token.credential.id }),
    };
    const id = ec2IdOf(blob);
    const sealed = secrets.seal(JSON.stringify(blob));
    const credential = { type: "ec2", userId, projectId, blob: sealed };
    const outcome = await handle(
      committer,
      credentials,
      id,
      request.metadata("CreateCredential"),
      (state) => createCredential({ type: "CreateCredential", id, credential }, state),
    );
    return isRejection(outcome) ? faultOf(outcome) : this.#shown(request, 201, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const found = await this.#find(request, "identity:ec2_delete_credential");
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

  /** The credential of the access key in the path; it must be of the user in the path. */
  async #find(request: AuthenticatedRequest, rule: Rule): Promise<Versioned<Credential> | Fault> {
    const { reader } = this.service;
    const [userId, access] = [request.param("user_id"), request.param("access")];
    const id = ec2IdOf({ access });
    const credential = await findCredential(reader, id);
    if (credential?.state.userId !== userId) return faultOf(credentialNotFound(id));
    return refuseUnlessAllowed(rule, request.token, { userId }) ??
      refuseOtherProject(request.token, credential.state.projectId) ?? credential;
  }

  #shown(request: IdentityRequest, status: number, credential: Versioned<Credential>): Outcome {
    const view = this.#view(request, credential);
    return isFault(view) ? view : { status, body: { credential: view } };
  }

  /** As EC2 puts it; 401 for what was made one for EC2 later, and holds no access key. */
  #view(request: IdentityRequest, { state }: Versioned<Credential>): object | Fault {
    const blob = readEc2Blob(this.service.secrets.open(state.blob));
    if (isFault(blob)) return unauthorized();
    const { access, secret = null, trust_id = null } = blob;
    return {
      user_id: state.userId,
      tenant_id: state.projectId,
      access,
      secret,
      trust_id,
      links: linksTo(request, `users/${state.userId}/credentials/OS-EC2/${access}`),
    };
  }
}

/** 32 hex digits that nobody can guess, whatever ids are made of. */
function newSecret(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
