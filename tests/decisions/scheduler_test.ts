/** Filters take hosts away, weighers rank what is left. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Candidate, type Demand, schedule } from "../../src/compute/hosts/scheduler.ts";
import { candidate } from "../kit/decision_servers.ts";

const demand: Demand = {
  vcpus: 2,
  ramMib: 1024,
  diskGib: 10,
  availabilityZone: null,
  host: null,
  node: null,
  exclude: [],
};

interface FilterCase {
  readonly filter: string;
  readonly demand?: Partial<Demand>;
  /** What sets a host apart that the filter removes. */
  readonly unfit?: Partial<Candidate>;
  /** What sets a host apart that it just lets pass. */
  readonly fit?: Partial<Candidate>;
}

const FILTERS: readonly FilterCase[] = [
  { filter: "RetryFilter", demand: { exclude: ["unfit"] } },
  { filter: "RequestedDestination", demand: { host: "fit" } },
  { filter: "RequestedDestination", demand: { node: "node-1" }, fit: { node: "node-1" } },
  {
    filter: "RequestedDestination",
    demand: { host: "fit", node: "node-1" },
    fit: { node: "node-1" },
    unfit: { node: "node-1" },
  },
  { filter: "ComputeFilter", unfit: { enabled: false } },
  { filter: "ComputeFilter", unfit: { up: false } },
  {
    filter: "AvailabilityZoneFilter",
    demand: { availabilityZone: "zone-b" },
    fit: { availabilityZone: "zone-b" },
  },
  { filter: "VCPU", unfit: { vcpusUsed: 15 }, fit: { vcpusUsed: 14 } },
  { filter: "MEMORY_MB", unfit: { ramMibUsed: 7169 }, fit: { ramMibUsed: 7168 } },
  { filter: "DISK_GB", unfit: { diskGibUsed: 91 }, fit: { diskGibUsed: 90 } },
];

for (const { filter, fit, unfit, ...rest } of FILTERS) {
  const changed = JSON.stringify({ demand: rest.demand, unfit, fit });
  Deno.test(`${filter} removes what does not fit, and only that: ${changed}`, () => {
    const hosts = [candidate("unfit", unfit), candidate("fit", fit)];
    const { chosen, decision } = schedule({ ...demand, ...rest.demand }, hosts);
    assertEquals(chosen?.host, "fit");
    assertEquals(decision, {
      candidates: ["unfit", "fit"],
      filters: [{ name: filter, removed: ["unfit"] }],
      weighed: [{ host: "fit", weight: 0 }],
    });
  });
}

Deno.test("filters run in Nova's order, and each sees only what is left", () => {
  const unfit = { enabled: false, availabilityZone: "zone-a", vcpus: 0, ramMib: 0, diskGib: 0 };
  const hosts = [
    candidate("a", { ...unfit, node: "x" }),
    candidate("b", { ...unfit, node: "y" }),
    candidate("c", { ...unfit, enabled: true, node: "y" }),
    candidate("d", { vcpus: 0, ramMib: 0, diskGib: 0, node: "y" }),
    candidate("e", { ramMib: 0, diskGib: 0, node: "y" }),
    candidate("f", { diskGib: 0, node: "y" }),
    candidate("g", { ...unfit, node: "x" }),
  ];
  const picky = { ...demand, exclude: ["g"], node: "y", availabilityZone: "nova" };
  const { chosen, decision } = schedule(picky, hosts);
  assertEquals(chosen, undefined);
  assertEquals(decision.filters, [
    { name: "RetryFilter", removed: ["g"] },
    { name: "RequestedDestination", removed: ["a"] },
    { name: "ComputeFilter", removed: ["b"] },
    { name: "AvailabilityZoneFilter", removed: ["c"] },
    { name: "VCPU", removed: ["d"] },
    { name: "MEMORY_MB", removed: ["e"] },
    { name: "DISK_GB", removed: ["f"] },
  ]);
});

Deno.test("a demand of nothing fits on a host that is full, but on none that is over", () => {
  const nothing = { ...demand, vcpus: 0, ramMib: 0, diskGib: 0 };
  const full = candidate("full", { vcpusUsed: 16, ramMibUsed: 8192, diskGibUsed: 100 });
  assertEquals(schedule(nothing, [full]).chosen, full);
  assertEquals(schedule(nothing, [{ ...full, vcpusUsed: 17 }]).chosen, undefined);
});

Deno.test("the host with most that is free is chosen: RAM, VCPUs and disk count alike", () => {
  const weights = (hosts: readonly Candidate[]) => schedule(demand, hosts).decision.weighed;
  const hosts = [
    // Half way between the least and the most free RAM; else the least.
    candidate("a", { ramMibUsed: 2000, vcpusUsed: 8, diskGibUsed: 50 }),
    candidate("b", { ramMibUsed: 4000 }),
    candidate("c", { vcpusUsed: 8, diskGibUsed: 25 }),
  ];
  assertEquals(weights(hosts), [
    { host: "b", weight: 2 },
    { host: "c", weight: 1.5 },
    { host: "a", weight: 0.5 },
  ]);
});

Deno.test("hosts that weigh the same are taken by name, wherever they stand", () => {
  const hosts = ["host-b", "host-c", "host-a"].map((host) => candidate(host));
  assertEquals(schedule(demand, hosts).decision.weighed.map(({ host }) => host), [
    "host-a",
    "host-b",
    "host-c",
  ]);
});

const figure = fc.integer({ min: 0, max: 20 });
const anyCandidates = fc.uniqueArray(
  fc.record({
    host: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    node: fc.constantFrom("x", "y"),
    availabilityZone: fc.constantFrom("nova", "zone-b"),
    enabled: fc.boolean(),
    up: fc.boolean(),
    vcpus: figure,
    ramMib: figure,
    diskGib: figure,
    vcpusUsed: figure,
    ramMibUsed: figure,
    diskGibUsed: figure,
  }),
  { selector: ({ host }) => host },
);
const anyDemand = fc.record({
  vcpus: fc.integer({ min: 0, max: 5 }),
  ramMib: fc.integer({ min: 0, max: 5 }),
  diskGib: fc.integer({ min: 0, max: 5 }),
  availabilityZone: fc.constantFrom(null, "nova", "zone-b"),
  host: fc.constantFrom(null, null, "a"),
  node: fc.constantFrom(null, "x"),
  exclude: fc.subarray(["a", "b"]),
});

Deno.test("a chosen host has room, and every host is either removed once or weighed", () => {
  fc.assert(fc.property(anyDemand, anyCandidates, (demand, hosts) => {
    const { chosen, decision } = schedule(demand, hosts);
    const removed = decision.filters.flatMap(({ removed }) => removed);
    const weighed = decision.weighed.map(({ host }) => host);
    assertEquals([...removed, ...weighed].sort(), hosts.map(({ host }) => host).sort());
    assertEquals(chosen?.host, weighed[0]);
    const weights = decision.weighed.map(({ weight }) => weight);
    assertEquals(weights, weights.toSorted((a, b) => b - a));
    if (!chosen) return;
    assert(chosen.enabled && chosen.up);
    assert(chosen.vcpusUsed + demand.vcpus <= chosen.vcpus);
    assert(chosen.ramMibUsed + demand.ramMib <= chosen.ramMib);
    assert(chosen.diskGibUsed + demand.diskGib <= chosen.diskGib);
  }));
});
