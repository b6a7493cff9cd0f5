/** What the events of operations make of a server. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type {
  ServerDestinationChosen,
  ServerOperationFailed,
  ServerTaskAdvanced,
} from "./events.ts";
import {
  type OperationDone,
  operationOf,
  type OperationRequested,
  requestIn,
  rowOf,
  stageAfter,
  stagesOf,
} from "./operations.ts";
import { beginningIn, type Server } from "./state.ts";
import { POWER_IN } from "./states.ts";

type OperationEvent =
  | OperationRequested
  | OperationDone
  | ServerTaskAdvanced
  | ServerDestinationChosen
  | ServerOperationFailed;

/** Folds in an event of an operation. */
export function evolveByOperation(server: Server, event: Recorded<OperationEvent>): Server {
  switch (event.type) {
    case "ServerTaskAdvanced":
      return { ...server, taskState: event.data.taskState, taskBegan: beginningIn(event) };
    case "ServerDestinationChosen": {
      const { host, node, availabilityZone } = event.data;
      return {
        ...server,
        placement: { host, node, availabilityZone },
        taskState: stageAfter(server)?.task ?? server.taskState,
        taskBegan: beginningIn(event),
      };
    }
    case "ServerOperationFailed":
      return fail(server, event);
    default: {
      const name = operationOf(event.type);
      return event.type === rowOf(name).done
        ? finish(server, event as Recorded<OperationDone>)
        : begin(server, event as Recorded<OperationRequested>);
    }
  }
}

/** The server with nothing under way. */
export function idle(server: Server): Server {
  return { ...server, taskState: null, operation: null };
}

function begin(server: Server, event: Recorded<OperationRequested>): Server {
  const operation = requestIn(event);
  return {
    ...server,
    operation,
    taskState: stagesOf(operation.name, server)[0]?.task ?? null,
    taskBegan: beginningIn(event),
    ...changedAtOnce(event),
  };
}

/** What a request changes before anything is done. */
function changedAtOnce(event: OperationRequested): Partial<Server> {
  switch (event.type) {
    case "ServerRebuildRequested":
      return event.data.changes;
    case "ServerUnshelveRequested": {
      const { pinnedAvailabilityZone } = event.data;
      return pinnedAvailabilityZone === undefined ? {} : { pinnedAvailabilityZone };
    }
    default:
      return {};
  }
}

function finish(server: Server, event: Recorded<OperationDone>): Server {
  const { endsIn } = rowOf(operationOf(event.type));
  const vmState = endsIn ? endsIn(server.vmState) : server.vmState;
  return {
    ...idle(server),
    vmState,
    powerState: (endsIn && POWER_IN[vmState]) ?? server.powerState,
    ...changedWhenDone(server, event),
  };
}

/** What is true when it is done, besides the states of server and machine. */
function changedWhenDone(server: Server, event: Recorded<OperationDone>): Partial<Server> {
  switch (event.type) {
    // nova/compute/manager.py: such a machine counts as launched anew.
    case "ServerRescued":
    case "ServerRebuilt":
      return { launchedAt: event.recordedAt };
    case "ServerShelved":
      return {
        shelvedImageId: server.operation?.name === "shelve" && server.image
          ? server.operation.input.imageId
          : null,
        ...(event.data.offloads && {
          operation: { name: "shelveOffload", input: {} },
          taskState: "shelving_offloading",
          taskBegan: beginningIn(event),
        }),
      };
    case "ServerShelveOffloaded":
      return { placement: null };
    case "ServerUnshelved":
      return {
        shelvedImageId: null,
        ...(server.vmState === "shelved_offloaded" && { launchedAt: event.recordedAt }),
      };
    default:
      return {};
  }
}

function fail(server: Server, event: Recorded<ServerOperationFailed>): Server {
  const { fault: { code, message, details }, inError } = event.data;
  return {
    ...idle(server),
    vmState: inError ? "error" : server.vmState,
    fault: { code, message, details: details ?? null, createdAt: event.recordedAt },
    // What a host had been claimed for does not come about.
    ...(server.vmState === "shelved_offloaded" && { placement: null }),
  };
}
