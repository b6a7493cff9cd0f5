/** What goes when something goes: each of these deletes a thing with all that hangs on it. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import { deleteApplicationCredential } from "./application_credentials/decider.ts";
import {
  applicationCredentials,
  type CredentialQuery,
  listApplicationCredentials,
} from "./application_credentials/projection.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import { deleteDomain, type Domain } from "./domains/decider.ts";
import { domains } from "./domains/projection.ts";
import { deleteProject, type Project } from "./projects/decider.ts";
import { listProjects, projects } from "./projects/projection.ts";
import { deleteRole, type Role } from "./roles/decider.ts";
import { roles } from "./roles/projection.ts";
import { deleteUser, revokeRole, type User } from "./users/decider.ts";
import { type AssignmentQuery, listAssignments, listUsers, users } from "./users/projection.ts";

/** Deletes a user and its application credentials. */
export async function removeUser(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<User> | Rejection> {
  await removeCredentials(unit, { userId: id });
  return await decideIn(unit, users, id, (user) => deleteUser({ type: "DeleteUser", id }, user));
}

/** Deletes a project, what is granted on it, and the application credentials for it. */
export async function removeProject(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<Project> | Rejection> {
  const hasChildren = (await listProjects(unit, { parentId: id })).length > 0;
  const removed = await decideIn(
    unit,
    projects,
    id,
    (project) => deleteProject({ type: "DeleteProject", id, hasChildren }, project),
  );
  if (isRejection(removed)) return removed;
  await revokeGrants(unit, { target: { on: "project", id } });
  await removeCredentials(unit, { projectId: id });
  return removed;
}

/** Deletes a domain with its users and projects, and what is granted on it. */
export async function removeDomain(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<Domain> | Rejection> {
  const removed = await decideIn(
    unit,
    domains,
    id,
    (domain) => deleteDomain({ type: "DeleteDomain", id }, domain),
  );
  if (isRejection(removed)) return removed;
  await removeProjectsBelow(unit, id);
  for (const user of await listUsers(unit, { domainId: id })) await removeUser(unit, user.id);
  await revokeGrants(unit, { target: { on: "domain", id } });
  return removed;
}

/** Deletes a role and takes it from everybody. */
export async function removeRole(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<Role> | Rejection> {
  await revokeGrants(unit, { roleId: id });
  return await decideIn(unit, roles, id, (role) => deleteRole({ type: "DeleteRole", id }, role));
}

async function removeProjectsBelow(unit: UnitOfWork, parentId: string): Promise<void> {
  for (const { id } of await listProjects(unit, { parentId })) {
    await removeProjectsBelow(unit, id);
    await removeProject(unit, id);
  }
}

async function revokeGrants(unit: UnitOfWork, query: AssignmentQuery): Promise<void> {
  for (const { userId, roleId, target } of await listAssignments(unit, query)) {
    await decideIn(
      unit,
      users,
      userId,
      (user) => revokeRole({ type: "RevokeRole", id: userId, grant: { roleId, target } }, user),
    );
  }
}

async function removeCredentials(unit: UnitOfWork, query: CredentialQuery): Promise<void> {
  for (const { id } of await listApplicationCredentials(unit, query)) {
    await decideIn(
      unit,
      applicationCredentials,
      id,
      (credential) =>
        deleteApplicationCredential({ type: "DeleteApplicationCredential", id }, credential),
    );
  }
}
