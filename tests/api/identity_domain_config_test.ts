/** Conversations about the configurations of domains, and about what they must not tell. */
import { assert, assertEquals } from "@std/assert";
import { type Cloud, withCloud } from "./identity_cloud_test.ts";

async function makeDomain(cloud: Cloud, token: string): Promise<string> {
  const body = { domain: { name: "far" } };
  const made = await cloud.send("POST", "/v3/domains", { token, body });
  assertEquals(made.status, 201);
  return made.body.domain.id;
}

withCloud(
  "a domain's configuration: put, show, patch, delete, whole and in parts",
  async (cloud) => {
    const token = await cloud.token("admin");
    const id = await makeDomain(cloud, token);
    const path = `/v3/domains/${id}/config`;
    const ask = async (method: string, at = "", config?: object) => {
      const { status, body } = await cloud.send(method, path + at, {
        token,
        body: config && { config },
      });
      return [status, body.config ?? body.error?.message];
    };
    const none = `in domain configuration for domain ${id}.`;
    assertEquals(await ask("GET"), [404, `Could not find any options ${none}`]);
    assertEquals(await ask("DELETE"), [204, undefined]);
    const ldap = { url: "ldap://one", page_size: 5 };
    const config = { identity: { driver: "ldap" }, ldap };
    assertEquals(await ask("PUT", "", config), [201, config]);
    assertEquals(await ask("GET"), [200, config]);
    assertEquals(await ask("GET", "/ldap"), [200, { ldap }]);
    assertEquals(await ask("GET", "/ldap/url"), [200, { url: "ldap://one" }]);
    assertEquals(await ask("PATCH", "", { ldap: { url: "ldap://two" } }), [
      200,
      { identity: { driver: "ldap" }, ldap: { url: "ldap://two", page_size: 5 } },
    ]);
    assertEquals((await ask("PATCH", "/ldap/url", { url: "ldap://three" }))[0], 200);
    assertEquals((await ask("PATCH", "/ldap", { ldap: { suffix: "o" } }))[0], 200);
    assertEquals(await ask("DELETE", "/ldap/page_size"), [204, undefined]);
    assertEquals(await ask("GET", "/ldap"), [200, { ldap: { url: "ldap://three", suffix: "o" } }]);
    assertEquals(await ask("DELETE", "/ldap"), [204, undefined]);
    assertEquals(await ask("DELETE", "/ldap"), [404, `Could not find group ldap ${none}`]);
    assertEquals(await ask("PATCH", "/ldap/url", { url: "x" }), [
      404,
      `Could not find option url in group ldap ${none}`,
    ]);
    assertEquals(await ask("PUT", "", { ldap: { url: "ldap://one" } }), [
      200,
      { ldap: { url: "ldap://one" } },
    ]);
    assertEquals(await ask("DELETE"), [204, undefined]);
    assertEquals((await ask("GET"))[0], 404);
  },
);

withCloud("what no domain has of its own is refused in Keystone's words", async (cloud) => {
  const token = await cloud.token("admin");
  const id = await makeDomain(cloud, token);
  const path = `/v3/domains/${id}/config`;
  const start = "Invalid domain specific configuration: ";
  await cloud.send("PUT", path, { token, body: { config: { ldap: { url: "x" } } } });
  for (
    const [method, at, config, reason] of [
      ["PUT", "", {}, "No options specified."],
      [
        "PUT",
        "",
        { ldap: {} },
        "The value of group ldap specified in the config should be a " +
        "dictionary of options.",
      ],
      [
        "PUT",
        "",
        { hue: { red: 1 } },
        "Group hue is not supported for domain specific " +
        "configurations.",
      ],
      ["GET", "/hue", undefined, "Group hue is not supported for domain specific configurations."],
      [
        "PATCH",
        "",
        { ldap: { hue: 1 } },
        "Option hue in group ldap is not supported for domain " +
        "specific configurations.",
      ],
      [
        "PATCH",
        "/ldap",
        { identity: { driver: "x" } },
        "request to update group ldap, but " +
        "config provided contains group identity instead.",
      ],
      [
        "PATCH",
        "/ldap",
        { ldap: { url: "x" }, identity: { driver: "x" } },
        "Trying to update " +
        "group ldap, so that, and only that, group must be specified in the config.",
      ],
      [
        "PATCH",
        "/ldap/url",
        { suffix: "x" },
        "Trying to update option url in group ldap, but " +
        "config provided contains option suffix instead.",
      ],
      [
        "DELETE",
        "/ldap/hue",
        undefined,
        "Option hue in group ldap is not supported for domain " +
        "specific configurations.",
      ],
    ] as const
  ) {
    const body = config && { config };
    const answer = await cloud.send(method, path + at, { token, body });
    assertEquals([answer.status, answer.body.error.message], [403, start + reason]);
  }
  const absent = await cloud.send("PUT", "/v3/domains/none/config", {
    token,
    body: { config: { ldap: { url: "x" } } },
  });
  assertEquals([absent.status, absent.body.error.message], [404, "Could not find domain: none."]);
  const demo = await cloud.token("demo");
  assertEquals((await cloud.send("GET", path, { token: demo })).status, 403);
  assertEquals((await cloud.send("DELETE", path, { token: demo })).status, 403);
});

withCloud("a password in a configuration is sealed, and never shown", async (cloud) => {
  const token = await cloud.token("admin");
  const id = await makeDomain(cloud, token);
  const path = `/v3/domains/${id}/config`;
  const config = { ldap: { url: "ldap://one", password: "open sesame" } };
  const made = await cloud.send("PUT", path, { token, body: { config } });
  const shown = { ldap: { url: "ldap://one" } };
  assertEquals(made.body.config, shown);
  assertEquals((await cloud.send("GET", path, { token })).body.config, shown);
  assertEquals((await cloud.send("GET", `${path}/ldap/password`, { token })).status, 404);
  const patched = await cloud.send("PATCH", `${path}/ldap/password`, {
    token,
    body: { config: { password: "another sesame" } },
  });
  assertEquals(patched.body.config, shown);
  await cloud.stop();
  const texts: string[] = [];
  for (const file of Deno.readDirSync(cloud.folder)) {
    const bytes = await Deno.readFile(`${cloud.folder}/${file.name}`);
    texts.push(new TextDecoder("latin1").decode(bytes));
  }
  assert(texts.some((text) => text.includes("ldap://one")));
  assert(!texts.some((text) => text.includes("sesame")));
  await cloud.start();
});

withCloud("what passwords must be like is told of the default domain", async (cloud) => {
  const token = await cloud.token("reader");
  const path = "/v3/domains/default/config/security_compliance";
  const all = { password_regex: null, password_regex_description: null };
  assertEquals((await cloud.send("GET", path, { token })).body.config, {
    security_compliance: all,
  });
  const one = await cloud.send("GET", `${path}/password_regex`, { token });
  assertEquals(one.body.config, { password_regex: null });
  assertEquals((await cloud.send("GET", `${path}/lockout_duration`, { token })).status, 403);
});
