/** What holds of every identity route: no token, no answer; and nothing sent makes it fail. */
import { assert, assertEquals } from "@std/assert";
import { identityRoutes } from "../../src/facades/identity/mod.ts";
import { Cloud, withCloud } from "./identity_cloud_test.ts";

/** For whoever has no token yet. */
const OPEN: ReadonlySet<string> = new Set([
  "GET /",
  "GET /v3",
  "GET /v3/",
  "POST /v3/auth/tokens",
  "POST /v3/users/:user_id/password",
]);

/** Method and path of every route. */
function routesOf(cloud: Cloud): readonly (readonly [string, string])[] {
  return identityRoutes(cloud.identity).routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => [method, path] as const);
}

withCloud("every route but the open ones wants a token", async (cloud) => {
  const routes = routesOf(cloud);
  assert(routes.length > 50);
  for (const [method, path] of routes) {
    if (OPEN.has(`${method} ${path}`)) continue;
    const at = path.replaceAll(/:\w+/g, "x");
    for (const token of [undefined, "", "unknown", "c1..", "a.b.c"]) {
      const { status, body } = await cloud.send(method, at, { token });
      assertEquals([status, body.error.title], [401, "Unauthorized"], `${method} ${path}`);
    }
  }
});

const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

const VALUES = ["", "null", "1", '"x"', "[]", "{}", '{"__proto__":1}', '"\\ud800\\u0000"', deep];

/** Bodies of every sort: as a whole, below the route's own key, and as each of its fields. */
function* bodiesFor(path: string): Generator<string> {
  const kind = path.includes("application_credentials")
    ? "application_credential"
    : path.includes("auth")
    ? "auth"
    : path.split("/").slice(2).find((step) => !/^(:|OS-)/.test(step))!
      .replace(/ies$/, "y").replace(/s$/, "");
  const fields = [
    ...["identity", "name", "password", "domain_id", "parent_id", "roles", "tags", "options"],
    ...["url", "type", "access_rules", "parent_region_id", "id", "filters", "blob", "rules"],
  ];
  for (const value of VALUES) {
    yield value;
    if (value === "") continue;
    yield `{"${kind}":${value}}`;
    yield `{"${kind}s":[${value}],"tags":[${value}],"tenant_id":${value}}`;
    for (const field of fields) yield `{"${kind}":{"name":"n","${field}":${value}}}`;
  }
}

/** What lists are asked for; of `limit` only a number is a page's length. */
const LISTED = "limit=3&marker=&name__icontains=%25&tags=,&not-tags-any=&subtree_as_ids";

withCloud("nothing that is sent makes a route fail", async (cloud) => {
  const token = await cloud.token("admin");
  const ids = ["x", "%00", "%E0%A4%A", "'%22", cloud.ids.readerUser];
  for (const [method, path] of routesOf(cloud)) {
    if (method === "DELETE" && path === "/v3/auth/tokens") continue;
    // Paths of every sort once, bodies of every sort for two of them.
    for (const id of method === "GET" || method === "DELETE" ? ids : [ids[0]!, ids.at(-1)!]) {
      const at = path.replaceAll(/:\w+/g, id);
      const bodies = method === "GET" || method === "DELETE" ? [undefined] : bodiesFor(path);
      for (const body of bodies) {
        const { status } = await cloud.send(method, `${at}?name=%00&enabled=%FF&${LISTED}`, {
          token,
          body,
          headers: { "x-subject-token": "x" },
        });
        assert(status < 500, `${method} ${at} ${body?.slice(0, 60)}: ${status}`);
      }
    }
  }
  assert(await cloud.identity.check(token), "the admin was still one in the end");
});
