/** /os-aggregates: CRUD, hosts, metadata, and the zones that follow from them. */
import { assertEquals } from "@std/assert";
import { type Answered, type TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

const PATH = "/v2.1/os-aggregates";
const IMAGE = "70a599e0-31e7-49b7-b260-868f441e862b";

function ask(
  cloud: TestCloud,
  method: string,
  path: string,
  body?: Json,
  mv = "2.90",
): Promise<Answered> {
  return cloud.ask("admin", method, `${PATH}${path}`, { mv, body });
}

async function make(cloud: TestCloud, name: string, zone?: string | null): Promise<number> {
  const aggregate = { name, ...(zone !== undefined && { availability_zone: zone }) };
  const made = await ask(cloud, "POST", "", { aggregate });
  assertEquals(made.status, 200, made.text);
  return made.json.aggregate.id;
}

function act(cloud: TestCloud, id: number, body: Json): Promise<Answered> {
  return ask(cloud, "POST", `/${id}/action`, body);
}

const add = (host: string) => ({ add_host: { host } });
const remove = (host: string) => ({ remove_host: { host } });
const metadata = (values: Json) => ({ set_metadata: { metadata: values } });

function refusal({ status, json }: Answered): [number, string] {
  return [status, Object.values<Json>(json)[0].message];
}

async function zonesOf(cloud: TestCloud): Promise<string[]> {
  const { json } = await cloud.ask("reader", "GET", "/v2.1/os-availability-zone");
  return json.availabilityZoneInfo.map((zone: Json) =>
    `${zone.zoneName} ${zone.zoneState.available}`
  );
}

Deno.test("only administrators may", async () => {
  await withCloud(async (cloud) => {
    const id = await make(cloud, "fast");
    for (
      const [method, path, rule, body] of [
        ["GET", "", "index"],
        ["POST", "", "create", { aggregate: { name: "x" } }],
        ["GET", `/${id}`, "show"],
        ["PUT", `/${id}`, "update", { aggregate: { name: "x" } }],
        ["DELETE", `/${id}`, "delete"],
        ["POST", `/${id}/action`, "add_host", add("compute-1")],
        ["POST", `/${id}/action`, "remove_host", remove("compute-1")],
        ["POST", `/${id}/action`, "set_metadata", metadata({})],
      ] as const
    ) {
      const refused = await cloud.ask("member", method, `${PATH}${path}`, { body });
      assertEquals(
        refusal(refused),
        [403, `Policy doesn't allow os_compute_api:os-aggregates:${rule} to be performed.`],
      );
    }
    const body = { cache: [{ id: IMAGE }] };
    const images = await cloud.ask("member", "POST", `${PATH}/1/images`, { mv: "2.81", body });
    assertEquals(
      refusal(images),
      [403, "Policy doesn't allow compute:aggregates:images to be performed."],
    );
  });
});

Deno.test("an aggregate's life", async () => {
  await withCloud(async (cloud) => {
    const id = await make(cloud, "fast", "london");
    const shown = async (mv = "2.41") => {
      const { created_at, uuid, updated_at, ...rest } =
        (await ask(cloud, "GET", `/${id}`, undefined, mv)).json.aggregate;
      return { ...rest, created: created_at.length, uuid: uuid?.length, changed: !!updated_at };
    };
    const fresh = {
      id,
      name: "fast",
      availability_zone: "london",
      deleted: false,
      deleted_at: null,
      hosts: [],
      metadata: { availability_zone: "london" },
      created: 26,
      uuid: 36,
      changed: false,
    };
    assertEquals(await shown(), fresh);
    assertEquals(await shown("2.40"), { ...fresh, uuid: undefined });
    await act(cloud, id, add("compute-2"));
    await act(cloud, id, add("compute-1"));
    assertEquals(await shown(), { ...fresh, hosts: ["compute-2", "compute-1"] });
    await act(cloud, id, metadata({ ssd: "true", gone: null }));
    await act(cloud, id, remove("compute-2"));
    const body = { aggregate: { name: "  faster ", availability_zone: "paris" } };
    assertEquals((await ask(cloud, "PUT", `/${id}`, body)).status, 200);
    assertEquals(await shown(), {
      ...fresh,
      name: "faster",
      availability_zone: "paris",
      hosts: ["compute-1"],
      metadata: { availability_zone: "paris", ssd: "true" },
      changed: true,
    });
    assertEquals(
      refusal(await ask(cloud, "DELETE", `/${id}`)),
      [400, "Cannot remove host from aggregate 1. Reason: Host aggregate is not empty."],
    );
    await act(cloud, id, remove("compute-1"));
    assertEquals((await ask(cloud, "DELETE", `/${id}`)).text, "");
    assertEquals((await ask(cloud, "GET", "")).json, { aggregates: [] });
    assertEquals(await make(cloud, "faster"), 2);
  });
});

Deno.test("what is not there, or there already, is refused in Nova's words", async () => {
  await withCloud(async (cloud) => {
    const id = await make(cloud, "fast");
    await make(cloud, "slow");
    await act(cloud, id, add("compute-1"));
    const action = `/${id}/action`;
    for (
      const [method, path, body, status, words] of [
        ["POST", "", { aggregate: { name: "FAST" } }, 409, "Aggregate FAST already exists."],
        ["PUT", `/${id}`, { aggregate: { name: "slow" } }, 409, "Aggregate slow already exists."],
        ["GET", "/x", undefined, 400, "Invalid input received: id must be an integer"],
        ["GET", "/9", undefined, 404, "Aggregate 9 could not be found."],
        ["DELETE", "/9", undefined, 404, "Aggregate 9 could not be found."],
        ["PUT", "/9", { aggregate: { name: "x" } }, 404, "Aggregate 9 could not be found."],
        ["POST", "/9/action", metadata({}), 404, "Aggregate 9 could not be found."],
        ["POST", "/9/action", add("compute-1"), 404, "Aggregate 9 could not be found."],
        ["POST", "/9/action", add("nowhere"), 404, "Compute host nowhere could not be found."],
        ["POST", action, add("compute-1"), 409, "Aggregate 1 already has host compute-1."],
        [
          "POST",
          action,
          remove("compute-2"),
          404,
          "Cannot remove host compute-2 in aggregate 1",
        ],
        ["POST", action, { grow: {} }, 400, "There is no such action: grow"],
        ["POST", action, [], 400, "Malformed request body"],
      ] as const
    ) {
      assertEquals(refusal(await ask(cloud, method, path, body)), [status, words]);
    }
  });
});

Deno.test("images are cached from 2.81 on, each once", async () => {
  await withCloud(async (cloud) => {
    const id = await make(cloud, "fast");
    const cache = (ids: string[], mv = "2.81", path = `/${id}/images`) =>
      ask(cloud, "POST", path, { cache: ids.map((id) => ({ id })) }, mv);
    assertEquals((await cache([IMAGE], "2.80")).status, 404);
    const accepted = await cache([IMAGE]);
    assertEquals([accepted.status, accepted.text], [202, ""]);
    assertEquals(refusal(await cache([IMAGE, IMAGE])), [400, "Duplicate images in request"]);
    assertEquals(refusal(await cache([IMAGE], "2.81", "/9/images")), [
      404,
      "Aggregate 9 could not be found.",
    ]);
  });
});

Deno.test("zones follow from aggregates, and servers go where theirs is", async () => {
  await withCloud(async (cloud) => {
    const id = await make(cloud, "a", "london");
    assertEquals(await zonesOf(cloud), ["nova true"]);
    await act(cloud, id, add("compute-1"));
    assertEquals(await zonesOf(cloud), ["london true", "nova true"]);
    for (const [zone, host] of [["london", "compute-1"], ["nova", "compute-2"]]) {
      const server = await cloud.create({ availability_zone: zone });
      const { json } = await cloud.ask("padmin", "GET", `/v2.1/servers/${server}`);
      assertEquals(json.server["OS-EXT-AZ:availability_zone"], zone);
      assertEquals(json.server["OS-EXT-SRV-ATTR:host"], host);
    }
    const body = { host: "compute-1", binary: "nova-compute" };
    await cloud.ask("admin", "PUT", "/v2.1/os-services/disable", { body });
    assertEquals(await zonesOf(cloud), ["nova true", "london false"]);
    const { json } = await cloud.ask("admin", "GET", "/v2.1/os-availability-zone/detail");
    assertEquals(
      json.availabilityZoneInfo.map(({ zoneName, hosts }: Json) => [
        zoneName,
        hosts && Object.keys(hosts),
      ]),
      [["internal", ["chronova"]], ["nova", ["compute-2"]], ["london", null]],
    );
    const server = { ...await cloud.plain(), availability_zone: "london" };
    const refused = await cloud.ask("member", "POST", "/v2.1/servers", {
      mv: "2.90",
      body: { server },
    });
    assertEquals(refusal(refused), [400, "The requested availability zone is not available"]);
  }, { settings: { simulatedHosts: 2 } });
});

Deno.test("a host is in one zone, which stays while it has servers", async () => {
  await withCloud(async (cloud) => {
    const [london, paris, plain] = [
      await make(cloud, "l", "london"),
      await make(cloud, "p", "paris"),
      await make(cloud, "x"),
    ];
    await act(cloud, london, add("compute-1"));
    assertEquals(refusal(await act(cloud, paris, add("compute-1"))), [
      409,
      "Cannot add host to aggregate 2. Reason: One or more hosts already in availability " +
      "zone(s) ['london'].",
    ]);
    assertEquals((await act(cloud, plain, add("compute-1"))).status, 200);
    await cloud.create({ host: "compute-1" }, { as: "padmin" });
    await cloud.create({ host: "compute-2" }, { as: "padmin" });
    const [status, words] = refusal(await act(cloud, paris, add("compute-2")));
    assertEquals([status, words.split(" but ")[0]], [
      409,
      "Cannot add host to aggregate 2. Reason: The host cannot be added to the aggregate as the " +
      "availability zone of the host would change from 'None' to 'paris'",
    ]);
    assertEquals(refusal(await act(cloud, london, remove("compute-1")))[0], 409);
    assertEquals((await act(cloud, plain, remove("compute-1"))).status, 200);
    const stays = "One or more hosts contain instances in this zone";
    const moved = { aggregate: { availability_zone: "rome" } };
    assertEquals(refusal(await ask(cloud, "PUT", `/${london}`, moved)), [
      400,
      `Cannot update aggregate 1. Reason: ${stays}.`,
    ]);
    assertEquals(refusal(await act(cloud, london, metadata({ availability_zone: "rome" }))), [
      400,
      `Cannot update metadata of aggregate 1. Reason: ${stays}.`,
    ]);
    const empty = { aggregate: { availability_zone: null } };
    assertEquals(refusal(await ask(cloud, "PUT", `/${london}`, empty)), [
      400,
      "Cannot update aggregate 1. Reason: Aggregate l does not support empty named availability " +
      "zone.",
    ]);
  });
});

Deno.test("a flavor's extra specs choose among aggregates", async () => {
  await withCloud(async (cloud) => {
    const id = await make(cloud, "fast");
    await act(cloud, id, add("compute-3"));
    await act(cloud, id, metadata({ ssd: "true" }));
    const extra_specs = { "aggregate_instance_extra_specs:ssd": "true" };
    await cloud.ask("admin", "POST", "/v2.1/flavors/1/os-extra_specs", { body: { extra_specs } });
    const server = await cloud.create();
    const { json } = await cloud.ask("padmin", "GET", `/v2.1/servers/${server}`);
    assertEquals(json.server["OS-EXT-SRV-ATTR:host"], "compute-3");
  });
});
