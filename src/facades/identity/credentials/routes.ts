/** `/v3/credentials`. Source: keystone/api/credentials.py. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { fault } from "../http/faults.ts";
import { schemaProblem } from "../http/schema.ts";
import { CredentialOperations } from "./operations.ts";
import { createEc2Schema, createSchema, updateSchema } from "./schema.ts";

/** The routes under `/v3/credentials`. */
export function credentialRoutes(endpoints: IdentityEndpoints): Hono {
  const credentials = new CredentialOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.undelegated((request) => credentials.list(request)));
  routes.post(
    "/",
    endpoints.undelegated((request) => {
      const { type } = request.body["credential"] as { readonly type: string };
      const problem = type === "ec2" ? schemaProblem(createEc2Schema, request.body) : undefined;
      return problem === undefined ? credentials.create(request) : fault(400, problem);
    }, createSchema),
  );
  const one = "/:credential_id";
  routes.get(one, endpoints.undelegated((request) => credentials.show(request)));
  routes.patch(
    one,
    endpoints.undelegated((request) => credentials.update(request), updateSchema),
  );
  routes.delete(one, endpoints.undelegated((request) => credentials.remove(request)));
  return routes;
}
