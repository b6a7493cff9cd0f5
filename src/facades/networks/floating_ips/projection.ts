/** Floating IPs as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import { evolve, type FloatingIp, type FloatingIpEvent, NO_FLOATING_IP } from "./decider.ts";

interface FloatingIpColumns extends LifetimeColumns {
  description: string;
  project_id: string;
  floating_network_id: string;
  floating_ip_address: string;
  port_id: string;
  fixed_ip_address: string;
  router_id: string;
  status: string;
  qos_policy_id: string;
  tags: string;
}

interface FloatingIpTables {
  floating_ips: StateColumns & FloatingIpColumns;
}

/** How many floating IPs a project has. */
export const floatingIpCounts = new ProjectCounts("floating_ip_counts");

/** Floating IPs: stream `floating_ip-<id>`, tables `floating_ips` and `floating_ip_counts`. */
export const floatingIps: Aggregate<FloatingIp, FloatingIpEvent> = {
  category: "floating_ip",
  eventTypes: {
    FloatingIpCreated: [],
    FloatingIpUpdated: [],
    FloatingIpAssociated: [],
    FloatingIpDisassociated: [],
    FloatingIpDeleted: [],
  },
  initialState: NO_FLOATING_IP,
  evolve,
  projection: stateTable<FloatingIp, FloatingIpColumns>({
    name: "floating_ips",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      description: "nocase",
      project_id: "text",
      floating_network_id: "text",
      floating_ip_address: "text",
      port_id: "text",
      fixed_ip_address: "text",
      router_id: "text",
      status: "text",
      qos_policy_id: "text",
      tags: "text",
    },
    indexes: [
      { name: "floating_ips_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "floating_ips_live_by_port", columns: ["port_id"], where: "live = 1" },
      {
        name: "floating_ips_live_by_qos_policy",
        columns: ["qos_policy_id"],
        where: "live = 1 and qos_policy_id <> ''",
      },
      { name: "floating_ips_live_by_router", columns: ["router_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      description: state.description,
      project_id: state.projectId,
      floating_network_id: state.floatingNetworkId,
      floating_ip_address: state.address,
      port_id: state.association?.portId ?? "",
      fixed_ip_address: state.association?.fixedIp ?? "",
      router_id: state.association?.routerId ?? "",
      status: statusOf(state),
      qos_policy_id: state.qosPolicyId ?? "",
      tags: joinTags(state.tags),
    }),
    also: {
      tables: [floatingIpCounts.tally.table],
      create: (tx) => floatingIpCounts.tally.create(tx),
      write: (tx, before, after) => floatingIpCounts.write(tx, before, after),
    },
  }),
};

/** Neutron's word for whether a floating IP leads anywhere. */
export function statusOf({ association }: FloatingIp): "ACTIVE" | "DOWN" {
  return association ? "ACTIVE" : "DOWN";
}

const queries = queriesOn<FloatingIpTables>();

const ofPort = queries.prepare<{ portId: string }, StateColumns>((db, p) =>
  db.selectFrom("floating_ips").select(["id", "version", "state"])
    .where("port_id", "=", p("portId")).where("live", "=", LIVE).orderBy("number")
);

/** The floating IPs that lead to a port. */
export async function floatingIpsOfPort(
  reader: Reader,
  portId: string,
): Promise<readonly Versioned<FloatingIp>[]> {
  return (await reader.all(ofPort, { portId })).map(stateOf);
}

const ofRouter = queries.prepare<{ routerId: string }, StateColumns>((db, p) =>
  db.selectFrom("floating_ips").select(["id", "version", "state"])
    .where("router_id", "=", p("routerId")).where("live", "=", LIVE).orderBy("number")
);

/** The floating IPs that lead through a router. */
export async function floatingIpsOfRouter(
  reader: Reader,
  routerId: string,
): Promise<readonly Versioned<FloatingIp>[]> {
  return (await reader.all(ofRouter, { routerId })).map(stateOf);
}

function stateOf({ id, version, state }: StateColumns): Versioned<FloatingIp> {
  return { id, version, state: JSON.parse(state) };
}
