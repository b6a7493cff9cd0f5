/** Calls of the driver's that were given up, and go on all the same: they undo nothing of what follows. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Call, Hooks } from "./hypervisor.ts";
import { operateAll, readyForAll } from "./operations.ts";
import { withWorld, type World } from "./world.ts";

const SETTINGS = { stepTimeoutMs: 600 };

/** From now on, holds up each server's first call of the driver's, whatever it is told. */
class Stragglers {
  readonly #held = Promise.withResolvers<void>();
  readonly #seen = new Set<string>();
  #hasBegun = false;
  readonly hooks: Hooks = {
    before: async ({ serverId }: Call) => {
      if (!this.#hasBegun || this.#seen.has(serverId)) return;
      this.#seen.add(serverId);
      await this.#held.promise;
    },
  };

  begin(): void {
    this.#hasBegun = true;
  }

  /** Lets them do their work. */
  goOn(): void {
    this.#held.resolve();
  }
}

async function shelved(world: World): Promise<string> {
  const id = await world.create();
  await world.settled();
  await world.operate(id, "shelve");
  await world.settled();
  return id;
}

Deno.test("what was given up does not take the machine of what follows", () => {
  const stragglers = new Stragglers();
  return withWorld(stragglers.hooks, async (world) => {
    const id = await shelved(world);
    stragglers.begin();
    await world.operate(id, "shelveOffload");
    await world.settled();
    assertStringIncludes((await world.server(id)).fault!.message, "DestroyMachine did not end");

    await world.operate(id, "unshelve");
    await world.settled();
    stragglers.goOn();
    const { vmState, fault } = await world.server(id);
    assertEquals(vmState, "shelved", "it is said to run, and its machine is being taken away");
    assertEquals(
      fault!.message,
      "The machine is still busy with ensureAbsent, which was given up and has not ended.",
    );
  }, { settings: SETTINGS });
});

Deno.test("what follows waits until what was given up has ended", () => {
  const stragglers = new Stragglers();
  return withWorld(stragglers.hooks, async (world) => {
    const id = await world.create();
    await world.settled();
    stragglers.begin();
    await world.operate(id, "stop");
    await world.settled();
    assertEquals((await world.server(id)).vmState, "active");

    world.onEvents((types) => {
      if (types.includes("ServerPauseRequested")) stragglers.goOn();
    });
    await world.operate(id, "pause");
    await world.settled();
    assertEquals((await world.server(id)).vmState, "paused");
    assertEquals(world.hypervisor.machines.get(id), "paused");
  }, { settings: SETTINGS });
});

Deno.test("a late answer in an operation leaves no machine of a server that is deleted", () => {
  const stragglers = new Stragglers();
  return withWorld(stragglers.hooks, async (world) => {
    const ids = await readyForAll(world);
    stragglers.begin();
    await operateAll(world, ids);
    await world.settled();
    await Promise.all([...ids.values()].map((id) => world.delete(id)));
    stragglers.goOn();
    await world.settled();
    assertEquals([...world.hypervisor.machines], []);
  }, { settings: { stepTimeoutMs: 3000 } });
});

Deno.test("what a delete did not wait for any longer is nobody's any more", () => {
  const stragglers = new Stragglers();
  return withWorld(stragglers.hooks, async (world) => {
    const id = await world.create();
    await world.settled();
    stragglers.begin();
    await world.operate(id, "stop");
    await world.settled();
    await world.delete(id);
    await world.settled();
    assertEquals(await world.status(id), 404);
    stragglers.goOn();
  }, { settings: SETTINGS });
});
