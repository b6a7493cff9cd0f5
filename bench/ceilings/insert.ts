/**
 * A server that writes one row for each request, durably, and nothing else: arguments are the
 * answer's file (`Sample`), the database's path, and the length of the JSON in a row.
 *
 * All requests that wait share one transaction and one sync, as in `src/eventsourcing/committer.ts`.
 */
import Database from "better-sqlite3";
import { answerOf, serve } from "./serve.ts";

const [answerPath, databasePath, length] = Deno.args as [string, string, string];
const { body, init } = await answerOf(answerPath);
const db = new Database(databasePath);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.prepare("create table log (position integer primary key, data text not null)").run();
const insert = db.prepare("insert into log (data) values (?)");
const begin = db.prepare("begin immediate");
const commit = db.prepare("commit");

let waiting: { readonly data: string; readonly done: () => void }[] = [];

function append(data: string): Promise<void> {
  return new Promise((done) => {
    waiting.push({ data, done });
    if (waiting.length === 1) setImmediate(writeAll);
  });
}

function writeAll(): void {
  const batch = waiting;
  waiting = [];
  begin.run();
  for (const { data } of batch) insert.run(data);
  commit.run();
  for (const { done } of batch) done();
}

serve(async (request) => {
  const asked = await request.text();
  await append(JSON.stringify({ asked }).padEnd(Number(length)));
  return new Response(body, init);
});
