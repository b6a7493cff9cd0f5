/** Filters take hosts away, weighers rank what is left. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Candidate,
  type Demand,
  type GroupDemand,
  schedule,
} from "../../src/compute/hosts/scheduler.ts";
import { candidate } from "../kit/decision_servers.ts";

const demand: Demand = {
  vcpus: 2,
  ramMib: 1024,
  diskGib: 10,
  availabilityZone: null,
  host: null,
  node: null,
  exclude: [],
  extraSpecs: {},
  imageProperties: {},
  sameHosts: null,
  differentHosts: [],
  group: null,
};

/** A demand of a server group: whose members are where. */
function inGroup(
  policy: GroupDemand["policy"],
  members: GroupDemand["members"],
  maxServersPerHost: number | null = null,
): Partial<Demand> {
  return { group: { policy, maxServersPerHost, members } };
}

const specs = (extraSpecs: Demand["extraSpecs"]): Partial<Demand> => ({ extraSpecs });
const ssd = { aggregateMetadata: { ssd: ["false", "true"] } };

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
  {
    filter: "ComputeCapabilitiesFilter",
    demand: specs({ "capabilities:hypervisor_type": "fake", "hw:cpu_policy": "dedicated" }),
    fit: { capabilities: { hypervisor_type: "fake" } },
    unfit: { capabilities: { hypervisor_type: "xen" } },
  },
  {
    filter: "ComputeCapabilitiesFilter",
    demand: specs({ "capabilities:cpu_info:features": "<in> pge" }),
    fit: { capabilities: { cpu_info: { features: ["pge", "clflush"] } } },
    unfit: { capabilities: { cpu_info: "unknown" } },
  },
  {
    // A note that names no capability asks for nothing.
    filter: "ComputeCapabilitiesFilter",
    demand: specs({ vcpus_total: ">= 8", note: "x" }),
    fit: { capabilities: { vcpus_total: 8 } },
    unfit: { capabilities: { vcpus_total: 4 } },
  },
  {
    filter: "AggregateInstanceExtraSpecsFilter",
    demand: specs({ "aggregate_instance_extra_specs:ssd": "true" }),
    fit: ssd,
  },
  {
    filter: "AggregateInstanceExtraSpecsFilter",
    demand: specs({ ssd: "<or> yes <or> true", note: "x" }),
    fit: ssd,
    unfit: { aggregateMetadata: { ssd: ["false"] } },
  },
  { filter: "SameHostFilter", demand: { sameHosts: ["elsewhere", "fit"] } },
  { filter: "DifferentHostFilter", demand: { differentHosts: ["unfit"] } },
  { filter: "ServerGroupAntiAffinityFilter", demand: inGroup("anti-affinity", { unfit: 1 }) },
  {
    filter: "ServerGroupAntiAffinityFilter",
    demand: inGroup("anti-affinity", { unfit: 2, fit: 1 }, 2),
  },
  { filter: "ServerGroupAffinityFilter", demand: inGroup("affinity", { fit: 3 }) },
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

/** What each weigher says of hosts that differ in this only. */
interface WeigherCase {
  readonly weigher: string;
  readonly demand?: Partial<Demand>;
  readonly better: Partial<Candidate>;
  readonly worse: Partial<Candidate>;
  /** The parts in the weights; 0: none. */
  readonly parts: readonly [better: number, worse: number];
}

const FULL = { vcpusUsed: 14, ramMibUsed: 7168, diskGibUsed: 90 };

const WEIGHERS: readonly WeigherCase[] = [
  {
    weigher: "RAMWeigher",
    better: { ramMibUsed: 0 },
    worse: { ramMibUsed: 2048 },
    parts: [1, 0.75],
  },
  { weigher: "CPUWeigher", better: { vcpusUsed: 0 }, worse: { vcpusUsed: 12 }, parts: [1, 0.25] },
  {
    weigher: "DiskWeigher",
    better: { diskGibUsed: 0 },
    worse: { diskGibUsed: 50 },
    parts: [1, 0.5],
  },
  { weigher: "IoOpsWeigher", better: { ioOps: 1 }, worse: { ioOps: 4 }, parts: [-0.25, -1] },
  {
    weigher: "BuildFailureWeigher",
    better: FULL,
    worse: { failedBuilds: 1 },
    parts: [0, -1_000_000],
  },
  {
    weigher: "ServerGroupSoftAffinityWeigher",
    demand: inGroup("soft-affinity", { better: 2, worse: 1 }),
    better: {},
    worse: {},
    parts: [1, 0],
  },
  {
    weigher: "ServerGroupSoftAntiAffinityWeigher",
    demand: inGroup("soft-anti-affinity", { worse: 1 }),
    better: {},
    worse: {},
    parts: [1, 0],
  },
];

for (const { weigher, better, worse, parts, ...rest } of WEIGHERS) {
  Deno.test(`${weigher} ranks hosts, and its part is recorded`, () => {
    const hosts = [candidate("worse", worse), candidate("better", better)];
    const { weighed } = schedule({ ...demand, ...rest.demand }, hosts).decision;
    assertEquals(weighed.map(({ host }) => host), ["better", "worse"]);
    assertEquals(weighed.map((one) => one.parts?.[weigher] ?? 0), [...parts]);
  });
}

Deno.test("the host with most that is free is chosen: RAM, VCPUs and disk count alike", () => {
  const hosts = [
    candidate("a", { ramMibUsed: 2048, vcpusUsed: 8, diskGibUsed: 50 }),
    candidate("b", { ramMibUsed: 4096 }),
    candidate("c", { vcpusUsed: 8, diskGibUsed: 25 }),
  ];
  assertEquals(schedule(demand, hosts).decision.weighed, [
    { host: "b", weight: 2.5, parts: { RAMWeigher: 0.5, CPUWeigher: 1, DiskWeigher: 1 } },
    { host: "c", weight: 2.25, parts: { RAMWeigher: 1, CPUWeigher: 0.5, DiskWeigher: 0.75 } },
    { host: "a", weight: 1.75, parts: { RAMWeigher: 0.75, CPUWeigher: 0.5, DiskWeigher: 0.5 } },
  ]);
});

const IMAGES: readonly (readonly [properties: Record<string, string>, fits: boolean])[] = [
  [{}, true],
  [{ os_distro: "debian" }, true],
  [{ architecture: "x86_64", hypervisor_type: "QEMU", vm_mode: "hvm" }, true],
  [{ hw_architecture: "amd64" }, true],
  [{ hw_architecture: "aarch64" }, false],
  [{ img_hv_type: "xen" }, false],
  [{ hw_vm_mode: "xen" }, false],
];

for (const [imageProperties, fits] of IMAGES) {
  const does = fits ? "lets" : "does not let";
  Deno.test(`ImagePropertiesFilter ${does} pass ${JSON.stringify(imageProperties)}`, () => {
    const { decision } = schedule({ ...demand, imageProperties }, [candidate("host")]);
    const removed = [{ name: "ImagePropertiesFilter", removed: ["host"] }];
    assertEquals(decision.filters, fits ? [] : removed);
  });
}

Deno.test("under affinity the first goes anywhere; under soft policies all do", () => {
  for (
    const wishes of [
      inGroup("affinity", {}),
      inGroup("anti-affinity", {}),
      inGroup("soft-affinity", { a: 5 }),
      inGroup("soft-anti-affinity", { a: 5, b: 5 }),
    ]
  ) {
    const hosts = [candidate("a"), candidate("b")];
    assertEquals(schedule({ ...demand, ...wishes }, hosts).decision.filters, []);
  }
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
    ioOps: figure,
    failedBuilds: fc.integer({ min: 0, max: 2 }),
    aggregateMetadata: fc.constantFrom<Record<string, string[]>>({}, { ssd: ["true"] }),
    capabilities: fc.constant({}),
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
  extraSpecs: fc.constantFrom<Record<string, string>>({}, { ssd: "true" }),
  imageProperties: fc.constantFrom<Record<string, string>>({}, { hw_architecture: "x86_64" }),
  sameHosts: fc.constantFrom(null, ["c"]),
  differentHosts: fc.subarray(["d"]),
  group: fc.constantFrom<GroupDemand | null>(
    null,
    { policy: "affinity", maxServersPerHost: null, members: { c: 1 } },
    { policy: "anti-affinity", maxServersPerHost: 2, members: { c: 2 } },
    { policy: "soft-affinity", maxServersPerHost: null, members: { c: 2 } },
  ),
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
