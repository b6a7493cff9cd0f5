import { join } from "node:path";
import { logPathIn } from "../../src/store/data_folder.ts";
import { SqliteSnapshot } from "../../src/store/sqlite_snapshot.ts";
import type { Bench, Compared, Row } from "../bench.ts";
import { startCeiling, startOurs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

const CONNECTIONS = 32;

/** Nothing is built behind the answers: the first server keeps the only place for a day. */
const HELD_BACK = ["--step-concurrency", "1", "--simulated-disks-ms", String(24 * 3600 * 1000)];

/** POST of servers by 32 callers at once, each answered when it is on the disk. */
export const create: Row = {
  name: "create",
  about: "POST servers, 32 callers, against one durable insert for each behind a Deno.serve",
  async measure(bench) {
    const goal = { atLeast: 0.5 };
    const building = await compareCreates(bench, "create", []);
    await bench.endRow();
    const heldBack = await compareCreates(bench, "create-held-back", HELD_BACK);
    return [
      { work: "POST servers, 32 callers, builds going on", unit: "requests/s", ...building, goal },
      { work: "POST servers, 32 callers, builds held back", unit: "requests/s", ...heldBack },
    ];
  },
};

async function compareCreates(
  bench: Bench,
  name: string,
  flags: readonly string[],
): Promise<Compared> {
  const folder = await bench.folder(0, name);
  const ours = await startOurs(folder, ...flags);
  const client = await Client.of(ours.port, PASSWORD);
  const body = await client.bootBody();
  const sample = await client.ask("POST", "/v2.1/servers", body);
  const ceiling = await startCeiling("insert.ts", {
    sample,
    scratch: bench.scratch,
    args: [join(bench.scratch, `${name}.db`), String(await createdLength(folder))],
  });
  const requests = [client.request("POST", "/v2.1/servers", body)];
  return await bench.compareLoad(ours, ceiling, { requests, connections: CONNECTIONS });
}

/** Length of the JSON that a create leaves in the log, from the first one there. */
async function createdLength(folder: string): Promise<number> {
  const snapshot = new SqliteSnapshot(logPathIn(folder));
  try {
    const rows = await snapshot.rows({ after: 0, upTo: Number.MAX_SAFE_INTEGER, limit: 1000 });
    const created = rows.find(({ type }) => type === "ServerCreated")!;
    return created.data.length + created.metadata.length;
  } finally {
    snapshot.close();
  }
}
