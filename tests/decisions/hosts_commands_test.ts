/** Compute hosts and their services: each command does it, refuses it, or has nothing left to do. */
import { assertEquals } from "@std/assert";
import {
  type HostEvent,
  type HostFacts,
  recordHostBuildFailed,
  recordHostBuildSucceeded,
  removeHost,
  setHeartbeat,
  type UpdateHostService,
  updateHostService,
} from "../../src/compute/hosts/decider.ts";
import { hosts } from "../../src/compute/hosts/projection.ts";
import { givenOf, timeOf } from "../kit/given.ts";

const given = givenOf(hosts);

const facts: HostFacts = {
  node: "a",
  availabilityZone: "nova",
  vcpus: 8,
  ramMib: 16384,
  diskGib: 500,
  vcpuRatio: 4,
  ramRatio: 1,
  diskRatio: 1,
};
const added = { type: "HostAdded", data: facts } as const;
const enabled = { type: "HostEnabled", data: {} } as const;
const disabled = (reason: string | null) => ({ type: "HostDisabled", data: { reason } }) as const;
const forcedDown = { type: "HostForcedDown", data: {} } as const;
const forcedUp = { type: "HostForcedUp", data: {} } as const;
const removed = { type: "HostRemoved", data: {} } as const;
const buildFailed = { type: "HostBuildFailed", data: { serverId: "s" } } as const;
const buildSucceeded = { type: "HostBuildSucceeded", data: { serverId: "s" } } as const;

type Changes = Omit<UpdateHostService, "type" | "host">;

const update = (changes: Changes): UpdateHostService => ({
  type: "UpdateHostService",
  host: "a",
  ...changes,
});

const UPDATES: readonly (readonly [
  before: readonly HostEvent[],
  changes: Changes,
  events: readonly HostEvent[],
])[] = [
  [[], { enabled: false }, [disabled(null)]],
  [[], { enabled: false, reason: "disk" }, [disabled("disk")]],
  [[], { enabled: true }, []],
  [[disabled("disk")], { enabled: true }, [enabled]],
  [[disabled("disk")], { enabled: false, reason: "disk" }, []],
  [[disabled("disk")], { enabled: false }, [disabled(null)]],
  [[], { forcedDown: true }, [forcedDown]],
  [[forcedDown], { forcedDown: true }, []],
  [[forcedDown], { forcedDown: false }, [forcedUp]],
  [[disabled(null)], { enabled: true, forcedDown: true }, [enabled, forcedDown]],
];

for (const [before, changes, events] of UPDATES) {
  Deno.test(`UpdateHostService ${JSON.stringify(changes)} after ${JSON.stringify(before)}`, () => {
    given(added, ...before).when<HostEvent>((host) => updateHostService(update(changes), host))
      .then(events);
  });
}

Deno.test("UpdateHostService refuses a host that is not there, or no more", () => {
  for (const host of [given(), given(added, removed)]) {
    host.when((state) => updateHostService(update({ enabled: false }), state))
      .thenRefused("NotFound", "Host 'a' is not mapped to any cell");
  }
});

Deno.test("UpdateHostService refuses to have a host up that may hold what was evacuated", () => {
  const up = update({ forcedDown: false });
  const facts = { wasEvacuated: true };
  for (const host of [given(added, forcedDown), given(added)]) {
    host.when((state) => updateHostService(up, state, facts)).thenRefused(
      "Invalid",
      "Unable to force up host a as `done` evacuation migration records remain associated with " +
        "the host. Ensure the compute service has been restarted, allowing these records to move " +
        "to `completed` before retrying this request.",
    );
  }
  given(added).when<HostEvent>((state) =>
    updateHostService(update({ enabled: false }), state, facts)
  )
    .then([disabled(null)]);
});

Deno.test("SetHeartbeat has a host's service fall silent, and be heard again", () => {
  const silence = { type: "SetHeartbeat", host: "a", heartbeat: false } as const;
  const speak = { ...silence, heartbeat: true } as const;
  const silent = { type: "HostFellSilent", data: {} } as const;
  const heard = { type: "HostHeardAgain", data: {} } as const;
  given(added).when<HostEvent>((host) => setHeartbeat(silence, host)).then([silent]);
  given(added, silent).when((host) => setHeartbeat(silence, host)).thenNothing();
  given(added, silent).when<HostEvent>((host) => setHeartbeat(speak, host)).then([heard]);
  given(added).when((host) => setHeartbeat(speak, host)).thenNothing();
  given(added, removed).when((host) => setHeartbeat(speak, host))
    .thenRefused("NotFound", "There is no host a.");
  assertEquals(given(added, silent).state.silentSince, timeOf(2));
  assertEquals(given(added, silent, heard).state.silentSince, null);
});

Deno.test("RemoveHost removes a host without servers", () => {
  const command = { type: "RemoveHost", serviceId: "7", servers: 0, migrations: 0 } as const;
  given(added).when((host) => removeHost(command, host)).then([removed]);
  given(added).when((host) => removeHost({ ...command, servers: 1 }, host)).thenRefused(
    "Conflict",
    "Unable to delete compute service that is hosting instances. Migrate or delete the " +
      "instances first.",
  );
  given(added).when((host) => removeHost({ ...command, migrations: 1 }, host)).thenRefused(
    "Conflict",
    "Unable to delete compute service that has in-progress migrations. Complete the " +
      "migrations or delete the instances first.",
  );
  given(added, removed).when((host) => removeHost(command, host))
    .thenRefused("NotFound", "Service 7 not found.");
});

Deno.test("failed builds are counted until one succeeds", () => {
  assertEquals(given(added, buildFailed, buildFailed).state.failedBuilds, 2);
  given(added).when((host) => recordHostBuildFailed("s", host)).then([buildFailed]);
  given(added).when((host) => recordHostBuildSucceeded("s", host)).thenNothing();
  given(added, buildFailed).when((host) => recordHostBuildSucceeded("s", host))
    .then([buildSucceeded]);
  assertEquals(given(added, buildFailed, buildSucceeded).state.failedBuilds, 0);
  given().when((host) => recordHostBuildFailed("s", host)).thenNothing();
});

Deno.test("what is true of a host: why it is disabled, whether it is down, and since when", () => {
  const { disabled: off, forcedDown: down, updatedAt, number } =
    given(added, disabled("disk"), forcedDown).state;
  assertEquals([off, down, updatedAt, number], [{ reason: "disk" }, true, timeOf(3), 1]);
  const back = given(added, disabled("disk"), forcedDown, enabled, forcedUp).state;
  assertEquals([back.disabled, back.forcedDown], [null, false]);
});
