/** `/v3/registered_limits`. Source: keystone/api/registered_limits.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type {
  AuthenticatedRequest,
  IdentityEndpoints,
  IdentityRequest,
  Outcome,
} from "../http/endpoint.ts";
import { faultOf } from "../http/faults.ts";
import { equalTo } from "../http/list_query.ts";
import { answerList } from "../http/lists.ts";
import { refuseUnlessAllowed } from "../http/policy.ts";
import { defined, linksTo } from "../http/views.ts";
import { listLimits } from "../limits/projection.ts";
import { refuseStray } from "../limits/referred.ts";
import { createRegisteredSchema, updateRegisteredSchema } from "../limits/schema.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createRegisteredLimit,
  deleteRegisteredLimit,
  type RegisteredLimit,
  type RegisteredLimitFacts,
  registeredLimitNotFound,
  updateRegisteredLimit,
} from "./decider.ts";
import {
  findRegisteredLimit,
  listRegisteredLimits,
  registeredLimitOf,
  registeredLimits,
} from "./projection.ts";

interface RegisteredLimitBody {
  readonly service_id?: string;
  readonly region_id?: string | null;
  readonly resource_name?: string;
  readonly default_limit?: number;
  readonly description?: string | null;
}

/** The routes under `/v3/registered_limits`. */
export function registeredLimitRoutes(endpoints: IdentityEndpoints, catalog: Catalog): Hono {
  const limits = new RegisteredLimitOperations(endpoints.service, catalog);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => limits.list(request)));
  routes.post(
    "/",
    endpoints.authenticated((request) => limits.create(request), createRegisteredSchema),
  );
  const one = "/:registered_limit_id";
  routes.get(one, endpoints.authenticated((request) => limits.show(request)));
  routes.patch(
    one,
    endpoints.authenticated((request) => limits.update(request), updateRegisteredSchema),
  );
  routes.delete(one, endpoints.authenticated((request) => limits.remove(request)));
  return routes;
}

class RegisteredLimitOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    return refuseUnlessAllowed("identity:list_registered_limits", request.token) ??
      await answerList(request, "registered_limits", {
        filters: ["service_id", "region_id", "resource_name"],
        find: (query) => listRegisteredLimits(reader, query),
        has: (id) => findRegisteredLimit(reader, id),
        view: (limit) => registeredLimitView(request, limit),
      });
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("registered_limit_id");
    const refusal = refuseUnlessAllowed("identity:get_registered_limit", request.token);
    if (refusal) return refusal;
    const limit = await findRegisteredLimit(this.service.reader, id);
    return shown(request, limit ?? registeredLimitNotFound(id));
  }

  /** Registers all of a list, or none of it. */
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_registered_limits", request.token);
    if (refusal) return refusal;
    const { registered_limits: sent } = request.body as {
      registered_limits: readonly RegisteredLimitBody[];
    };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateRegisteredLimits"),
      async (unit): Promise<readonly Versioned<RegisteredLimit>[] | Rejection> => {
        const made: Versioned<RegisteredLimit>[] = [];
        for (const one of sent) {
          const limit = await this.#createOne(unit, one);
          if (isRejection(limit)) return limit;
          made.push(limit);
        }
        return made;
      },
    );
    if (isRejection(outcome)) return faultOf(outcome);
    const views = outcome.map((limit) => registeredLimitView(request, limit));
    return { status: 201, body: { registered_limits: views } };
  }

  async #createOne(
    unit: UnitOfWork,
    sent: RegisteredLimitBody,
  ): Promise<Versioned<RegisteredLimit> | Rejection> {
    const limit: RegisteredLimitFacts = {
      serviceId: sent.service_id!,
      regionId: sent.region_id ?? null,
      resourceName: sent.resource_name!,
      defaultLimit: sent.default_limit!,
      description: sent.description ?? null,
    };
    const stray = await refuseStray(unit, this.catalog, "registered_limit", limit);
    if (stray) return stray;
    const isTaken = await registeredLimitOf(unit, limit) !== undefined;
    const command = { type: "CreateRegisteredLimit", limit, isTaken } as const;
    const id = this.service.newId();
    return await decideIn(unit, registeredLimits, id, () => createRegisteredLimit(command));
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:update_registered_limit", request.token);
    if (refusal) return refusal;
    const id = request.param("registered_limit_id");
    const { registered_limit: sent } = request.body as { registered_limit: RegisteredLimitBody };
    const changes = defined({
      serviceId: sent.service_id,
      regionId: sent.region_id,
      resourceName: sent.resource_name,
      defaultLimit: sent.default_limit,
      description: sent.description,
    });
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateRegisteredLimit"),
      async (unit) => {
        const stray = await refuseStray(unit, this.catalog, "registered_limit", changes);
        if (stray) return stray;
        const { state } = await unit.load(registeredLimits, id);
        const same = await registeredLimitOf(unit, { ...state, ...changes });
        const isTaken = same !== undefined && same.id !== id;
        const isReferred = await hasLimits(unit, id);
        const command = {
          ...{ type: "UpdateRegisteredLimit", id, changes, isTaken, isReferred } as const,
        };
        return await decideIn(
          unit,
          registeredLimits,
          id,
          (limit) => updateRegisteredLimit(command, limit),
        );
      },
    );
    return shown(request, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:delete_registered_limit", request.token);
    if (refusal) return refusal;
    const id = request.param("registered_limit_id");
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteRegisteredLimit"),
      async (unit) => {
        const isReferred = await hasLimits(unit, id);
        const command = { type: "DeleteRegisteredLimit", id, isReferred } as const;
        return await decideIn(
          unit,
          registeredLimits,
          id,
          (limit) => deleteRegisteredLimit(command, limit),
        );
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

async function hasLimits(unit: UnitOfWork, id: string): Promise<boolean> {
  const matches = equalTo({ registered_limit_id: id });
  return (await listLimits(unit, { matches, limit: 1 })).length > 0;
}

function shown(
  request: IdentityRequest,
  outcome: Versioned<RegisteredLimit> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status: 200, body: { registered_limit: registeredLimitView(request, outcome) } };
}

/** A registered limit as Keystone's JSON. */
function registeredLimitView(
  request: IdentityRequest,
  { id, state }: Versioned<RegisteredLimit>,
): object {
  return {
    id,
    service_id: state.serviceId,
    region_id: state.regionId,
    resource_name: state.resourceName,
    default_limit: state.defaultLimit,
    description: state.description,
    links: linksTo(request, `registered_limits/${id}`),
  };
}
