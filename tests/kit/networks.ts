/** The network service, as tests ask it for what servers need. */
import { assert } from "@std/assert";
import type { Role, TestCloud } from "./cloud.ts";
import type { Json } from "./samples.ts";

/** Asks the network service for something that it must do; gives its answer. */
export async function neutron(
  cloud: TestCloud,
  method: string,
  path: string,
  body?: Json,
  as: Role = "member",
): Promise<Json> {
  const answered = await cloud.ask(as, method, `/network/v2.0/${path}`, { body });
  assert(answered.status < 300, answered.text);
  return answered.json;
}

/** A network that leads out, by a router from `private`, and so many floating IPs of it. */
export async function makeWayOut(cloud: TestCloud, count: number): Promise<readonly Json[]> {
  const post = (path: string, body: Json) => neutron(cloud, "POST", path, body, "admin");
  const { network } = await post("networks", {
    network: { name: "public", "router:external": true },
  });
  await post("subnets", {
    subnet: { network_id: network.id, ip_version: 4, cidr: "172.24.4.0/24" },
  });
  const { router } = await post("routers", {
    router: { external_gateway_info: { network_id: network.id } },
  });
  const { subnets } = await neutron(cloud, "GET", `subnets?network_id=${await cloud.networkId()}`);
  const inside = { subnet_id: subnets[0].id };
  await neutron(cloud, "PUT", `routers/${router.id}/add_router_interface`, inside, "admin");
  const made: Json[] = [];
  for (let nth = 0; nth < count; nth++) {
    const floatingip = { floating_network_id: network.id };
    made.push((await neutron(cloud, "POST", "floatingips", { floatingip })).floatingip);
  }
  return made;
}
