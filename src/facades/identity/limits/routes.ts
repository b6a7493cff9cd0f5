/** `/v3/limits`. Source: keystone/api/limits.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn, handle } from "../../../eventsourcing/command_handler.ts";
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
import { findProject } from "../projects/projection.ts";
import { registeredLimitOf } from "../registered_limits/projection.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createLimit,
  deleteLimit,
  type Limit,
  type LimitFacts,
  limitNotFound,
  updateLimit,
} from "./decider.ts";
import { findLimit, limits, listLimits, listLimitsOfDomain } from "./projection.ts";
import { refuseStray } from "./referred.ts";
import { createSchema, updateSchema } from "./schema.ts";

interface LimitBody {
  readonly service_id: string;
  readonly region_id?: string | null;
  readonly resource_name: string;
  readonly resource_limit: number;
  readonly project_id?: string | null;
  readonly domain_id?: string | null;
  readonly description?: string | null;
}

/** The one way limits are kept here. Source: keystone/limit/models/flat.py. */
const MODEL = {
  name: "flat",
  description: "Limit enforcement and validation does not take project hierarchy into " +
    "consideration.",
};

/** The routes under `/v3/limits`. */
export function limitRoutes(endpoints: IdentityEndpoints, catalog: Catalog): Hono {
  const operations = new LimitOperations(endpoints.service, catalog);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => operations.list(request)));
  routes.post("/", endpoints.authenticated((request) => operations.create(request), createSchema));
  routes.get("/model", endpoints.authenticated(() => ({ status: 200, body: { model: MODEL } })));
  const one = "/:limit_id";
  routes.get(one, endpoints.authenticated((request) => operations.show(request)));
  routes.patch(one, endpoints.authenticated((request) => operations.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => operations.remove(request)));
  return routes;
}

class LimitOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  /** All limits for admins and services; for others those of their project or domain. */
  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const { scope, caller } = request.token;
    const seesAll = scope?.on === "system" || caller.isAdmin || caller.roles.has("service");
    const domainId = !seesAll && scope?.on === "domain" ? scope.domain.id : undefined;
    const ofProject = seesAll || domainId !== undefined ? undefined : caller.projectId;
    return refuseUnlessAllowed("identity:list_limits", request.token) ??
      await answerList(request, "limits", {
        filters: ["service_id", "region_id", "resource_name", "project_id", "domain_id"],
        fixed: equalTo({ project_id: ofProject }),
        find: (query) =>
          domainId === undefined
            ? listLimits(reader, query)
            : listLimitsOfDomain(reader, query, domainId),
        has: (id) => findLimit(reader, id),
        view: (limit) => limitView(request, limit),
      });
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const { reader } = this.service;
    const id = request.param("limit_id");
    const limit = await findLimit(reader, id);
    const projectId = limit?.state.projectId ?? undefined;
    const project = projectId === undefined ? undefined : await findProject(reader, projectId);
    const refusal = refuseUnlessAllowed("identity:get_limit", request.token, {
      projectId,
      domainId: limit?.state.domainId ?? project?.state.domainId,
    });
    return refusal ?? shown(request, limit ?? limitNotFound(id));
  }

  /** Creates all of a list, or none of it. */
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_limits", request.token);
    if (refusal) return refusal;
    const { limits: sent } = request.body as { limits: readonly LimitBody[] };
    const outcome = await this.service.committer.submit(
      request.metadata("CreateLimits"),
      async (unit): Promise<readonly Versioned<Limit>[] | Rejection> => {
        const made: Versioned<Limit>[] = [];
        for (const one of sent) {
          const limit = await this.#createOne(unit, one);
          if (isRejection(limit)) return limit;
          made.push(limit);
        }
        return made;
      },
    );
    if (isRejection(outcome)) return faultOf(outcome);
    const views = outcome.map((limit) => limitView(request, limit));
    return { status: 201, body: { limits: views } };
  }

  async #createOne(unit: UnitOfWork, sent: LimitBody): Promise<Versioned<Limit> | Rejection> {
    const facts: Omit<LimitFacts, "registeredLimitId"> = {
      serviceId: sent.service_id,
      regionId: sent.region_id ?? null,
      resourceName: sent.resource_name,
      resourceLimit: sent.resource_limit,
      projectId: sent.project_id ?? null,
      domainId: sent.domain_id ?? null,
      description: sent.description ?? null,
    };
    const stray = await refuseStray(unit, this.catalog, "limit", facts);
    if (stray) return stray;
    const registeredLimitId = (await registeredLimitOf(unit, facts))?.id;
    const command = {
      type: "CreateLimit",
      limit: { ...facts, registeredLimitId },
      isTaken: await isTaken(unit, facts, registeredLimitId),
    } as const;
    return await decideIn(unit, limits, this.service.newId(), () => createLimit(command));
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:update_limit", request.token);
    if (refusal) return refusal;
    const id = request.param("limit_id");
    const { limit: sent } = request.body as { limit: Partial<LimitBody> };
    const changes = defined({
      resourceLimit: sent.resource_limit,
      description: sent.description,
    });
    const outcome = await handle(
      this.service.committer,
      limits,
      id,
      request.metadata("UpdateLimit"),
      (limit) => updateLimit({ type: "UpdateLimit", id, changes }, limit),
    );
    return shown(request, outcome);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:delete_limit", request.token);
    if (refusal) return refusal;
    const id = request.param("limit_id");
    const outcome = await handle(
      this.service.committer,
      limits,
      id,
      request.metadata("DeleteLimit"),
      (limit) => deleteLimit({ type: "DeleteLimit", id }, limit),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }
}

/** Whether the project or domain has a limit of the resource. */
async function isTaken(
  unit: UnitOfWork,
  { projectId, domainId }: Pick<LimitFacts, "projectId" | "domainId">,
  registeredLimitId: string | undefined,
): Promise<boolean> {
  if (registeredLimitId === undefined) return false;
  const matches = equalTo({
    registered_limit_id: registeredLimitId,
    project_id: projectId ?? undefined,
    domain_id: domainId ?? undefined,
  });
  return (await listLimits(unit, { matches, limit: 1 })).length > 0;
}

function shown(request: IdentityRequest, outcome: Versioned<Limit> | Rejection): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status: 200, body: { limit: limitView(request, outcome) } };
}

/** A limit as Keystone's JSON. */
function limitView(request: IdentityRequest, { id, state }: Versioned<Limit>): object {
  return {
    id,
    project_id: state.projectId,
    domain_id: state.domainId,
    service_id: state.serviceId,
    region_id: state.regionId,
    resource_name: state.resourceName,
    resource_limit: state.resourceLimit,
    description: state.description,
    links: linksTo(request, `limits/${id}`),
  };
}
