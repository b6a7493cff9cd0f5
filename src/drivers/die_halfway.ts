/** What a hypervisor leaves behind that dies in the middle of a call. */
import type { DriverOperation, PendingCall } from "./calls.ts";
import type { Driver, DriverFailure } from "./driver.ts";

/** How far each operation has come by then; one that the interface gains does not compile without. */
const LEAVES: Readonly<
  Record<DriverOperation, "the machine, made but off" | "the machine off" | "all done" | "nothing">
> = {
  prepareDisks: "all done",
  ensureRunning: "the machine, made but off",
  ensurePower: "the machine off",
  reboot: "the machine off",
  setPassword: "all done",
  ensureRescued: "the machine off",
  ensureUnrescued: "the machine off",
  snapshot: "all done",
  ensureVolumeAttached: "all done",
  ensureVolumeDetached: "nothing",
  ensureInterface: "all done",
  ensureNoInterface: "nothing",
  ensureMoved: "the machine off",
  ensureResized: "the machine, made but off",
  ensureLeft: "nothing",
  ensureMovedBack: "the machine, made but off",
  ensureMovedLive: "nothing",
  ensureAbsent: "the machine off",
};

/** Has a driver do a call half-way; the answer says that it failed, not how far it has come. */
export async function dieHalfway<Outcome>(
  driver: Driver,
  call: PendingCall<Outcome>,
  failure: DriverFailure,
): Promise<Outcome> {
  const { operation, serverId, signal } = call;
  const leaves = LEAVES[operation];
  if (leaves === "the machine, made but off" || leaves === "all done") await call.go();
  if (leaves.endsWith("off")) await driver.ensurePower(serverId, "stopped", signal);
  return call.fail(failure);
}
