/** Faults as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../store/query.ts";
import { evolve, type Fault, type FaultEvent, NO_FAULT } from "./decider.ts";

interface FaultColumns {
  number: number;
  /** 1 until it is lifted. */
  live: 0 | 1;
}

/** Faults: stream `fault-<id>`, table `faults`. */
export const faults: Aggregate<Fault, FaultEvent> = {
  category: "fault",
  eventTypes: { FaultAdded: [], FaultStruck: [], FaultLifted: [] },
  initialState: NO_FAULT,
  evolve,
  projection: stateTable<Fault, FaultColumns>({
    name: "faults",
    version: 1,
    columns: { number: "integer", live: "integer" },
    indexes: [{ name: "faults_live", columns: ["number"], where: "live = 1" }],
    row: ({ state }) => ({ number: state.number, live: state.exists ? 1 : 0 }),
  }),
};

const live = queriesOn<{ faults: StateColumns & FaultColumns }>()
  .prepare<Record<never, never>, StateColumns>((db) =>
    db.selectFrom("faults").select(["id", "version", "state"]).where("live", "=", 1)
      .orderBy("number")
  );

/** Every fault that was not lifted, in the order in which they were added. */
export async function listFaults(reader: Reader): Promise<readonly Versioned<Fault>[]> {
  const rows = await reader.all(live, {});
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) as Fault }));
}

/** One fault; undefined when there is none of this id. */
export async function findFault(
  reader: Reader,
  id: string,
): Promise<Versioned<Fault> | undefined> {
  const found = await faults.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
