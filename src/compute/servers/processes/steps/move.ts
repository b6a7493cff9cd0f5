/** The steps of moves between hosts. */
import { type DriverFailure, isFailure } from "../../../../drivers/driver.ts";
import { recordCancelled, recordProgress } from "../../decide/mod.ts";
import type { Move } from "../../moves.ts";
import type { StepContext } from "./context.ts";
import { machineOn } from "./machine.ts";
import { bindPorts } from "./move_back.ts";
import { advance, failOperation } from "./operate.ts";

/** Has the machine go off, and its disks to where its server is to be. */
export function moveDisks(step: StepContext): Promise<void> {
  const { id, signal, dependencies: { driver } } = step;
  return carryOut(step, ({ destination }) => driver.ensureMoved(id, destination!.host, signal));
}

/** Has the machine be there in its new size, with its ports. */
export function finishMove(step: StepContext): Promise<void> {
  const { signal, dependencies: { driver } } = step;
  return carryOut(step, async ({ destination, newFlavor, vmState }) => {
    await bindPorts(step, destination!.host);
    const machine = machineOn(step, destination!.host, newFlavor);
    return await driver.ensureResized(machine, powerOf(vmState), signal);
  });
}

/** Has what was left where the machine came from go. */
export function confirmMove(step: StepContext): Promise<void> {
  const { id, signal, dependencies: { driver } } = step;
  return carryOut(step, ({ source }) => driver.ensureLeft(id, source!.host, signal));
}

/** Has the machine run again where it came from, in the size that it had. */
export function revertMove(step: StepContext): Promise<void> {
  const { signal, dependencies: { driver } } = step;
  return carryOut(step, async ({ source, oldFlavor }) => {
    await bindPorts(step, source!.host);
    return await driver.ensureMovedBack(
      machineOn(step, source!.host, oldFlavor),
      "running",
      signal,
    );
  });
}

/** Has the machine go to another host while it runs, and tells how far it is. */
export function migrateLive(step: StepContext): Promise<void> {
  return moveLive(step, { inHaste: false });
}

/** The same, and it may stand still for it. */
export function completeLive(step: StepContext): Promise<void> {
  return moveLive(step, { inHaste: true });
}

function moveLive(
  step: StepContext,
  { inHaste }: { readonly inHaste: boolean },
): Promise<void> {
  const { signal, dependencies: { driver } } = step;
  return carryOut(step, async ({ destination, newFlavor }) => {
    const machine = machineOn(step, destination!.host, newFlavor);
    const outcome = await driver.ensureMovedLive(machine, {
      inHaste,
      async onProgress(memory) {
        signal.throwIfAborted();
        await step.record("RecordProgress", (now) => recordProgress(now, memory));
      },
    }, signal);
    signal.throwIfAborted();
    if (!isFailure(outcome)) await bindPorts(step, destination!.host);
    return outcome;
  });
}

/** Has the machine stay where it is after all. */
export async function cancelLive(step: StepContext): Promise<void> {
  const { server: { move }, signal, dependencies: { driver } } = step;
  const { source, oldFlavor } = move!;
  const machine = machineOn(step, source!.host, oldFlavor);
  const options = { inHaste: true, onProgress: () => Promise.resolve() };
  const outcome = await driver.ensureMovedLive(machine, options, signal);
  signal.throwIfAborted();
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await bindPorts(step, source!.host);
  await step.record("RecordCancelled", recordCancelled);
}

async function carryOut(
  step: StepContext,
  work: (move: Move) => Promise<DriverFailure | undefined>,
): Promise<void> {
  const outcome = await work(step.server.move!);
  step.signal.throwIfAborted();
  if (isFailure(outcome)) return await failOperation(step, outcome.failed);
  await advance(step);
}

function powerOf(vmState: Move["vmState"]): "running" | "stopped" {
  return vmState === "stopped" ? "stopped" : "running";
}
