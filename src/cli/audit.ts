/** `audit`: what was done to a server, by whom and when, from the log alone. */
import { UPCASTERS } from "../aggregates.ts";
import { describe } from "../compute/servers/describe.ts";
import type { ServerEvent } from "../compute/servers/events.ts";
import type { Recorded } from "../eventsourcing/event.ts";
import { findUser } from "../facades/identity/users/projection.ts";
import { logPathIn } from "../store/data_folder.ts";
import { SqliteSnapshot } from "../store/sqlite_snapshot.ts";

/** One thing that happened to a server. */
export interface AuditEntry {
  readonly position: number;
  /** UTC, six fraction digits. */
  readonly time: string;
  readonly userId: string;
  /** The user's name today; null when there is no such user any more. */
  readonly userName: string | null;
  readonly projectId: string;
  /** Empty when a process took the step on the owner's behalf. */
  readonly roles: readonly string[];
  readonly requestId: string;
  readonly command: string;
  readonly event: string;
  readonly data: object;
  readonly text: string;
}

/** Everything that happened to a server, oldest first; empty when there never was one. */
export async function auditServer(dataDir: string, id: string): Promise<readonly AuditEntry[]> {
  const snapshot = new SqliteSnapshot(logPathIn(dataDir), UPCASTERS);
  try {
    const limit = Number.MAX_SAFE_INTEGER;
    const stream = `server-${id.toLowerCase()}`;
    const events = await snapshot.read({ stream, limit }) as readonly Recorded<ServerEvent>[];
    const names = new Map<string, string | null>();
    for (const { userId } of events.map(({ metadata }) => metadata.actor)) {
      if (names.has(userId)) continue;
      names.set(userId, (await findUser(snapshot.reader, userId))?.state.name ?? null);
    }
    return events.map((event) => entryOf(event, names));
  } finally {
    snapshot.close();
  }
}

function entryOf(
  event: Recorded<ServerEvent>,
  names: ReadonlyMap<string, string | null>,
): AuditEntry {
  const { actor, requestId, command } = event.metadata;
  return {
    position: event.position,
    time: event.recordedAt,
    userId: actor.userId,
    userName: names.get(actor.userId) ?? null,
    projectId: actor.projectId,
    roles: actor.roles,
    requestId,
    command,
    event: event.type,
    data: event.data,
    text: describe(event),
  };
}

/** Runs the command; the exit code is 1 when there never was such a server. */
export async function auditCommand(
  dataDir: string,
  id: string,
  asJson: boolean,
): Promise<number> {
  const entries = await auditServer(dataDir, id);
  if (asJson) {
    for (const entry of entries) console.log(JSON.stringify(entry));
  } else if (entries.length === 0) {
    console.error(`there never was a server ${id}`);
  } else {
    for (const entry of entries) console.log(line(entry));
  }
  return entries.length === 0 ? 1 : 0;
}

function line({ time, userName, userId, roles, requestId, text }: AuditEntry): string {
  const who = roles.length === 0 ? "(chronova)" : userName ?? userId;
  return `${time}  ${who.padEnd(12)}  ${text}  [${requestId}]`;
}
