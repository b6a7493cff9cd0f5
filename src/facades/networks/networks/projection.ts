/** Networks as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { inBatches, LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow, ProjectCounts } from "../lifetime.ts";
import { joinTags } from "../tags.ts";
import { evolve, type Network, type NetworkEvent, NO_NETWORK } from "./decider.ts";
import type { Provider } from "./provider.ts";

interface NetworkColumns extends LifetimeColumns {
  name: string;
  description: string;
  project_id: string;
  admin_state_up: 0 | 1;
  shared: 0 | 1;
  external: 0 | 1;
  port_security_enabled: 0 | 1;
  mtu: number;
  tags: string;
  provider_type: string;
  physical_network: string;
  /** 0: none. */
  segmentation_id: number;
  is_default: 0 | 1;
  qos_policy_id: string;
}

export interface NetworkTables {
  networks: StateColumns & NetworkColumns;
}

/** How many networks a project has. */
export const networkCounts = new ProjectCounts("network_counts");

/** Networks: stream `network-<id>`, tables `networks` and `network_counts`. */
export const networks: Aggregate<Network, NetworkEvent> = {
  category: "network",
  eventTypes: {
    NetworkCreated: [],
    NetworkUpdated: [],
    NetworkDeleted: [],
  },
  initialState: NO_NETWORK,
  evolve,
  projection: stateTable<Network, NetworkColumns>({
    name: "networks",
    version: 2,
    columns: {
      ...LIFETIME_COLUMNS,
      name: "nocase",
      description: "nocase",
      project_id: "text",
      admin_state_up: "integer",
      shared: "integer",
      external: "integer",
      port_security_enabled: "integer",
      mtu: "integer",
      tags: "text",
      provider_type: "text",
      physical_network: "text",
      segmentation_id: "integer",
      is_default: "integer",
      qos_policy_id: "text",
    },
    indexes: [
      { name: "networks_live_by_project", columns: ["project_id"], where: "live = 1" },
      { name: "networks_live_by_name", columns: ["name"], where: "live = 1" },
      { name: "networks_shared", columns: ["id"], where: "live = 1 and shared = 1" },
      { name: "networks_external", columns: ["id"], where: "live = 1 and external = 1" },
      {
        name: "networks_live_by_segment",
        columns: ["provider_type", "physical_network", "segmentation_id"],
        where: "live = 1",
      },
      {
        name: "networks_live_by_qos_policy",
        columns: ["qos_policy_id"],
        where: "live = 1 and qos_policy_id <> ''",
      },
      { name: "networks_default", columns: ["id"], where: "live = 1 and is_default = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      name: state.name,
      description: state.description,
      project_id: state.projectId,
      admin_state_up: state.adminStateUp ? 1 : 0,
      shared: state.isShared ? 1 : 0,
      external: state.isExternal ? 1 : 0,
      port_security_enabled: state.portSecurityEnabled ? 1 : 0,
      mtu: state.mtu,
      tags: joinTags(state.tags),
      provider_type: state.provider.type,
      physical_network: state.provider.physicalNetwork ?? "",
      segmentation_id: state.provider.segmentationId ?? 0,
      is_default: state.isDefault ? 1 : 0,
      qos_policy_id: state.qosPolicyId ?? "",
    }),
    also: {
      tables: [networkCounts.tally.table],
      create: (tx) => networkCounts.tally.create(tx),
      write: (tx, before, after) => networkCounts.write(tx, before, after),
    },
  }),
};

/** One network; undefined when there is none of this id. */
export async function findNetwork(
  reader: Reader,
  id: string,
): Promise<Versioned<Network> | undefined> {
  const found = await networks.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}

interface PolicyTables extends NetworkTables {
  rbac_policies: {
    object_id: string;
    object_type: string;
    action: string;
    target: string;
    live: 0 | 1;
  };
}

const usableBy = queriesOn<PolicyTables>()
  .prepare<{ projectId: string }, { id: string; name: string }>((db, p) =>
    db.selectFrom("networks").select(["id", "name"])
      .where("live", "=", LIVE)
      .where((eb) =>
        eb.or([
          eb("project_id", "=", p("projectId")),
          eb("shared", "=", 1),
          eb(
            "id",
            "in",
            eb.selectFrom("rbac_policies").select("object_id")
              .where("live", "=", LIVE).where("object_type", "=", "network")
              .where("action", "=", "access_as_shared")
              .where((target) =>
                target.or([
                  target("target", "=", "*"),
                  target("target", "=", p("projectId")),
                ])
              ),
          ),
        ])
      )
      .orderBy("number")
  );

/** Networks that servers of a project may be put on, in the order in which they were made. */
export function networksUsableBy(
  reader: Reader,
  projectId: string,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return reader.all(usableBy, { projectId });
}

type Wires = Readonly<{ type: string; physicalNetwork: string }>;

const ofSegment = queriesOn<NetworkTables>()
  .prepare<Wires & { readonly segmentationId: number }, { id: string }>((db, p) =>
    db.selectFrom("networks").select("id")
      .where("live", "=", LIVE)
      .where("provider_type", "=", p("type"))
      .where("physical_network", "=", p("physicalNetwork"))
      .where("segmentation_id", "=", p("segmentationId"))
      .limit(1)
  );

/** Whether a network has this segment. */
export async function isSegmentTaken(reader: Reader, provider: Provider): Promise<boolean> {
  const { type, physicalNetwork, segmentationId } = provider;
  const segment = {
    type,
    physicalNetwork: physicalNetwork ?? "",
    segmentationId: segmentationId ?? 0,
  };
  return (await reader.all(ofSegment, segment)).length > 0;
}

const behindSegment = queriesOn<NetworkTables>()
  .prepare<Wires, { segmentation_id: number }>((db, p) =>
    db.selectFrom("networks as one").select("one.segmentation_id")
      .where("one.live", "=", LIVE)
      .where("one.provider_type", "=", p("type"))
      .where("one.physical_network", "=", p("physicalNetwork"))
      .where((eb) =>
        eb.not(eb.exists(
          eb.selectFrom("networks as next").select("next.id")
            .where("next.live", "=", LIVE)
            .whereRef("next.provider_type", "=", "one.provider_type")
            .whereRef("next.physical_network", "=", "one.physical_network")
            .where("next.segmentation_id", "=", eb("one.segmentation_id", "+", 1)),
        ))
      )
      .orderBy("one.segmentation_id").limit(1)
  );

/** The lowest segmentation id that no network on the same wires has. */
export async function lowestFreeSegment(reader: Reader, provider: Provider): Promise<number> {
  if (!await isSegmentTaken(reader, { ...provider, segmentationId: 1 })) return 1;
  const wires = { type: provider.type, physicalNetwork: provider.physicalNetwork ?? "" };
  const [last] = await reader.all(behindSegment, wires);
  return last!.segmentation_id + 1;
}

const defaultOne = queriesOn<NetworkTables>()
  .prepare<Record<never, never>, { id: string }>((db) =>
    db.selectFrom("networks").select("id").where("live", "=", LIVE).where("is_default", "=", 1)
  );

/** The external network that is the default, if any. */
export async function defaultNetworkId(reader: Reader): Promise<string | undefined> {
  return (await reader.all(defaultOne, {}))[0]?.id;
}

/** The QoS policies of several networks; those that have none are left out. */
export async function qosPoliciesOf(
  reader: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await inBatches(
    [...new Set(networkIds)],
    (batch) =>
      reader.select<NetworkTables, { id: string; qos_policy_id: string }>((db) =>
        db.selectFrom("networks").select(["id", "qos_policy_id"])
          .where("id", "in", batch).where("qos_policy_id", "!=", "")
      ),
  );
  return new Map(rows.map(({ id, qos_policy_id }) => [id, qos_policy_id]));
}
