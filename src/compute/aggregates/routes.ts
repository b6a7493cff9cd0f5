/** /os-aggregates: list, create, show, update, delete, images; nova/api/openstack/compute/aggregates.py. */
import type { Hono } from "hono";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault, faultOf, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { actionRoutes } from "./action_routes.ts";
import {
  createAggregate,
  deleteAggregate,
  notFound,
  requestAggregateImages,
  updateAggregate,
} from "./decider.ts";
import {
  hasAggregateNamed,
  hostAggregates,
  listAggregates,
  nextAggregateNumber,
} from "./projection.ts";
import { aggregatesQuerySchema, createSchema, imagesSchema, updateSchema } from "./schemas.ts";
import { type AggregatesDependencies, changeAggregate, find, refuse } from "./service.ts";
import { viewAggregate, viewCreated } from "./view.ts";

/** Puts the aggregates' endpoints on an app. */
export function aggregateRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: AggregatesDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const query = aggregatesQuerySchema;
  app.get("/os-aggregates", handler((request) => list(dependencies, request), { query }));
  app.post(
    "/os-aggregates",
    handler((request) => create(dependencies, request), { body: () => createSchema }),
  );
  app.get("/os-aggregates/:id", handler((request) => show(dependencies, request), { query }));
  app.put(
    "/os-aggregates/:id",
    handler((request) => update(dependencies, request), { body: () => updateSchema }),
  );
  app.delete("/os-aggregates/:id", handler((request) => remove(dependencies, request)));
  app.post(
    "/os-aggregates/:id/images",
    handler((request) => cacheImages(dependencies, request), {
      since: 81,
      body: () => imagesSchema,
    }),
  );
  actionRoutes(app, handler, dependencies);
}

async function list({ reader }: AggregatesDependencies, request: NovaRequest): Promise<Outcome> {
  const { caller, minor } = request;
  const rule = "os_compute_api:os-aggregates:index";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const aggregates = (await listAggregates(reader)).map((one) => viewAggregate(one, minor));
  return { status: 200, body: { aggregates } };
}

interface AskedAggregate {
  readonly name?: string;
  readonly availability_zone?: string | null;
}

function askedIn({ body }: NovaRequest): AskedAggregate {
  const { aggregate } = body as { readonly aggregate: AskedAggregate };
  return { ...aggregate, ...(aggregate.name !== undefined && { name: aggregate.name.trim() }) };
}

async function create(
  { committer }: AggregatesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller, minor } = request;
  const rule = "os_compute_api:os-aggregates:create";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const asked = askedIn(request);
  const name = asked.name!;
  const zone = asked.availability_zone ?? null;
  const type = "CreateAggregate";
  const created = await committer.submit(metadataOf(request, type), async (unit) => {
    const nameIsTaken = await hasAggregateNamed(unit, name);
    const number = await nextAggregateNumber(unit);
    const command = { type, number, name, zone, nameIsTaken } as const;
    const id = crypto.randomUUID();
    return await decideIn(unit, hostAggregates, id, (state) => createAggregate(command, state));
  });
  if (isRejection(created)) return faultOf(created);
  return { status: 200, body: { aggregate: viewCreated(created, minor) } };
}

async function show({ reader }: AggregatesDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuse("os_compute_api:os-aggregates:show", request);
  if (refusal) return refusal;
  const found = await find(reader, request);
  if (!found) return fault(404, notFound(request.param("id")));
  return { status: 200, body: { aggregate: viewAggregate(found, request.minor) } };
}

async function update(
  dependencies: AggregatesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("os_compute_api:os-aggregates:update", request);
  if (refusal) return refusal;
  const { name, availability_zone: zone } = askedIn(request);
  const id = request.param("id");
  const type = "UpdateAggregate";
  const updated = await changeAggregate(dependencies, request, type, async (unit, facts, own) => {
    const nameIsTaken = name !== undefined && await hasAggregateNamed(unit, name, own);
    const command = { type, id, name, zone, nameIsTaken, facts } as const;
    return (state) => updateAggregate(command, state);
  });
  if (isFault(updated)) return updated;
  return { status: 200, body: { aggregate: viewAggregate(updated, request.minor) } };
}

async function remove(
  dependencies: AggregatesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("os_compute_api:os-aggregates:delete", request);
  if (refusal) return refusal;
  const type = "DeleteAggregate";
  const command = { type, id: request.param("id") } as const;
  const deleted = await changeAggregate(
    dependencies,
    request,
    type,
    () => Promise.resolve((state) => deleteAggregate(command, state)),
  );
  return isFault(deleted) ? deleted : { status: 200 };
}

async function cacheImages(
  dependencies: AggregatesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("compute:aggregates:images", request);
  if (refusal) return refusal;
  const { cache } = request.body as { readonly cache: readonly { readonly id: string }[] };
  const imageIds = cache.map(({ id }) => id);
  if (new Set(imageIds).size < imageIds.length) return fault(400, "Duplicate images in request");
  const type = "RequestAggregateImages";
  const command = { type, id: request.param("id"), imageIds } as const;
  const asked = await changeAggregate(
    dependencies,
    request,
    type,
    () => Promise.resolve((state) => requestAggregateImages(command, state)),
  );
  return isFault(asked) ? asked : { status: 202 };
}
