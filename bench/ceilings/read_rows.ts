/** Reads every event of a data folder's log and parses its data; prints how many in a second. */
import Database from "better-sqlite3";
import { logPathIn } from "../../src/store/data_folder.ts";

const PAGE = 5000;

const db = new Database(logPathIn(Deno.args[0]!), { readonly: true });
const page = db.prepare("select * from events where position > ? order by position limit ?");
const began = performance.now();
let events = 0;
for (let after = 0;;) {
  const rows = page.all(after, PAGE) as { position: number; data: string }[];
  for (const row of rows) JSON.parse(row.data);
  events += rows.length;
  if (rows.length < PAGE) break;
  after = rows.at(-1)!.position;
}
console.log(events / (performance.now() - began) * 1000);
db.close();
