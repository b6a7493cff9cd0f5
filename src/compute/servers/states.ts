/** The words of a server's state; docs "Server concepts". */

/** nova/compute/vm_states.py: the stable state the owner asked for. */
export type VmState =
  | "building"
  | "active"
  | "paused"
  | "suspended"
  | "stopped"
  | "rescued"
  | "resized"
  | "soft-delete"
  | "deleted"
  | "error"
  | "shelved"
  | "shelved_offloaded";

/** nova/compute/task_states.py: what is being done right now. */
export type TaskState =
  | "scheduling"
  | "networking"
  | "block_device_mapping"
  | "spawning"
  | "powering-on"
  | "powering-off"
  | "rebooting"
  | "reboot_pending"
  | "reboot_started"
  | "rebooting_hard"
  | "reboot_pending_hard"
  | "reboot_started_hard"
  | "pausing"
  | "unpausing"
  | "suspending"
  | "resuming"
  | "updating_password"
  | "rescuing"
  | "unrescuing"
  | "image_snapshot_pending"
  | "image_snapshot"
  | "image_pending_upload"
  | "image_uploading"
  | "image_backup"
  | "rebuilding"
  | "rebuild_block_device_mapping"
  | "rebuild_spawning"
  | "shelving"
  | "shelving_image_pending_upload"
  | "shelving_image_uploading"
  | "shelving_offloading"
  | "unshelving"
  | "resize_prep"
  | "resize_migrating"
  | "resize_migrated"
  | "resize_finish"
  | "resize_reverting"
  | "migrating"
  | "soft-deleting"
  | "restoring"
  | "deleting";

/** nova/compute/power_state.py: what the hypervisor last said. */
export const POWER_STATE = {
  noState: 0,
  running: 1,
  paused: 3,
  shutDown: 4,
  crashed: 6,
  suspended: 7,
} as const;
export type PowerState = typeof POWER_STATE[keyof typeof POWER_STATE];

/** What the hypervisor says of a machine whose server is in this state; undefined: anything. */
export const POWER_IN: Readonly<Partial<Record<VmState, PowerState>>> = {
  active: POWER_STATE.running,
  paused: POWER_STATE.paused,
  suspended: POWER_STATE.suspended,
  stopped: POWER_STATE.shutDown,
  rescued: POWER_STATE.running,
  "soft-delete": POWER_STATE.shutDown,
  shelved: POWER_STATE.shutDown,
  shelved_offloaded: POWER_STATE.shutDown,
};
