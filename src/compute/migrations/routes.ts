/** /os-migrations and /servers/{id}/migrations; nova/api/openstack/compute: migrations, server_migrations. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import { parseTime } from "../../http/formats.ts";
import { nextLink, pageSize } from "../../http/pages.ts";
import { allows, refuseUnlessAllowed } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import type { CellReach } from "../cell/reach.ts";
import { numbersOfFlavors } from "../flavors/projection.ts";
import { abortMigration, forceCompleteMigration } from "../servers/decide/mod.ts";
import type { Migration } from "../servers/moves.ts";
import {
  findMigration,
  listMigrations,
  migrationNumber,
  type MigrationQuery,
} from "../servers/projection_migrations.ts";
import { isTrue } from "../servers/requests.ts";
import { actorOf, type ServersService } from "../servers/service.ts";
import {
  forceCompleteSchema,
  migrationListQuerySchema,
  serverMigrationsQuerySchema,
} from "./schemas.ts";
import { isInProgress, viewMigration, viewServerMigration } from "./view.ts";

export interface MigrationsDependencies {
  readonly reader: Reader;
  readonly cell: Pick<CellReach, "isDown">;
  readonly servers: ServersService;
  readonly settings: { readonly maxLimit: number };
}

/** Migrations come in pages from here on. */
const PAGES = 59;
/** They may be asked for by when they changed last, at the latest, from here on. */
const CHANGES_BEFORE = 66;
/** Also those may be aborted that do not run yet, from here on. */
const ABORTS_QUEUED = 65;

/** Puts the endpoints of migrations on an app. */
export function migrationRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: MigrationsDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const { servers } = dependencies;
  const path = "/servers/:id/migrations";
  app.get(
    "/os-migrations",
    handler((request) => list(dependencies, request), { query: migrationListQuerySchema }),
  );
  app.get(
    path,
    handler((request) => listOfServer(servers, request), {
      since: 23,
      query: serverMigrationsQuerySchema,
    }),
  );
  app.get(
    `${path}/:number`,
    handler((request) => show(servers, request), {
      since: 23,
      query: serverMigrationsQuerySchema,
    }),
  );
  app.delete(`${path}/:number`, handler((request) => abort(servers, request), { since: 24 }));
  app.post(
    `${path}/:number/action`,
    handler((request) => forceComplete(servers, request), {
      since: 22,
      body: () => forceCompleteSchema,
    }),
  );
}

async function list(
  dependencies: MigrationsDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const { caller, query, minor } = request;
  const rule = "os_compute_api:os-migrations:index";
  const ofAll = query.getAll("project_id").at(-1) !== caller.projectId;
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId) ??
    (ofAll ? refuseUnlessAllowed(`${rule}:all_projects`, caller, caller.projectId) : undefined);
  if (refusal) return refusal;
  const size = pageSize(query, dependencies.settings.maxLimit);
  const wanted = await read(dependencies.reader, request, size);
  if (isFault(wanted)) return wanted;
  // Nova keeps hidden migrations for moves between cells: there are none.
  const found = dependencies.cell.isDown || isTrue(query.getAll("hidden").at(-1))
    ? []
    : await listMigrations(dependencies.reader, wanted);
  const numbers = await numbersOfFlavors(dependencies.reader);
  const context = {
    minor,
    seesHosts: allows(`${rule}:host`, caller, caller.projectId),
    selfBase: request.selfBase,
    bookmarkBase: request.bookmarkBase,
    flavorNumber: (id: string) => numbers.get(id) ?? null,
  };
  const ids = found.map(({ migration }) => migration.id);
  const next = minor >= PAGES ? nextLink(request.url, query, { size, ids }) : undefined;
  return {
    status: 200,
    body: {
      migrations: found.map((one) => viewMigration(one, context)),
      ...(next && { migrations_links: [next] }),
    },
  };
}

/** What the query string asks for; as in Nova, of a filter that is given twice the last counts. */
async function read(
  reader: Reader,
  { query, minor }: NovaRequest,
  size: number,
): Promise<MigrationQuery | Fault> {
  const last = (name: string): string | undefined => query.getAll(name).at(-1);
  const host = last("host");
  const filters = {
    serverId: last("instance_uuid"),
    status: last("status"),
    type: last("migration_type"),
    host,
    source: host === undefined ? last("source_compute") : undefined,
    userId: last("user_id"),
    projectId: last("project_id"),
  };
  if (minor < PAGES) return { ...filters, order: "oldest first", limit: Number.MAX_SAFE_INTEGER };
  const changed = changes(query, minor);
  if (isFault(changed)) return changed;
  const marker = last("marker");
  const below = marker === undefined ? undefined : await migrationNumber(reader, marker);
  if (marker !== undefined && below === undefined) {
    return fault(400, `Marker ${marker} could not be found.`);
  }
  return { ...filters, ...changed, below, order: "newest first", limit: size };
}

function changes(
  query: URLSearchParams,
  minor: number,
): Pick<MigrationQuery, "changedSince" | "changedBefore"> | Fault {
  const time = (name: string): string | undefined =>
    parseTime(query.getAll(name).at(-1) ?? "") ?? undefined;
  const changedSince = time("changes-since");
  const changedBefore = minor >= CHANGES_BEFORE ? time("changes-before") : undefined;
  if (changedSince && changedBefore && changedSince > changedBefore) {
    return fault(400, "The value of changes-since must be less than or equal to changes-before.");
  }
  return { changedSince, changedBefore };
}

async function listOfServer(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:servers:migrations:index");
  if (isFault(found)) return found;
  const { caller, minor } = request;
  const rule = "os_compute_api:servers:migrations:index:host";
  const seesHosts = allows(rule, caller, found.state.projectId);
  const migrations = found.state.migrations.filter(isInProgress).map((migration) =>
    viewServerMigration({ serverId: found.id, migration }, found.state.move, { minor, seesHosts })
  );
  return { status: 200, body: { migrations } };
}

async function show(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:servers:migrations:show");
  if (isFault(found)) return found;
  const number = request.param("number");
  const migration = await findMigration(service.dependencies.reader, found.id, number);
  const problem = refuseToShow(migration, number, found.id);
  if (problem !== undefined) return fault(404, problem);
  const known = { serverId: found.id, migration: migration! };
  const context = { minor: request.minor, seesHosts: true };
  return {
    status: 200,
    body: { migration: viewServerMigration(known, found.state.move, context) },
  };
}

function refuseToShow(
  migration: Migration | undefined,
  number: string,
  id: string,
): string | undefined {
  if (!migration) return `In-progress live migration ${number} is not found for server ${id}.`;
  if (migration.type !== "live-migration") {
    return `Migration ${number} for server ${id} is not live-migration.`;
  }
  if (isInProgress(migration)) return undefined;
  return `Live migration ${number} for server ${id} is not in progress.`;
}

async function abort(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:servers:migrations:delete");
  if (isFault(found)) return found;
  const command = {
    type: "AbortMigration",
    ...await named(service, request, found.id),
    alsoQueued: request.minor >= ABORTS_QUEUED,
  } as const;
  const outcome = await service.command(
    request,
    found.id,
    command,
    (server) => abortMigration(command, server),
  );
  return isFault(outcome) ? outcome : { status: 202 };
}

/** What a command says of the migration that a path names. */
async function named(service: ServersService, request: NovaRequest, id: string) {
  const migration = request.param("number");
  const earlier = await findMigration(service.dependencies.reader, id, migration);
  return { id, by: actorOf(request), migration, earlier };
}

async function forceComplete(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:servers:migrations:force_complete");
  if (isFault(found)) return found;
  const command = {
    type: "ForceCompleteMigration",
    ...await named(service, request, found.id),
  } as const;
  const outcome = await service.command(
    request,
    found.id,
    command,
    (server) => forceCompleteMigration(command, server),
  );
  return isFault(outcome) ? outcome : { status: 202 };
}
