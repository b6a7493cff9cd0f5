/** Operations on servers, as clients ask for them. */
import { type Operation, OPERATIONS } from "../../src/compute/servers/operations.ts";
import type { Settings } from "../../src/config.ts";
import type { World } from "./world.ts";

/** Begun by DELETE, and only where deletes are soft; tested on their own. */
const OF_SOFT_DELETES: readonly string[] = ["softDelete", "restore"];

export const OPERATION_NAMES = (Object.keys(OPERATIONS) as readonly Operation[])
  .filter((name) => !OF_SOFT_DELETES.includes(name));

/** With these, every operation can be asked for by itself. */
export const OPERATION_SETTINGS: Partial<Settings> = { shelvedOffloadSeconds: -1 };

/** What stands behind an action's key, where that matters. */
function valueOf(operation: Operation, imageId: string): unknown {
  switch (operation) {
    case "softReboot":
      return { type: "SOFT" };
    case "hardReboot":
      return { type: "HARD" };
    case "changePassword":
      return { adminPass: "changed-password" };
    case "createImage":
      return { name: "an image" };
    case "createBackup":
      return { name: "a backup", backup_type: "daily", rotation: 1 };
    case "rebuild":
      return { imageRef: imageId, name: "rebuilt" };
    case "resize":
      return { flavorRef: "2" };
    case "liveMigrate":
      return { host: null, block_migration: "auto" };
    case "evacuate":
      return {};
    default:
      return null;
  }
}

/** The path and the body of the `POST` that asks a server for an operation. */
export function requestOf(
  operation: Operation,
  { id, imageId }: { readonly id: string; readonly imageId: string },
): readonly [path: string, body: Readonly<Record<string, unknown>>] {
  const { action } = OPERATIONS[operation];
  if (operation === "powerOn" || operation === "powerOff") {
    const tag = operation === "powerOn" ? "POWER_ON" : "POWER_OFF";
    return ["/os-server-external-events", { events: [{ name: action, server_uuid: id, tag }] }];
  }
  return [`/servers/${id}/action`, { [action]: valueOf(operation, imageId) }];
}

/** The status of an accepted request. */
export function acceptedStatus(operation: Operation): number {
  switch (operation) {
    case "rescue":
    case "evacuate":
    case "powerOn":
    case "powerOff":
      return 200;
    case "confirmResize":
      return 204;
    default:
      return 202;
  }
}

/** An operation, and what must have been done to a new server for it to be possible. */
export interface Case {
  readonly operation: Operation;
  readonly before: readonly Operation[];
}

const BEFORE: Partial<Record<Operation, readonly Operation[]>> = {
  start: ["stop"],
  powerOn: ["stop"],
  unpause: ["pause"],
  resume: ["suspend"],
  unrescue: ["rescue"],
  shelveOffload: ["shelve"],
  unshelve: ["shelve"],
  confirmResize: ["resize"],
  revertResize: ["resize"],
};

/** Every way to ask for an operation. */
export const CASES: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(
    OPERATION_NAMES.map((operation) => [
      operation as string,
      { operation, before: BEFORE[operation] ?? [] },
    ]),
  ),
  "rebuild of a stopped server": { operation: "rebuild", before: ["stop"] },
  "resize of a stopped server": { operation: "resize", before: ["stop"] },
  "revertResize of a stopped server": { operation: "revertResize", before: ["stop", "migrate"] },
  "confirmResize of a stopped server": { operation: "confirmResize", before: ["stop", "resize"] },
  "liveMigrate of a paused server": { operation: "liveMigrate", before: ["pause"] },
  "evacuate of a stopped server": { operation: "evacuate", before: ["stop"] },
  "unshelve of a server that has left its host": {
    operation: "unshelve",
    before: ["shelve", "shelveOffload"],
  },
};

/** By the name of the case: a server of which its operation may be asked. */
export async function readyForAll(world: World): Promise<ReadonlyMap<string, string>> {
  await world.cloud.limit({ instances: -1, cores: -1, ram: -1 });
  const ids = new Map<string, string>();
  for (const name of Object.keys(CASES)) ids.set(name, await world.create());
  await world.settled();
  for (const place of [0, 1]) {
    for (const [name, id] of ids) {
      const needed = CASES[name]!.before[place];
      if (needed) await world.operate(id, needed);
    }
    await world.settled();
  }
  return ids;
}

/** Asks each server for the operation of its case. */
export async function operateAll(world: World, ids: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, id] of ids) await world.operate(id, CASES[name]!.operation);
}
