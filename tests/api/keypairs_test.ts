/** /os-keypairs: conversations. */
import { assert, assertEquals } from "@std/assert";
import { type Asked, ORIGIN, type Role, TestCloud, withCloud } from "../kit/cloud.ts";
import { samplesOf } from "../kit/samples.ts";

const KEY: string = samplesOf("os-keypairs")
  .find(({ path }) => path === "os-keypairs/keypairs-import-post-req.json")!.json.keypair
  .public_key;

function asking(cloud: TestCloud, as: Role = "member") {
  return (method: string, path: string, asked: Asked = {}) =>
    cloud.ask(as, method, `/v2.1/os-keypairs${path}`, asked);
}

function importing(name: string, more: Record<string, unknown> = {}) {
  return { keypair: { name, public_key: KEY, ...more } };
}

async function userId(cloud: TestCloud, as: Role): Promise<string> {
  const made = await asking(cloud, as)("POST", "", { body: importing("who") });
  await asking(cloud, as)("DELETE", "/who");
  return made.json.keypair.user_id;
}

Deno.test("the status of a create and a delete changed in 2.2", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    for (const [mv, created, deleted] of [["2.1", 200, 202], ["2.2", 201, 204]] as const) {
      assertEquals((await ask("POST", "", { mv, body: importing("mine") })).status, created);
      assertEquals((await ask("DELETE", "/mine", { mv })).status, deleted);
    }
  });
});

Deno.test("a private key is in the answer once, and never in the log", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    for (const type of ["ssh", "x509"]) {
      const made = await ask("POST", "", { mv: "2.91", body: { keypair: { name: type, type } } });
      assertEquals(made.status, 201);
      const { private_key: secret } = made.json.keypair;
      assert(secret.length > 1000);
      const shown = await ask("GET", `/${type}`, { mv: "2.91" });
      assertEquals(shown.json.keypair.private_key, undefined);
      assertEquals(shown.json.keypair.fingerprint, made.json.keypair.fingerprint);
      const log = JSON.stringify(await cloud.cloud.log.read({ limit: 10_000 }));
      assert(!log.includes(JSON.stringify(secret).slice(1, 200)));
      assert(!log.includes("PRIVATE KEY"));
    }
  });
});

Deno.test("bodies that Nova refuses, microversion by microversion", async (t) => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const REFUSED: readonly (readonly [string, unknown, string])[] = [
      ["2.1", importing("a", { type: "ssh" }), "'type' was unexpected"],
      ["2.9", importing("a", { user_id: "u" }), "'user_id' was unexpected"],
      ["2.2", importing("a", { type: "pgp" }), "'pgp' is not one of ['ssh', 'x509']"],
      ["2.91", importing("a@b.c"), "does not match"],
      ["2.92", importing("a/b"), "does not match"],
      ["2.92", { keypair: { name: "a" } }, "'public_key' is a required property"],
      ["2.1", importing("x".repeat(256)), "is too long"],
      ["2.1", importing(""), "is too short"],
      [
        "2.1",
        { keypair: { name: "a", public_key: "ssh-rsa AAAA" } },
        "Keypair data is invalid: failed to generate fingerprint",
      ],
      [
        "2.2",
        { keypair: { name: "a", type: "x509", public_key: KEY } },
        "Keypair data is invalid: failed to generate X509 fingerprint",
      ],
    ];
    for (const [mv, body, words] of REFUSED) {
      await t.step(`${mv}: ${words}`, async () => {
        const answered = await ask("POST", "", { mv, body });
        assertEquals(answered.status, 400, answered.text);
        assert(answered.json.badRequest.message.includes(words), answered.text);
      });
    }
    assertEquals((await ask("POST", "", { mv: "2.92", body: importing("a@b.c") })).status, 201);
    assertEquals((await ask("GET", "/a@b.c", { mv: "2.92" })).status, 200);
    assertEquals((await ask("POST", "", { body: importing("with blanks") })).status, 200);
    assertEquals((await ask("GET", "/with%20blanks")).status, 200);
  });
});

Deno.test("a name is taken once per user, and unknown names are not found", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    await ask("POST", "", { body: importing("mine") });
    assertEquals(
      (await ask("POST", "", { body: importing("mine") })).json,
      { conflictingRequest: { code: 409, message: "Key pair 'mine' already exists." } },
    );
    assertEquals(
      (await asking(cloud, "reader")("POST", "", { body: importing("mine") })).status,
      200,
    );
    const user = await userId(cloud, "member");
    for (const method of ["GET", "DELETE"]) {
      assertEquals((await ask(method, "/none")).json, {
        itemNotFound: { code: 404, message: `Keypair none not found for user ${user}` },
      });
    }
  });
});

Deno.test("an administrator acts for other users from 2.10 on, others do not", async () => {
  await withCloud(async (cloud) => {
    const [admin, member] = [asking(cloud, "admin"), asking(cloud)];
    const user = await userId(cloud, "member");
    const made = await admin("POST", "", {
      mv: "2.10",
      body: importing("given", { user_id: user }),
    });
    assertEquals([made.status, made.json.keypair.user_id], [201, user]);
    assertEquals((await member("GET", "/given")).status, 200);
    assertEquals((await admin("GET", "/given", { mv: "2.10" })).status, 404);
    assertEquals((await admin("GET", `/given?user_id=${user}`, { mv: "2.9" })).status, 404);
    assertEquals((await admin("GET", `/given?user_id=${user}`, { mv: "2.10" })).status, 200);
    assertEquals((await admin("GET", `?user_id=${user}`, { mv: "2.10" })).json.keypairs.length, 1);

    const other = await userId(cloud, "admin");
    const refusals = [
      await member("POST", "", { mv: "2.10", body: importing("x", { user_id: other }) }),
      await member("GET", `/x?user_id=${other}`, { mv: "2.10" }),
      await member("GET", `?user_id=${other}`, { mv: "2.10" }),
      await member("DELETE", `/x?user_id=${other}`, { mv: "2.10" }),
    ];
    assertEquals(
      refusals.map(({ json }) => json.forbidden.message),
      ["create", "show", "index", "delete"].map((verb) =>
        `Policy doesn't allow os_compute_api:os-keypairs:${verb} to be performed.`
      ),
    );
    assertEquals((await admin("DELETE", `/given?user_id=${user}`, { mv: "2.10" })).status, 204);
  });
});

Deno.test("lists come in order of name, in pages from 2.35 on", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    for (const name of ["c", "a", "d", "b"]) await ask("POST", "", { body: importing(name) });
    const names = async (path: string, mv = "2.35") =>
      (await ask("GET", path, { mv })).json.keypairs.map((one: { keypair: { name: string } }) =>
        one.keypair.name
      );
    assertEquals(await names("?limit=1", "2.34"), ["a", "b", "c", "d"]);
    assertEquals(await names("?limit=2"), ["a", "b"]);
    assertEquals(await names("?limit=2&marker=b"), ["c", "d"]);
    assertEquals(await names("?limit=0"), []);
    assertEquals((await ask("GET", "?limit=2", { mv: "2.35" })).json.keypairs_links, [
      { rel: "next", href: `${ORIGIN}/v2.1/os-keypairs?limit=2&marker=b` },
    ]);
    assertEquals(
      (await ask("GET", "?marker=x", { mv: "2.35" })).json.badRequest.message,
      "Marker x could not be found.",
    );
    assertEquals((await ask("GET", "?colour=red", { mv: "2.74" })).status, 200);
    assertEquals((await ask("GET", "?colour=red", { mv: "2.75" })).status, 400);
    assertEquals((await ask("GET", "?limit=-1", { mv: "2.35" })).status, 400);
  });
});

Deno.test("the quota counts a user's key pairs, and is exact under a race", async () => {
  await withCloud(async (cloud) => {
    await cloud.limit({ key_pairs: 3 });
    const ask = asking(cloud);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, place) => ask("POST", "", { body: importing(`k${place}`) })),
    );
    assertEquals(answers.filter(({ status }) => status === 200).length, 3);
    const refused = answers.filter(({ status }) => status === 403);
    assertEquals(refused.length, 5);
    assertEquals(refused[0]!.json.forbidden.message, "Quota exceeded, too many key pairs.");
    assertEquals((await asking(cloud, "reader")("POST", "", { body: importing("k") })).status, 200);
  });
});

Deno.test("a server is created with a key pair of its user, and with no other", async () => {
  await withCloud(async (cloud) => {
    await asking(cloud)("POST", "", { body: importing("mine") });
    await asking(cloud, "stranger")("POST", "", { body: importing("theirs") });
    const create = async (key_name: string) => {
      const body = { server: { ...await cloud.plain(), key_name } };
      return await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
    };
    assertEquals((await create("mine")).status, 202);
    assertEquals((await create("theirs")).json.badRequest.message, "Invalid key_name provided.");
  });
});

Deno.test("a token is needed", async () => {
  await withCloud(async (cloud) => {
    assertEquals((await cloud.ask("none", "GET", "/v2.1/os-keypairs")).status, 401);
  });
});
