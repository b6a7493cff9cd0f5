/** A hypervisor for tests: its machines outlive the cloud's process, and it does as it is told. */
import type {
  Driver,
  DriverFailure,
  LiveMoveOptions,
  Machine,
  MachinePower,
  MachineVolume,
  MovedPower,
} from "../../src/drivers/driver.ts";

/** What the hypervisor has of a server; disks come before the machine. */
export type MachineState = "disks" | MachinePower | "rescued";

/** One call of the driver's. */
export interface Call {
  readonly operation: keyof Driver;
  readonly serverId: string;
  readonly signal: AbortSignal;
  /** Of a live move: whether it may stand still for it. */
  readonly inHaste?: boolean;
}

/** Where a test steps in. */
export interface Hooks {
  /** Before anything is done. A failure that it gives is the answer, and nothing is done. */
  before?(call: Call): Promise<DriverFailure | void>;
  /** When it is done, before the cloud hears of it. */
  after?(call: Call): Promise<void>;
}

export class Hypervisor implements Driver {
  #isGone = false;
  /** Ports that were plugged in while machines ran, each behind its server's id. */
  readonly interfaces = new Set<string>();
  /** Calls that came while another for the same server was under way: there must be none. */
  readonly overlaps: string[] = [];
  /** What is under way, by server. */
  readonly #busy = new Map<string, keyof Driver>();

  constructor(
    private readonly hooks: Hooks = {},
    /** By server; another `Hypervisor` may go on with them. */
    readonly machines: Map<string, MachineState> = new Map(),
    /** Where something of a server is, each as `<server> on <host>`; for another as well. */
    readonly places: Set<string> = new Set(),
  ) {}

  /** The cloud's process has ended: whatever it had begun comes to nothing. */
  leave(): void {
    this.#isGone = true;
  }

  async prepareDisks(
    serverId: string,
    { rootDeviceName, signal }: Parameters<Driver["prepareDisks"]>[1],
  ): Promise<{ readonly rootDeviceName: string } | DriverFailure> {
    const failure = await this.#carryOut({ operation: "prepareDisks", serverId, signal }, () => {
      if (!this.machines.has(serverId)) this.machines.set(serverId, "disks");
    });
    return failure ?? { rootDeviceName: rootDeviceName ?? "/dev/vda" };
  }

  ensureRunning(
    { serverId, host }: Machine,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensureRunning", serverId, signal }, "running", () => {
      this.places.add(`${serverId} on ${host}`);
    });
  }

  ensurePower(
    serverId: string,
    power: MachinePower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensurePower", serverId, signal }, power);
  }

  reboot(
    serverId: string,
    _kind: "soft" | "hard",
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "reboot", serverId, signal }, "running");
  }

  setPassword(
    serverId: string,
    _password: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "setPassword", serverId, signal }, "running");
  }

  ensureRescued(
    serverId: string,
    _imageId: string | null,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensureRescued", serverId, signal }, "rescued");
  }

  ensureUnrescued(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensureUnrescued", serverId, signal }, "running");
  }

  /** It has neither figures nor consoles. */
  diagnose(): Promise<DriverFailure> {
    return Promise.resolve({ failed: "there are no figures" });
  }

  consoleOutput(): Promise<DriverFailure> {
    return Promise.resolve({ failed: "there is no console" });
  }

  console(): Promise<DriverFailure> {
    return Promise.resolve({ failed: "there is no console" });
  }

  snapshot(
    serverId: string,
    _imageId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "snapshot", serverId, signal }, () => {});
  }

  ensureVolumeAttached(
    serverId: string,
    _volume: MachineVolume,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureVolumeAttached", serverId, signal }, () => {});
  }

  ensureVolumeDetached(
    serverId: string,
    _volumeId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureVolumeDetached", serverId, signal }, () => {});
  }

  ensureInterface(
    serverId: string,
    { portId }: Parameters<Driver["ensureInterface"]>[1],
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureInterface", serverId, signal }, () => {
      this.interfaces.add(`${serverId} ${portId}`);
    });
  }

  ensureNoInterface(
    serverId: string,
    portId: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureNoInterface", serverId, signal }, () => {
      this.interfaces.delete(`${serverId} ${portId}`);
    });
  }

  ensureMoved(
    serverId: string,
    host: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensureMoved", serverId, signal }, "stopped", () => {
      this.places.add(`${serverId} on ${host}`);
    });
  }

  ensureResized(
    { serverId, host }: Machine,
    power: MovedPower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensureResized", serverId, signal }, power, () => {
      this.places.add(`${serverId} on ${host}`);
    });
  }

  ensureLeft(
    serverId: string,
    host: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureLeft", serverId, signal }, () => {
      this.places.delete(`${serverId} on ${host}`);
    });
  }

  ensureMovedBack(
    { serverId, host }: Machine,
    power: MovedPower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#bring({ operation: "ensureMovedBack", serverId, signal }, power, () => {
      this.#keepOnlyOn(serverId, host);
    });
  }

  /** It is heard of once, half way. */
  async ensureMovedLive(
    { serverId, host }: Machine,
    { inHaste, onProgress }: LiveMoveOptions,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    if (!inHaste) await onProgress({ totalBytes: 4, remainingBytes: 2 });
    const call = { operation: "ensureMovedLive", serverId, signal, inHaste } as const;
    return await this.#carryOut(call, () => this.#keepOnlyOn(serverId, host));
  }

  powers(): Promise<ReadonlyMap<string, MachinePower>> {
    const powers = new Map<string, MachinePower>();
    for (const [id, state] of this.machines) {
      if (state !== "disks") powers.set(id, state === "rescued" ? "running" : state);
    }
    return Promise.resolve(powers);
  }

  ensureAbsent(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureAbsent", serverId, signal }, () => {
      this.machines.delete(serverId);
      this.#keepOnlyOn(serverId, undefined);
    });
  }

  #keepOnlyOn(serverId: string, host: string | undefined): void {
    for (const place of this.places) {
      if (place.startsWith(`${serverId} on `)) this.places.delete(place);
    }
    if (host !== undefined) this.places.add(`${serverId} on ${host}`);
  }

  /** Brings what is there of a server to a state. */
  async #bring(
    call: Call,
    state: MachineState,
    also = () => {},
  ): Promise<DriverFailure | undefined> {
    const { serverId } = call;
    if (!this.machines.has(serverId)) return { failed: "there is nothing of it" };
    return await this.#carryOut(call, () => {
      this.machines.set(serverId, state);
      also();
    });
  }

  async #carryOut(call: Call, work: () => void): Promise<DriverFailure | undefined> {
    const { serverId, operation } = call;
    const busy = this.#busy.get(serverId);
    if (busy) this.overlaps.push(`${operation} of ${serverId} came during ${busy}`);
    this.#busy.set(serverId, operation);
    try {
      return await this.#work(call, work);
    } finally {
      this.#busy.delete(serverId);
    }
  }

  async #work(call: Call, work: () => void): Promise<DriverFailure | undefined> {
    const failure = await this.hooks.before?.(call);
    if (this.#isGone) return await new Promise<never>(() => {});
    if (failure) return failure;
    work();
    await this.hooks.after?.(call);
  }
}

/** Never answers; `obeys`: but gives up when the call is cut short. */
export function hang({ signal }: Call, { obeys }: { readonly obeys: boolean }): Promise<never> {
  return new Promise((_, reject) => {
    if (!obeys) return;
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
