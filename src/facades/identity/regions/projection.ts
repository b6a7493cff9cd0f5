/** Regions of the catalog as rows. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import { versionedOf } from "../rows.ts";
import { evolve, NO_REGION, type Region, type RegionEvent } from "./decider.ts";

interface RegionColumns {
  parent_region_id: string | null;
}

interface RegionTables {
  regions: StateColumns & RegionColumns;
}

/** Regions: stream `region-<id>`, table `regions`. */
export const regions: Aggregate<Region, RegionEvent> = {
  category: "region",
  eventTypes: {
    RegionCreated: [],
    RegionUpdated: [],
    RegionDeleted: [],
  },
  initialState: NO_REGION,
  evolve,
  projection: stateTable<Region, RegionColumns>({
    name: "regions",
    version: 1,
    columns: { parent_region_id: "text" },
    row: ({ state }) => ({ parent_region_id: state.parentRegionId }),
  }),
};

const all = queriesOn<RegionTables>().prepare<Record<never, never>, StateColumns>((db) =>
  db.selectFrom("regions").select(["id", "version", "state"]).orderBy("id")
);

/** Every region that something was done to, deleted ones too: there are few. */
export async function regionRows(reader: Reader): Promise<readonly Versioned<Region>[]> {
  return (await reader.all(all, {})).map((row) => versionedOf<Region>(row));
}
