/**
 * Many short histories of requests, faults, crashes and restarts on a simulated clock; after each,
 * whatever has happened, the promises hold.
 *
 * A failure prints the shortest history found and its seed: `CHRONOVA_SEED` repeats it,
 * `CHRONOVA_HISTORIES` sets how many there are.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { servers } from "../../src/compute/servers/aggregate.ts";
import { numberFrom, runSeed } from "../processes/random.ts";
import { FakeTime } from "./fake_time.ts";
import { history } from "./history.ts";
import { assertPromisesHeld } from "./promises.ts";
import { seedFolder } from "./seed_folder.ts";
import { SimulatedCloud } from "./simulated_cloud.ts";

/** So many histories have something of everything, whatever the seed. */
const BY_DEFAULT = 150;

Deno.test("whatever happens, the promises hold", async () => {
  const seed = runSeed();
  const numRuns = numberFrom("CHRONOVA_HISTORIES", BY_DEFAULT);
  /** How often events of each type have happened. */
  const count = new Map<string, number>();
  const parent = await Deno.makeTempDir({ prefix: "chronova-simulation-" });
  using time = new FakeTime(Date.UTC(2026, 0, 1));
  try {
    const seeded = await seedFolder(time, parent);
    const lived = fc.asyncProperty(history, async (one) => {
      const folder = await Deno.makeTempDir({ dir: parent });
      const lived = await SimulatedCloud.live(one, { ...seeded, time, parent: folder });
      const events = await assertPromisesHeld(lived, one, seeded.groupIds[0]!);
      for (const { type } of events) count.set(type, (count.get(type) ?? 0) + 1);
      await Deno.remove(folder, { recursive: true });
    });
    await fc.assert(lived, { seed, numRuns });
    if (numRuns >= BY_DEFAULT) assertAllHappened(count);
  } catch (error) {
    console.error(`repeat with CHRONOVA_SEED=${seed} CHRONOVA_HISTORIES=${numRuns}`);
    throw error;
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

/** Fails unless all that can happen to servers has happened; what fails is left to chance. */
function assertAllHappened(count: ReadonlyMap<string, number>): void {
  const all = [...Object.keys(servers.eventTypes), "HostForcedDown", "HostForcedUp"];
  const missing = all.filter((type) => !type.endsWith("Failed") && !count.has(type));
  assertEquals(missing, [], "events that never happened");
}
