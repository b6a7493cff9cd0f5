/** The schemas against those of Nova, operation by operation, at every microversion. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  actionSchema as aggregateActionSchema,
  aggregatesQuerySchema,
  createSchema as aggregateCreateSchema,
  imagesSchema,
  updateSchema as aggregateUpdateSchema,
} from "../../src/compute/aggregates/schemas.ts";
import { zonesQuerySchema } from "../../src/compute/availability_zones/routes.ts";
import {
  consoleActionSchemas,
  remoteConsoleSchema,
  tokenQuerySchema,
} from "../../src/compute/consoles/schemas.ts";
import {
  accessSchema,
  createSchema as flavorCreateSchema,
  extraSpecSchema,
  extraSpecsSchema,
  flavorListQuerySchema,
  flavorQuerySchema,
  updateSchema as flavorUpdateSchema,
} from "../../src/compute/flavors/schemas.ts";
import {
  hostQuerySchema,
  listQuerySchema as hostListQuerySchema,
  updateSchema as hostUpdateSchema,
} from "../../src/compute/hosts/schemas.ts";
import {
  hypervisorQuerySchema,
  listQuerySchema as hypervisorListQuerySchema,
  showQuerySchema as hypervisorShowQuerySchema,
} from "../../src/compute/hypervisors/schemas.ts";
import {
  createSchema as keyPairCreateSchema,
  keyPairQuerySchema,
  listQuerySchema as keyPairListQuerySchema,
} from "../../src/compute/keypairs/schemas.ts";
import {
  limitsQuerySchema,
  quotaClassQuerySchema,
  quotaClassUpdateSchema,
  quotaDefaultsQuerySchema,
  quotaQuerySchema,
  quotaUpdateSchema,
} from "../../src/compute/quotas/schemas.ts";
import {
  createSchema as groupCreateSchema,
  listQuerySchema as groupListQuerySchema,
  serverGroupQuerySchema,
} from "../../src/compute/server_groups/schemas.ts";
import { createSchema as externalEventsSchema } from "../../src/compute/server_external_events/schemas.ts";
import {
  addFixedIpSchema,
  addFloatingIpSchema,
  addSecurityGroupSchema,
  removeFixedIpSchema,
  removeFloatingIpSchema,
  removeSecurityGroupSchema,
} from "../../src/compute/servers/network_schemas.ts";
import {
  addressesQuerySchema,
  detailQuerySchema,
  listQuerySchema,
  metadataQuerySchema,
  showQuerySchema,
  tagsQuerySchema,
} from "../../src/compute/servers/query_schemas.ts";
import {
  forceCompleteSchema,
  migrationListQuerySchema,
  serverMigrationsQuerySchema,
} from "../../src/compute/migrations/schemas.ts";
import {
  confirmResizeSchema,
  consoleOutputSchema,
  createSchema,
  evacuateSchema,
  liveMigrateSchema,
  lockSchema,
  metadataItemSchema,
  metadataSchema,
  migrateSchema,
  resizeSchema,
  revertResizeSchema,
  tagBodySchema,
  tagsSchema,
  unlockSchema,
  updateSchema,
} from "../../src/compute/servers/schemas.ts";
import { extensionsQuerySchema } from "../../src/compute/extensions/routes.ts";
import {
  imageListQuerySchema,
  imageMetadataItemSchema,
  imageMetadataSchema,
  imageQuerySchema,
} from "../../src/compute/images/schemas.ts";
import { diagnosticsQuerySchema } from "../../src/compute/server_diagnostics/routes.ts";
import { passwordQuerySchema } from "../../src/compute/server_password/routes.ts";
import { shareCreateSchema, shareQuerySchema } from "../../src/compute/server_shares/schemas.ts";
import { topologyQuerySchema } from "../../src/compute/server_topology/routes.ts";
import { usageListQuerySchema, usageQuerySchema } from "../../src/compute/usage/schemas.ts";
import { usageAuditQuerySchema } from "../../src/compute/usage_audit/routes.ts";
import {
  listQuerySchema as serviceListQuerySchema,
  updateSchema as serviceUpdateSchema,
} from "../../src/compute/services/schemas.ts";
import { MAX_MINOR, MIN_MINOR, type Minor } from "../../src/http/microversions.ts";
import { bodyProblem, type JsonSchema } from "../../src/http/schema.ts";

/** Ours by the fixture of the same operation: one for all microversions, or one for each. */
const SCHEMAS: Readonly<Record<string, JsonSchema | ((minor: Minor) => JsonSchema)>> = {
  "request/servers.create": createSchema,
  "request/servers.update": updateSchema,
  "request/console_output.action.os-getConsoleOutput": consoleOutputSchema,
  "request/remote_consoles.action.os-getVNCConsole": consoleActionSchemas.vnc,
  "request/remote_consoles.action.os-getSPICEConsole": consoleActionSchemas.spice,
  "request/remote_consoles.action.os-getSerialConsole": consoleActionSchemas.serial,
  "request/remote_consoles.action.os-getRDPConsole": consoleActionSchemas.rdp,
  "query/console_auth_tokens.show": tokenQuerySchema,
  "request/security_groups.action.addSecurityGroup": addSecurityGroupSchema,
  "request/security_groups.action.removeSecurityGroup": removeSecurityGroupSchema,
  "request/server_external_events.create": externalEventsSchema,
  "request/lock_server.action.lock": lockSchema,
  "request/lock_server.action.unlock": unlockSchema,
  "request/server_metadata.create": metadataSchema,
  "request/server_metadata.update_all": metadataSchema,
  "request/server_metadata.update": metadataItemSchema,
  "request/server_tags.update_all": tagsSchema,
  "request/server_tags.update": tagBodySchema,
  "request/quota_sets.update": quotaUpdateSchema,
  "request/quota_classes.update": quotaClassUpdateSchema,
  "request/keypairs.create": keyPairCreateSchema,
  "request/server_groups.create": groupCreateSchema,
  "request/flavors.create": flavorCreateSchema,
  "request/flavors_extraspecs.create": extraSpecsSchema,
  "request/flavors_extraspecs.update": extraSpecSchema,
  "request/flavor_access.action.addTenantAccess": accessSchema.addTenantAccess,
  "request/flavor_access.action.removeTenantAccess": accessSchema.removeTenantAccess,
  "request/aggregates.create": aggregateCreateSchema,
  "request/aggregates.update": aggregateUpdateSchema,
  "request/aggregates.action.add_host": aggregateActionSchema.add_host,
  "request/aggregates.action.remove_host": aggregateActionSchema.remove_host,
  "request/aggregates.action.set_metadata": aggregateActionSchema.set_metadata,
  "request/aggregates.images": imagesSchema,
  "request/hosts.update": hostUpdateSchema,
  "request/services.update": serviceUpdateSchema,
  "query/aggregates.index": aggregatesQuerySchema,
  "query/aggregates.show": aggregatesQuerySchema,
  "query/hosts.index": hostListQuerySchema,
  "query/hosts.show": hostQuerySchema,
  "query/hosts.reboot": hostQuerySchema,
  "query/hypervisors.index": hypervisorListQuerySchema,
  "query/hypervisors.detail": hypervisorListQuerySchema,
  "query/hypervisors.show": hypervisorShowQuerySchema,
  "query/hypervisors.statistics": hypervisorQuerySchema,
  "query/services.index": serviceListQuerySchema,
  "request/servers.action.resize": resizeSchema,
  "request/servers.action.confirmResize": confirmResizeSchema,
  "request/servers.action.revertResize": revertResizeSchema,
  "request/migrate_server.action.migrate": migrateSchema,
  "request/migrate_server.action.os-migrateLive": liveMigrateSchema,
  "request/evacuate.action.evacuate": evacuateSchema,
  "request/server_migrations.action.force_complete": forceCompleteSchema,
  "query/migrations.index": migrationListQuerySchema,
  "query/server_migrations.index": serverMigrationsQuerySchema,
  "query/server_migrations.show": serverMigrationsQuerySchema,
  "query/servers.index": listQuerySchema,
  "query/servers.detail": detailQuerySchema,
  "query/servers.show": showQuerySchema,
  "query/server_metadata.index": metadataQuerySchema,
  "query/server_metadata.show": metadataQuerySchema,
  "query/ips.index": addressesQuerySchema,
  "query/ips.show": addressesQuerySchema,
  "query/server_tags.index": tagsQuerySchema,
  "query/server_tags.show": tagsQuerySchema,
  "query/flavors.index": flavorListQuerySchema,
  "query/flavors.detail": flavorListQuerySchema,
  "query/flavors.show": flavorQuerySchema,
  "query/flavor_access.index": flavorQuerySchema,
  "query/flavors_extraspecs.index": flavorQuerySchema,
  "query/flavors_extraspecs.show": flavorQuerySchema,
  "query/keypairs.index": keyPairListQuerySchema,
  "query/keypairs.show": keyPairQuerySchema,
  "query/keypairs.delete": keyPairQuerySchema,
  "query/server_groups.index": groupListQuerySchema,
  "query/server_groups.show": serverGroupQuerySchema,
  "query/availability_zone.index": zonesQuerySchema,
  "query/availability_zone.detail": zonesQuerySchema,
  "query/quota_classes.show": quotaClassQuerySchema,
  "query/limits.index": limitsQuerySchema,
  "query/quota_sets.show": quotaQuerySchema,
  "query/quota_sets.detail": quotaQuerySchema,
  "query/quota_sets.update": quotaQuerySchema,
  "query/quota_sets.delete": quotaQuerySchema,
  "query/quota_sets.defaults": quotaDefaultsQuerySchema,
  "request/image_metadata.create": imageMetadataSchema,
  "request/image_metadata.update_all": imageMetadataSchema,
  "request/image_metadata.update": imageMetadataItemSchema,
  "query/images.index": imageListQuerySchema,
  "query/images.detail": imageListQuerySchema,
  "query/images.show": imageQuerySchema,
  "query/server_diagnostics.index": diagnosticsQuerySchema,
  "query/server_password.index": passwordQuerySchema,
  "query/server_shares.index": shareQuerySchema,
  "query/server_shares.show": shareQuerySchema,
  "query/extension_info.index": extensionsQuerySchema,
  "query/extension_info.show": extensionsQuerySchema,
  "query/simple_tenant_usage.index": usageListQuerySchema,
  "query/simple_tenant_usage.show": usageQuerySchema,
  "query/instance_usage_audit_log.index": usageAuditQuerySchema,
  "query/instance_usage_audit_log.show": usageAuditQuerySchema,
};

interface Fixture {
  readonly versions: readonly {
    readonly min: string | null;
    readonly max: string | null;
    readonly schema: JsonSchema;
  }[];
}

const everyMinor = Array.from({ length: MAX_MINOR }, (_, index) => MIN_MINOR + index);

/** The number behind the dot; no version stands for the end that is open. */
function minorOf(version: string | null, open: Minor): Minor {
  return version === null ? open : Number(version.split(".")[1]);
}

async function readFixture(operation: string): Promise<Fixture> {
  const file = new URL(`../../fixtures/nova/schemas/${operation}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(file));
}

for (const [operation, ours] of Object.entries(SCHEMAS)) {
  Deno.test(`the schema of ${operation} is Nova's from 2.1 to 2.${MAX_MINOR}`, async () => {
    const { versions } = await readFixture(operation);
    for (const minor of everyMinor) {
      const nova = versions.find(({ min, max }) =>
        minorOf(min, MIN_MINOR) <= minor && minor <= minorOf(max, MAX_MINOR)
      );
      // Nova declares nothing for an unlock from 2.73 on, and so takes anything.
      const expected = nova?.schema ?? {};
      assertEquals(typeof ours === "function" ? ours(minor) : ours, expected, `at 2.${minor}`);
    }
  });
}

Deno.test("the schema of a flavor's update, from 2.55 on, is Nova's", async () => {
  const { versions } = await readFixture("request/flavors.update");
  assertEquals(versions.map(({ min, max }) => [min, max]), [["2.55", null]]);
  assertEquals(flavorUpdateSchema, versions[0]!.schema);
});

Deno.test("the schemas of actions on addresses, up to 2.43, are Nova's", async () => {
  const ours = {
    "multinic.action.addFixedIp": addFixedIpSchema,
    "multinic.action.removeFixedIp": removeFixedIpSchema,
    "floating_ips.action.addFloatingIp": addFloatingIpSchema,
    "floating_ips.action.removeFloatingIp": removeFloatingIpSchema,
  };
  for (const [operation, schema] of Object.entries(ours)) {
    const { versions } = await readFixture(`request/${operation}`);
    assertEquals(versions.length, 1, operation);
    assertEquals(schema, versions[0]!.schema, operation);
  }
});

Deno.test("the schemas of what came late are Nova's", async () => {
  const create = await readFixture("request/server_shares.create");
  assertEquals(create.versions.map(({ min, max }) => [min, max]), [["2.97", null]]);
  assertEquals(shareCreateSchema, create.versions[0]!.schema);
  const consoles = await readFixture("request/remote_consoles.create");
  assertEquals(consoles.versions.map(({ min }) => min), ["2.6", "2.8", "2.99"]);
  for (const [place, minor] of [6, 8, 99].entries()) {
    assertEquals(remoteConsoleSchema(minor), consoles.versions[place]!.schema);
  }
  const topology = await readFixture("query/server_topology.index");
  assertEquals(topology.versions.map(({ min }) => min), ["2.78", "2.102"]);
  assertEquals(topologyQuerySchema(78), topology.versions[0]!.schema);
  assertEquals(topologyQuerySchema(102), topology.versions[1]!.schema);
});

Deno.test("a range of microversions shares one schema, which is compiled once", () => {
  for (const ours of Object.values(SCHEMAS)) {
    if (typeof ours !== "function") continue;
    for (const minor of everyMinor) assertStrictEquals(ours(minor), ours(minor));
  }
  assertStrictEquals(createSchema(2), createSchema(18));
  assert(createSchema(18) !== createSchema(19));
  assertEquals(new Set(everyMinor.map(createSchema)).size, 13);
});

Deno.test("every schema compiles, at every microversion", () => {
  for (const ours of Object.values(SCHEMAS)) {
    for (const minor of everyMinor) {
      const schema = typeof ours === "function" ? ours(minor) : ours;
      bodyProblem(schema, {});
    }
  }
});
