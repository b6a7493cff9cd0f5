/** Figures of a machine that only exists in books: those of one that has little to do. Pure. */
import type { KnownMachine, MachineDiagnostics, Traffic } from "./driver.ts";

const UTILISATION_PERCENT = 15;
const MEMORY_USED = 0.4;
const BOOT_READ_BYTES = 262_144;
const WRITTEN_BYTES_A_SECOND = 512;
const REQUEST_BYTES = 4096;
const RECEIVED_OCTETS_A_SECOND = 300;
const SENT_OCTETS_A_SECOND = 60;
const PACKET_OCTETS = 100;

/** The figures follow from the machine's size and age alone, so they only ever rise. */
export function simulatedDiagnostics(machine: KnownMachine): MachineDiagnostics {
  const { vcpus, ramMib, ageSeconds } = machine;
  const timeNs = ageSeconds * UTILISATION_PERCENT * 10_000_000;
  return {
    driver: "libvirt",
    hypervisor: "kvm",
    hypervisorOs: "linux",
    uptimeSeconds: ageSeconds,
    memory: { maximumMib: ramMib, usedMib: Math.round(ramMib * MEMORY_USED) },
    cpus: Array.from({ length: vcpus }, () => ({
      timeNs,
      utilisationPercent: UTILISATION_PERCENT,
    })),
    disks: machine.disks.map((device) => ({
      device,
      readBytes: BOOT_READ_BYTES,
      readRequests: BOOT_READ_BYTES / REQUEST_BYTES,
      writeBytes: ageSeconds * WRITTEN_BYTES_A_SECOND,
      writeRequests: Math.ceil(ageSeconds * WRITTEN_BYTES_A_SECOND / REQUEST_BYTES),
      errors: 0,
    })),
    nics: machine.nics.map(({ portId, macAddress }) => ({
      device: `tap${portId.slice(0, 11)}`,
      macAddress,
      received: traffic(ageSeconds, RECEIVED_OCTETS_A_SECOND),
      sent: traffic(ageSeconds, SENT_OCTETS_A_SECOND),
    })),
  };
}

function traffic(seconds: number, rate: number): Traffic {
  const octets = seconds * rate;
  return { octets, packets: Math.ceil(octets / PACKET_OCTETS), errors: 0, drops: 0, rate };
}
