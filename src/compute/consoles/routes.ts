/**
 * /servers/{id}/remote-consoles and /os-console-auth-tokens; nova/api/openstack/compute:
 * remote_consoles.py, console_auth_tokens.py.
 */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { BAD_REQUEST, fault, faultOf, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { ServersService } from "../servers/service.ts";
import { type ConsoleProtocol, unavailable } from "./decider.ts";
import { remoteConsoleSchema, tokenQuerySchema } from "./schemas.ts";

/** Tokens are told of at all from here on: those of RDP, which were before, are gone. */
const ALL_TYPES = 31;
/** Ports for TLS are told from here on. */
const TLS_PORTS = 99;

/** Puts the endpoints of consoles on an app. */
export function consoleRoutes(app: Hono, endpoints: Endpoints, servers: ServersService): void {
  app.post(
    "/servers/:id/remote-consoles",
    endpoints.handler((request) => create(servers, request), {
      since: 6,
      body: remoteConsoleSchema,
    }),
  );
  app.get(
    "/os-console-auth-tokens/:token",
    endpoints.handler((request) => show(servers, request), { query: tokenQuerySchema }),
  );
}

/** The body of `POST /servers/{id}/remote-consoles`. */
interface AskedBody {
  readonly remote_console: {
    readonly protocol: ConsoleProtocol | "rdp";
    readonly type: string;
  };
}

async function create(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await servers.find(request, "os_compute_api:os-remote-consoles");
  if (isFault(found)) return found;
  const { remote_console: { protocol, type } } = request.body as AskedBody;
  if (protocol === "rdp") return faultOf(unavailable(protocol));
  const { consoles } = servers.dependencies;
  const opened = await consoles.open(request, { serverId: found.id, protocol, type });
  if (isFault(opened)) return opened;
  return { status: 200, body: { remote_console: { protocol, type, url: opened.url } } };
}

async function show(servers: ServersService, request: NovaRequest): Promise<Outcome> {
  const { minor, caller } = request;
  if (minor < ALL_TYPES) return BAD_REQUEST;
  const rule = "os_compute_api:os-console-auth-tokens";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const token = await servers.dependencies.consoles.check(request.param("token"));
  if (!token) return fault(404, "Token not found");
  const { serverId, host, port, tlsPort, internalAccessPath, consoleType } = token;
  const showsTls = minor >= TLS_PORTS && consoleType === "spice-direct";
  return {
    status: 200,
    body: {
      console: {
        instance_uuid: serverId,
        host,
        port,
        internal_access_path: internalAccessPath,
        ...(showsTls && { tls_port: tlsPort }),
      },
    },
  };
}
