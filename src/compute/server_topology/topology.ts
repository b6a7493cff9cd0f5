/** The NUMA nodes that a server's flavor and image ask for; nova/virt/hardware.py. Pure. */
import type { Server } from "../servers/state.ts";

/** One node of a guest. */
export interface Node {
  readonly vcpus: readonly number[];
  readonly memoryMib: number;
  /** By the guest's CPU: the host's that it is pinned to. */
  readonly pinning: ReadonlyMap<number, number>;
}

export interface Topology {
  readonly nodes: readonly Node[];
  /** Size of the pages of memory in KiB; null: whatever the host uses. */
  readonly pageSizeKib: number | null;
}

export const NO_TOPOLOGY: Topology = { nodes: [], pageSizeKib: null };

/**
 * The topology of a server: none unless nodes, dedicated CPUs or a page size are asked for.
 *
 * What Nova refuses at the create (more nodes than CPUs, CPUs in two nodes or none, memory that does
 * not add up) makes no topology. Dedicated CPUs are pinned to the host's of the same number: which
 * others have is not kept. Source: nova/virt/hardware.py, `numa_get_constraints`.
 */
export function topologyOf({ flavor, image }: Pick<Server, "flavor" | "image">): Topology {
  const asked = (name: string): string | undefined =>
    flavor.extraSpecs[`hw:${name}`] ?? image?.properties[`hw_${name}`];
  const isDedicated = asked("cpu_policy") === "dedicated";
  const pageSize = asked("mem_page_size");
  const count = asked("numa_nodes") ?? (isDedicated || pageSize !== undefined ? "1" : undefined);
  if (count === undefined || !/^[1-9][0-9]{0,2}$/.test(count)) return NO_TOPOLOGY;
  const nodes = asked("numa_cpus.0") === undefined
    ? evenNodes(Number(count), flavor)
    : namedNodes(Number(count), flavor, asked);
  if (!nodes) return NO_TOPOLOGY;
  return {
    nodes: nodes.map(({ vcpus, memoryMib }) => ({
      vcpus,
      memoryMib,
      pinning: new Map(isDedicated ? vcpus.map((cpu) => [cpu, cpu]) : []),
    })),
    pageSizeKib: pageSize === undefined ? null : readPageSize(pageSize),
  };
}

type Size = Pick<Server["flavor"], "vcpus" | "ramMib">;
type Share = Pick<Node, "vcpus" | "memoryMib">;

/** `_get_numa_topology_auto`. */
function evenNodes(count: number, { vcpus, ramMib }: Size): readonly Share[] | undefined {
  if (vcpus % count !== 0 || ramMib % count !== 0) return undefined;
  const each = vcpus / count;
  return Array.from({ length: count }, (_, node) => ({
    vcpus: Array.from({ length: each }, (_, place) => node * each + place),
    memoryMib: ramMib / count,
  }));
}

/** `_get_numa_topology_manual`. */
function namedNodes(
  count: number,
  { vcpus, ramMib }: Size,
  asked: (name: string) => string | undefined,
): readonly Share[] | undefined {
  const nodes = Array.from({ length: count }, (_, node) => ({
    vcpus: readCpus(asked(`numa_cpus.${node}`) ?? ""),
    memoryMib: Number(asked(`numa_mem.${node}`) ?? NaN),
  }));
  const all = nodes.flatMap((node) => node.vcpus).sort((one, other) => one - other);
  const isWhole = all.length === vcpus && all.every((cpu, place) => cpu === place) &&
    nodes.reduce((sum, { memoryMib }) => sum + memoryMib, 0) === ramMib;
  return isWhole ? nodes : undefined;
}

const MOST_CPUS = 1024;

/** `0-2,^1` → 0 and 2; `parse_cpu_spec`. */
function readCpus(text: string): readonly number[] {
  const wanted = new Set<number>();
  const unwanted = new Set<number>();
  for (const rule of text.split(",")) {
    const match = /^\s*(\^)?(\d+)(?:-(\d+))?\s*$/.exec(rule);
    if (!match) return [];
    const [, without, first = "", last = first] = match;
    if (Number(last) >= MOST_CPUS) return [];
    for (let cpu = Number(first); cpu <= Number(last); cpu++) {
      (without === undefined ? wanted : unwanted).add(cpu);
    }
  }
  return [...wanted].filter((cpu) => !unwanted.has(cpu)).sort((one, other) => one - other);
}

/** The page sizes that hosts have in KiB. */
const SMALL = 4;
const LARGE = 2048;

const UNITS: Readonly<Record<string, number>> = { kb: 1, mb: 1024, gb: 1024 * 1024 };

/** `small`, `large`, `any`, KiB, or a number with its unit: `2MB`. */
function readPageSize(text: string): number | null {
  if (text === "small") return SMALL;
  if (text === "large" || text === "any") return LARGE;
  const match = /^(\d+)\s*([kmg]b)?$/i.exec(text);
  return match ? Number(match[1]) * (UNITS[(match[2] ?? "kb").toLowerCase()] ?? 1) : null;
}
