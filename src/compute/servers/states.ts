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
