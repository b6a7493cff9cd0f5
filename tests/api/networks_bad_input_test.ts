import { assert } from "@std/assert";
import { IMAGE_ID, type Name, NETWORK_ID, SUBNET_ID, withNeighbours } from "./networks_kit_test.ts";

/** Numbers that are the same at every run: Marsaglia's xorshift32. */
function numbers(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const IDS = [NETWORK_ID, SUBNET_ID, IMAGE_ID, "x", "%00", "%ff", "é", "a%2Fb", "default"];

const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e400,
  2 ** 53,
  "",
  "x",
  "\u0000",
  "\ud800",
  "1",
  "10.0.0.0/8",
  "10.0.0.7",
  "::1",
  "::/0",
  "ff02::1/128",
  "x".repeat(300),
  [],
  [null],
  [[]],
  ["a", "a"],
  [{}],
  {},
  { toString: 1 },
  { value: 1 },
  { rejected: "Invalid", message: "x", type: "x" },
  { network_id: NETWORK_ID },
  [{ ip_address: "10.0.0.9" }],
  [{ ip_address: "::1", subnet_id: SUBNET_ID }],
  [{ start: "10.0.0.9", end: "::1" }],
  [{ destination: "0.0.0.0/0", nexthop: "::" }],
  NETWORK_ID,
  SUBNET_ID,
];

const NETWORK_FIELDS: Readonly<Record<string, readonly string[]>> = {
  "networks:network": [
    "name",
    "shared",
    "mtu",
    "router:external",
    "provider:network_type",
    "provider:physical_network",
    "provider:segmentation_id",
    "is_default",
    "rejected",
  ],
  "subnets:subnet": [
    "network_id",
    "ip_version",
    "cidr",
    "gateway_ip",
    "allocation_pools",
    "dns_nameservers",
    "host_routes",
    "ipv6_ra_mode",
    "enable_dhcp",
    "service_types",
    "prefixlen",
    "subnetpool_id",
    "use_default_subnetpool",
  ],
  "ports:port": [
    "network_id",
    "mac_address",
    "fixed_ips",
    "security_groups",
    "allowed_address_pairs",
    "extra_dhcp_opts",
    "binding:profile",
    "binding:vnic_type",
    "tags",
    "device_id",
    "trusted",
  ],
  "security-groups:security_group": ["name", "description", "stateful"],
  "security-group-rules:security_group_rule": [
    "security_group_id",
    "direction",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "remote_address_group_id",
    "ethertype",
  ],
  "address-scopes:address_scope": ["name", "ip_version", "shared"],
  "subnetpools:subnetpool": [
    "name",
    "prefixes",
    "default_quota",
    "default_prefixlen",
    "min_prefixlen",
    "max_prefixlen",
    "is_default",
    "address_scope_id",
  ],
  "address-groups:address_group": ["name", "description", "addresses"],
  "qos/policies:policy": ["name", "shared", "is_default"],
  "rbac-policies:rbac_policy": ["object_type", "object_id", "action", "target_tenant"],
  "routers:router": ["name", "external_gateway_info", "routes", "ha", "distributed"],
  "floatingips:floatingip": [
    "floating_network_id",
    "port_id",
    "fixed_ip_address",
    "floating_ip_address",
    "subnet_id",
  ],
  "quotas:quota": ["network", "port"],
};

const POLICY = { object_type: "network", action: "access_as_shared", target_tenant: "project-2" };

const MATCHES = ["revision_number=1", "revision_number=", "revision_number=1e9,x", '"', "W/"];

const QUERIES = [
  "limit=0&marker=x",
  "limit=99999999999999999999",
  "limit=1&marker=%00",
  "limit=1&page_reverse=TRUE&sort_key=name&sort_dir=desc",
  "sort_key=id&sort_dir=asc&sort_key=id&sort_dir=desc",
  "fields=&fields=id",
  "name=%ff&name=%00&name=%ed%a0%80",
  "fixed_ips=ip_address%3Dx&fixed_ips=x&fixed_ips=",
  "tags=&not-tags=,,&tags-any=%2C",
  "created_at=x",
  "changed_since=2020-01-01T00:00:00Z",
  "mtu=1e5&ip_version=4",
  "ip_version=4&ip_version=x",
  "id=" + Array(2000).fill("a").join("&id="),
  "__proto__=1&constructor=2",
  "size_min=1e9",
  "in=in:a&name=in:" + Array(5000).fill("a").join(","),
  'status=in:"a,b",c&os_hidden=TRUE',
  "sort=name:asc,,size",
  "visibility=all&member_status=all&tag=&owner=",
  "created_at=gt:2020-02-30",
  "%=%",
];

Deno.test("no input to the network or image service makes a 5xx", () =>
  withNeighbours(async (cloud) => {
    const number = numbers(20260102);
    const one = <T>(of: readonly T[]): T => of[number(of.length)]!;
    const ask = async (
      name: Name,
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) => {
      const answer = await cloud.ask(name, method, path, {
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: { "content-type": "application/json", ...headers },
      });
      assert(answer.status < 500, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`);
      assert(answer.status >= 200);
    };

    for (let round = 0; round < 1500; round++) {
      const [key, fields] = one(Object.entries(NETWORK_FIELDS));
      const [path, resource] = key.split(":") as [string, string];
      const item: Record<string, unknown> = path === "subnets"
        ? { network_id: NETWORK_ID, ip_version: 4, cidr: "10.7.0.0/24" }
        : path === "ports"
        ? { network_id: NETWORK_ID }
        : path === "subnetpools"
        ? { name: "pool", prefixes: ["10.8.0.0/16"] }
        : path === "rbac-policies"
        ? { ...POLICY, object_id: NETWORK_ID }
        : {};
      for (let i = number(4); i > 0; i--) item[one(fields)] = one(VALUES);
      const body = one([{ [resource]: item }, { [resource]: one(VALUES) }, one(VALUES)]);
      const name = one(["member", "admin"] as const);
      const id = one(IDS);
      const base = `/network/v2.0/${path}`;
      const [method, url] = one([
        ["POST", base],
        ["PUT", `${base}/${id}`],
        ["PUT", `${base}/${id}/tags`],
        ["POST", `${base}/${id}/tags`],
        ["PUT", `/network/v2.0/routers/${id}/add_router_interface`],
        ["PUT", `/network/v2.0/routers/${id}/add_extraroutes`],
        ["PUT", `/network/v2.0/subnetpools/${id}/add_prefixes`],
        ["PUT", `/network/v2.0/address-groups/${id}/add_addresses`],
      ]) as [string, string];
      await ask(
        name,
        method,
        url,
        body,
        one<Record<string, string>>([{}, { "if-match": one(MATCHES) }]),
      );
    }

    const images = "/image/v2/images";
    const imageFields = [
      "id",
      "name",
      "visibility",
      "min_disk",
      "tags",
      "protected",
      "x",
      "__proto__",
    ];
    for (let round = 0; round < 500; round++) {
      const item: Record<string, unknown> = {};
      for (let i = number(3); i > 0; i--) item[one(imageFields)] = one(VALUES);
      await ask("member", "POST", images, one([item, one(VALUES)]));
      const patch = [{
        op: one(["add", "replace", "remove", one(VALUES)]),
        path: one(["/name", "/tags", "/x", "/~", "//", one(VALUES)]),
        value: one(VALUES),
      }];
      await ask("admin", "PATCH", `${images}/${one(IDS)}`, one([patch, one(VALUES)]), {
        "content-type": "application/openstack-images-v2.1-json-patch",
      });
      await ask("admin", "POST", `${images}/${one(IDS)}/members`, { member: one(VALUES) });
      await ask("admin", "PUT", `${images}/${one(IDS)}/members/x`, { status: one(VALUES) });
    }

    const lists = [
      ...Object.keys(NETWORK_FIELDS).map((key) => `/network/v2.0/${key.split(":")[0]}`),
      "/network/v2.0/network-ip-availabilities",
      "/network/v2.0/service-providers",
      images,
    ];
    for (const list of lists) {
      for (const query of QUERIES) await ask("admin", "GET", `${list}?${query}`);
      for (const id of IDS) {
        for (const method of ["GET", "DELETE", "PATCH", "HEAD", "OPTIONS"]) {
          await ask("member", method, `${list}/${id}`);
        }
      }
    }
    for (
      const range of [
        "bytes=99999999999999999999-",
        "bytes=-0",
        "bytes=0-99999999999999999999",
        "x",
      ]
    ) {
      await ask("admin", "GET", `${images}/${IMAGE_ID}/file`, undefined, { range });
    }
  }));
