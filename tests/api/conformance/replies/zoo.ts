/** Replies about servers in every condition that shows, as administrators and others see them. */
import { type Json } from "../../../kit/samples.ts";
import type { Zoo } from "../zoo.ts";
import type { Asking } from "./asking.ts";

interface ReplyRow {
  readonly schema: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly since?: number;
}

/** Each reply with its schema, at these servers; `plain`: the least that a create needs. */
function replyRows(zoo: Zoo, plain: Json): readonly ReplyRow[] {
  const of = (resource: string) =>
  (
    schema: string,
    method: string,
    path: string,
    rest: Pick<ReplyRow, "body" | "since"> = {},
  ): ReplyRow => ({ schema: `${resource} ${schema}`, method, path, ...rest });
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

export async function zooReplies(asking: Asking, zoo: Zoo): Promise<void> {
  const { minor } = asking;
  const { networks: _, ...least } = await asking.cloud.plain();
  const plain = minor < 37 ? least : { ...least, networks: "none" };
  for (const as of ["padmin", "member"] as const) {
    for (const { schema, method, path, body, since = 1 } of replyRows(zoo, plain)) {
      if (since <= minor) await asking.reply(schema, as, method, path, body);
    }
  }
}
