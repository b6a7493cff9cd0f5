/** `/v3/projects`. Source: keystone/api/projects.py. */
import { Hono } from "hono";
import type { IdentityEndpoints } from "../http/endpoint.ts";
import { ProjectOperations } from "./operations.ts";
import { createSchema, tagsSchema, updateSchema } from "./schema.ts";
import { TagOperations } from "./tags.ts";

/** The routes under `/v3/projects`, but for grants. */
export function projectRoutes(endpoints: IdentityEndpoints): Hono {
  const projects = new ProjectOperations(endpoints.service);
  const tags = new TagOperations(endpoints.service);
  const routes = new Hono();
  routes.get("/", endpoints.authenticated((request) => projects.list(request)));
  routes.post("/", endpoints.authenticated((request) => projects.create(request), createSchema));
  const one = "/:project_id";
  routes.get(one, endpoints.authenticated((request) => projects.show(request)));
  routes.patch(one, endpoints.authenticated((request) => projects.update(request), updateSchema));
  routes.delete(one, endpoints.authenticated((request) => projects.remove(request)));
  const all = "/:project_id/tags";
  routes.get(all, endpoints.authenticated((request) => tags.list(request)));
  routes.put(all, endpoints.authenticated((request) => tags.setAll(request), tagsSchema));
  routes.delete(all, endpoints.authenticated((request) => tags.clear(request)));
  const tag = "/:project_id/tags/:tag";
  routes.get(tag, endpoints.authenticated((request) => tags.check(request)));
  routes.put(tag, endpoints.authenticated((request) => tags.add(request)));
  routes.delete(tag, endpoints.authenticated((request) => tags.remove(request)));
  return routes;
}
