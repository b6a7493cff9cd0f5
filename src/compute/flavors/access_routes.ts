/**
 * /flavors/{id}/os-flavor-access, and the actions that change it;
 * nova/api/openstack/compute/flavor_access.py.
 */
import type { Hono } from "hono";
import type { BodyReading } from "../../http/body.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import type { Rule } from "../../http/policy.ts";
import { bodyProblem } from "../../http/schema.ts";
import { addFlavorAccess, removeFlavorAccess } from "./decider.ts";
import { accessSchema, flavorQuerySchema } from "./schemas.ts";
import { changeFlavor, findAllowed, type FlavorsDependencies, refuseUnless } from "./service.ts";
import { viewAccess } from "./view.ts";

export function accessRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: FlavorsDependencies,
): void {
  app.get(
    "/flavors/:id/os-flavor-access",
    handler((request) => index(dependencies, request), { query: flavorQuerySchema }),
  );
  app.post(
    "/flavors/:id/action",
    handler((request) => act(dependencies, request), { readBody: readAction }),
  );
}

async function index(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const found = await findAllowed(dependencies, request, "os_compute_api:os-flavor-access");
  if (isFault(found)) return found;
  if (found.state.isPublic) {
    return fault(404, "Access list not available for public flavors.");
  }
  return { status: 200, body: viewAccess(found) };
}

const RULES = {
  addTenantAccess: "os_compute_api:os-flavor-access:add_tenant_access",
  removeTenantAccess: "os_compute_api:os-flavor-access:remove_tenant_access",
} as const satisfies Readonly<Record<string, Rule>>;

interface AskedAction {
  readonly name: keyof typeof RULES;
  readonly projectId: string;
}

/**
 * Reads the body of `POST /flavors/{id}/action`.
 *
 * Refuses what is not an object of one key, a key nobody knows, and a value that its schema does
 * not allow. Source: nova/api/openstack/wsgi.py.
 */
function readAction(body: BodyReading): Fault | { readonly value: AskedAction } {
  const value = "malformed" in body ? null : body.value;
  const [name, ...others] = typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.keys(value)
    : [];
  if (name === undefined || others.length > 0) return fault(400, "Malformed request body");
  if (name !== "addTenantAccess" && name !== "removeTenantAccess") {
    return fault(400, `There is no such action: ${name}`);
  }
  const problem = bodyProblem(accessSchema[name], value);
  if (problem !== undefined) return fault(400, problem);
  const { tenant } = (value as Record<string, { readonly tenant: string }>)[name]!;
  return { value: { name, projectId: tenant } };
}

async function act(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const { name, projectId } = request.body as AskedAction;
  const refusal = refuseUnless(RULES[name], request);
  if (refusal) return refusal;
  const id = request.param("id");
  const add = { type: "AddFlavorAccess", id, projectId, onlyPrivate: request.minor >= 7 } as const;
  const remove = { type: "RemoveFlavorAccess", id, projectId } as const;
  const changed = name === "addTenantAccess"
    ? await changeFlavor(dependencies, request, add, (flavor) => addFlavorAccess(add, flavor))
    : await changeFlavor(
      dependencies,
      request,
      remove,
      (flavor) => removeFlavorAccess(remove, flavor),
    );
  return isFault(changed) ? changed : { status: 200, body: viewAccess(changed) };
}
