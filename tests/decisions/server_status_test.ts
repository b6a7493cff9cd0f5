/** The status that clients see and filter by; nova/api/openstack/common.py. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { nextStep, type ServerStep } from "../../src/compute/servers/processes/mod.ts";
import {
  type Operation,
  OPERATIONS,
  rowOf,
  stageAfter,
  stagesOf,
} from "../../src/compute/servers/operations.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import type { TaskState, VmState } from "../../src/compute/servers/states.ts";
import { statusFilter, statusOf } from "../../src/compute/servers/status.ts";
import { created, given } from "../kit/decision_servers.ts";

/** What each vm_state shows as, unless its task says otherwise. */
const STATUS_OF: Readonly<Record<VmState, string>> = {
  building: "BUILD",
  active: "ACTIVE",
  paused: "PAUSED",
  suspended: "SUSPENDED",
  stopped: "SHUTOFF",
  rescued: "RESCUE",
  resized: "VERIFY_RESIZE",
  "soft-delete": "SOFT_DELETED",
  deleted: "DELETED",
  error: "ERROR",
  shelved: "SHELVED",
  shelved_offloaded: "SHELVED_OFFLOADED",
};

const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly Operation[];

const REBUILDING = {
  rebuilding: "REBUILD",
  rebuild_block_device_mapping: "REBUILD",
  rebuild_spawning: "REBUILD",
};

const RESIZING = {
  resize_prep: "RESIZE",
  resize_migrating: "RESIZE",
  resize_migrated: "RESIZE",
  resize_finish: "RESIZE",
};

/** Tasks that show in the status, by the vm_state in which they do. */
const SHOWN: Partial<Record<VmState, Partial<Record<TaskState, string>>>> = {
  active: {
    rebooting: "REBOOT",
    reboot_pending: "REBOOT",
    reboot_started: "REBOOT",
    rebooting_hard: "HARD_REBOOT",
    reboot_pending_hard: "HARD_REBOOT",
    reboot_started_hard: "HARD_REBOOT",
    updating_password: "PASSWORD",
    migrating: "MIGRATING",
    ...RESIZING,
    ...REBUILDING,
  },
  stopped: { ...REBUILDING, ...RESIZING },
  resized: { resize_reverting: "REVERT_RESIZE" },
  paused: { migrating: "MIGRATING" },
  error: REBUILDING,
};

/** Tasks of builds and deletes, and the step each calls for. */
const STEP_OF: Readonly<Partial<Record<TaskState, ServerStep>>> = {
  scheduling: "ChooseHost",
  networking: "EnsurePorts",
  block_device_mapping: "PrepareDisks",
  spawning: "EnsureRunning",
  deleting: "EnsureAbsent",
};

const TASKS: readonly (TaskState | null)[] = [
  null,
  ...Object.keys(STEP_OF) as TaskState[],
  ...OPERATION_NAMES.flatMap((name) => rowOf(name).stages.map(({ task }) => task)),
];

for (const [vmState, status] of Object.entries(STATUS_OF) as [VmState, string][]) {
  Deno.test(`vm_state ${vmState} shows as ${status}, whatever is being done but for what shows`, () => {
    for (const taskState of TASKS) {
      const shown = taskState === null ? undefined : SHOWN[vmState]?.[taskState];
      assertEquals(statusOf({ vmState, taskState }), shown ?? status);
    }
  });

  Deno.test(`the filter ${status} selects vm_state ${vmState} with any task`, () => {
    assertEquals(statusFilter([status]), { vmStates: [vmState], taskStates: null });
  });
}

Deno.test("a vm_state that nobody knows shows as UNKNOWN", () => {
  assertEquals(statusOf({ vmState: "melted" as VmState, taskState: null }), "UNKNOWN");
});

Deno.test("every task of a build or delete calls for a step, and rest for none", () => {
  for (const [taskState, step] of Object.entries(STEP_OF) as [TaskState, ServerStep][]) {
    for (const vmState of Object.keys(STATUS_OF) as VmState[]) {
      assertEquals(nextStep({ ...given(created()).state, vmState, taskState }), step);
    }
  }
  assertEquals(nextStep({ ...given(created()).state, taskState: null }), undefined);
});

Deno.test("every stage of an operation calls for its step, and leads to the next or to the end", () => {
  for (const name of OPERATION_NAMES) {
    for (const vmState of rowOf(name).vmStates) {
      const operation = { name, input: {} } as Server["operation"];
      const server = { ...given(created()).state, vmState, operation };
      const stages = stagesOf(name, server);
      for (const [place, { task: taskState, step }] of stages.entries()) {
        // Of stages that show the same task, what happens to the move tells which it is.
        if (stages.findIndex(({ task }) => task === taskState) !== place) continue;
        assertEquals(nextStep({ ...server, taskState }), step);
        assertEquals(stageAfter({ ...server, taskState }), stages[place + 1]);
      }
    }
  }
});

Deno.test("a status filter does not mind case", () => {
  assertEquals(statusFilter(["active"]), statusFilter(["ACTIVE"]));
  assertEquals(statusFilter(["Shelved_Offloaded"]), statusFilter(["SHELVED_OFFLOADED"]));
});

Deno.test("several words select what any of them does", () => {
  assertEquals(statusFilter(["ERROR", "ACTIVE", "error"])?.vmStates.toSorted(), [
    "active",
    "error",
  ]);
});

Deno.test("unknown words are ignored beside a known one", () => {
  assertEquals(statusFilter(["FLYING", "ACTIVE"]), statusFilter(["ACTIVE"]));
});

Deno.test("words that are all unknown select nothing at all", () => {
  for (const words of [["FLYING"], ["UNKNOWN"], [""], [" ACTIVE"], ["constructor"], []]) {
    assertEquals(statusFilter(words), undefined);
  }
});

Deno.test("every status that Nova has is known, also one that no server shows yet", () => {
  // deno-fmt-ignore
  const known = [
    "ACTIVE", "BUILD", "DELETED", "ERROR", "HARD_REBOOT", "MIGRATING", "PASSWORD", "PAUSED",
    "REBOOT", "REBUILD", "RESCUE", "RESIZE", "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED",
    "SHUTOFF", "SOFT_DELETED", "SUSPENDED", "VERIFY_RESIZE",
  ];
  for (const word of known) assertNotEquals(statusFilter([word]), undefined, word);
});

Deno.test("a word for any task lifts the condition on tasks for all", () => {
  assertEquals(statusFilter(["REBOOT", "ACTIVE"]), { vmStates: ["active"], taskStates: null });
});
