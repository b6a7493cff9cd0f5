/** /flavors with access and extra specs: conversations. */
import { assert, assertEquals } from "@std/assert";
import { type Asked, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import type { Json } from "../kit/samples.ts";

function asking(cloud: TestCloud, as: Role = "admin") {
  return (method: string, path: string, asked: Asked = {}) =>
    cloud.ask(as, method, `/v2.1/flavors${path}`, asked);
}

const LEAST = { name: "test_flavor", ram: 1024, vcpus: 2, disk: 10, id: "10" };
const body = (more: Json = {}) => ({ flavor: { ...LEAST, ...more } });
const isPrivate = { "os-flavor-access:is_public": false };

Deno.test("a flavor is created, used, changed and deleted", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const made = await ask("POST", "", { mv: "2.75", body: body({ swap: "7", description: "d" }) });
    assertEquals(
      [
        made.status,
        made.json.flavor.swap,
        made.json.flavor.description,
        made.json.flavor.extra_specs,
      ],
      [200, 7, "d", {}],
    );
    await cloud.create({ flavorRef: "10" });
    const changed = { flavor: { description: null } };
    assertEquals((await ask("PUT", "/10", { mv: "2.54", body: changed })).status, 404);
    const put = await ask("PUT", "/10", { mv: "2.55", body: changed });
    assertEquals(put.json.flavor.description, null);
    const gone = await ask("DELETE", "/10");
    assertEquals([gone.status, gone.text], [202, ""]);
    for (const [method, sent] of [["GET"], ["PUT", changed], ["DELETE"]] as const) {
      const answered = await ask(method, "/10", { mv: "2.90", ...(sent && { body: sent }) });
      assertEquals(answered.json, {
        itemNotFound: { code: 404, message: "Flavor 10 could not be found." },
      });
    }
    const names = (await ask("GET", "?is_public=none")).json.flavors.map(({ name }: Json) => name);
    assert(!names.includes("test_flavor") && !names.includes(""));
  });
});

Deno.test("an id and a name are taken once; no id makes one", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    await ask("POST", "", { body: body() });
    const conflict = async (more: Json) =>
      (await ask("POST", "", { body: body(more) })).json.conflictingRequest?.message;
    assertEquals(await conflict({ name: "other" }), "Flavor with ID 10 already exists.");
    assertEquals(await conflict({ id: "11" }), "Flavor with name test_flavor already exists.");
    const made = await ask("POST", "", { body: body({ id: null, name: "other" }) });
    assert(/^[0-9a-f-]{36}$/.test(made.json.flavor.id));
  });
});

Deno.test("bodies that Nova refuses, microversion by microversion", async (t) => {
  await withCloud(async (cloud) => {
    const REFUSED: readonly (readonly [string, Json, string])[] = [
      ["2.1", { ram: 0 }, "0 is less than the minimum of 1"],
      ["2.1", { vcpus: "x" }, "'x' does not match"],
      ["2.1", { disk: 2147483648 }, "is greater than the maximum"],
      ["2.1", { id: " 1" }, "' 1' does not match"],
      ["2.1", { rxtx_factor: 0 }, "0 is less than or equal to the minimum of 0"],
      ["2.1", { rxtx_factor: "0" }, "'rxtx_factor' argument must be a float between 0 and"],
      ["2.54", { description: "d" }, "'description' was unexpected"],
      ["2.102", { rxtx_factor: 1 }, "'rxtx_factor' was unexpected"],
    ];
    for (const [mv, more, words] of REFUSED) {
      await t.step(`${mv}: ${words}`, async () => {
        const answered = await asking(cloud)("POST", "", { mv, body: body(more) });
        assertEquals(answered.status, 400, answered.text);
        assert(answered.json.badRequest.message.includes(words), answered.text);
      });
    }
  });
});

Deno.test("a private flavor is for the projects that were let in, and for administrators", async () => {
  await withCloud(async (cloud) => {
    const [admin, member] = [asking(cloud), asking(cloud, "member")];
    const tenant = cloud.projectIds.demo;
    await admin("POST", "", { body: body(isPrivate) });
    const create = async () => {
      const server = { ...await cloud.plain(), flavorRef: "10" };
      return await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body: { server } });
    };
    const listed = async (ask: typeof member, query = "") =>
      (await ask("GET", query)).json.flavors.some(({ id }: Json) => id === "10");

    assertEquals((await member("GET", "/10")).status, 404);
    assertEquals((await create()).json.badRequest.message, "Flavor 10 could not be found.");
    assertEquals([await listed(member), await listed(admin)], [false, false]);
    assertEquals(await listed(admin, "?is_public=false"), true);

    const added = await admin("POST", "/10/action", { body: { addTenantAccess: { tenant } } });
    assertEquals(added.json, { flavor_access: [{ flavor_id: "10", tenant_id: tenant }] });
    assertEquals((await member("GET", "/10")).status, 200);
    assertEquals((await member("GET", "/10/os-extra_specs")).status, 200);
    assertEquals((await asking(cloud, "stranger")("GET", "/10")).status, 404);
    assertEquals([await listed(member), await listed(admin)], [true, false]);
    assertEquals((await create()).status, 202);

    const remove = { removeTenantAccess: { tenant } };
    assertEquals((await admin("POST", "/10/action", { body: remove })).json, { flavor_access: [] });
    assertEquals((await admin("POST", "/10/action", { body: remove })).status, 404);
    assertEquals((await member("GET", "/10")).status, 404);
  });
});

Deno.test("access to a public flavor: refused from 2.7 on, and never listed", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const add = { addTenantAccess: { tenant: "p" } };
    const refused = await ask("POST", "/1/action", { mv: "2.7", body: add });
    assertEquals(
      refused.json.conflictingRequest.message,
      "Can not add access to a public flavor.",
    );
    assertEquals((await ask("POST", "/1/action", { mv: "2.6", body: add })).status, 200);
    assertEquals(
      (await ask("GET", "/1/os-flavor-access")).json.itemNotFound.message,
      "Access list not available for public flavors.",
    );
    const message = async (sent: unknown) =>
      (await ask("POST", "/1/action", { body: sent })).json.badRequest.message;
    assertEquals(await message({ dance: {} }), "There is no such action: dance");
    assertEquals(await message({}), "Malformed request body");
    assertEquals(await message("no json"), "Malformed request body");
    assert((await message({ addTenantAccess: {} })).includes("'tenant' is a required property"));
  });
});

Deno.test("extra specs are set one by one or together, and validated from 2.86 on", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const path = "/1/os-extra_specs";
    const set = await ask("POST", path, {
      body: { extra_specs: { a: 1, "hw:cpu_policy": "foo" } },
    });
    assertEquals(set.json, { extra_specs: { a: 1, "hw:cpu_policy": "foo" } });
    assertEquals((await ask("GET", path)).json.extra_specs, { a: "1", "hw:cpu_policy": "foo" });
    assertEquals((await ask("PUT", `${path}/a`, { body: { a: "2" } })).json, { a: "2" });
    assertEquals((await ask("GET", `${path}/a`)).json, { a: "2" });
    assertEquals((await ask("GET", "/1", { mv: "2.61" })).json.flavor.extra_specs.a, "2");

    const bad = { extra_specs: { "hw:cpu_policy": "foo" } };
    assertEquals(
      (await ask("POST", path, { mv: "2.86", body: bad })).json.badRequest.message,
      "Validation failed; 'foo' is not one of: dedicated, shared, mixed.",
    );
    assertEquals((await ask("POST", path, { mv: "2.85", body: bad })).status, 200);
    assertEquals(
      (await ask("PUT", `${path}/a`, { body: { b: "2" } })).json.badRequest.message,
      "Request body and URI mismatch",
    );
    assertEquals((await ask("PUT", `${path}/a`, { body: { a: "1", b: "2" } })).status, 400);
    const gone = await ask("DELETE", `${path}/a`);
    assertEquals([gone.status, gone.text], [200, ""]);
    for (const method of ["GET", "DELETE"]) {
      assertEquals(
        (await ask(method, `${path}/a`)).json.itemNotFound.message,
        "Flavor 1 has no extra specs with key a.",
      );
    }
    assertEquals((await ask("GET", "/none/os-extra_specs")).status, 404);
    assertEquals((await ask("POST", "/none/os-extra_specs", { body: bad })).status, 404);
  });
});

Deno.test("the name filter of 2.102 is a pattern", async () => {
  await withCloud(async (cloud) => {
    const names = async (query: string, mv: string) =>
      (await asking(cloud, "member")("GET", query, { mv })).json.flavors?.map(({ name }: Json) =>
        name
      );
    assertEquals(await names("?name=SMALL|tiny", "2.102"), ["m1.tiny", "m1.small"]);
    assertEquals((await names("?name=small", "2.74")).length, 5);
    assertEquals(await names("?name=small", "2.75"), undefined);
    assertEquals(await names("?sort_key=memory_mb&sort_dir=desc&limit=2", "2.102"), [
      "m1.xlarge",
      "m1.large",
    ]);
  });
});

Deno.test("only administrators manage flavors", async (t) => {
  await withCloud(async (cloud) => {
    const specs = { extra_specs: {} };
    const ROWS: readonly (readonly [string, string, string, unknown?])[] = [
      ["os-flavor-manage:create", "POST", "", body()],
      ["os-flavor-manage:update", "PUT", "/1", { flavor: { description: "" } }],
      ["os-flavor-manage:delete", "DELETE", "/1"],
      ["os-flavor-access", "GET", "/1/os-flavor-access"],
      ["os-flavor-access:add_tenant_access", "POST", "/1/action", {
        addTenantAccess: { tenant: "p" },
      }],
      ["os-flavor-access:remove_tenant_access", "POST", "/1/action", {
        removeTenantAccess: { tenant: "p" },
      }],
      ["os-flavor-extra-specs:create", "POST", "/1/os-extra_specs", specs],
      ["os-flavor-extra-specs:update", "PUT", "/1/os-extra_specs/a", { a: "1" }],
      ["os-flavor-extra-specs:delete", "DELETE", "/1/os-extra_specs/a"],
    ];
    for (const [rule, method, path, sent] of ROWS) {
      await t.step(rule, async () => {
        const asked = { mv: "2.90", ...(sent !== undefined && { body: sent }) };
        const answered = await asking(cloud, "member")(method, path, asked);
        assertEquals(
          answered.json.forbidden?.message,
          `Policy doesn't allow os_compute_api:${rule} to be performed.`,
        );
        assertEquals((await cloud.ask("none", method, `/v2.1/flavors${path}`, asked)).status, 401);
      });
    }
  });
});
