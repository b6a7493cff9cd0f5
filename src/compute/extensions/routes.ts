/** /extensions: list, show; nova/api/openstack/compute/extension_info.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { NO_SUCH_RESOURCE } from "../../http/faults.ts";
import { placeOf } from "../../http/paths.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { noParameters } from "../../http/schema_parts.ts";
import { type Extension, EXTENSIONS, LEGACY_EXTENSIONS } from "./list.ts";

/** The query strings of both operations. */
export const extensionsQuerySchema = noParameters;

/** Puts the extensions' endpoints on an app. */
export function extensionRoutes(app: Hono, endpoints: Endpoints): void {
  const query = extensionsQuerySchema;
  app.get("/extensions", endpoints.handler(list, { query }));
  app.get("/extensions/:alias", endpoints.handler(show, { query }));
}

function list(request: NovaRequest): Outcome {
  const refusal = refuse(request);
  return refusal ?? { status: 200, body: { extensions: extensionsOf(request) } };
}

function show(request: NovaRequest): Outcome {
  const refusal = refuse(request);
  if (refusal) return refusal;
  const wanted = request.param("alias");
  const extension = extensionsOf(request).find(({ alias }) => alias === wanted);
  return extension ? { status: 200, body: { extension } } : NO_SUCH_RESOURCE;
}

function refuse({ caller }: NovaRequest) {
  return refuseUnlessAllowed("os_compute_api:extensions", caller, caller.projectId);
}

function extensionsOf({ wholeUrl }: NovaRequest): readonly Extension[] {
  return placeOf(wholeUrl)?.version === "/v2" ? LEGACY_EXTENSIONS : EXTENSIONS;
}
