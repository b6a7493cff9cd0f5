/** A driver in front of another that fails, hangs, lies and loses replies when it is told to. */
import { driverBehind, type DriverOperation, type PendingCall } from "./calls.ts";
import { dieHalfway } from "./die_halfway.ts";
import type { Driver } from "./driver.ts";
import { pause, unlessAborted } from "./pause.ts";

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
   * done until the trouble is over. `die_halfway`: it fails when a part of it is done, see
   * die_halfway.ts. `lose_reply`: it is done, but whoever asked hears an error.
   * `lie`: nothing is done, and the answer says that it is.
   */
  readonly effect: "none" | "fail" | "hang" | "die_halfway" | "lose_reply" | "lie";
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

/** What whoever asked hears of a call whose reply was lost. */
export class ReplyLost extends Error {
  override readonly name = "ReplyLost";
}

/** A driver that does what another does, but for calls that are in trouble. */
export function faultyDriver(inner: Driver, faults: DriverFaults): Driver {
  return driverBehind(inner, async (call) => {
    if (!faults.anyOnDriver) return await call.go();
    const { operation, serverId } = call;
    const trouble = await faults.strikeDriver({ operation, serverId });
    return trouble ? await suffer(inner, trouble, call) : await call.go();
  });
}

async function suffer<Outcome>(
  inner: Driver,
  { delayMs, effect, message, over }: DriverTrouble,
  call: PendingCall<Outcome>,
): Promise<Outcome> {
  await pause(delayMs, call.signal);
  switch (effect) {
    case "none":
      return await call.go();
    case "fail":
      return call.fail({ failed: message });
    case "die_halfway":
      return await dieHalfway(inner, call, { failed: message });
    case "lie":
      return call.lie();
    case "hang":
      await unlessAborted(over, call.signal);
      return await call.go();
    case "lose_reply":
      await call.go();
      throw new ReplyLost(message);
  }
}
