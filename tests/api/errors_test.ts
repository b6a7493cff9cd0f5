/**
 * What is refused, how, and before what: faults, bodies that are none, headers, versions, paths.
 *
 * Where the published documents and a running Nova differ, the running one counts.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { seedNetworks } from "../../src/facades/networks/mod.ts";
import { type Answered, type Asked, ORIGIN, type Role, TestCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor, makeImage } from "../kit/samples.ts";

type Who = Role | "none" | "bad";

/** One request, and what must come of it. */
interface Row extends Asked {
  readonly title: string;
  /** Default: the member. */
  readonly as?: Who;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** What the fault says, whole or by a pattern. */
  readonly says?: string | RegExp;
  /** Looks at what else there is to the answer. */
  readonly also?: (answered: Answered) => void;
}

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const XML = { "content-type": "application/xml" };
const TOO_LARGE = JSON.stringify({ server: { name: "x".repeat(114_688) } });

/** Faults by their status; nova/api/openstack/wsgi.py. */
const FAULT_NAMES: Readonly<Record<number, string>> = {
  400: "badRequest",
  403: "forbidden",
  404: "itemNotFound",
  406: "computeFault",
  409: "conflictingRequest",
  415: "badMediaType",
};

/** Servers of every kind that refusals depend on. */
interface Servers {
  readonly active: string;
  readonly locked: string;
  readonly failed: string;
  readonly foreign: string;
  readonly deleted: string;
  readonly networked: string;
}

Deno.test("refusals", async (t) => {
  const cloud = await TestCloud.open();
  try {
    await cloud.limit({ instances: -1, cores: -1, ram: -1 });
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const servers = await makeServers(cloud);
    const sections: readonly (readonly [string, readonly Row[]])[] = [
      ["not found", notFoundRows(servers)],
      ["no route", noRouteRows(servers)],
      ["bodies that are no faults", otherBodyRows()],
      ["content types", contentTypeRows(servers)],
      ["order of the checks", orderRows(servers, cloud, await cloud.plain())],
      ["validation", validationRows(servers, await cloud.plain())],
      ["create", await createRows(cloud, servers)],
      ["update", updateRows(servers)],
      ["metadata, tags and addresses", partsRows(servers)],
      ["paths", pathRows(servers, cloud)],
    ];
    for (const [section, rows] of sections) {
      for (const row of rows) await t.step(`${section}: ${row.title}`, () => check(cloud, row));
    }
  } finally {
    await cloud.close();
  }
});

async function makeServers(cloud: TestCloud): Promise<Servers> {
  const active = await cloud.create({ name: "active", metadata: { role: "web" }, tags: ["red"] });
  const networked = await cloud.create({ name: "networked", networks: "auto" });
  const locked = await cloud.create({ name: "locked" });
  await cloud.ask("admin", "POST", `/v2.1/servers/${locked}/action`, { body: { lock: null } });
  const failed = await cloud.create({ name: "failed", flavorRef: "huge" });
  const foreign = await cloud.create({ name: "foreign" }, { as: "stranger" });
  const deleted = await cloud.create({ name: "deleted" });
  await cloud.ask("member", "DELETE", `/v2.1/servers/${deleted}`);
  await cloud.cloud.settled();
  return { active, networked, locked, failed, foreign, deleted };
}

async function check(cloud: TestCloud, row: Row): Promise<void> {
  const { as = "member", method, path, status, says, also } = row;
  const answered = await cloud.ask(as, method, path, row);
  assertEquals(answered.status, status, answered.text);
  if (says !== undefined) checkFault(answered, says);
  also?.(answered);
}

function checkFault({ status, json, headers, text }: Answered, says: string | RegExp): void {
  assert(json !== undefined, text);
  assertEquals(Object.keys(json), [FAULT_NAMES[status]]);
  const fault = json[FAULT_NAMES[status]!];
  assertEquals(Object.keys(fault), ["code", "message"]);
  assertEquals(fault.code, status);
  if (typeof says === "string") assertEquals(fault.message, says);
  else assertMatch(fault.message, says);
  assertEquals(headers.get("content-type"), "application/json; charset=UTF-8");
}

// Not found

function notFoundRows({ foreign, deleted, active }: Servers): Row[] {
  const ids: readonly (readonly [string, string])[] = [
    ["an unknown id", UNKNOWN],
    ["a malformed id", "abc"],
    ["a number", "1"],
    ["an id without hyphens", active.replaceAll("-", "")],
    ["a server of another project", foreign],
    ["a deleted server", deleted],
  ];
  const requests: readonly (readonly [string, string, Json?])[] = [
    ["GET", ""],
    ["PUT", "", { server: { name: "y" } }],
    ["DELETE", ""],
    ["POST", "/action", { lock: null }],
    ["POST", "/action", { unlock: null }],
    ["GET", "/metadata"],
    ["POST", "/metadata", { metadata: {} }],
    ["PUT", "/metadata", { metadata: {} }],
    ["GET", "/metadata/role"],
    ["PUT", "/metadata/role", { meta: { role: "x" } }],
    ["DELETE", "/metadata/role"],
    ["GET", "/ips"],
    ["GET", "/ips/private"],
  ];
  const says = (id: string) => `Instance ${id} could not be found.`;
  return [
    ...ids.flatMap(([what, id]) =>
      requests.map(([method, path, body]): Row => ({
        title: `${method} ${path || "/"} of ${what}`,
        method,
        path: `/v2.1/servers/${id}${path}`,
        body,
        status: 404,
        says: says(id),
      }))
    ),
    ...(["admin", "padmin"] as const).map((as): Row => ({
      title: `a deleted server is gone for ${as} too`,
      as,
      method: "GET",
      path: `/v2.1/servers/${deleted}`,
      status: 404,
      says: says(deleted),
    })),
    ...tagRequests.flatMap(([method, path, body]): Row[] => [
      {
        title: `${method} ${path} of an unknown id`,
        method,
        path: `/v2.1/servers/${UNKNOWN}${path}`,
        mv: "2.26",
        body,
        status: 404,
        says: `Instance ${UNKNOWN} has no mapping to a cell.`,
      },
      {
        title: `${method} ${path} of a server of another project`,
        method,
        path: `/v2.1/servers/${foreign}${path}`,
        mv: "2.26",
        body,
        status: 403,
        says: /^Policy doesn't allow os_compute_api:os-server-tags:\w+ to be performed\.$/,
      },
      {
        title: `${method} ${path} of a deleted server`,
        method,
        path: `/v2.1/servers/${deleted}${path}`,
        mv: "2.26",
        body,
        status: 404,
        says: says(deleted),
      },
    ]),
    {
      title: "an unknown flavor",
      method: "GET",
      path: "/v2.1/flavors/999",
      status: 404,
      says: "Flavor 999 could not be found.",
    },
  ];
}

const tagRequests: readonly (readonly [string, string, Json?])[] = [
  ["GET", "/tags"],
  ["PUT", "/tags", { tags: [] }],
  ["DELETE", "/tags"],
  ["GET", "/tags/red"],
  ["PUT", "/tags/red"],
  ["DELETE", "/tags/red"],
];

/** Plain text, without the headers of a version: what Nova's router itself says. */
function noRouteRows({ active }: Servers): Row[] {
  const server = `/v2.1/servers/${active}`;
  const requests: readonly (readonly [string, string])[] = [
    ["PATCH", server],
    ["POST", server],
    ["HEAD", server],
    ["PUT", "/v2.1/servers"],
    ["DELETE", "/v2.1/servers"],
    ["PATCH", "/v2.1/servers"],
    ["HEAD", "/v2.1/servers"],
    ["POST", "/v2.1/servers/detail"],
    ["HEAD", "/v2.1/servers/detail"],
    ["GET", "/v2.1/servers/"],
    ["GET", `${server}/`],
    ["GET", "/v2.1/servers.json"],
    ["GET", `${server}.json/metadata/`],
    ["GET", `${server}/action`],
    ["GET", `${server}/nonsense`],
    ["PATCH", `${server}/metadata`],
    ["POST", `${server}/metadata/role`],
    ["POST", `${server}/tags`],
    ["POST", `${server}/ips`],
    ["GET", "/v2.1/nonsense"],
    ["GET", "/v2.1/servers%2Fdetail"],
    ["HEAD", "/v2.1/flavors"],
  ];
  return requests.map(([method, path]): Row => ({
    title: `${method} ${path.replace(active, "<id>")}`,
    method,
    path,
    body: method === "GET" || method === "HEAD" ? undefined : { server: {} },
    status: 404,
    also(answered) {
      // As observed: an answer without a body has the type that webob begins with.
      const type = method === "HEAD" ? "text/html" : "text/plain";
      assertEquals(answered.headers.get("content-type"), `${type}; charset=UTF-8`);
      if (method === "HEAD") assertEquals(answered.text, "");
      else assertMatch(answered.text, /^404 Not Found\n\nThe resource could not be found\./);
      checkRequestIds(answered);
      refuseVersionHeaders(answered);
    },
  }));
}

function otherBodyRows(): Row[] {
  const unauthorized = (answered: Answered) => {
    assertEquals(answered.json, {
      error: {
        code: 401,
        title: "Unauthorized",
        message: "The request you have made requires authentication.",
      },
    });
    // As observed; the documents have a charset here.
    assertEquals(answered.headers.get("content-type"), "application/json");
    assertEquals(answered.headers.get("www-authenticate"), `Keystone uri="${ORIGIN}/identity/v3"`);
    checkRequestIds(answered);
    refuseVersionHeaders(answered);
  };
  const is = (type: string, body: RegExp) => (answered: Answered) => {
    assertEquals(answered.headers.get("content-type"), type);
    assertMatch(answered.text, body);
    checkRequestIds(answered);
    refuseVersionHeaders(answered);
  };
  const html = is("text/html; charset=UTF-8", /^<html>[^]*<h1>404 Not Found<\/h1>/);
  const plain = is("text/plain; charset=UTF-8", /^404 Not Found\n\nThe resource could not/);
  const asJson = is(
    "application/json",
    /^\{"message":"The resource could not be found\.<br \/><br \/>\\n\\n\\n","code":"404 Not Found","title":"Not Found"\}$/,
  );
  const accepts: readonly (readonly [string | undefined, (answered: Answered) => void])[] = [
    // As observed; the documents have a page of HTML here.
    [undefined, plain],
    ["application/json", asJson],
    ["text/html", html],
    ["*/*", html],
    ["text/plain", plain],
    ["application/xml", plain],
    ["application/json;q=0.5, application/xml", asJson],
  ];
  const large = "Request is too large. Larger than max_request_body_size (114688).";
  const tooLarge: readonly (readonly [string | undefined, string, (text: string) => void])[] = [
    [
      undefined,
      "text/plain; charset=UTF-8",
      (text) => assert(text.startsWith(`413 Request Entity Too Large\n\n${large}`), text),
    ],
    ["application/json", "application/json", (text) => {
      const { code, message } = JSON.parse(text);
      assertEquals(code, "413 Request Entity Too Large");
      assert(message.startsWith(large), message);
    }],
    ["text/html", "text/html; charset=UTF-8", (text) => assert(text.includes(large), text)],
  ];
  return [
    ...(["none", "bad"] as const).map((as): Row => ({
      title: `token: ${as}`,
      as,
      method: "GET",
      path: "/v2.1/servers",
      status: 401,
      also: unauthorized,
    })),
    {
      title: "an empty token",
      as: "none",
      method: "GET",
      path: "/v2.1/servers",
      headers: { "x-auth-token": "" },
      status: 401,
      also: unauthorized,
    },
    ...accepts.map(([accept, also]): Row => ({
      title: `no route, Accept: ${accept}`,
      method: "GET",
      path: "/v2.1/nonsense",
      headers: accept === undefined ? {} : { accept },
      status: 404,
      also,
    })),
    ...tooLarge.map(([accept, type, look]): Row => ({
      title: `a body over the limit, Accept: ${accept}`,
      method: "POST",
      path: "/v2.1/servers",
      headers: accept === undefined ? {} : { accept },
      body: TOO_LARGE,
      status: 413,
      also(answered) {
        assertEquals(answered.headers.get("content-type"), type);
        look(answered.text);
        checkRequestIds(answered);
        refuseVersionHeaders(answered);
      },
    })),
    {
      title: "a body of just the limit",
      method: "POST",
      path: "/v2.1/servers",
      body: `{"a":"${"x".repeat(114_688 - 8)}"}`,
      status: 400,
      says: "'server' is a required property",
    },
    {
      title: "OPTIONS",
      method: "OPTIONS",
      path: "/v2.1/servers",
      status: 200,
      also: ({ text }) => assertEquals(text, ""),
    },
    ...["application/xml", "text/html", "image/png", ";;"].map((accept): Row => ({
      title: `Accept: ${accept} has no influence on what is found`,
      method: "GET",
      path: "/v2.1/flavors/1",
      headers: { accept },
      status: 200,
      also: ({ headers }) => assertEquals(headers.get("content-type"), "application/json"),
    })),
  ];
}

function contentTypeRows({ active }: Servers): Row[] {
  const path = `/v2.1/servers/${active}`;
  const types: readonly (readonly [string, number])[] = [
    ["", 200],
    ["text/plain", 200],
    ["application/json", 200],
    ["application/json; charset=utf-8", 200],
    ["APPLICATION/JSON", 200],
    ["application/vnd.openstack.compute+json", 200],
    ["application/vnd.openstack.compute+json;version=2.1", 200],
    ["application/xml", 415],
    ["application/x-www-form-urlencoded", 415],
    ["text/html", 415],
    ["application/jsonp", 415],
    ["nonsense", 415],
  ];
  return types.flatMap(([type, status]): Row[] =>
    [["PUT", path, '{"server": {}}'], ["GET", path], ["DELETE", `${path}/metadata/none`]]
      .map(([method, path, body]) => ({
        title: `${method} with ${type || "an empty type"}`,
        method: method!,
        path: path!,
        headers: { "content-type": type },
        body,
        status: status === 200 && method === "DELETE" ? 404 : status,
        ...(status === 415 && { says: "Unsupported Content-Type" }),
      }))
  );
}

// Order

/** Each row has two things wrong with it: the one is said, the other is not. */
function orderRows(
  { active, locked, failed, foreign }: Servers,
  { projectIds }: TestCloud,
  plain: Json,
): Row[] {
  const server = `/v2.1/servers/${active}`;
  const elsewhere = `/v2.1/${projectIds.other}/servers/${active}`;
  const wrongProject = /^Malformed request URL: URL's project_id/;
  const bad = { server: { name: "" } };
  const row = (
    title: string,
    method: string,
    path: string,
    status: number,
    rest: Partial<Row> = {},
  ): Row => ({ title, method, path, status, ...rest });
  const noValue = (name: string) => new RegExp(`^Policy doesn't allow os_compute_api:${name} to`);
  return [
    row("size beats token", "POST", "/v2.1/servers", 413, { as: "none", body: TOO_LARGE }),
    row("size beats route", "PATCH", "/v2.1/nonsense", 413, { body: TOO_LARGE }),
    row("size beats existence", "DELETE", `/v2.1/servers/${UNKNOWN}`, 413, { body: TOO_LARGE }),
    row("size beats version", "POST", "/v2.1/servers", 413, { mv: "2.999", body: TOO_LARGE }),
    row("token beats route", "GET", "/v2.1/nonsense", 401, { as: "none" }),
    row("token beats body", "POST", "/v2.1/servers", 401, { as: "none", body: "{" }),
    row("token beats version", "GET", "/v2.1/servers", 401, { as: "bad", mv: "2.999" }),
    row("route beats version", "GET", "/v2.1/nonsense", 404, { mv: "2.999" }),
    row("route beats content type", "PATCH", server, 404, { headers: XML, body: "<x/>" }),
    row("version's form beats content type", "GET", server, 400, {
      mv: "x",
      headers: XML,
      says: /^API Version String x is of invalid format/,
    }),
    row("version's range beats content type", "GET", server, 406, {
      mv: "2.105",
      headers: XML,
      says: /^Version 2\.105 is not supported/,
    }),
    row("version beats body", "POST", "/v2.1/servers", 406, { mv: "2.105", body: "{" }),
    row("content type beats body", "POST", "/v2.1/servers", 415, { headers: XML, body: "{" }),
    row("content type beats action", "POST", `${server}/action`, 415, { headers: XML, body: "{" }),
    row("content type beats project", "GET", elsewhere, 415, { headers: XML }),
    row("body beats project", "PUT", elsewhere, 400, { body: "{", says: "Malformed request body" }),
    row("an unknown action beats project", "POST", `${elsewhere}/action`, 400, {
      body: { fly: null },
      says: "There is no such action: fly",
    }),
    row("project beats operation", "GET", `${elsewhere}/tags`, 400, {
      mv: "2.25",
      says: wrongProject,
    }),
    row("project beats schema", "PUT", elsewhere, 400, { body: bad, says: wrongProject }),
    row("project beats an action's schema", "POST", `${elsewhere}/action`, 400, {
      mv: "2.73",
      body: { lock: 1 },
      says: wrongProject,
    }),
    row("project beats existence", "GET", `/v2.1/${projectIds.other}/servers/${UNKNOWN}`, 400, {
      says: wrongProject,
    }),
    row("body beats operation", "PUT", `${server}/tags`, 400, {
      mv: "2.25",
      body: "{",
      says: "Malformed request body",
    }),
    row("operation beats schema", "PUT", `${server}/tags`, 404, {
      mv: "2.25",
      body: { tags: 1 },
      says: "The resource could not be found.",
    }),
    row("operation beats existence", "GET", `/v2.1/servers/${UNKNOWN}/tags`, 404, {
      mv: "2.25",
      says: "The resource could not be found.",
    }),
    row("schema beats a simple check", "POST", "/v2.1/servers", 400, {
      mv: "2.90",
      body: { server: { ...plain, min_count: 3, max_count: 2, name: "" } },
      says: /^Invalid input for field\/attribute name\./,
    }),
    row("schema beats existence", "PUT", `/v2.1/servers/${UNKNOWN}`, 400, {
      body: bad,
      says: /^Invalid input for field\/attribute name\./,
    }),
    row("schema beats policy on update", "PUT", server, 400, {
      as: "reader",
      body: bad,
      says: /^Invalid input/,
    }),
    row("schema beats policy on create", "POST", "/v2.1/servers", 400, {
      as: "reader",
      body: bad,
      says: /^Invalid input/,
    }),
    row("query schema beats policy", "GET", "/v2.1/servers?all_tenants=1&limit=x", 400, {
      says: /^Invalid input for query parameters limit\./,
    }),
    row("query schema beats existence", "GET", `/v2.1/servers/${UNKNOWN}?x=1`, 400, {
      mv: "2.102",
      says: "Additional properties are not allowed ('x' was unexpected)",
    }),
    row("schema beats state", "POST", `/v2.1/servers/${locked}/metadata`, 400, {
      body: { metadata: 1 },
      says: /^Invalid input for field\/attribute metadata\./,
    }),
    row("a simple check beats policy", "POST", "/v2.1/servers", 400, {
      as: "reader",
      mv: "2.90",
      body: { server: { ...plain, min_count: 3, max_count: 2 } },
      says: "min_count must be <= max_count",
    }),
    row("policy beats references", "POST", "/v2.1/servers", 403, {
      as: "reader",
      mv: "2.90",
      body: { server: { ...plain, flavorRef: "999", imageRef: UNKNOWN } },
      says: noValue("servers:create"),
    }),
    row("policy beats a missing image", "POST", "/v2.1/servers", 403, {
      as: "reader",
      mv: "2.90",
      body: { server: { ...plain, imageRef: "" } },
      says: noValue("servers:create"),
    }),
    row("the policy of a forced host beats references", "POST", "/v2.1/servers", 403, {
      mv: "2.90",
      body: { server: { ...plain, availability_zone: "none:none", flavorRef: "999" } },
      says: noValue("servers:create:forced_host"),
    }),
    row("existence beats policy", "PUT", `/v2.1/servers/${UNKNOWN}`, 404, {
      as: "reader",
      body: { server: { name: "y" } },
    }),
    row("existence beats policy on delete", "DELETE", `/v2.1/servers/${foreign}`, 404, {
      as: "reader",
    }),
    row("existence beats a mismatch of keys", "PUT", `/v2.1/servers/${UNKNOWN}/metadata/a`, 404, {
      body: { meta: { b: "1" } },
    }),
    row("policy beats a mismatch of keys", "PUT", `${server}/metadata/a`, 403, {
      as: "reader",
      body: { meta: { b: "1" } },
      says: noValue("server-metadata:update"),
    }),
    row("existence beats a bad tag", "PUT", `/v2.1/servers/${UNKNOWN}/tags/a,b`, 404, {
      mv: "2.26",
    }),
    row("policy beats a bad tag", "PUT", `${server}/tags/a,b`, 403, {
      as: "reader",
      mv: "2.26",
      says: noValue("os-server-tags:update"),
    }),
    row("policy beats the lock", "DELETE", `/v2.1/servers/${locked}`, 403, {
      as: "reader",
      says: noValue("servers:delete"),
    }),
    row("policy beats the state", "POST", `/v2.1/servers/${failed}/metadata`, 403, {
      as: "reader",
      body: { metadata: {} },
      says: noValue("server-metadata:create"),
    }),
    row("a missing item beats the lock", "DELETE", `/v2.1/servers/${locked}/metadata/x`, 404, {
      says: "Metadata item was not found",
    }),
    row("a flavor beats an image", "POST", "/v2.1/servers", 400, {
      mv: "2.90",
      body: { server: { ...plain, flavorRef: "999", imageRef: UNKNOWN } },
      says: "Flavor 999 could not be found.",
    }),
    row("a zone beats an image", "POST", "/v2.1/servers", 400, {
      mv: "2.90",
      body: { server: { ...plain, availability_zone: "mars", imageRef: UNKNOWN } },
      says: "The requested availability zone is not available",
    }),
    row(
      "a status beats who may list the deleted",
      "GET",
      "/v2.1/servers?status=deleted&status=x",
      403,
    ),
    row(
      "times beat rights to all projects",
      "GET",
      `/v2.1/servers?all_tenants=1&${backwards}`,
      400,
      {
        mv: "2.66",
        says: /^The value of changes-since/,
      },
    ),
  ];
}

const backwards = "changes-since=2021-01-01&changes-before=2020-01-01";

// Validation

function validationRows({ active }: Servers, plain: Json): Row[] {
  const create = (title: string, changes: Json, says: string | RegExp): Row => ({
    title,
    method: "POST",
    path: "/v2.1/servers",
    mv: "2.104",
    body: { server: { ...plain, ...changes } },
    status: 400,
    says,
  });
  const raw = (title: string, body: string | undefined, says: string | RegExp): Row => ({
    title,
    method: "PUT",
    path: `/v2.1/servers/${active}`,
    mv: "2.104",
    body,
    status: 400,
    says,
  });
  const act = (title: string, body: string | undefined, says: string, mv = "2.90"): Row => ({
    title,
    method: "POST",
    path: `/v2.1/servers/${active}/action`,
    mv,
    body,
    status: 400,
    says,
  });
  const query = (title: string, text: string, says: string | RegExp, mv = "2.1"): Row => ({
    title,
    method: "GET",
    path: `/v2.1/servers?${text}`,
    mv,
    status: 400,
    says,
  });
  const of = (field: string, value: string) =>
    `Invalid input for field/attribute ${field}. Value: ${value}. `;
  const nameRule = "An invalid 'name' value was provided. The name must be: ";
  return [
    raw("no body", undefined, "None is not of type 'object'"),
    raw("an empty body", "", "None is not of type 'object'"),
    raw("null", "null", "None is not of type 'object'"),
    raw("an array", "[1]", "[1] is not of type 'object'"),
    raw("a text", '"x"', "'x' is not of type 'object'"),
    raw("no JSON", "{", "Malformed request body"),
    raw("bytes that are no UTF-8", "\ufeff{", "Malformed request body"),
    raw("half a character", '{"server": {"description": "\\ud83d"}}', "Malformed request body"),
    raw("half a character in a key", '{"server": {"\\uDC00": 1}}', "Malformed request body"),
    raw("too deep", '{"server":'.repeat(600) + "1" + "}".repeat(600), "Malformed request body"),
    raw("required, at the top", "{}", "'server' is a required property"),
    raw(
      "an unknown key, at the top",
      '{"server": {}, "colour": 1}',
      "Additional properties are not allowed ('colour' was unexpected)",
    ),
    raw(
      "two unknown keys",
      '{"server": {"b": 1, "a": 1}}',
      of("server", "{'b': 1, 'a': 1}") +
        "Additional properties are not allowed ('a', 'b' were unexpected)",
    ),
    raw(
      "null in a field",
      '{"server": null}',
      of("server", "None") + "None is not of type 'object'",
    ),
    create("required", { name: undefined }, /'name' is a required property$/),
    create("type", { name: 1 }, of("name", "1") + "1 is not of type 'string'"),
    create(
      "type, of several",
      { config_drive: 1 },
      of("config_drive", "1") + "1 is not of type 'boolean', 'string'",
    ),
    create(
      "enum",
      { "OS-DCF:diskConfig": "SOMETIMES" },
      of("OS-DCF:diskConfig", "SOMETIMES") + "'SOMETIMES' is not one of ['AUTO', 'MANUAL']",
    ),
    create(
      "oneOf",
      { networks: [{ uuid: "abc" }] },
      of("networks", "[{'uuid': 'abc'}]") +
        "[{'uuid': 'abc'}] is not valid under any of the given schemas",
    ),
    create(
      "pattern",
      { hostname: "a b" },
      of("hostname", "a b") + "'a b' does not match '^[a-zA-Z0-9-._]*$'",
    ),
    create(
      "format",
      { accessIPv4: "1.2.3" },
      of("accessIPv4", "1.2.3") + "'1.2.3' is not a 'ipv4'",
    ),
    create("minLength", { name: "" }, of("name", "") + "'' is too short"),
    create("maxLength", { name: "nn".repeat(128) }, /'(nn){128}' is too long$/),
    create("maxItems", { tags: Array(51).fill("t") }, /\] is too long$/),
    create("minItems", { trusted_image_certificates: [] }, /\[\] is too short$/),
    create("uniqueItems", { trusted_image_certificates: ["a", "a"] }, /has non-unique elements$/),
    create("minimum", { min_count: 0 }, of("min_count", "0") + "0 is less than the minimum of 1"),
    create("minimum of a text", { min_count: "0" }, /'?0'? is less than the minimum of 1$/),
    create(
      "an item's index",
      { tags: ["a", "b/c"] },
      of("1", "b/c") + "'b/c' does not match '^[^,/]*$'",
    ),
    create(
      "additionalProperties with patterns",
      { metadata: { "a!": "v" } },
      of("metadata", "{'a!': 'v'}") +
        "'a!' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'",
    ),
    create(
      "values as Python writes them",
      { metadata: [null, true, false, "it's", 1.5, {}] },
      of("metadata", `[None, True, False, "it's", 1.5, {}]`) +
        `[None, True, False, "it's", 1.5, {}] is not of type 'object'`,
    ),
    create(
      "a name with a blank at the end",
      { name: "x " },
      `${nameRule}printable characters. Can not start or end with whitespace.`,
    ),
    create(
      "a name with a line break",
      { name: "a\nb" },
      `${nameRule}printable characters. Can not start or end with whitespace.`,
    ),
    create(
      "a name with an emoji",
      { name: "😀" },
      `${nameRule}printable characters. Can not start or end with whitespace.`,
    ),
    {
      title: "minProperties",
      method: "PUT",
      path: `/v2.1/servers/${active}/metadata/a`,
      body: { meta: {} },
      status: 400,
      says: of("meta", "{}") + "{} does not have enough properties",
    },
    {
      title: "maxProperties",
      method: "PUT",
      path: `/v2.1/servers/${active}/metadata/a`,
      body: { meta: { a: "1", b: "2" } },
      status: 400,
      says: of("meta", "{'a': '1', 'b': '2'}") + "{'a': '1', 'b': '2'} has too many properties",
    },
    act("an action: no body", undefined, "Malformed request body"),
    act("an action: an empty object", "{}", "Malformed request body"),
    act("an action: two keys", '{"lock": null, "unlock": null}', "Malformed request body"),
    act("an action: an array", '["lock"]', "Malformed request body"),
    act("an action: a text", '"lock"', "Malformed request body"),
    act("an action: null", "null", "Malformed request body"),
    act("an action: no JSON", "{", "Malformed request body"),
    act("an action nobody knows", '{"fly": null}', "There is no such action: fly"),
    act("an action called as a method", '{"toString": 1}', "There is no such action: toString"),
    act(
      "an action called as a prototype",
      '{"__proto__": 1}',
      "There is no such action: __proto__",
    ),
    act(
      "an action's schema",
      '{"lock": {"foo": 1}}',
      of("lock", "{'foo': 1}") + "Additional properties are not allowed ('foo' was unexpected)",
      "2.73",
    ),
    query(
      "a query parameter",
      "limit=-1",
      "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'",
    ),
    query(
      "an empty regular expression",
      "name=",
      "Invalid input for query parameters name. Value: . '' is not a 'regex'",
    ),
    query(
      "a broken one",
      "name=%5B",
      "Invalid input for query parameters name. Value: [. '[' is not a 'regex'",
    ),
    query("one of several values", "name=a&name=%5B", /^Invalid input for query parameters name\./),
    query("an unknown parameter", "foo=1", "'foo' does not match any of the regexes: '^_'", "2.75"),
    query("a query that is no UTF-8", "name=%ff", "Query string is not UTF-8 encoded"),
    ...["/v2.1/servers/detail", `/v2.1/servers/${active}/ips`, "/v2.1/flavors"].map((
      path,
    ): Row => ({
      title: `a query that is no UTF-8: ${path.replace(active, "<id>")}`,
      method: "GET",
      path: `${path}?name=%c3%28`,
      status: 400,
      says: "Query string is not UTF-8 encoded",
    })),
  ];
}

// What operations say

async function createRows(cloud: TestCloud, { networked }: Servers): Promise<Row[]> {
  const plain = await cloud.plain();
  const network = await cloud.networkId();
  const memory = await makeImage(cloud, { name: "memory", min_ram: 2048 });
  const disk = await makeImage(cloud, { name: "disk", min_disk: 100 });
  const queued = (await cloud.ask("admin", "POST", "/image/v2/images", {
    body: { name: "queued", visibility: "public" },
  })).json.id;
  await makeFlavor(cloud, "zero", { diskGib: 0 });
  const { ports } = (await cloud.ask("member", "GET", `/network/v2.0/ports?device_id=${networked}`))
    .json;
  const port = ports[0].id;
  const row = (
    title: string,
    changes: Json,
    says: string | RegExp,
    rest: Partial<Row> = {},
  ): Row => ({
    title,
    method: "POST",
    path: "/v2.1/servers",
    mv: "2.90",
    body: { server: { ...plain, ...changes } },
    status: 400,
    says,
    ...rest,
  });
  const boot = (...devices: Json[]) => ({ block_device_mapping_v2: devices });
  const blank = { source_type: "blank", destination_type: "local" };
  const volume = { source_type: "volume", destination_type: "volume", uuid: UNKNOWN };
  const bootSequence = "Block Device Mapping is Invalid: Boot sequence for the instance and " +
    "image/block device mapping combination is not valid.";
  return [
    row("no image", { imageRef: undefined }, "Missing imageRef attribute"),
    row("an empty image", { imageRef: "" }, "Missing imageRef attribute"),
    row("an unknown image", { imageRef: UNKNOWN }, "Can not find requested image"),
    row("an image that is not active", { imageRef: queued }, `Image ${queued} is not active.`),
    row("an unknown flavor", { flavorRef: "999" }, "Flavor 999 could not be found."),
    row(
      "an unknown flavor's URL",
      { flavorRef: "http://x/flavors/999" },
      "Flavor 999 could not be found.",
    ),
    row(
      "too little memory",
      { imageRef: memory },
      "Flavor's memory is too small for requested image.",
    ),
    row(
      "too small a disk",
      { imageRef: disk },
      /^Flavor's disk is smaller than the minimum size specified in image metadata\. /,
    ),
    row(
      "no disk",
      { flavorRef: "zero" },
      "Only volume-backed servers are allowed for flavors with zero disk.",
      { status: 403 },
    ),
    row("an unknown key pair", { key_name: "nosuch" }, "Invalid key_name provided."),
    row(
      "an unknown zone",
      { availability_zone: "mars" },
      "The requested availability zone is not available",
    ),
    row(
      "too many colons",
      { availability_zone: "nova:a:b:c" },
      "Invalid input received: Unable to parse availability_zone",
    ),
    row(
      "an unknown network",
      { networks: [{ uuid: UNKNOWN }] },
      `Network ${UNKNOWN} could not be found.`,
    ),
    row(
      "a malformed network at 2.36",
      { networks: [{ uuid: "abc" }] },
      "Bad networks format: network uuid is not in proper format (abc)",
      { mv: "2.36" },
    ),
    row("a network without an id", { networks: [{}] }, "Bad network format: missing 'uuid'"),
    row(
      "an unknown port",
      { networks: [{ port: UNKNOWN }] },
      `Port id ${UNKNOWN} could not be found.`,
    ),
    row(
      "a port twice",
      { networks: [{ port }, { port }] },
      new RegExp(`^Port ID '${port}' was specified twice: `),
    ),
    row(
      "a port with an address",
      { networks: [{ port, fixed_ip: "10.0.0.9" }] },
      new RegExp(`^Specified Fixed IP '10.0.0.9' cannot be used with port '${port}': `),
    ),
    row("a port in use", { networks: [{ port }] }, `Port ${port} is still in use.`, {
      status: 409,
    }),
    row(
      "an unknown security group",
      { security_groups: [{ name: "nosuch" }] },
      // As observed; the documents have "Security group … not found".
      "Unable to find security_group with name or id 'nosuch'",
    ),
    {
      ...row("an unknown server group", {}, `Instance group ${UNKNOWN} could not be found.`),
      body: { server: plain, "os:scheduler_hints": { group: UNKNOWN } },
    },
    row("least over most", { min_count: 3, max_count: 2 }, "min_count must be <= max_count"),
    row(
      "one hostname for several",
      { max_count: 2, hostname: "one" },
      "Unable to allocate a single hostname to multiple instances",
    ),
    row(
      "one port for several",
      { max_count: 2, networks: [{ port }] },
      /^Failed to launch instances: .*single configured port ID/,
    ),
    row(
      "one address for several",
      { max_count: 2, networks: [{ uuid: network, fixed_ip: "10.0.0.9" }] },
      "Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.",
    ),
    row(
      "one volume for several",
      { max_count: 2, ...boot(volume) },
      "Cannot attach one or more volumes to multiple instances",
    ),
    row(
      "both ways to name devices",
      { ...boot(blank), block_device_mapping: [{ volume_id: UNKNOWN }] },
      "Using different block_device_mapping syntaxes is not allowed in the same request.",
    ),
    row("a gap in the boot order", boot({ ...blank, boot_index: 2 }), bootSequence),
    row("nothing to boot from", { imageRef: undefined, ...boot(blank) }, bootSequence),
    row(
      "a device without an id",
      boot({ source_type: "volume", destination_type: "volume" }),
      "Block Device Mapping is Invalid: Missing device UUID.",
    ),
    row(
      "an unknown volume",
      { imageRef: undefined, ...boot({ ...volume, boot_index: 0 }) },
      `Block Device Mapping is Invalid: failed to get volume ${UNKNOWN}.`,
    ),
    row("an unknown host", { host: "nosuch" }, "Compute host nosuch could not be found.", {
      as: "admin",
    }),
    row(
      "a host in two ways",
      { host: "compute-1", availability_zone: "nova:compute-1" },
      "One mechanism with host and/or hypervisor_hostname and another mechanism with " +
        "zone:host:node are mutually exclusive.",
      { as: "admin" },
    ),
    row(
      "too much metadata",
      {
        metadata: Object.fromEntries(Array.from({ length: 129 }, (_, place) => [`k${place}`, "v"])),
      },
      "Maximum number of metadata items exceeds 128",
      { status: 403 },
    ),
    row(
      "a file without contents",
      { networks: [], personality: [{ path: "/etc/motd" }] },
      "Bad personality format: missing 'contents'",
      { mv: "2.1" },
    ),
  ];
}

function updateRows({ active, failed }: Servers): Row[] {
  const pin = (title: string, id: string, zone: string, says: RegExp): Row => ({
    title,
    method: "PUT",
    path: `/v2.1/servers/${id}`,
    mv: "2.104",
    body: { server: { pinned_availability_zone: zone } },
    status: 409,
    says,
  });
  return [
    pin(
      "a pin to another zone",
      active,
      "mars",
      /^Server can only be pinned to its current availability zone 'nova', but 'mars' was requested\./,
    ),
    pin("a pin of a server that is nowhere", failed, "nova", /^Server can only be pinned to/),
    {
      title: "a pin below 2.104",
      method: "PUT",
      path: `/v2.1/servers/${active}`,
      mv: "2.103",
      body: { server: { pinned_availability_zone: null } },
      status: 400,
      says: /'pinned_availability_zone' was unexpected/,
    },
  ];
}

function partsRows({ active, locked, failed, networked }: Servers): Row[] {
  const row = (
    title: string,
    [method, path]: readonly [string, string],
    status: number,
    says: string | RegExp,
    rest: Partial<Row> = {},
  ): Row => ({ title, method, path: `/v2.1/servers/${path}`, status, says, mv: "2.26", ...rest });
  const isLocked = `Instance ${locked} is locked`;
  const inError = (action: string) =>
    `Cannot '${action}' instance ${failed} while it is in vm_state error`;
  const meta = { meta: { a: "1" } };
  return [
    row(
      "an item whose key is not the path's",
      ["PUT", `${active}/metadata/b`],
      400,
      "Request body and URI mismatch",
      { body: meta },
    ),
    row("an unknown item", ["GET", `${active}/metadata/b`], 404, "Metadata item was not found"),
    row(
      "no item to delete",
      ["DELETE", `${active}/metadata/b`],
      404,
      "Metadata item was not found",
    ),
    row("metadata of a locked server", ["POST", `${locked}/metadata`], 409, isLocked, {
      body: { metadata: {} },
    }),
    row("all metadata of a locked server", ["PUT", `${locked}/metadata`], 409, isLocked, {
      body: { metadata: {} },
    }),
    row("an item of a locked server", ["PUT", `${locked}/metadata/a`], 409, isLocked, {
      body: meta,
    }),
    row("a locked server", ["DELETE", locked], 409, isLocked),
    row("metadata in an error", ["POST", `${failed}/metadata`], 409, inError("update metadata"), {
      body: { metadata: {} },
    }),
    row("too much metadata", ["POST", `${active}/metadata`], 403, /exceeds 128$/, {
      body: {
        metadata: Object.fromEntries(Array.from({ length: 129 }, (_, place) => [`k${place}`, "v"])),
      },
    }),
    row("an unknown tag", ["GET", `${active}/tags/x`], 404, `Server ${active} has no tag 'x'`),
    row(
      "no tag to delete",
      ["DELETE", `${active}/tags/x`],
      404,
      `Instance ${active} has no tag 'x'`,
    ),
    row(
      "a tag with a comma",
      ["PUT", `${active}/tags/a,b`],
      400,
      /^Tag 'a,b' is invalid\. It must be a non empty string without characters '\/' and ','\. /,
    ),
    row(
      "a tag with a slash",
      ["PUT", `${active}/tags/a%2Fb`],
      400,
      /^Tag 'a\/b' is invalid\./,
    ),
    row("a long tag", ["PUT", `${active}/tags/${"t".repeat(61)}`], 400, /' is too long$/),
    row("a tag with a body", ["PUT", `${active}/tags/x`], 400, /is not of type 'null'$/, {
      body: { tags: [] },
    }),
    row("a tag in an error", ["PUT", `${failed}/tags/x`], 409, inError("update tag")),
    row("tags in an error", ["PUT", `${failed}/tags`], 409, inError("update tags"), {
      body: { tags: ["x"] },
    }),
    row("no tags in an error", ["DELETE", `${failed}/tags`], 409, inError("delete tags")),
    row("a tag less in an error", ["DELETE", `${failed}/tags/x`], 409, inError("delete tag")),
    row(
      "an unknown network",
      ["GET", `${networked}/ips/mars`],
      404,
      "Instance is not a member of specified network",
    ),
    row(
      "a network called as a method",
      ["GET", `${networked}/ips/toString`],
      404,
      "Instance is not a member of specified network",
    ),
    row(
      "an item called as a method",
      ["GET", `${active}/metadata/toString`],
      404,
      /was not found$/,
    ),
    row(
      "a dump before 2.17",
      ["POST", `${active}/action`],
      404,
      "The resource could not be found.",
      {
        mv: "2.16",
        body: { trigger_crash_dump: null },
      },
    ),
    row("tags before 2.26", ["GET", `${active}/tags`], 404, "The resource could not be found.", {
      mv: "2.25",
    }),
  ];
}

// Paths

function pathRows({ active }: Servers, { projectIds: { demo, other } }: TestCloud): Row[] {
  const found = (path: string, also?: Row["also"]): Row => ({
    title: path.replace(active, "<id>").replace(demo, "<project>"),
    method: "GET",
    path,
    status: 200,
    also,
  });
  const link = (base: string) => ({ json }: Answered) =>
    assertEquals(json.server.links.map(({ href }: Json) => href), [
      `${ORIGIN}/v2.1${base}/servers/${active}`,
      `${ORIGIN}${base}/servers/${active}`,
    ]);
  return [
    found(`/v2.1/servers/${active}`, link("")),
    found(`/v2.1/${demo}/servers/${active}`, link(`/${demo}`)),
    found(`/v2.1/${demo}/servers`),
    found(`/v2.1/${demo}/servers/detail`),
    found(`/v2.1/${demo}/servers/${active}/metadata`),
    found(`/v2.1/${demo}/flavors/1`),
    found(`/v2.1//servers`),
    found(`/v2.1//${demo}//servers/${active}`),
    // As observed: the usual database compares without regard to case.
    found(`/v2.1/servers/${active.toUpperCase()}`),
    {
      title: "another project",
      method: "GET",
      path: `/v2.1/${other}/servers`,
      status: 400,
      says: `Malformed request URL: URL's project_id '${other}' doesn't match ` +
        `Context's project_id '${demo}'`,
    },
    {
      title: "another project, as an administrator",
      as: "admin",
      method: "GET",
      path: `/v2.1/${demo}/servers`,
      status: 400,
      says: /^Malformed request URL/,
    },
    {
      title: "a project that could not be one",
      method: "GET",
      path: `/v2.1/not-a-project/servers`,
      status: 404,
    },
  ];
}

// Headers

function checkRequestIds({ headers }: Answered): void {
  const id = headers.get("x-openstack-request-id");
  assertMatch(id ?? "", /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assertEquals(headers.get("x-compute-request-id"), id);
}

function refuseVersionHeaders({ headers }: Answered): void {
  for (const name of ["openstack-api-version", "x-openstack-nova-api-version", "vary"]) {
    assertEquals(headers.get(name), null, name);
  }
}

function checkVersionHeaders({ headers }: Answered, version: string): void {
  assertEquals(headers.get("openstack-api-version"), `compute ${version}`);
  assertEquals(headers.get("x-openstack-nova-api-version"), version);
  assertEquals(headers.get("vary"), "OpenStack-API-Version, X-OpenStack-Nova-API-Version");
}

Deno.test("headers of answers", async (t) => {
  const cloud = await TestCloud.open();
  try {
    const id = await cloud.create();
    const path = `/v2.1/servers/${id}`;
    const body = { server: await cloud.plain() };
    const json = "application/json";
    const fault = "application/json; charset=UTF-8";
    const html = "text/html; charset=UTF-8";
    const rows: readonly (readonly [string, string, number, string, Json?])[] = [
      ["GET", "/v2.1/servers", 200, json],
      ["GET", "/v2.1/servers/detail", 200, json],
      ["POST", "/v2.1/servers", 202, json, body],
      ["GET", path, 200, json],
      ["PUT", path, 200, json, { server: {} }],
      ["POST", `${path}/action`, 202, json, { lock: null }],
      ["POST", `${path}/action`, 202, json, { unlock: null }],
      ["PUT", `${path}/metadata/a`, 200, json, { meta: { a: "1" } }],
      ["DELETE", `${path}/metadata/a`, 204, json],
      ["PUT", `${path}/tags/a`, 201, html],
      ["PUT", `${path}/tags/a`, 204, html],
      ["GET", `${path}/tags/a`, 204, json],
      ["DELETE", `${path}/tags/a`, 204, json],
      ["DELETE", `${path}/tags`, 204, json],
      ["GET", `${path}/ips`, 200, json],
      ["GET", "/v2.1/flavors", 200, json],
      ["GET", "/v2.1/", 200, json],
      ["GET", "/v2.1/servers?limit=x", 400, fault],
      ["GET", "/v2.1/servers?all_tenants=1", 403, fault],
      ["GET", `/v2.1/servers/${UNKNOWN}`, 404, fault],
      ["PUT", "/v2.1/servers/x", 400, fault, {}],
      ["DELETE", path, 204, json],
    ];
    for (const [method, path, status, type, body] of rows) {
      await t.step(`${method} ${path.replace(id, "<id>")}: ${status}`, async () => {
        const answered = await cloud.ask("member", method, path, { mv: "2.90", body });
        assertEquals(answered.status, status, answered.text);
        assertEquals(answered.headers.get("content-type"), type);
        assertEquals(
          answered.text === "",
          status === 204 || status === 201 || path.endsWith("action"),
        );
        checkRequestIds(answered);
        checkVersionHeaders(answered, "2.90");
      });
    }
  } finally {
    await cloud.close();
  }
});

Deno.test("where a Location is given", async () => {
  const cloud = await TestCloud.open();
  try {
    const { demo } = cloud.projectIds;
    const plain = await cloud.plain();
    const post = (path: string, more: Json = {}) =>
      cloud.ask("member", "POST", path, { mv: "2.90", body: { server: { ...plain, ...more } } });
    const created = await post("/v2.1/servers");
    const self = created.json.server.links[0].href;
    assertEquals(created.headers.get("location"), self);
    assertEquals(self, `${ORIGIN}/v2.1/servers/${created.json.server.id}`);
    const within = await post(`/v2.1/${demo}/servers`);
    assertEquals(
      within.headers.get("location"),
      `${ORIGIN}/v2.1/${demo}/servers/${within.json.server.id}`,
    );
    const reserved = await post("/v2.1/servers", { return_reservation_id: true });
    assertEquals(reserved.headers.get("location"), null);
    assertEquals(Object.keys(reserved.json), ["reservation_id"]);
    assertMatch(reserved.json.reservation_id, /^r-[0-9a-z]{8}$/);
    await cloud.cloud.settled();

    const path = `/v2.1/servers/${created.json.server.id}/tags/a%20b`;
    const tagged = await cloud.ask("member", "PUT", path, { mv: "2.26" });
    assertEquals(tagged.headers.get("location"), `${ORIGIN}${path}`);
    const again = await cloud.ask("member", "PUT", path, { mv: "2.26" });
    assertEquals(again.headers.get("location"), null);
  } finally {
    await cloud.close();
  }
});

// Versions

Deno.test("versions, documents and request ids", async (t) => {
  const cloud = await TestCloud.open();
  try {
    for (const row of NEGOTIATION) {
      const [openstack, nova] = row;
      await t.step(`${openstack} | ${nova}`, () => negotiate(cloud, row));
    }
    await t.step("the version documents", () => checkDocuments(cloud));
    await t.step("request ids", async () => {
      const given = "req-11111111-2222-3333-4444-555555555555";
      const headers = { "x-openstack-request-id": given };
      const one = await cloud.ask("member", "GET", "/v2.1/flavors/1", { headers });
      const two = await cloud.ask("member", "GET", "/v2.1/flavors/1", { headers });
      const ids = [one, two].map((answered) => answered.headers.get("x-openstack-request-id"));
      assertEquals(new Set([...ids, given]).size, 3);
      const root = await cloud.ask("none", "GET", "/");
      assertEquals(root.headers.get("x-openstack-request-id"), null);
      assertEquals(root.headers.get("x-compute-request-id"), null);
    });
  } finally {
    await cloud.close();
  }
});

/** The two headers, and the version that is used, or how it is refused. */
type Negotiated = readonly [
  openstack: string | undefined,
  nova: string | undefined,
  used: string | { readonly status: 400 | 406; readonly version: string },
];

const malformed = (version: string) => ({ status: 400, version } as const);
const unsupported = (version: string) => ({ status: 406, version } as const);

const NEGOTIATION: readonly Negotiated[] = [
  [undefined, undefined, "2.1"],
  ["compute 2.1", undefined, "2.1"],
  ["compute 2.53", undefined, "2.53"],
  ["compute 2.104", undefined, "2.104"],
  ["compute latest", undefined, "2.104"],
  ["volume 3.1, compute 2.9", undefined, "2.9"],
  ["compute 2.9, volume 3.1", undefined, "2.9"],
  ["volume 3.1", undefined, "2.1"],
  ["rocket 2.9", undefined, "2.1"],
  ["2.9", undefined, "2.1"],
  ["", undefined, "2.1"],
  ["compute", undefined, "2.1"],
  ["COMPUTE 2.53", undefined, "2.53"],
  ["  compute   2.53  ", undefined, "2.53"],
  ["nova 2.53", undefined, "2.1"],
  [undefined, "2.53", "2.53"],
  [undefined, "latest", "2.104"],
  [undefined, "", "2.1"],
  ["compute 2.90", "2.10", "2.90"],
  ["volume 3.1", "2.10", "2.10"],
  ["compute 2.0", undefined, unsupported("2.0")],
  ["compute 2.105", undefined, unsupported("2.105")],
  ["compute 2.999", undefined, unsupported("2.999")],
  ["compute 1.1", undefined, unsupported("1.1")],
  ["compute 3.0", undefined, unsupported("3.0")],
  [undefined, "2.999", unsupported("2.999")],
  ["compute foo", undefined, malformed("foo")],
  ["compute 2", undefined, malformed("2")],
  ["compute 2.01", undefined, malformed("2.01")],
  ["compute 2.1.1", undefined, malformed("2.1.1")],
  ["compute LATEST", undefined, malformed("LATEST")],
  ["compute -2.1", undefined, malformed("-2.1")],
  [undefined, "foo", malformed("foo")],
];

async function negotiate(cloud: TestCloud, [openstack, nova, used]: Negotiated): Promise<void> {
  const headers = {
    ...(openstack !== undefined && { "openstack-api-version": openstack }),
    ...(nova !== undefined && { "x-openstack-nova-api-version": nova }),
  };
  for (const [as, path] of [["member", "/v2.1/flavors/1"], ["none", "/v2.1/"]] as const) {
    const answered = await cloud.ask(as, "GET", path, { headers });
    if (typeof used === "string") {
      assertEquals(answered.status, 200, answered.text);
      checkVersionHeaders(answered, used);
      continue;
    }
    const { status, version } = used;
    assertEquals(answered.status, status, answered.text);
    if (status === 406) {
      checkFault(
        answered,
        `Version ${version} is not supported by the API. Minimum is 2.1 and maximum is 2.104.`,
      );
      checkVersionHeaders(answered, version);
    } else {
      checkFault(
        answered,
        `API Version String ${version} is of invalid format. Must be of format MajorNum.MinorNum.`,
      );
      refuseVersionHeaders(answered);
    }
    checkRequestIds(answered);
  }
  const root = await cloud.ask("none", "GET", "/", { headers });
  assertEquals(root.status, 200, "the root ignores versions");
  refuseVersionHeaders(root);
}

async function checkDocuments(cloud: TestCloud): Promise<void> {
  const version = (path: string, id: string) => ({
    id,
    status: id === "v2.1" ? "CURRENT" : "DEPRECATED",
    version: id === "v2.1" ? "2.104" : "",
    min_version: id === "v2.1" ? "2.1" : "",
    updated: id === "v2.1" ? "2013-07-23T11:33:21Z" : "2025-07-04T12:00:00Z",
    links: [{ rel: "self", href: `${ORIGIN}/${path}/` }],
  });
  const root = await cloud.ask("none", "GET", "/");
  assertEquals(root.status, 200);
  assertEquals(root.json, { versions: [version("v2", "v2.0"), version("v2.1", "v2.1")] });
  for (const [path, id, number] of [["v2.1", "v2.1", "2.1"], ["v2", "v2.0", "2"]] as const) {
    const one = version(path, id);
    const document = {
      version: {
        ...one,
        links: [...one.links, {
          rel: "describedby",
          type: "text/html",
          href: "http://docs.openstack.org/",
        }],
        "media-types": [{
          base: "application/json",
          type: `application/vnd.openstack.compute+json;version=${number}`,
        }],
      },
    };
    for (const asked of [`/${path}`, `/${path}/`]) {
      for (const as of ["none", "member"] as const) {
        assertEquals((await cloud.ask(as, "GET", asked)).json, document, asked);
      }
    }
  }
  for (const asked of ["/foo", "/v3/servers", "/v9/", "/v2.10/servers/detail"]) {
    const answered = await cloud.ask("none", "GET", asked);
    const rest = asked.replace(/^\/|\/$/g, "");
    assertEquals(answered.status, 300, asked);
    assertEquals(
      answered.json.choices.map(({ links }: Json) => links[0].href),
      [`${ORIGIN}/v2/${rest}`, `${ORIGIN}/v2.1/${rest}`],
    );
    assertEquals(Object.keys(answered.json.choices[0]), ["id", "status", "links", "media-types"]);
  }
}

// With other clouds

Deno.test("several networks and none named", async () => {
  const cloud = await TestCloud.open();
  try {
    await cloud.cloud.committer.submit(
      {
        actor: { userId: "test", projectId: "", roles: [] },
        requestId: `req-${UNKNOWN}`,
        command: "Test",
      },
      (unit) =>
        seedNetworks(unit, {
          networkId: crypto.randomUUID(),
          subnetId: crypto.randomUUID(),
          projectId: cloud.projectIds.admin,
        }),
    );
    const plain = await cloud.plain();
    for (const [networks, mv] of [["auto", "2.90"], [[], "2.90"], [undefined, "2.1"]] as const) {
      const body = { server: { ...plain, networks } };
      const answered = await cloud.ask("member", "POST", "/v2.1/servers", { mv, body });
      assertEquals(answered.status, 409, answered.text);
      checkFault(
        answered,
        "More than one possible network found. Specify network ID(s) to select which one(s) to " +
          "connect to.",
      );
    }
  } finally {
    await cloud.close();
  }
});

Deno.test("a pin is not moved, and can be put and taken off", async () => {
  const cloud = await TestCloud.open();
  try {
    const id = await cloud.create({ availability_zone: "nova" });
    const pin = (zone: string | null) =>
      cloud.ask("member", "PUT", `/v2.1/servers/${id}`, {
        mv: "2.104",
        body: { server: { pinned_availability_zone: zone } },
      });
    const moved = await pin("mars");
    assertEquals(moved.status, 409);
    checkFault(moved, /^Cannot change pinned availability zone directly\. /);
    assertEquals((await pin("nova")).json.server.pinned_availability_zone, "nova");
    assertEquals((await pin(null)).json.server.pinned_availability_zone, null);
    assertEquals((await pin("nova")).json.server.pinned_availability_zone, "nova");
  } finally {
    await cloud.close();
  }
});

Deno.test("fifty tags and no more", async () => {
  const cloud = await TestCloud.open();
  try {
    const tags = Array.from({ length: 50 }, (_, place) => `t${place}`);
    const id = await cloud.create({ tags });
    for (const tag of ["new", "t0"]) {
      const path = `/v2.1/servers/${id}/tags/${tag}`;
      const answered = await cloud.ask("member", "PUT", path, { mv: "2.26" });
      assertEquals(answered.status, 400, answered.text);
      checkFault(answered, "The number of tags exceeded the per-server limit 50");
    }
  } finally {
    await cloud.close();
  }
});

Deno.test("quota, exactly and in Nova's words", async () => {
  const cloud = await TestCloud.open();
  try {
    await cloud.limit({ instances: 2, cores: 20, ram: 51200 });
    const plain = await cloud.plain();
    const post = (more: Json = {}) =>
      cloud.ask("member", "POST", "/v2.1/servers", {
        mv: "2.90",
        body: { server: { ...plain, ...more } },
      });
    const over = await post({ min_count: 3 });
    assertEquals(over.status, 403);
    checkFault(
      over,
      "Quota exceeded for instances: Requested 3, but already used 0 of 2 instances",
    );
    assertEquals(over.headers.get("retry-after"), null);
    assertEquals((await post({ min_count: 1, max_count: 5 })).status, 202);
    const { json } = await cloud.ask("member", "GET", "/v2.1/servers");
    assertEquals(json.servers.map(({ name }: Json) => name).sort(), ["x-1", "x-2"]);
    const one = await post();
    checkFault(one, "Quota exceeded for instances: Requested 1, but already used 2 of 2 instances");
    // An unknown reference beats the quota.
    checkFault(await post({ imageRef: UNKNOWN }), "Can not find requested image");
  } finally {
    await cloud.close();
  }
});
