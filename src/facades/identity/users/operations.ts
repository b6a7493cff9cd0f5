/** What the user routes do: reads, and commands with what must be known to decide them. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeUser } from "../cascade.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityRequest, Outcome } from "../http/endpoint.ts";
import { type Fault, faultOf, unauthorized } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import {
  booleanFilter,
  defined,
  domainFilter,
  idMatches,
  listOf,
  ownDomainOf,
  textFilter,
} from "../http/views.ts";
import { hashPassword, isPassword, NOBODYS_HASH } from "../passwords.ts";
import { listProjects } from "../projects/projection.ts";
import { projectView } from "../projects/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  changePassword,
  createUser,
  targetsOf,
  updateUser,
  type User,
  userNotFound,
} from "./decider.ts";
import { findUser, findUserByName, listUsers, users } from "./projection.ts";
import { userView } from "./view.ts";

interface UserBody {
  readonly id?: unknown;
  readonly name?: string;
  readonly domain_id?: string | null;
  readonly password?: string | null;
  readonly description?: string | null;
  readonly email?: string | null;
  readonly enabled?: boolean;
  readonly default_project_id?: string | null;
}

export class UserOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:list_users", request.token);
    if (refusal) return refusal;
    const found = await listUsers(this.service.reader, {
      ...domainFilter(request),
      name: textFilter(request.query, "name"),
      enabled: booleanFilter(request.query, "enabled"),
    });
    return listOf(request, "users", found.map((user) => userView(request, user)));
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const user = await findUser(this.service.reader, id);
    return refuseFor(request, "identity:get_user", user) ??
      shown(request, 200, user ?? userNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { user: sent } = request.body as { user: UserBody };
    const domainId = sent.domain_id ?? ownDomainOf(request);
    const refusal = refuseUnlessAllowed("identity:create_user", request.token, { domainId });
    if (refusal) return refusal;
    const id = this.service.newId();
    const user = {
      name: sent.name!,
      domainId,
      enabled: sent.enabled ?? true,
      description: sent.description ?? null,
      email: sent.email ?? null,
      defaultProjectId: sent.default_project_id ?? null,
      passwordHash: await hashOrNull(sent.password) ?? null,
    };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateUser"),
      async (unit) => {
        if (!await findDomain(unit, domainId)) return domainNotFound(domainId);
        const nameTakenBy = (await findUserByName(unit, user.name, domainId))?.id;
        return await decideIn(
          unit,
          users,
          id,
          (state) => createUser({ type: "CreateUser", id, user, nameTakenBy }, state),
        );
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const found = await findUser(this.service.reader, id);
    const refusal = refuseFor(request, "identity:update_user", found);
    if (refusal) return refusal;
    if (!found) return faultOf(userNotFound(id));
    const { user: sent } = request.body as { user: UserBody };
    const { name, enabled, description, email, default_project_id: defaultProjectId } = sent;
    const changes = defined({ name, enabled, description, email, defaultProjectId });
    const passwordHash = await hashOrNull(sent.password);
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateUser"),
      async (unit) => {
        const { domainId } = found.state;
        if (!idMatches(sent.id, id)) return reject("Invalid", "Cannot change ID");
        if (!idMatches(sent.domain_id, domainId)) {
          return reject("Invalid", "Cannot change Domain ID");
        }
        const nameTakenBy = name === undefined
          ? undefined
          : (await findUserByName(unit, name, domainId))?.id;
        return await decideIn(
          unit,
          users,
          id,
          (state) =>
            updateUser({ type: "UpdateUser", id, changes, passwordHash, nameTakenBy }, state),
        );
      },
    );
    return shown(request, 200, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const user = await findUser(this.service.reader, id);
    const refusal = refuseFor(request, "identity:delete_user", user);
    if (refusal) return refusal;
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteUser"),
      (unit) => removeUser(unit, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** Changes the password of whoever knows the old one. */
  async changePassword(request: IdentityRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const { user: sent } = request.body as {
      user: { readonly original_password: string; readonly password: string };
    };
    const verifiedHash = (await findUser(this.service.reader, id))?.state.passwordHash;
    if (!await isPassword(sent.original_password, verifiedHash ?? NOBODYS_HASH) || !verifiedHash) {
      return unauthorized();
    }
    const passwordHash = await hashPassword(sent.password);
    const outcome = await handle(
      this.service.committer,
      users,
      id,
      {
        actor: { userId: id, projectId: "", roles: [] },
        requestId: request.requestId,
        command: "ChangePassword",
      },
      (user) => changePassword({ type: "ChangePassword", id, verifiedHash, passwordHash }, user),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  async projects(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const user = await findUser(this.service.reader, id);
    const refusal = refuseFor(request, "identity:list_user_projects", user);
    if (refusal) return refusal;
    if (!user) return faultOf(userNotFound(id));
    const found = await listProjects(this.service.reader, {
      ids: targetsOf(user.state, "project"),
      name: textFilter(request.query, "name"),
      domainId: textFilter(request.query, "domain_id"),
      enabled: booleanFilter(request.query, "enabled"),
    });
    return listOf(request, "projects", found.map((project) => projectView(request, project)));
  }

  /** There are no groups, so nobody is in one. */
  async groups(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const user = await findUser(this.service.reader, id);
    return refuseFor(request, "identity:list_groups_for_user", user) ??
      (user ? listOf(request, "groups", []) : faultOf(userNotFound(id)));
  }
}

/** 403 unless the rule allows it; also, to all but those who see every user, for nobody. */
function refuseFor(
  request: AuthenticatedRequest,
  rule: Rule,
  user: Versioned<User> | undefined,
): Fault | undefined {
  return refuseUnlessAllowed(rule, request.token, {
    userId: user?.id,
    domainId: user?.state.domainId,
  });
}

async function hashOrNull(
  password: string | null | undefined,
): Promise<string | null | undefined> {
  return typeof password === "string" ? await hashPassword(password) : password;
}

function shown(
  request: AuthenticatedRequest,
  status: number,
  outcome: Versioned<User> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { user: userView(request, outcome) } };
}
