/** /flavors/{id}/os-extra_specs; nova/api/openstack/compute/flavors_extraspecs.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import type { Minor } from "../../http/microversions.ts";
import type { Rule } from "../../http/policy.ts";
import { deleteFlavorExtraSpec, noSuchExtraSpec, setFlavorExtraSpecs } from "./decider.ts";
import { extraSpecProblem } from "./extra_specs.ts";
import { extraSpecSchema, extraSpecsSchema, flavorQuerySchema } from "./schemas.ts";
import { changeFlavor, findAllowed, type FlavorsDependencies, refuseUnless } from "./service.ts";

export function extraSpecRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: FlavorsDependencies,
): void {
  const all = "/flavors/:id/os-extra_specs";
  const one = `${all}/:key`;
  const query = flavorQuerySchema;
  app.get(all, handler((request) => index(dependencies, request), { query }));
  app.post(
    all,
    handler((request) => create(dependencies, request), { body: () => extraSpecsSchema }),
  );
  app.get(one, handler((request) => show(dependencies, request), { query }));
  app.put(
    one,
    handler((request) => update(dependencies, request), { body: () => extraSpecSchema }),
  );
  app.delete(one, handler((request) => remove(dependencies, request)));
}

async function index(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-flavor-extra-specs:index";
  const found = await findAllowed(dependencies, request, rule);
  return isFault(found) ? found : { status: 200, body: { extra_specs: found.state.extraSpecs } };
}

async function show(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const rule = "os_compute_api:os-flavor-extra-specs:show";
  const found = await findAllowed(dependencies, request, rule);
  if (isFault(found)) return found;
  const key = request.param("key");
  const { extraSpecs } = found.state;
  if (!Object.hasOwn(extraSpecs, key)) return fault(404, noSuchExtraSpec(found.id, key));
  return { status: 200, body: { [key]: extraSpecs[key] } };
}

async function create(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const { extra_specs } = request.body as { extra_specs: AskedExtraSpecs };
  const rule = "os_compute_api:os-flavor-extra-specs:create";
  const refusal = await set(dependencies, request, { rule, asked: extra_specs });
  return refusal ?? { status: 200, body: { extra_specs } };
}

async function update(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const asked = request.body as AskedExtraSpecs;
  const rule = "os_compute_api:os-flavor-extra-specs:update";
  const refusal = await set(dependencies, request, { rule, asked, key: request.param("key") });
  return refusal ?? { status: 200, body: asked };
}

/** Extra specs as a body has them: texts, or numbers that are kept as texts. */
type AskedExtraSpecs = Readonly<Record<string, string | number>>;

async function set(
  dependencies: FlavorsDependencies,
  request: NovaRequest,
  { rule, asked, key }: {
    readonly rule: Rule;
    readonly asked: AskedExtraSpecs;
    /** The key that the path names. */
    readonly key?: string;
  },
): Promise<Fault | undefined> {
  const extraSpecs = Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, String(value)]),
  );
  const refusal = refuseUnless(rule, request) ?? refuseInvalid(extraSpecs, request.minor);
  if (refusal) return refusal;
  if (key !== undefined && !Object.hasOwn(asked, key)) {
    return fault(400, "Request body and URI mismatch");
  }
  const id = request.param("id");
  const command = { type: "SetFlavorExtraSpecs", id, extraSpecs } as const;
  const changed = await changeFlavor(
    dependencies,
    request,
    command,
    (flavor) => setFlavorExtraSpecs(command, flavor),
  );
  return isFault(changed) ? changed : undefined;
}

function refuseInvalid(
  extraSpecs: Readonly<Record<string, string>>,
  minor: Minor,
): Fault | undefined {
  if (minor < 86) return undefined;
  for (const [name, value] of Object.entries(extraSpecs)) {
    const problem = extraSpecProblem(name, value);
    if (problem !== undefined) return fault(400, `Validation failed; ${problem}`);
  }
}

async function remove(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-flavor-extra-specs:delete", request);
  if (refusal) return refusal;
  const id = request.param("id");
  const command = { type: "DeleteFlavorExtraSpec", id, key: request.param("key") } as const;
  const changed = await changeFlavor(
    dependencies,
    request,
    command,
    (flavor) => deleteFlavorExtraSpec(command, flavor),
  );
  return isFault(changed) ? changed : { status: 200 };
}
