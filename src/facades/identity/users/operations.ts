/** What the user routes do: reads, and commands with what must be known to decide them. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeUser } from "../cascade.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import { domainNotFound } from "../domains/decider.ts";
import { findDomain } from "../domains/projection.ts";
import type { AuthenticatedRequest, IdentityRequest, Outcome } from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { type Fault, faultOf, unauthorized } from "../http/faults.ts";
import { answerList, ownDomainFilter } from "../http/lists.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { defined, idMatches, ownDomainOf } from "../http/views.ts";
import { targetsFor } from "../grants/effective.ts";
import { findGroup, listGroups } from "../groups/projection.ts";
import { membershipView } from "../groups/view.ts";
import { type Options, withoutNulls } from "../options.ts";
import { hashPassword, isPassword, NOBODYS_HASH } from "../passwords.ts";
import { findProject, listProjects } from "../projects/projection.ts";
import { projectView } from "../projects/view.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { changePassword, createUser, updateUser, type User, userNotFound } from "./decider.ts";
import { findUser, findUserByName, listUsers, users } from "./projection.ts";
import { FIELDS } from "./schema.ts";
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
  readonly options?: Options;
}

const FILTERS = ["domain_id", "enabled", "name"];

export class UserOperations {
  constructor(private readonly service: EmbeddedIdentity) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    return refuseUnlessAllowed("identity:list_users", request.token) ??
      await answerList(request, "users", {
        filters: FILTERS,
        fixed: ownDomainFilter(request),
        find: (query) => listUsers(reader, query),
        has: (id) => findUser(reader, id),
        view: (user) => userView(request, user),
      });
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
      name: sent.name!.trim(),
      domainId,
      enabled: sent.enabled ?? true,
      description: sent.description ?? null,
      email: sent.email ?? null,
      defaultProjectId: sent.default_project_id ?? null,
      passwordHash: await hashOrNull(sent.password) ?? null,
      ...defined({
        options: sent.options && withoutNulls(sent.options),
        extra: newExtrasOf(sent, FIELDS),
      }),
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
    const { enabled, description, email, default_project_id: defaultProjectId, options } = sent;
    const name = sent.name?.trim();
    const extra = extrasOf(sent, FIELDS);
    const changes = defined({
      ...{ name, enabled, description, email, defaultProjectId, options, extra },
    });
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
    const { reader } = this.service;
    const ids = await targetsFor(reader, user.state, "project");
    return await answerList(request, "projects", {
      filters: FILTERS,
      find: (query) => listProjects(reader, query, { ids }),
      has: (projectId) => findProject(reader, projectId),
      view: (project) => projectView(request, project),
    });
  }

  async groups(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("user_id");
    const { reader } = this.service;
    const user = await findUser(reader, id);
    const refusal = refuseFor(request, "identity:list_groups_for_user", user);
    if (refusal) return refusal;
    if (!user) return faultOf(userNotFound(id));
    return await answerList(request, "groups", {
      filters: ["name"],
      fixed: ownDomainFilter(request),
      find: (query) => listGroups(reader, query, user.state.groupIds),
      has: (groupId) => findGroup(reader, groupId),
      view: (group) => membershipView(request, group),
    });
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
