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
import { remoteConsoleSchema, tokenQuerySchema } from "../../src/compute/consoles/schemas.ts";
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
  createSchema,
  metadataItemSchema,
  metadataSchema,
  tagBodySchema,
  tagsSchema,
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
import {
  createFloatingIpSchema,
  ruleSchema,
  securityGroupListQuerySchema,
  securityGroupSchema,
} from "../../src/compute/network_proxies/schemas.ts";
import { groupsQuerySchema } from "../../src/compute/server_security_groups/routes.ts";
import { actionListQuerySchema, actionQuerySchema } from "../../src/compute/history/schemas.ts";
import {
  type Action,
  actionNamed,
  type NetworkAction,
  type NetworkChange,
  type Question,
} from "../../src/compute/servers/actions/mod.ts";
import { networkActions } from "../../src/compute/servers/actions/network.ts";
import { questions } from "../../src/compute/servers/actions/questions.ts";
import {
  attachInterfaceSchema,
  interfacesQuerySchema,
} from "../../src/compute/servers/interface_schemas.ts";
import {
  volumeAttachSchema,
  volumeListQuerySchema,
  volumeUpdateSchema,
} from "../../src/compute/servers/volume_schemas.ts";
import { OPERATIONS } from "../kit/schemas.ts";
import { MAX_MINOR, MIN_MINOR, type Minor } from "../../src/http/microversions.ts";
import { bodyProblem, type JsonSchema } from "../../src/http/schema.ts";

/** One for all microversions, or one for each. */
type Ours = JsonSchema | ((minor: Minor) => JsonSchema);

const servers = "/servers/{id}/action";

/** The actions of servers, as requests are read by them. */
const ACTIONS: Readonly<Record<string, Action | Question | NetworkAction>> = Object.fromEntries(
  OPERATIONS.filter(({ path, action, removed }) => path === servers && action && !removed)
    .map(({ request_schema, action }) => [fixtureOf(request_schema!), serverAction(action!)]),
);

function serverAction(name: string): Action | Question | NetworkAction {
  return actionNamed(name) ?? questions[name] ?? networkActions[name as NetworkChange];
}

/** `request/servers.create`. */
function fixtureOf(path: string): string {
  return path.replace(/\.json$/, "");
}

/** First and last microversion of what is not there at all of them. */
const RANGES: Readonly<Record<string, readonly [first: Minor, last: Minor]>> = {
  ...Object.fromEntries(
    Object.entries(ACTIONS).map(([fixture, { since = MIN_MINOR, until = MAX_MINOR }]) => [
      fixture,
      [since, until],
    ]),
  ),
  "request/flavors.update": [55, MAX_MINOR],
  "request/remote_consoles.create": [6, MAX_MINOR],
  "request/server_shares.create": [97, MAX_MINOR],
  "query/server_topology.index": [78, MAX_MINOR],
};

/** Ours by the fixture of the same operation. */
const SCHEMAS: Readonly<Record<string, Ours>> = {
  ...Object.fromEntries(
    Object.entries(ACTIONS).map(([fixture, action]) => [fixture, action.schema]),
  ),
  "request/attach_interfaces.create": attachInterfaceSchema,
  "request/flavors.update": flavorUpdateSchema,
  "request/floating_ips.create": createFloatingIpSchema,
  "request/remote_consoles.create": remoteConsoleSchema,
  "request/security_groups.create": securityGroupSchema,
  "request/security_groups.update": securityGroupSchema,
  "request/security_group_rules.create": ruleSchema,
  "request/server_shares.create": shareCreateSchema,
  "request/volume_attachments.create": volumeAttachSchema,
  "request/volume_attachments.update": volumeUpdateSchema,
  "query/attach_interfaces.index": interfacesQuerySchema,
  "query/attach_interfaces.show": interfacesQuerySchema,
  "query/instance_actions.index": actionListQuerySchema,
  "query/instance_actions.show": actionQuerySchema,
  "query/security_groups.index": securityGroupListQuerySchema,
  "query/server_security_groups.index": groupsQuerySchema,
  "query/server_topology.index": topologyQuerySchema,
  "query/volume_attachments.index": volumeListQuerySchema,
  "request/servers.create": createSchema,
  "request/servers.update": updateSchema,
  "query/console_auth_tokens.show": tokenQuerySchema,
  "request/server_external_events.create": externalEventsSchema,
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

async function readFixture(fixture: string): Promise<Fixture> {
  const file = new URL(`../../fixtures/nova/schemas/${fixture}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(file));
}

/** The microversions at which there is something to compare. */
function minorsOf(fixture: string): readonly Minor[] {
  const [first, last] = RANGES[fixture] ?? [MIN_MINOR, MAX_MINOR];
  return everyMinor.filter((minor) => first <= minor && minor <= last);
}

for (const [fixture, ours] of Object.entries(SCHEMAS)) {
  const minors = minorsOf(fixture);
  const range = `2.${minors[0]} to 2.${minors.at(-1)}`;
  Deno.test(`the schema of ${fixture} is Nova's from ${range}`, async () => {
    const { versions } = await readFixture(fixture);
    for (const minor of minors) {
      const nova = versions.find(({ min, max }) =>
        minorOf(min, MIN_MINOR) <= minor && minor <= minorOf(max, MAX_MINOR)
      );
      // Nova declares nothing for an unlock from 2.73 on, and so takes anything.
      const expected = nova?.schema ?? {};
      assertEquals(typeof ours === "function" ? ours(minor) : ours, expected, `at 2.${minor}`);
    }
  });
}

Deno.test("every schema of Nova's is compared, unless it allows everything", async () => {
  const folder = new URL("../../fixtures/nova/schemas/", import.meta.url);
  const open: string[] = [];
  for (const kind of ["request", "query"]) {
    for (const { name } of Deno.readDirSync(new URL(`${kind}/`, folder))) {
      const fixture = fixtureOf(`${kind}/${name}`);
      const { versions } = await readFixture(fixture);
      const isOpen = versions.every(({ schema }) => allowsEverything(schema));
      if (!(fixture in SCHEMAS) && !isOpen) open.push(fixture);
    }
  }
  assertEquals(open, []);
});

function allowsEverything({ type = "object", properties = {}, ...rest }: JsonSchema): boolean {
  const { additionalProperties = true, ...more } = rest;
  return type === "object" && additionalProperties === true &&
    Object.keys(properties).length + Object.keys(more).length === 0;
}

Deno.test("a range of microversions shares one schema, which is compiled once", () => {
  for (const [fixture, ours] of Object.entries(SCHEMAS)) {
    if (typeof ours !== "function") continue;
    for (const minor of minorsOf(fixture)) assertStrictEquals(ours(minor), ours(minor));
  }
  assertStrictEquals(createSchema(2), createSchema(18));
  assert(createSchema(18) !== createSchema(19));
  assertEquals(new Set(everyMinor.map(createSchema)).size, 13);
});

Deno.test("every schema compiles, at every microversion", () => {
  for (const [fixture, ours] of Object.entries(SCHEMAS)) {
    for (const minor of minorsOf(fixture)) {
      const schema = typeof ours === "function" ? ours(minor) : ours;
      bodyProblem(schema, {});
    }
  }
});
