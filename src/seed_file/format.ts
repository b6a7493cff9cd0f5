/** What a seed file may say: its types, and the JSON Schema that says the same to editors. */

/** A text, or the environment variable that holds it. */
export type Secret = string | { readonly env: string };

export interface SeedDomain {
  readonly name: string;
  readonly id?: string;
  readonly description?: string;
  readonly enabled?: boolean;
}

export interface SeedProject {
  readonly name: string;
  readonly id?: string;
  readonly domain?: string;
  /** A project above, named earlier; absent: the domain. */
  readonly parent?: string;
  readonly description?: string;
  readonly enabled?: boolean;
  readonly tags?: readonly string[];
}

export interface SeedRole {
  readonly name: string;
  readonly description?: string;
  /** Roles that whoever has this one also has. */
  readonly implies?: readonly string[];
}

/** A role on one of three kinds of target. */
export interface SeedGrant {
  readonly role: string;
  readonly project?: string;
  readonly domain?: string;
  readonly system?: "all";
}

export interface SeedUser {
  readonly name: string;
  readonly id?: string;
  readonly domain?: string;
  /** Absent: nobody can log in with one. */
  readonly password?: Secret;
  readonly email?: string;
  readonly description?: string;
  readonly enabled?: boolean;
  readonly default_project?: string;
  readonly roles?: readonly SeedGrant[];
}

export interface SeedFlavor {
  readonly name: string;
  readonly id?: string;
  readonly vcpus: number;
  /** MiB. */
  readonly ram: number;
  /** GiB. */
  readonly disk?: number;
  /** GiB. */
  readonly ephemeral?: number;
  /** MiB. */
  readonly swap?: number;
  readonly rxtx_factor?: number;
  readonly public?: boolean;
  readonly description?: string;
  readonly extra_specs?: Readonly<Record<string, string>>;
  /** Projects that may use it though it is not public. */
  readonly access?: readonly string[];
}

export interface SeedHosts {
  /** Its name; with a `count`, what comes before the number. */
  readonly name: string;
  readonly count?: number;
  readonly zone?: string;
  readonly vcpus?: number;
  /** MiB. */
  readonly ram?: number;
  /** GiB. */
  readonly disk?: number;
  readonly vcpu_ratio?: number;
  readonly ram_ratio?: number;
  readonly disk_ratio?: number;
}

export interface SeedImage {
  readonly name: string;
  readonly id?: string;
  readonly project?: string;
  readonly visibility?: "public" | "community" | "shared" | "private";
  readonly disk_format?: string;
  readonly container_format?: string;
  /** MiB. */
  readonly min_ram?: number;
  /** GiB. */
  readonly min_disk?: number;
  readonly protected?: boolean;
  readonly hidden?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** Projects that a shared image is offered to, and that have accepted it. */
  readonly members?: readonly string[];
  /** Bytes of a disk that is computed; at least those of the default, 1 MiB. */
  readonly size?: number;
  /** The bytes, from the seed file's folder. */
  readonly file?: string;
}

/** Neutron's attributes, as a request to the network service would write them. */
export type NeutronFields = Readonly<Record<string, unknown>>;

export interface SeedNetwork {
  readonly name: string;
  readonly id?: string;
  readonly project?: string;
  readonly subnets?: readonly (NeutronFields & { readonly id?: string })[];
  readonly [attribute: string]: unknown;
}

export interface SeedSecurityGroup {
  readonly name: string;
  readonly project: string;
  readonly description?: string;
  readonly rules?: readonly (NeutronFields & { readonly remote_group?: string })[];
}

export interface SeedKeyPair {
  readonly user: string;
  readonly name: string;
  readonly type?: "ssh" | "x509";
  readonly public_key: string;
}

export interface SeedQuota {
  readonly project: string;
  readonly compute?: Readonly<Record<string, number>>;
  readonly network?: Readonly<Record<string, number>>;
}

/**
 * What of the usual seed is there besides. The users and their projects always are; hosts of the
 * file take the place of the usual ones.
 */
export interface SeedDefaults {
  readonly flavors?: boolean;
  readonly images?: boolean;
  readonly networks?: boolean;
}

/** A seed file, as its schema allows it. */
export interface SeedFile {
  readonly defaults?: boolean | SeedDefaults;
  readonly domains?: readonly SeedDomain[];
  readonly roles?: readonly SeedRole[];
  readonly projects?: readonly SeedProject[];
  readonly users?: readonly SeedUser[];
  readonly role_assignments?: readonly (SeedGrant & { readonly user: string })[];
  readonly flavors?: readonly SeedFlavor[];
  readonly hosts?: readonly SeedHosts[];
  readonly images?: readonly SeedImage[];
  readonly networks?: readonly SeedNetwork[];
  readonly security_groups?: readonly SeedSecurityGroup[];
  readonly key_pairs?: readonly SeedKeyPair[];
  readonly quotas?: readonly SeedQuota[];
}

/** Whether a part of the usual seed is wanted beside the file. */
export function wantsDefault(file: SeedFile, part: keyof SeedDefaults): boolean {
  const { defaults = true } = file;
  return typeof defaults === "boolean" ? defaults : defaults[part] ?? true;
}
