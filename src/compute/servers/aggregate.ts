import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import type { ServerEvent } from "./events.ts";
import { serversProjection } from "./projection.ts";
import { evolve, NO_SERVER, type Server } from "./state.ts";

/** Servers: stream `server-<id>`, table `servers`. */
export const servers: Aggregate<Server, ServerEvent> = {
  category: "server",
  initialState: NO_SERVER,
  evolve,
  projection: serversProjection,
};
