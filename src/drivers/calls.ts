/** All calls of a driver in one shape, for what stands in front of one. */
import type { Driver, DriverFailure } from "./driver.ts";

/** What a driver is only asked to tell. */
type DriverQuestion = "powers" | "diagnose" | "consoleOutput" | "console";

/** Something a driver is asked to do. */
export type DriverOperation = Exclude<keyof Driver, DriverQuestion>;

/** A call that is to be carried out. */
export interface PendingCall<Outcome = unknown> {
  readonly operation: DriverOperation;
  readonly serverId: string;
  readonly signal: AbortSignal;
  /** Has the driver do it. */
  go(): Promise<Outcome>;
  /** The answer that says why nothing was done. */
  fail(failure: DriverFailure): Outcome;
  /** The answer that says that all is done. */
  lie(): Outcome;
}

type Arguments<Name extends DriverOperation> = Parameters<Driver[Name]>;
type Outcome<Name extends DriverOperation> = Awaited<ReturnType<Driver[Name]>>;

/** How the calls of one operation are read, and answered without doing anything. */
interface Wrapping<Name extends DriverOperation> {
  serverId(args: Arguments<Name>): string;
  signal(args: Arguments<Name>): AbortSignal;
  fail(failure: DriverFailure): Outcome<Name>;
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

/** Every operation that a driver can be asked for. */
export const DRIVER_OPERATIONS = Object.keys(WRAPPINGS) as readonly DriverOperation[];

/** What is done with each call before the driver hears of it, if it does. */
export type Around = <Outcome>(call: PendingCall<Outcome>) => Promise<Outcome>;

/** A driver behind something that every call goes through; questions go straight to it. */
export function driverBehind(inner: Driver, around: Around): Driver {
  const methods = DRIVER_OPERATIONS.map((name) => [name, wrap(inner, name, around)]);
  const questions: Pick<Driver, DriverQuestion> = {
    powers: () => inner.powers(),
    diagnose: (machine) => inner.diagnose(machine),
    consoleOutput: (machine, moments) => inner.consoleOutput(machine, moments),
    console: (serverId, protocol) => inner.console(serverId, protocol),
  };
  return { ...Object.fromEntries(methods), ...questions } as Driver;
}

function wrap<Name extends DriverOperation>(inner: Driver, name: Name, around: Around) {
  const wrapping: Wrapping<Name> = WRAPPINGS[name];
  type Method = (...args: Arguments<Name>) => Promise<Outcome<Name>>;
  return (...args: Arguments<Name>): Promise<Outcome<Name>> =>
    around<Outcome<Name>>({
      operation: name,
      serverId: wrapping.serverId(args),
      signal: wrapping.signal(args),
      go: () => (inner[name] as unknown as Method).apply(inner, args),
      fail: (failure) => wrapping.fail(failure),
      lie: () => wrapping.lie(args),
    });
}
