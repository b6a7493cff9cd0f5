/** /servers/{id}/os-interface; nova/api/openstack/compute/attach_interfaces.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { attachInterface, type DetachInterface, detachInterface } from "./decide/mod.ts";
import type { AskedInterface, ServerInterfaceAttachFailed } from "./events.ts";
import { resolveInterface } from "./interface_request.ts";
import { attachInterfaceSchema, interfacesQuerySchema as query } from "./interface_schemas.ts";
import { viewInterface } from "./interface_view.ts";
import type { ServerHead } from "./projection.ts";
import { actorOf, type ServersService } from "./service.ts";

/** Puts the interfaces' endpoints on an app. */
export function interfaceRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  service: ServersService,
): void {
  app.get("/servers/:id/os-interface", handler((request) => list(service, request), { query }));
  app.post(
    "/servers/:id/os-interface",
    handler((request) => attach(service, request), { body: attachInterfaceSchema }),
  );
  app.get(
    "/servers/:id/os-interface/:port",
    handler((request) => show(service, request), { query }),
  );
  app.delete("/servers/:id/os-interface/:port", handler((request) => detach(service, request)));
}

async function list(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const server = await service.load(request, "os_compute_api:os-attach-interfaces:list");
  if (isFault(server)) return server;
  const { networks } = service.dependencies;
  const ports = await networks.onBehalfOf(request).portsOf(server.id);
  const interfaceAttachments = ports.map((port) =>
    viewInterface(port, server.state, request.minor)
  );
  return { status: 200, body: { interfaceAttachments } };
}

async function show(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:os-attach-interfaces:show");
  return isFault(found) ? found : await answer(service, request, found, request.param("port"));
}

/** The port's state is the network service's; its tag is the server's. */
async function answer(
  service: ServersService,
  request: NovaRequest,
  { id }: ServerHead,
  portId: string,
): Promise<Outcome> {
  const { networks } = service.dependencies;
  const port = await networks.onBehalfOf(request).port(portId);
  if (!port) return fault(404, `Port id ${portId} could not be found.`);
  if (port.deviceId !== id) {
    return fault(404, `Instance ${request.param("id")} does not have a port with id ${portId}`);
  }
  const server = await service.load(request, "os_compute_api:os-attach-interfaces:show");
  if (isFault(server)) return server;
  const interfaceAttachment = viewInterface(port, server.state, request.minor);
  return { status: 200, body: { interfaceAttachment } };
}

/** Asks for the port, and answers when the machine has it. */
async function attach(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.load(request, "os_compute_api:os-attach-interfaces:create");
  if (isFault(found)) return found;
  const { id } = found;
  const by = actorOf(request);
  const given = (asked: AskedInterface) => ({ type: "AttachInterface", id, by, asked }) as const;
  const asked = await resolveInterface(
    service,
    request,
    found,
    (probe) => attachInterface(given(probe), found.state),
  );
  if (isFault(asked)) return asked;
  const { portId } = asked;
  const outcome = service.outcome(id, (event) => attachOutcome(event, portId));
  const command = given(asked);
  const accepted = await service.command(
    request,
    id,
    command,
    (server) => attachInterface(command, server),
  );
  if (isFault(accepted)) {
    outcome.forget();
    return accepted;
  }
  const failure = await outcome.promise;
  if (failure) return failure;
  const head = await service.find(request, "os_compute_api:os-attach-interfaces:create");
  return isFault(head) ? head : await answer(service, request, head, portId);
}

/** What an event says of an attach: null, it is done; undefined, nothing. */
function attachOutcome(
  event: { readonly type: string; readonly data: unknown },
  portId: string,
): Fault | null | undefined {
  switch (event.type) {
    case "ServerInterfaceAttached": {
      const { port } = event.data as { readonly port: { readonly id: string } };
      return port.id === portId ? null : undefined;
    }
    case "ServerInterfaceAttachFailed": {
      const data = event.data as ServerInterfaceAttachFailed["data"];
      return data.portId === portId ? faultIn(data) : undefined;
    }
    case "ServerDeleteRequested":
    case "ServerDeleted":
      return fault(
        409,
        "Cannot 'attach_interface' instance while it is in task_state deleting",
      );
  }
}

function faultIn({ rejected, message }: ServerInterfaceAttachFailed["data"]): Fault {
  return rejected === null ? fault(500, message) : faultOf({ rejected, message });
}

async function detach(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const found = await service.find(request, "os_compute_api:os-attach-interfaces:delete");
  if (isFault(found)) return found;
  const command: DetachInterface = {
    type: "DetachInterface",
    id: found.id,
    by: actorOf(request),
    portId: request.param("port"),
  };
  const outcome = await service.command(
    request,
    found.id,
    command,
    (server) => detachInterface(command, server),
  );
  return isFault(outcome) ? outcome : { status: 202 };
}
