/** Key pairs as rows, and the queries behind their GETs. */
import { sql } from "kysely";
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../store/query.ts";
import { evolve, exists, type KeyPair, type KeyPairEvent, NO_KEY_PAIR } from "./decider.ts";

interface KeyPairColumns {
  user_id: string;
  name: string;
  /** 1 while there is such a key pair. */
  live: 0 | 1;
}

interface KeyPairTables {
  key_pairs: StateColumns & KeyPairColumns;
}

/** Key pairs: stream `keypair-<user>:<name>`, table `key_pairs`. */
export const keyPairs: Aggregate<KeyPair, KeyPairEvent> = {
  category: "keypair",
  eventTypes: {
    KeyPairCreated: [],
    KeyPairDeleted: [],
  },
  initialState: NO_KEY_PAIR,
  evolve,
  projection: stateTable<KeyPair, KeyPairColumns>({
    name: "key_pairs",
    version: 1,
    columns: { user_id: "text", name: "text", live: "integer" },
    indexes: [
      { name: "key_pairs_by_user", columns: ["user_id", "name"], where: "live = 1" },
    ],
    row: ({ state }) => ({
      user_id: state.userId,
      name: state.name,
      live: exists(state) ? 1 : 0,
    }),
  }),
};

/** The id of a user's key pair of this name. A name has no colon, so no two are alike. */
export function keyPairId(userId: string, name: string): string {
  return `${userId}:${name}`;
}

/** A user's key pair by its name; undefined when there is none. */
export async function findKeyPair(
  reader: Reader,
  userId: string,
  name: string,
): Promise<KeyPair | undefined> {
  const found = await keyPairs.projection.load(reader, keyPairId(userId, name));
  return found && exists(found.state) ? found.state : undefined;
}

const queries = queriesOn<KeyPairTables>();

/** As text, so that the index of those that live is used. */
const isLive = sql<boolean>`live = 1`;

const ownedBy = queries.prepare<{ user_id: string }, { count: number }>((db, p) =>
  db.selectFrom("key_pairs").select((eb) => eb.fn.countAll<number>().as("count"))
    .where("user_id", "=", p("user_id"))
    .where(isLive)
);

/** How many key pairs a user has. */
export async function countKeyPairs(reader: Reader, userId: string): Promise<number> {
  return Number((await reader.get(ownedBy, { user_id: userId }))!.count);
}

/** A user's key pairs in order of name, those behind a name, as many as fit on a page. */
export async function listKeyPairs(
  reader: Reader,
  { userId, behind, size }: {
    readonly userId: string;
    readonly behind: string | undefined;
    readonly size: number | undefined;
  },
): Promise<readonly KeyPair[]> {
  const rows = await reader.select<KeyPairTables, { state: string }>((db) => {
    let select = db.selectFrom("key_pairs").select("state")
      .where("user_id", "=", userId)
      .where(isLive)
      .orderBy("name");
    if (behind !== undefined) select = select.where("name", ">", behind);
    return size === undefined ? select : select.limit(size);
  });
  return rows.map(({ state }) => JSON.parse(state) as KeyPair);
}
