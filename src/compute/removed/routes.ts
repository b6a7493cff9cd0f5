/** What Nova once had and now answers with 410, whoever asks; nova/api/openstack/compute/routes.py. */
import type { Hono } from "hono";
import type { Endpoints } from "../../http/endpoint.ts";
import { GONE } from "../../http/faults.ts";
import { anything } from "../../http/schema_parts.ts";

/** Each path with its methods. */
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  // agents.py: with the Xen driver, in 22.0.0
  "/os-agents": ["GET", "POST"],
  "/os-agents/:id": ["PUT", "DELETE"],
  // cells.py: cells of the first kind, in 20.0.0
  "/os-cells": ["GET", "POST"],
  "/os-cells/capacities": ["GET"],
  "/os-cells/detail": ["GET"],
  "/os-cells/info": ["GET"],
  "/os-cells/sync_instances": ["POST"],
  "/os-cells/:id": ["GET", "PUT", "DELETE"],
  "/os-cells/:id/capacities": ["GET"],
  // certificates.py, cloudpipe.py: in 16.0.0
  "/os-certificates": ["POST"],
  "/os-certificates/:id": ["GET"],
  "/os-cloudpipe": ["GET", "POST"],
  "/os-cloudpipe/:id": ["PUT"],
  // consoles.py: with nova-console, in 21.0.0
  "/servers/:id/consoles": ["GET", "POST"],
  "/servers/:id/consoles/:console": ["GET", "DELETE"],
};

/** Puts the removed resources' endpoints on an app. */
export function removedRoutes(app: Hono, endpoints: Endpoints): void {
  for (const [path, methods] of Object.entries(ROUTES)) {
    for (const method of methods) {
      // A body is still read, and refused where it is no JSON.
      const options = method === "POST" || method === "PUT" ? { body: () => anything } : {};
      app.on(method, path, endpoints.handler(() => GONE, options));
    }
  }
}
