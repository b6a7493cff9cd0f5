/** A driver in front of another that fails, hangs, lies and loses replies when it is told to. */
import type { Driver, DriverFailure } from "./driver.ts";
import { pause } from "./pause.ts";

/** What a driver is only asked to tell. */
type DriverQuestion = "powers" | "diagnose" | "consoleOutput" | "console";

/** Something a driver is asked to do. */
export type DriverOperation = Exclude<keyof Driver, DriverQuestion>;

/** One call, before it is carried out. */
export interface DriverCall {
  readonly operation: DriverOperation;
  readonly serverId: string;
}

/** What happens to one call. */
export interface DriverTrouble {
  /** Time before anything else, in milliseconds. */
  readonly delayMs: number;
  /**
   * `none`: only the delay. `fail`: nothing is done, and the message says why. `hang`: nothing is
   * done until the trouble is over. `lose_reply`: it is done, but whoever asked hears an error.
   * `lie`: nothing is done, and the answer says that it is.
   */
  readonly effect: "none" | "fail" | "hang" | "lose_reply" | "lie";
  readonly message: string;
  /** Resolves when the trouble is over. */
  readonly over: Promise<void>;
}

/** Decides which calls are in trouble. */
export interface DriverFaults {
  /** Whether any call could be: false costs nothing. */
  readonly anyOnDriver: boolean;
  /** The trouble that a call is in, if it is. */
  strikeDriver(call: DriverCall): Promise<DriverTrouble | undefined>;
}

type Arguments<Name extends DriverOperation> = Parameters<Driver[Name]>;
type Outcome<Name extends DriverOperation> = Awaited<ReturnType<Driver[Name]>>;

/** How the calls of one operation are read, and answered without doing anything. */
interface Wrapping<Name extends DriverOperation> {
  serverId(args: Arguments<Name>): string;
  signal(args: Arguments<Name>): AbortSignal;
  fail(failure: DriverFailure): Outcome<Name>;
  /** What says that all is done. */
  lie(args: Arguments<Name>): Outcome<Name>;
}

/** Most operations: the server's id comes first, the signal last, and nothing means done. */
type Plain = (serverId: string, ...rest: never[]) => Promise<DriverFailure | undefined>;

function plain<Name extends DriverOperation>(): Driver[Name] extends Plain ? Wrapping<Name>
  : never {
  const wrapping = {
    serverId: (args: readonly unknown[]) => args[0] as string,
    signal: (args: readonly unknown[]) => args.at(-1) as AbortSignal,
    fail: (failure: DriverFailure) => failure,
    lie: () => undefined,
  };
  return wrapping as unknown as Driver[Name] extends Plain ? Wrapping<Name> : never;
}

/** Those whose machine comes first, and its id within it. */
function ofMachine<Name extends MachineOperation>(): Wrapping<Name> {
  const wrapping = {
    serverId: ([{ serverId }]: readonly [{ readonly serverId: string }]) => serverId,
    signal: (args: readonly unknown[]) => args.at(-1) as AbortSignal,
    fail: (failure: DriverFailure) => failure,
    lie: () => undefined,
  };
  return wrapping as unknown as Wrapping<Name>;
}

type MachineOperation = "ensureRunning" | "ensureResized" | "ensureMovedBack" | "ensureMovedLive";

/** A method that the interface gains does not compile until it has its line here. */
const WRAPPINGS: { readonly [Name in DriverOperation]: Wrapping<Name> } = {
  prepareDisks: {
    serverId: ([serverId]) => serverId,
    signal: ([, { signal }]) => signal,
    fail: (failure) => failure,
    lie: ([, { rootDeviceName }]) => ({ rootDeviceName: rootDeviceName ?? "/dev/vda" }),
  },
  ensureRunning: ofMachine<"ensureRunning">(),
  ensurePower: plain<"ensurePower">(),
  reboot: plain<"reboot">(),
  setPassword: plain<"setPassword">(),
  ensureRescued: plain<"ensureRescued">(),
  ensureUnrescued: plain<"ensureUnrescued">(),
  snapshot: plain<"snapshot">(),
  ensureVolumeAttached: plain<"ensureVolumeAttached">(),
  ensureVolumeDetached: plain<"ensureVolumeDetached">(),
  ensureInterface: plain<"ensureInterface">(),
  ensureNoInterface: plain<"ensureNoInterface">(),
  ensureMoved: plain<"ensureMoved">(),
  ensureResized: ofMachine<"ensureResized">(),
  ensureLeft: plain<"ensureLeft">(),
  ensureMovedBack: ofMachine<"ensureMovedBack">(),
  ensureMovedLive: ofMachine<"ensureMovedLive">(),
  ensureAbsent: plain<"ensureAbsent">(),
};

/** Every operation that can be put in trouble: all of them. */
export const DRIVER_OPERATIONS = Object.keys(WRAPPINGS) as readonly DriverOperation[];

/** What whoever asked hears of a call whose reply was lost. */
export class ReplyLost extends Error {
  override readonly name = "ReplyLost";
}

/** A driver that does what another does, but for calls that are in trouble. */
export function faultyDriver(inner: Driver, faults: DriverFaults): Driver {
  const methods = DRIVER_OPERATIONS.map((name) => [name, wrap(inner, name, faults)]);
  const questions: Pick<Driver, DriverQuestion> = {
    powers: () => inner.powers(),
    diagnose: (machine) => inner.diagnose(machine),
    consoleOutput: (machine, moments) => inner.consoleOutput(machine, moments),
    console: (serverId, protocol) => inner.console(serverId, protocol),
  };
  return { ...Object.fromEntries(methods), ...questions } as Driver;
}

function wrap<Name extends DriverOperation>(inner: Driver, name: Name, faults: DriverFaults) {
  const wrapping: Wrapping<Name> = WRAPPINGS[name];
  const go = (args: Arguments<Name>) =>
    (inner[name] as (...args: Arguments<Name>) => Promise<Outcome<Name>>).apply(inner, args);
  return async (...args: Arguments<Name>): Promise<Outcome<Name>> => {
    if (!faults.anyOnDriver) return await go(args);
    const serverId = wrapping.serverId(args);
    const trouble = await faults.strikeDriver({ operation: name, serverId });
    return trouble ? await suffer(trouble, wrapping, args, () => go(args)) : await go(args);
  };
}

async function suffer<Name extends DriverOperation>(
  { delayMs, effect, message, over }: DriverTrouble,
  wrapping: Wrapping<Name>,
  args: Arguments<Name>,
  go: () => Promise<Outcome<Name>>,
): Promise<Outcome<Name>> {
  const signal = wrapping.signal(args);
  await pause(delayMs, signal);
  switch (effect) {
    case "none":
      return await go();
    case "fail":
      return wrapping.fail({ failed: message });
    case "lie":
      return wrapping.lie(args);
    case "hang":
      await unlessAborted(over, signal);
      return await go();
    case "lose_reply":
      await go();
      throw new ReplyLost(message);
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
  });
}
