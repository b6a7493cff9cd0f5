/** Instance actions as a server's events tell them. */
import { assertEquals } from "@std/assert";
import {
  type InstanceAction,
  instanceActions,
} from "../../src/compute/history/instance_actions.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { TaskState } from "../../src/compute/servers/states.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import {
  built,
  created,
  deleteRequested,
  exampleFlavor,
  examplePort,
  lockedBy,
  scheduled,
} from "../kit/decision_servers.ts";
import { EXAMPLE_METADATA, recorded } from "../kit/given.ts";

/** An event, and the request that led to it. */
type Caused = readonly [requestId: string, event: ServerEvent];

/** What was done by requests, each with its events; the create comes first. */
function told(...requests: readonly Caused[]) {
  const before = [created(), ...built()].map((event) => ["create", event] as const);
  const events = [...before, ...requests].map(([requestId, event], index) => ({
    ...recorded<ServerEvent>(event, index + 1, "server"),
    metadata: { ...EXAMPLE_METADATA, requestId },
  }));
  return new Map(instanceActions(events).map((action) => [action.requestId, shown(action)]));
}

function shown({ action, events }: InstanceAction): readonly unknown[] {
  return [action, ...events.map(({ name, result, details }) => [name, result, details])];
}

const port = { ...examplePort, id: "port-2" };
const attachInterface: ServerEvent = {
  type: "ServerInterfaceAttachRequested",
  data: { portId: port.id, make: null, tag: null },
};
const attachVolume: ServerEvent = {
  type: "ServerVolumeAttachRequested",
  data: {
    volume: {
      volumeId: "volume-1",
      attachmentId: "attachment-1",
      bdmId: "bdm-1",
      bootIndex: null,
      deviceName: "/dev/vdb",
      tag: null,
      deleteOnTermination: false,
      source: null,
    },
  },
};
const stop: ServerEvent = { type: "ServerStopRequested", data: {} };
const stopped: ServerEvent = { type: "ServerStopped", data: {} };
const rebuild: ServerEvent = {
  type: "ServerRebuildRequested",
  data: { adminPass: "sealed" as Sealed, preserveEphemeral: false, changes: { image: null } },
};
const resize: ServerEvent = {
  type: "ServerResizeRequested",
  data: { migrationId: "migration-1", flavor: exampleFlavor, diskConfig: "MANUAL" },
};
const chosen: ServerEvent = {
  type: "ServerDestinationChosen",
  data: { ...scheduled().data, host: "host-b" },
};
const advanced = (taskState: TaskState): ServerEvent => ({
  type: "ServerTaskAdvanced",
  data: { taskState },
});
const INTERRUPTED = "another action came before its end";

Deno.test("the newest action is told first", () => {
  assertEquals([...told(["lock", lockedBy("owner")]).keys()], ["lock", "create"]);
});

Deno.test("an action is told with what its host does, until that has ended", () => {
  assertEquals(told(["stop", stop]).get("stop"), ["stop", ["compute_stop_instance", null, null]]);
  assertEquals(
    told(["stop", stop], ["stop", stopped]).get("stop"),
    ["stop", ["compute_stop_instance", "Success", null]],
  );
});

Deno.test("what was done at once is told as done", () => {
  assertEquals(told(["lock", lockedBy("owner")]).get("lock"), [
    "lock",
    ["api_lock", "Success", null],
  ]);
});

Deno.test("what a rebuild of a stopped server stops is a part of it", () => {
  const actions = told(
    ["stop", stop],
    ["stop", stopped],
    ["rebuild", rebuild],
    ["rebuild", advanced("rebuild_block_device_mapping")],
    ["rebuild", advanced("rebuild_spawning")],
    ["rebuild", advanced("powering-off")],
  );
  assertEquals(actions.get("rebuild"), [
    "rebuild",
    ["rebuild_server", "Success", null],
    ["compute_rebuild_instance", null, null],
    ["compute_stop_instance", null, null],
  ]);
});

Deno.test("a move is told with the hosts that did its parts", () => {
  const events = [created(), ...built(), resize, chosen, advanced("resize_migrating")];
  const [action] = instanceActions(events.map((event, index) => ({
    ...recorded<ServerEvent>(event, index + 1, "server"),
    metadata: { ...EXAMPLE_METADATA, requestId: index < 5 ? "create" : "resize" },
  })));
  assertEquals(action!.events.map(({ name, host }) => [name, host]), [
    ["conductor_migrate_server", "host-a"],
    ["cold_migrate", "host-a"],
    ["compute_prep_resize", "host-b"],
    ["compute_resize_instance", "host-a"],
  ]);
});

Deno.test("a create without a host fails at the conductor, later ones are taken for done by theirs", () => {
  const fault = { code: 500, message: "broken" };
  const failed: ServerEvent = { type: "ServerBuildFailed", data: { fault } };
  const [scheduled] = built();
  const tell = (...events: readonly ServerEvent[]) =>
    instanceActions(events.map((event, index) => recorded(event, index + 1, "server"))).map(shown);
  assertEquals(tell(created(), failed), [
    ["create", ["conductor_schedule_and_build_instances", "Error", "broken"]],
  ]);
  assertEquals(tell(created(), scheduled!, failed), [
    ["create", ["compute__do_build_and_run_instance", "Success", null]],
  ]);
});

Deno.test("a volume and an interface come with one event each", () => {
  const actions = told(
    ["volume", attachVolume],
    ["interface", attachInterface],
    ["volume", { type: "ServerVolumeAttached", data: { volumeId: "volume-1" } }],
    ["interface", {
      type: "ServerInterfaceAttachFailed",
      data: { portId: port.id, rejected: null, message: "no room" },
    }],
  );
  assertEquals(actions.get("volume"), [
    "attach_volume",
    ["compute_attach_volume", "Success", null],
  ]);
  assertEquals(actions.get("interface"), [
    "attach_interface",
    ["compute_attach_interface", "Error", "no room"],
  ]);
});

for (
  const [name, request, done] of [
    ["a volume", attachVolume, {
      type: "ServerVolumeAttached",
      data: { volumeId: "volume-1" },
    }],
    ["an interface", attachInterface, { type: "ServerInterfaceAttached", data: { port } }],
  ] as const
) {
  Deno.test(`${name} that waits for an operation is not interrupted by it`, () => {
    const resultOf = (...after: readonly Caused[]) =>
      (told(["plug", request], ["stop", stop], ...after).get("plug")![1] as unknown[])[1];
    assertEquals(resultOf(), null);
    assertEquals(resultOf(["stop", stopped], ["plug", done]), "Success");
  });

  Deno.test(`${name} comes to nothing when the server is deleted`, () => {
    const actions = told(["plug", request], ["delete", deleteRequested()]);
    assertEquals((actions.get("plug")![1] as unknown[]).slice(1), ["Error", INTERRUPTED]);
  });
}

Deno.test("a delete interrupts what is under way, whatever else was asked meanwhile", () => {
  const actions = told(
    ["stop", stop],
    ["lock", lockedBy("owner")],
    ["delete", deleteRequested()],
  );
  assertEquals(actions.get("stop"), ["stop", ["compute_stop_instance", "Error", INTERRUPTED]]);
  assertEquals(actions.get("delete"), [
    "delete",
    ["compute_terminate_instance", null, null],
  ]);
});
