/** What becomes of servers with time, and what their machines do by themselves. */
import { assertEquals } from "@std/assert";
import {
  offloadShelvedServer,
  reclaimServer,
  resetServerState,
  syncPowerState,
  triggerCrashDump,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { POWER_STATE, type PowerState, type VmState } from "../../src/compute/servers/states.ts";
import {
  admin,
  built,
  created,
  deleted,
  deleteRequested,
  given,
  ID,
  lockedBy,
  owner,
  stranger,
} from "../kit/decision_servers.ts";
import { timeOf } from "../kit/given.ts";

const running = (...more: readonly ServerEvent[]) => given(created(), built(), more);
const stopping: ServerEvent = { type: "ServerStopRequested", data: {} };

const LATER = { before: timeOf(100) };
const NOT_YET = { before: timeOf(1) };

for (
  const [decide, vmState, events, expected] of [
    [reclaimServer, "soft-delete", [
      { type: "ServerSoftDeleteRequested", data: {} },
      { type: "ServerSoftDeleted", data: {} },
    ], deleteRequested()],
    [offloadShelvedServer, "shelved", [
      { type: "ServerShelveRequested", data: { imageId: "image-9", name: "shelved" } },
      { type: "ServerShelved", data: { offloads: false } },
    ], { type: "ServerShelveOffloadRequested", data: {} }],
  ] as const
) {
  const overdue = decide as (server: Server, due: typeof LATER) => readonly ServerEvent[];

  Deno.test(`a server that has been in ${vmState} for too long moves on, once`, () => {
    const server = running(...events);
    assertEquals(server.state.vmState, vmState);
    server.when((now) => overdue(now, LATER)).then([expected]);
    server.when((now) => overdue(now, NOT_YET)).thenNothing();
    running(...events, expected).when((now) => overdue(now, LATER)).thenNothing();
  });

  Deno.test(`a server in another state than ${vmState} may stay in it`, () => {
    running().when((now) => overdue(now, LATER)).thenNothing();
    running(deleted()).when((now) => overdue(now, LATER)).thenNothing();
  });
}

const OFF = POWER_STATE.shutDown;

/** What Nova does about a machine that does what its server should not do. */
const STOPPED: readonly (readonly [VmState, PowerState, boolean])[] = [
  ["active", POWER_STATE.shutDown, true],
  ["active", POWER_STATE.crashed, true],
  ["active", POWER_STATE.suspended, true],
  ["active", POWER_STATE.paused, false],
  ["paused", POWER_STATE.shutDown, true],
  ["paused", POWER_STATE.crashed, true],
  ["paused", POWER_STATE.suspended, false],
  ["stopped", POWER_STATE.paused, true],
  ["stopped", POWER_STATE.suspended, true],
  ["suspended", POWER_STATE.shutDown, false],
  ["rescued", POWER_STATE.shutDown, false],
  ["error", POWER_STATE.shutDown, false],
];

for (const [vmState, powerState, stops] of STOPPED) {
  const what = stops ? "is stopped" : "is left alone";
  Deno.test(`a machine in power state ${powerState} of a server that is ${vmState} ${what}`, () => {
    running().but({ vmState }).when((now) => syncPowerState(now, powerState)).then([
      { type: "ServerPowerStateSynced", data: { powerState } },
      ...(stops ? [stopping as { type: "ServerStopRequested"; data: Record<never, never> }] : []),
    ]);
  });
}

Deno.test("power that is as it was known is nothing new, nor is any while a task is under way", () => {
  running().when((now) => syncPowerState(now, POWER_STATE.running)).thenNothing();
  running(stopping).when((now) => syncPowerState(now, OFF)).thenNothing();
  running(deleted()).when((now) => syncPowerState(now, OFF)).thenNothing();
});

const reset = (by = admin) => (server: Server) =>
  resetServerState({ type: "ResetServerState", id: ID, by, vmState: "error" }, server);

Deno.test("an administrator says what state a server is in, whatever it does and whoever locked it", () => {
  const expected = [{ type: "ServerStateReset", data: { vmState: "error" } }] as const;
  running().when(reset()).then(expected);
  running(stopping, lockedBy("owner")).when(reset()).then(expected);
  running().when(reset(stranger)).thenRefused("NotFound", `Instance ${ID} could not be found.`);
  const { vmState, taskState } = running(stopping, expected[0]).state;
  assertEquals([vmState, taskState], ["error", null]);
});

const dump = (by = owner) => (server: Server) =>
  triggerCrashDump({ type: "TriggerCrashDump", id: ID, by }, server);

Deno.test("a crash dump is asked of a machine that is there, in Nova's order of refusals", () => {
  const locked = running(lockedBy("owner"), stopping).but({ placement: null, vmState: "stopped" });
  running().when(dump()).then([{ type: "ServerCrashDumpTriggered", data: {} }]);
  locked.when(dump()).thenRefused("Conflict", `Instance ${ID} is locked`);
  locked.when(dump(admin)).thenRefused("Conflict", `Instance ${ID} is not ready`);
  running(stopping).but({ vmState: "stopped" }).when(dump()).thenRefused(
    "Conflict",
    `Cannot 'trigger_crash_dump' instance ${ID} while it is in vm_state stopped`,
  );
  running(stopping).when(dump()).thenRefused(
    "Conflict",
    `Cannot 'trigger_crash_dump' instance ${ID} while it is in task_state powering-off`,
  );
});
