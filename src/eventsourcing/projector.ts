/** Builds projections from the log: at the first start, after a change of shape, and to prove them. */
import type { EventLog, EventSource } from "../store/event_log.ts";
import { queriesOn, type Writer } from "../store/query.ts";
import type { LogTables } from "../store/schema.ts";
import { type AnyAggregate, fold, unborn, type Versioned } from "./aggregate.ts";
import { categoryOf, idOf, type Recorded } from "./event.ts";

/** How far a rebuild has come. */
export interface Progress {
  readonly events: number;
  readonly of: number;
}

export interface ReplayOptions {
  onProgress?(progress: Progress): void;
  /** How many streams are held folded before they are written out, to bound memory. */
  readonly heldStreams?: number;
}

const HELD_STREAMS = 50_000;
const PAGE = 5_000;

/**
 * Makes sure that the tables of every aggregate are there, in today's shape, and complete.
 *
 * Rebuilds from the log those that are missing or whose projection has another version.
 */
export async function buildProjections(
  log: EventLog,
  aggregates: readonly AnyAggregate[],
  onProgress: (progress: Progress) => void = () => {},
): Promise<void> {
  await log.transaction(async (tx) => {
    const built = new Map(
      (await tx.select<LogTables, { name: string; version: number }>((db) =>
        db.selectFrom("projections").selectAll()
      )).map(({ name, version }) => [name, version]),
    );
    const stale = aggregates.filter(({ projection }) =>
      built.get(projection.name) !== projection.version
    );
    if (stale.length === 0) return;
    for (const { projection } of stale) await createTables(tx, projection);
    await replay(log, stale, tx, { onProgress });
    for (const { projection: { name, version } } of stale) {
      await tx.run(recordProjection, { name, version });
    }
  });
}

/** Makes the tables of a projection, empty, in place of what was there. */
export async function createTables(
  tx: Writer,
  projection: AnyAggregate["projection"],
): Promise<void> {
  for (const table of projection.tables) {
    await tx.execute((db) => db.schema.dropTable(table).ifExists());
  }
  await projection.create(tx);
}

/** Folds every event of the aggregates' streams and writes their tables, which must be empty. */
export async function replay(
  log: EventSource,
  aggregates: readonly AnyAggregate[],
  tx: Writer,
  { onProgress, heldStreams = HELD_STREAMS }: ReplayOptions = {},
): Promise<void> {
  const fold = new Folding(aggregates, tx, heldStreams);
  const { position: end } = await log.head();
  for await (const events of pagesOf(log, end)) {
    for (const event of events) await fold.take(event);
    onProgress?.({ events: events.at(-1)?.position ?? end, of: end });
  }
  await fold.writeOut();
}

/** The log's events up to a position, a page at a time. */
export async function* pagesOf(
  log: EventSource,
  end: number,
): AsyncGenerator<readonly Recorded[]> {
  let after = 0;
  while (after < end) {
    const events = await log.read({ after, upTo: end, limit: PAGE });
    if (events.length === 0) return;
    after = events[events.length - 1]!.position;
    yield events;
  }
}

/** Streams being folded, each with the state that its tables already show. */
class Folding {
  readonly #byCategory: Map<string, AnyAggregate>;
  readonly #held = new Map<string, { written: Versioned<unknown>; now: Versioned<unknown> }>();
  readonly #tx: Writer;
  readonly #heldStreams: number;

  constructor(aggregates: readonly AnyAggregate[], tx: Writer, heldStreams: number) {
    this.#byCategory = new Map(aggregates.map((aggregate) => [aggregate.category, aggregate]));
    this.#tx = tx;
    this.#heldStreams = heldStreams;
  }

  async take(event: Recorded): Promise<void> {
    const aggregate = this.#byCategory.get(categoryOf(event.stream));
    if (!aggregate) return;
    let held = this.#held.get(event.stream);
    if (!held) {
      if (this.#held.size >= this.#heldStreams) await this.writeOut();
      const id = idOf(event.stream);
      const written = await aggregate.projection.load(this.#tx, id) ?? unborn(aggregate, id);
      held = { written, now: written };
      this.#held.set(event.stream, held);
    }
    if (!Object.hasOwn(aggregate.eventTypes, event.type)) {
      throw new Error(
        `event ${event.position} is a ${event.type}, which this release does not know: ` +
          "start the release that wrote this log, or a later one",
      );
    }
    held.now = fold(aggregate, held.now, [event]);
  }

  async writeOut(): Promise<void> {
    for (const [stream, { written, now }] of this.#held) {
      const aggregate = this.#byCategory.get(categoryOf(stream))!;
      await aggregate.projection.write(this.#tx, written, now);
    }
    this.#held.clear();
  }
}

const recordProjection = queriesOn<LogTables>().prepare<
  { name: string; version: number },
  unknown
>((db, p) =>
  db.insertInto("projections").values({ name: p("name"), version: p("version") })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ version: p("version") }))
);
