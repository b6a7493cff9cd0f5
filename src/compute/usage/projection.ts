/** Which servers ran in a period: read off the servers' table, by indexes of their own. */
import { sql } from "kysely";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Reader } from "../../store/query.ts";
import { findServer, type ServerTables } from "../servers/projection.ts";
import { statesOf } from "../servers/projection_list.ts";
import type { Server } from "../servers/state.ts";

/** A page of the servers that ran in a period. */
export interface UsagePage {
  /** Launched before this time … */
  readonly before: string;
  /** … and not ended up to this one. */
  readonly after: string;
  /** Undefined: of every project. */
  readonly projectId: string | undefined;
  readonly size: number;
  /** The server behind which the page begins. */
  readonly marker: string | undefined;
}

interface Place {
  readonly project_id: string;
  readonly id: string;
}

/**
 * The servers of a page, by project and id.
 *
 * Looked at are as many that still run as the page has, and those that ended within the period.
 */
export async function listUsed(
  reader: Reader,
  page: UsagePage,
): Promise<readonly Versioned<Server>[] | "unknownMarker"> {
  const marker = page.marker === undefined ? undefined : await placeOf(reader, page);
  if (marker === "unknownMarker") return marker;
  const places = [
    ...await select(reader, page, marker, RUNNING),
    ...await select(reader, page, marker, sql<boolean>`${ENDED} and terminated_at > ${page.after}`),
  ].sort(byPlace).slice(0, page.size);
  const states = await statesOf(reader, places.map(({ id }) => id));
  return places.map(({ id }) => ({ id, version: 0, state: states.get(id)! }));
}

/** As text, so that the indexes of those that run, and of those that have ended, are used. */
const RUNNING = sql<boolean>`launched_at is not null and terminated_at is null`;
const ENDED = sql<boolean>`launched_at is not null and terminated_at is not null`;

function byPlace(one: Place, other: Place): number {
  if (one.project_id !== other.project_id) return one.project_id < other.project_id ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** A marker may be any server of the projects that are asked about, deleted or not. */
async function placeOf(
  reader: Reader,
  { marker, projectId }: UsagePage,
): Promise<Place | "unknownMarker"> {
  const found = await findServer(reader, marker!.toLowerCase());
  const isOfThese = found && (projectId === undefined || found.state.projectId === projectId);
  return isOfThese ? { project_id: found.state.projectId, id: found.id } : "unknownMarker";
}

function select(
  reader: Reader,
  { before, projectId, size }: UsagePage,
  marker: Place | undefined,
  which: ReturnType<typeof sql<boolean>>,
): Promise<readonly Place[]> {
  return reader.select<ServerTables, Place>((db) => {
    let query = db.selectFrom("servers").select(["project_id", "id"])
      .where(which).where("launched_at", "<", before)
      .orderBy("project_id").orderBy("id").limit(size);
    if (projectId !== undefined) query = query.where("project_id", "=", projectId);
    if (marker) {
      query = query.where(sql<boolean>`(project_id, id) > (${marker.project_id}, ${marker.id})`);
    }
    return query;
  });
}
