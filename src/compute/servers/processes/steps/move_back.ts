/** What becomes of machines and ports whose server does not move after all. */
import { type OperationStep, stageOf } from "../../operations.ts";
import { machineOn } from "./machine.ts";
import type { StepContext } from "./context.ts";

/** Has the server's ports lead to a host. */
export async function bindPorts(step: StepContext, host: string): Promise<void> {
  await step.dependencies.networks.bindPorts(step.id, host);
}

/** Steps behind which a machine may be elsewhere, or off, though its server does not move. */
const LEAVING: ReadonlySet<OperationStep> = new Set(["MoveDisks", "FinishMove", "RevertMove"]);
const LEAVING_LIVE: ReadonlySet<OperationStep> = new Set(["MigrateLive", "CompleteLive"]);

/** Brings a machine back to where its server is to be, if the driver can in the time of a step. */
export async function stayWhereItWas(step: StepContext): Promise<void> {
  const { server, dependencies: { driver } } = step;
  const { source, oldFlavor, vmState } = server.move!;
  const now = stageOf(server)?.step;
  if (source === null || now === undefined) return;
  const machine = machineOn(step, source.host, oldFlavor);
  if (LEAVING.has(now)) {
    const power = vmState === "stopped" ? "stopped" : "running";
    await step.tidyUp((signal) => driver.ensureMovedBack(machine, power, signal));
  } else if (LEAVING_LIVE.has(now)) {
    const options = { inHaste: true, onProgress: () => Promise.resolve() };
    await step.tidyUp((signal) => driver.ensureMovedLive(machine, options, signal));
  } else return;
  await bindPorts(step, source.host);
}
