/** Tempest's schemas of replies, at every microversion. */
import { assertEquals } from "@std/assert";
import { TestCloud } from "../../kit/cloud.ts";
import { HeldDriver, type Json } from "../../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../../kit/schemas.ts";
import { fillZoo, type Zoo } from "./zoo.ts";

interface ReplyRow {
  readonly resource: "servers" | "flavors" | "versions";
  readonly schema: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly since?: number;
}

/** Each reply with its schema; `FULL` and the like stand for the ids of the zoo. */
function replyRows(zoo: Zoo, plain: Json): readonly ReplyRow[] {
  const of = (resource: ReplyRow["resource"]) =>
  (
    schema: string,
    method: string,
    path: string,
    rest: Pick<ReplyRow, "body" | "since"> = {},
  ): ReplyRow => ({ resource, schema, method, path, ...rest });
  const [server, flavor, version] = [of("servers"), of("flavors"), of("versions")];
  const oldest = "sort_key=created_at&sort_dir=asc";
  const full = `/v2.1/servers/${zoo.full}`;
  const tags = { since: 26 };
  return [
    server("list_servers", "GET", "/v2.1/servers"),
    server("list_servers", "GET", `/v2.1/servers?limit=2&${oldest}`),
    server("list_servers_detail", "GET", `/v2.1/servers/detail?limit=5&${oldest}`),
    server(
      "list_servers_detail",
      "GET",
      `/v2.1/servers/detail?limit=6&${oldest}&changes-since=2020-01-01`,
    ),
    ...[zoo.plain, zoo.full, zoo.locked, zoo.failed, zoo.building]
      .map((id) => server("get_server", "GET", `/v2.1/servers/${id}`)),
    server("create_server_with_admin_pass", "POST", "/v2.1/servers", { body: { server: plain } }),
    server("update_server", "PUT", full, { body: { server: { accessIPv4: "192.0.2.2" } } }),
    server("update_server", "PUT", `/v2.1/servers/${zoo.failed}`, { body: { server: {} } }),
    server("server_actions_common_schema", "POST", `${full}/action`, { body: { lock: null } }),
    server("server_actions_common_schema", "POST", `${full}/action`, { body: { unlock: null } }),
    server("list_server_metadata", "GET", `${full}/metadata`),
    server("update_server_metadata", "POST", `${full}/metadata`, {
      body: { metadata: { a: "1" } },
    }),
    server("set_server_metadata", "PUT", `${full}/metadata`, { body: { metadata: { a: "2" } } }),
    server("set_show_server_metadata_item", "PUT", `${full}/metadata/a`, {
      body: { meta: { a: "3" } },
    }),
    server("set_show_server_metadata_item", "GET", `${full}/metadata/a`),
    server("delete_server_metadata_item", "DELETE", `${full}/metadata/a`),
    server("update_all_tags", "PUT", `${full}/tags`, { ...tags, body: { tags: ["b", "a"] } }),
    server("list_tags", "GET", `${full}/tags`, tags),
    server("check_tag_existence", "GET", `${full}/tags/a`, tags),
    server("update_tag", "PUT", `${full}/tags/c`, tags),
    server("delete_tag", "DELETE", `${full}/tags/c`, tags),
    server("delete_all_tags", "DELETE", `${full}/tags`, tags),
    server("list_addresses", "GET", `${full}/ips`),
    server("list_addresses_by_network", "GET", `${full}/ips/private`),
    flavor("list_flavors", "GET", "/v2.1/flavors?limit=2"),
    flavor("list_flavors_details", "GET", "/v2.1/flavors/detail"),
    flavor("list_flavors_details", "GET", "/v2.1/flavors/detail?limit=2"),
    flavor("create_update_get_flavor_details", "GET", "/v2.1/flavors/7"),
    version("list_versions", "GET", "/"),
    version("get_one_version", "GET", "/v2.1/"),
    version("get_version", "GET", "/v9/"),
  ];
}

Deno.test("every reply is as Tempest's schemas have it, at every microversion", async (t) => {
  const cloud = await TestCloud.open({ driver: new HeldDriver() });
  try {
    const zoo = await fillZoo(cloud);
    const { networks: _, ...plain } = await cloud.plain();
    for (const minor of EVERY_MINOR) {
      const rows = replyRows(zoo, minor < 37 ? plain : { ...plain, networks: "none" })
        .filter(({ since = 1 }) => since <= minor);
      for (const as of ["padmin", "member"] as const) {
        await t.step(`2.${minor} as ${as}`, async () => {
          const problems: string[] = [];
          for (const { resource, schema, method, path, body } of rows) {
            const answered = await cloud.ask(as, method, path, { mv: `2.${minor}`, body });
            problems.push(
              ...replyProblems(resource, schema, minor, answered)
                .map((problem) => `${method} ${path} by ${schema}: ${problem}`),
            );
          }
          assertEquals(problems, []);
        });
      }
    }
  } finally {
    await cloud.close();
  }
});

Deno.test("the zoo of the schemas' test is what it is called", async () => {
  const cloud = await TestCloud.open({ driver: new HeldDriver() });
  try {
    const zoo = await fillZoo(cloud);
    const path = "/v2.1/servers/detail?changes-since=2020-01-01";
    const { json } = await cloud.ask("padmin", "GET", path, { mv: "2.104" });
    const statusOf = (id: string) => json.servers.find((server: Json) => server.id === id).status;
    assertEquals(statusOf(zoo.plain), "ACTIVE");
    assertEquals(statusOf(zoo.failed), "ERROR");
    assertEquals(statusOf(zoo.building), "BUILD");
    assertEquals(statusOf(zoo.deleted), "DELETED");
    const failed = json.servers.find((server: Json) => server.id === zoo.failed);
    assertEquals(Object.keys(failed.fault).sort(), ["code", "created", "details", "message"]);
  } finally {
    await cloud.close();
  }
});
