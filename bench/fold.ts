/** Folds every event of a data folder's log and writes no table; prints how many in a second. */
import { AGGREGATES, UPCASTERS } from "../src/aggregates.ts";
import type { AnyAggregate } from "../src/eventsourcing/aggregate.ts";
import { replay } from "../src/eventsourcing/projector.ts";
import { logPathIn } from "../src/store/data_folder.ts";
import { SqliteSnapshot } from "../src/store/sqlite_snapshot.ts";

const snapshot = new SqliteSnapshot(logPathIn(Deno.args[0]!), UPCASTERS);
const { position: events } = await snapshot.head();
const began = performance.now();
await replay(snapshot, AGGREGATES.map(withoutTables), snapshot.rebuilt);
console.log(events / (performance.now() - began) * 1000);
snapshot.close();

function withoutTables(aggregate: AnyAggregate): AnyAggregate {
  const { projection } = aggregate;
  const nothing = () => Promise.resolve(undefined);
  return { ...aggregate, projection: { ...projection, load: nothing, write: nothing } };
}
