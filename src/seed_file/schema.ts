/** The JSON Schema of a seed file; `docs/seed.schema.json` is a copy of it for editors. */
import { DEFAULT_ALL_LIMITS } from "../compute/quotas/limits.ts";
import { QUOTA_RESOURCES } from "../facades/networks/quotas/decider.ts";
import { GENERATED_SIZE_BYTES } from "../facades/images/generated_disk.ts";

/** A schema, as Ajv and editors read it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Largest disk that is computed, in bytes: its checksums are too, at every seed. */
const LARGEST_GENERATED = 2 ** 30;

const MAX_INTEGER = 0x7fffffff;

const name: Schema = { type: "string", minLength: 1, maxLength: 255 };
const text: Schema = { type: "string", maxLength: 65_535 };
const flag: Schema = { type: "boolean" };
const hexId: Schema = {
  type: "string",
  pattern: "^[0-9a-f]{32}$",
  description: "an id of 32 hexadecimal digits, in lower case",
};
const uuid: Schema = {
  type: "string",
  pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
  description: "a UUID, in lower case",
};
const amount: Schema = { type: "integer", minimum: 0, maximum: MAX_INTEGER };
const positive: Schema = { ...amount, minimum: 1 };
const ratio: Schema = { type: "number", exclusiveMinimum: 0, maximum: 1000 };
const limit: Schema = { type: "integer", minimum: -1, maximum: MAX_INTEGER };
const texts: Schema = { type: "object", additionalProperties: { type: "string", maxLength: 255 } };
const tags: Schema = { type: "array", items: name, uniqueItems: true };
const listOf = (items: Schema): Schema => ({ type: "array", items });

function object(properties: Schema, ...required: readonly string[]): Schema {
  return { type: "object", properties, required, additionalProperties: false };
}

const secret: Schema = {
  anyOf: [{ type: "string", minLength: 1 }, object({ env: name }, "env")],
  description: "a text, or { env: NAME } for the text of an environment variable",
};

const grantFields: Schema = { role: name, project: name, domain: name, system: { enum: ["all"] } };

const subnet = object(
  {
    id: uuid,
    name,
    description: text,
    cidr: name,
    ip_version: { enum: [4, 6] },
    gateway_ip: { type: ["string", "null"] },
    allocation_pools: listOf(object({ start: name, end: name }, "start", "end")),
    enable_dhcp: flag,
    dns_nameservers: listOf(name),
    host_routes: listOf(object({ destination: name, nexthop: name }, "destination", "nexthop")),
    ipv6_ra_mode: { type: ["string", "null"] },
    ipv6_address_mode: { type: ["string", "null"] },
  },
  "cidr",
);

const port: Schema = { type: ["integer", "null"], minimum: 0, maximum: 65_535 };

const rule = object(
  {
    direction: { enum: ["ingress", "egress"] },
    ethertype: { enum: ["IPv4", "IPv6"] },
    protocol: { type: ["string", "integer", "null"] },
    port_range_min: port,
    port_range_max: port,
    remote_ip_prefix: { type: ["string", "null"] },
    remote_group: { ...name, description: "name of a group of the same project" },
    description: text,
  },
  "direction",
);

const limitsOf = (names: readonly string[]): Schema =>
  object(Object.fromEntries(names.map((name) => [name, limit])));

/** What a seed file may say. */
export const SEED_SCHEMA: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Chronova seed file",
  ...object({
    defaults: {
      anyOf: [flag, object({ flavors: flag, images: flag, networks: flag })],
      description: "true, false, or which of flavors, images, networks are wanted",
    },
    domains: listOf(object({ name, id: hexId, description: text, enabled: flag }, "name")),
    roles: listOf(object({ name, description: text, implies: listOf(name) }, "name")),
    projects: listOf(object({
      name,
      id: hexId,
      domain: name,
      parent: name,
      description: text,
      enabled: flag,
      tags,
    }, "name")),
    users: listOf(object({
      name,
      id: hexId,
      domain: name,
      password: secret,
      email: text,
      description: text,
      enabled: flag,
      default_project: name,
      roles: listOf(object(grantFields, "role")),
    }, "name")),
    role_assignments: listOf(object({ user: name, ...grantFields }, "user", "role")),
    flavors: listOf(object(
      {
        name,
        id: { type: "string", pattern: "^[a-zA-Z0-9._-]([a-zA-Z0-9. _-]*[a-zA-Z0-9._-])?$" },
        vcpus: positive,
        ram: positive,
        disk: amount,
        ephemeral: amount,
        swap: amount,
        rxtx_factor: { type: "number", exclusiveMinimum: 0 },
        public: flag,
        description: text,
        extra_specs: texts,
        access: listOf(name),
      },
      "name",
      "vcpus",
      "ram",
    )),
    hosts: listOf(object({
      name: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$" },
      count: { type: "integer", minimum: 1, maximum: 10_000 },
      zone: { type: "string", pattern: "^[^:]{1,255}$" },
      vcpus: positive,
      ram: { type: "integer", minimum: 1, maximum: 2 ** 40 },
      disk: { type: "integer", minimum: 1, maximum: 2 ** 40 },
      vcpu_ratio: ratio,
      ram_ratio: ratio,
      disk_ratio: ratio,
    }, "name")),
    images: listOf(object({
      name,
      id: uuid,
      project: name,
      visibility: { enum: ["public", "community", "shared", "private"] },
      disk_format: { enum: ["raw", "qcow2", "iso", "vmdk", "vdi", "vhd", "vhdx", "ploop"] },
      container_format: { enum: ["bare", "ovf", "ova", "docker", "compressed"] },
      min_ram: amount,
      min_disk: amount,
      protected: flag,
      hidden: flag,
      properties: texts,
      tags,
      members: listOf(name),
      size: { type: "integer", minimum: GENERATED_SIZE_BYTES, maximum: LARGEST_GENERATED },
      file: name,
    }, "name")),
    networks: listOf(object({
      name,
      id: uuid,
      project: name,
      description: text,
      admin_state_up: flag,
      shared: flag,
      external: flag,
      port_security_enabled: flag,
      mtu: amount,
      subnets: listOf(subnet),
    }, "name")),
    security_groups: listOf(object(
      { name, project: name, description: text, rules: listOf(rule) },
      "name",
      "project",
    )),
    key_pairs: listOf(object(
      { user: name, name, type: { enum: ["ssh", "x509"] }, public_key: text },
      "user",
      "name",
      "public_key",
    )),
    quotas: listOf(object(
      {
        project: name,
        compute: limitsOf(Object.keys(DEFAULT_ALL_LIMITS)),
        network: limitsOf(QUOTA_RESOURCES),
      },
      "project",
    )),
  }),
};
