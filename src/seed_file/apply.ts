/** Writes a checked seed file, as a part of the transaction that makes the cloud. */
import { addFlavorAccess, createFlavor } from "../compute/flavors/decider.ts";
import { flavors } from "../compute/flavors/projection.ts";
import { addHost, type HostFacts } from "../compute/hosts/decider.ts";
import { hosts } from "../compute/hosts/projection.ts";
import { createKeyPair } from "../compute/keypairs/decider.ts";
import { readKey } from "../compute/keypairs/key_material.ts";
import { keyPairId, keyPairs } from "../compute/keypairs/projection.ts";
import { quotas } from "../compute/quotas/aggregate.ts";
import { setQuotaLimits } from "../compute/quotas/decider.ts";
import { limitsOf } from "../compute/quotas/projection.ts";
import type { AllLimits } from "../compute/quotas/limits.ts";
import { decideIn } from "../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../eventsourcing/committer.ts";
import { isRejection } from "../eventsourcing/decider.ts";
import type { SeedIds } from "../facades/identity/mod.ts";
import { createDomain } from "../facades/identity/domains/decider.ts";
import { domains } from "../facades/identity/domains/projection.ts";
import type { Grant } from "../facades/identity/grants/grant.ts";
import { createProject } from "../facades/identity/projects/decider.ts";
import { projects } from "../facades/identity/projects/projection.ts";
import { createRole } from "../facades/identity/roles/decider.ts";
import { roles } from "../facades/identity/roles/projection.ts";
import { createUser, grantRole } from "../facades/identity/users/decider.ts";
import { users } from "../facades/identity/users/projection.ts";
import { type ImageSeed, seedImage } from "../facades/images/mod.ts";
import {
  seedDefaultGroup,
  seedNetwork,
  seedNetworkQuota,
  seedSecurityGroup,
  seedSecurityGroupRule,
  seedSubnet,
} from "../facades/networks/mod.ts";
import type { Caller } from "../http/auth.ts";
import { hostNames } from "./check.ts";
import type { Directory } from "./directory.ts";
import type {
  SeedFile,
  SeedGrant,
  SeedImage,
  SeedNetwork,
  SeedSecurityGroup,
  SeedUser,
} from "./format.ts";
import type { Path, Problem } from "./problems.ts";

/** What was made ready before the transaction. */
export interface Prepared {
  readonly directory: Directory;
  readonly ids: SeedIds;
  readonly passwords: ReadonlyMap<SeedUser, string | null>;
  readonly images: ReadonlyMap<SeedImage, Pick<ImageSeed, "imageId" | "data">>;
  /** What hosts have that do not say themselves. */
  readonly hostSize: Pick<HostFacts, "vcpus" | "ramMib" | "diskGib">;
}

/** A part of the file that the cloud's own rules refuse. */
export class SeedRefused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** Writes all that the file asks for; throws `SeedRefused` at the first thing that is refused. */
export async function applySeed(
  unit: UnitOfWork,
  file: SeedFile,
  prepared: Prepared,
): Promise<void> {
  const writer = new SeedWriter(unit, prepared);
  await writer.identity(file);
  // Before what they bound, so that a file may ask for more than the defaults allow.
  await writer.quotas(file);
  await writer.flavors(file);
  await writer.hosts(file);
  await writer.images(file);
  await writer.networks(file);
  await writer.securityGroups(file);
  await writer.keyPairs(file);
}

class SeedWriter {
  readonly #unit: UnitOfWork;
  readonly #prepared: Prepared;
  readonly #directory: Directory;
  readonly #admin: Caller;

  constructor(unit: UnitOfWork, prepared: Prepared) {
    this.#unit = unit;
    this.#prepared = prepared;
    this.#directory = prepared.directory;
    this.#admin = {
      userId: prepared.ids.adminUser,
      projectId: prepared.ids.adminProject,
      roles: new Set(["admin", "manager", "member", "reader"]),
      isAdmin: true,
    };
  }

  async identity(file: SeedFile): Promise<void> {
    await this.#domains(file);
    await this.#roles(file);
    await this.#projects(file);
    await this.#users(file);
  }

  async #domains({ domains: asked = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) {
      const id = this.#directory.idOf(entry);
      const { name, description = "", enabled = true } = entry;
      const domain = { name, description, enabled };
      await hold(
        ["domains", at],
        decideIn(
          this.#unit,
          domains,
          id,
          (state) => createDomain({ type: "CreateDomain", id, domain }, state),
        ),
      );
    }
  }

  async #roles({ roles: asked = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) {
      const id = this.#directory.idOf(entry);
      const { name, description = null, implies = [] } = entry;
      const ids = implies.map((role) => this.#directory.roles.find(role)!);
      const role = { name, description, implies: ids };
      await hold(
        ["roles", at],
        decideIn(
          this.#unit,
          roles,
          id,
          (state) => createRole({ type: "CreateRole", id, role }, state),
        ),
      );
    }
  }

  async #projects({ projects: asked = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) {
      const id = this.#directory.idOf(entry);
      const { name, parent, description = "", enabled = true, tags = [] } = entry;
      const domainId = this.#directory.domainOf(entry);
      const parentId = parent === undefined ? domainId : this.#project(parent);
      const project = { name, domainId, parentId, description, enabled, tags };
      await hold(
        ["projects", at],
        decideIn(
          this.#unit,
          projects,
          id,
          (state) => createProject({ type: "CreateProject", id, project }, state),
        ),
      );
    }
  }

  async #users({ users: asked = [], role_assignments: grants = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) {
      const id = this.#directory.idOf(entry);
      const { name, email = null, description = null, enabled = true } = entry;
      const { default_project: project, roles = [] } = entry;
      const user = {
        ...{ name, email, description, enabled },
        domainId: this.#directory.domainOf(entry),
        defaultProjectId: project === undefined ? null : this.#project(project),
        passwordHash: this.#prepared.passwords.get(entry) ?? null,
      };
      await hold(
        ["users", at],
        decideIn(
          this.#unit,
          users,
          id,
          (state) => createUser({ type: "CreateUser", id, user }, state),
        ),
      );
      for (const [n, grant] of roles.entries()) {
        await this.#grant(id, grant, ["users", at, "roles", n]);
      }
    }
    for (const [at, grant] of grants.entries()) {
      await this.#grant(this.#directory.users.find(grant.user)!, grant, ["role_assignments", at]);
    }
  }

  async #grant(id: string, { role, project, domain }: SeedGrant, path: Path): Promise<void> {
    const target: Grant["target"] = project !== undefined
      ? { on: "project", id: this.#project(project) }
      : domain !== undefined
      ? { on: "domain", id: this.#directory.domains.find(domain)! }
      : { on: "system", id: "all" };
    const grant = { roleId: this.#directory.roles.find(role)!, target };
    await hold(
      path,
      decideIn(
        this.#unit,
        users,
        id,
        (user) => grantRole({ type: "GrantRole", id, grant }, user),
      ),
    );
  }

  async quotas({ quotas: asked = [] }: SeedFile): Promise<void> {
    for (const [at, { project, compute = {}, network = {} }] of asked.entries()) {
      const projectId = this.#project(project);
      const effective = await limitsOf(this.#unit, projectId);
      const limits = compute as Partial<AllLimits>;
      const type = "SetQuotaLimits";
      const command = {
        type,
        userId: undefined,
        limits,
        force: true,
        effective,
        inUse: {},
      } as const;
      await hold(
        ["quotas", at, "compute"],
        decideIn(this.#unit, quotas, projectId, (quota) => setQuotaLimits(command, quota)),
      );
      await hold(["quotas", at, "network"], seedNetworkQuota(this.#unit, projectId, network));
    }
  }

  async flavors({ flavors: asked = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) {
      const id = entry.id ?? crypto.randomUUID();
      const flavor = {
        name: entry.name,
        vcpus: entry.vcpus,
        ramMib: entry.ram,
        diskGib: entry.disk ?? 0,
        ephemeralGib: entry.ephemeral ?? 0,
        swapMib: entry.swap ?? 0,
        rxtxFactor: entry.rxtx_factor ?? 1,
        isPublic: entry.public ?? true,
        description: entry.description ?? null,
        extraSpecs: entry.extra_specs ?? {},
      };
      await hold(
        ["flavors", at],
        decideIn(
          this.#unit,
          flavors,
          id,
          (state) => createFlavor({ type: "CreateFlavor", id, flavor }, state),
        ),
      );
      for (const [n, project] of (entry.access ?? []).entries()) {
        const projectId = this.#project(project);
        const command = { type: "AddFlavorAccess", id, projectId, onlyPrivate: true } as const;
        await hold(
          ["flavors", at, "access", n],
          decideIn(this.#unit, flavors, id, (state) => addFlavorAccess(command, state)),
        );
      }
    }
  }

  async hosts({ hosts: asked = [] }: SeedFile): Promise<void> {
    const { vcpus, ramMib, diskGib } = this.#prepared.hostSize;
    for (const [at, entry] of asked.entries()) {
      for (const host of hostNames(entry)) {
        const facts = {
          node: host,
          availabilityZone: entry.zone ?? "nova",
          vcpus: entry.vcpus ?? vcpus,
          ramMib: entry.ram ?? ramMib,
          diskGib: entry.disk ?? diskGib,
          vcpuRatio: entry.vcpu_ratio ?? 4,
          ramRatio: entry.ram_ratio ?? 1,
          diskRatio: entry.disk_ratio ?? 1,
        };
        await hold(
          ["hosts", at],
          decideIn(
            this.#unit,
            hosts,
            host,
            (state) => addHost({ type: "AddHost", host, facts }, state),
          ),
        );
      }
    }
  }

  async images({ images: asked = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) {
      const image = {
        name: entry.name,
        visibility: entry.visibility ?? "public",
        owner: this.#project(entry.project ?? "admin"),
        diskFormat: entry.disk_format ?? "qcow2",
        containerFormat: entry.container_format ?? "bare",
        minRamMib: entry.min_ram ?? 0,
        minDiskGib: entry.min_disk ?? 0,
        isProtected: entry.protected ?? false,
        isHidden: entry.hidden ?? false,
        properties: entry.properties ?? {},
        tags: entry.tags ?? [],
      } as const;
      const members = (entry.members ?? []).map((project) => this.#project(project));
      const data = this.#prepared.images.get(entry)!;
      await hold(
        ["images", at],
        seedImage(this.#unit, { ...data, image, members, by: this.#admin }),
      );
    }
  }

  async networks({ networks: asked = [] }: SeedFile): Promise<void> {
    for (const [at, entry] of asked.entries()) await this.#network(entry, ["networks", at]);
  }

  async #network(entry: SeedNetwork, path: Path): Promise<void> {
    const { id = crypto.randomUUID(), project, external, subnets = [], ...fields } = entry;
    const project_id = this.#project(project ?? "admin");
    const item = {
      ...fields,
      project_id,
      ...(external !== undefined && { "router:external": external }),
    };
    await hold(path, seedNetwork(this.#unit, { id, item, by: this.#admin }));
    for (const [n, { id: subnetId = crypto.randomUUID(), ...subnet }] of subnets.entries()) {
      const isV6 = String(subnet["cidr"]).includes(":");
      const item = { ip_version: isV6 ? 6 : 4, ...subnet, project_id, network_id: id };
      await hold(
        [...path, "subnets", n],
        seedSubnet(this.#unit, { id: subnetId, item, by: this.#admin }),
      );
    }
  }

  /** All groups first: rules may name each other's. */
  async securityGroups({ security_groups: asked = [] }: SeedFile): Promise<void> {
    const ids = new Map<string, string>();
    const keyOf = (project: string, name: string) => `${this.#project(project)}/${name}`;
    for (const [at, group] of asked.entries()) {
      const { project, name } = group;
      const defaultId = await seedDefaultGroup(this.#unit, this.#project(project));
      ids.set(keyOf(project, "default"), defaultId);
      if (name === "default") continue;
      ids.set(keyOf(project, name), await this.#securityGroup(group, ["security_groups", at]));
    }
    for (const [at, { project, name, rules = [] }] of asked.entries()) {
      for (const [n, { remote_group: remote, ...fields }] of rules.entries()) {
        const item = {
          ...fields,
          security_group_id: ids.get(keyOf(project, name)),
          ...(remote !== undefined && { remote_group_id: ids.get(keyOf(project, remote)) }),
        };
        await hold(
          ["security_groups", at, "rules", n],
          seedSecurityGroupRule(this.#unit, { id: crypto.randomUUID(), item, by: this.#admin }),
        );
      }
    }
  }

  async #securityGroup(
    { name, project, description = "" }: SeedSecurityGroup,
    path: Path,
  ): Promise<string> {
    const id = crypto.randomUUID();
    const item = { name, description, project_id: this.#project(project) };
    await hold(path, seedSecurityGroup(this.#unit, { id, item, by: this.#admin }));
    return id;
  }

  async keyPairs({ key_pairs: asked = [] }: SeedFile): Promise<void> {
    for (const [at, { user, name, type: keyType = "ssh", public_key }] of asked.entries()) {
      const userId = this.#directory.users.find(user)!;
      const key = readKey(keyType, public_key.trim());
      const command = { userId, name, keyType, key, owned: 0, limit: -1 } as const;
      await hold(
        ["key_pairs", at],
        decideIn(
          this.#unit,
          keyPairs,
          keyPairId(userId, name),
          (state) =>
            createKeyPair({ type: "CreateKeyPair", origin: "imported", ...command }, state),
        ),
      );
    }
  }

  #project(reference: string): string {
    return this.#directory.projects.find(reference)!;
  }
}

/** Fails with the place in the file when something is refused. */
async function hold(path: Path, outcome: Promise<unknown>): Promise<void> {
  const held = await outcome;
  if (isRejection(held)) throw new SeedRefused({ path, message: held.message });
}
