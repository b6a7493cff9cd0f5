/**
 * What Nova allows in which state: fixtures/nova/state_matrix.json, cell by cell.
 *
 * What is only asked is in tests/api/state_matrix_test.ts; a command of the matrix in neither table
 * fails.
 */
import { assert, assertEquals } from "@std/assert";
import { actionNamed } from "../../src/compute/servers/actions/mod.ts";
import { refuseConsole } from "../../src/compute/consoles/decider.ts";
import {
  deleteServer,
  detachInterface,
  type FlavorFacts,
  type ImageFacts,
  updateServer,
  updateServerMetadata,
  updateServerTags,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import { evolve, type Server } from "../../src/compute/servers/state.ts";
import type { TaskState, VmState } from "../../src/compute/servers/states.ts";
import { DEFAULT_LIMITS, NO_USAGE } from "../../src/compute/quotas/limits.ts";
import { type Decision, isRejection } from "../../src/eventsourcing/decider.ts";
import { faultOf, isFault } from "../../src/http/faults.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import { built, created, exampleFlavor, examplePort, given } from "../kit/decision_servers.ts";
import { recorded } from "../kit/given.ts";
import { type Cell, MATRIX, QUESTIONS } from "../kit/state_matrix.ts";

const ID = "<id>";
const MEMBER: Actor = { userId: "user-1", projectId: "project-1", isAdmin: false };
const ADMIN: Actor = { userId: "admin", projectId: "project-9", isAdmin: true };

type Decide = (server: Server, by: Actor) => Decision<ServerEvent>;

const IMAGE: ImageFacts = {
  id: "image-2",
  status: "active",
  minRamMib: 0,
  minDiskGib: 0,
  sizeBytes: 0,
  properties: {},
};

const FLAVOR: FlavorFacts = { ...exampleFlavor, id: "2", disabled: false };

/** Where the matrix has its servers. */
const PLACE = { host: "compute", node: "compute", availabilityZone: "nova" };

function action(name: string, value: unknown = null): Decide {
  const request = {
    id: ID,
    value,
    minor: 90,
    facts: { image: IMAGE, flavor: FLAVOR, hosts: [{ ...PLACE, isUp: true }] },
    seal: (text: string) => `sealed ${text}` as Sealed,
    newId: () => "new",
  };
  return (server, by) => {
    const command = actionNamed(name)!.command({ ...request, by });
    assert(!isFault(command));
    return command.decide(server, { limits: DEFAULT_LIMITS, usage: NO_USAGE });
  };
}

const COMMANDS: Readonly<Record<string, Decide>> = {
  "DELETE": (server, by) => deleteServer({ type: "DeleteServer", id: ID, by }, server),
  "PUT server": (server, by) =>
    updateServer({ type: "UpdateServer", id: ID, by, changes: { name: "other" } }, server),
  "metadata put": (server, by) =>
    updateServerMetadata({
      type: "UpdateServerMetadata",
      id: ID,
      by,
      items: { k: "v" },
      replace: false,
      limit: -1,
    }, server),
  "tag put": (server, by) =>
    updateServerTags({ type: "UpdateServerTags", id: ID, by, change: { add: "t" } }, server),
  "tags replace": (server, by) =>
    updateServerTags(
      { type: "UpdateServerTags", id: ID, by, change: { replaceAll: ["t"] } },
      server,
    ),
  "tags delall": (server, by) =>
    updateServerTags({ type: "UpdateServerTags", id: ID, by, change: { replaceAll: [] } }, server),
  "lock": action("lock"),
  "unlock": action("unlock"),
  "start": action("os-start"),
  "stop": action("os-stop"),
  "reboot SOFT": action("reboot", { type: "SOFT" }),
  "reboot HARD": action("reboot", { type: "HARD" }),
  "pause": action("pause"),
  "unpause": action("unpause"),
  "suspend": action("suspend"),
  "resume": action("resume"),
  "unrescue": action("unrescue"),
  "rescue": action("rescue"),
  "changePassword": action("changePassword", { adminPass: "secret" }),
  "trigger_crash_dump": action("trigger_crash_dump"),
  "injectNetworkInfo": action("injectNetworkInfo"),
  "forceDelete": action("forceDelete"),
  "os-resetState": action("os-resetState", { state: "error" }),
  "createImage": action("createImage", { name: "image" }),
  "createBackup": action("createBackup", { name: "image", backup_type: "daily", rotation: 1 }),
  "rebuild": action("rebuild", { imageRef: IMAGE.id }),
  "shelve": action("shelve"),
  "shelveOffload": action("shelveOffload"),
  "unshelve": action("unshelve"),
  "restore": action("restore"),
  "resize": action("resize", { flavorRef: "2" }),
  "migrate": action("migrate"),
  "confirmResize": action("confirmResize"),
  "revertResize": action("revertResize"),
  "os-migrateLive": action("os-migrateLive", { host: null, block_migration: "auto" }),
  "evacuate": action("evacuate", {}),
  "os-getVNCConsole": console,
  "remote-consoles": console,
  "detach if": (server, by) =>
    detachInterface({ type: "DetachInterface", id: ID, by, portId: examplePort.id }, server),
};

function console(server: Server): Decision<ServerEvent> {
  const asked = { serverId: ID, protocol: "vnc", type: "novnc", isOffered: true } as const;
  return refuseConsole(asked, server) ?? [];
}

/** A server that has run, is on a host and is idle. */
const RUNNING: Server = {
  ...given(created({ projectId: MEMBER.projectId }), ...built()).state,
  placement: PLACE,
};

Deno.test("the matrix names no command that is in no table", () => {
  const unknown = Object.keys(MATRIX.by_vm_state)
    .filter((command) => !(command in COMMANDS) && !(command in QUESTIONS));
  assertEquals(unknown, []);
});

for (const [command, decide] of Object.entries(COMMANDS)) {
  for (const [vmState, cell] of Object.entries(MATRIX.by_vm_state[command] ?? {})) {
    // Nova's matrix set the word on a record that was still there; here deleted is gone.
    if (vmState === "deleted") continue;
    Deno.test(`${command} in vm_state ${vmState}: ${cell.code}`, () => {
      const server = { ...RUNNING, vmState: vmState as VmState };
      check(cell, server, decide(server, ADMIN));
    });
  }
  for (const [taskState, cell] of Object.entries(MATRIX.by_task_state[command]!)) {
    Deno.test(`${command} in task_state ${taskState}: ${cell.code}`, () => {
      // The matrix has each command in a vm_state that it accepts.
      const vmState = acceptedState(command);
      const server = { ...RUNNING, vmState, taskState: taskState as TaskState };
      check(cell, server, decide(server, ADMIN));
    });
  }
  for (const [condition, cell] of Object.entries(MATRIX.by_condition[command] ?? {})) {
    // A reader is stopped by the policy, before any decision.
    if (condition === "reader") continue;
    Deno.test(`${command} when ${condition}: ${cell.code}`, () => {
      const server = { ...RUNNING, vmState: acceptedState(command), ...CONDITIONS[condition] };
      const by = condition === "locked admin" || cell.message?.startsWith("Policy")
        ? ADMIN
        : MEMBER;
      if (cell.code === 403 && by === ADMIN) return;
      check(cell, server, decide(server, by));
    });
  }
}

const CONDITIONS: Readonly<Record<string, Partial<Server>>> = {
  "member": {},
  "locked admin": { lock: { by: "admin", reason: null } },
  "locked-admin user": { lock: { by: "admin", reason: null } },
  "locked-owner user": { lock: { by: "owner", reason: null } },
  "no host": { placement: null, ports: [] },
  "not launched": { launchedAt: null },
};

/** The first state in which the matrix says yes, or at least does not mind the state. */
function acceptedState(command: string): VmState {
  const cells = Object.entries(MATRIX.by_vm_state[command] ?? {});
  const [state] = cells.find(([, { code }]) => code < 300) ??
    cells.find(([, { code }]) => code === 400) ?? [];
  return (state ?? "active") as VmState;
}

function check(cell: Cell, server: Server, decision: Decision<ServerEvent>): void {
  if (isRejection(decision)) {
    const { fault, message } = faultOf(decision);
    // Where Nova forgets to answer its own refusal, that refusal is right.
    if (cell.code === 500) return assertEquals(fault, 409);
    return assertEquals({ code: fault, message }, { code: cell.code, message: cell.message });
  }
  assert(cell.code < 300, `allowed here, but ${cell.code} ${cell.message}`);
  const after = decision.reduce((state, event) => evolve(state, recorded(event)), server);
  // A delete that finds no machine is done at once, here and there.
  if (after.vmState === "deleted") return;
  assertEquals(
    { vm_state: after.vmState, task_state: after.taskState },
    { vm_state: cell.after.vm_state, task_state: cell.after.task_state },
  );
}
