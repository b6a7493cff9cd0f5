/** What the simulated machines' hypervisor says of itself: the words of Nova's own, `fake`. */

/** nova/virt/fake.py; the version is a number: 1.0.0. */
export const HYPERVISOR = {
  type: "fake",
  version: 1000,
  address: "127.0.0.1",
} as const;

/** Architectures, kinds of hypervisor and modes that images may ask for and get. */
export const SUPPORTED = {
  architectures: ["x86_64", "i686"],
  types: ["fake", "qemu", "kvm"],
  modes: ["hvm"],
} as const;

/** The processors of a host with so many of them. */
export function cpuInfoOf(vcpus: number): Readonly<Record<string, unknown>> {
  return {
    arch: "x86_64",
    model: "Nehalem",
    vendor: "Intel",
    features: ["pge", "clflush"],
    topology: { cores: vcpus, threads: 1, sockets: 1 },
  };
}
