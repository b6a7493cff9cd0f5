/** What machines do by themselves is noticed; nova/compute/manager.py, `_sync_power_states`. */
import { assertEquals } from "@std/assert";
import type { MachineState } from "./hypervisor.ts";
import type { Operation } from "../../src/compute/servers/operations.ts";
import { withWorld } from "./world.ts";

interface Row {
  /** What was done to a new server. */
  readonly after: readonly Operation[];
  /** What its machine does then. */
  readonly machine: MachineState;
  readonly vmState: string;
  readonly powerState: number;
}

const ROWS: Readonly<Record<string, Row>> = {
  "a machine that went off is off": {
    after: [],
    machine: "stopped",
    vmState: "stopped",
    powerState: 4,
  },
  "a machine that somebody started is stopped again": {
    after: ["stop"],
    machine: "running",
    vmState: "stopped",
    powerState: 4,
  },
  "a paused machine that went off is off": {
    after: ["pause"],
    machine: "stopped",
    vmState: "stopped",
    powerState: 4,
  },
  "a machine that somebody paused is left to them": {
    after: [],
    machine: "paused",
    vmState: "active",
    powerState: 3,
  },
};

for (const [name, { after, machine, vmState, powerState }] of Object.entries(ROWS)) {
  Deno.test(name, () =>
    withWorld({}, async (world) => {
      const id = await world.create();
      await world.settled();
      for (const operation of after) {
        await world.operate(id, operation);
        await world.settled();
      }
      world.hypervisor.machines.set(id, machine);
      await world.cloud.cloud.lookAround();
      await world.settled();
      const server = await world.server(id);
      assertEquals([server.vmState, server.powerState], [vmState, powerState]);
      const events = (await world.events(id)).length;
      await world.cloud.cloud.lookAround();
      await world.settled();
      assertEquals((await world.events(id)).length, events, "and there is nothing more to do");
    }));
}
