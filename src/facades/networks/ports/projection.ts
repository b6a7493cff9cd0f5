/** Ports as rows, the addresses they have, and the queries behind their GETs. */
import { INTERFACE_OWNERS } from "../routers/decider.ts";
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader, type Writer } from "../../../store/query.ts";
import { inBatches, LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import {
  ADDRESS_TABLES,
  type AddressTables,
  createAddressTables,
  giveBackAddresses,
  takeAddresses,
} from "./address_tables.ts";
import { evolve, NO_PORT, type Port, type PortEvent } from "./decider.ts";

interface PortColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  network_id: string;
  mac_address: string;
  admin_state_up: 0 | 1;
  status: string;
  device_id: string;
  device_owner: string;
  host: string;
  vnic_type: string;
  port_security_enabled: 0 | 1;
  qos_policy_id: string;
  tags: string;
}

export interface PortTables extends AddressTables {
  ports: StateColumns & PortColumns;
  port_security_groups: { security_group_id: string; port_id: string };
}

/** How many ports a project has. */
export const portCounts = new ProjectCounts("port_counts");

/** Ports: stream `port-<id>`; tables `port_counts`, `ports`, `port_security_groups` and those of addresses. */
export const ports: Aggregate<Port, PortEvent> = {
  category: "port",
  eventTypes: {
    PortCreated: [],
    PortUpdated: [],
    PortBound: [],
    PortUnbound: [],
    PortDeleted: [],
  },
  initialState: NO_PORT,
  evolve,
  projection: stateTable<Port, PortColumns>({
    name: "ports",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      network_id: "text",
      mac_address: "text",
      admin_state_up: "integer",
      status: "text",
      device_id: "text",
      device_owner: "text",
      host: "text",
      vnic_type: "text",
      port_security_enabled: "integer",
      qos_policy_id: "text",
      tags: "text",
    },
    indexes: [
      { name: "ports_live_by_project", columns: ["project_id"], where: "live = 1" },
      {
        name: "ports_live_by_network",
        columns: ["network_id", "device_owner"],
        where: "live = 1",
      },
      { name: "ports_live_by_device", columns: ["device_id", "number"], where: "live = 1" },
      { name: "ports_live_by_mac", columns: ["mac_address"], where: "live = 1" },
      {
        name: "ports_live_by_qos_policy",
        columns: ["qos_policy_id"],
        where: "live = 1 and qos_policy_id <> ''",
      },
      { name: "ports_live_by_name", columns: ["name"], where: "live = 1" },
    ],
    row: rowOf,
    also: {
      tables: [portCounts.tally.table, "port_security_groups", ...ADDRESS_TABLES],
      create: createOtherTables,
      write: writeOtherTables,
    },
  }),
};

function rowOf({ state: port }: Versioned<Port>): PortColumns {
  return {
    ...lifetimeRow(port),
    name: port.name,
    description: port.description,
    project_id: port.projectId,
    network_id: port.networkId,
    mac_address: port.macAddress,
    admin_state_up: port.adminStateUp ? 1 : 0,
    status: statusOf(port),
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    host: port.host,
    vnic_type: port.vnicType,
    port_security_enabled: port.portSecurityEnabled ? 1 : 0,
    qos_policy_id: port.qosPolicyId ?? "",
    tags: joinTags(port.tags),
  };
}

/** Neutron's word for whether traffic flows: a port is up where its device is. */
export function statusOf(port: Port): "ACTIVE" | "DOWN" {
  const isWired = port.host !== "" || port.deviceOwner.startsWith("network:");
  return port.adminStateUp && isWired ? "ACTIVE" : "DOWN";
}

async function createOtherTables(tx: Writer): Promise<void> {
  await portCounts.tally.create(tx);
  await tx.execute((db) =>
    db.schema.createTable("port_security_groups")
      .addColumn("security_group_id", "text", (column) => column.notNull())
      .addColumn("port_id", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("port_security_groups_key", ["security_group_id", "port_id"])
  );
  await tx.execute((db) =>
    db.schema.createIndex("port_security_groups_by_port").on("port_security_groups")
      .column("port_id")
  );
  await createAddressTables(tx);
}

const queries = queriesOn<PortTables>();

const leaveGroups = queries.prepare<{ portId: string }, unknown>((db, p) =>
  db.deleteFrom("port_security_groups").where("port_id", "=", p("portId"))
);

const joinGroup = queries.prepare<{ portId: string; groupId: string }, unknown>((db, p) =>
  db.insertInto("port_security_groups")
    .values({ security_group_id: p("groupId"), port_id: p("portId") })
);

async function writeOtherTables(
  tx: Writer,
  before: Versioned<Port>,
  after: Versioned<Port>,
): Promise<void> {
  const { id } = after;
  const [old, now] = [before.state, after.state];
  await portCounts.write(tx, before, after);
  if (old.fixedIps !== now.fixedIps || old.exists !== now.exists) {
    if (old.exists) await giveBackAddresses(tx, id, old.fixedIps);
    if (now.exists) await takeAddresses(tx, id, now.fixedIps);
  }
  if (old.securityGroups !== now.securityGroups || old.exists !== now.exists) {
    if (old.exists) await tx.run(leaveGroups, { portId: id });
    for (const groupId of now.exists ? now.securityGroups : []) {
      await tx.run(joinGroup, { portId: id, groupId });
    }
  }
}

/** One port; undefined when there is none of this id. */
export async function findPort(reader: Reader, id: string): Promise<Versioned<Port> | undefined> {
  const found = await ports.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

/** Ports by id, those that are there, in no order. */
export async function findPorts(
  reader: Reader,
  ids: readonly string[],
): Promise<readonly Versioned<Port>[]> {
  const rows = await inBatches(
    ids,
    (batch) =>
      reader.select<PortTables, StateColumns>((db) =>
        db.selectFrom("ports").select(["id", "version", "state"])
          .where("id", "in", batch).where("live", "=", LIVE)
      ),
  );
  return rows.map(stateOf);
}

function stateOf({ id, version, state }: StateColumns): Versioned<Port> {
  return { id, version, state: JSON.parse(state) };
}

const byDevice = queries.prepare<{ deviceId: string }, StateColumns>((db, p) =>
  db.selectFrom("ports").select(["id", "version", "state"])
    .where("device_id", "=", p("deviceId")).where("live", "=", LIVE).orderBy("number")
);

/** The ports of a device, in the order in which they were made. */
export async function portsOfDevice(
  reader: Reader,
  deviceId: string,
): Promise<readonly Versioned<Port>[]> {
  return (await reader.all(byDevice, { deviceId })).map(stateOf);
}

const onNetwork = queries.prepare<
  { networkId: string; limit: number },
  { id: string; projectId: string; deviceOwner: string }
>((db, p) =>
  db.selectFrom("ports")
    .select(["id", "project_id as projectId", "device_owner as deviceOwner"])
    .where("network_id", "=", p("networkId")).where("live", "=", LIVE).limit(p("limit"))
);

/** Whose ports a network has, and what for; at most `limit`. */
export function portsOnNetwork(
  reader: Reader,
  networkId: string,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<
  readonly { readonly id: string; readonly projectId: string; readonly deviceOwner: string }[]
> {
  return reader.all(onNetwork, { networkId, limit });
}

const routersOn = queries.prepare<
  { networkId: string; subnetId: string },
  { routerId: string; address: string }
>((db, p) =>
  db.selectFrom("ports")
    .innerJoin("fixed_addresses", "fixed_addresses.port_id", "ports.id")
    .select(["ports.device_id as routerId", "fixed_addresses.ip_address as address"])
    .where("ports.network_id", "=", p("networkId"))
    .where("ports.device_owner", "in", INTERFACE_OWNERS)
    .where("ports.live", "=", 1)
    .where("fixed_addresses.subnet_id", "=", p("subnetId"))
    .orderBy("ports.number")
);

/** The routers on a subnet, each with its address there. */
export function routerPortsOn(
  reader: Reader,
  place: { readonly networkId: string; readonly subnetId: string },
): Promise<readonly { readonly routerId: string; readonly address: string }[]> {
  return reader.all(routersOn, place);
}

/** The ports that have one of these addresses, which are in canonical text. */
export function portsWithAddresses(
  reader: Reader,
  addresses: readonly string[],
): Promise<
  readonly {
    readonly networkId: string;
    readonly projectId: string;
    readonly deviceId: string;
    readonly address: string;
  }[]
> {
  return inBatches(
    addresses,
    (batch) =>
      reader.select<PortTables, {
        networkId: string;
        projectId: string;
        deviceId: string;
        address: string;
      }>((db) =>
        db.selectFrom("fixed_addresses")
          .innerJoin("ports", "ports.id", "fixed_addresses.port_id")
          .select([
            "ports.network_id as networkId",
            "ports.project_id as projectId",
            "ports.device_id as deviceId",
            "fixed_addresses.ip_address as address",
          ])
          .where("fixed_addresses.ip_address", "in", batch)
          .where("ports.live", "=", LIVE)
      ),
  );
}

const byMac = queries.prepare<{ macAddress: string }, { network_id: string }>((db, p) =>
  db.selectFrom("ports").select("network_id")
    .where("mac_address", "=", p("macAddress")).where("live", "=", LIVE)
);

/** The networks on which a MAC address is in use. */
export async function networksWithMac(
  reader: Reader,
  macAddress: string,
): Promise<readonly string[]> {
  return (await reader.all(byMac, { macAddress })).map((row) => row.network_id);
}

const inGroup = queries.prepare<{ groupId: string }, StateColumns>((db, p) =>
  db.selectFrom("port_security_groups")
    .innerJoin("ports", "ports.id", "port_security_groups.port_id")
    .select(["ports.id", "ports.version", "ports.state"])
    .where("port_security_groups.security_group_id", "=", p("groupId"))
    .orderBy("ports.number")
);

/** The ports that are in a security group, in the order in which they were made. */
export async function portsInGroup(
  reader: Reader,
  groupId: string,
): Promise<readonly Versioned<Port>[]> {
  return (await reader.all(inGroup, { groupId })).map(stateOf);
}
