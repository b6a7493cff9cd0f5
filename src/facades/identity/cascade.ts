/** What goes when something goes: each of these deletes a thing with all that hangs on it. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import { deleteAccessRule } from "./access_rules/decider.ts";
import { accessRules, listAccessRules } from "./access_rules/projection.ts";
import { deleteApplicationCredential } from "./application_credentials/decider.ts";
import {
  applicationCredentials,
  type CredentialQuery,
  listApplicationCredentials,
} from "./application_credentials/projection.ts";
import { deleteCredential } from "./credentials/decider.ts";
import { credentials, listCredentials } from "./credentials/projection.ts";
import type { Catalog } from "./catalog/catalog.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import { deleteDomainConfig } from "./domain_config/decider.ts";
import { domainConfigs } from "./domain_config/projection.ts";
import { deleteDomain, type Domain } from "./domains/decider.ts";
import { domains } from "./domains/projection.ts";
import { deleteLimit } from "./limits/decider.ts";
import { limits, listLimits } from "./limits/projection.ts";
import { deleteProject, type Project } from "./projects/decider.ts";
import { listProjects, projects } from "./projects/projection.ts";
import { type FilterMember, removeEndpointFilter } from "./endpoint_filters/decider.ts";
import {
  endpointFilterOf,
  endpointFilters,
  projectsFilteredTo,
} from "./endpoint_filters/projection.ts";
import { deleteEndpointGroup, type EndpointGroup } from "./endpoint_groups/decider.ts";
import { endpointGroups } from "./endpoint_groups/projection.ts";
import { deleteEndpoint, type Endpoint } from "./endpoints/decider.ts";
import { endpoints } from "./endpoints/projection.ts";
import { deleteGroup, type Group, revokeRoleFromGroup } from "./groups/decider.ts";
import { groups, listGroupAssignments, listGroups } from "./groups/projection.ts";
import { equalTo } from "./http/list_query.ts";
import { deleteRegion, type Region } from "./regions/decider.ts";
import { regions } from "./regions/projection.ts";
import { deleteRegisteredLimit } from "./registered_limits/decider.ts";
import { listRegisteredLimits, registeredLimits } from "./registered_limits/projection.ts";
import { deleteRole, type Role } from "./roles/decider.ts";
import { listRoles, roles } from "./roles/projection.ts";
import { deleteService, type Service } from "./services/decider.ts";
import { catalogServices } from "./services/projection.ts";
import { deleteTrust, type Trust } from "./trusts/decider.ts";
import { listTrusts, type TrustQuery, trusts } from "./trusts/projection.ts";
import { deleteUser, removeFromGroup, revokeRole, type User } from "./users/decider.ts";
import {
  type AssignmentQuery,
  listAssignments,
  listUsers,
  memberIds,
  users,
} from "./users/projection.ts";

/** Deletes a user, its credentials of every kind, and their access rules. */
export async function removeUser(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<User> | Rejection> {
  await removeApplicationCredentials(unit, { userId: id });
  await removeCredentials(unit, { user_id: id });
  await removeAccessRules(unit, id);
  await removeTrusts(unit, { trustor_user_id: id });
  await removeTrusts(unit, { trustee_user_id: id });
  return await decideIn(unit, users, id, (user) => deleteUser({ type: "DeleteUser", id }, user));
}

/**
 * Deletes a group; its members leave it.
 *
 * Tokens that may have come of it end: those of its members, if it has any role. Source:
 * keystone/identity/core.py, delete_group.
 */
export async function removeGroup(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<Group> | Rejection> {
  const endsTokens = (await unit.load(groups, id)).state.grants.length > 0;
  for (const userId of await memberIds(unit, id)) {
    await decideIn(
      unit,
      users,
      userId,
      (user) =>
        removeFromGroup({ type: "RemoveFromGroup", id: userId, groupId: id, endsTokens }, user),
    );
  }
  return await decideIn(
    unit,
    groups,
    id,
    (group) => deleteGroup({ type: "DeleteGroup", id }, group),
  );
}

/** Deletes a project, what is granted on it, the credentials for it, and its limits. */
export async function removeProject(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<Project> | Rejection> {
  const hasChildren = (await childrenOf(unit, id)).length > 0;
  const removed = await decideIn(
    unit,
    projects,
    id,
    (project) => deleteProject({ type: "DeleteProject", id, hasChildren }, project),
  );
  if (isRejection(removed)) return removed;
  await revokeGrants(unit, { target: { on: "project", ids: [id] } });
  await removeApplicationCredentials(unit, { projectId: id });
  await removeCredentials(unit, { project_id: id });
  await removeLimits(unit, { project_id: id });
  await removeFiltersOf(unit, id);
  await removeTrusts(unit, { project_id: id });
  return removed;
}

/**
 * Deletes a domain with its users, groups, projects and roles, and what is granted on it.
 *
 * Refused when one of them is immutable.
 */
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
  const refusal = await removeProjectsBelow(unit, id) ?? await removeRolesOf(unit, id);
  if (refusal) return refusal;
  const ofDomain = { matches: equalTo({ domain_id: id }) };
  for (const group of await listGroups(unit, ofDomain)) await removeGroup(unit, group.id);
  for (const user of await listUsers(unit, ofDomain)) await removeUser(unit, user.id);
  await revokeGrants(unit, { target: { on: "domain", ids: [id] } });
  await removeLimits(unit, { domain_id: id });
  const command = { type: "DeleteDomainConfig", domainId: id, part: {} } as const;
  await decideIn(unit, domainConfigs, id, (config) => deleteDomainConfig(command, config));
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

/** Deletes a trust, and those it was passed on as. */
export async function removeTrust(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<Trust> | Rejection> {
  await removeTrusts(unit, { redelegated_trust_id: id });
  const command = { type: "DeleteTrust", id } as const;
  return await decideIn(unit, trusts, id, (trust) => deleteTrust(command, trust));
}

async function removeTrusts(unit: UnitOfWork, query: TrustQuery): Promise<void> {
  for (const { id } of await listTrusts(unit, query)) await removeTrust(unit, id);
}

/** Deletes a service, its endpoints, and the limits of what it has. */
export async function removeService(
  unit: UnitOfWork,
  catalog: Catalog,
  id: string,
): Promise<Versioned<Service> | Rejection> {
  for (const endpoint of await catalog.endpoints(unit)) {
    if (endpoint.state.serviceId === id) await removeEndpoint(unit, catalog, endpoint.id);
  }
  await removeRegisteredLimits(unit, { service_id: id });
  const builtIn = catalog.builtIn.services.get(id);
  return await decideIn(
    unit,
    catalogServices,
    id,
    (service) => deleteService({ type: "DeleteService", id, builtIn }, service),
  );
}

/** Deletes an endpoint; projects are no longer kept to it. */
export async function removeEndpoint(
  unit: UnitOfWork,
  catalog: Catalog,
  id: string,
): Promise<Versioned<Endpoint> | Rejection> {
  const builtIn = catalog.builtIn.endpoints.get(id);
  await removeFromFilters(unit, { kind: "endpoint", id });
  return await decideIn(
    unit,
    endpoints,
    id,
    (endpoint) => deleteEndpoint({ type: "DeleteEndpoint", id, builtIn }, endpoint),
  );
}

/** Deletes a group of endpoints; projects are no longer kept to it. */
export async function removeEndpointGroup(
  unit: UnitOfWork,
  id: string,
): Promise<Versioned<EndpointGroup> | Rejection> {
  await removeFromFilters(unit, { kind: "endpoint_group", id });
  const command = { type: "DeleteEndpointGroup", id } as const;
  return await decideIn(unit, endpointGroups, id, (group) => deleteEndpointGroup(command, group));
}

async function removeFromFilters(unit: UnitOfWork, member: FilterMember): Promise<void> {
  for (const id of await projectsFilteredTo(unit, member)) {
    await removeFilter(unit, id, member);
  }
}

/** The project is kept to nothing any more. */
async function removeFiltersOf(unit: UnitOfWork, projectId: string): Promise<void> {
  const { members } = await endpointFilterOf(unit, projectId);
  for (const member of members) await removeFilter(unit, projectId, member);
}

async function removeFilter(
  unit: UnitOfWork,
  projectId: string,
  member: FilterMember,
): Promise<void> {
  const command = { type: "RemoveEndpointFilter", projectId, member } as const;
  await decideIn(
    unit,
    endpointFilters,
    projectId,
    (filter) => removeEndpointFilter(command, filter),
  );
}

/** Deletes a region and those below it; refused while endpoints are in any of them. */
export async function removeRegion(
  unit: UnitOfWork,
  catalog: Catalog,
  id: string,
): Promise<Versioned<Region> | Rejection> {
  const below = regionsBelow(id, await catalog.regions(unit));
  const used = new Set((await catalog.endpoints(unit)).map(({ state }) => state.regionId));
  const hasEndpoints = used.has(id) || below.some((child) => used.has(child));
  const removed = await removeOneRegion(unit, catalog, id, hasEndpoints);
  if (isRejection(removed)) return removed;
  for (const child of below) await removeOneRegion(unit, catalog, child, false);
  return removed;
}

async function removeOneRegion(
  unit: UnitOfWork,
  catalog: Catalog,
  id: string,
  hasEndpoints: boolean,
): Promise<Versioned<Region> | Rejection> {
  const builtIn = catalog.builtIn.regions.get(id);
  const command = { type: "DeleteRegion", id, hasEndpoints, builtIn } as const;
  await removeRegisteredLimits(unit, { region_id: id });
  return await decideIn(unit, regions, id, (region) => deleteRegion(command, region));
}

/** Ids of the regions below one, at whatever depth. */
function regionsBelow(id: string, all: readonly Versioned<Region>[]): readonly string[] {
  const children = all.filter(({ state }) => state.parentRegionId === id).map((one) => one.id);
  return children.flatMap((child) => [child, ...regionsBelow(child, all)]);
}

async function removeProjectsBelow(
  unit: UnitOfWork,
  parentId: string,
): Promise<Rejection | undefined> {
  for (const { id } of await childrenOf(unit, parentId)) {
    const refusal = await removeProjectsBelow(unit, id);
    if (refusal) return refusal;
    const removed = await removeProject(unit, id);
    if (isRejection(removed)) return removed;
  }
}

async function removeRolesOf(unit: UnitOfWork, domainId: string): Promise<Rejection | undefined> {
  for (const { id, state } of await listRoles(unit)) {
    if (state.domainId !== domainId) continue;
    const removed = await removeRole(unit, id);
    if (isRejection(removed)) return removed;
  }
}

function childrenOf(unit: UnitOfWork, parentId: string) {
  return listProjects(unit, { matches: equalTo({ parent_id: parentId }) });
}

async function revokeGrants(
  unit: UnitOfWork,
  query: Pick<AssignmentQuery, "roleId" | "target">,
): Promise<void> {
  for (const { userId: id, roleId, target } of await listAssignments(unit, query)) {
    const grant = { roleId, target };
    await decideIn(unit, users, id, (user) => revokeRole({ type: "RevokeRole", id, grant }, user));
  }
  for (const { groupId: id, roleId, target } of await listGroupAssignments(unit, query)) {
    const command = { type: "RevokeRoleFromGroup", id, grant: { roleId, target } } as const;
    await decideIn(unit, groups, id, (group) => revokeRoleFromGroup(command, group));
  }
}

async function removeAccessRules(unit: UnitOfWork, userId: string): Promise<void> {
  for (const { id } of await listAccessRules(unit, { matches: equalTo({ user_id: userId }) })) {
    const command = { type: "DeleteAccessRule", id, inUse: false } as const;
    await decideIn(unit, accessRules, id, (rule) => deleteAccessRule(command, rule));
  }
}

async function removeApplicationCredentials(
  unit: UnitOfWork,
  query: CredentialQuery,
): Promise<void> {
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

async function removeCredentials(
  unit: UnitOfWork,
  of: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { id } of await listCredentials(unit, { matches: equalTo(of) })) {
    const command = { type: "DeleteCredential", id } as const;
    await decideIn(unit, credentials, id, (credential) => deleteCredential(command, credential));
  }
}

async function removeLimits(
  unit: UnitOfWork,
  of: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { id } of await listLimits(unit, { matches: equalTo(of) })) {
    const command = { type: "DeleteLimit", id } as const;
    await decideIn(unit, limits, id, (limit) => deleteLimit(command, limit));
  }
}

async function removeRegisteredLimits(
  unit: UnitOfWork,
  of: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { id } of await listRegisteredLimits(unit, { matches: equalTo(of) })) {
    await removeLimits(unit, { registered_limit_id: id });
    const command = { type: "DeleteRegisteredLimit", id, isReferred: false } as const;
    await decideIn(unit, registeredLimits, id, (limit) => deleteRegisteredLimit(command, limit));
  }
}
