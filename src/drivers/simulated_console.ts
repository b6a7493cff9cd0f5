/** What the console of a machine that only exists in books would show. Pure. */
import type { KnownMachine, MachineMoment } from "./driver.ts";

/** As much as libvirt's driver reads of a console; nova/virt/libvirt/driver.py, `MAX_CONSOLE_BYTES`. */
const MAX_CHARACTERS = 100 * 1024;

/** How many of the last moments are told: more than fit. */
const MAX_MOMENTS = 500;

/** One boot after another, each ended as the machine's history says. */
export function simulatedConsole(
  machine: KnownMachine,
  history: readonly MachineMoment[],
): string {
  const moments = history.slice(-MAX_MOMENTS);
  const lines: string[] = [];
  let bootedAt = moments[0]?.at ?? "";
  for (const { at, what } of moments) {
    lines.push(...ending(what, secondsBetween(bootedAt, at)));
    if (what === "powerDown") continue;
    bootedAt = at;
    lines.push(...bootLines(machine, at, what === "rescue"));
  }
  return lines.join("\n").slice(-MAX_CHARACTERS);
}

function secondsBetween(from: string, until: string): number {
  return Math.max((Date.parse(until) - Date.parse(from)) / 1000, 0);
}

/** The kernel's last words before the next boot, if it had any. */
function ending(what: MachineMoment["what"], upSeconds: number): string[] {
  switch (what) {
    case "restart":
      return [stamped(upSeconds, "reboot: Restarting system")];
    case "powerDown":
      return [stamped(upSeconds, "reboot: Power down")];
    case "crashDump":
      return [
        stamped(upSeconds, "Uhhuh. NMI received for unknown reason 30 on CPU 0."),
        stamped(upSeconds, "Kernel panic - not syncing: NMI: Not continuing"),
      ];
    case "boot":
    case "reset":
    case "rescue":
      return [];
  }
}

function bootLines(
  { hostname, vcpus, ramMib, disks, nics }: KnownMachine,
  at: string,
  isRescue: boolean,
): string[] {
  const root = disks[0] ?? "vda";
  return [
    "SeaBIOS (version 1.16.2-1)",
    "Booting from Hard Disk...",
    stamped(0, "Linux version 6.1.0-cloud-amd64"),
    stamped(0, `Command line: root=/dev/${root}1 ro console=tty0 console=ttyS0`),
    stamped(0.004, "Hypervisor detected: KVM"),
    stamped(0.021, `Memory: ${ramMib * 1024}K available`),
    stamped(0.107, `smpboot: Allowing ${vcpus} CPUs, 0 hotplug CPUs`),
    stamped(0.611, `rtc_cmos 00:00: setting system clock to ${at.slice(0, 19)} UTC`),
    ...disks.map((disk, place) => stamped(0.82 + place / 100, `virtio_blk: [${disk}] attached`)),
    ...nics.map(({ macAddress }, place) =>
      stamped(1.1 + place / 100, `virtio_net: eth${place} ${macAddress}`)
    ),
    stamped(1.93, `EXT4-fs (${root}1): mounted filesystem with ordered data mode`),
    stamped(2.4, "systemd[1]: Detected virtualization kvm."),
    stamped(2.41, `systemd[1]: Hostname set to <${hostname}>.`),
    ...(isRescue ? [stamped(2.6, "systemd[1]: Started from the rescue image.")] : []),
    ...nics.flatMap(({ addresses }, place) =>
      addresses.map((address) => `ci-info: | eth${place} | True | ${address} |`)
    ),
    "cloud-init: Cloud-init finished.",
    "",
    `${hostname} login: `,
  ];
}

/** `[    1.930000] …`, as the kernel prints seconds since its start. */
function stamped(seconds: number, text: string): string {
  return `[${seconds.toFixed(6).padStart(12)}] ${text}`;
}
