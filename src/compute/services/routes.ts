/** /os-services: list, update, delete; nova/api/openstack/compute/services.py. */
import type { Hono } from "hono";
import { type Clock, timestampOf } from "../../eventsourcing/clock.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH, type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { canonicalUuid, isUuidLike, wholeNumber } from "../../http/words.ts";
import type { Reader } from "../../store/query.ts";
import { forgetHost } from "../aggregates/decider.ts";
import { hostAggregates, listAggregates } from "../aggregates/projection.ts";
import type { CellReach } from "../cell/reach.ts";
import { removeHost, type UpdateHostService, updateHostService } from "../hosts/decider.ts";
import { findHost, hosts, listHosts } from "../hosts/projection.ts";
import { countServersOn } from "../hosts/projection_usage.ts";
import { countMigrationsOn, wasEvacuated } from "../servers/projection_migrations.ts";
import { computeService, listServices } from "./projection.ts";
import { type BodyByHost, type BodyById, readByHost, readById, refuseBinary } from "./requests.ts";
import { listQuerySchema, updateSchema } from "./schemas.ts";
import type { Service } from "./state.ts";
import { viewService, viewServiceOutOfReach } from "./view.ts";

export interface ServicesDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly cell: Pick<CellReach, "isDown">;
  readonly clock: Clock;
}

/** Puts the services' endpoints on an app. */
export function serviceRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: ServicesDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  app.get(
    "/os-services",
    handler((request) => list(dependencies, request), { query: listQuerySchema }),
  );
  app.put(
    "/os-services/:id",
    handler((request) => update(dependencies, request), { body: updateSchema }),
  );
  app.delete("/os-services/:id", handler((request) => remove(dependencies, request)));
}

function refuseUnless(rule: Rule, { caller }: NovaRequest): Fault | undefined {
  return refuseUnlessAllowed(rule, caller, caller.projectId);
}

/** Every service is part of this process, or run by it: unless one is silenced, it is seen now. */
function present({ clock }: ServicesDependencies): string {
  return timestampOf(clock() * 1000).replace("Z", "");
}

async function list(dependencies: ServicesDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-services:list", request);
  if (refusal) return refusal;
  const { query, minor } = request;
  const [host, binary] = ["host", "binary"].map((name) => query.getAll(name).at(-1));
  // The empty text is no filter.
  const isWanted = (service: Pick<Service, "host" | "binary">) =>
    (!host || service.host === host) && (!binary || service.binary === binary);
  const { reader, cell } = dependencies;
  const services = (await listServices(reader, cell)).filter(isWanted)
    .map((service) => viewService(service, minor, present(dependencies)));
  const lost = (await listOutOfReach(dependencies, minor)).filter(isWanted)
    .map(({ host }) => viewServiceOutOfReach(host));
  return { status: 200, body: { services: [...services, ...lost] } };
}

/** The services of hosts that cannot be reached: shown from 2.69 on, below it left out. */
async function listOutOfReach(
  { reader, cell }: ServicesDependencies,
  minor: number,
): Promise<readonly Pick<Service, "host" | "binary">[]> {
  if (!cell.isDown || minor < PARTIAL_SINCE) return [];
  return (await listHosts(reader)).map(({ name }) => ({ host: name, binary: "nova-compute" }));
}

const PARTIAL_SINCE = 69;

function update(dependencies: ServicesDependencies, request: NovaRequest): Promise<Outcome> {
  return request.minor >= 53
    ? updateById(dependencies, request)
    : updateByHost(dependencies, request);
}

/** Below 2.53 the path says what to do, and the body to what. */
async function updateByHost(
  dependencies: ServicesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-services:update", request);
  if (refusal) return refusal;
  const body = request.body as BodyByHost;
  const asked = readByHost(request.param("id"), body, request.minor);
  if (isRejection(asked)) return faultOf(asked);
  const { host, binary } = body;
  const command = { type: "UpdateHostService", host, ...asked.changes } as const;
  const changed = await change(dependencies, request, command);
  if (changed) return changed;
  return { status: 200, body: { service: { host, binary, ...asked.answer } } };
}

/** From 2.53 on the path says to what, and the body what to do. */
async function updateById(
  dependencies: ServicesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const id = request.param("id");
  if (!isUuidLike(id)) return fault(400, `Invalid uuid ${id}`);
  const refusal = refuseUnless("os_compute_api:os-services:update", request);
  if (refusal) return refusal;
  const service = await find(dependencies, request);
  if (isFault(service)) return service;
  if (!service) return fault(404, `Service ${id} could not be found.`);
  const changes = refuseBinary(service.binary) ?? readById(request.body as BodyById);
  if (isRejection(changes)) return faultOf(changes);
  const { host: name } = service;
  const changed = await change(dependencies, request, {
    type: "UpdateHostService",
    host: name,
    ...changes,
  });
  if (changed) return changed;
  const host = (await findHost(dependencies.reader, { name }))!;
  const view = viewService(computeService(host), request.minor, present(dependencies));
  return { status: 200, body: { service: view } };
}

async function change(
  { committer, cell }: ServicesDependencies,
  request: NovaRequest,
  command: UpdateHostService,
): Promise<Fault | undefined> {
  if (cell.isDown) return CELL_OUT_OF_REACH;
  const { type, host: name } = command;
  const outcome = await committer.submit(metadataOf(request, type), async (unit) => {
    const facts = { wasEvacuated: await wasEvacuated(unit, name) };
    return await decideIn(unit, hosts, name, (host) => updateHostService(command, host, facts));
  });
  if (isRejection(outcome)) return faultOf(outcome);
}

/**
 * The service whose id is in the path: a number below 2.53, then a UUID.
 *
 * One that is not found may be of the cell: while that cannot be reached, nobody knows.
 */
async function find(
  { reader, cell }: ServicesDependencies,
  request: NovaRequest,
): Promise<Service | Fault | undefined> {
  const id = request.param("id");
  const services = await listServices(reader, cell);
  const found = request.minor >= 53
    ? services.find(({ uuid }) => uuid === canonicalUuid(id))
    : services.find((service) => service.id === wholeNumber(id));
  return found ?? (cell.isDown ? CELL_OUT_OF_REACH : undefined);
}

async function remove(dependencies: ServicesDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-services:delete", request) ?? refuseId(request);
  if (refusal) return refusal;
  const id = request.param("id");
  const service = await find(dependencies, request);
  if (isFault(service)) return service;
  if (!service) return fault(404, `Service ${id} not found.`);
  // The others are this process, which has them back at their next sign of life: at once.
  if (service.binary !== "nova-compute") return { status: 204 };
  const removed = await removeService(dependencies, request, service.host);
  return isFault(removed) ? removed : { status: 204 };
}

function refuseId(request: NovaRequest): Fault | undefined {
  const id = request.param("id");
  if (request.minor >= 53) return isUuidLike(id) ? undefined : fault(400, `Invalid uuid ${id}`);
  if (wholeNumber(id) !== undefined) return undefined;
  return fault(400, "Invalid input received: id must be an integer");
}

/** Removes a host, and takes it out of its aggregates, all or nothing. */
async function removeService(
  { committer }: ServicesDependencies,
  request: NovaRequest,
  host: string,
): Promise<Fault | undefined> {
  const type = "RemoveHost";
  const outcome = await committer.submit(metadataOf(request, type), async (unit) => {
    const command = {
      type,
      serviceId: request.param("id"),
      servers: await countServersOn(unit, host),
      migrations: await countMigrationsOn(unit, host),
    } as const;
    const removed = await decideIn(unit, hosts, host, (state) => removeHost(command, state));
    return isRejection(removed) ? removed : await leaveAggregates(unit, host);
  });
  if (isRejection(outcome)) return faultOf(outcome);
}

async function leaveAggregates(unit: UnitOfWork, host: string): Promise<void> {
  for (const { id } of await listAggregates(unit)) {
    await decideIn(unit, hostAggregates, id, (aggregate) => forgetHost(host, aggregate));
  }
}
