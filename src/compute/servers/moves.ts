/** Servers between two hosts: what is known of a move, and the record that is kept of it. Pure. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { FlavorSnapshot } from "./events.ts";
import type { Operation, OperationDone, OperationRequested } from "./operations.ts";
import type { Server } from "./state.ts";
import type { TaskState, VmState } from "./states.ts";

/** A place on a host. */
export interface HostPlace {
  readonly host: string;
  readonly node: string;
  readonly availabilityZone: string;
}

/** nova/objects/fields.py, `MigrationType`. */
export type MigrationType = "resize" | "migration" | "live-migration" | "evacuation";

/** Nova's words for how far a move is; those of the last line are for ever. */
export type MigrationStatus =
  | "accepted"
  | "pre-migrating"
  | "migrating"
  | "post-migrating"
  | "finished"
  | "confirming"
  | "reverting"
  | "preparing"
  | "running"
  | "confirmed"
  | "reverted"
  | "completed"
  | "cancelled"
  | "done"
  | "error";

/** The record of a move: Nova's migration. */
export interface Migration {
  /** A UUID. */
  readonly id: string;
  /** Position of the event that began it: Nova's numeric id. */
  readonly number: number;
  readonly type: MigrationType;
  readonly status: MigrationStatus;
  /** Null: it was on no host. */
  readonly source: HostPlace | null;
  /** Null: none is chosen. */
  readonly destination: HostPlace | null;
  readonly oldFlavorId: string;
  readonly newFlavorId: string;
  /** Who asked for it. */
  readonly userId: string;
  readonly projectId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A migration, and the server that it is of. */
export interface KnownMigration {
  readonly serverId: string;
  readonly migration: Migration;
}

/** What a machine that is moved while it runs has left to copy; bytes. */
export interface MemoryCopied {
  readonly totalBytes: number;
  readonly remainingBytes: number;
}

/** A move under way, or one that waits to be confirmed. */
export interface Move {
  readonly source: HostPlace | null;
  /** Null: none is chosen. */
  readonly destination: HostPlace | null;
  readonly oldFlavor: FlavorSnapshot;
  readonly newFlavor: FlavorSnapshot;
  /** What the server was before. */
  readonly vmState: VmState;
  /** Whether its machine is off when it is back, or there. */
  readonly endsOff: boolean;
  /** Whether the first of two stages that show the same task is over. */
  readonly isHalfway: boolean;
  /** What an administrator wants of one that is under way. */
  readonly wish: "abort" | "complete" | null;
  readonly memory: MemoryCopied | null;
}

const TYPE_OF: Readonly<Partial<Record<OperationRequested["type"], MigrationType>>> = {
  ServerResizeRequested: "resize",
  ServerMigrationRequested: "migration",
  ServerLiveMigrationRequested: "live-migration",
  ServerEvacuationRequested: "evacuation",
};

const FIRST_STATUS: Readonly<Record<MigrationType, MigrationStatus>> = {
  "resize": "pre-migrating",
  "migration": "pre-migrating",
  "live-migration": "accepted",
  "evacuation": "accepted",
};

/** What the request of an operation changes of a server's moves at once. */
export function movedAtOnce(
  server: Server,
  event: Recorded<OperationRequested>,
): Partial<Server> {
  switch (event.type) {
    case "ServerResizeRequested": {
      const { migrationId, flavor, diskConfig } = event.data;
      return { diskConfig, ...begun(server, event, { migrationId, flavor }) };
    }
    case "ServerMigrationRequested":
      return { diskConfig: "MANUAL", ...begun(server, event, event.data) };
    case "ServerLiveMigrationRequested":
    case "ServerEvacuationRequested":
      return begun(server, event, event.data);
    case "ServerResizeConfirmRequested":
      return withStatus(server, event, "confirming");
    case "ServerResizeRevertRequested":
      return {
        move: server.move && { ...server.move, isHalfway: false },
        ...withStatus(server, event, "reverting"),
      };
    default:
      return {};
  }
}

function begun(
  server: Server,
  event: Recorded<OperationRequested>,
  { migrationId, flavor, stops = false }: {
    readonly migrationId: string;
    readonly flavor?: FlavorSnapshot;
    readonly stops?: boolean;
  },
): Partial<Server> {
  const { placement: source, flavor: oldFlavor, vmState } = server;
  const newFlavor = flavor ?? oldFlavor;
  const type = TYPE_OF[event.type]!;
  const { recordedAt: at, position: number, metadata: { actor: { userId, projectId } } } = event;
  return {
    progress: 0,
    move: {
      source,
      destination: null,
      oldFlavor,
      newFlavor,
      vmState,
      endsOff: stops || vmState === "stopped",
      isHalfway: false,
      wish: null,
      memory: null,
    },
    migrations: [...brokenOff(server, event), {
      id: migrationId,
      number,
      type,
      status: FIRST_STATUS[type],
      source,
      destination: null,
      oldFlavorId: oldFlavor.id,
      newFlavorId: newFlavor.id,
      userId,
      projectId,
      createdAt: at,
      updatedAt: at,
    }],
  };
}

/** The records, when whatever move was under way comes to nothing. */
function brokenOff(server: Server, event: At): readonly Migration[] {
  return server.move
    ? withStatus(server, event, statusOfBroken(server)).migrations
    : server.migrations;
}

/** An evacuation that has taken the new host is done for the old one: what is there must go. */
function statusOfBroken({ placement, move, migrations }: Server): MigrationStatus {
  const isThere = placement !== null && placement.host === move?.destination?.host;
  return isThere && migrations.at(-1)?.type === "evacuation" ? "done" : "error";
}

type At = Pick<Recorded, "recordedAt">;

/** The newest record with another status, and whatever else changes in it. */
function withStatus(
  { migrations }: Server,
  { recordedAt }: At,
  status: MigrationStatus,
  changes: Partial<Migration> = {},
): Pick<Server, "migrations"> {
  const last = migrations.at(-1);
  if (!last) return { migrations };
  const changed = { ...last, ...changes, status, updatedAt: recordedAt };
  return { migrations: [...migrations.slice(0, -1), changed] };
}

/** A host was chosen for a server on the move. */
export function movedTowards(server: Server, event: At, destination: HostPlace): Partial<Server> {
  if (!server.move) return {};
  const status = server.operation?.name === "liveMigrate" ? "preparing" : "pre-migrating";
  return {
    move: { ...server.move, destination },
    ...withStatus(server, event, status, { destination }),
  };
}

/** An operation has come to its next task: where a server is, and its size, follow its machine. */
export function movedByTask(server: Server, event: At, task: TaskState): Partial<Server> {
  const { move } = server;
  if (!move) return {};
  const { source, destination, oldFlavor, newFlavor } = move;
  switch (task) {
    case "resize_migrating":
      return withStatus(server, event, "migrating");
    case "resize_migrated":
      return { placement: destination, ...withStatus(server, event, "post-migrating") };
    case "resize_finish":
      return { flavor: newFlavor };
    case "resize_reverting":
      return { placement: source, flavor: oldFlavor, move: { ...move, isHalfway: true } };
    case "migrating":
      return { move: { ...move, isHalfway: true }, ...withStatus(server, event, "running") };
    case "rebuild_block_device_mapping":
      return { placement: destination };
    default:
      return {};
  }
}

/** An operation is done: its server has arrived, or is back where it was. */
export function movedWhenDone(server: Server, event: Recorded<OperationDone>): Partial<Server> {
  const { move, placement, flavor } = server;
  const launched = { launchedAt: event.recordedAt };
  switch (event.type) {
    case "ServerResized":
    case "ServerMigrated":
      return { ...launched, ...withStatus(server, event, "finished") };
    case "ServerResizeConfirmed":
      return { move: null, ...withStatus(server, event, "confirmed") };
    case "ServerResizeReverted":
      return {
        ...launched,
        placement: move?.source ?? placement,
        flavor: move?.oldFlavor ?? flavor,
        move: null,
        ...withStatus(server, event, "reverted"),
      };
    case "ServerLiveMigrated":
      return { ...arrived(server), ...withStatus(server, event, "completed") };
    case "ServerEvacuated":
      return { ...launched, ...arrived(server), ...withStatus(server, event, "done") };
    case "ServerSoftDeleted":
      return movedByDelete(server, event);
    default:
      return {};
  }
}

function arrived({ move, placement }: Server): Partial<Server> {
  return { placement: move?.destination ?? placement, move: null, progress: 0 };
}

/** An operation came to nothing: a server that was on its way is where it was, as it was. */
export function movedWhenFailed(
  server: Server,
  event: At,
  operation: Operation,
): Partial<Server> {
  if (!server.move) return {};
  switch (operation) {
    case "softDelete":
      // What it broke into goes no further; what waits to be confirmed still does.
      return server.vmState === "resized" ? {} : movedByReset(server, event);
    case "confirmResize":
      return { move: null, ...withStatus(server, event, "error") };
    case "resize":
    case "migrate":
    case "revertResize":
    case "liveMigrate":
    case "evacuate":
      return { ...stayed(server.move), ...withStatus(server, event, "error") };
    default:
      return {};
  }
}

/** Whether a record is of an evacuation from a host that has not cleared away what was left there. */
export function isEvacuationFrom({ type, status, source }: Migration, host: string): boolean {
  return type === "evacuation" && status === "done" && source?.host === host;
}

/**
 * The records that may change again, of those of a server that is there: the newest, and those of
 * evacuations whose hosts have yet to clear away.
 */
export function changeableMigrations(migrations: readonly Migration[]): readonly Migration[] {
  return migrations.filter((one, place) =>
    place === migrations.length - 1 || (one.type === "evacuation" && one.status === "done")
  );
}

/** A host has cleared away what was left of a server there. */
export function clearedFrom(
  { migrations }: Server,
  { recordedAt: updatedAt }: At,
  host: string,
): Pick<Server, "migrations"> {
  return {
    migrations: migrations.map((one) =>
      isEvacuationFrom(one, host) ? { ...one, status: "completed", updatedAt } : one
    ),
  };
}

/** A server that was to be moved while it runs stays where it is. */
export function movedNot(server: Server, event: At): Partial<Server> {
  return server.move ? { ...stayed(server.move), ...withStatus(server, event, "cancelled") } : {};
}

function stayed({ source, oldFlavor }: Move): Partial<Server> {
  return { placement: source, flavor: oldFlavor, move: null, progress: 0 };
}

/** An administrator says what state a server is in: it is where it is, and nowhere else. */
export function movedByReset(server: Server, event: At): Partial<Server> {
  return server.move ? { move: null, ...withStatus(server, event, statusOfBroken(server)) } : {};
}

/** A server is deleted: one that was resized is confirmed first, a move under way comes to nothing. */
export function movedByDelete(server: Server, event: At): Partial<Server> {
  return server.move ? { move: null, ...endedByDelete(server, event) } : {};
}

/** The records of a server that is to be deleted; it holds both hosts until it is gone. */
export function endedByDelete(server: Server, event: At): Pick<Server, "migrations"> {
  const last = server.migrations.at(-1);
  if (!server.move || !last || ENDED.has(last.status)) return { migrations: server.migrations };
  const status = last.status === "finished" ? "confirmed" : statusOfBroken(server);
  return withStatus(server, event, status);
}

const ENDED: ReadonlySet<MigrationStatus> = new Set(["confirmed", "done", "error"]);
