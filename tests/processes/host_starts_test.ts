/** Hosts that begin anew, and what they have of servers that were evacuated meanwhile. */
import { assertEquals } from "@std/assert";
import { type Call, hang, type Hooks } from "./hypervisor.ts";
import { inFolder, type Machines, withWorld, type World } from "./world.ts";

/** How the driver fares when it clears away the first of several machines. */
const FARES: Readonly<Record<string, (call: Call) => Promise<{ failed: string }>>> = {
  "fails": () => Promise.resolve({ failed: "not now" }),
  "breaks": () => Promise.reject(new Error("on purpose")),
  "hangs": (call) => hang(call, { obeys: false }),
};

/** Sets up two servers anew elsewhere, whose hosts stay down; gives their ids. */
async function evacuateTwo(world: World): Promise<readonly string[]> {
  const mv = "2.90";
  const ids = [await world.create(), await world.create()];
  await world.settled();
  for (const id of ids) {
    const { host } = (await world.server(id)).placement!;
    const found = await world.cloud.ask("admin", "GET", `/v2.1/os-services?host=${host}`, { mv });
    const path = `/v2.1/os-services/${found.json.services[0].id}`;
    await world.cloud.ask("admin", "PUT", path, { mv, body: { forced_down: true } });
    const action = `/v2.1/servers/${id}/action`;
    await world.cloud.ask("admin", "POST", action, { mv, body: { evacuate: {} } });
    await world.settled();
    assertEquals(await statusOf(world, id), "done");
  }
  return ids;
}

async function statusOf(world: World, id: string): Promise<string | undefined> {
  return (await world.migrations(id)).at(-1)?.status;
}

for (const [fares, outcome] of Object.entries(FARES)) {
  Deno.test(`when clearing away one machine ${fares}, others are cleared away all the same`, () =>
    inFolder(async (folder) => {
      let ids: readonly string[] = [];
      let machines: Machines = new Map();
      await withWorld({}, async (world) => {
        ids = await evacuateTwo(world);
        machines = world.hypervisor.machines;
      }, { folder, settings: { simulatedHosts: 3 } });
      const calls: string[] = [];
      const hooks: Hooks = {
        async before(call) {
          if (call.operation !== "ensureLeft") return;
          if (calls.push(call.serverId) === 1) return await outcome(call);
        },
      };
      const settings = { stepTimeoutMs: 100, simulatedHosts: 3 };
      await withWorld(hooks, async (world) => {
        await world.settled();
        assertEquals(await statusOf(world, calls[0]!), "done");
        assertEquals(await statusOf(world, calls[1]!), "completed");
        assertEquals(calls.toSorted(), ids.toSorted());
      }, { folder, machines, settings });
    }));
}
