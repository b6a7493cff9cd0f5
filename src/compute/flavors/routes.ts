/** /flavors: list, detail, show, create, update, delete; nova/api/openstack/compute/flavors.py. */
import type { Hono } from "hono";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { accessRoutes } from "./access_routes.ts";
import { createFlavor, deleteFlavor, type Flavor, notFound, updateFlavor } from "./decider.ts";
import { extraSpecRoutes } from "./extra_specs_routes.ts";
import {
  findOpenFlavor,
  type FlavorQuery,
  flavors,
  hasFlavorNamed,
  listFlavors,
} from "./projection.ts";
import { type AskedFlavor, readFlavor } from "./requests.ts";
import { createSchema, flavorListQuerySchema, flavorQuerySchema, updateSchema } from "./schemas.ts";
import { changeFlavor, type FlavorsDependencies, refuseUnless } from "./service.ts";
import { viewFlavor, viewShort } from "./view.ts";

/** Puts the flavors' endpoints on an app, those of access and extra specs as well. */
export function flavorRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: FlavorsDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const query = flavorListQuerySchema;
  app.get("/flavors", handler((request) => list(dependencies, request, viewShort), { query }));
  app.get(
    "/flavors/detail",
    handler((request) => list(dependencies, request, viewFlavor), { query }),
  );
  app.post("/flavors", handler((request) => create(dependencies, request), { body: createSchema }));
  app.get(
    "/flavors/:id",
    handler((request) => show(dependencies, request), { query: flavorQuerySchema }),
  );
  app.put(
    "/flavors/:id",
    handler((request) => update(dependencies, request), { since: 55, body: () => updateSchema }),
  );
  app.delete("/flavors/:id", handler((request) => remove(dependencies, request)));
  accessRoutes(app, handler, dependencies);
  extraSpecRoutes(app, handler, dependencies);
}

async function show({ reader }: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const id = request.param("id");
  const found = await findOpenFlavor(reader, id, request.caller);
  if (!found) return fault(404, notFound(id));
  return { status: 200, body: { flavor: viewFlavor(found, request) } };
}

async function create({ committer }: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-flavor-manage:create", request);
  if (refusal) return refusal;
  const { flavor: asked } = request.body as { flavor: AskedFlavor };
  const read = readFlavor(asked, crypto.randomUUID());
  if (isRejection(read)) return faultOf(read);
  const { id, flavor } = read;
  const type = "CreateFlavor";
  const created = await committer.submit(metadataOf(request, type), async (unit) => {
    const nameIsTaken = await hasFlavorNamed(unit, flavor.name);
    const command = { type, id, flavor, nameIsTaken } as const;
    return await decideIn(unit, flavors, id, (state) => createFlavor(command, state));
  });
  if (isRejection(created)) return faultOf(created);
  return { status: 200, body: { flavor: viewFlavor(created, request) } };
}

async function update(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-flavor-manage:update", request);
  if (refusal) return refusal;
  const { flavor: { description } } = request.body as { flavor: { description: string | null } };
  const command = { type: "UpdateFlavor", id: request.param("id"), description } as const;
  const updated = await changeFlavor(
    dependencies,
    request,
    command,
    (flavor) => updateFlavor(command, flavor),
  );
  if (isFault(updated)) return updated;
  return { status: 200, body: { flavor: viewFlavor(updated, request) } };
}

async function remove(dependencies: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const refusal = refuseUnless("os_compute_api:os-flavor-manage:delete", request);
  if (refusal) return refusal;
  const command = { type: "DeleteFlavor", id: request.param("id") } as const;
  const deleted = await changeFlavor(
    dependencies,
    request,
    command,
    (flavor) => deleteFlavor(command, flavor),
  );
  return isFault(deleted) ? deleted : { status: 202 };
}

async function list(
  { reader, settings }: FlavorsDependencies,
  request: NovaRequest,
  viewOne: (flavor: Versioned<Flavor>, request: NovaRequest) => object,
): Promise<Outcome> {
  const wanted = readQuery(request);
  if (isFault(wanted)) return wanted;
  const all = await listFlavors(reader, wanted);
  const marker = request.query.getAll("marker").at(-1);
  const size = pageSize(request.query, settings.maxLimit);
  const behind = all.findIndex(({ id }) => id === marker);
  if (marker !== undefined && behind < 0) return fault(400, `marker [${marker}] not found`);
  const page = all.slice(behind + 1, behind + 1 + size);
  const next = nextLink(request.url, request.query, { size, ids: page.map(({ id }) => id) });
  return {
    status: 200,
    body: {
      flavors: page.map((flavor) => viewOne(flavor, request)),
      ...(next && { flavors_links: [next] }),
    },
  };
}

/** Sort keys by Nova's name; those of other columns keep the usual order. */
const SORT_COLUMNS: Readonly<Record<string, FlavorQuery["sort"][0]>> = {
  flavorid: "id",
  name: "name",
  memory_mb: "ram_mib",
  root_gb: "disk_gib",
  ephemeral_gb: "ephemeral_gb",
  swap: "swap_mib",
  vcpus: "vcpus",
  is_public: "is_public",
  disabled: "disabled",
  description: "description",
  id: "number",
  created_at: "number",
};

function readQuery({ query, caller, minor }: NovaRequest): FlavorQuery | Fault {
  const last = (name: string) => query.getAll(name).at(-1);
  const minRamMib = Number(last("minRam") ?? 0);
  if (!Number.isInteger(minRamMib)) return fault(400, `Invalid minRam filter [${last("minRam")}]`);
  const minDiskGib = Number(last("minDisk") ?? 0);
  if (!Number.isInteger(minDiskGib)) {
    return fault(400, `Invalid minDisk filter [${last("minDisk")}]`);
  }
  const isPublic = caller.isAdmin ? readIsPublic(last("is_public")) : true;
  if (typeof isPublic === "object") return isPublic;
  return {
    isPublic,
    projectId: caller.projectId,
    minRamMib,
    minDiskGib,
    // Below 2.102 a parameter nobody knows.
    name: minor >= 102 ? last("name") : undefined,
    sort: [
      SORT_COLUMNS[query.get("sort_key") ?? "flavorid"] ?? "number",
      query.get("sort_dir") === "desc" ? "desc" : "asc",
    ],
  };
}

/** Absent: public ones; `none`: all; nova/api/openstack/compute/flavors.py, `_parse_is_public`. */
function readIsPublic(text: string | undefined): boolean | undefined | Fault {
  if (text === undefined) return true;
  const word = text.toLowerCase();
  if (word === "none") return undefined;
  if (["1", "t", "true", "on", "y", "yes"].includes(word)) return true;
  if (["0", "f", "false", "off", "n", "no"].includes(word)) return false;
  return fault(400, `Invalid is_public filter [${text}]`);
}
