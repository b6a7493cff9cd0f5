import type { TestCloud } from "../../kit/cloud.ts";
import { furnish, imageOf } from "./furnish.ts";

/** Servers in every condition that shows, by what the test calls them. */
export interface Zoo {
  readonly plain: string;
  /** With every attribute that a create can set, and two nics. */
  readonly full: string;
  readonly locked: string;
  readonly failed: string;
  readonly building: string;
  readonly deleted: string;
}

export async function fillZoo(cloud: TestCloud): Promise<Zoo> {
  await furnish(cloud);
  const uuid = await cloud.networkId();
  const plain = await cloud.create();
  const full = await cloud.create({
    imageRef: await imageOf(cloud),
    flavorRef: "7",
    networks: [{ uuid }, { uuid, tag: "nic" }],
    "OS-DCF:diskConfig": "AUTO",
    accessIPv4: "192.0.2.1",
    accessIPv6: "2001:db8::1",
    metadata: { role: "web" },
    tags: ["blue", "red"],
    description: "all of it",
    hostname: "full.example.com",
    config_drive: true,
    user_data: "YQ==",
    availability_zone: "nova",
    adminPass: "secret",
    security_groups: [{ name: "default" }],
    trusted_image_certificates: ["one", "two"],
  }, { mv: "2.104" });
  const locked = await cloud.create();
  const lock = { locked_reason: "busy" };
  await cloud.ask("member", "POST", `/v2.1/servers/${locked}/action`, {
    mv: "2.73",
    body: { lock },
  });
  const failed = await cloud.create({ flavorRef: "huge" });
  const deleted = await cloud.create();
  await cloud.ask("member", "DELETE", `/v2.1/servers/${deleted}`);
  await cloud.cloud.settled();
  // Last: from here on the cloud is never at rest.
  const server = { ...await cloud.plain(), name: "held" };
  const made = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body: { server } });
  return { plain, full, locked, failed, deleted, building: made.json.server.id };
}
