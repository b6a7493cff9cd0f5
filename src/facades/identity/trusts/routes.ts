/** `/v3/OS-TRUST/trusts`. Source: keystone/api/trusts.py. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { TrustOperations } from "./operations.ts";
import { createSchema } from "./schema.ts";

/** The routes under `/v3/OS-TRUST/trusts`. */
export function trustRoutes(endpoints: IdentityEndpoints): Hono {
  const trusts = new TrustOperations(endpoints.service);
  const routes = new Hono();
  const one = "/:trust_id";
  routes.get("/", endpoints.authenticated((request) => trusts.list(request)));
  routes.post("/", endpoints.authenticated((request) => trusts.create(request), createSchema));
  routes.get(one, endpoints.authenticated((request) => trusts.show(request)));
  routes.delete(one, endpoints.authenticated((request) => trusts.remove(request)));
  routes.get(`${one}/roles`, endpoints.authenticated((request) => trusts.roles(request)));
  routes.get(`${one}/roles/:role_id`, endpoints.authenticated((request) => trusts.role(request)));
  return routes;
}
