/** `status` as clients see it, from vm_state and task_state; nova/api/openstack/common.py. */
import type { Server } from "./state.ts";
import type { TaskState, VmState } from "./states.ts";

type AnyTask = "*";

/** One row of the table: this vm_state with one of these tasks shows as this status. */
interface StatusRow {
  readonly vmState: VmState;
  /** `*`: any task, and none; the row that applies when no other of its vm_state does. */
  readonly taskStates: readonly TaskState[] | AnyTask;
  readonly status: string;
}

const REBUILD_TASKS = ["rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"] as const;

const RESIZE_TASKS = [
  "resize_prep",
  "resize_migrating",
  "resize_migrated",
  "resize_finish",
] as const;

const STATUS_ROWS: readonly StatusRow[] = [
  { vmState: "active", taskStates: "*", status: "ACTIVE" },
  {
    vmState: "active",
    taskStates: ["rebooting", "reboot_pending", "reboot_started"],
    status: "REBOOT",
  },
  {
    vmState: "active",
    taskStates: ["rebooting_hard", "reboot_pending_hard", "reboot_started_hard"],
    status: "HARD_REBOOT",
  },
  { vmState: "active", taskStates: ["updating_password"], status: "PASSWORD" },
  { vmState: "active", taskStates: REBUILD_TASKS, status: "REBUILD" },
  { vmState: "active", taskStates: ["migrating"], status: "MIGRATING" },
  { vmState: "active", taskStates: RESIZE_TASKS, status: "RESIZE" },
  { vmState: "building", taskStates: "*", status: "BUILD" },
  { vmState: "stopped", taskStates: "*", status: "SHUTOFF" },
  { vmState: "stopped", taskStates: REBUILD_TASKS, status: "REBUILD" },
  { vmState: "stopped", taskStates: RESIZE_TASKS, status: "RESIZE" },
  { vmState: "resized", taskStates: "*", status: "VERIFY_RESIZE" },
  { vmState: "resized", taskStates: ["resize_reverting"], status: "REVERT_RESIZE" },
  { vmState: "paused", taskStates: "*", status: "PAUSED" },
  { vmState: "paused", taskStates: ["migrating"], status: "MIGRATING" },
  { vmState: "suspended", taskStates: "*", status: "SUSPENDED" },
  { vmState: "rescued", taskStates: "*", status: "RESCUE" },
  { vmState: "error", taskStates: "*", status: "ERROR" },
  { vmState: "error", taskStates: REBUILD_TASKS, status: "REBUILD" },
  { vmState: "deleted", taskStates: "*", status: "DELETED" },
  { vmState: "soft-delete", taskStates: "*", status: "SOFT_DELETED" },
  { vmState: "shelved", taskStates: "*", status: "SHELVED" },
  { vmState: "shelved_offloaded", taskStates: "*", status: "SHELVED_OFFLOADED" },
];

/** What the reference page calls some statuses, and Nova's real word for each. */
const OTHER_SPELLINGS: Readonly<Record<string, string>> = {
  BUILDING: "BUILD",
  STOPPED: "SHUTOFF",
  RESCUED: "RESCUE",
  RESIZED: "RESIZE",
};

/** Every status that a filter may name; `api-ref`, "Server status". */
const KNOWN_STATUSES: ReadonlySet<string> = new Set([
  "ACTIVE",
  "BUILD",
  "DELETED",
  "ERROR",
  "HARD_REBOOT",
  "MIGRATING",
  "PASSWORD",
  "PAUSED",
  "REBOOT",
  "REBUILD",
  "RESCUE",
  "RESIZE",
  "REVERT_RESIZE",
  "SHELVED",
  "SHELVED_OFFLOADED",
  "SHUTOFF",
  "SOFT_DELETED",
  "SUSPENDED",
  "VERIFY_RESIZE",
]);

/** The status a server shows. */
export function statusOf(server: Pick<Server, "vmState" | "taskState">): string {
  const rows = STATUS_ROWS.filter((row) => row.vmState === server.vmState);
  const task = server.taskState;
  const exact = rows.find((row) =>
    row.taskStates !== "*" && task !== null && row.taskStates.includes(task)
  );
  return (exact ?? rows.find((row) => row.taskStates === "*"))?.status ?? "UNKNOWN";
}

/** What a `status` filter selects: these vm_states, and of them only these tasks (null: any). */
export interface StatusFilter {
  readonly vmStates: readonly VmState[];
  readonly taskStates: readonly TaskState[] | null;
}

/**
 * The states behind the words of a `status` filter; undefined when no word is a known status.
 *
 * As in Nova, one word that stands for any task lifts the condition on tasks for all.
 */
export function statusFilter(words: readonly string[]): StatusFilter | undefined {
  const wanted = new Set(
    words.map((word) => word.toUpperCase())
      .map((word) => OTHER_SPELLINGS[word] ?? word)
      .filter((word) => KNOWN_STATUSES.has(word)),
  );
  if (wanted.size === 0) return undefined;
  const rows = STATUS_ROWS.filter((row) => wanted.has(row.status));
  const anyTask = rows.some((row) => row.taskStates === "*");
  return {
    vmStates: [...new Set(rows.map((row) => row.vmState))],
    taskStates: anyTask
      ? null
      : rows.flatMap((row) => row.taskStates === "*" ? [] : row.taskStates),
  };
}

/** Statuses under which `progress` is shown; nova/api/openstack/compute/views/servers.py. */
export const PROGRESS_STATUSES: ReadonlySet<string> = new Set([
  "ACTIVE",
  "BUILD",
  "REBUILD",
  "RESIZE",
  "VERIFY_RESIZE",
  "MIGRATING",
]);

/** Statuses under which a recorded fault is shown. */
export const FAULT_STATUSES: ReadonlySet<string> = new Set(["ERROR", "DELETED"]);
