/** The last reset as a row. */
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { stateTable } from "../../eventsourcing/state_table.ts";
import type { Reader } from "../../store/query.ts";
import { evolve, NO_RESETS, type ResetEvent, type Resets } from "./decider.ts";

/** The id of the only stream. */
export const RESETS_ID = "resets";

/** Resets: stream `cloud-resets`, table `cloud_resets`. */
export const resets: Aggregate<Resets, ResetEvent> = {
  category: "cloud",
  eventTypes: { CloudReset: [] },
  initialState: NO_RESETS,
  evolve,
  projection: stateTable<Resets, Record<never, never>>({
    name: "cloud_resets",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

/** The last reset, as this log knows of it. */
export async function lastReset(reader: Reader): Promise<Resets> {
  return (await resets.projection.load(reader, RESETS_ID))?.state ?? NO_RESETS;
}
