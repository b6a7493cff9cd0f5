/** `/chronova/v1/faults`: trouble on demand, for administrators. */
import type { Hono } from "hono";
import type { Clock } from "../../eventsourcing/clock.ts";
import { decideIn, handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Reader } from "../../store/query.ts";
import type { ExtensionEndpoints, ExtensionOutcome, ExtensionRequest } from "../endpoint.ts";
import { addFault, liftFault, noFault } from "./decider.ts";
import { faults, findFault, listFaults } from "./projection.ts";
import { addFaultSchema, type AskedFault, readFault } from "./requests.ts";
import { viewFault } from "./view.ts";

export interface FaultRoutesDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly clock: Clock;
}

/** Puts the endpoints of faults on an app. */
export function faultRoutes(
  app: Hono,
  endpoints: ExtensionEndpoints,
  dependencies: FaultRoutesDependencies,
): void {
  const { reader, clock } = dependencies;
  app.get(
    "/faults",
    endpoints.handler(async () => {
      const found = await listFaults(reader);
      return { status: 200, body: { faults: found.map((fault) => viewFault(fault, clock())) } };
    }),
  );
  app.post(
    "/faults",
    endpoints.handler((request) => add(dependencies, request), { body: addFaultSchema }),
  );
  app.delete("/faults", endpoints.handler((request) => liftAll(dependencies, request)));
  app.get(
    "/faults/:id",
    endpoints.handler(async (request) => {
      const id = request.param("id");
      const found = await findFault(reader, id);
      return found ? { status: 200, body: { fault: viewFault(found, clock()) } } : noFault(id);
    }),
  );
  app.delete("/faults/:id", endpoints.handler((request) => lift(dependencies, request)));
}

async function add(
  { committer, clock }: FaultRoutesDependencies,
  request: ExtensionRequest,
): Promise<ExtensionOutcome> {
  const facts = readFault((request.body as { fault: AskedFault }).fault, clock());
  if (isRejection(facts)) return facts;
  const id = crypto.randomUUID();
  const metadata = request.metadata("AddFault");
  const added = await handle(committer, faults, id, metadata, (fault) => addFault(facts, fault));
  if (isRejection(added)) return added;
  return { status: 201, body: { fault: viewFault(added, clock()) } };
}

async function lift(
  { committer }: FaultRoutesDependencies,
  request: ExtensionRequest,
): Promise<ExtensionOutcome> {
  const id = request.param("id");
  const metadata = request.metadata("LiftFault");
  const lifted = await handle(committer, faults, id, metadata, (fault) => liftFault(id, fault));
  return isRejection(lifted) ? lifted : { status: 204 };
}

async function liftAll(
  { committer }: FaultRoutesDependencies,
  request: ExtensionRequest,
): Promise<ExtensionOutcome> {
  await committer.submit(request.metadata("LiftFaults"), async (unit) => {
    for (const { id } of await listFaults(unit)) {
      await decideIn(unit, faults, id, (fault) => liftFault(id, fault));
    }
  });
  return { status: 204 };
}
