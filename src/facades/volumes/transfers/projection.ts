/** Transfers as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { LIFETIME_COLUMNS, type LifetimeColumns, lifetimeRow } from "../lifetime.ts";
import { evolve, NO_TRANSFER, type Transfer, type TransferEvent } from "./decider.ts";

/** Column names are Cinder's, so that filters and sort keys can name them. */
interface TransferColumns extends LifetimeColumns {
  project_id: string;
  volume_id: string;
  name: string;
}

/** Transfers: stream `volume_transfer-<id>`, table `volume_transfers`. */
export const transfers: Aggregate<Transfer, TransferEvent> = {
  category: "volume_transfer",
  eventTypes: {
    VolumeTransferCreated: [],
    VolumeTransferAccepted: [],
    VolumeTransferDeleted: [],
  },
  initialState: NO_TRANSFER,
  evolve,
  projection: stateTable<Transfer, TransferColumns>({
    name: "volume_transfers",
    version: 1,
    columns: { ...LIFETIME_COLUMNS, project_id: "text", volume_id: "text", name: "text" },
    indexes: [
      { name: "volume_transfers_live_by_project", columns: ["project_id"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      ...lifetimeRow(state),
      project_id: state.projectId,
      volume_id: state.volumeId,
      name: state.name ?? "",
    }),
  }),
};

/** One transfer that waits to be accepted; undefined when there is none of this id. */
export async function findTransfer(
  reader: Reader,
  id: string,
): Promise<Versioned<Transfer> | undefined> {
  const found = await transfers.projection.load(reader, id);
  return found?.state.exists ? found : undefined;
}
