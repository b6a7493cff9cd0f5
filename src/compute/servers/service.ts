/** What the servers' endpoints are made of. */
import { validate } from "@std/uuid";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Driver } from "../../drivers/driver.ts";
import type { Clock } from "../../eventsourcing/clock.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import type { Change, Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { ImageService } from "../../facades/image_service.ts";
import type { NetworkService } from "../../facades/network_service.ts";
import type { VolumeService } from "../../facades/volume_service.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { CELL_OUT_OF_REACH, type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import type { Caller } from "../../http/auth.ts";
import { allows, refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import type { EventSource } from "../../store/event_log.ts";
import type { Reader } from "../../store/query.ts";
import type { Secrets } from "../../store/secrets.ts";
import type { CellReach } from "../cell/reach.ts";
import type { Consoles } from "../consoles/service.ts";
import type { HostStatuses } from "../hosts/statuses.ts";
import { schedulingFacts } from "../hosts/projection_candidates.ts";
import { limitsOf, usageOf } from "../quotas/projection.ts";
import type { ActionCommand } from "./actions/mod.ts";
import { servers } from "./aggregate.ts";
import type { QuotaState } from "./decide/mod.ts";
import type { Actor } from "./preconditions.ts";
import { findServer, findServerHead, type ServerHead } from "./projection.ts";
import { exists, type Server } from "./state.ts";
import { type ShapeCache, ViewCache } from "./view_cache.ts";
import { type HostStatus, type Operation, shapeOf, type ViewContext, viewServer } from "./view.ts";

export interface ServersDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly images: ImageService;
  readonly networks: NetworkService;
  readonly volumes: VolumeService;
  readonly secrets: Secrets;
  readonly consoles: Consoles;
  /** Tells how machines are; what moves them are steps. */
  readonly driver: Pick<Driver, "consoleOutput">;
  readonly events: EventSource;
  readonly clock: Clock;
  readonly cell: CellReach;
  readonly hostStatuses: HostStatuses;
  readonly settings: {
    /** Largest page of a list. */
    readonly maxLimit: number;
    /** vm_states in which addresses are not shown. */
    readonly hideAddressStates: ReadonlySet<string>;
    /** How long a deleted server can be restored, in seconds; 0: not at all. */
    readonly reclaimSeconds: number;
  };
}

/** The servers a caller may see, and commands to them. */
export class ServersService {
  #views = new ViewCache();
  readonly #renderers = new Map<string, Renderer>();
  readonly #pages = new ViewCache(PAGES_SIZE).shape("pages");
  readonly #waits = new Map<string, Set<(change: Change) => void>>();
  /** How often servers, hosts or the cell have changed: a page is good for as long as none has. */
  #changes = 0;

  constructor(readonly dependencies: ServersDependencies) {
    dependencies.committer.onCommit((changes) => {
      const ofServers = changes.filter(({ aggregate }) => aggregate === servers);
      if (ofServers.length > 0) this.#changes++;
      for (const change of ofServers) {
        for (const hear of this.#waits.get(change.after.id) ?? []) hear(change);
      }
    });
    dependencies.cell.onChange(() => this.#changes++);
    dependencies.hostStatuses.onChange(() => this.#forgetRendered());
  }

  /** Renderings name the version of their server, but not what they show of its host. */
  #forgetRendered(): void {
    this.#changes++;
    this.#views = new ViewCache();
    this.#renderers.clear();
  }

  /** The answer to a list that was given to the same question, if nothing has changed since. */
  knownPage(request: NovaRequest): string | undefined {
    return this.#pages.get(pageKey(request), this.#changes);
  }

  /** Keeps an answer; what it was made from was read since the last change. */
  keepPage(request: NovaRequest, body: string): void {
    this.#pages.set(pageKey(request), this.#changes, body);
  }

  /** The server in the path: 404 unless it is there and the caller may see it, 403 by the rule. */
  async find(
    request: NovaRequest,
    rule: Rule,
    options: { readonly deletedToo?: boolean } = {},
  ): Promise<ServerHead | Fault> {
    const { caller } = request;
    const found = await this.findVisible(request.param("id"), caller, options);
    if (isFault(found)) return found;
    return refuseUnlessAllowed(rule, caller, found.project_id) ?? found;
  }

  /**
   * A server that is there and that the caller may see; which rule allows what is not asked.
   *
   * One that is out of reach is an error to everybody, for nobody knows whose it is.
   */
  async findVisible(
    id: string,
    caller: Caller,
    { deletedToo = false }: { readonly deletedToo?: boolean } = {},
  ): Promise<ServerHead | Fault> {
    // As in the usual Nova database, an id is found in upper case too.
    const found = validate(id)
      ? await findServerHead(this.dependencies.reader, id.toLowerCase())
      : undefined;
    if (found && this.dependencies.cell.hides(found.in_cell)) return CELL_OUT_OF_REACH;
    const isVisible = found && (deletedToo || found.life !== 2) &&
      (caller.isAdmin || caller.projectId === found.project_id);
    return isVisible ? found : noSuchServer(id);
  }

  /** The same with all that is true of it. */
  async load(request: NovaRequest, rule: Rule): Promise<Versioned<Server> | Fault> {
    const found = await this.find(request, rule);
    return isFault(found) ? found : (await findServer(this.dependencies.reader, found.id))!;
  }

  /**
   * As `load`, but in the way of the tags' endpoints: a server of another project is not hidden
   * (404), the rule decides (403). Source: nova/api/openstack/compute/server_tags.py.
   */
  async loadMapped(request: NovaRequest, rule: Rule): Promise<Versioned<Server> | Fault> {
    const id = request.param("id");
    const found = await findServer(this.dependencies.reader, id.toLowerCase());
    if (!found) return fault(404, `Instance ${id} has no mapping to a cell.`);
    const refusal = refuseUnlessAllowed(rule, request.caller, found.state.projectId);
    if (refusal) return refusal;
    if (this.dependencies.cell.hides(found.state.inCell)) return CELL_OUT_OF_REACH;
    return exists(found.state) ? found : noSuchServer(id);
  }

  /**
   * Decides a command on one server and records what follows.
   *
   * Where the command asks for it, the quota of the server's project and the hosts are read in the
   * same transaction: they are exact under any race.
   */
  async command(
    request: NovaRequest,
    id: string,
    command: Pick<ActionCommand, "type" | "asksQuota" | "asksScheduler">,
    decide: ActionCommand["decide"],
  ): Promise<Versioned<Server> | Fault> {
    const outcome = await this.dependencies.committer.submit(
      metadataOf(request, command.type),
      async (unit) => {
        const quota = command.asksQuota && await this.#quotaOf(unit, id);
        const scheduling = command.asksScheduler &&
          await schedulingFacts(unit, id, (await unit.load(servers, id)).state);
        return await decideIn(unit, servers, id, (server) => decide(server, quota, scheduling));
      },
    );
    return isRejection(outcome) ? faultOf(outcome) : outcome;
  }

  async #quotaOf(unit: UnitOfWork, id: string): Promise<QuotaState> {
    const { state: { projectId } } = await unit.load(servers, id);
    return { limits: await limitsOf(unit, projectId), usage: await usageOf(unit, projectId) };
  }

  /**
   * Waits for what comes of long work on a server: the first event that `pick` makes something of.
   *
   * Whoever begins to wait before the work is asked for misses nothing.
   */
  outcome<Outcome>(
    id: string,
    pick: (event: Recorded) => Outcome | undefined,
  ): { readonly promise: Promise<Outcome>; forget(): void } {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const waits = this.#waits.get(id) ?? new Set();
    this.#waits.set(id, waits);
    const forget = () => {
      waits.delete(hear);
      if (waits.size === 0 && this.#waits.get(id) === waits) this.#waits.delete(id);
    };
    const hear = ({ events }: Change) => {
      for (const event of events) {
        const outcome = pick(event);
        if (outcome === undefined) continue;
        forget();
        return resolve(outcome);
      }
    };
    waits.add(hear);
    return { promise, forget };
  }

  /** How to render servers in this request's answer. */
  renderer(request: NovaRequest, operation: Operation): Renderer {
    const { minor, caller: { isAdmin }, selfBase } = request;
    const shape = shapeOf(minor);
    const name = `${operation}${shape}${isAdmin ? "a" : "m"}${selfBase}`;
    let renderer = this.#renderers.get(name);
    if (!renderer) {
      const { secrets, settings } = this.dependencies;
      renderer = new Renderer(this.#views.shape(name), {
        operation,
        minor: shape,
        isAdmin,
        selfBase,
        bookmarkBase: request.bookmarkBase,
        hideAddressStates: settings.hideAddressStates,
        openSecret: (sealed) => secrets.open(sealed),
        hostStatus: (host) => this.#hostStatus(host, request.caller),
      });
      // Clients choose the host in URLs: their fancy must not fill the memory.
      if (this.#renderers.size >= MOST_RENDERERS) this.#renderers.clear();
      this.#renderers.set(name, renderer);
    }
    return renderer;
  }

  /**
   * What the caller may know of a host; both rules ask for administrators and nothing else.
   *
   * Source: nova/api/openstack/compute/views/servers.py, `_get_host_status_unknown_only`.
   */
  #hostStatus(host: string | null, caller: Caller): HostStatus | undefined {
    const status = host === null ? "" : this.dependencies.hostStatuses.of(host);
    const rule = "os_compute_api:servers:show:host_status";
    if (allows(rule, caller, caller.projectId)) return status;
    const isShown = status === "UNKNOWN" &&
      allows(`${rule}:unknown-only`, caller, caller.projectId);
    return isShown ? status : undefined;
  }
}

/** A server that is not there, or that the caller may not see. */
export function noSuchServer(id: string): Fault {
  return fault(404, `Instance ${id} could not be found.`);
}

const MOST_RENDERERS = 1000;

/** About how many characters of whole pages are kept. */
const PAGES_SIZE = 16 * 1024 * 1024;

/** Everything besides the servers that a page depends on. */
function pageKey({ caller, minor, wholeUrl }: NovaRequest): string {
  return `${caller.isAdmin ? "a" : "m"}${minor} ${caller.projectId} ${wholeUrl}`;
}

/** Renders servers in one shape, each version once. */
export class Renderer {
  constructor(
    private readonly cache: ShapeCache,
    private readonly context: ViewContext,
  ) {}

  /** The JSON of a server of which only the version is known, if it was rendered before. */
  rendered({ id, version }: { readonly id: string; readonly version: number }): string | undefined {
    return this.cache.get(id, version);
  }

  render({ id, version, state }: Versioned<Server>): string {
    const known = this.cache.get(id, version);
    if (known !== undefined) return known;
    const text = JSON.stringify(viewServer(id, state, this.context));
    this.cache.set(id, version, text);
    return text;
  }
}

/** The caller as commands know one. */
export function actorOf({ caller }: NovaRequest): Actor {
  return { userId: caller.userId, projectId: caller.projectId, isAdmin: caller.isAdmin };
}
