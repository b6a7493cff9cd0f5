/** `/v3/endpoints`. Source: keystone/api/endpoints.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeEndpoint } from "../cascade.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { isTemplate } from "../catalog/url_template.ts";
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
import { boolean, createBody, textOrNull, updateBody } from "../http/schema_parts.ts";
import { defined, idMatches } from "../http/views.ts";
import { createRegion } from "../regions/decider.ts";
import { regions } from "../regions/projection.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createEndpoint,
  type Endpoint,
  type EndpointFacts,
  endpointNotFound,
  updateEndpoint,
} from "./decider.ts";
import { endpoints } from "./projection.ts";
import { endpointView } from "./view.ts";

interface EndpointBody {
  readonly id?: unknown;
  readonly interface?: EndpointFacts["interface"];
  readonly service_id?: string;
  readonly region_id?: string | null;
  /** An older name of `region_id`: a region of this name is made where there is none. */
  readonly region?: string | null;
  readonly url?: string;
  readonly enabled?: boolean;
}

const FIELDS = {
  interface: { type: "string", enum: ["admin", "internal", "public"] },
  service_id: { type: "string" },
  region_id: textOrNull,
  region: textOrNull,
  url: { type: "string", maxLength: 225, pattern: "^[a-zA-Z0-9+.-]+:.+" },
  enabled: boolean,
} as const;

/** Attributes that are kept like unknown ones, but must be text. */
const TEXTS = { name: { type: "string" }, description: textOrNull } as const;

const createSchema = createBody("endpoint", { ...FIELDS, ...TEXTS }, [
  "interface",
  "service_id",
  "url",
]);

const updateSchema = updateBody("endpoint", { ...FIELDS, ...TEXTS });

/** The routes under `/v3/endpoints`. */
export function endpointRoutes(http: IdentityEndpoints, catalog: Catalog): Hono {
  const operations = new EndpointOperations(http.service, catalog);
  const routes = new Hono();
  routes.get("/", http.authenticated((request) => operations.list(request)));
  routes.post("/", http.authenticated((request) => operations.create(request), createSchema));
  const one = "/:endpoint_id";
  routes.get(one, http.authenticated((request) => operations.show(request)));
  routes.patch(one, http.authenticated((request) => operations.update(request), updateSchema));
  routes.delete(one, http.authenticated((request) => operations.remove(request)));
  return routes;
}

class EndpointOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:list_endpoints", request.token);
    if (refusal) return refusal;
    const all = await this.catalog.endpoints(this.service.reader);
    const views = all.map((endpoint) => endpointView(request, endpoint));
    return answerWhole(request, "endpoints", ["interface", "service_id", "region_id"], views);
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("endpoint_id");
    const refusal = refuseUnlessAllowed("identity:get_endpoint", request.token);
    if (refusal) return refusal;
    const all = await this.catalog.endpoints(this.service.reader);
    return shown(request, 200, all.find((one) => one.id === id) ?? endpointNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_endpoint", request.token);
    if (refusal) return refusal;
    const { endpoint: sent } = request.body as { endpoint: EndpointBody };
    const url = sent.url!;
    if (!isTemplate(url)) {
      return fault(400, `Cannot create an endpoint with an invalid URL: ${url}.`);
    }
    const endpoint: EndpointFacts = {
      interface: sent.interface!,
      serviceId: sent.service_id!,
      regionId: sent.region_id ?? sent.region ?? null,
      url,
      enabled: sent.enabled ?? true,
      ...defined({ extra: newExtrasOf(sent, FIELDS) }),
    };
    const id = this.service.newId();
    const outcome = await this.service.committer.submit(
      request.metadata("CreateEndpoint"),
      async (unit) => {
        await this.#ensureRegion(unit, sent);
        const command = {
          type: "CreateEndpoint",
          endpoint,
          ...await this.#referred(unit, endpoint),
        } as const;
        return await decideIn(unit, endpoints, id, () => createEndpoint(command));
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:update_endpoint", request.token);
    if (refusal) return refusal;
    const id = request.param("endpoint_id");
    const { endpoint: sent } = request.body as { endpoint: EndpointBody };
    if (!idMatches(sent.id, id)) return fault(400, "Cannot change ID");
    const { interface: side, service_id: serviceId, url, enabled } = sent;
    const regionId = sent.region_id ?? sent.region ?? sent.region_id;
    const extra = extrasOf(sent, FIELDS);
    const changes = defined({ interface: side, serviceId, regionId, url, enabled, extra });
    const builtIn = this.catalog.builtIn.endpoints.get(id);
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateEndpoint"),
      async (unit) => {
        await this.#ensureRegion(unit, sent);
        const referred = await this.#referred(unit, changes);
        const command = { type: "UpdateEndpoint", id, changes, builtIn, ...referred } as const;
        return await decideIn(unit, endpoints, id, (state) => updateEndpoint(command, state));
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : await this.show(request);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:delete_endpoint", request.token);
    if (refusal) return refusal;
    const id = request.param("endpoint_id");
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteEndpoint"),
      (unit) => removeEndpoint(unit, this.catalog, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** Makes the region that a body names in the older way, where there is none. */
  async #ensureRegion(unit: UnitOfWork, { region_id, region: id }: EndpointBody): Promise<void> {
    if ((region_id ?? null) !== null || !id || await this.#hasRegion(unit, id)) return;
    const region = { description: "", parentRegionId: null };
    const command = { type: "CreateRegion", id, region, hasParent: true } as const;
    await decideIn(unit, regions, id, (state) => createRegion(command, state));
  }

  async #referred(unit: UnitOfWork, { serviceId, regionId }: Partial<EndpointFacts>) {
    const services = serviceId === undefined ? [] : await this.catalog.services(unit);
    return {
      hasService: serviceId === undefined || services.some(({ id }) => id === serviceId),
      hasRegion: (regionId ?? null) === null || await this.#hasRegion(unit, regionId!),
    };
  }

  async #hasRegion(unit: UnitOfWork, regionId: string): Promise<boolean> {
    return (await this.catalog.regions(unit)).some(({ id }) => id === regionId);
  }
}

function shown(
  request: IdentityRequest,
  status: number,
  outcome: Versioned<Endpoint> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { endpoint: endpointView(request, outcome) } };
}
