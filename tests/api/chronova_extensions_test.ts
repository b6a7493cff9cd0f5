/** `/chronova/v1`: what there is, who may, and the one form of its errors. */
import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { extensionRoutes, type ExtensionRoutesDependencies } from "../../src/extensions/routes.ts";
import { type Answered, type Role, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

interface Row {
  readonly route: string;
  readonly variable?: string;
  readonly body?: Json;
  readonly as?: Role;
  readonly status: number;
  /** What a member gets who is no admin; default 403. */
  readonly member?: number;
  /** Without a token; default 401. */
  readonly open?: number;
}

const FAULT = { fault: { driver: "reboot", delay_ms: 1 } };

const ROWS: readonly Row[] = [
  { route: "GET /chronova/v1", status: 200, member: 200, open: 200 },
  { route: "GET /chronova/v1/", status: 200, member: 200, open: 200 },
  { route: "GET /chronova/v1/faults", status: 200 },
  { route: "POST /chronova/v1/faults", body: FAULT, status: 201 },
  { route: "GET /chronova/v1/faults/:id", variable: "unknown", status: 404 },
  { route: "DELETE /chronova/v1/faults/:id", variable: "unknown", status: 404 },
  { route: "DELETE /chronova/v1/faults", status: 204 },
  {
    route: "PUT /chronova/v1/hosts/:id",
    variable: "compute-1",
    body: { host: { heartbeat: true } },
    status: 200,
  },
  { route: "GET /chronova/v1/cell", status: 200 },
  { route: "PUT /chronova/v1/cell", body: { cell: { reachable: true } }, status: 200 },
  { route: "POST /chronova/v1/reset", status: 403 },
];

function mounted(): readonly string[] {
  const anything: Json = new Proxy(() => {}, { get: () => anything });
  const app = new Hono();
  app.route("/chronova", extensionRoutes(anything as ExtensionRoutesDependencies));
  return [...new Set(app.routes.map(({ method, path }) => `${method} ${path}`))]
    .filter((route) => !route.startsWith("ALL "));
}

Deno.test("every route of the extensions has a row here", () => {
  assertEquals(ROWS.map(({ route }) => route).toSorted(), mounted().toSorted());
});

Deno.test("extensions want a token, and most an admin's", () =>
  withCloud(async (cloud) => {
    for (const { route, variable = "", body, as = "admin", status, member = 403, open } of ROWS) {
      const [method, path] = route.replace(":id", variable).split(" ") as [string, string];
      const ask = (who: Role | "none" | "bad") => cloud.ask(who, method, path, { body });
      for (const who of ["none", "bad"] as const) {
        assertEquals((await ask(who)).status, open ?? 401, route);
      }
      const [byMember, answered] = [await ask("member"), await ask(as)];
      assertEquals(byMember.status, member, route);
      assertEquals(answered.status, status, `${route}: ${answered.text}`);
      for (const one of [byMember, answered]) checkForm(one);
    }
    const unknown = await cloud.ask("member", "GET", "/chronova/v1/nothing");
    assertEquals(unknown.status, 404);
    checkForm(unknown);
    const malformed = await cloud.ask("admin", "POST", "/chronova/v1/faults", { body: "{" });
    assertEquals(malformed.json, {
      error: { code: 400, title: "Bad Request", message: "The body is no JSON." },
    });
  }));

function checkForm({ status, json, headers }: Answered): void {
  assertEquals(/^req-[0-9a-f-]{36}$/.test(headers.get("x-openstack-request-id") ?? ""), true);
  if (status < 400) return;
  assertEquals(Object.keys(json), ["error"]);
  assertEquals(Object.keys(json.error), ["code", "title", "message"]);
  assertEquals(json.error.code, status);
}
