/** Moves of machines that run on meanwhile. */
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type {
  ServerMigrationAbortRequested,
  ServerMigrationCancelled,
  ServerMigrationForceCompleteRequested,
  ServerMigrationProgressed,
} from "../events.ts";
import type { MemoryCopied, Migration, MigrationStatus } from "../moves.ts";
import { type OperationRequested, stageOf } from "../operations.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessVisible,
} from "../preconditions.ts";
import type { Server } from "../state.ts";
import { findDestination, refuseMove } from "./destination.ts";
import { type OperateServer, operateServer } from "./operate.ts";
import { noValidHost, type SchedulingFacts } from "./placement.ts";
import { refuseUnknownHost } from "./resize.ts";
import type { HostFacts } from "./unshelve.ts";

/** What a live migration is decided on besides the server. */
export interface LiveMigrationFacts {
  readonly hosts: readonly HostFacts[];
  /** As in microversions below 2.34: whether there is a host for it is known before the answer. */
  readonly checkedBefore?: SchedulingFacts;
}

/**
 * Moves a server to another host while it runs.
 *
 * Refuses what every operation refuses, then an unknown host; below 2.34 also what would make it
 * fail: the host where it is, one that is down, and no host that has room.
 * Source: nova/compute/api.py, `live_migrate`; nova/conductor/tasks/live_migrate.py.
 */
export function liveMigrateServer(
  command: OperateServer & { readonly operation: { readonly name: "liveMigrate" } },
  server: Server,
  { hosts, checkedBefore }: LiveMigrationFacts,
): Decision<OperationRequested> {
  const decision = operateServer(command, server);
  if (isRejection(decision)) return decision;
  return refuseUnknownHost(command.operation.input.host, hosts) ??
    (checkedBefore && refuseInVain(command, server, checkedBefore)) ??
    decision;
}

function refuseInVain(
  { id, operation }: Parameters<typeof liveMigrateServer>[0],
  server: Server,
  facts: SchedulingFacts,
): Rejection | undefined {
  const { host } = operation.input;
  const moving = { ...server, operation };
  const impossible = refuseMove(moving, facts);
  if (impossible) return reject("Invalid", impossible);
  if (host !== null && host === server.placement?.host) {
    return reject("Invalid", `Unable to migrate instance (${id}) to current host (${host}).`);
  }
  const { chosen, decision } = findDestination(moving, facts, { allowsSameHost: false });
  return chosen ? undefined : reject("Invalid", noValidHost(decision).message);
}

/** A move that runs, or is about to, by its number. */
interface OneMigration {
  readonly id: string;
  readonly by: Actor;
  /** As it stands in the path. */
  readonly migration: string;
  /** Its record, should it be over for so long that the state lacks it. */
  readonly earlier?: Migration;
}

export interface AbortMigration extends OneMigration {
  readonly type: "AbortMigration";
  /** Whether also one is aborted that does not run yet: from microversion 2.65 on. */
  readonly alsoQueued: boolean;
}

/**
 * Aborts a live migration.
 *
 * Refuses a locked server and one that is not migrating, then an unknown migration and one in
 * another state. Source: nova/compute/api.py, `live_migrate_abort`.
 */
export function abortMigration(
  command: AbortMigration,
  server: Server,
): Decision<ServerMigrationAbortRequested> {
  const { id, by, alsoQueued } = command;
  const word = "abort live migration";
  const refusal = refuseUnlessVisible(id, server, by) ??
    (refuseIfLocked(id, server, by) &&
      reject("Conflict", `Instance ${id} is in an invalid state for '${word}'`)) ??
    refuseUnlessDoing(["migrating"], id, server, word) ??
    refuseUnlessLaunched(id, server, word);
  if (refusal) return refusal;
  const migration = migrationOf(command, server);
  if (!migration) return reject("NotFound", unknownMigration(command));
  const allowed: readonly MigrationStatus[] = alsoQueued ? ["running", "preparing"] : ["running"];
  const unfit = refuseUnlessAt(allowed, command, migration, word);
  if (unfit) return unfit;
  return server.move?.wish === "abort" ? [] : [{ type: "ServerMigrationAbortRequested", data: {} }];
}

export interface ForceCompleteMigration extends OneMigration {
  readonly type: "ForceCompleteMigration";
}

/**
 * Has a live migration end, though the machine stands still for it.
 *
 * Refuses a locked server and one that is not migrating while active, then an unknown migration and
 * one that does not run. Source: nova/compute/api.py, `live_migrate_force_complete`.
 */
export function forceCompleteMigration(
  command: ForceCompleteMigration,
  server: Server,
): Decision<ServerMigrationForceCompleteRequested> {
  const { id, by } = command;
  const word = "force_complete";
  const refusal = refuseUnlessVisible(id, server, by) ??
    refuseIfLocked(id, server, by) ??
    refuseUnlessIn(["active"], id, server, word) ??
    refuseUnlessDoing(["migrating"], id, server, word) ??
    refuseUnlessLaunched(id, server, word);
  if (refusal) return refusal;
  const migration = migrationOf(command, server);
  if (!migration) return reject("Invalid", unknownMigration(command));
  const unfit = refuseUnlessAt(["running"], command, migration, "force complete");
  if (unfit) return unfit;
  return server.move?.wish ? [] : [{ type: "ServerMigrationForceCompleteRequested", data: {} }];
}

function migrationOf(
  { migration, earlier }: OneMigration,
  server: Server,
): Migration | undefined {
  return server.migrations.find(({ number }) => String(number) === migration) ?? earlier;
}

function unknownMigration({ id, migration }: OneMigration): string {
  return `Migration ${migration} not found for instance ${id}`;
}

function refuseUnlessAt(
  allowed: readonly MigrationStatus[],
  { id, migration }: OneMigration,
  { status }: Migration,
  word: string,
): Rejection | undefined {
  if (allowed.includes(status)) return undefined;
  return reject(
    "Invalid",
    `Migration ${migration} state of instance ${id} is ${status}. Cannot ${word} while the ` +
      "migration is in this state.",
  );
}

/** A machine is nearer to its new host; what is no news is not recorded. */
export function recordProgress(
  server: Server,
  memory: MemoryCopied,
): Decision<ServerMigrationProgressed> {
  if (stageOf(server)?.step !== "MigrateLive") return [];
  const { totalBytes, remainingBytes } = memory;
  const progress = Math.floor(100 * (totalBytes - remainingBytes) / Math.max(1, totalBytes));
  if (progress <= server.progress) return [];
  return [{ type: "ServerMigrationProgressed", data: { progress, memory } }];
}

/** A machine that was to be moved stays where it is. */
export function recordCancelled(server: Server): Decision<ServerMigrationCancelled> {
  if (stageOf(server)?.step !== "CancelLive") return [];
  return [{ type: "ServerMigrationCancelled", data: {} }];
}
