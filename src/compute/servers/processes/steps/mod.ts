/** Carries out the steps of servers: asks drivers and neighbours, records what came of it. */
import type { Process } from "../../../../eventsourcing/process.ts";
import { findServer } from "../../projection.ts";
import type { Server } from "../../state.ts";
import { beginningOf, nextStep, type ServerStep } from "../mod.ts";
import { chooseHost, ensurePorts, ensureRunning, failBuild, prepareFirstDisks } from "./build.ts";
import { contextOf, StepContext, type StepsDependencies } from "./context.ts";
import { ensureAbsent, finishDelete } from "./delete.ts";
import { attachInterface, detachInterface, failInterfaceChange } from "./interface.ts";
import {
  cancelLive,
  completeLive,
  confirmMove,
  finishMove,
  migrateLive,
  moveDisks,
  revertMove,
} from "./move.ts";
import {
  advance,
  chooseDestinationHost,
  destroyMachine,
  failOperation,
  operate,
  prepareDisksAgain,
  runAgain,
  runFromShelf,
  storeSnapshot,
  takeSnapshot,
} from "./operate.ts";
import { giveUpVolumeImage, makeVolumeImage } from "./volume_image.ts";
import {
  attachVolume,
  detachVolume,
  giveUpVolume,
  isVolumeStep,
  releaseVolumes,
  swapVolume,
} from "./volumes.ts";

export type { StepsDependencies } from "./context.ts";

const STEPS: Readonly<Record<ServerStep, (step: StepContext) => Promise<void>>> = {
  ChooseHost: chooseHost,
  EnsurePorts: ensurePorts,
  PrepareDisks: prepareFirstDisks,
  EnsureRunning: ensureRunning,
  AdvanceTask: advance,
  Operate: operate,
  TakeSnapshot: takeSnapshot,
  StoreSnapshot: storeSnapshot,
  DestroyMachine: destroyMachine,
  PrepareDisksAgain: prepareDisksAgain,
  RunAgain: runAgain,
  RunFromShelf: runFromShelf,
  ChooseDestination: chooseDestinationHost,
  AttachInterface: attachInterface,
  DetachInterface: detachInterface,
  MoveDisks: moveDisks,
  FinishMove: finishMove,
  ConfirmMove: confirmMove,
  RevertMove: revertMove,
  MigrateLive: migrateLive,
  CompleteLive: completeLive,
  CancelLive: cancelLive,
  EnsureAbsent: ensureAbsent,
  MakeVolumeImage: makeVolumeImage,
  AttachVolume: attachVolume,
  DetachVolume: detachVolume,
  SwapVolume: swapVolume,
  ReleaseVolumes: releaseVolumes,
};

/** Every step there is. */
export const SERVER_STEPS = Object.keys(STEPS) as readonly ServerStep[];

/** The process that builds, operates and deletes servers. */
export function serverProcess(dependencies: StepsDependencies): Process<Server, ServerStep> {
  const { startedAt, stepTimeoutMs } = dependencies;
  return {
    next: nextStep,
    current: async (id) => (await findServer(dependencies.reader, id))?.state,
    take: (step, id, state, signal) =>
      STEPS[step](new StepContext(dependencies, id, state, signal)),
    deadline: (state) => Math.max(Date.parse(beginningOf(state).at), startedAt) + stepTimeoutMs,
    giveUp: (step, id, reason) => giveUp(dependencies, { step, id, reason }),
  };
}

/** A build or an operation that is given up has failed; a delete that is, ends all the same. */
async function giveUp(
  dependencies: StepsDependencies,
  { step, id, reason }: {
    readonly step: ServerStep;
    readonly id: string;
    readonly reason: unknown;
  },
): Promise<void> {
  const context = await (await contextOf(dependencies, id)).settled();
  const { server } = context;
  if (nextStep(server) !== step) return;
  // What the driver did not let go of in time is its to clean up: the owner's delete stands.
  if (step === "EnsureAbsent") return await finishDelete(context);
  const late = `${step} did not end within ${dependencies.stepTimeoutMs / 1000} seconds`;
  if (step === "MakeVolumeImage") return await giveUpVolumeImage(context, late);
  if (step === "AttachInterface" || step === "DetachInterface") {
    return await failInterfaceChange(context);
  }
  if (isVolumeStep(step)) return await giveUpVolume(context, late);
  if (server.operation !== null) return await failOperation(context, late);
  await failBuild(context, step, late, reason);
}
