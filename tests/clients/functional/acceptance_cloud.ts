/**
 * A cloud for the acceptance tests of gophercloud and of terraform's provider, and what they want to
 * know of it.
 */
import { join } from "node:path";
import { parse } from "yaml";
import { type Client, type ProcessOptions, ServerProcess } from "../../kit/process.ts";

export interface AcceptanceCloud {
  /** The variables for tests that run as this user. */
  environmentOf(user: "admin" | "demo"): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Fast: the tests look once a second. */
const SETTINGS = {
  "simulated-disks-ms": 20,
  "simulated-spawn-ms": 100,
  "simulated-destroy-ms": 20,
  "simulated-power-ms": 50,
  "simulated-snapshot-ms": 50,
  "simulated-move-ms": 50,
};

/** What both prepare a DevStack with; scripts/stackenv.sh of the provider. */
const SEED = {
  flavors: [
    { name: "m1.acctest", id: "99", ram: 512, disk: 10, vcpus: 1, ephemeral: 10 },
    { name: "m1.resize", id: "98", ram: 512, disk: 11, vcpus: 1, ephemeral: 10 },
  ],
  networks: [{
    name: "public",
    external: true,
    subnets: [{ name: "public-subnet", cidr: "172.24.4.0/24", enable_dhcp: false }],
  }],
};

/** Starts a cloud, with settings besides; its folder goes with it. */
export async function startAcceptanceCloud(
  more: ProcessOptions["settings"] = {},
): Promise<AcceptanceCloud> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-acceptance-" });
  const seedFile = join(folder, "seed.json");
  await Deno.writeTextFile(seedFile, JSON.stringify(SEED));
  const server = await ServerProcess.start({
    settings: { ...SETTINGS, ...more, "seed-file": seedFile },
  });
  // deno-lint-ignore no-explicit-any -- the file's shape is openstacksdk's.
  const { clouds } = parse(await Deno.readTextFile(server.cloudsYaml)) as any;
  const admin = await server.login("chronova-admin");
  await prepareIdentity(admin);
  await prepareVolumes(admin);
  const choices = await choicesOf(admin);
  const names = { admin: "chronova-admin", demo: "chronova" };
  return {
    environmentOf: (user) => ({ ...choices, ...loginOf(clouds[names[user]]) }),
    close: async () => {
      await server.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Makes what every DevStack has: lib/keystone, `create_keystone_accounts`; lib/glance. */
async function prepareIdentity(admin: Client): Promise<void> {
  for (const name of ["admins", "nonadmins"]) {
    await post(admin, "/identity/v3/groups", { group: { name } });
  }
  const { json } = await admin.ask("GET", "/identity/v3/services?type=image");
  const [{ id: service_id }] = json.services;
  const limit = { service_id, region_id: "RegionOne", resource_name: "image_count_total" };
  await post(admin, "/identity/v3/registered_limits", {
    registered_limits: [{ ...limit, default_limit: 100 }],
  });
}

/** Makes the type that a DevStack has besides the default one. */
async function prepareVolumes(admin: Client): Promise<void> {
  await post(admin, "/volume/v3/types", { volume_type: { name: "lvmdriver-1" } });
}

/** Rejects when the answer is a refusal. */
async function post(client: Client, path: string, body: object): Promise<void> {
  const { status, text } = await client.ask("POST", path, { body });
  if (status >= 400) throw new Error(`POST ${path}: ${status} ${text}`);
}

// deno-lint-ignore no-explicit-any -- the file's shape is openstacksdk's.
function loginOf({ auth, region_name }: any): Record<string, string> {
  return {
    OS_AUTH_URL: `${auth.auth_url}/v3`,
    OS_USERNAME: auth.username,
    OS_PASSWORD: auth.password,
    OS_PROJECT_NAME: auth.project_name,
    OS_DOMAIN_NAME: "Default",
    OS_REGION_NAME: region_name,
  };
}

/**
 * What tests use of what is there, and which of them this cloud is fit for: clients/clients.go and
 * conditions.go of gophercloud's tests, provider_test.go of the provider's.
 *
 * Without OS_ONLINE_RESIZE: the test that wants it names an image by its id, and so wants another.
 */
async function choicesOf(admin: Client): Promise<Record<string, string>> {
  const one = async (path: string, list: string) => {
    const { json, status, text } = await admin.ask("GET", path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return json[list][0].id as string;
  };
  const networkId = await one("/network/v2.0/networks?name=private", "networks");
  return {
    // The newest: no test is left out for the age of the cloud.
    OS_BRANCH: "master",
    OS_IMAGE_ID: await one("/image/v2/images?name=cirros", "images"),
    OS_IMAGE_NAME: "cirros",
    OS_FLAVOR_ID: "99",
    OS_FLAVOR_NAME: "m1.acctest",
    OS_FLAVOR_ID_RESIZE: "98",
    OS_NETWORK_NAME: "private",
    OS_NETWORK_ID: networkId,
    OS_SUBNET_ID: await one(`/network/v2.0/subnets?network_id=${networkId}`, "subnets"),
    OS_EXTGW_ID: await one("/network/v2.0/networks?name=public", "networks"),
    OS_POOL_NAME: "public",
    OS_GUEST_AGENT: "1",
    OS_LIVE_MIGRATE: "1",
    OS_HYPERVISOR_HOSTNAME: "compute-1",
  };
}
