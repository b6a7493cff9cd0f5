/** What runs the machines. Every operation may be asked for twice, and may be cut short. */

/** A machine to run. */
export interface Machine {
  readonly serverId: string;
  readonly name: string;
  readonly host: string;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly rootDeviceName: string;
}

export type MachinePower = "running" | "paused" | "suspended" | "stopped";

/** What the driver could not do, in words that may be shown to the server's owner. */
export interface DriverFailure {
  readonly failed: string;
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
  /** Makes sure that what is on a machine's disk now is kept, to be an image. */
  snapshot(
    serverId: string,
    imageId: string,
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
