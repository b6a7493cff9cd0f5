/** What the servers' endpoints are made of. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { ImageService } from "../../facades/image_service.ts";
import type { NetworkService } from "../../facades/network_service.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf } from "../../http/faults.ts";
import { versionText } from "../../http/microversions.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import type { Secrets } from "../../store/secrets.ts";
import { servers } from "./aggregate.ts";
import type { ServerEvent } from "./events.ts";
import type { Actor } from "./preconditions.ts";
import { findServer } from "./projection.ts";
import { exists, type Server } from "./state.ts";
import { ViewCache } from "./view_cache.ts";
import { type HostStatus, type Operation, shapeOf, viewServer } from "./view.ts";

export interface ServersDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly images: ImageService;
  readonly networks: NetworkService;
  readonly secrets: Secrets;
  readonly settings: {
    /** Largest page of a list. */
    readonly maxLimit: number;
    /** vm_states in which addresses are not shown. */
    readonly hideAddressStates: ReadonlySet<string>;
  };
}

/** The servers a caller may see, and commands to them. */
export class ServersService {
  readonly #views = new ViewCache();

  constructor(readonly dependencies: ServersDependencies) {}

  /** The server in the path: 404 unless it is there and the caller may see it, 403 by the rule. */
  async find(request: NovaRequest, rule: Rule): Promise<Versioned<Server> | Fault> {
    const id = request.param("id");
    const { caller } = request;
    // As in the usual Nova database, an id is found in upper case too.
    const found = await findServer(this.dependencies.reader, id.toLowerCase());
    if (!found || !exists(found.state) || !maySee(caller, found.state)) {
      return fault(404, `Instance ${id} could not be found.`);
    }
    return refuseUnlessAllowed(rule, caller, found.state.projectId) ?? found;
  }

  /** Decides a command on one server and records what follows. */
  async command(
    request: NovaRequest,
    id: string,
    command: { readonly type: string },
    decide: (server: Server) => Decision<ServerEvent>,
  ): Promise<Versioned<Server> | Fault> {
    const outcome = await handle(
      this.dependencies.committer,
      servers,
      id,
      metadataOf(request, command.type),
      decide,
    );
    return isRejection(outcome) ? faultOf(outcome) : outcome;
  }

  /** A server's JSON, from the cache when it was rendered alike before. */
  render(request: NovaRequest, operation: Operation, server: Versioned<Server>): string {
    const key = this.viewKey(request, operation, server);
    return this.#views.get(key) ??
      this.#renderAnew(request, operation, server, key);
  }

  /** The JSON of a server of which only the version is known, if it was rendered alike before. */
  rendered(
    request: NovaRequest,
    operation: Operation,
    server: { readonly id: string; readonly version: number },
  ): string | undefined {
    return this.#views.get(this.viewKey(request, operation, server));
  }

  /** Everything that a server's JSON depends on. */
  viewKey(
    request: NovaRequest,
    operation: Operation,
    { id, version }: { readonly id: string; readonly version: number },
  ): string {
    const who = request.caller.isAdmin ? "a" : "m";
    return `${id}:${version}:${operation}${shapeOf(request.minor)}${who}:${request.selfBase}`;
  }

  #renderAnew(
    request: NovaRequest,
    operation: Operation,
    server: Versioned<Server>,
    key: string,
  ): string {
    const text = JSON.stringify(viewServer(server.id, server.state, {
      operation,
      minor: request.minor,
      isAdmin: request.caller.isAdmin,
      selfBase: request.selfBase,
      bookmarkBase: request.bookmarkBase,
      hideAddressStates: this.dependencies.settings.hideAddressStates,
      openSecret: (sealed) => this.dependencies.secrets.open(sealed),
      hostStatus: (): HostStatus => "UP",
    }));
    this.#views.set(key, text);
    return text;
  }
}

function maySee(caller: NovaRequest["caller"], server: Server): boolean {
  return caller.isAdmin || caller.projectId === server.projectId;
}

/** The caller as commands know one. */
export function actorOf({ caller }: NovaRequest): Actor {
  return { userId: caller.userId, projectId: caller.projectId, isAdmin: caller.isAdmin };
}

/** What is recorded of a request beside the events it leads to. */
export function metadataOf(request: NovaRequest, command: string): EventMetadata {
  const { caller, requestId, minor } = request;
  return {
    actor: { userId: caller.userId, projectId: caller.projectId, roles: [...caller.roles] },
    requestId,
    command,
    microversion: versionText(minor),
  };
}
