/** Refusals in Cinder's words; cinder/exception.py. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";

export const notFound = {
  volume: (id: string) => reject("NotFound", `Volume ${id} could not be found.`),
  snapshot: (id: string) => reject("NotFound", `Snapshot ${id} could not be found.`),
  type: (id: string) => reject("NotFound", `Volume type ${id} could not be found.`),
  typeByName: (name: string) =>
    reject("NotFound", `Volume type with name ${name} could not be found.`),
  transfer: (id: string) => reject("NotFound", `Transfer ${id} could not be found.`),
  qosSpecs: (id: string) => reject("NotFound", `No such QoS spec ${id}.`),
  groupType: (id: string) => reject("NotFound", `Group type ${id} could not be found.`),
  groupTypeByName: (name: string) =>
    reject("NotFound", `Group type with name ${name} could not be found.`),
  group: (id: string) => reject("NotFound", `Group ${id} could not be found.`),
  groupSnapshot: (id: string) => reject("NotFound", `GroupSnapshot ${id} could not be found.`),
  backup: (id: string) => reject("NotFound", `Backup ${id} could not be found.`),
  attachment: (id: string) =>
    reject(
      "NotFound",
      `Volume attachment could not be found with filter: attachment_id = ${id}.`,
    ),
  metadata: (id: string, key: string) =>
    reject("NotFound", `Volume ${id} has no metadata with key ${key}.`),
  snapshotMetadata: (id: string, key: string) =>
    reject("NotFound", `Snapshot ${id} has no metadata with key ${key}.`),
} as const;

/** A value that no rule of Cinder's allows. */
export function invalidInput(reason: string): Rejection {
  return reject("Invalid", `Invalid input received: ${reason}`);
}

/** A volume that is not in the state for it. */
export function invalidVolume(reason: string): Rejection {
  return reject("Invalid", `Invalid volume: ${reason}`);
}

/** A snapshot that is not in the state for it. */
export function invalidSnapshot(reason: string): Rejection {
  return reject("Invalid", `Invalid snapshot: ${reason}`);
}

/** A rule of policy that the caller does not meet. */
export function notAllowed(action: string): Rejection {
  return reject("Forbidden", `Policy doesn't allow ${action} to be performed.`);
}

/** `available or in-use`; cinder/utils.py, `build_or_str`. */
export function orList(words: readonly string[]): string {
  return words.join(" or ");
}
