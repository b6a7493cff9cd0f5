/** Interfaces of servers: what is being attached or detached, and what comes of it. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type { AskedInterface, InterfaceEvent } from "./events.ts";
import { beginningIn, type Server, type TaskBeginning } from "./state.ts";

/** A port on its way to the machine, or away from it. */
export type InterfaceChange =
  & { readonly began: TaskBeginning }
  & (
    | { readonly kind: "attach"; readonly asked: AskedInterface }
    /** `isLost`: the port is gone already. */
    | { readonly kind: "detach"; readonly portId: string; readonly isLost: boolean }
  );

/** The port that a change is about. */
export function portIn(change: InterfaceChange): string {
  return change.kind === "attach" ? change.asked.portId : change.portId;
}

/** The change that comes next, if the server has time for one. */
export function nextInterfaceChange(server: Server): InterfaceChange | undefined {
  return server.taskState === null ? server.interfaceChanges[0] : undefined;
}

/** Folds in an event of an interface. */
export function evolveByInterface(server: Server, event: Recorded<InterfaceEvent>): Server {
  const began = beginningIn(event);
  switch (event.type) {
    case "ServerInterfaceAttachRequested": {
      const { portId, make, tag } = event.data;
      return withChange(server, { kind: "attach", asked: { portId, make, tag }, began });
    }
    case "ServerInterfaceAttached": {
      const { port } = event.data;
      return { ...withoutChange(server, port.id), ports: [...server.ports, port] };
    }
    case "ServerInterfaceAttachFailed":
    case "ServerInterfaceDetachFailed":
      return withoutChange(server, event.data.portId);
    case "ServerInterfaceDetachRequested": {
      const { portId } = event.data;
      return withChange(server, { kind: "detach", portId, isLost: false, began });
    }
    case "ServerInterfaceDetached":
      return withoutPort(withoutChange(server, event.data.portId), event.data.portId);
    case "ServerInterfaceLost": {
      const { portId } = event.data;
      const without = withoutPort(server, portId);
      return withChange(without, { kind: "detach", portId, isLost: true, began });
    }
    case "ServerPortsChanged": {
      const changed = new Map(event.data.ports.map((port) => [port.id, port]));
      return { ...server, ports: server.ports.map((port) => changed.get(port.id) ?? port) };
    }
  }
}

function withChange(server: Server, change: InterfaceChange): Server {
  return { ...server, interfaceChanges: [...server.interfaceChanges, change] };
}

/** Without the oldest change of a port. */
function withoutChange(server: Server, portId: string): Server {
  const done = server.interfaceChanges.find((change) => portIn(change) === portId);
  return {
    ...server,
    interfaceChanges: server.interfaceChanges.filter((change) => change !== done),
  };
}

function withoutPort(server: Server, portId: string): Server {
  return { ...server, ports: server.ports.filter(({ id }) => id !== portId) };
}
