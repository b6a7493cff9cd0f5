/** Security groups and their rules as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import { Tally } from "../../../store/tally.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import {
  defaultGroupId,
  ensureDefaultGroup,
  evolve,
  NO_SECURITY_GROUP,
  type SecurityGroup,
  type SecurityGroupEvent,
  type SecurityGroupRule,
} from "./decider.ts";

interface GroupColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  stateful: 0 | 1;
  tags: string;
}

/** A rule with what it needs to be shown alone; `version` is always 1, for rules never change. */
interface RuleRow extends StateColumns {
  security_group_id: string;
  project_id: string;
  description: string;
  direction: string;
  ethertype: string;
  protocol: string;
  port_range_min: number;
  port_range_max: number;
  remote_ip_prefix: string;
  remote_group_id: string;
  remote_address_group_id: string;
  created_at: string;
}

/** The state of a rule's row. */
export interface RuleOfGroup extends SecurityGroupRule {
  readonly securityGroupId: string;
  readonly projectId: string;
}

export interface SecurityGroupTables {
  security_groups: StateColumns & GroupColumns;
  security_group_rules: RuleRow;
}

/** How many groups a project has. */
export const securityGroupCounts = new ProjectCounts("security_group_counts");

/** How many rules a project has, in all its groups. */
export const securityGroupRuleCounts = new Tally("security_group_rule_counts", ["count"]);

/** Groups: stream `security_group-<id>`, tables `security_groups`, `security_group_rules` and counts. */
export const securityGroups: Aggregate<SecurityGroup, SecurityGroupEvent> = {
  category: "security_group",
  eventTypes: {
    SecurityGroupCreated: [],
    SecurityGroupUpdated: [],
    SecurityGroupRuleAdded: [],
    SecurityGroupRuleRemoved: [],
    SecurityGroupDeleted: [],
  },
  initialState: NO_SECURITY_GROUP,
  evolve,
  projection: stateTable<SecurityGroup, GroupColumns>({
    name: "security_groups",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      stateful: "integer",
      tags: "text",
    },
    indexes: [
      {
        name: "security_groups_live_by_project",
        columns: ["project_id", "name"],
        where: "live = 1",
      },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      stateful: state.isStateful ? 1 : 0,
      tags: joinTags(state.tags),
    }),
    also: {
      tables: [
        "security_group_rules",
        securityGroupCounts.tally.table,
        securityGroupRuleCounts.table,
      ],
      async create(tx) {
        await createRules(tx);
        await securityGroupCounts.tally.create(tx);
        await securityGroupRuleCounts.create(tx);
      },
      async write(tx, before, after) {
        await writeRules(tx, before, after);
        await securityGroupCounts.write(tx, before, after);
        await securityGroupRuleCounts.add(tx, after.state.projectId, {
          count: after.state.rules.length - before.state.rules.length,
        });
      },
    },
  }),
};

/** A range without an end is told apart from port 0. */
const NO_PORT_NUMBER = -1;

async function createRules(tx: Writer): Promise<void> {
  await tx.execute((db) =>
    db.schema.createTable("security_group_rules")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("version", "integer", (column) => column.notNull())
      .addColumn("security_group_id", "text", (column) => column.notNull())
      .addColumn("project_id", "text", (column) => column.notNull())
      .addColumn("description", "text", (column) => column.notNull())
      .addColumn("direction", "text", (column) => column.notNull())
      .addColumn("ethertype", "text", (column) => column.notNull())
      .addColumn("protocol", "text", (column) => column.notNull())
      .addColumn("port_range_min", "integer", (column) => column.notNull())
      .addColumn("port_range_max", "integer", (column) => column.notNull())
      .addColumn("remote_ip_prefix", "text", (column) => column.notNull())
      .addColumn("remote_group_id", "text", (column) => column.notNull())
      .addColumn("remote_address_group_id", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
  );
  for (
    const column of [
      "security_group_id",
      "project_id",
      "remote_group_id",
      "remote_address_group_id",
    ]
  ) {
    await tx.execute((db) =>
      db.schema.createIndex(`security_group_rules_by_${column}`).on("security_group_rules")
        .column(column)
    );
  }
}

const queries = queriesOn<SecurityGroupTables>();

const dropRule = queries.prepare<{ id: string }, unknown>((db, p) =>
  db.deleteFrom("security_group_rules").where("id", "=", p("id"))
);

const putRule = queries.prepare<RuleRow, unknown>((db, p) =>
  db.insertInto("security_group_rules").values({
    id: p("id"),
    version: p("version"),
    security_group_id: p("security_group_id"),
    project_id: p("project_id"),
    description: p("description"),
    direction: p("direction"),
    ethertype: p("ethertype"),
    protocol: p("protocol"),
    port_range_min: p("port_range_min"),
    port_range_max: p("port_range_max"),
    remote_ip_prefix: p("remote_ip_prefix"),
    remote_group_id: p("remote_group_id"),
    remote_address_group_id: p("remote_address_group_id"),
    created_at: p("created_at"),
    state: p("state"),
  })
);

async function writeRules(
  tx: Writer,
  { state: before }: Versioned<SecurityGroup>,
  { id: groupId, state: after }: Versioned<SecurityGroup>,
): Promise<void> {
  const kept = new Set(after.rules.map(({ id }) => id));
  for (const { id } of before.rules) if (!kept.has(id)) await tx.run(dropRule, { id });
  const known = new Set(before.rules.map(({ id }) => id));
  for (const rule of after.rules) {
    if (!known.has(rule.id)) await tx.run(putRule, ruleRow(rule, groupId, after.projectId));
  }
}

function ruleRow(rule: SecurityGroupRule, securityGroupId: string, projectId: string): RuleRow {
  const state: RuleOfGroup = { ...rule, securityGroupId, projectId };
  return {
    id: rule.id,
    version: 1,
    security_group_id: securityGroupId,
    project_id: projectId,
    description: rule.description,
    direction: rule.direction,
    ethertype: rule.ethertype,
    protocol: rule.protocol ?? "",
    port_range_min: rule.portRangeMin ?? NO_PORT_NUMBER,
    port_range_max: rule.portRangeMax ?? NO_PORT_NUMBER,
    remote_ip_prefix: rule.remoteIpPrefix ?? "",
    remote_group_id: rule.remoteGroupId ?? "",
    remote_address_group_id: rule.remoteAddressGroupId ?? "",
    created_at: rule.createdAt,
    state: JSON.stringify(state),
  };
}

/** One group; undefined when there is none of this id. */
export async function findSecurityGroup(
  reader: Reader,
  id: string,
): Promise<Versioned<SecurityGroup> | undefined> {
  const found = await securityGroups.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

const ofProject = queries.prepare<{ projectId: string }, { id: string; name: string }>((db, p) =>
  db.selectFrom("security_groups").select(["id", "name"])
    .where("project_id", "=", p("projectId")).where("live", "=", LIVE).orderBy("number")
);

/** The names of a project's groups, in the order in which they were made. */
export function groupsOfProject(
  reader: Reader,
  projectId: string,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return reader.all(ofProject, { projectId });
}

const member = queriesOn<{ port_security_groups: { security_group_id: string } }>()
  .prepare<{ id: string }, { security_group_id: string }>((db, p) =>
    db.selectFrom("port_security_groups").select("security_group_id")
      .where("security_group_id", "=", p("id")).limit(1)
  );

/** Whether ports are in a group. */
export async function hasMembers(reader: Reader, id: string): Promise<boolean> {
  return await reader.get(member, { id }) !== undefined;
}

const naming = queries.prepare<{ addressGroupId: string }, { id: string }>((db, p) =>
  db.selectFrom("security_group_rules").select("id")
    .where("remote_address_group_id", "=", p("addressGroupId")).limit(1)
);

/** Whether rules name an address group. */
export async function isNamedInRules(reader: Reader, addressGroupId: string): Promise<boolean> {
  return await reader.get(naming, { addressGroupId }) !== undefined;
}

/** Makes sure, within a transaction, that a project has its default group; gives its id. */
export async function withDefaultGroup(unit: UnitOfWork, projectId: string): Promise<string> {
  const group = await unit.load(securityGroups, defaultGroupId(projectId));
  const decision = ensureDefaultGroup(projectId, group.state);
  if (!isRejection(decision)) await unit.append(securityGroups, group, decision);
  return group.id;
}
