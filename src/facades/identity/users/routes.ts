/** `/v3/users`. Source: keystone/api/users.py. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { UserOperations } from "./operations.ts";
import { createSchema, passwordSchema, updateSchema } from "./schema.ts";

/** The routes under `/v3/users`, but for application credentials. */
export function userRoutes(endpoints: IdentityEndpoints): Hono {
  const users = new UserOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => users.list(request)));
  routes.post("/", endpoints.authenticated((request) => users.create(request), createSchema));
  routes.get("/:user_id", endpoints.authenticated((request) => users.show(request)));
  routes.patch(
    "/:user_id",
    endpoints.authenticated((request) => users.update(request), updateSchema),
  );
  routes.delete("/:user_id", endpoints.authenticated((request) => users.remove(request)));
  routes.post(
    "/:user_id/password",
    endpoints.open((request) => users.changePassword(request), passwordSchema),
  );
  routes.get("/:user_id/projects", endpoints.authenticated((request) => users.projects(request)));
  routes.get("/:user_id/groups", endpoints.authenticated((request) => users.groups(request)));
  return routes;
}
