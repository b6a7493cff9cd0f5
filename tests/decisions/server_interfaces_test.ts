/** Interfaces of servers: what may be attached and detached, and what comes of it. */
import { assertEquals } from "@std/assert";
import {
  attachInterface,
  detachInterface,
  followPorts,
  recordInterfaceAttached,
  recordInterfaceAttachFailure,
  recordInterfaceDetached,
  recordInterfaceDetachFailure,
} from "../../src/compute/servers/decide/mod.ts";
import type { AskedInterface, ServerEvent, ServerPort } from "../../src/compute/servers/events.ts";
import { nextChange, type Server } from "../../src/compute/servers/state.ts";
import type { Decision } from "../../src/eventsourcing/decider.ts";
import {
  built,
  created,
  deleted,
  deleteRequested,
  examplePort,
  given,
  ID,
  lockedBy,
  owner,
  stranger,
  VM_STATES,
} from "../kit/decision_servers.ts";
import { timeOf } from "../kit/given.ts";

const PORT: ServerPort = { ...examplePort, id: "port-2" };
const asked = (portId: string): AskedInterface => ({
  portId,
  make: { networkId: "network-1", fixedIp: null },
  tag: "blue",
});
const attachRequested = (portId = PORT.id): ServerEvent => ({
  type: "ServerInterfaceAttachRequested",
  data: asked(portId),
});
const detachRequested = (portId = examplePort.id): ServerEvent => ({
  type: "ServerInterfaceDetachRequested",
  data: { portId },
});
const attached = { type: "ServerInterfaceAttached", data: { port: PORT } } as const;
const stopping: ServerEvent = { type: "ServerStopRequested", data: {} };

const attach = (by = owner, portId = PORT.id) => (server: Server): Decision<ServerEvent> =>
  attachInterface({ type: "AttachInterface", id: ID, by, asked: asked(portId) }, server);
const detach = (by = owner, portId = examplePort.id) => (server: Server): Decision<ServerEvent> =>
  detachInterface({ type: "DetachInterface", id: ID, by, portId }, server);

function kindOf(server: Server): string | undefined {
  const next = nextChange(server);
  return next && "kind" in next ? next.kind : undefined;
}

const running = (...more: readonly ServerEvent[]) => given(created(), built(), more);

Deno.test("a port is asked for, and given back, on a server that is there", () => {
  running().when(attach()).then([attachRequested()]);
  running().when(detach()).then([detachRequested()]);
});

for (
  const [word, change] of [["attach_interface", attach], ["detach_interface", detach]] as const
) {
  Deno.test(`${word}: refused in a wrong state, in a task, locked, never launched, invisible`, () => {
    for (const vmState of VM_STATES) {
      if (["active", "paused", "stopped", "deleted"].includes(vmState)) continue;
      running().but({ vmState }).when(change()).thenRefused(
        "Conflict",
        `Cannot '${word}' instance ${ID} while it is in vm_state ${vmState}`,
      );
    }
    running(stopping).when(change()).thenRefused(
      "Conflict",
      `Cannot '${word}' instance ${ID} while it is in task_state powering-off`,
    );
    running(lockedBy("owner")).when(change()).thenRefused(
      "Conflict",
      `Instance ${ID} is locked`,
    );
    running().but({ launchedAt: null }).when(change()).thenRefused(
      "Conflict",
      `Instance ${ID} is in an invalid state for '${word}'`,
    );
    const unknown = `Instance ${ID} could not be found.`;
    running().when(change(stranger)).thenRefused("NotFound", unknown);
    running(deleted()).when(change()).thenRefused("NotFound", unknown);
  });
}

Deno.test("a port that the server has, or is about to get, is in use", () => {
  running().when(attach(owner, examplePort.id)).thenRefused(
    "Conflict",
    `Port ${examplePort.id} is still in use.`,
  );
  running(attachRequested()).when(attach()).thenRefused(
    "Conflict",
    `Port ${PORT.id} is still in use.`,
  );
});

Deno.test("whether the server has the port that is to go is found out later", () => {
  running().when(detach(owner, "port-9")).then([detachRequested("port-9")]);
});

Deno.test("what became of a change counts while it is awaited", () => {
  const failure = { portId: PORT.id, rejected: null, message: "no room" };
  const awaiting = running(attachRequested());
  awaiting.when((now) => recordInterfaceAttached(now, PORT)).then([attached]);
  awaiting.when((now) => recordInterfaceAttachFailure(now, failure)).then([
    { type: "ServerInterfaceAttachFailed", data: failure },
  ]);
  const leaving = running(detachRequested());
  const kept = { portId: examplePort.id, message: "no" };
  leaving.when((now) => recordInterfaceDetached(now, examplePort.id)).then([
    { type: "ServerInterfaceDetached", data: { portId: examplePort.id } },
  ]);
  leaving.when((now) => recordInterfaceDetachFailure(now, kept)).then([
    { type: "ServerInterfaceDetachFailed", data: kept },
  ]);
  for (const other of [running(), leaving, running(attachRequested(), stopping)]) {
    other.when((now) => recordInterfaceAttached(now, PORT)).thenNothing();
    other.when((now) => recordInterfaceAttachFailure(now, failure)).thenNothing();
  }
  for (const other of [running(), awaiting, running(detachRequested(), stopping)]) {
    other.when((now) => recordInterfaceDetached(now, examplePort.id)).thenNothing();
    other.when((now) => recordInterfaceDetachFailure(now, kept)).thenNothing();
  }
});

Deno.test("changes come one after another, each with its time from the end of the one before", () => {
  const two = running(attachRequested("port-2"), detachRequested());
  assertEquals(kindOf(two.state), "attach");
  const { state } = running(attachRequested("port-2"), detachRequested(), attached);
  const next = nextChange(state);
  assertEquals([kindOf(state), next?.began.at], ["detach", timeOf(8)]);
  assertEquals(state.ports.map(({ id }) => id), [examplePort.id, PORT.id]);
});

Deno.test("while a task is under way no change comes next; its time is from the task's end", () => {
  assertEquals(nextChange(running(attachRequested(), stopping).state), undefined);
  const stopped: ServerEvent = { type: "ServerStopped", data: {} };
  const next = nextChange(running(attachRequested(), stopping, stopped).state);
  assertEquals(next?.began.at, timeOf(8));
});

Deno.test("a port that the network service has no more is lost", () => {
  running().when((now) => followPorts(now, [])).then([
    { type: "ServerInterfaceLost", data: { portId: examplePort.id } },
  ]);
  const { state } = running({ type: "ServerInterfaceLost", data: { portId: examplePort.id } });
  assertEquals(state.ports, []);
  assertEquals(kindOf(state), "detach");
});

Deno.test("a port that is leaving anyway is not lost", () => {
  running(detachRequested()).when((now) => followPorts(now, [])).thenNothing();
});

Deno.test("what has changed of ports is followed, and the server's own tag kept", () => {
  const tagged = { ...examplePort, tag: "blue" };
  const moved = { ...examplePort, macAddress: "fa:16:3e:00:00:99" };
  const server = given(created(), built()).but({ ports: [tagged] });
  server.when((now) => followPorts(now, [examplePort])).thenNothing();
  server.when((now) => followPorts(now, [moved])).then([
    { type: "ServerPortsChanged", data: { ports: [{ ...moved, tag: "blue" }] } },
  ]);
  server.when((now) => followPorts(now, [examplePort, PORT])).thenNothing();
});

Deno.test("ports of a server that is going or gone are followed no more", () => {
  running(deleteRequested()).when((now) => followPorts(now, [])).thenNothing();
  running(deleted()).when((now) => followPorts(now, [])).thenNothing();
});
