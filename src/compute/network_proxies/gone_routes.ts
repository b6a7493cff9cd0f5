/** What only worked with nova-network: 410 at every microversion, whatever is asked. */
import type { Hono } from "hono";
import type { BodyReading } from "../../http/body.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { type Fault, fault, GONE } from "../../http/faults.ts";

/** nova/api/openstack/compute/routes.py: what is marked as removed there. */
const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/os-networks"],
  ["POST", "/os-networks/add"],
  ["DELETE", "/os-networks/:id"],
  ["POST", "/os-tenant-networks"],
  ["DELETE", "/os-tenant-networks/:id"],
  ["GET", "/os-fixed-ips/:id"],
  ["GET", "/os-floating-ip-dns"],
  ["PUT", "/os-floating-ip-dns/:id"],
  ["DELETE", "/os-floating-ip-dns/:id"],
  ["GET", "/os-floating-ip-dns/:domain/entries/:id"],
  ["PUT", "/os-floating-ip-dns/:domain/entries/:id"],
  ["DELETE", "/os-floating-ip-dns/:domain/entries/:id"],
  ["GET", "/os-floating-ips-bulk"],
  ["POST", "/os-floating-ips-bulk"],
  ["GET", "/os-floating-ips-bulk/:id"],
  ["PUT", "/os-floating-ips-bulk/:id"],
  ["GET", "/os-fping"],
  ["GET", "/os-fping/:id"],
  ["GET", "/os-security-group-default-rules"],
  ["POST", "/os-security-group-default-rules"],
  ["GET", "/os-security-group-default-rules/:id"],
  ["DELETE", "/os-security-group-default-rules/:id"],
  ["GET", "/servers/:id/os-virtual-interfaces"],
];

const ACTIONS: readonly (readonly [path: string, actions: readonly string[]])[] = [
  [
    "/os-networks/:id/action",
    ["disassociate", "disassociate_host", "disassociate_project", "associate_host"],
  ],
  ["/os-fixed-ips/:id/action", ["reserve", "unreserve"]],
];

/** Puts the endpoints that are gone on an app. */
export function goneRoutes(app: Hono, handler: Endpoints["handler"]): void {
  for (const [method, path] of ROUTES) {
    const readBody = method === "POST" || method === "PUT" ? refuseMalformed : undefined;
    app.on(method, path, handler(() => GONE, readBody && { readBody }));
  }
  for (const [path, actions] of ACTIONS) {
    app.post(path, handler(() => GONE, { readBody: (body) => readAction(body, actions) }));
  }
}

function refuseMalformed(body: BodyReading): Fault | { readonly value: unknown } {
  return "malformed" in body ? malformed() : body;
}

/** As for servers: an object of one key, and that an action that once was. */
function readAction(
  body: BodyReading,
  actions: readonly string[],
): Fault | { readonly value: unknown } {
  if ("malformed" in body || typeof body.value !== "object" || body.value === null) {
    return malformed();
  }
  const names = Object.keys(body.value);
  if (names.length !== 1) return malformed();
  return actions.includes(names[0]!) ? body : fault(400, `There is no such action: ${names[0]}`);
}

function malformed(): Fault {
  return fault(400, "Malformed request body");
}
