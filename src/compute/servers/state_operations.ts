/** What the events of operations make of a server. */
import type { Recorded } from "../../eventsourcing/event.ts";
import type {
  ServerDestinationChosen,
  ServerMigrationAbortRequested,
  ServerMigrationCancelled,
  ServerMigrationForceCompleteRequested,
  ServerMigrationProgressed,
  ServerOperationFailed,
  ServerTaskAdvanced,
} from "./events.ts";
import {
  movedAtOnce,
  movedByTask,
  movedNot,
  movedTowards,
  movedWhenDone,
  movedWhenFailed,
} from "./moves.ts";
import {
  leavesInDoubt,
  type OperationDone,
  operationOf,
  type OperationRequested,
  requestIn,
  rowOf,
  stageAfter,
  stagesOf,
} from "./operations.ts";
import { beginningIn, isVolumeBacked, type Server } from "./state.ts";
import { POWER_IN } from "./states.ts";
import { namedVolumes } from "./volumes.ts";

type OperationEvent =
  | OperationRequested
  | OperationDone
  | ServerTaskAdvanced
  | ServerDestinationChosen
  | ServerMigrationProgressed
  | ServerMigrationAbortRequested
  | ServerMigrationForceCompleteRequested
  | ServerMigrationCancelled
  | ServerOperationFailed;

/** Folds in an event of an operation. */
export function evolveByOperation(server: Server, event: Recorded<OperationEvent>): Server {
  switch (event.type) {
    case "ServerTaskAdvanced":
      return {
        ...server,
        taskState: event.data.taskState,
        taskBegan: beginningIn(event),
        ...movedByTask(server, event, event.data.taskState),
      };
    case "ServerDestinationChosen": {
      const { host, node, availabilityZone } = event.data;
      const destination = { host, node, availabilityZone };
      return {
        ...server,
        ...(server.move ? movedTowards(server, event, destination) : { placement: destination }),
        taskState: stageAfter(server)?.task ?? server.taskState,
        taskBegan: beginningIn(event),
      };
    }
    case "ServerMigrationProgressed": {
      const { progress, memory } = event.data;
      return { ...server, progress, move: server.move && { ...server.move, memory } };
    }
    case "ServerMigrationAbortRequested":
      return wish(server, event, "abort");
    case "ServerMigrationForceCompleteRequested":
      return wish(server, event, "complete");
    case "ServerMigrationCancelled":
      return { ...idle(server), ...movedNot(server, event) };
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

/** What an administrator wants of a move that is under way; it has its time anew. */
function wish(
  server: Server,
  { recordedAt: at }: Recorded<OperationEvent>,
  wish: "abort" | "complete",
): Server {
  if (!server.move) return server;
  return { ...server, move: { ...server.move, wish }, taskBegan: { ...server.taskBegan, at } };
}

function begin(server: Server, event: Recorded<OperationRequested>): Server {
  const operation = requestIn(event);
  const begun: Server = {
    ...server,
    operation,
    taskBegan: beginningIn(event),
    ...changedAtOnce(server, event),
    ...movedAtOnce(server, event),
  };
  return { ...begun, taskState: stagesOf(operation.name, begun)[0]?.task ?? null };
}

/** What a request changes before anything is done. */
function changedAtOnce(server: Server, event: OperationRequested): Partial<Server> {
  switch (event.type) {
    case "ServerSoftDeleteRequested":
      // It may break into anything; should it fail itself, the server is not what it was before.
      return leavesInDoubt(server) ? { vmState: "error" } : {};
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
  const vmState = endsIn ? endsIn(server) : server.vmState;
  return {
    ...idle(server),
    vmState,
    powerState: (endsIn && POWER_IN[vmState]) ?? server.powerState,
    ...movedWhenDone(server, event),
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
        shelvedImageId: server.operation?.name === "shelve" && !isVolumeBacked(server)
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
        volumes: namedVolumes(server.volumes, event.data.deviceNames),
        ...(server.vmState === "shelved_offloaded" && { launchedAt: event.recordedAt }),
      };
    default:
      return {};
  }
}

function fail(server: Server, event: Recorded<ServerOperationFailed>): Server {
  const { operation, fault: { code, message, details }, inError } = event.data;
  return {
    ...idle(server),
    ...movedWhenFailed(server, event, operation),
    vmState: inError ? "error" : server.vmState,
    fault: { code, message, details: details ?? null, createdAt: event.recordedAt },
    // What a host had been claimed for does not come about.
    ...(server.vmState === "shelved_offloaded" && { placement: null }),
  };
}
