/** What a list asks for, once read from the query string: Nova's `get_all`, as data. */
import type { StatusFilter } from "./status.ts";
import type { ServersTable } from "./projection.ts";

export type SortDirection = "asc" | "desc";

/** Columns that a caller may filter on by equality or regular expression, or sort by. */
export type ServerColumn = Exclude<
  keyof ServersTable,
  "state" | "pending" | "life" | "version" | "in_cell" | "queued_for_delete"
>;

export interface ServerQuery {
  /** Null: servers of all projects. */
  readonly projectId: string | null;
  /** Which of live, soft-deleted and deleted servers. */
  readonly lives: readonly (0 | 1 | 2)[];
  readonly equal: readonly (readonly [ServerColumn, string | number])[];
  /** Found anywhere in the text, without regard to case. */
  readonly matching: readonly (readonly [ServerColumn, string])[];
  readonly status: StatusFilter | null;
  /** UTC, six fraction digits; both ends count. */
  readonly changedSince: string | null;
  readonly changedBefore: string | null;
  /** Parts of a fixed address. */
  readonly ip: string | null;
  readonly ip6: string | null;
  /** Each tag once. */
  readonly tags: {
    readonly all: readonly string[];
    readonly any: readonly string[];
    readonly notAll: readonly string[];
    readonly notAny: readonly string[];
  };
  /** The first is the primary key; never empty, and ends in a column that is unique. */
  readonly sort: readonly (readonly [ServerColumn, SortDirection])[];
  /** How many at most. */
  readonly limit: number;
  /** Whether what is out of reach is shown, with what little is known of it; else it is left out. */
  readonly showsOutOfReach: boolean;
  /** Id of the server after which to begin. */
  readonly marker: string | null;
}
