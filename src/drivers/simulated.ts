/** A hypervisor that only keeps books: machines appear and go after settable delays. */
import type {
  ConsoleAddress,
  ConsoleProtocol,
  Driver,
  DriverFailure,
  KnownMachine,
  LiveMoveOptions,
  Machine,
  MachineDiagnostics,
  MachineMoment,
  MachinePower,
  MachineVolume,
  MovedPower,
} from "./driver.ts";
import { pause } from "./pause.ts";
import { simulatedConsole } from "./simulated_console.ts";
import { simulatedDiagnostics } from "./simulated_diagnostics.ts";

/** How long things take, in milliseconds. */
export interface SimulatedDelays {
  readonly prepareDisksMs: number;
  readonly spawnMs: number;
  readonly destroyMs: number;
  /** Starting, stopping, pausing, plugging in and the like. */
  readonly powerMs: number;
  readonly snapshotMs: number;
  /** Bringing a machine's disks, or its memory, to another host. */
  readonly moveMs: number;
}

/** In how many parts the memory of a machine is copied. */
const PARTS = 4;

/** Where the consoles of all machines are: a server's id tells them apart. */
const CONSOLE_PORTS: Readonly<Record<ConsoleProtocol, number>> = {
  vnc: 5900,
  spice: 5901,
  serial: 10000,
  mks: 902,
};
const SPICE_TLS_PORT = 5902;

export class SimulatedDriver implements Driver {
  readonly #machines = new Map<string, Machine>();
  readonly #power = new Map<string, MachinePower>();
  readonly #delays: SimulatedDelays;

  constructor(delays: SimulatedDelays) {
    this.#delays = delays;
  }

  async prepareDisks(
    _serverId: string,
    options: { readonly rootDeviceName: string | null; readonly signal: AbortSignal },
  ): Promise<{ readonly rootDeviceName: string } | DriverFailure> {
    await pause(this.#delays.prepareDisksMs, options.signal);
    return { rootDeviceName: options.rootDeviceName ?? "/dev/vda" };
  }

  async ensureRunning(machine: Machine, signal: AbortSignal): Promise<DriverFailure | undefined> {
    if (!this.#machines.has(machine.serverId)) await pause(this.#delays.spawnMs, signal);
    this.#machines.set(machine.serverId, machine);
    this.#power.set(machine.serverId, "running");
    return undefined;
  }

  async ensurePower(
    serverId: string,
    power: MachinePower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    if (this.#power.get(serverId) !== power) await pause(this.#delays.powerMs, signal);
    this.#power.set(serverId, power);
    return undefined;
  }

  async reboot(
    serverId: string,
    _kind: "soft" | "hard",
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.powerMs, signal);
    this.#power.set(serverId, "running");
    return undefined;
  }

  async setPassword(
    _serverId: string,
    _password: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.powerMs, signal);
    return undefined;
  }

  ensureRescued(
    serverId: string,
    _imageId: string | null,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.reboot(serverId, "hard", signal);
  }

  ensureUnrescued(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined> {
    return this.reboot(serverId, "hard", signal);
  }

  diagnose(machine: KnownMachine): Promise<MachineDiagnostics> {
    return Promise.resolve(simulatedDiagnostics(machine));
  }

  consoleOutput(
    machine: KnownMachine,
    history: readonly MachineMoment[],
  ): Promise<{ readonly output: string }> {
    return Promise.resolve({ output: simulatedConsole(machine, history) });
  }

  console(serverId: string, protocol: ConsoleProtocol): Promise<ConsoleAddress> {
    return Promise.resolve({
      host: "127.0.0.1",
      port: CONSOLE_PORTS[protocol],
      tlsPort: protocol === "spice" ? SPICE_TLS_PORT : null,
      internalAccessPath: serverId,
    });
  }

  async snapshot(
    _serverId: string,
    _imageId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.snapshotMs, signal);
    return undefined;
  }

  async ensureVolumeAttached(
    _serverId: string,
    _volume: MachineVolume,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.powerMs, signal);
    return undefined;
  }

  async ensureInterface(
    _serverId: string,
    _port: { readonly portId: string; readonly macAddress: string },
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.powerMs, signal);
    return undefined;
  }

  async ensureVolumeDetached(
    _serverId: string,
    _volumeId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.powerMs, signal);
    return undefined;
  }

  async ensureNoInterface(
    _serverId: string,
    _portId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.powerMs, signal);
    return undefined;
  }

  async ensureMoved(
    serverId: string,
    _host: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.moveMs, signal);
    this.#power.set(serverId, "stopped");
    return undefined;
  }

  async ensureResized(
    machine: Machine,
    power: MovedPower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.spawnMs, signal);
    this.#machines.set(machine.serverId, machine);
    this.#power.set(machine.serverId, power);
    return undefined;
  }

  async ensureLeft(
    _serverId: string,
    _host: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    await pause(this.#delays.destroyMs, signal);
    return undefined;
  }

  ensureMovedBack(
    machine: Machine,
    power: MovedPower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.ensureResized(machine, power, signal);
  }

  async ensureMovedLive(
    machine: Machine,
    { inHaste, onProgress }: LiveMoveOptions,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    const isThere = this.#machines.get(machine.serverId)?.host === machine.host;
    const totalBytes = machine.ramMib * 2 ** 20;
    for (let part = 1; !isThere && !inHaste && part <= PARTS; part++) {
      await pause(this.#delays.moveMs / PARTS, signal);
      await onProgress({ totalBytes, remainingBytes: totalBytes * (1 - part / PARTS) });
    }
    signal.throwIfAborted();
    this.#machines.set(machine.serverId, machine);
    return undefined;
  }

  powers(): Promise<ReadonlyMap<string, MachinePower>> {
    return Promise.resolve(new Map(this.#power));
  }

  async ensureAbsent(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined> {
    await pause(this.#delays.destroyMs, signal);
    this.#machines.delete(serverId);
    this.#power.delete(serverId);
    return undefined;
  }
}
