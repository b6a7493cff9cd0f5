/** `/v3/regions`. Source: keystone/api/regions.py. */
import { Hono } from "hono";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import { removeRegion } from "../cascade.ts";
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
import {
  createBody,
  regionIdOrNull,
  textOrNull,
  textUpTo,
  updateBody,
} from "../http/schema_parts.ts";
import { defined, idMatches, linksTo } from "../http/views.ts";
import type { EmbeddedIdentity } from "../service.ts";
import {
  createRegion,
  type Region,
  type RegionFacts,
  regionNotFound,
  updateRegion,
} from "./decider.ts";
import { regions } from "./projection.ts";

interface RegionBody {
  readonly id?: string | null;
  readonly description?: string | null;
  readonly parent_region_id?: string | null;
}

const FIELDS = { description: textOrNull, parent_region_id: regionIdOrNull };

/** Every attribute may be left out; an empty id is one that is left out. */
const createSchema = createBody("region", { ...FIELDS, id: textUpTo(255, 0) }, []);

const updateSchema = updateBody("region", { ...FIELDS, id: regionIdOrNull });

/** The routes under `/v3/regions`. */
export function regionRoutes(endpoints: IdentityEndpoints, catalog: Catalog): Hono {
  const operations = new RegionOperations(endpoints.service, catalog);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => operations.list(request)));
  routes.post("/", endpoints.authenticated((request) => operations.create(request), createSchema));
  const one = "/:region_id";
  routes.get(one, endpoints.authenticated((request) => operations.show(request)));
  routes.put(one, endpoints.authenticated((request) => operations.put(request), createSchema));
  routes.patch(one, endpoints.authenticated((request) => operations.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => operations.remove(request)));
  return routes;
}

class RegionOperations {
  constructor(
    private readonly service: EmbeddedIdentity,
    private readonly catalog: Catalog,
  ) {}

  async list(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:list_regions", request.token);
    if (refusal) return refusal;
    const all = await this.catalog.regions(this.service.reader);
    const views = all.map((region) => regionView(request, region));
    return answerWhole(request, "regions", ["parent_region_id"], views);
  }

  async show(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("region_id");
    const refusal = refuseUnlessAllowed("identity:get_region", request.token);
    if (refusal) return refusal;
    const all = await this.catalog.regions(this.service.reader);
    return shown(request, 200, all.find((one) => one.id === id) ?? regionNotFound(id));
  }

  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { region } = request.body as { region: RegionBody };
    return await this.#create(request, region.id || this.service.newId());
  }

  /** Creates a region of the id in the path. */
  async put(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("region_id");
    const { region } = request.body as { region: RegionBody };
    const differs = region.id !== undefined && region.id !== id;
    return refuseUnlessAllowed("identity:create_region", request.token) ??
      (differs
        ? fault(400, `Conflicting region IDs specified: "${id}" != "${region.id}"`)
        : await this.#create(request, id));
  }

  async #create(request: AuthenticatedRequest, id: string): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:create_region", request.token);
    if (refusal) return refusal;
    const { region: sent } = request.body as { region: RegionBody };
    const region: RegionFacts = {
      description: sent.description ?? "",
      parentRegionId: sent.parent_region_id ?? null,
      ...defined({ extra: newExtrasOf(sent, FIELDS) }),
    };
    const builtIn = this.catalog.builtIn.regions.get(id);
    const outcome = await this.service.committer.submit(
      request.metadata("CreateRegion"),
      async (unit) => {
        const { hasParent } = await this.#above(unit, region.parentRegionId);
        const command = { type: "CreateRegion", id, region, hasParent, builtIn } as const;
        return await decideIn(unit, regions, id, (state) => createRegion(command, state));
      },
    );
    return shown(request, 201, outcome);
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:update_region", request.token);
    if (refusal) return refusal;
    const id = request.param("region_id");
    const { region: sent } = request.body as { region: RegionBody };
    if (!idMatches(sent.id, id)) return fault(400, "Cannot change ID");
    const { description, parent_region_id: parentRegionId } = sent;
    const changes = defined({
      description: description === null ? "" : description,
      parentRegionId,
      extra: extrasOf(sent, FIELDS),
    });
    const builtIn = this.catalog.builtIn.regions.get(id);
    const outcome = await this.service.committer.submit(
      request.metadata("UpdateRegion"),
      async (unit) => {
        const above = await this.#above(unit, parentRegionId ?? null);
        const command = { type: "UpdateRegion", id, changes, builtIn, ...above } as const;
        return await decideIn(unit, regions, id, (state) => updateRegion(command, state));
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : await this.show(request);
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const refusal = refuseUnlessAllowed("identity:delete_region", request.token);
    if (refusal) return refusal;
    const id = request.param("region_id");
    const outcome = await this.service.committer.submit(
      request.metadata("DeleteRegion"),
      (unit) => removeRegion(unit, this.catalog, id),
    );
    return isRejection(outcome) ? faultOf(outcome) : { status: 204 };
  }

  /** A parent that is to be, and the regions above it. */
  async #above(
    unit: UnitOfWork,
    parentId: string | null,
  ): Promise<{ readonly hasParent: boolean; readonly ancestors: readonly string[] }> {
    if (parentId === null) return { hasParent: true, ancestors: [] };
    const all = new Map((await this.catalog.regions(unit)).map(({ id, state }) => [id, state]));
    const ancestors: string[] = [];
    for (let id: string | null = parentId; id !== null; id = all.get(id)?.parentRegionId ?? null) {
      ancestors.push(id);
    }
    return { hasParent: all.has(parentId), ancestors };
  }
}

function shown(
  request: IdentityRequest,
  status: number,
  outcome: Versioned<Region> | Rejection,
): Outcome {
  if (isRejection(outcome)) return faultOf(outcome);
  return { status, body: { region: regionView(request, outcome) } };
}

/** A region as Keystone's JSON. */
function regionView(request: IdentityRequest, { id, state }: Versioned<Region>) {
  return {
    ...state.extra,
    id,
    description: state.description,
    parent_region_id: state.parentRegionId,
    links: linksTo(request, `regions/${id}`),
  };
}
