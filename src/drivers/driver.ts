/** What runs the machines. Every operation may be asked for twice, and may be cut short. */

/** A machine to run. */
export interface Machine {
  readonly serverId: string;
  readonly name: string;
  readonly host: string;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly rootDeviceName: string;
  readonly volumes: readonly MachineVolume[];
}

/** A volume as a machine has it. */
export interface MachineVolume {
  readonly volumeId: string;
  /** `/dev/vdb`; null: the driver's choice. */
  readonly deviceName: string | null;
}

export type MachinePower = "running" | "paused" | "suspended" | "stopped";

/** What a machine does that was moved with a break. */
export type MovedPower = Extract<MachinePower, "running" | "stopped">;

export interface LiveMoveOptions {
  /** Whether it may stand still meanwhile, so that it is there soon. */
  readonly inHaste: boolean;
  /** Told now and then how much of its memory is still to be copied; bytes. */
  onProgress(
    memory: { readonly totalBytes: number; readonly remainingBytes: number },
  ): Promise<void>;
}

/** What the driver could not do, in words that may be shown to the server's owner. */
export interface DriverFailure {
  readonly failed: string;
}

/** A machine as compute knows it, for a driver that is asked about it. */
export interface KnownMachine {
  readonly serverId: string;
  readonly hostname: string;
  readonly vcpus: number;
  readonly ramMib: number;
  /** Names within the machine: `vda`. */
  readonly disks: readonly string[];
  readonly nics: readonly {
    readonly portId: string;
    readonly macAddress: string;
    readonly addresses: readonly string[];
  }[];
  /** Seconds since it was launched. */
  readonly ageSeconds: number;
}

/** Something in a machine's life that its console would show. */
export interface MachineMoment {
  /** UTC, ISO 8601. */
  readonly at: string;
  /** `restart`: its system was asked to; `reset`: its power was cut. */
  readonly what: "boot" | "restart" | "reset" | "powerDown" | "rescue" | "crashDump";
}

/** How a running machine is. A figure is null where the driver does not know it. */
export interface MachineDiagnostics {
  /** Nova's word for the kind of driver whose figures these are. */
  readonly driver: string;
  readonly hypervisor: string | null;
  readonly hypervisorOs: string | null;
  readonly uptimeSeconds: number | null;
  readonly memory: { readonly maximumMib: number | null; readonly usedMib: number | null };
  readonly cpus: readonly {
    readonly timeNs: number | null;
    readonly utilisationPercent: number | null;
  }[];
  readonly disks: readonly {
    readonly device: string;
    readonly readBytes: number | null;
    readonly readRequests: number | null;
    readonly writeBytes: number | null;
    readonly writeRequests: number | null;
    readonly errors: number | null;
  }[];
  readonly nics: readonly {
    readonly device: string;
    readonly macAddress: string;
    readonly received: Traffic;
    readonly sent: Traffic;
  }[];
}

/** What went through a nic in one direction. */
export interface Traffic {
  readonly octets: number;
  readonly packets: number;
  readonly errors: number;
  readonly drops: number;
  /** Octets a second. */
  readonly rate: number | null;
}

/** How a machine's console can be reached. */
export type ConsoleProtocol = "vnc" | "spice" | "serial" | "mks";

/** Where a machine's console listens. */
export interface ConsoleAddress {
  readonly host: string;
  readonly port: number;
  /** The port for TLS; null: it has none. */
  readonly tlsPort: number | null;
  /** Tells the machine from others at the same port: an id; null: it has the port to itself. */
  readonly internalAccessPath: string | null;
}

export interface Driver {
  /** Prepares a machine's disks; gives the root device's name, such as `/dev/vda`. */
  prepareDisks(
    serverId: string,
    options: { readonly rootDeviceName: string | null; readonly signal: AbortSignal },
  ): Promise<{ readonly rootDeviceName: string } | DriverFailure>;
  /** Makes sure that the machine runs. */
  ensureRunning(machine: Machine, signal: AbortSignal): Promise<DriverFailure | undefined>;
  /** Makes sure that a server's machine is in a state of power. */
  ensurePower(
    serverId: string,
    power: MachinePower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Restarts a machine: by asking its system, or by its power; asked twice it may restart twice. */
  reboot(
    serverId: string,
    kind: "soft" | "hard",
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that the password of a machine's administrator is this one. */
  setPassword(
    serverId: string,
    password: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine runs from a rescue image, its own disks beside; null: its own image. */
  ensureRescued(
    serverId: string,
    imageId: string | null,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine runs from its own disks again. */
  ensureUnrescued(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined>;
  /** Says how a running machine is. */
  diagnose(machine: KnownMachine): Promise<MachineDiagnostics | DriverFailure>;
  /**
   * What a machine's serial console has shown, at most its last 100 KiB.
   *
   * `history` is what is known of the machine's life, for drivers that have no console to read.
   */
  consoleOutput(
    machine: KnownMachine,
    history: readonly MachineMoment[],
  ): Promise<{ readonly output: string } | DriverFailure>;
  /** Where a machine's console listens; a failure: the machine has none of this protocol. */
  console(
    serverId: string,
    protocol: ConsoleProtocol,
  ): Promise<ConsoleAddress | DriverFailure>;
  /** Makes sure that what is on a machine's disk now is kept, to be an image. */
  snapshot(
    serverId: string,
    imageId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a server's machine has a volume. */
  ensureVolumeAttached(
    serverId: string,
    volume: MachineVolume,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a server's machine has a volume no more. */
  ensureVolumeDetached(
    serverId: string,
    volumeId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine has an interface to a port. */
  ensureInterface(
    serverId: string,
    port: { readonly portId: string; readonly macAddress: string },
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine has none to it. */
  ensureNoInterface(
    serverId: string,
    portId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine is off, and that its disks are on another host as well. */
  ensureMoved(
    serverId: string,
    host: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine whose disks were moved is there, in this size, running or off. */
  ensureResized(
    machine: Machine,
    power: MovedPower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that nothing is left of a moved machine on the host that it came from. */
  ensureLeft(
    serverId: string,
    host: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** Makes sure that a machine is on this host again, in this size, and nothing of it elsewhere. */
  ensureMovedBack(
    machine: Machine,
    power: MovedPower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /**
   * Makes sure that a machine is on this host, and nothing of it elsewhere; it runs, or is paused,
   * all the time. Asked for the host that it is on, whatever was begun comes to nothing.
   */
  ensureMovedLive(
    machine: Machine,
    options: LiveMoveOptions,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined>;
  /** What each machine does that there is, by server; a machine's own system may have stopped it. */
  powers(): Promise<ReadonlyMap<string, MachinePower>>;
  /** Makes sure that there is nothing left of a server's machine. */
  ensureAbsent(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined>;
}

export function isFailure(outcome: unknown): outcome is DriverFailure {
  return typeof outcome === "object" && outcome !== null && "failed" in outcome;
}
