/** `/v3/services`. Source: keystone/api/services.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { handle } from "../../../eventsourcing/command_handler.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeService } from "../cascade.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { extrasOf, newExtrasOf } from "../http/extras.ts";
import { fault, faultOf } from "../http/faults.ts";
import { answerWhole } from "../http/lists.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { boolean, createBody, textUpTo, updateBody } from "../http/schema_parts.ts";
import { defined, idMatches, linksTo } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createService,
  type Service,
  type ServiceFacts,
  serviceNotFound,
  updateService,
} from "./decider.ts";
import { catalogServices } from "./projection.ts";

interface ServiceBody {
  readonly id?: unknown;
  readonly type?: string;
  readonly name?: string;
  readonly enabled?: boolean;
}

const FIELDS = { type: textUpTo(255), name: textUpTo(255), enabled: boolean };

const createSchema = createBody("service", FIELDS, ["type"]);

const updateSchema = updateBody("service", FIELDS);

/** The routes under `/v3/services`. */
export function serviceRoutes(endpoints: IdentityEndpoints, catalog: Catalog): Hono {
  const services = new ServiceOperations(endpoints.service, catalog);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => services.list(request)));
  routes.post("/", endpoints.authenticated((request) => services.create(request), createSchema));
  const one = "/:service_id";
  routes.get(one, endpoints.authenticated((request) => services.show(request)));
  routes.patch(one, endpoints.authenticated((request) => services.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => services.remove(request)));
  return routes;
}

class ServiceOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:list_services", request.token);
    if (refusal) return refusal;
    const all = await this.catalog.services(this.service.reader);
    const views = all.map((service) => serviceView(request, service));
    return answerWhole(request, "services", ["type", "name"], views);
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("service_id");
    const refusal = refuseUnlessAllowed("identity:get_service", request.token);
    if (refusal) return refusal;
    const all = await this.catalog.services(this.service.reader);
    return shown(request, 200, all.find((one) => one.id === id) ?? serviceNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_service", request.token);
    if (refusal) return refusal;
    const { service: sent } = request.body as { service: ServiceBody };
    const service: ServiceFacts = {
      type: sent.type!,
      name: sent.name ?? "",
      enabled: sent.enabled ?? true,
      ...defined({ extra: newExtrasOf(sent, FIELDS) }),
    };
    const outcome = await handle(
      this.service.committer,
      catalogServices,
      this.service.newId(),
      request.metadata("CreateService"),
      () => createService({ type: "CreateService", service }),
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:update_service", request.token);
    if (refusal) return refusal;
    const id = request.param("service_id");
    const { service: sent } = request.body as { service: ServiceBody };
    if (!idMatches(sent.id, id)) return fault(400, "Cannot change ID");
    const { type, name, enabled } = sent;
    const changes = defined({ type, name, enabled, extra: extrasOf(sent, FIELDS) });
    const builtIn = this.catalog.builtIn.services.get(id);
    const outcome = await handle(
      this.service.committer,
      catalogServices,
      id,
      request.metadata("UpdateService"),
      (state) => updateService({ type: "UpdateService", id, changes, builtIn }, state),
    );
    // Of one that is built in, and to which nothing was done, there is no stream.
    return isRejection(outcome) ? faultOf(outcome) : await this.show(request);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:delete_service", request.token);
    if (refusal) return refusal;
    const id = request.param("service_id");
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteService"),
      (unit) => removeService(unit, this.catalog, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

function shown(
  request: IdentityRequest,
  status: number,
  outcome: Versioned<Service> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { service: serviceView(request, outcome) } };
}

/** A service as Keystone's JSON. */
function serviceView(request: IdentityRequest, { id, state }: Versioned<Service>) {
  const { type, name, enabled, extra } = state;
  return { ...extra, id, type, name, enabled, links: linksTo(request, `services/${id}`) };
}
