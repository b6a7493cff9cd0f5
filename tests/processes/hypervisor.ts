/** A hypervisor for tests: its machines outlive the cloud's process, and it does as it is told. */
import type { Driver, DriverFailure, Machine, MachinePower } from "../../src/drivers/driver.ts";

/** What the hypervisor has of a server; disks come before the machine. */
export type MachineState = "disks" | "running";

/** One call of the driver's. */
export interface Call {
  readonly operation: keyof Driver;
  readonly serverId: string;
  readonly signal: AbortSignal;
}

/** Where a test steps in. */
export interface Hooks {
  /** Before anything is done. A failure that it gives is the answer, and nothing is done. */
  before?(call: Call): Promise<DriverFailure | void>;
  /** When it is done, before the cloud hears of it. */
  after?(call: Call): Promise<void>;
}

export class Hypervisor implements Driver {
  constructor(
    private readonly hooks: Hooks = {},
    /** By server; another `Hypervisor` may go on with them. */
    readonly machines: Map<string, MachineState> = new Map(),
  ) {}

  async prepareDisks(
    serverId: string,
    { rootDeviceName, signal }: Parameters<Driver["prepareDisks"]>[1],
  ): Promise<{ readonly rootDeviceName: string } | DriverFailure> {
    const failure = await this.#carryOut({ operation: "prepareDisks", serverId, signal }, () => {
      if (!this.machines.has(serverId)) this.machines.set(serverId, "disks");
    });
    return failure ?? { rootDeviceName: rootDeviceName ?? "/dev/vda" };
  }

  async ensureRunning(
    { serverId }: Machine,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    if (!this.machines.has(serverId)) return { failed: "it has no disks to boot from" };
    return await this.#carryOut({ operation: "ensureRunning", serverId, signal }, () => {
      this.machines.set(serverId, "running");
    });
  }

  ensurePower(
    serverId: string,
    _power: MachinePower,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensurePower", serverId, signal });
  }

  reboot(
    serverId: string,
    _kind: "soft" | "hard",
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "reboot", serverId, signal });
  }

  setPassword(
    serverId: string,
    _password: string,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "setPassword", serverId, signal });
  }

  ensureRescued(
    serverId: string,
    _imageId: string | null,
    signal: AbortSignal,
  ): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureRescued", serverId, signal });
  }

  ensureUnrescued(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined> {
    return this.#carryOut({ operation: "ensureUnrescued", serverId, signal });
  }

  async ensureAbsent(serverId: string, signal: AbortSignal): Promise<DriverFailure | undefined> {
    return await this.#carryOut({ operation: "ensureAbsent", serverId, signal }, () => {
      this.machines.delete(serverId);
    });
  }

  async #carryOut(
    call: Call,
    work: () => void = () => {},
  ): Promise<DriverFailure | undefined> {
    const failure = await this.hooks.before?.(call);
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
