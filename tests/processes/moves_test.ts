/** Moves that are broken into: by an abort, a delete, a state that is set, a host that is lost. */
import { assert, assertEquals } from "@std/assert";
import { hostUsages } from "../../src/compute/servers/tallies.ts";
import type { Hooks } from "./hypervisor.ts";
import { withWorld, type World } from "./world.ts";

/** Holds up the driver's calls of one kind until it is told to go on, or to give up. */
function holding(operation: string): {
  readonly hooks: Hooks;
  readonly reached: Promise<void>;
  readonly goOn: () => void;
} {
  const reached = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const hooks: Hooks = {
    async before(call) {
      if (call.operation !== operation) return;
      reached.resolve();
      const given = new Promise<void>((resolve) =>
        call.signal.addEventListener("abort", () => resolve(), { once: true })
      );
      await Promise.race([held.promise, given]);
    },
  };
  return { hooks, reached: reached.promise, goOn: held.resolve };
}

async function newServer(world: World): Promise<string> {
  const id = await world.create();
  await world.settled();
  return id;
}

async function claimedHosts(world: World): Promise<readonly string[]> {
  const rows = await hostUsages.all(world.cloud.cloud.log.reader);
  return rows.filter(({ servers }) => servers > 0).map(({ key }) => key).sort();
}

for (const moment of ["before", "while"] as const) {
  Deno.test(`a live migration that is aborted ${moment} the driver works ends where it began`, () => {
    const { hooks, reached, goOn } = holding("ensureMovedLive");
    return withWorld(moment === "while" ? hooks : {}, async (world) => {
      const id = await newServer(world);
      const { host } = (await world.server(id)).placement!;
      const aborts: Promise<unknown>[] = [];
      const abort = async () => {
        const number = (await world.server(id)).migrations.at(-1)!.number;
        const path = `/v2.1/servers/${id}/migrations/${number}`;
        assertEquals((await world.cloud.ask("admin", "DELETE", path, { mv: "2.90" })).status, 202);
      };
      world.onEvents((events) => {
        const isChosen = events.includes("ServerDestinationChosen");
        if (moment === "before" && isChosen && aborts.length === 0) aborts.push(abort());
      });
      await world.operate(id, "liveMigrate");
      if (moment === "while") {
        await reached;
        await abort();
      }
      goOn();
      await world.settled();
      await Promise.all(aborts);
      const server = await world.server(id);
      assertEquals([server.vmState, server.placement?.host], ["active", host]);
      assertEquals(server.migrations.map(({ status }) => status), ["cancelled"]);
      assertEquals(await claimedHosts(world), [host]);
    });
  });
}

for (const operation of ["ensureMoved", "ensureResized"] as const) {
  Deno.test(`a state that is set during ${operation} ends the resize`, () => {
    const { hooks, reached, goOn } = holding(operation);
    return withWorld(hooks, async (world) => {
      const id = await newServer(world);
      await world.operate(id, "resize");
      await reached;
      assertEquals((await claimedHosts(world)).length, 2);
      const path = `/v2.1/servers/${id}/action`;
      const body = { "os-resetState": { state: "active" } };
      assertEquals((await world.cloud.ask("admin", "POST", path, { body })).status, 202);
      goOn();
      await world.settled();
      const { placement, move, migrations } = await world.server(id);
      assertEquals([move, migrations.at(-1)?.status], [null, "error"]);
      assertEquals(await claimedHosts(world), [placement!.host]);
    });
  });
}

Deno.test("a resized server that is deleted softly is confirmed first, and can be restored", () =>
  withWorld({}, async (world) => {
    const id = await newServer(world);
    await world.operate(id, "resize");
    await world.settled();
    await world.delete(id);
    await world.settled();
    const { vmState, move, migrations, placement } = await world.server(id);
    assertEquals([vmState, move, migrations.at(-1)?.status], ["soft-delete", null, "confirmed"]);
    assertEquals(await claimedHosts(world), [placement!.host]);
    const path = `/v2.1/servers/${id}/action`;
    const restored = await world.cloud.ask("member", "POST", path, { body: { restore: null } });
    assertEquals(restored.status, 202);
    await world.settled();
    const server = await world.server(id);
    assertEquals([server.vmState, server.flavor.id], ["active", "2"]);
  }, { settings: { reclaimInstanceSeconds: 3600 } }));

Deno.test("a server whose host is lost during a resize is evacuated, and claims one host", () => {
  const { hooks, reached, goOn } = holding("ensureMoved");
  return withWorld(hooks, async (world) => {
    const id = await newServer(world);
    await world.operate(id, "resize");
    await reached;
    await world.operate(id, "evacuate");
    goOn();
    await world.settled();
    const { vmState, placement, flavor } = await world.server(id);
    const migrations = await world.migrations(id);
    assertEquals([vmState, flavor.id], ["active", "1"]);
    assertEquals(migrations.map(({ status }) => status), ["error", "done"]);
    assertEquals(await claimedHosts(world), [placement!.host]);
    assert(placement!.host !== migrations[0]!.source!.host);
  }, { settings: { stepTimeoutMs: 20_000 } });
});
