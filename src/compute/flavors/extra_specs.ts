/** The extra specs that Nova knows, and what their values may be; nova/api/validation/extra_specs. */
import { RE2JS } from "re2js";

/** What a value may be: any text, one of some words, a text of a form, a yes or no, a number. */
type Values =
  | "text"
  | "boolean"
  | "integer"
  | { readonly oneOf: readonly string[] }
  | { readonly like: string }
  | { readonly min: number; readonly max?: number };

/** By name within a namespace; a name is a pattern. */
type Names = Readonly<Record<string, Values>>;

const fromZero: Values = { min: 0 };
const fromOne: Values = { min: 1 };
const cpuMap: Values = { like: "\\^?\\d+((-\\d+)?(,\\^?\\d+(-\\d+)?)?)*" };
const sharesLevel: Values = { oneOf: ["custom", "high", "normal", "low"] };

/** `name` for each of these. */
function each(names: string, values: Values): Names {
  return Object.fromEntries(names.trim().split(/\s+/).map((name) => [name, values]));
}

/** By namespace, which is a pattern; the empty one holds names without. */
const KNOWN: Readonly<Record<string, Names>> = {
  "": {
    hide_hypervisor_id: "boolean",
    group_policy: { oneOf: ["isolate", "none"] },
  },
  accel: { device_profile: "text" },
  aggregate_instance_extra_specs: { ".+": "text" },
  capabilities: {
    ...each(
      `
      id uuid service_id host vcpus memory_mb local_gb vcpus_used memory_mb_used local_gb_used
      hypervisor_type hypervisor_version hypervisor_hostname free_ram_mb free_disk_gb
      current_workload running_vms disk_available_least host_ip mapped cpu_allocation_ratio
      ram_allocation_ratio disk_allocation_ratio total_usable_ram_mb total_usable_disk_gb
      disk_mb_used free_disk_mb vcpus_total num_instances num_io_ops failed_builds aggregates
      cell_uuid updated`,
      "text",
    ),
    "(cpu_info|metrics|stats|numa_topology|supported_hv_specs|pci_device_pools)(:\\w+)*": "text",
    "(nodename|pci_stats|supported_instances|limits|instances)(:\\w+)*": "text",
  },
  hw: {
    ...each(
      `
      cpu_realtime hide_hypervisor_id locked_memory boot_menu vif_multiqueue_enabled
      mem_encryption pmu virtio_packed_ring ephemeral_encryption`,
      "boolean",
    ),
    ...each(
      `
      numa_nodes numa_mem\\.\\d+ cpu_sockets cpu_cores cpu_threads cpu_max_sockets cpu_max_cores
      cpu_max_threads`,
      fromOne,
    ),
    cpu_realtime_mask: cpuMap,
    cpu_dedicated_mask: cpuMap,
    "numa_cpus\\.\\d+": cpuMap,
    cpu_policy: { oneOf: ["dedicated", "shared", "mixed"] },
    cpu_thread_policy: { oneOf: ["prefer", "isolate", "require"] },
    emulator_threads_policy: { oneOf: ["isolate", "share"] },
    mem_page_size: { like: "(large|small|any|\\d+([kKMGT]i?)?(b|bit|B)?)" },
    pci_numa_affinity_policy: { oneOf: ["required", "preferred", "legacy", "socket"] },
    mem_encryption_model: { oneOf: ["amd-sev", "amd-sev-es", "amd-sev-snp"] },
    pmem: { like: "([a-zA-Z0-9_]+(,)?)+" },
    serial_port_count: fromZero,
    tpm_model: { oneOf: ["tpm-tis", "tpm-crb"] },
    tpm_version: { oneOf: ["1.2", "2.0"] },
    tpm_secret_security: { oneOf: ["user", "host", "deployment"] },
    watchdog_action: { oneOf: ["none", "pause", "poweroff", "reset", "disabled"] },
    viommu_model: { oneOf: ["intel", "smmuv3", "virtio", "auto"] },
    sound_model: { oneOf: ["sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio"] },
    usb_model: { oneOf: ["none", "nec-xhci", "qemu-xhci"] },
    redirected_usb_ports: { min: 0, max: 15 },
    ephemeral_encryption_format: { oneOf: ["plain", "luks", "luksv2"] },
  },
  hw_rng: { allowed: "boolean", rate_bytes: fromZero, rate_period: fromZero },
  hw_video: { ram_max_mb: fromZero },
  os: { secure_boot: { oneOf: ["disabled", "required"] } },
  pci_passthrough: { alias: { like: "[^:]+:\\d+(?:\\s*,\\s*[^:]+:\\d+)*" } },
  quota: {
    ...each("(cpu|memory|disk_io|vif)_limit (cpu|memory|disk_io|vif)_shares_share", fromZero),
    "(cpu|memory|disk_io|vif)_reservation": "integer",
    "(cpu|memory|disk_io|vif)_shares_level": sharesLevel,
    ...each("cpu_shares cpu_period disk_(read|write|total)_(bytes|iops)_sec", fromZero),
    cpu_quota: "integer",
    "vif_(inbound|outbound)_(average|peak|burst)": fromZero,
  },
  "resources([a-zA-Z0-9_-]{1,64})?": {
    ...each(
      `
      VCPU MEMORY_MB DISK_GB PCI_DEVICE SRIOV_NET_VF NUMA_SOCKET NUMA_CORE NUMA_THREAD
      NUMA_MEMORY_MB IPV4_ADDRESS VGPU VGPU_DISPLAY_HEAD NET_BW_EGR_KILOBIT_PER_SEC
      NET_BW_IGR_KILOBIT_PER_SEC PCPU MEM_ENCRYPTION_CONTEXT FPGA PGPU
      NET_PACKET_RATE_KILOPACKET_PER_SEC NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC
      NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC`,
      "integer",
    ),
    "CUSTOM_[A-Z0-9_]+": "integer",
  },
  // Nova knows the standard traits by name; here any in capitals passes.
  "trait([a-zA-Z0-9_-]{1,64})?": { "[A-Z0-9_]+": { oneOf: ["required", "forbidden"] } },
  vmware: { hw_version: "text", storage_policy: "text" },
};

/**
 * What is wrong with an extra spec; undefined when nothing is.
 *
 * A name in a namespace that Nova knows must be one of its names; other namespaces are not looked
 * into. Source: nova/api/validation/extra_specs/validators.py, `validate`.
 */
export function extraSpecProblem(name: string, value: string): string | undefined {
  const colon = name.indexOf(":");
  const namespace = colon < 0 ? "" : name.slice(0, colon);
  const known = find(KNOWN, namespace);
  if (!known) return undefined;
  const values = find(known, name.slice(colon + 1));
  if (values) return valueProblem(values, value);
  if (namespace === "") return undefined;
  return `extra spec '${name}' does not appear to be a valid extra spec.`;
}

function find<T>(byPattern: Readonly<Record<string, T>>, text: string): T | undefined {
  return Object.entries(byPattern).find(([pattern]) => matches(pattern, text))?.[1];
}

/** In linear time, whatever the text. */
function matches(pattern: string, text: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) patterns.set(pattern, compiled = RE2JS.compile(pattern));
  return compiled.matcher(text).matches();
}

const patterns = new Map<string, RE2JS>();

const BOOLEAN_WORDS = ["1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no"];

function valueProblem(values: Values, value: string): string | undefined {
  if (values === "text") return undefined;
  if (values === "boolean") {
    if (BOOLEAN_WORDS.includes(value.trim().toLowerCase())) return undefined;
    return `'${value}' is not a valid boolean-like value.`;
  }
  if (values === "integer") return numberProblem({}, value);
  if ("oneOf" in values) {
    if (values.oneOf.includes(value)) return undefined;
    return `'${value}' is not one of: ${values.oneOf.join(", ")}.`;
  }
  if ("like" in values) {
    return matches(values.like, value)
      ? undefined
      : `'${value}' is not of the format '${values.like}'.`;
  }
  return numberProblem(values, value);
}

function numberProblem(
  { min, max }: { readonly min?: number; readonly max?: number },
  value: string,
): string | undefined {
  if (!/^\s*[-+]?[0-9]+\s*$/.test(value)) return `'${value}' is not a valid integer value.`;
  const number = BigInt(value.trim().replace("+", ""));
  if (max !== undefined && number > max) {
    return `'${number}' is greater than the max value of '${max}'.`;
  }
  if (min !== undefined && number < min) {
    return `'${number}' is less than the min value of '${min}'.`;
  }
}
