/** Instance actions as a server's events tell them. */
import { assertEquals } from "@std/assert";
import {
  type InstanceAction,
  instanceActions,
} from "../../src/compute/history/instance_actions.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import { built, created, deleteRequested, examplePort, lockedBy } from "../kit/decision_servers.ts";
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
