/** Addresses and security groups of servers, and what the network service tells of them. */
import { assertEquals } from "@std/assert";
import type { Answered, TestCloud } from "../../kit/cloud.ts";
import { makeWayOut, neutron } from "../../kit/networks.ts";
import type { Json } from "../../kit/samples.ts";
import { actAll, type Asked, expectAccepted, get, send } from "./asked.ts";

const waysOut = new WeakMap<TestCloud, Promise<readonly Json[]>>();

/** A floating IP that can lead to servers. */
export async function floatingIpOf(cloud: TestCloud): Promise<string> {
  let made = waysOut.get(cloud);
  if (!made) {
    made = makeWayOut(cloud, 1);
    waysOut.set(cloud, made);
  }
  return (await made)[0].floating_ip_address;
}

export async function serverWithAddress(cloud: TestCloud): Promise<readonly [id: string, string]> {
  const id = await cloud.create({ networks: "auto" });
  const { ports } = await neutron(cloud, "GET", `ports?device_id=${id}`);
  return [id, ports[0].fixed_ips[0].ip_address];
}

/** Addresses of samples are those of another cloud: real ones stand for them. */
export async function floatingAction(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const [id, fixed] = await serverWithAddress(cloud);
  const address = await floatingIpOf(cloud);
  const body = structuredClone(sample.json);
  if (body.removeFloatingIp) {
    const led = await send(asked, id, { addFloatingIp: { address } });
    assertEquals(led.status, 202, led.text);
  }
  for (const value of Object.values(body) as Json[]) {
    value.address = address;
    if (value.fixed_address) value.fixed_address = fixed;
  }
  expectAccepted(sample, await send(asked, id, body));
  return null;
}

export async function fixedAction(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const [id, fixed] = await serverWithAddress(cloud);
  const body = structuredClone(sample.json);
  if (body.addFixedIp) body.addFixedIp.networkId = await cloud.networkId();
  else body.removeFixedIp.address = fixed;
  expectAccepted(sample, await send(asked, id, body));
  const { ports } = await neutron(cloud, "GET", `ports?device_id=${id}`);
  assertEquals(ports[0].fixed_ips.length, body.addFixedIp ? 2 : 0);
  return null;
}

export async function groupAction(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const id = await cloud.create({ networks: "auto" });
  const [{ name }] = Object.values(sample.json) as [Json];
  await ensureGroup(cloud, name);
  if (sample.json.removeSecurityGroup) await actAll(cloud, id, [{ addSecurityGroup: { name } }]);
  expectAccepted(sample, await send(asked, id, sample.json));
  return null;
}

async function ensureGroup(cloud: TestCloud, name: string): Promise<void> {
  const { security_groups } = await neutron(cloud, "GET", `security-groups?name=${name}`);
  if (security_groups.length > 0) return;
  await neutron(cloud, "POST", "security-groups", { security_group: { name } });
}

export async function groupsOfServer(asked: Asked): Promise<Answered> {
  const id = await asked.cloud.create({ networks: "auto" });
  return await get(asked, `/v2.1/servers/${id}/os-security-groups`);
}

/** Samples of requests are written with an event that is none. */
export async function externalEvent({ cloud, sample, mv }: Asked): Promise<Answered | null> {
  const server_uuid = await cloud.create();
  const events = sample.json.events.map(({ code: _, ...event }: Json) => ({
    ...event,
    server_uuid,
    name: event.name === "test-event" ? "network-changed" : event.name,
  }));
  const path = "/v2.1/os-server-external-events";
  const answered = await cloud.ask("admin", "POST", path, { mv, body: { events } });
  expectAccepted(sample, answered);
  return sample.file === "event-create-resp.json" ? answered : null;
}
