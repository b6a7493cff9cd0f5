/** Who is who in a new cloud: names of the usual seed and of the seed file, and the ids they get. */
import { DEFAULT_DOMAIN_ID, type SeedIds } from "../facades/identity/mod.ts";
import type { SeedFile } from "./format.ts";
import type { Path, Problem } from "./problems.ts";

/** Names of one kind; in capitals or not they are the same, as in Keystone. */
class Names {
  readonly #ids = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #ambiguous = new Set<string>();

  constructor(readonly kind: string) {}

  /** Adds a name, if it is within a domain also in the form `domain/name`; false: it is taken. */
  add(name: string, id: string, domain?: string): boolean {
    if (this.#taken.has(id)) return false;
    const short = name.toLowerCase();
    const long = domain === undefined ? short : `${domain.toLowerCase()}/${short}`;
    if (this.#ids.has(long)) return false;
    this.#taken.add(id);
    if (domain !== undefined && this.#ids.has(short)) this.#ambiguous.add(short);
    this.#ids.set(long, id);
    if (!this.#ids.has(short)) this.#ids.set(short, id);
    return true;
  }

  find(reference: string): string | undefined {
    const key = reference.toLowerCase();
    return this.#ambiguous.has(key) ? undefined : this.#ids.get(key);
  }

  /** Why a reference finds nothing, and what to do. */
  complain(reference: string): string {
    return this.#ambiguous.has(reference.toLowerCase())
      ? `more than one ${this.kind} is named "${reference}": write it as "domain/name"`
      : `no ${this.kind} is named "${reference}": name one of the cloud's own, or add it ` +
        `under "${this.kind}s"`;
  }
}

/** The domain that things are in unless they say otherwise. */
const DEFAULT_DOMAIN = "Default";

/** What of the file has an id of the directory's: by its place in the file. */
export class Directory {
  readonly domains = new Names("domain");
  readonly projects = new Names("project");
  readonly users = new Names("user");
  readonly roles = new Names("role");
  readonly #problems: Problem[] = [];
  readonly #ids = new Map<object, string>();

  constructor(file: SeedFile, ids: SeedIds, private readonly newId: () => string) {
    this.#addDefaults(ids);
    file.domains?.forEach((domain, at) => {
      this.#add(this.domains, domain, ["domains", at]);
    });
    file.roles?.forEach((role, at) => this.#add(this.roles, role, ["roles", at]));
    file.projects?.forEach((project, at) => {
      this.#add(this.projects, project, ["projects", at], project.domain ?? DEFAULT_DOMAIN);
    });
    file.users?.forEach((user, at) => {
      this.#add(this.users, user, ["users", at], user.domain ?? DEFAULT_DOMAIN);
    });
  }

  /** Names and ids that are there twice. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** The id of an entry of the file. */
  idOf(entry: object): string {
    return this.#ids.get(entry)!;
  }

  /** The id of the domain that an entry is in. */
  domainOf({ domain }: { readonly domain?: string }): string {
    return this.domains.find(domain ?? DEFAULT_DOMAIN)!;
  }

  #addDefaults(ids: SeedIds): void {
    this.domains.add(DEFAULT_DOMAIN, DEFAULT_DOMAIN_ID);
    this.projects.add("admin", ids.adminProject, DEFAULT_DOMAIN);
    this.projects.add("demo", ids.demoProject, DEFAULT_DOMAIN);
    this.users.add("admin", ids.adminUser, DEFAULT_DOMAIN);
    this.users.add("demo", ids.demoUser, DEFAULT_DOMAIN);
    this.users.add("reader", ids.readerUser, DEFAULT_DOMAIN);
    this.roles.add("admin", ids.adminRole);
    this.roles.add("manager", ids.managerRole);
    this.roles.add("member", ids.memberRole);
    this.roles.add("reader", ids.readerRole);
    this.roles.add("service", ids.serviceRole);
  }

  #add(
    names: Names,
    entry: { readonly name: string; readonly id?: string },
    path: Path,
    domain?: string,
  ): void {
    const id = entry.id ?? this.newId();
    this.#ids.set(entry, id);
    if (names.add(entry.name, id, domain)) return;
    this.#problems.push({
      path: [...path, "name"],
      message: `there is a ${names.kind} "${entry.name}" already, or one with this id: take ` +
        "another, or leave it out and refer to the one that is there",
    });
  }
}
