import { assert } from "@std/assert";
import { withNeighbours } from "./networks_kit_test.ts";

const VALUES: readonly unknown[] = [
  ...[null, true, -1, 1.5, 1e300, 2 ** 53, "", "x", "n", "\u0000", "\ud800", "x".repeat(300)],
  ...[[], [null], [[]], ["a", "a"], [{}], [{ name: "a" }, { name: "A" }], {}, { a: {} }],
  ...[{ toString: 1 }, { rejected: "Invalid", message: "x" }, { name: "glance-direct" }],
  { a: { type: "string", title: "t", items: { type: "string" }, default: [], minimum: 1e300 } },
  JSON.parse('{"__proto__": {"type": "string", "title": "t"}}'),
];

const FIELDS = [
  ...["namespace", "display_name", "visibility", "protected", "owner", "properties", "objects"],
  ...["tags", "resource_type_associations", "name", "title", "type", "enum", "default", "items"],
  ...["minimum", "pattern", "required", "prefix", "method", "stores", "all_stores", "url", "input"],
];

const QUERIES = [
  ...["limit=1e9", "limit=", "limit=0", "limit=99999999999999999999", "marker=", "marker=%00"],
  ...["sort_key=", "sort_key=__proto__", "sort_dir=", "visibility=", "resource_types=,"],
  ...["resource_type=__proto__", "sort_key=visibility&sort_dir=asc&marker=n"],
];

const NAMES = ["%00", "%2F", "%E0%A4%A", "__proto__", "constructor", "%20", "é"];

Deno.test("no metadata definition, import or task is too odd for an answer", () =>
  withNeighbours(async (cloud) => {
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await cloud.ask("admin", method, path, {
        body: body === undefined ? undefined : JSON.stringify(body),
        headers: { "content-type": "application/json", accept: "application/json" },
      });
      assert(answer.status < 500, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`);
      return answer;
    };
    const namespaces = "/image/v2/metadefs/namespaces";
    const made = await ask("POST", namespaces, {
      namespace: "n",
      objects: [{ name: "o" }],
      tags: [{ name: "t" }],
    });
    assert(made.status === 201);
    const image = (await ask("POST", "/image/v2/images", {})).body.id;
    const inside = `${namespaces}/n`;
    for (
      const [method, path] of [
        ["POST", namespaces],
        ["POST", `${inside}/objects`],
        ["PUT", `${inside}/objects/o`],
        ["POST", `${inside}/properties`],
        ["PUT", `${inside}/properties/p`],
        ["POST", `${inside}/tags`],
        ["PUT", `${inside}/tags/t`],
        ["POST", `${inside}/resource_types`],
        ["POST", `/image/v2/images/${image}/import`],
        ["POST", `/image/v2/images/${image}/locations`],
        ["POST", "/image/v2/tasks"],
        ["PUT", inside],
      ] as const
    ) {
      for (const value of VALUES) {
        await ask(method, path, value);
        for (const field of FIELDS) {
          await ask(method, path, {
            ...{ namespace: "n", name: "o", title: "t", type: "string" },
            [field]: value,
          });
        }
      }
    }
    for (const name of NAMES) {
      for (const method of ["GET", "POST", "PUT", "DELETE"]) {
        for (const part of ["", "/objects", "/properties", "/tags", "/resource_types"]) {
          await ask(method, `${part === "" ? namespaces : inside + part}/${name}`);
        }
      }
    }
    for (const query of QUERIES) {
      for (const list of [namespaces, inside, `${inside}/tags`, "/image/v2/tasks"]) {
        await ask("GET", `${list}?${query}`);
      }
    }
  }));
