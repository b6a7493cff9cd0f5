/** What is on hosts, and what goes on there. */
import { sql } from "kysely";
import { queriesOn, type Reader } from "../../store/query.ts";
import type { ServerTables } from "../servers/projection.ts";
import type { Server } from "../servers/state.ts";
import { hostUsages } from "../servers/tallies.ts";

/** What a host's servers claim of it, and how busy they keep it. */
export interface HostUsage {
  /** How many there are. */
  readonly servers: number;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  /** How many have a task under way. */
  readonly tasks: number;
  /** How many of those move much data. */
  readonly heavyTasks: number;
}

const IDLE: HostUsage = { servers: 0, vcpus: 0, ramMib: 0, diskGib: 0, tasks: 0, heavyTasks: 0 };

/** vm_states and task_states that count as input and output; nova/compute/stats.py, `io_workload`. */
const HEAVY: ReadonlySet<string> = new Set([
  "building",
  "rescuing",
  "rebuilding",
  "resize_prep",
  "resize_migrating",
  "image_snapshot",
  "image_backup",
  "unshelving",
]);

interface BusyServer {
  readonly host: string;
  readonly vm_state: string;
  readonly task_state: string | null;
}

const busyServers = queriesOn<ServerTables>().prepare<Record<never, never>, BusyServer>((db) =>
  db.selectFrom("servers").select(["host", "vm_state", "task_state"])
    .where(sql<boolean>`pending = 1`).where("host", "is not", null)
    .$narrowType<{ host: string }>()
);

/** By host: its usage; a host without servers is absent. */
export async function usageByHost(reader: Reader): Promise<ReadonlyMap<string, HostUsage>> {
  const usages = new Map<string, HostUsage>();
  for (const { key, ...figures } of await hostUsages.all(reader)) {
    usages.set(key, { ...IDLE, ...figures });
  }
  for (const { host, vm_state, task_state } of await reader.all(busyServers, {})) {
    const usage = usages.get(host) ?? IDLE;
    const isHeavy = HEAVY.has(vm_state) || (task_state !== null && HEAVY.has(task_state));
    usages.set(host, {
      ...usage,
      tasks: usage.tasks + 1,
      heavyTasks: usage.heavyTasks + (isHeavy ? 1 : 0),
    });
  }
  return usages;
}

/** The usage of one host among all. */
export function usageOf(usages: ReadonlyMap<string, HostUsage>, host: string): HostUsage {
  return usages.get(host) ?? IDLE;
}

const countOnHost = queriesOn<ServerTables>()
  .prepare<{ host: string }, { count: number }>((db, p) =>
    db.selectFrom("servers").select((eb) => eb.fn.countAll<number>().as("count"))
      .where("host", "=", p("host")).where(sql<boolean>`host is not null`).where("life", "!=", 2)
  );

/** How many servers are on a host; those that only have a claim there, on their way, are not. */
export async function countServersOn(reader: Reader, host: string): Promise<number> {
  return Number((await reader.get(countOnHost, { host }))!.count);
}

const serversOnHost = queriesOn<ServerTables>()
  .prepare<{ host: string }, { id: string; state: string }>((db, p) =>
    db.selectFrom("servers").select(["id", "state"])
      .where("host", "=", p("host")).where(sql<boolean>`host is not null`).where("life", "!=", 2)
      .orderBy("number")
  );

/** A server that is on a host. */
export interface ServerOnHost {
  readonly id: string;
  readonly state: Server;
}

/** The servers on a host, oldest first; soft-deleted ones are there too. */
export async function serversOn(reader: Reader, host: string): Promise<readonly ServerOnHost[]> {
  return (await reader.all(serversOnHost, { host })).map(({ id, state }) => ({
    id,
    state: JSON.parse(state) as Server,
  }));
}
