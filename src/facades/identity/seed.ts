/** What a new cloud's identity service begins with. Source: keystone-manage bootstrap; devstack. */
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import { createDomain, DEFAULT_DOMAIN_ID } from "./domains/decider.ts";
import { domains } from "./domains/projection.ts";
import type { GrantTarget } from "./grants/grant.ts";
import { createProject } from "./projects/decider.ts";
import { projects } from "./projects/projection.ts";
import { createRole } from "./roles/decider.ts";
import { roles } from "./roles/projection.ts";
import { createUser, grantRole } from "./users/decider.ts";
import { users } from "./users/projection.ts";

export interface Seed {
  /** As `hashPassword` makes them. */
  readonly adminPasswordHash: string;
  readonly demoPasswordHash: string;
  readonly readerPasswordHash: string;
  readonly ids: SeedIds;
}

/** 32 hex digits each, all different. */
export interface SeedIds {
  readonly adminProject: string;
  readonly demoProject: string;
  readonly adminUser: string;
  readonly demoUser: string;
  readonly readerUser: string;
  readonly adminRole: string;
  readonly managerRole: string;
  readonly memberRole: string;
  readonly readerRole: string;
  readonly serviceRole: string;
}

/** Ids for a new cloud, each asked of `newId`. */
export function seedIds(newId: () => string): SeedIds {
  return {
    adminProject: newId(),
    demoProject: newId(),
    adminUser: newId(),
    demoUser: newId(),
    readerUser: newId(),
    adminRole: newId(),
    managerRole: newId(),
    memberRole: newId(),
    readerRole: newId(),
    serviceRole: newId(),
  };
}

/**
 * Makes the default domain; the projects `admin` and `demo`; the usual roles, each of which implies
 * the next lower; and the users `admin` (admin of both projects and of the system), `demo` (member
 * of demo) and `reader` (reader of demo).
 *
 * Throws when any of it is there already.
 */
export async function seedIdentity(unit: UnitOfWork, seed: Seed): Promise<void> {
  const { ids } = seed;
  mustHold(
    await decideIn(unit, domains, DEFAULT_DOMAIN_ID, (domain) =>
      createDomain({
        type: "CreateDomain",
        id: DEFAULT_DOMAIN_ID,
        domain: { name: "Default", description: "The default domain", enabled: true },
      }, domain)),
  );
  for (const [id, name, implied] of rolesOf(ids)) {
    mustHold(
      await decideIn(unit, roles, id, (role) =>
        createRole({
          type: "CreateRole",
          id,
          role: { name, description: null, implies: implied === null ? [] : [implied] },
        }, role)),
    );
  }
  await seedProject(
    unit,
    ids.adminProject,
    "admin",
    "Bootstrap project for initializing the cloud.",
  );
  await seedProject(unit, ids.demoProject, "demo", "");
  await seedUser(unit, ids.adminUser, "admin", seed.adminPasswordHash);
  await seedUser(unit, ids.demoUser, "demo", seed.demoPasswordHash);
  await seedUser(unit, ids.readerUser, "reader", seed.readerPasswordHash);
  for (const [userId, roleId, target] of grantsOf(ids)) {
    mustHold(
      await decideIn(
        unit,
        users,
        userId,
        (user) => grantRole({ type: "GrantRole", id: userId, grant: { roleId, target } }, user),
      ),
    );
  }
}

/** Id, name, and the role that is implied. */
function rolesOf(ids: SeedIds): readonly (readonly [string, string, string | null])[] {
  return [
    [ids.adminRole, "admin", ids.managerRole],
    [ids.managerRole, "manager", ids.memberRole],
    [ids.memberRole, "member", ids.readerRole],
    [ids.readerRole, "reader", null],
    [ids.serviceRole, "service", null],
  ];
}

/** User, role, target. */
function grantsOf(ids: SeedIds): readonly (readonly [string, string, GrantTarget])[] {
  return [
    [ids.adminUser, ids.adminRole, { on: "project", id: ids.adminProject }],
    [ids.adminUser, ids.adminRole, { on: "project", id: ids.demoProject }],
    [ids.adminUser, ids.adminRole, { on: "system", id: "all" }],
    [ids.demoUser, ids.memberRole, { on: "project", id: ids.demoProject }],
    [ids.readerUser, ids.readerRole, { on: "project", id: ids.demoProject }],
  ];
}

async function seedProject(
  unit: UnitOfWork,
  id: string,
  name: string,
  description: string,
): Promise<void> {
  mustHold(
    await decideIn(unit, projects, id, (project) =>
      createProject({
        type: "CreateProject",
        id,
        project: {
          name,
          domainId: DEFAULT_DOMAIN_ID,
          parentId: DEFAULT_DOMAIN_ID,
          description,
          enabled: true,
          tags: [],
        },
      }, project)),
  );
}

async function seedUser(
  unit: UnitOfWork,
  id: string,
  name: string,
  passwordHash: string,
): Promise<void> {
  mustHold(
    await decideIn(unit, users, id, (user) =>
      createUser({
        type: "CreateUser",
        id,
        user: {
          name,
          domainId: DEFAULT_DOMAIN_ID,
          enabled: true,
          description: null,
          email: null,
          defaultProjectId: null,
          passwordHash,
        },
      }, user)),
  );
}

function mustHold(outcome: unknown): void {
  if (isRejection(outcome)) throw new Error(`cannot seed the cloud: ${outcome.message}`);
}
