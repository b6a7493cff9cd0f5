/** Whether the names in a seed file hold together: everything that its schema cannot see. */
import { extraSpecProblem } from "../compute/flavors/extra_specs.ts";
import { DEFAULT_FLAVORS } from "../compute/flavors/decider.ts";
import { readKey } from "../compute/keypairs/key_material.ts";
import { isRejection } from "../eventsourcing/decider.ts";
import type { Directory } from "./directory.ts";
import { type SeedFile, type SeedGrant, wantsDefault } from "./format.ts";
import type { Path, Problem } from "./problems.ts";

/** A value of the environment; undefined: the variable is not set. */
export type Environment = (name: string) => string | undefined;

/** Everything that does not hold together, in the file's order of sections. */
export function checkSeed(
  file: SeedFile,
  directory: Directory,
  environment: Environment,
): readonly Problem[] {
  const check = new Check(directory);
  check.identity(file, environment);
  check.flavors(file);
  check.hosts(file);
  check.images(file);
  check.networks(file);
  check.rest(file);
  return [...directory.problems, ...check.problems];
}

class Check {
  readonly problems: Problem[] = [];

  constructor(private readonly directory: Directory) {}

  identity(file: SeedFile, environment: Environment): void {
    const { domains, projects, roles } = this.directory;
    const above = new Set<string>();
    file.roles?.forEach(({ implies = [] }, at) =>
      implies.forEach((role, n) => this.#refer(roles, role, ["roles", at, "implies", n]))
    );
    file.projects?.forEach(({ name, domain, parent }, at) => {
      this.#refer(domains, domain, ["projects", at, "domain"]);
      this.#refer(projects, parent, ["projects", at, "parent"]);
      const isOwn = parent !== undefined &&
        file.projects!.some((other) => same(other.name, parent));
      if (isOwn && !above.has(parent.toLowerCase())) {
        this.#add(["projects", at, "parent"], `"${parent}" must come before what is below it`);
      }
      above.add(name.toLowerCase());
    });
    file.users?.forEach(({ domain, default_project, password, roles = [] }, at) => {
      this.#refer(domains, domain, ["users", at, "domain"]);
      this.#refer(projects, default_project, ["users", at, "default_project"]);
      if (typeof password === "object" && !environment(password.env)) {
        this.#add(
          ["users", at, "password", "env"],
          `the environment variable ${password.env} is not set, or empty: set it before the start`,
        );
      }
      roles.forEach((grant, n) => this.#grant(grant, ["users", at, "roles", n]));
    });
    file.role_assignments?.forEach((grant, at) => {
      this.#refer(this.directory.users, grant.user, ["role_assignments", at, "user"]);
      this.#grant(grant, ["role_assignments", at]);
    });
  }

  flavors(file: SeedFile): void {
    const usual = wantsDefault(file, "flavors") ? DEFAULT_FLAVORS : [];
    const names = new Set(usual.map(({ flavor }) => flavor.name.toLowerCase()));
    const ids = new Set(usual.map(({ id }) => id));
    file.flavors?.forEach((flavor, at) => {
      const { name, id, extra_specs = {}, access = [] } = flavor;
      this.#once(names, name.toLowerCase(), ["flavors", at, "name"], `a flavor "${name}"`);
      if (id !== undefined) this.#once(ids, id, ["flavors", at, "id"], `a flavor with id "${id}"`);
      for (const [key, value] of Object.entries(extra_specs)) {
        const problem = extraSpecProblem(key, value);
        if (problem !== undefined) this.#add(["flavors", at, "extra_specs", key], problem);
      }
      access.forEach((project, n) => this.#project(project, ["flavors", at, "access", n]));
      if (access.length > 0 && flavor.public !== false) {
        this.#add(
          ["flavors", at, "access"],
          'everybody may use a public flavor: add "public: false", or leave this out',
        );
      }
    });
  }

  hosts(file: SeedFile): void {
    const names = new Set<string>();
    file.hosts?.forEach((group, at) => {
      for (const host of hostNames(group)) {
        this.#once(names, host, ["hosts", at, "name"], `a host "${host}"`);
      }
    });
  }

  images(file: SeedFile): void {
    const ids = new Set<string>();
    file.images?.forEach((image, at) => {
      const { id, project, members = [], visibility = "public", size, file: path } = image;
      if (id !== undefined) this.#once(ids, id, ["images", at, "id"], `an image with id "${id}"`);
      this.#project(project, ["images", at, "project"]);
      members.forEach((member, n) => this.#project(member, ["images", at, "members", n]));
      if (members.length > 0 && visibility !== "shared") {
        this.#add(["images", at, "members"], 'only images of visibility "shared" have members');
      }
      if (size !== undefined && path !== undefined) {
        this.#add(["images", at, "size"], 'a file has a size of its own: leave out "size"');
      }
    });
  }

  networks(file: SeedFile): void {
    const ids = new Set<string>();
    file.networks?.forEach(({ id, project, subnets = [] }, at) => {
      if (id !== undefined) this.#once(ids, id, ["networks", at, "id"], `a network "${id}"`);
      this.#project(project, ["networks", at, "project"]);
      subnets.forEach((subnet, n) => {
        if (subnet.id === undefined) return;
        const path = ["networks", at, "subnets", n, "id"];
        this.#once(ids, subnet.id, path, `a subnet "${subnet.id}"`);
      });
    });
    const groups = new Set<string>();
    file.security_groups?.forEach(({ name, project }, at) => {
      this.#project(project, ["security_groups", at, "project"]);
      const id = this.directory.projects.find(project);
      this.#once(
        groups,
        `${id}/${name}`,
        ["security_groups", at, "name"],
        `a group "${name}" in this project`,
      );
    });
    file.security_groups?.forEach(({ project, rules = [] }, at) =>
      rules.forEach(({ remote_group: remote }, n) => {
        if (remote === undefined || remote === "default") return;
        if (groups.has(`${this.directory.projects.find(project)}/${remote}`)) return;
        this.#add(
          ["security_groups", at, "rules", n, "remote_group"],
          `no group of project "${project}" is named "${remote}"`,
        );
      })
    );
  }

  rest(file: SeedFile): void {
    const pairs = new Set<string>();
    file.key_pairs?.forEach(({ user, name, type = "ssh", public_key }, at) => {
      this.#refer(this.directory.users, user, ["key_pairs", at, "user"]);
      const key = `${this.directory.users.find(user)}:${name}`;
      this.#once(pairs, key, ["key_pairs", at, "name"], `a key pair "${name}" of this user`);
      const read = readKey(type, public_key);
      if (isRejection(read)) this.#add(["key_pairs", at, "public_key"], read.message);
    });
    const projects = new Set<string>();
    file.quotas?.forEach(({ project }, at) => {
      this.#project(project, ["quotas", at, "project"]);
      const id = this.directory.projects.find(project) ?? project;
      this.#once(projects, id, ["quotas", at, "project"], `a quota of "${project}"`);
    });
  }

  #grant({ role, project, domain, system }: SeedGrant, path: Path): void {
    this.#refer(this.directory.roles, role, [...path, "role"]);
    this.#project(project, [...path, "project"]);
    this.#refer(this.directory.domains, domain, [...path, "domain"]);
    if ([project, domain, system].filter((target) => target !== undefined).length !== 1) {
      this.#add(path, 'a role is on one thing: give "project", "domain" or "system: all"');
    }
  }

  #project(reference: string | undefined, path: Path): void {
    this.#refer(this.directory.projects, reference, path);
  }

  #refer(
    names: Directory["projects"],
    reference: string | undefined,
    path: Path,
  ): void {
    if (reference === undefined || names.find(reference) !== undefined) return;
    this.#add(path, names.complain(reference));
  }

  #once(seen: Set<string>, key: string, path: Path, what: string): void {
    if (seen.has(key)) this.#add(path, `there is ${what} already: take another`);
    seen.add(key);
  }

  #add(path: Path, message: string): void {
    this.problems.push({ path, message });
  }
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The hosts of one entry: its name, or with a count its name with numbers. */
export function hostNames(
  { name, count }: { readonly name: string; readonly count?: number },
): readonly string[] {
  if (count === undefined) return [name];
  const digits = String(count).length;
  return Array.from(
    { length: count },
    (_, at) => `${name}${String(at + 1).padStart(digits, "0")}`,
  );
}
