/**
 * Thousands of odd requests: none may end in an error of ours, take long, or write something when
 * it is refused.
 *
 * A failure prints its seed; CHRONOVA_FUZZ_SEED sets it, and CHRONOVA_FUZZ_SECONDS for how long.
 */
import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { ORIGIN, type Role, TestCloud } from "../kit/cloud.ts";
import { type Json, makeFlavor, mountedRoutes } from "../kit/samples.ts";
import {
  allowed,
  minorOf,
  mutations,
  type OperationEntry,
  OPERATIONS,
  rangesOf,
  type Schema,
} from "../kit/schemas.ts";

const SEED = Number(Deno.env.get("CHRONOVA_FUZZ_SEED") ?? 42);
const SECONDS = Number(Deno.env.get("CHRONOVA_FUZZ_SECONDS") ?? 12);
/** How many requests at most. */
const RUNS = Math.ceil(500 * SECONDS);
/** How long one answer may take. */
const PATIENCE_MS = 3000;

interface Sent {
  readonly as: Role | "none";
  readonly method: string;
  /** With the query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

// What is sent

const ODD_TEXT = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "x\udfff",
    "\u202eabc",
    "😀",
    "ﷺ",
    "\u2028",
    "\ufeff",
    "../../etc/passwd",
    "'; drop table servers; --",
    "%s%n%x",
    "{{7*7}}",
    "null",
    "__proto__",
    "constructor",
    "toString",
    "1e309",
    "-0",
    "NaN",
    "true",
    "٣",
  ),
  fc.integer({ min: 1, max: 30_000 }).map((length) => "a".repeat(length)),
);

const ODD_NUMBER = fc.constantFrom(
  "0",
  "-0",
  "-1",
  "1e309",
  "-1e309",
  "1e-400",
  "9".repeat(400),
  "0.1",
  "2147483648",
  "9007199254740993",
  "1E5",
);

/** A body as text, since some of these are not the JSON of any value. */
const ODD_JSON = fc.oneof(
  fc.json({ maxDepth: 4 }),
  ODD_NUMBER,
  ODD_TEXT.map((text) => JSON.stringify(text)),
  ODD_TEXT.map((text) => JSON.stringify({ server: { name: text, metadata: { [text]: text } } })),
  ODD_TEXT.map((text) => JSON.stringify({ tags: [text, `${text}x`, "\ud800", "\ud801"] })),
  ODD_TEXT.map((text) => JSON.stringify({ metadata: { [text.slice(0, 200)]: text, a: "\ud800" } })),
  ODD_NUMBER.map((number) => `{"server": {"min_count": ${number}, "name": ${number}}}`),
  fc.constantFrom("server", "lock", "metadata", "tags").chain((key) =>
    ODD_NUMBER.map((number) => `{"${key}": ${number}}`)
  ),
  fc.integer({ min: 1, max: 50_000 }).chain((depth) =>
    fc.constantFrom(
      "[".repeat(depth),
      "[".repeat(depth) + "]".repeat(depth),
      `{"lock":${"[".repeat(depth)}${"]".repeat(depth)}}`,
      `{"server":${'{"a":'.repeat(depth / 6)}1${"}".repeat(depth / 6)}}`,
    )
  ),
  fc.constantFrom(
    "",
    "{",
    "null",
    '{"server": {"name": "x"}',
    '{"server": {}} {}',
    '{"__proto__": {"isAdmin": true}}',
    '{"server": {"__proto__": {"name": "x"}}}',
    '{"server": {"name": "x", "constructor": {"prototype": {}}}}',
    '{"metadata": {"__proto__": "x", "constructor": "y", "toString": "z"}}',
    '{"meta": {"__proto__": "x"}}',
    '{"__proto__": null}',
    '{"lock": {"__proto__": null}}',
    '{"lock": null, "lock": null}',
    '{"server": {"name": "a", "name": "b"}}',
    '{"server": {"name": "\\ud800"}}',
    '{"server": {"name": "\\u0000"}}',
    "\ufeff{}",
    "{'server': {}}",
    "[1,]",
    "NaN",
    "x=1&y=2",
    "<xml/>",
  ),
  fc.integer({ min: 114_600, max: 114_800 }).map((length) => " ".repeat(length)),
  fc.integer({ min: 1000, max: 20_000 }).map((length) =>
    JSON.stringify(
      Object.fromEntries(Array.from({ length: length / 10 }, (_, place) => [place, 0])),
    )
  ),
);

/** An operation with a body, at the microversions that share a schema. */
interface WithBody {
  readonly method: string;
  readonly path: string;
  readonly minor: fc.Arbitrary<number>;
  readonly body: fc.Arbitrary<string>;
}

/** Those that there is a route for, by what they are about; making a key takes long, and is left out. */
const WITH_BODY: readonly (readonly WithBody[])[] = [
  ...Map.groupBy(
    OPERATIONS.filter(({ id, method, path, request_schema }) =>
      request_schema && id !== "keypairs.create" && isMounted(method, path)
    ),
    ({ id, action }) => action === null ? id : "actions",
  ).values(),
].map((operations) => operations.flatMap(withBody)).filter((operations) => operations.length > 0);

function isMounted(method: string, path: string): boolean {
  const shape = (text: string) => text.replace(/:\w+|\{\w+\}/g, "*");
  return mountedRoutes().some((route) =>
    route.method === method && shape(route.path) === shape(`/v2.1${path}`)
  );
}

function withBody({ method, path, min, request_schema }: OperationEntry): WithBody[] {
  const since = minorOf(min) ?? 1;
  return rangesOf(request_schema!)
    .filter(({ to, schema }) => to >= since && Object.keys(schema).length > 0)
    .map(({ from, to, schema }) => ({
      method,
      path,
      minor: fc.integer({ min: Math.max(from, since), max: to }),
      body: path === "/servers" ? fc.oneof(spoilt(schema), feasible(schema)) : spoilt(schema),
    }));
}

/** A flavor that no request deletes: its id is in no path. */
const FLAVOR = "2";

/** Stands for the id of an image. */
const IMAGE = "AN-IMAGE";

/** A create that refers to what is there. */
function feasible(schema: Schema): fc.Arbitrary<string> {
  return spoilt(schema).map((text) => {
    const body = JSON.parse(text);
    if (typeof body?.server !== "object" || body.server === null) return text;
    const { key_name: _, security_groups: __, availability_zone: ___, ...rest } = body.server;
    const there = { flavorRef: FLAVOR, imageRef: IMAGE, max_count: 2, min_count: 1 };
    return JSON.stringify({ server: { ...rest, networks: [], ...there } });
  });
}

const SPOILT = WITH_BODY.flat().map(({ body }) => body);

/** What the schema allows: as it is, with one thing wrong, or with one odd text in it. */
function spoilt(schema: Schema): fc.Arbitrary<string> {
  return allowed(schema).chain((body) =>
    fc.oneof(
      fc.constant(body),
      fc.constantFrom(...mutations(schema, body).map(({ value }) => value)),
      fc.tuple(fc.nat(), ODD_TEXT).map(([place, text]) => replaceText(body, place, text)),
    )
  ).map((body) => JSON.stringify(body));
}

/** The same with one of its texts replaced. */
function replaceText(body: Json, place: number, text: string): Json {
  const copy = structuredClone({ body });
  const texts: (readonly [Json, string])[] = [];
  const collect = (part: Json) => {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === "string") texts.push([part, key]);
      else if (typeof value === "object" && value !== null) collect(value);
    }
  };
  collect(copy);
  if (texts.length > 0) {
    const [part, key] = texts[place % texts.length]!;
    part[key] = text;
  }
  return copy.body;
}

const BODIES: fc.Arbitrary<Sent["body"]> = fc.oneof(
  { weight: 4, arbitrary: ODD_JSON },
  { weight: 4, arbitrary: fc.oneof(...SPOILT) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
  },
  // Cut off anywhere.
  {
    weight: 1,
    arbitrary: fc.tuple(fc.oneof(...SPOILT), fc.nat())
      .map(([text, place]) => text.slice(0, place % (text.length + 1))),
  },
);

const PARAMETERS = [
  ...Object.keys(rangesOf("query/servers.index.json").at(-1)!.schema.properties),
  "minRam",
  "minDisk",
  "is_public",
  "_x",
  "__proto__",
  "constructor",
  "foo",
];

const ODD_VALUE = fc.oneof(
  ODD_TEXT.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    "%",
    "%zz",
    "%ff",
    "%00",
    "%u1234",
    "+",
    "a=b=c",
    "2020-01-01",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00%2B23:59",
    "99999999999999999999",
    "-1",
    "1.5",
    "0x10",
    "asc",
    "desc",
    "uuid",
    "created_at",
    "display_name",
    "ACTIVE",
    "deleted",
    "t1,t2,,",
    "(a%2B)%2B%24",
    "(.*)*(.*)*(.*)*x",
    "%5B%5B%5B",
    "a{1,1000000}",
    "(%3FP<x>a)%5C1",
    "(%3F=a)b",
    "(%3F<!a)b",
    "%5C",
    "%5Cp{L}",
  ),
  fc.integer({ min: 1, max: 8000 }).chain((length) =>
    fc.constantFrom(
      "(".repeat(length) + ")".repeat(length),
      "(".repeat(length) + "a" + ")*".repeat(length),
      "%5B".repeat(length),
      "a|".repeat(length) + "a",
      "a?".repeat(length) + "a".repeat(length),
      "a{1,1000}".repeat(length / 9),
      "(a{1,9}){1,99}".repeat(length / 15),
      `x${",x".repeat(length)}`,
      "t".repeat(length),
    )
  ),
);

const QUERIES = fc.oneof(
  fc.constant(""),
  fc.array(fc.tuple(fc.constantFrom(...PARAMETERS), ODD_VALUE), { maxLength: 4 })
    .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join("&")}`),
  fc.tuple(fc.constantFrom(...PARAMETERS), ODD_VALUE, fc.integer({ min: 2, max: 300 }))
    .filter(([name, value]) => name.length + value.length < 200)
    .map(([name, value, times]) => `?${Array(times).fill(`${name}=${value}`).join("&")}`),
  fc.constantFrom("?", "??", "?&&&", "?=", "?=x", "?%", "?%ff=1", "?limit", "?limit&limit=1", "#x"),
);

const HEADERS: fc.Arbitrary<Record<string, string>> = fc.record({
  "openstack-api-version": fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 104 }).map((minor) => `compute 2.${minor}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "compute 2.99999999999999999999",
        `compute 2.${"1".repeat(5000)}`,
        "compute latest",
        "compute \u00b2.1",
        "compute,compute,,compute 2.1",
        ",".repeat(5000),
        "compute 2.1 2.2",
        "compute -2.1",
        "compute 2.1;q=1",
      ),
    },
  ),
  "x-openstack-nova-api-version": fc.constantFrom("2.1", "latest", "x", "2.999", ""),
  "content-type": fc.oneof(
    { weight: 8, arbitrary: fc.constant("application/json") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "text/plain", ";", "application/xml", "a/b;c=\u00e9", "/"),
    },
  ),
  accept: fc.constantFrom(
    "*/*",
    ";;",
    "application/json",
    "text/html;q=x",
    ",,,",
    "a".repeat(9000),
  ),
  "x-auth-token": fc.oneof(
    { weight: 20, arbitrary: fc.constant("") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "x",
        ".",
        "c1..",
        "c1.e30.",
        "c1.bnVsbA.AAAA",
        "gAAAAA",
        "\u00e9",
        "x".repeat(50_000),
        ".".repeat(50_000),
      ),
    },
  ),
  "content-length": fc.constantFrom("0", "1", "999999999", "-1", "x"),
}, { requiredKeys: [] });

function paths(ids: readonly string[]): fc.Arbitrary<string> {
  const id = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ids) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        ODD_TEXT.map((text) => encodeURIComponent(text.toWellFormed())),
        fc.constantFrom("..", "%2e%2e", ".", "%2f", "%00", "%", "%ff", "%ED%A0%80", "detail", "*"),
        fc.integer({ min: 1, max: 40_000 }).map((length) => "9".repeat(length)),
      ),
    },
  );
  const routes = mountedRoutes().map(({ path }) =>
    path.replace("/v2.1", "").replace(/:\w+/g, "ID")
  );
  const route = fc.constantFrom(...new Set([...routes, "/servers/ID", "/ID", "/", ""]));
  const prefix = fc.oneof(
    { weight: 12, arbitrary: fc.constant("/v2.1") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "/v2.1/",
        "//v2.1",
        "/v2.1/PROJECT",
        "/v2.1//PROJECT//",
        "/v2.1/-",
        "/v2.1/..",
        "/v2.1/%2e%2e",
        "/v2",
        "/v2.1%2f",
        "/V2.1",
        "/v2.10",
        "/",
        "/x",
        "/.well-known",
        "",
      ),
    },
  );
  return fc.tuple(prefix, route, fc.array(id, { minLength: 2, maxLength: 2 }))
    .map(([start, end, [one, other]]) =>
      `${start}${end}`.replace("ID", () => one!).replace("ID", () => other!)
    );
}

const METHODS = [
  "GET",
  "GET",
  "POST",
  "POST",
  "PUT",
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "BREW",
] as const;

const CALLERS = ["member", "member", "padmin", "admin", "reader", "stranger", "none"] as const;

/** Anything to anywhere; what an operation might be sent; and lists of all kinds. */
function requests(ids: readonly string[], project: string): fc.Arbitrary<Sent> {
  const anything = fc.record({
    as: fc.constantFrom(...CALLERS),
    method: fc.constantFrom(...METHODS),
    path: fc.tuple(paths(ids), QUERIES).map(([path, query]) =>
      (path.startsWith("/") ? path : `/${path}`).replace("PROJECT", project) + query
    ),
    headers: HEADERS,
    body: BODIES,
  });
  const [active] = ids as [string];
  const id = fc.oneof(
    { weight: 9, arbitrary: fc.constant(active) },
    { weight: 1, arbitrary: fc.constantFrom(...ids) },
  );
  const likely = fc.oneof(...WITH_BODY.map((operations) => fc.constantFrom(...operations)))
    .chain(({ method, path, minor, body }) =>
      fc.record({
        as: fc.constantFrom("member", "padmin"),
        method: fc.constant(method),
        path: fc.tuple(id, fc.constantFrom(...ids))
          .map(([one, other]) => `/v2.1${path.replace(/\{\w+\}/, one).replace(/\{\w+\}/, other)}`),
        headers: minor.map((one) => ({ "openstack-api-version": `compute 2.${one}` })),
        body,
      })
    );
  const lists = fc.record({
    as: fc.constantFrom("member", "padmin"),
    method: fc.constant("GET"),
    path: fc.tuple(
      fc.constantFrom("/servers", "/servers/detail", "/flavors", "/os-keypairs", "/limits"),
      fc.array(fc.tuple(fc.constantFrom(...PARAMETERS), ODD_VALUE), { minLength: 1, maxLength: 2 }),
    ).map(([path, pairs]) => `/v2.1${path}?${pairs.map((pair) => pair.join("=")).join("&")}`),
    headers: fc.integer({ min: 1, max: 104 })
      .map((minor) => ({ "openstack-api-version": `compute 2.${minor}` })),
    body: fc.constant(undefined),
  });
  return fc.oneof(
    { weight: 2, arbitrary: anything },
    { weight: 4, arbitrary: likely },
    { weight: 3, arbitrary: lists },
  );
}

// What must hold

Deno.test("odd requests end in no error of ours, soon, and write nothing when refused", async () => {
  const cloud = await TestCloud.open({ settings: { maxLimit: 20 } });
  try {
    const target = await Target.make(cloud);
    const property = fc.asyncProperty(
      requests(target.ids, cloud.projectIds.demo),
      async (sent) => {
        await holds(cloud, target.aimed(sent));
        await target.mend();
      },
    );
    await fc.assert(property, {
      seed: SEED,
      numRuns: RUNS,
      interruptAfterTimeLimit: SECONDS * 1000,
      markInterruptAsFailure: false,
    });
    const { status } = await cloud.ask("member", "GET", "/v2.1/servers/detail");
    assertEquals(status, 200, "the cloud is as well as before");
  } finally {
    await cloud.close();
  }
});

/** Stands for the id of a server that is well: there is another when it no longer is. */
const ACTIVE = "ACTIVE-SERVER";

/** What requests are aimed at. */
class Target {
  private constructor(
    private readonly cloud: TestCloud,
    /** Parts of paths that mean something: ids of every kind, keys, tags. */
    readonly ids: readonly string[],
    private readonly image: string,
    private active: string,
  ) {}

  static async make(cloud: TestCloud): Promise<Target> {
    await cloud.limit({ instances: -1, cores: -1, ram: -1 });
    await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
    const failed = await cloud.create({ flavorRef: "huge" });
    const foreign = await cloud.create({}, { as: "stranger" });
    const deleted = await cloud.create();
    await cloud.ask("member", "DELETE", `/v2.1/servers/${deleted}`);
    const others = [failed, foreign, deleted, "key", "red", "private", "1"];
    const ids = [ACTIVE, ACTIVE, ACTIVE, ...others];
    return new Target(cloud, ids, await cloud.imageId(), await Target.#server(cloud));
  }

  static #server(cloud: TestCloud): Promise<string> {
    const server = { networks: "auto", metadata: { key: "x" }, tags: ["red"] };
    return cloud.create({ ...server, flavorRef: FLAVOR });
  }

  aimed(sent: Sent): Sent {
    const { path, body } = sent;
    return {
      ...sent,
      path: path.replaceAll(ACTIVE, this.active),
      body: typeof body === "string" ? body.replaceAll(IMAGE, this.image) : body,
    };
  }

  async mend(): Promise<void> {
    const path = `/v2.1/servers/${this.active}`;
    const { json } = await this.cloud.ask("member", "GET", path, { mv: "2.9" });
    const isWell = json.server?.status === "ACTIVE" && !json.server.locked;
    if (!isWell) this.active = await Target.#server(this.cloud);
  }
}

async function holds(cloud: TestCloud, sent: Sent): Promise<void> {
  const request = requestOf(cloud, sent);
  if (!request) return;
  const head = async () => (await cloud.cloud.log.head()).position;
  const before = await head();
  const began = performance.now();
  const response = await within(PATIENCE_MS, cloud.cloud.fetch(request));
  const text = await response.text();
  const took = performance.now() - began;
  const about = `${sent.method} ${sent.path.slice(0, 300)}: ${response.status} ${
    text.slice(0, 300)
  }`;
  assert(response.status < 500, about);
  assert(took < PATIENCE_MS, `${about} took ${took} ms`);
  if (response.status >= 300) assertEquals(await head(), before, `written by ${about}`);
  if (response.headers.get("content-type")?.startsWith("application/json") && text !== "") {
    JSON.parse(text);
  }
  await cloud.cloud.settled();
}

/** Undefined where the platform itself would not take such a request. */
function requestOf(
  cloud: TestCloud,
  { as, method, path, headers, body }: Sent,
): Request | undefined {
  const { "x-auth-token": token, ...others } = headers;
  try {
    const all = new Headers(others);
    const known = token || (as === "none" ? undefined : cloud.tokens.get(as));
    if (known !== undefined) all.set("x-auth-token", known);
    const bodiless = method === "GET" || method === "HEAD";
    return new Request(ORIGIN + path, { method, headers: all, body: bodiless ? undefined : body });
  } catch {
    return undefined;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Over a socket: what no client library would send

Deno.test("odd bytes on a socket are answered or refused, and the cloud lives on", async (t) => {
  const cloud = await TestCloud.open();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => cloud.cloud.fetch(request),
  );
  try {
    const id = await cloud.create();
    const token = cloud.tokens.get("member")!;
    const { port } = server.addr;
    for (const [title, lines, body = ""] of rawRequests(id, token)) {
      await t.step(title, async () => {
        const answer = await raw(port, `${lines.join("\r\n")}\r\n\r\n${body}`);
        const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(answer) ?? [];
        // Without a status the server has closed the connection: it was not HTTP.
        assert(status === undefined || Number(status) < 500, answer.slice(0, 500));
        const well = await raw(port, `GET /v2.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        assert(well.startsWith("HTTP/1.1 200"), well);
      });
    }
    await t.step("empty answers say their length", async () => {
      for (
        const [method, path, content] of [
          ["POST", `/v2.1/servers/${id}/action`, '{"lock": null}'],
          ["POST", `/v2.1/servers/${id}/action`, '{"unlock": null}'],
          ["HEAD", `/v2.1/servers/${id}`, ""],
          ["OPTIONS", "/v2.1/servers", ""],
        ] as const
      ) {
        const answer = await raw(
          port,
          `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: ${token}\r\n` +
            `Content-Length: ${content.length}\r\nConnection: close\r\n\r\n${content}`,
        );
        assert(/\r\ncontent-length: 0\r\n/i.test(answer), answer);
      }
    });
  } finally {
    await server.shutdown();
    await cloud.close();
  }
});

type RawRequest = readonly [title: string, lines: readonly string[], body?: string];

function rawRequests(id: string, token: string): readonly RawRequest[] {
  const rest = ["Host: cloud.test", `X-Auth-Token: ${token}`, "Connection: close"];
  const targets = [
    "/v2.1/servers/../servers",
    "/v2.1/servers/%2e%2e/servers",
    "/v2.1/./servers",
    "/v2.1//servers",
    "//v2.1/servers",
    "//evil.test/v2.1/servers",
    "///",
    "/v2.1/servers//",
    `/v2.1/servers/${id}/..`,
    `/v2.1/servers/${id}%2fmetadata`,
    "/v2.1/servers/%",
    "/v2.1/servers/%ff",
    "/v2.1/servers/%00",
    "/v2.1/servers\\detail",
    "/v2.1/servers;a=b",
    "/v2.1/servers#detail",
    "/v2.1/servers?%",
    "/v2.1/servers?name=%ff",
    "/v2.1/servers?a=\u00e9",
    `/v2.1/servers/${"a".repeat(60_000)}`,
    `/v2.1/servers?name=${"a".repeat(60_000)}`,
    `/v2.1/servers?${"name=a&".repeat(8000)}`,
    `/v2.1/servers?tags=${"t,".repeat(30_000)}t`,
    `/v2.1/servers?tags-any=${Array.from({ length: 9000 }, (_, place) => `t${place}`)}`,
    `/v2.1/servers?not-tags-any=${Array.from({ length: 9000 }, (_, place) => `t${place}`)}`,
    `/v2.1/servers?limit=1&${"sort_key=uuid&".repeat(4000)}marker=${id}`,
    "*",
    "http://elsewhere.test/v2.1/servers",
    "http://[::1]:80/v2.1/servers",
    "v2.1/servers",
  ];
  return [
    ...targets.map((target): RawRequest => [
      `GET ${target.slice(0, 60)}`,
      [`GET ${target} HTTP/1.1`, ...rest],
    ]),
    ...[
      "",
      "Host:",
      "Host: a b",
      "Host: [",
      "Host: x:99999",
      "Host: \u00e9",
      "Host: a/b?c#d",
      "Host: user:pass@x",
      `Host: ${"x".repeat(5000)}`,
    ].flatMap((host): RawRequest[] =>
      ["/v2.1/servers", "/", "/v9/x", "/v2.1/", "/v2.1/nonsense"].flatMap((path) =>
        [`X-Auth-Token: ${token}`, "X-None: x"].map((auth): RawRequest => [
          `GET ${path} with ${host.slice(0, 30) || "no host"}, ${auth.slice(0, 7)}`,
          [`GET ${path} HTTP/1.1`, ...(host ? [host] : []), auth, "Connection: close"],
        ])
      )
    ),
    ["GET with a body", [`GET /v2.1/servers HTTP/1.1`, ...rest, "Content-Length: 5"], "hello"],
    ["DELETE with a body", [
      `DELETE /v2.1/servers/${id}/metadata/x HTTP/1.1`,
      ...rest,
      "Content-Length: 5",
    ], "hello"],
    ["a body in chunks", [
      "POST /v2.1/servers HTTP/1.1",
      ...rest,
      "Transfer-Encoding: chunked",
    ], "2\r\n{}\r\n0\r\n\r\n"],
    ["too large a body in chunks", [
      "POST /v2.1/servers HTTP/1.1",
      ...rest,
      "Transfer-Encoding: chunked",
    ], `1d000\r\n${"x".repeat(0x1d000)}\r\n0\r\n\r\n`],
    ["a length that is no number", [
      "POST /v2.1/servers HTTP/1.1",
      ...rest,
      "Content-Length: x",
    ], "{}"],
    ["two tokens", [`GET /v2.1/servers HTTP/1.1`, ...rest, "X-Auth-Token: other"]],
    ["two versions", [
      `GET /v2.1/servers HTTP/1.1`,
      ...rest,
      "OpenStack-API-Version: compute 2.9",
      "OpenStack-API-Version: compute 2.10",
    ]],
    ["bytes beyond ASCII in a header", [
      `GET /v2.1/servers HTTP/1.1`,
      ...rest,
      "OpenStack-API-Version: compute \u00e9",
    ]],
    ["HTTP/1.0", ["GET /v2.1/servers HTTP/1.0", `X-Auth-Token: ${token}`]],
    ["TRACE", ["TRACE /v2.1/servers HTTP/1.1", ...rest]],
    ["CONNECT", ["CONNECT cloud.test:80 HTTP/1.1", ...rest]],
    ["no HTTP at all", ["hello"]],
  ];
}

/** Sends text and reads until the connection is closed. */
async function raw(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    const reading = within(PATIENCE_MS, new Response(connection.readable).text());
    const bytes = new TextEncoder().encode(text);
    // A refused request's connection may be gone before all of it is written.
    for (let sent = 0; sent < bytes.length;) {
      try {
        sent += await connection.write(bytes.subarray(sent));
      } catch {
        break;
      }
    }
    return await reading.catch((error: Json) => {
      if (error instanceof Deno.errors.ConnectionReset) return "";
      throw error;
    });
  } finally {
    try {
      connection.close();
    } catch {
      // Closed by the reading already.
    }
  }
}
