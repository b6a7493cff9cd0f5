/** `/v3/users/{user_id}/application_credentials`. Source: keystone/api/users.py. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { createBody, id, nameUpTo, textOrNull } from "../http/schema_parts.ts";
import { CredentialOperations } from "./operations.ts";

const createSchema = createBody("application_credential", {
  name: nameUpTo(255),
  secret: textOrNull,
  description: textOrNull,
  expires_at: textOrNull,
  unrestricted: { type: ["boolean", "null"] },
  roles: {
    type: "array",
    items: {
      type: "object",
      properties: { id, name: nameUpTo(255) },
      minProperties: 1,
      maxProperties: 1,
      additionalProperties: false,
    },
  },
  access_rules: {
    type: "array",
    items: {
      type: "object",
      properties: {
        id,
        path: { type: "string", maxLength: 225, pattern: "^/\\.*" },
        service: id,
        method: { type: "string", enum: ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"] },
      },
    },
  },
});

/** The routes of application credentials, under `/v3`. */
export function applicationCredentialRoutes(endpoints: IdentityEndpoints): Hono {
  const credentials = new CredentialOperations(endpoints.service);
  const all = "/users/:user_id/application_credentials";
  const one = `${all}/:application_credential_id`;
  const routes = new Hono();
  routes.get(all, endpoints.undelegated((request) => credentials.list(request)));
  routes.post(
    all,
    endpoints.undelegated((request) => credentials.create(request), createSchema),
  );
  routes.get(one, endpoints.undelegated((request) => credentials.show(request)));
  routes.delete(one, endpoints.undelegated((request) => credentials.remove(request)));
  return routes;
}
