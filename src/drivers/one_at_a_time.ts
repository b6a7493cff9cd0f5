/** A driver in front of another that asks it for one thing at a time for each server. */
import { driverBehind, type DriverOperation } from "./calls.ts";
import type { Driver, DriverFailure } from "./driver.ts";
import { unlessAborted } from "./pause.ts";

export interface OneAtATimeOptions {
  /** How long a call waits for the one before it, in milliseconds. */
  readonly patienceMs: number;
}

/** A call that the driver has not answered. */
interface UnderWay {
  readonly operation: DriverOperation;
  /** Resolves when it has, whatever the answer. */
  readonly ended: Promise<void>;
}

/**
 * A driver that begins no call while an earlier one for the same server is under way.
 *
 * Whoever gave a call up is not sure that it is over: what it does late must not undo what was asked
 * for since. A call that has waited too long fails; one that is given up while it waits never begins.
 */
export function oneAtATime(inner: Driver, { patienceMs }: OneAtATimeOptions): Driver {
  const underWay = new Map<string, UnderWay>();
  return driverBehind(inner, async (call) => {
    const { serverId, operation, signal } = call;
    for (let before = underWay.get(serverId); before; before = underWay.get(serverId)) {
      if (!await endsWithin(patienceMs, before, signal)) return call.fail(busyWith(before));
    }
    // Nothing is awaited between the look at what is under way and here.
    signal.throwIfAborted();
    const outcome = call.go();
    const forget = () => void underWay.delete(serverId);
    underWay.set(serverId, { operation, ended: outcome.then(forget, forget) });
    return await outcome;
  });
}

/** Whether it ends so soon; rejects when whoever waits is to give up. */
async function endsWithin(
  ms: number,
  { ended }: UnderWay,
  signal: AbortSignal,
): Promise<boolean> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ms);
  try {
    await unlessAborted(ended, AbortSignal.any([signal, patience.signal]));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function busyWith({ operation }: UnderWay): DriverFailure {
  const what = `${operation}, which was given up and has not ended`;
  return { failed: `The machine is still busy with ${what}.` };
}
