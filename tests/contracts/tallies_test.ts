/** Sums over servers move with what they are sums of, and with nothing else. */
import { assertEquals } from "@std/assert";
import { NO_SERVER, type Server } from "../../src/compute/servers/state.ts";
import { tally } from "../../src/compute/servers/tallies.ts";
import type { Writer } from "../../src/store/query.ts";
import { exampleFlavor } from "../kit/decision_servers.ts";

const placement = { host: "host-a", node: "node-a", availabilityZone: "nova" };

Deno.test("what a server claims is not worked out when nothing of it has moved", async () => {
  let read = 0;
  let written = 0;
  const flavor = {
    ...exampleFlavor,
    get vcpus() {
      read++;
      return 1;
    },
  };
  const tx = { run: () => Promise.resolve(written++) } as unknown as Writer;
  const before: Server = { ...NO_SERVER, number: 1, vmState: "active", flavor, placement };
  await tally(tx, before, { ...before, name: "other", taskState: "pausing", tags: ["a"] });
  assertEquals([read, written], [0, 0]);
  await tally(tx, before, { ...before, vmState: "deleted" });
  assertEquals([read > 0, written > 0], [true, true]);
});
