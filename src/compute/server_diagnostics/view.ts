/** A machine's figures as Nova's JSON: in the driver's own form below 2.48, then in one for all. */
import type { MachineDiagnostics } from "../../drivers/driver.ts";

/** As nova/virt/libvirt/driver.py, `get_diagnostics`, names them. Memory in KiB. */
export function viewOwnForm({ cpus, disks, nics, memory }: MachineDiagnostics): object {
  return Object.fromEntries([
    ...cpus.map(({ timeNs }, number) => [`cpu${number}_time`, timeNs]),
    ...disks.flatMap(({ device, ...figures }) => [
      [`${device}_read_req`, figures.readRequests],
      [`${device}_read`, figures.readBytes],
      [`${device}_write_req`, figures.writeRequests],
      [`${device}_write`, figures.writeBytes],
      [`${device}_errors`, figures.errors],
    ]),
    ...nics.flatMap(({ device, received, sent }) =>
      ([["rx", received], ["tx", sent]] as const).flatMap(([way, traffic]) => [
        [`${device}_${way}`, traffic.octets],
        [`${device}_${way}_packets`, traffic.packets],
        [`${device}_${way}_errors`, traffic.errors],
        [`${device}_${way}_drop`, traffic.drops],
      ])
    ),
    ["memory", memory.maximumMib === null ? null : memory.maximumMib * 1024],
  ]);
}

/** nova/api/openstack/compute/views/server_diagnostics.py. */
export function viewStandardForm(
  diagnostics: MachineDiagnostics,
  { state, configDrive }: { readonly state: string; readonly configDrive: boolean },
): object {
  const { cpus, disks, nics, memory } = diagnostics;
  return {
    state,
    driver: diagnostics.driver,
    hypervisor: diagnostics.hypervisor,
    hypervisor_os: diagnostics.hypervisorOs,
    uptime: diagnostics.uptimeSeconds,
    config_drive: configDrive,
    num_cpus: cpus.length,
    num_nics: nics.length,
    num_disks: disks.length,
    memory_details: { maximum: memory.maximumMib, used: memory.usedMib },
    cpu_details: cpus.map(({ timeNs, utilisationPercent }, id) => ({
      id,
      time: timeNs,
      utilisation: utilisationPercent,
    })),
    disk_details: disks.map((disk) => ({
      read_bytes: disk.readBytes,
      read_requests: disk.readRequests,
      write_bytes: disk.writeBytes,
      write_requests: disk.writeRequests,
      errors_count: disk.errors,
    })),
    nic_details: nics.map(({ macAddress, received, sent }) => ({
      mac_address: macAddress,
      rx_octets: received.octets,
      rx_errors: received.errors,
      rx_drop: received.drops,
      rx_packets: received.packets,
      rx_rate: received.rate,
      tx_octets: sent.octets,
      tx_errors: sent.errors,
      tx_drop: sent.drops,
      tx_packets: sent.packets,
      tx_rate: sent.rate,
    })),
  };
}
