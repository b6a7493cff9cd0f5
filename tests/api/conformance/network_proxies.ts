/** What the compute API does through the network service: up to 2.35. */
import type { Answered } from "../../kit/cloud.ts";
import { type Json, samplesOf } from "../../kit/samples.ts";
import { type Asked, get, unlessRequest } from "./asked.ts";
import { floatingIpOf } from "./networks.ts";

const FLOATING = "/v2.1/os-floating-ips";
const GROUPS = "/v2.1/os-security-groups";

/** Takes an address from the pool. */
export async function createFloatingIp(asked: Asked): Promise<Answered | null> {
  const answered = await takeAddress(asked);
  await release(asked, answered);
  return unlessRequest(asked, answered);
}

async function takeAddress({ cloud, as, mv }: Asked): Promise<Answered> {
  await floatingIpOf(cloud);
  return await cloud.ask(as, "POST", FLOATING, { mv, body: { pool: "public" } });
}

async function release({ cloud, as, mv }: Asked, { json }: Answered): Promise<void> {
  await cloud.ask(as, "DELETE", `${FLOATING}/${json.floating_ip.id}`, { mv });
}

/** One address, or all. */
export async function floatingIps(asked: Asked): Promise<Answered> {
  const made = await takeAddress(asked);
  const isList = asked.sample.json.floating_ips !== undefined;
  const answered = await get(asked, isList ? FLOATING : `${FLOATING}/${made.json.floating_ip.id}`);
  await release(asked, made);
  return answered;
}

/** In a project that has none. */
export function noFloatingIps(asked: Asked): Promise<Answered> {
  return get({ ...asked, as: "stranger" }, FLOATING);
}

export async function floatingIpPools(asked: Asked): Promise<Answered> {
  await floatingIpOf(asked.cloud);
  return await get(asked, "/v2.1/os-floating-ip-pools");
}

async function makeGroup({ cloud, as, mv }: Asked): Promise<Answered> {
  const { json: body } = samplesOf("os-security-groups")
    .find(({ file }) => file === "security-group-post-req.json")!;
  return await cloud.ask(as, "POST", GROUPS, { mv, body });
}

async function withGroup(
  asked: Asked,
  work: (id: string, made: Answered) => Promise<Answered> | Answered,
): Promise<Answered | null> {
  const made = await makeGroup(asked);
  const { id } = (made.json as Json).security_group;
  const answered = await work(id, made);
  await asked.cloud.ask(asked.as, "DELETE", `${GROUPS}/${id}`, { mv: asked.mv });
  return unlessRequest(asked, answered);
}

export function createSecurityGroup(asked: Asked): Promise<Answered | null> {
  return withGroup(asked, (_, made) => made);
}

/** One group, or all. */
export function securityGroups(asked: Asked): Promise<Answered | null> {
  const isList = asked.sample.json.security_groups !== undefined;
  return withGroup(asked, (id) => get(asked, isList ? GROUPS : `${GROUPS}/${id}`));
}

export function createRule(asked: Asked): Promise<Answered | null> {
  const request = samplesOf("os-security-groups")
    .find(({ file }) => file === "security-group-rules-post-req.json")!;
  const { cloud, as, mv } = asked;
  return withGroup(asked, (parent_group_id) => {
    const security_group_rule = { ...request.json.security_group_rule, parent_group_id };
    const body = { security_group_rule };
    return cloud.ask(as, "POST", "/v2.1/os-security-group-rules", { mv, body });
  });
}
