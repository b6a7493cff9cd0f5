/** `/v3/OS-FEDERATION/mappings`. Source: keystone/api/os_federation.py, MappingResource. */
import { Hono } from "hono";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { type PlainKind, PlainOperations } from "../http/plain_resource.ts";
import { defined } from "../http/views.ts";
import {
  createMapping,
  deleteMapping,
  type Mapping,
  type MappingEvent,
  mappingNotFound,
  updateMapping,
} from "./decider.ts";
import { mappings } from "./projection.ts";
import { mappingSchema } from "./schema.ts";

interface MappingBody {
  readonly rules: readonly object[];
  readonly schema_version?: string;
}

const MAPPING: PlainKind<Mapping, MappingEvent> = {
  one: "mapping",
  many: "mappings",
  path: "OS-FEDERATION/mappings",
  aggregate: mappings,
  order: "id",
  filters: [],
  rules: { list: "identity:list_mappings", get: "identity:get_mapping" },
  view: ({ rules, schemaVersion }) => ({ rules, schema_version: schemaVersion }),
  notFound: mappingNotFound,
};

/** The routes under `/v3/OS-FEDERATION/mappings`. */
export function mappingRoutes(endpoints: IdentityEndpoints): Hono {
  const operations = new MappingOperations(endpoints.service, MAPPING);
  const routes = new Hono();
  const one = "/:mapping_id";
  routes.get("/", endpoints.authenticated((request) => operations.list(request)));
  routes.get(
    one,
    endpoints.authenticated((request) => operations.show(request, request.param("mapping_id"))),
  );
  routes.put(one, endpoints.authenticated((request) => operations.create(request), mappingSchema));
  routes.patch(
    one,
    endpoints.authenticated((request) => operations.update(request), mappingSchema),
  );
  routes.delete(one, endpoints.authenticated((request) => operations.remove(request)));
  return routes;
}

class MappingOperations extends PlainOperations<Mapping, MappingEvent> {
  async create(request: AuthenticatedRequest): Promise<Outcome> {
    const { rules, schema_version = "1.0" } = request.body["mapping"] as MappingBody;
    const mapping = { rules, schemaVersion: schema_version };
    return await this.change(request, {
      rule: "identity:create_mapping",
      command: "CreateMapping",
      id: request.param("mapping_id"),
      status: 201,
      decide: (state) => createMapping({ type: "CreateMapping", mapping }, state),
    });
  }

  async update(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("mapping_id");
    const { rules, schema_version: schemaVersion } = request.body["mapping"] as MappingBody;
    const changes = defined({ rules, schemaVersion });
    return await this.change(request, {
      rule: "identity:update_mapping",
      command: "UpdateMapping",
      id,
      status: 200,
      decide: (mapping) => updateMapping({ type: "UpdateMapping", id, changes }, mapping),
    });
  }

  async remove(request: AuthenticatedRequest): Promise<Outcome> {
    const id = request.param("mapping_id");
    return await this.change(request, {
      rule: "identity:delete_mapping",
      command: "DeleteMapping",
      id,
      status: 204,
      decide: (mapping) => deleteMapping({ type: "DeleteMapping", id }, mapping),
    });
  }
}
