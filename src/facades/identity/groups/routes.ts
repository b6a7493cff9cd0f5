/** `/v3/groups`. Source: keystone/api/groups.py. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { MemberOperations } from "./members.ts";
import { GroupOperations } from "./operations.ts";
import { createSchema, updateSchema } from "./schema.ts";

/** The routes under `/v3/groups`. */
export function groupRoutes(endpoints: IdentityEndpoints): Hono {
  const groups = new GroupOperations(endpoints.service);
  const members = new MemberOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => groups.list(request)));
  routes.post("/", endpoints.authenticated((request) => groups.create(request), createSchema));
  routes.get("/:group_id", endpoints.authenticated((request) => groups.show(request)));
  routes.patch(
    "/:group_id",
    endpoints.authenticated((request) => groups.update(request), updateSchema),
  );
  routes.delete("/:group_id", endpoints.authenticated((request) => groups.remove(request)));
  routes.get("/:group_id/users", endpoints.authenticated((request) => members.list(request)));
  const member = "/:group_id/users/:user_id";
  routes.get(member, endpoints.authenticated((request) => members.check(request)));
  routes.put(member, endpoints.authenticated((request) => members.add(request)));
  routes.delete(member, endpoints.authenticated((request) => members.remove(request)));
  return routes;
}
