/** What is true of a data folder, whatever has been asked of it and wherever it was cut short. */
import { assert, assertEquals } from "@std/assert";
import Database from "better-sqlite3";
import { UPCASTERS } from "../../src/aggregates.ts";
import { replayFolder } from "../../src/cli/replay.ts";
import { verifyFolder } from "../../src/cli/verify.ts";
import { nextStep } from "../../src/compute/servers/processes/mod.ts";
import type { MigrationStatus } from "../../src/compute/servers/moves.ts";
import type { ServersTable } from "../../src/compute/servers/projection.ts";
import {
  claimsOf,
  countsAgainstQuota,
  exists,
  type Server,
  sizeOf,
} from "../../src/compute/servers/state.ts";
import { hostUsages, quotaUsages } from "../../src/compute/servers/tallies.ts";
import type { Recorded } from "../../src/eventsourcing/event.ts";
import type { Port } from "../../src/facades/networks/ports/decider.ts";
import type { PortTables } from "../../src/facades/networks/ports/projection.ts";
import { logPathIn } from "../../src/store/data_folder.ts";
import type { Volume } from "../../src/facades/volumes/volumes/state.ts";
import type { Reader } from "../../src/store/query.ts";
import { SqliteSnapshot } from "../../src/store/sqlite_snapshot.ts";
import { SqliteConnection } from "../../src/store/sqlite_connection.ts";

/** Reads a data folder's tables, also beside a running server. */
export async function readFolder<T>(
  folder: string,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const connection = new SqliteConnection(new Database(logPathIn(folder), { readonly: true }));
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/** The whole log, in order of position. */
export async function eventsOf(folder: string): Promise<readonly Recorded[]> {
  const snapshot = new SqliteSnapshot(logPathIn(folder), UPCASTERS);
  try {
    return await snapshot.read({ limit: Number.MAX_SAFE_INTEGER });
  } finally {
    snapshot.close();
  }
}

/** Every server there ever was, by id. */
export async function serversOf(reader: Reader): Promise<ReadonlyMap<string, Server>> {
  const rows = await reader.select<{ servers: ServersTable }, { id: string; state: string }>((db) =>
    db.selectFrom("servers").select(["id", "state"]).orderBy("number")
  );
  return new Map(rows.map(({ id, state }) => [id, JSON.parse(state)]));
}

/** Ports that servers have, by id. */
export async function serverPortsOf(reader: Reader): Promise<ReadonlyMap<string, Port>> {
  const rows = await reader.select<PortTables, { id: string; state: string }>((db) =>
    db.selectFrom("ports").select(["id", "state"])
      .where("live", "=", 1).where("device_owner", "=", "compute:nova")
  );
  return new Map(rows.map(({ id, state }) => [id, JSON.parse(state)]));
}

/** Fails unless the folder's log and tables hold together; servers may be on their way. */
export async function assertSound(folder: string): Promise<void> {
  const { differences } = await replayFolder(folder);
  assertEquals(differences, [], "tables differ from those rebuilt from the log");
  const { firstBad } = await verifyFolder(folder);
  assertEquals(firstBad, null, "the hash chain is broken");
  assertGapless(await eventsOf(folder));
  await readFolder(folder, async (reader) => {
    const servers = await serversOf(reader);
    await assertTallies(reader, servers);
    await assertPortsHaveServers(reader, servers);
    await assertAddressesHavePorts(reader);
  });
}

/** What the record of a move says when it is over. */
const OVER: ReadonlySet<MigrationStatus> = new Set(
  ["confirmed", "reverted", "completed", "cancelled", "done", "error"],
);

/**
 * Fails unless every server is where it was asked to be, or in error with a reason.
 *
 * `except`: servers whose states administrators have set, right or wrong; they only are at rest.
 */
export async function assertAtRest(
  folder: string,
  { except = new Set() }: { readonly except?: ReadonlySet<string> } = {},
): Promise<void> {
  await readFolder(folder, async (reader) => {
    const ports = await serverPortsOf(reader);
    for (const [id, server] of await serversOf(reader)) {
      assertEquals(nextStep(server), undefined, `server ${id} is in ${server.taskState}`);
      if (except.has(id)) continue;
      const { vmState, fault, placement } = server;
      assert(vmState !== "building", `server ${id} is being built by nobody`);
      const isUp = !["deleted", "error", "shelved_offloaded"].includes(vmState);
      if (isUp) assert(placement, `server ${id} is ${vmState} on no host`);
      const waits = vmState === "resized" || vmState === "deleted";
      if (!waits) assertEquals(server.move, null, `server ${id} is ${vmState} between two hosts`);
      const status = server.migrations.at(-1)?.status;
      if (vmState === "resized") assertEquals(status, "finished");
      else assert(status === undefined || OVER.has(status), `server ${id} has a move ${status}`);
      if (vmState === "error") assert(fault, `server ${id} is in error without a fault`);
      assertEquals(
        [...ports].filter(([, port]) => port.deviceId === id).map(([portId]) => portId).sort(),
        server.ports.map((port) => port.id).sort(),
        `server ${id} shows other ports than it has`,
      );
    }
    await assertVolumesAgree(reader);
  });
}

/** Servers and volumes say the same of each other, and no volume is on its way. */
async function assertVolumesAgree(reader: Reader): Promise<void> {
  const servers = await serversOf(reader);
  const rows = await reader.select<
    { volumes: { id: string; state: string; live: number } },
    { id: string; state: string }
  >((db) => db.selectFrom("volumes").select(["id", "state"]).where("live", "=", 1));
  const volumes = rows.map(({ id, state }) => ({ id, ...JSON.parse(state) as Volume }));
  for (const { id, status, attachments: [attached] } of volumes) {
    // For a server that has left its host it is only kept.
    const isOnHost = servers.get(attached?.serverId ?? "")?.placement;
    const expected = !attached ? "available" : isOnHost ? "in-use" : "reserved";
    assertEquals(status, expected, `volume ${id} is on its way`);
  }
  const held = volumes.flatMap(({ id, attachments }) =>
    attachments.map((one) => `${one.serverId} has ${id} by ${one.id}`)
  );
  const shown = [...servers].flatMap(([id, server]) =>
    server.volumes.map((one) => `${id} has ${one.volumeId} by ${one.attachmentId}`)
  );
  assertEquals(shown.sort(), held.sort(), "servers show other volumes than they have");
}

function assertGapless(events: readonly Recorded[]): void {
  const versions = new Map<string, number>();
  for (const [place, { position, stream, version }] of events.entries()) {
    assertEquals(position, place + 1, "positions have a gap");
    assertEquals(version, (versions.get(stream) ?? 0) + 1, `versions of ${stream} have a gap`);
    versions.set(stream, version);
  }
}

async function assertTallies(
  reader: Reader,
  servers: ReadonlyMap<string, Server>,
): Promise<void> {
  const living = [...servers.values()].filter(exists);
  assertEquals<unknown>(
    byKey(await quotaUsages.all(reader)),
    sums(
      living.filter(countsAgainstQuota).map((server) => [server.projectId, {
        instances: 1,
        cores: sizeOf(server).vcpus,
        ram: sizeOf(server).ramMib,
      }]),
    ),
    "quota usage is not that of the servers alive",
  );
  assertEquals<unknown>(
    byKey(await hostUsages.all(reader)),
    sums(
      living.flatMap((server) =>
        claimsOf(server).map(({ host, claim }) => [host, { servers: 1, ...claim }] as const)
      ),
    ),
    "claims on hosts are not those of the servers placed",
  );
}

function byKey(rows: readonly { readonly key: string }[]): Record<string, object> {
  return Object.fromEntries(rows.map(({ key, ...figures }) => [key, figures]));
}

function sums(
  parts: readonly (readonly [key: string, figures: Readonly<Record<string, number>>])[],
): Record<string, object> {
  const total: Record<string, Record<string, number>> = {};
  for (const [key, figures] of parts) {
    const sum = total[key] ??= {};
    for (const [name, figure] of Object.entries(figures)) sum[name] = (sum[name] ?? 0) + figure;
  }
  return total;
}

/** A port that was made for a server must not outlive it. */
async function assertPortsHaveServers(
  reader: Reader,
  servers: ReadonlyMap<string, Server>,
): Promise<void> {
  for (const [id, { deviceId }] of await serverPortsOf(reader)) {
    const server = servers.get(deviceId);
    assert(server && exists(server), `port ${id} is left of server ${deviceId}`);
  }
}

async function assertAddressesHavePorts(reader: Reader): Promise<void> {
  const rows = await reader.select<PortTables, { state: string }>((db) =>
    db.selectFrom("ports").select("state").where("live", "=", 1)
  );
  const held = rows.flatMap(({ state }) =>
    (JSON.parse(state) as Port).fixedIps.map(({ address }) => address)
  );
  const taken = await reader.select<PortTables, { ip_address: string }>((db) =>
    db.selectFrom("fixed_addresses").select("ip_address")
  );
  assertEquals(
    taken.map(({ ip_address }) => ip_address).sort(),
    held.sort(),
    "addresses that are taken are not those of ports",
  );
  const runs = await reader.select<PortTables, PortTables["address_runs"]>((db) =>
    db.selectFrom("address_runs").selectAll()
  );
  const size = ({ first, last }: { first: string; last: string }) =>
    Number(BigInt(`0x${last}`) - BigInt(`0x${first}`)) + 1;
  assertEquals(
    runs.map(size).reduce((sum, length) => sum + length, 0),
    held.length,
    "runs of taken addresses do not cover the addresses taken",
  );
}
