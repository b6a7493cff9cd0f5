/** `/v3/services`, `/v3/endpoints`, `/v3/regions`: the catalog's parts, to be read only. */
import { Hono } from "hono";
import type { AuthenticatedRequest, IdentityEndpoints, Outcome } from "../http/endpoint.ts";
import { fault } from "../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../http/policy.ts";
import { linksTo, listOf } from "../http/views.ts";
import { catalogFor, type CatalogService, REGION } from "./catalog.ts";

/** One kind of part: how it is called, who may see it, and what there is of it. */
interface Part {
  readonly key: string;
  readonly rules: { readonly list: Rule; readonly show: Rule };
  /** Query parameters that lists can be narrowed by. */
  readonly filters: readonly string[];
  all(request: AuthenticatedRequest): readonly Readonly<Record<string, unknown>>[];
}

/** The routes of the catalog's parts, under `/v3`. */
export function catalogRoutes(
  endpoints: IdentityEndpoints,
  services: readonly CatalogService[],
): Hono {
  const routes = new Hono();
  for (const part of partsOf(services)) {
    routes.get(`/${part.key}s`, endpoints.authenticated((request) => list(request, part)));
    routes.get(`/${part.key}s/:id`, endpoints.authenticated((request) => show(request, part)));
  }
  return routes;
}

function partsOf(services: readonly CatalogService[]): readonly Part[] {
  return [
    {
      key: "service",
      rules: { list: "identity:list_services", show: "identity:get_service" },
      filters: ["type", "name"],
      all: (request) =>
        catalogFor(request.origin, services).map(({ id, type, name }) => ({
          id,
          type,
          name,
          description: "",
          enabled: true,
          links: linksTo(request, `services/${id}`),
        })),
    },
    {
      key: "endpoint",
      rules: { list: "identity:list_endpoints", show: "identity:get_endpoint" },
      filters: ["interface", "service_id", "region_id"],
      all: (request) =>
        catalogFor(request.origin, services).flatMap((service) =>
          service.endpoints.map((endpoint) => ({
            ...endpoint,
            service_id: service.id,
            enabled: true,
            links: linksTo(request, `endpoints/${endpoint.id}`),
          }))
        ),
    },
    {
      key: "region",
      rules: { list: "identity:list_regions", show: "identity:get_region" },
      filters: ["parent_region_id"],
      all: (request) => [{
        id: REGION,
        description: "",
        parent_region_id: null,
        links: linksTo(request, `regions/${REGION}`),
      }],
    },
  ];
}

function list(request: AuthenticatedRequest, part: Part): Outcome {
  const wanted = part.filters.filter((name) => request.query.has(name));
  return refuseUnlessAllowed(part.rules.list, request.token) ??
    listOf(
      request,
      `${part.key}s`,
      part.all(request).filter((one) =>
        wanted.every((name) => one[name] === request.query.get(name))
      ),
    );
}

function show(request: AuthenticatedRequest, part: Part): Outcome {
  const id = request.param("id");
  const refusal = refuseUnlessAllowed(part.rules.show, request.token);
  if (refusal) return refusal;
  const found = part.all(request).find((one) => one.id === id);
  if (!found) return fault(404, `Could not find ${part.key}: ${id}.`);
  return { status: 200, body: { [part.key]: found } };
}
