import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import type { ServerEvent } from "./events.ts";
import { serversProjection } from "./projection.ts";
import { evolve, NO_SERVER, type Server } from "./state.ts";

/** Servers: stream `server-<id>`, table `servers`. */
export const servers: Aggregate<Server, ServerEvent> = {
  category: "server",
  eventTypes: {
    ServerCreated: [],
    ServerScheduled: [],
    ServerNetworked: [],
    ServerDisksPrepared: [],
    ServerSpawned: [],
    ServerBuildFailed: [],
    ServerUpdated: [],
    ServerMetadataChanged: [],
    ServerTagsChanged: [],
    ServerLocked: [],
    ServerUnlocked: [],
    ServerDeleteRequested: [],
    ServerDeleted: [],
    ServerStartRequested: [],
    ServerStarted: [],
    ServerStopRequested: [],
    ServerStopped: [],
    ServerSoftRebootRequested: [],
    ServerSoftRebooted: [],
    ServerHardRebootRequested: [],
    ServerHardRebooted: [],
    ServerPauseRequested: [],
    ServerPaused: [],
    ServerUnpauseRequested: [],
    ServerUnpaused: [],
    ServerSuspendRequested: [],
    ServerSuspended: [],
    ServerResumeRequested: [],
    ServerResumed: [],
    ServerTaskAdvanced: [],
    ServerOperationFailed: [],
    ServerStateReset: [],
  },
  initialState: NO_SERVER,
  evolve,
  projection: serversProjection,
};
