/** /os-server-groups: conversations. */
import { assert, assertEquals } from "@std/assert";
import Database from "better-sqlite3";
import { membersOf } from "../../src/compute/server_groups/projection.ts";
import { logPathIn } from "../../src/store/data_folder.ts";
import type { Reader } from "../../src/store/query.ts";
import { type Asked, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

function asking(cloud: TestCloud, as: Role = "member") {
  return (method: string, path: string, asked: Asked = {}) =>
    cloud.ask(as, method, `/v2.1/os-server-groups${path}`, asked);
}

function groupAt(minor: number, name = "test"): Json {
  return minor >= 64
    ? { name, policy: "anti-affinity", rules: { max_server_per_host: 3 } }
    : { name, policies: ["anti-affinity"] };
}

async function makeGroup(cloud: TestCloud, as: Role = "member", name = "test"): Promise<string> {
  const made = await asking(cloud, as)("POST", "", { body: { server_group: groupAt(1, name) } });
  return made.json.server_group.id;
}

Deno.test("members are the servers that were created into the group and are not deleted", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const id = await makeGroup(cloud);
    const hint = { "os:scheduler_hints": { group: id } };
    const create = async () => {
      const body = { server: await cloud.plain(), ...hint };
      const made = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
      await cloud.cloud.settled();
      return made.json.server.id as string;
    };
    const [one, two] = [await create(), await create()];
    await cloud.create({ name: "outside" });
    const members = async () => (await ask("GET", `/${id}`)).json.server_group.members;
    assertEquals(await members(), [one, two]);
    assertEquals((await ask("GET", "")).json.server_groups[0].members, [one, two]);
    await cloud.ask("member", "DELETE", `/v2.1/servers/${one}`);
    await cloud.cloud.settled();
    assertEquals(await members(), [two]);
    assertEquals((await ask("DELETE", `/${id}`)).status, 204);
    assertEquals((await cloud.ask("member", "GET", `/v2.1/servers/${two}`)).status, 200);
  });
});

Deno.test("members are looked up, however many servers the project has", async () => {
  await withCloud(async (cloud) => {
    const { reader } = cloud.cloud.log;
    const plans: string[] = [];
    const watching: Pick<Reader, "select"> = {
      select: (build) =>
        reader.select((db) => {
          const query = build(db as never);
          plans.push(...planOf(cloud.folder, query.compile()));
          return query;
        }),
    };
    await membersOf(watching as Reader, [{ id: "one" }, { id: "two" }]);
    assert(plans.some((plan) => plan.includes("servers_by_group (server_group=?")), plans.join());
    assert(plans.every((plan) => !plan.startsWith("SCAN")), plans.join());
  });
});

/** How SQLite goes about a query. */
function planOf(
  folder: string,
  { sql, parameters }: { readonly sql: string; readonly parameters: readonly unknown[] },
): readonly string[] {
  const database = new Database(logPathIn(folder), { readonly: true });
  try {
    return database.prepare(`explain query plan ${sql}`).all(parameters)
      .map((row: { detail: string }) => row.detail);
  } finally {
    database.close();
  }
}

Deno.test("a server is created into a group of its project, and into no other", async () => {
  await withCloud(async (cloud) => {
    const theirs = await makeGroup(cloud, "stranger");
    const gone = await makeGroup(cloud);
    await asking(cloud)("DELETE", `/${gone}`);
    for (const group of [theirs, gone, crypto.randomUUID()]) {
      const body = { server: await cloud.plain(), "os:scheduler_hints": { group } };
      const refused = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
      assertEquals(
        refused.json.badRequest.message,
        `Instance group ${group} could not be found.`,
      );
    }
  });
});

Deno.test("lists are of the project, oldest first, in pages; administrators may see all", async () => {
  await withCloud(async (cloud) => {
    for (const name of ["a", "b", "c"]) await makeGroup(cloud, "member", name);
    await makeGroup(cloud, "stranger", "d");
    const names = async (as: Role, query: string) =>
      (await asking(cloud, as)("GET", query)).json.server_groups.map(({ name }: Json) => name);
    assertEquals(await names("reader", ""), ["a", "b", "c"]);
    assertEquals(await names("member", "?limit=1&offset=1"), ["b"]);
    assertEquals(await names("member", "?limit=0"), ["a", "b", "c"]);
    assertEquals(await names("member", "?all_projects=1"), ["a", "b", "c"]);
    assertEquals(await names("admin", ""), []);
    assertEquals(await names("admin", "?all_projects"), ["a", "b", "c", "d"]);
    assertEquals((await asking(cloud)("GET", "?limit=x")).status, 400);
    assertEquals((await asking(cloud)("GET", "?colour=red", { mv: "2.74" })).status, 200);
    assertEquals((await asking(cloud)("GET", "?colour=red", { mv: "2.75" })).status, 400);
  });
});

Deno.test("bodies that Nova refuses, microversion by microversion", async (t) => {
  await withCloud(async (cloud) => {
    const REFUSED: readonly (readonly [string, Json, string])[] = [
      ["2.14", { name: "a", policies: ["soft-affinity"] }, "'soft-affinity' is not one of"],
      ["2.15", { name: "a", policies: [] }, "[] is too short"],
      ["2.15", { name: "a", policies: ["affinity", "anti-affinity"] }, "is too long"],
      ["2.63", { name: "a", policy: "affinity" }, "'policies' is a required property"],
      ["2.64", { name: "a", policies: ["affinity"] }, "'policy' is a required property"],
      ["2.64", { name: "a", policy: "legacy" }, "'legacy' is not one of"],
      ["2.64", { name: "", policy: "affinity" }, "'' is too short"],
      [
        "2.64",
        { name: "a", policy: "affinity", rules: { max_server_per_host: 1 } },
        "Only anti-affinity policy supports rules.",
      ],
      [
        "2.64",
        { name: "a", policy: "anti-affinity", rules: { max_server_per_host: 0 } },
        "0 is less than the minimum of 1",
      ],
    ];
    for (const [mv, server_group, words] of REFUSED) {
      await t.step(`${mv}: ${words}`, async () => {
        const answered = await asking(cloud)("POST", "", { mv, body: { server_group } });
        assertEquals(answered.status, 400, answered.text);
        assert(answered.json.badRequest.message.includes(words), answered.text);
      });
    }
    const soft = { server_group: { name: "a", policies: ["soft-affinity"] } };
    const made = await asking(cloud)("POST", "", { mv: "2.15", body: soft });
    assertEquals(made.json.server_group.policies, ["soft-affinity"]);
  });
});

Deno.test("the quota is exact under a race", async () => {
  await withCloud(async (cloud) => {
    await cloud.limit({ server_groups: 2 });
    const body = { server_group: groupAt(1) };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => asking(cloud)("POST", "", { body })),
    );
    assertEquals(answers.filter(({ status }) => status === 200).length, 2);
    assertEquals(
      answers.find(({ status }) => status === 403)!.json.forbidden.message,
      "Quota exceeded, too many server groups.",
    );
    const { absolute } = (await cloud.ask("member", "GET", "/v2.1/limits")).json.limits;
    assertEquals([absolute.totalServerGroupsUsed, absolute.maxServerGroups], [2, 2]);
    const path = `/v2.1/os-quota-sets/${cloud.projectIds.demo}`;
    const lower = { body: { quota_set: { server_groups: 1 } } };
    assertEquals((await cloud.ask("admin", "PUT", path, lower)).status, 400);
  });
});

Deno.test("who may; another project's group is forbidden, as in Nova", async () => {
  await withCloud(async (cloud) => {
    const id = await makeGroup(cloud);
    const status = async (as: Role, method: string, path: string, body?: unknown) =>
      (await asking(cloud, as)(method, path, { ...(body !== undefined && { body }) })).status;
    const body = { server_group: groupAt(1) };
    assertEquals(await status("reader", "GET", `/${id}`), 200);
    assertEquals(await status("reader", "DELETE", `/${id}`), 403);
    assertEquals(await status("reader", "POST", "", body), 403);
    assertEquals(await status("stranger", "GET", `/${id}`), 403);
    assertEquals(await status("stranger", "DELETE", `/${id}`), 403);
    assertEquals(await status("admin", "GET", `/${id}`), 200);
    const none = await asking(cloud)("GET", "/none");
    assertEquals(none.json.itemNotFound.message, "Instance group none could not be found.");
    assertEquals(await status("admin", "DELETE", `/${id}`), 204);
    assertEquals(await status("member", "DELETE", `/${id}`), 404);
    assertEquals((await cloud.ask("none", "GET", "/v2.1/os-server-groups")).status, 401);
  });
});
