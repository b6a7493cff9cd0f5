/** QoS specs as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { LIVE } from "../../collections.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { evolve, NO_QOS_SPECS, type QosSpecs, type QosSpecsEvent } from "./decider.ts";

interface QosColumns extends LifetimeColumns {
  name: string;
}

interface QosTables {
  volume_qos_specs: StateColumns & QosColumns;
}

/** QoS specs: stream `volume_qos_specs-<id>`, table `volume_qos_specs`. */
export const qosSpecs: Aggregate<QosSpecs, QosSpecsEvent> = {
  category: "volume_qos_specs",
  eventTypes: { VolumeQosSpecsCreated: [], VolumeQosSpecsChanged: [], VolumeQosSpecsDeleted: [] },
  initialState: NO_QOS_SPECS,
  evolve,
  projection: stateTable<QosSpecs, QosColumns>({
    name: "volume_qos_specs",
    version: 1,
    columns: { ...LIFETIME_COLUMNS, name: "text" },
    indexes: [
      { name: "volume_qos_specs_live", columns: ["name"], where: "live = 1", unique: true },
    ],
    row: ({ state }) => ({ ...lifetimeRow(state), name: state.name }),
  }),
};

const queries = queriesOn<QosTables>();

const byName = queries.prepare<{ name: string }, { id: string }>((db, p) =>
  db.selectFrom("volume_qos_specs").select("id").where("name", "=", p("name"))
    .where("live", "=", LIVE)
);

/** Whether some have the name. */
export async function isQosNameTaken(reader: Reader, name: string): Promise<boolean> {
  return await reader.get(byName, { name }) !== undefined;
}

const allLive = queries.prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("volume_qos_specs").select(["id", "version", "state"]).where("live", "=", LIVE)
    .orderBy("number", "desc")
);

/** All of them, the newest first: there are few. */
export async function allQosSpecs(reader: Reader): Promise<readonly Versioned<QosSpecs>[]> {
  const rows = await reader.all(allLive, {});
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}

/** Those of an id. */
export async function findQosSpecs(
  reader: Reader,
  id: string,
): Promise<Versioned<QosSpecs> | undefined> {
  const found = await qosSpecs.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
