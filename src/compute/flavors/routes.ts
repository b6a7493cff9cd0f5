/** /flavors: list, detail, show; nova/api/openstack/compute/flavors.py. */
import type { Hono } from "hono";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { allows } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import type { Flavor } from "./decider.ts";
import { findFlavor, type FlavorQuery, listFlavors } from "./projection.ts";
import { flavorListQuerySchema, flavorQuerySchema } from "./schemas.ts";

export interface FlavorsDependencies {
  readonly reader: Reader;
  readonly settings: { readonly maxLimit: number };
}

/** Puts the flavors' endpoints on an app. */
export function flavorRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: FlavorsDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const query = flavorListQuerySchema;
  app.get("/flavors", handler((request) => list(dependencies, request, short), { query }));
  app.get("/flavors/detail", handler((request) => list(dependencies, request, view), { query }));
  app.get(
    "/flavors/:id",
    handler((request) => show(dependencies, request), { query: flavorQuerySchema }),
  );
}

async function show({ reader }: FlavorsDependencies, request: NovaRequest): Promise<Outcome> {
  const id = request.param("id");
  const found = await findFlavor(reader, id);
  if (!found || !maySee(found.state, request)) {
    return fault(404, `Flavor ${id} could not be found.`);
  }
  return { status: 200, body: { flavor: view(found, request) } };
}

function maySee(flavor: Flavor, { caller }: NovaRequest): boolean {
  return flavor.isPublic || caller.isAdmin;
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
  vcpus: "vcpus",
  is_public: "is_public",
  disabled: "disabled",
  id: "number",
  created_at: "number",
};

function readQuery({ query, caller }: NovaRequest): FlavorQuery | Fault {
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
    minRamMib,
    minDiskGib,
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

function short({ id, state }: Versioned<Flavor>, request: NovaRequest): object {
  return {
    id,
    name: state.name,
    links: links(id, request),
    ...(request.minor >= 55 && { description: state.description }),
  };
}

function view({ id, state }: Versioned<Flavor>, request: NovaRequest): object {
  const { minor, caller } = request;
  const showsSpecs = minor >= 61 &&
    allows("os_compute_api:os-flavor-extra-specs:index", caller, caller.projectId);
  return {
    id,
    name: state.name,
    ram: state.ramMib,
    disk: state.diskGib,
    swap: state.swapMib === 0 && minor < 75 ? "" : state.swapMib,
    "OS-FLV-EXT-DATA:ephemeral": state.ephemeralGib,
    ...(minor < 102 && { "OS-FLV-DISABLED:disabled": state.disabled }),
    vcpus: state.vcpus,
    "os-flavor-access:is_public": state.isPublic,
    ...(minor < 102 && { rxtx_factor: state.rxtxFactor }),
    links: links(id, request),
    ...(minor >= 55 && { description: state.description }),
    ...(showsSpecs && { extra_specs: state.extraSpecs }),
  };
}

function links(id: string, { selfBase, bookmarkBase }: NovaRequest): object[] {
  return [
    { rel: "self", href: `${selfBase}/flavors/${id}` },
    { rel: "bookmark", href: `${bookmarkBase}/flavors/${id}` },
  ];
}
