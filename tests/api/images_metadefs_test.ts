import { assertEquals } from "@std/assert";
import {
  type Name,
  type Neighbours,
  ORIGIN,
  type Received,
  withNeighbours,
} from "./networks_kit_test.ts";

const NAMESPACES = "/image/v2/metadefs/namespaces";
const JSON_ONLY = { accept: "application/json" };

function ask(
  cloud: Neighbours,
  method: string,
  path: string,
  body?: unknown,
  name: Name = "admin",
): Promise<Received> {
  return cloud.ask(name, method, path, { body, headers: JSON_ONLY });
}

/** Status and words of a refusal. */
function refusal({ status, body }: Received): [number, string] {
  return [status, body.message.replaceAll(/(<br \/>)+\s*$/g, "")];
}

async function make(cloud: Neighbours, body: object, path = NAMESPACES): Promise<Received> {
  const answer = await ask(cloud, "POST", path, body);
  assertEquals(answer.status, 201, answer.text);
  return answer;
}

async function names(cloud: Neighbours, query = "", name: Name = "admin"): Promise<string[]> {
  const answer = await ask(cloud, "GET", `${NAMESPACES}${query}`, undefined, name);
  assertEquals(answer.status, 200, answer.text);
  return answer.body.namespaces.map(({ namespace }: { namespace: string }) => namespace);
}

const PORT = { type: "integer", title: "Port", minimum: 1, maximum: 65535 };

Deno.test("a namespace with all that it contains, from create to delete", () =>
  withNeighbours(async (cloud) => {
    const made = await make(cloud, {
      namespace: "Web",
      display_name: "Web servers",
      visibility: "public",
      properties: { port: PORT },
      objects: [{ name: "server", required: ["port"], properties: { port: PORT } }],
      tags: [{ name: "red" }, { name: "blue" }],
      resource_type_associations: [{ name: "OS::Glance::Image", prefix: "hw_" }],
    });
    assertEquals(made.headers.get("location"), `${ORIGIN}${NAMESPACES}/Web`);
    assertEquals(made.body.objects, [
      { name: "server", required: ["port"], properties: { port: PORT } },
    ]);
    assertEquals(made.body.resource_type_associations, [
      { name: "OS::Glance::Image", prefix: "hw_" },
    ]);
    const { body } = await ask(cloud, "GET", `${NAMESPACES}/Web`, undefined, "reader");
    const [object] = body.objects;
    const [type] = body.resource_type_associations;
    assertEquals(body, {
      namespace: "Web",
      display_name: "Web servers",
      visibility: "public",
      protected: false,
      owner: "project-admin",
      created_at: body.created_at,
      updated_at: body.created_at,
      self: "/v2/metadefs/namespaces/Web",
      schema: "/v2/schemas/metadefs/namespace",
      properties: { port: PORT },
      objects: [{
        name: "server",
        required: ["port"],
        properties: { port: PORT },
        created_at: object.created_at,
        updated_at: object.created_at,
        self: "/v2/metadefs/namespaces/Web/objects/server",
        schema: "/v2/schemas/metadefs/object",
      }],
      tags: [{ name: "blue" }, { name: "red" }],
      resource_type_associations: [{
        name: "OS::Glance::Image",
        prefix: "hw_",
        created_at: type.created_at,
        updated_at: type.created_at,
      }],
    });
    const prefixed = await ask(
      cloud,
      "GET",
      `${NAMESPACES}/Web?resource_type=OS::Glance::Image`,
    );
    assertEquals(Object.keys(prefixed.body.properties), ["hw_port"]);
    assertEquals(prefixed.body.objects[0].required, ["hw_port"]);
    assertEquals(Object.keys(prefixed.body.objects[0].properties), ["hw_port"]);

    const changed = await ask(cloud, "PUT", `${NAMESPACES}/web`, {
      namespace: "Web2",
      description: "d",
      protected: true,
    });
    assertEquals([changed.status, changed.body.namespace, changed.body.visibility], [
      200,
      "Web2",
      "private",
    ]);
    assertEquals("display_name" in changed.body, false);
    assertEquals((await ask(cloud, "GET", `${NAMESPACES}/Web`)).status, 404);
    assertEquals(refusal(await ask(cloud, "DELETE", `${NAMESPACES}/Web2`)), [
      403,
      "Metadata definition namespace Web2 is protected and cannot be deleted.",
    ]);
    for (const part of ["properties", "objects", "tags"]) {
      assertEquals((await ask(cloud, "DELETE", `${NAMESPACES}/Web2/${part}`)).status, 403, part);
    }
    await ask(cloud, "PUT", `${NAMESPACES}/Web2`, { namespace: "Web2" });
    assertEquals((await ask(cloud, "DELETE", `${NAMESPACES}/Web2`)).status, 204);
    assertEquals((await ask(cloud, "DELETE", `${NAMESPACES}/Web2`)).status, 404);
    const types = await ask(cloud, "GET", "/image/v2/metadefs/resource_types", undefined, "reader");
    assertEquals(
      types.body.resource_types.map(({ name }: { name: string }) => name),
      ["OS::Glance::Image"],
    );
  }));

Deno.test("namespaces are listed by visibility, resource type, order and page", () =>
  withNeighbours(async (cloud) => {
    await make(cloud, {
      namespace: "b",
      visibility: "public",
      resource_type_associations: [{ name: "OS::Nova::Flavor" }],
    });
    await make(cloud, { namespace: "a", resource_type_associations: [{ name: "OS::X" }] });
    await make(cloud, { namespace: "c", owner: "project-1" });
    assertEquals(await names(cloud), ["c", "a", "b"]);
    assertEquals(await names(cloud, "", "reader"), ["c", "b"]);
    assertEquals(await names(cloud, "", "other"), ["b"]);
    assertEquals(await names(cloud, "?visibility=private"), ["c", "a"]);
    assertEquals(await names(cloud, "?resource_types=OS::Nova::Flavor,OS::X"), ["a", "b"]);
    assertEquals(await names(cloud, "?sort_key=namespace&sort_dir=asc"), ["a", "b", "c"]);
    assertEquals(await names(cloud, "?limit=0"), []);
    const first = await ask(cloud, "GET", `${NAMESPACES}?limit=2`);
    assertEquals(first.body.first, "/v2/metadefs/namespaces?limit=2");
    assertEquals(first.body.next, "/v2/metadefs/namespaces?limit=2&marker=a");
    assertEquals(first.body.schema, "/v2/schemas/metadefs/namespaces");
    assertEquals(await names(cloud, "?limit=2&marker=a"), ["b"]);
    for (
      const [query, status, words] of [
        ["limit=x", 400, "limit param must be an integer"],
        ["limit=-1", 400, "limit param must be positive"],
        ["sort_dir=up", 400, "Invalid sort direction: up"],
        ["sort_key=nothing", 400, "Sort key supplied was not valid."],
        ["visibility=shared", 400, "Invalid visibility value: shared"],
        ["marker=z", 404, "Metadata definition namespace=z was not found."],
      ] as const
    ) {
      const answer = await ask(cloud, "GET", `${NAMESPACES}?${query}`);
      assertEquals(refusal(answer), [status, words], query);
    }
  }));

Deno.test("objects, properties, tags and resource types come, change and go", () =>
  withNeighbours(async (cloud) => {
    await make(cloud, { namespace: "n", visibility: "public" });
    const path = `${NAMESPACES}/n`;

    const object = await make(cloud, { name: "o", properties: { port: PORT } }, `${path}/objects`);
    assertEquals([object.body.name, object.body.properties], ["o", { port: PORT }]);
    const objects = await ask(cloud, "GET", `${path}/objects`, undefined, "reader");
    assertEquals(objects.body, {
      objects: [{ ...object.body, required: [] }],
      schema: "v2/schemas/metadefs/objects",
    });
    const renamed = await ask(cloud, "PUT", `${path}/objects/o`, { name: "p", description: "d" });
    assertEquals([renamed.status, renamed.body.name, "properties" in renamed.body], [
      200,
      "p",
      false,
    ]);
    assertEquals(refusal(await ask(cloud, "GET", `${path}/objects/o`)), [
      404,
      "Could not find metadata object o",
    ]);
    assertEquals((await ask(cloud, "DELETE", `${path}/objects/p`)).status, 204);

    const property = await make(cloud, {
      name: "size",
      ...{ title: "Size", type: "integer", minimum: 1.5, default: 3, enum: ["1", "2"] },
    }, `${path}/properties`);
    assertEquals(property.body, {
      name: "size",
      ...{ type: "integer", title: "Size", default: "3", minimum: 1, enum: ["1", "2"] },
    });
    const properties = await ask(cloud, "GET", `${path}/properties`, undefined, "reader");
    assertEquals(properties.body, { properties: { size: property.body } });
    const changed = await ask(cloud, "PUT", `${path}/properties/size`, {
      ...{ name: "Size", title: "t", type: "string" },
    });
    assertEquals([changed.status, changed.body], [200, {
      ...{ name: "Size", title: "t", type: "string" },
    }]);
    await make(cloud, { name: "OS::X", prefix: "hw_" }, `${path}/resource_types`);
    const shown = await ask(cloud, "GET", `${path}/properties/hw_Size?resource_type=OS::X`);
    assertEquals([shown.status, shown.body.name], [200, "Size"]);
    assertEquals(
      (await ask(cloud, "GET", `${path}/properties/Size?resource_type=OS::X`)).status,
      404,
    );
    assertEquals((await ask(cloud, "DELETE", `${path}/properties/size`)).status, 204);
    assertEquals((await ask(cloud, "DELETE", `${path}/resource_types/OS::X`)).status, 204);
    assertEquals(refusal(await ask(cloud, "DELETE", `${path}/resource_types/OS::X`)), [
      404,
      "Failed to find resource type OS::X to delete",
    ]);

    const tag = await ask(cloud, "POST", `${path}/tags/t1`);
    assertEquals([tag.status, tag.body.name], [201, "t1"]);
    const tags = async (query = "") => {
      const { body } = await ask(cloud, "GET", `${path}/tags${query}`, undefined, "reader");
      return body.tags.map(({ name }: { name: string }) => name);
    };
    const setTags = (list: readonly string[], headers = {}) =>
      cloud.ask("admin", "POST", `${path}/tags`, {
        body: { tags: list.map((name) => ({ name })) },
        headers: { ...JSON_ONLY, ...headers },
      });
    const set = await setTags(["t2", "t3"]);
    assertEquals([set.status, set.body], [201, { tags: [{ name: "t2" }, { name: "t3" }] }]);
    assertEquals(await tags(), ["t3", "t2"]);
    assertEquals((await setTags(["T2"], { "x-openstack-append": "true" })).status, 409);
    assertEquals((await setTags(["t4"], { "x-openstack-append": "true" })).status, 201);
    assertEquals(await tags("?sort_key=name&sort_dir=asc"), ["t2", "t3", "t4"]);
    assertEquals(await tags("?limit=1&marker=t4"), ["t3"]);
    assertEquals((await ask(cloud, "PUT", `${path}/tags/t4`, { name: "t5" })).body.name, "t5");
    assertEquals((await ask(cloud, "PUT", `${path}/tags/t5`, { name: "t2" })).status, 409);
    assertEquals((await ask(cloud, "GET", `${path}/tags/t5`)).status, 200);
    assertEquals((await ask(cloud, "DELETE", `${path}/tags/t5`)).status, 204);
    assertEquals((await ask(cloud, "DELETE", `${path}/tags/t5`)).status, 404);
    assertEquals((await ask(cloud, "DELETE", `${path}/tags`)).status, 204);
    assertEquals(await tags(), []);
  }));

Deno.test("what a namespace has is not added twice", () =>
  withNeighbours(async (cloud) => {
    await make(cloud, { namespace: "n", objects: [{ name: "o" }], tags: [{ name: "t" }] });
    await make(cloud, { namespace: "m" });
    assertEquals(refusal(await ask(cloud, "POST", NAMESPACES, { namespace: "N" })), [
      409,
      "The metadata definition namespace=N already exists.",
    ]);
    assertEquals((await ask(cloud, "PUT", `${NAMESPACES}/m`, { namespace: "n" })).status, 409);
    assertEquals(refusal(await ask(cloud, "POST", `${NAMESPACES}/n/objects`, { name: "O" })), [
      409,
      "A metadata definition object with name=O already exists in namespace=n.",
    ]);
    assertEquals((await ask(cloud, "POST", `${NAMESPACES}/n/tags/T`)).status, 409);
    const twice = await ask(cloud, "POST", NAMESPACES, {
      namespace: "l",
      tags: [{ name: "t" }, { name: "T" }],
    });
    assertEquals(twice.status, 409);
    assertEquals((await ask(cloud, "GET", `${NAMESPACES}/l`)).status, 404);
  }));

Deno.test("only admins write, and private namespaces are nobody else's business", () =>
  withNeighbours(async (cloud) => {
    await make(cloud, { namespace: "open", visibility: "public", tags: [{ name: "t" }] });
    await make(cloud, { namespace: "closed" });
    const refused = await ask(cloud, "POST", NAMESPACES, { namespace: "x" }, "member");
    assertEquals(refusal(refused), [
      403,
      "You are not authorized to complete add_metadef_namespace action.",
    ]);
    const property = { name: "p", title: "t", type: "string" };
    for (
      const [method, path, body] of [
        ["PUT", "", { namespace: "x" }],
        ["DELETE", ""],
        ["POST", "/objects", { name: "o" }],
        ["PUT", "/objects/o", { name: "o" }],
        ["DELETE", "/objects/o"],
        ["DELETE", "/objects"],
        ["POST", "/properties", property],
        ["PUT", "/properties/p", property],
        ["DELETE", "/properties/p"],
        ["DELETE", "/properties"],
        ["POST", "/tags", { tags: [] }],
        ["POST", "/tags/u"],
        ["PUT", "/tags/t", { name: "u" }],
        ["DELETE", "/tags/t"],
        ["DELETE", "/tags"],
        ["POST", "/resource_types", { name: "r" }],
        ["DELETE", "/resource_types/r"],
      ] as const
    ) {
      const open = await ask(cloud, method, `${NAMESPACES}/open${path}`, body, "member");
      assertEquals(open.status, 403, `${method} ${path}: ${open.text}`);
      const closed = await ask(cloud, method, `${NAMESPACES}/closed${path}`, body, "member");
      assertEquals(closed.status, 404, `${method} ${path}: ${closed.text}`);
    }
    for (const path of ["", "/objects", "/properties", "/tags", "/tags/t", "/resource_types"]) {
      const open = await ask(cloud, "GET", `${NAMESPACES}/open${path}`, undefined, "reader");
      assertEquals(open.status, 200, path);
      const closed = await ask(cloud, "GET", `${NAMESPACES}/closed${path}`, undefined, "reader");
      assertEquals(closed.status, 404, path);
    }
  }));

Deno.test("bodies that are no metadata definitions are refused", () =>
  withNeighbours(async (cloud) => {
    await make(cloud, { namespace: "n" });
    const path = `${NAMESPACES}/n`;
    const typed = { name: "p", title: "t", type: "string" };
    for (
      const [method, where, body, status, words] of [
        ["POST", NAMESPACES, undefined, 400, "Body expected in request."],
        ["POST", NAMESPACES, "{", 400, "Malformed JSON in request body."],
        ["POST", NAMESPACES, { namespace: "x", self: "s" }, 403, "Attribute 'self' is read-only."],
        [
          "POST",
          NAMESPACES,
          {},
          400,
          "Provided object does not match schema 'namespace': " +
          "'namespace' is a required property",
        ],
        ["POST", NAMESPACES, { namespace: "x".repeat(81) }, 400, undefined],
        ["POST", NAMESPACES, { namespace: "x", properties: { a: {} } }, 400, undefined],
        ["POST", NAMESPACES, { namespace: "x", tags: [{}] }, 400, 'Missing argument: "name"'],
        [
          "POST",
          NAMESPACES,
          { namespace: "x", properties: { a: { ...typed, x: 1 } } },
          400,
          "Unknown attribute: x",
        ],
        ["POST", NAMESPACES, [], 400, undefined],
        ["PUT", path, { namespace: 5 }, 400, undefined],
        ["POST", `${path}/objects`, { name: "o", properties: { a: { ...typed, x: 1 } } }, 400],
        ["POST", `${path}/properties`, { title: "t", type: "string" }, 400],
        ["POST", `${path}/properties`, { ...typed, type: "colour" }, 400],
        ["POST", `${path}/properties`, { ...typed, enum: [1] }, 400],
        ["POST", `${path}/properties`, { ...typed, minLength: -1 }, 400],
        ["POST", `${path}/properties`, { ...typed, pattern: "(" }, 400],
        ["POST", `${path}/properties`, { ...typed, items: { enum: [] } }, 400],
        ["POST", `${path}/tags`, { tags: [{ name: "t", more: 1 }] }, 400],
        ["POST", `${path}/tags/${"x".repeat(81)}`, undefined, 400],
        ["POST", `${path}/resource_types`, { prefix: "p" }, 400],
      ] as const
    ) {
      const answer = await ask(cloud, method, where, body);
      const [found, said] = refusal(answer);
      assertEquals(found, status, `${method} ${where} ${JSON.stringify(body)}`);
      if (words !== undefined) assertEquals(said, words);
    }
    assertEquals(await names(cloud), ["n"]);
  }));

Deno.test("metadata definitions have schemas, and paths have their methods", () =>
  withNeighbours(async (cloud) => {
    for (const kind of ["namespace", "object", "property", "resource_type", "tag"]) {
      const { body } = await ask(cloud, "GET", `/image/v2/schemas/metadefs/${kind}`);
      assertEquals(body.additionalProperties, false, kind);
      const plural = kind === "property" ? "properties" : `${kind}s`;
      const list = await ask(cloud, "GET", `/image/v2/schemas/metadefs/${plural}`);
      assertEquals(list.body.links.length, 3, plural);
    }
    const wrong = await ask(cloud, "PATCH", NAMESPACES, {});
    assertEquals([wrong.status, wrong.headers.get("allow")], [405, "GET, POST"]);
  }));
