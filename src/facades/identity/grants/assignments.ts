/** `/v3/role_assignments`: who has which role where. Source: keystone/api/role_assignments.py. */
import { Hono } from "hono";
import type { Reader } from "../../../store/query.ts";
import { listGroupAssignments } from "../groups/projection.ts";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type Fault, fault } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { isOn, listOf, textFilter } from "../http/views.ts";
import { listSubtree } from "../projects/projection.ts";
import type { Role } from "../roles/decider.ts";
import { withImplied } from "../roles/implied.ts";
import { rolesById } from "../roles/projection.ts";
import { findUser, listAssignments, memberIds } from "../users/projection.ts";
import type { AssignmentTarget, Grant, GrantTarget } from "./grant.ts";
import { projectsBelow, targetsAbove } from "./inheritance.ts";
import { Names } from "./names.ts";

/** The route of role assignments, under `/v3`. */
export function assignmentRoutes(endpoints: IdentityEndpoints): Hono {
  const routes = new Hono();
  const { reader } = endpoints.service;
  routes.get("/role_assignments", endpoints.authenticated((request) => list(reader, request)));
  return routes;
}

async function list(reader: Reader, request: AuthenticatedRequest): Promise<Outcome> {
  const { query, token } = request;
  const refusal = refuseUnlessAllowed(ruleFor(query), token) ?? refuseContradictions(query);
  if (refusal) return refusal;
  const names = new Names(reader, await rolesById(reader));
  const own = token.scope?.on === "domain" ? token.scope.domain.id : undefined;
  const found: Effective[] = [];
  for (const assignment of await selected(reader, query, names.roles)) {
    if (own !== undefined && await names.domainOf(assignment.target) !== own) continue;
    found.push(assignment);
  }
  const named = isOn(query, "include_names");
  const views = await Promise.all(found.map(async (assignment) => ({
    ...(named ? await namedView(assignment, names) : plainView(assignment)),
    links: linksOf(request, assignment),
  })));
  return listOf(request, "role_assignments", views);
}

function ruleFor(query: URLSearchParams): Rule {
  return isOn(query, "include_subtree")
    ? "identity:list_role_assignments_for_tree"
    : "identity:list_role_assignments";
}

/** Combinations that can have no sensible answer. */
function refuseContradictions(query: URLSearchParams): Fault | undefined {
  const has = (name: string) => Boolean(query.get(name));
  const [project, domain, system] = ["project.id", "domain.id", "system"]
    .map((name) => has(`scope.${name}`));
  if (domain && project) return fault(400, "Specify a domain or project, not both");
  if (system && domain) return fault(400, "Specify system or domain, not both");
  if (system && project) return fault(400, "Specify system or project, not both");
  if (has("user.id") && has("group.id")) return fault(400, "Specify a user or group, not both");
  if (isOn(query, "include_subtree") && !project) {
    return fault(400, "scope.project.id must be specified if include_subtree is also specified");
  }
  if (isOn(query, "effective") && has("group.id")) {
    return fault(400, "Combining effective and group filter will always result in an empty list.");
  }
  if (isOn(query, "effective") && domain && inheritedFilter(query)) {
    return fault(
      400,
      "Combining effective, domain and inherited filters will always result in an empty list.",
    );
  }
}

/** An assignment, and what was granted for it to be so. */
interface Effective extends Grant {
  readonly userId?: string;
  /** The group it is granted to; with a user: that user is in the group. */
  readonly groupId?: string;
  /** The role that was granted: this one, or one that implies it. */
  readonly grantedRoleId: string;
  /** What it was granted on: this target, or one that this is below. */
  readonly grantedTarget: GrantTarget;
}

async function selected(
  reader: Reader,
  query: URLSearchParams,
  roles: ReadonlyMap<string, Role>,
): Promise<readonly Effective[]> {
  const wanted: Wanted = {
    userId: textFilter(query, "user.id"),
    groupId: textFilter(query, "group.id"),
    roleId: textFilter(query, "role.id"),
    target: await targetOf(reader, query),
    inherited: inheritedFilter(query),
  };
  if (!isOn(query, "effective")) {
    return [...await grantedToUsers(reader, wanted), ...await grantedToGroups(reader, wanted)];
  }
  const all = [...await effectiveHere(reader, wanted), ...await effectiveBelow(reader, wanted)]
    .flatMap((assignment) => effective(assignment, roles));
  return all.filter(({ roleId }) => wanted.roleId === undefined || roleId === wanted.roleId);
}

interface Wanted {
  readonly userId: string | undefined;
  readonly groupId: string | undefined;
  readonly roleId: string | undefined;
  readonly target: AssignmentTarget | undefined;
  /** Whether granted on what is below a target; undefined: either way. */
  readonly inherited: boolean | undefined;
}

function inheritedFilter(query: URLSearchParams): boolean | undefined {
  const to = query.get("scope.OS-INHERIT:inherited_to");
  return to === null ? undefined : to === "projects";
}

/** What was granted to users. */
async function grantedToUsers(reader: Reader, wanted: Wanted): Promise<readonly Effective[]> {
  if (wanted.groupId !== undefined) return [];
  return (await listAssignments(reader, wanted)).map(asGranted);
}

/** What was granted to groups; of a user nothing was. */
async function grantedToGroups(
  reader: Reader,
  { userId, groupId, ...wanted }: Wanted,
): Promise<readonly Effective[]> {
  if (userId !== undefined) return [];
  const groupIds = groupId === undefined ? undefined : [groupId];
  return (await listGroupAssignments(reader, { groupIds, ...wanted })).map(asGranted);
}

function asGranted<One extends Grant>(one: One) {
  return { ...one, grantedRoleId: one.roleId, grantedTarget: one.target };
}

/** What users have where it was granted, themselves or as members of groups. */
async function effectiveHere(reader: Reader, wanted: Wanted): Promise<readonly Effective[]> {
  if (wanted.inherited) return [];
  return await ofUsers(reader, { ...wanted, inherited: false });
}

/** What users have on projects because it was granted above them. */
async function effectiveBelow(reader: Reader, wanted: Wanted): Promise<readonly Effective[]> {
  const { target, inherited } = wanted;
  if (inherited === false || (target && target.on !== "project")) return [];
  const reached = await reachOf(reader, target?.ids);
  const found: Effective[] = [];
  for (const one of await ofUsers(reader, { ...wanted, target: undefined, inherited: true })) {
    for (const id of await reached.from(one.target)) {
      found.push({ ...one, target: { on: "project", id } });
    }
  }
  return found;
}

/** Finds the projects that inherit from a target, once for each. */
class Reach {
  readonly #known = new Map<string, readonly string[]>();

  constructor(private readonly reader: Reader) {}

  async from(target: GrantTarget): Promise<readonly string[]> {
    const key = `${target.on} ${target.id}`;
    const known = this.#known.get(key) ?? await projectsBelow(this.reader, target);
    this.#known.set(key, known);
    return known;
  }
}

/** The same among some projects only; of one alone, what is above it is looked at. */
async function reachOf(
  reader: Reader,
  ids: readonly string[] | undefined,
): Promise<Pick<Reach, "from">> {
  const reach = new Reach(reader);
  if (!ids) return reach;
  if (ids.length > 1) {
    return { from: async (target) => (await reach.from(target)).filter((id) => ids.includes(id)) };
  }
  const above = await targetsAbove(reader, ids[0]!);
  return {
    from: ({ on, id }) =>
      Promise.resolve(above.some((one) => on === one.on && id === one.id) ? ids : []),
  };
}

/** Grants that users have, themselves or as members of groups; the role is filtered for later. */
async function ofUsers(reader: Reader, wanted: Wanted): Promise<readonly Effective[]> {
  const anyRole = { ...wanted, roleId: undefined };
  return [...await grantedToUsers(reader, anyRole), ...await throughGroups(reader, anyRole)];
}

/** What users have as members of groups. */
async function throughGroups(
  reader: Reader,
  { userId, target, inherited }: Wanted,
): Promise<readonly Effective[]> {
  const user = userId === undefined ? undefined : await findUser(reader, userId);
  const groupIds = userId === undefined ? undefined : user?.state.groupIds ?? [];
  const members = new Map<string, readonly string[]>();
  const found: Effective[] = [];
  for (const one of await listGroupAssignments(reader, { groupIds, target, inherited })) {
    const { groupId } = one;
    if (!members.has(groupId)) {
      members.set(groupId, userId === undefined ? await memberIds(reader, groupId) : [userId]);
    }
    for (const member of members.get(groupId)!) {
      found.push({ ...asGranted(one), userId: member });
    }
  }
  return found;
}

/** With the roles that are implied; without those of a single domain, which no token has. */
function effective(
  assignment: Effective,
  roles: ReadonlyMap<string, Role>,
): readonly Effective[] {
  return [...withImplied([assignment.roleId], roles)]
    .filter((roleId) => roles.get(roleId)!.domainId === null)
    .map((roleId) => ({ ...assignment, roleId }));
}

async function targetOf(
  reader: Reader,
  query: URLSearchParams,
): Promise<AssignmentTarget | undefined> {
  const project = textFilter(query, "scope.project.id");
  if (project !== undefined) {
    const below = isOn(query, "include_subtree") ? await listSubtree(reader, project) : [];
    return { on: "project", ids: [project, ...below.map(({ id }) => id)] };
  }
  const domain = textFilter(query, "scope.domain.id");
  if (domain !== undefined) return { on: "domain", ids: [domain] };
  return query.has("scope.system") ? { on: "system", ids: ["all"] } : undefined;
}

function plainView({ userId, groupId, roleId, target, grantedTarget }: Effective): object {
  return {
    role: { id: roleId },
    ...(userId === undefined ? { group: { id: groupId } } : { user: { id: userId } }),
    scope: {
      ...(target.on === "system" ? { system: { all: true } } : { [target.on]: { id: target.id } }),
      ...inheritedView(grantedTarget),
    },
  };
}

async function namedView(
  { userId, groupId, roleId, target, grantedTarget }: Effective,
  names: Names,
): Promise<object> {
  return {
    role: await names.ofRole(roleId),
    ...(userId === undefined
      ? { group: await names.ofGroup(groupId!) }
      : { user: await names.ofUser(userId) }),
    scope: { ...await names.ofScope(target), ...inheritedView(grantedTarget) },
  };
}

/** The mark of what goes to the projects below, or came from above. */
function inheritedView({ inherited }: GrantTarget): object {
  return inherited ? { "OS-INHERIT:inherited_to": "projects" } : {};
}

function linksOf(
  { base }: AuthenticatedRequest,
  { userId, groupId, roleId, grantedRoleId, grantedTarget }: Effective,
): object {
  const { on, id, inherited } = grantedTarget;
  const place = on === "system" ? "/system" : `/${on}s/${id}`;
  const grantee = groupId === undefined ? `users/${userId}` : `groups/${groupId}`;
  return {
    assignment: inherited
      ? `${base}/OS-INHERIT${place}/${grantee}/roles/${grantedRoleId}/inherited_to_projects`
      : `${base}${place}/${grantee}/roles/${grantedRoleId}`,
    ...(groupId !== undefined && userId !== undefined && {
      membership: `${base}/groups/${groupId}/users/${userId}`,
    }),
    // The order of the two is Keystone's.
    ...(roleId !== grantedRoleId && {
      prior_role: `${base}/prior_role/${roleId}/implies/${grantedRoleId}`,
    }),
  };
}
