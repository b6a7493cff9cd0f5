/** Operations: what may begin one, and what moves it from stage to stage. */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type {
  ServerDestinationChosen,
  ServerEvent,
  ServerOperationFailed,
  ServerTaskAdvanced,
} from "../events.ts";
import {
  leavesInDoubt,
  type Operation,
  type OperationDone,
  type OperationRequest,
  type OperationRequested,
  OPERATIONS,
  type OperationStep,
  type ResultOf,
  rowOf,
  stageAfter,
  stageOf,
} from "../operations.ts";
import {
  type Actor,
  refuseIfLocked,
  refuseUnlessDoing,
  refuseUnlessIn,
  refuseUnlessLaunched,
  refuseUnlessPlaced,
  refuseUnlessVisible,
} from "../preconditions.ts";
import type { Server } from "../state.ts";
import type { TaskState } from "../states.ts";
import { type DestinationOptions, findDestination, refuseMove } from "./destination.ts";
import { noValidHost, type SchedulingFacts } from "./placement.ts";

/** Asks for one of the operations on a server. */
export interface OperateServer {
  readonly type: "OperateServer";
  readonly id: string;
  readonly by: Actor;
  readonly operation: OperationRequest;
}

/**
 * Asks for an operation.
 *
 * Refuses a locked server, one that is on no host (start and stop), one whose state or task does
 * not allow it, and one that never ran; in that order. Source: nova/compute/api.py.
 */
export function operateServer(
  command: OperateServer,
  server: Server,
): Decision<OperationRequested> {
  const { id, by, operation: { name, input } } = command;
  const { vmStates, taskStates = [null], word, needsHost } = rowOf(name);
  return refuseUnlessVisible(id, server, by) ??
    refuseLock(name, id, server, by) ??
    (needsHost === "before its state" ? refuseUnlessPlaced(id, server) : undefined) ??
    refuseUnlessIn(vmStates, id, server, word) ??
    refuseUnlessDoing(taskStates, id, server, word) ??
    refuseUnlessLaunched(id, server, word) ??
    (needsHost === "behind its state" ? refuseUnlessPlaced(id, server) : undefined) ??
    [{ type: OPERATIONS[name].requested, data: input } as OperationRequested];
}

function refuseLock(
  name: Operation,
  id: string,
  server: Server,
  by: Actor,
): Rejection | undefined {
  const { lock, word } = rowOf(name);
  if (lock === "ignored") return undefined;
  const locked = refuseIfLocked(id, server, by);
  if (!locked || lock === undefined) return locked;
  return reject("Conflict", `Instance ${id} is in an invalid state for '${word}'`);
}

/** A stage of an operation: an outcome counts only while its server is in it. */
export interface StageOf {
  readonly operation: Operation;
  /** Null: it does not show. */
  readonly task: TaskState | null;
  readonly step: OperationStep;
}

/** The stage that a server is in; undefined when nothing is under way. */
export function stageIn(server: Server): StageOf | undefined {
  const stage = stageOf(server);
  return stage && { operation: server.operation!.name, task: stage.task, step: stage.step };
}

/** A stage is done: the operation goes on to the next, or is done with the last. */
export function completeStage<Name extends Operation>(
  server: Server,
  stage: StageOf & { readonly operation: Name },
  result?: ResultOf<Name>,
): Decision<ServerTaskAdvanced | OperationDone> {
  if (!isIn(stage, server)) return [];
  const next = stageAfter(server);
  // A stage that does not show has no other behind it.
  if (next?.task) return [{ type: "ServerTaskAdvanced", data: { taskState: next.task } }];
  return [{ type: OPERATIONS[stage.operation].done, data: result ?? {} } as OperationDone];
}

/** Chooses the host on which a server is to run again, and claims its size there. */
export function chooseDestination(
  server: Server,
  stage: StageOf,
  facts: SchedulingFacts,
  options: DestinationOptions,
): Decision<ServerDestinationChosen | ServerOperationFailed> {
  if (!isIn(stage, server)) return [];
  const impossible = refuseMove(server, facts);
  if (impossible) return failed(server, { code: 500, message: impossible });
  const { chosen, decision } = findDestination(server, facts, options);
  if (!chosen) return failed(server, noValidHost(decision));
  const { host, node, availabilityZone } = chosen;
  return [{ type: "ServerDestinationChosen", data: { host, node, availabilityZone, decision } }];
}

/**
 * An operation came to nothing: the server stays what it was.
 *
 * Where nobody can know how the machine is, the server is in error.
 */
export function recordOperationFailure(
  server: Server,
  stage: StageOf,
  fault: ServerOperationFailed["data"]["fault"],
): Decision<ServerEvent> {
  return isIn(stage, server) ? failed(server, fault) : [];
}

function failed(
  server: Server,
  fault: ServerOperationFailed["data"]["fault"],
): readonly ServerOperationFailed[] {
  const operation = server.operation!.name;
  const inError = leavesInDoubt(server);
  return [{ type: "ServerOperationFailed", data: { operation, fault, inError } }];
}

function isIn({ operation, task, step }: StageOf, server: Server): boolean {
  return server.operation?.name === operation && server.taskState === task &&
    stageOf(server)?.step === step;
}
