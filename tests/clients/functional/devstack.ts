/** A cloud as DevStack makes it, for tests that were written for one. */
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type Client, ServerProcess } from "../../kit/process.ts";

/** A running cloud with a `clouds.yaml` that names its users as DevStack does. */
export interface Devstack {
  readonly server: ServerProcess;
  /** A folder for whatever its user needs. */
  readonly folder: string;
  readonly cloudsYaml: string;
  close(): Promise<void>;
}

/** Users besides those of every cloud; lib/keystone of DevStack, `create_keystone_accounts`. */
const ALT = { user: "alt_demo", project: "alt_demo" };

/** Starts a cloud; everything it writes is in a folder that goes with it. */
export async function startDevstack(): Promise<Devstack> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-devstack-" });
  const seedFile = join(folder, "seed.json");
  const cloudsYaml = join(folder, "clouds.yaml");
  const password = crypto.randomUUID();
  await Deno.writeTextFile(seedFile, JSON.stringify(seedOf(password)));
  const server = await ServerProcess.start({ settings: { ...SETTINGS, "seed-file": seedFile } });
  await connectNetworks(server);
  await Deno.writeTextFile(cloudsYaml, await cloudsOf(server, password));
  return {
    server,
    folder,
    cloudsYaml,
    close: async () => {
      await server.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Fast, so that the time goes to the clients' own waiting. */
const SETTINGS = {
  "simulated-disks-ms": 20,
  "simulated-spawn-ms": 100,
  "simulated-destroy-ms": 20,
  "simulated-power-ms": 50,
  "simulated-snapshot-ms": 50,
  "simulated-move-ms": 50,
};

function seedOf(password: string): object {
  return {
    projects: [{ name: ALT.project }],
    users: [
      { name: ALT.user, password, roles: [{ role: "member", project: ALT.project }] },
    ],
    role_assignments: [{ user: "admin", role: "admin", system: "all" }],
    // lib/neutron_plugins/services/l3 of DevStack, `create_neutron_initial_network`.
    defaults: { networks: false },
    networks: [
      {
        name: "private",
        project: "demo",
        subnets: [{ name: "private-subnet", cidr: "10.0.0.0/22" }],
      },
      {
        name: "public",
        external: true,
        subnets: [{ name: "public-subnet", cidr: "172.24.4.0/24", enable_dhcp: false }],
      },
    ],
  };
}

/** Leads from the private network to the public one. */
async function connectNetworks(server: ServerProcess): Promise<void> {
  const demo = await server.login("chronova");
  const admin = await server.login("chronova-admin");
  const external = await ask(admin, "GET", "/network/v2.0/networks?name=public");
  const subnets = await ask(demo, "GET", "/network/v2.0/subnets?name=private-subnet");
  const { router } = await ask(demo, "POST", "/network/v2.0/routers", {
    router: { name: "router1", external_gateway_info: { network_id: external.networks[0].id } },
  });
  await ask(demo, "PUT", `/network/v2.0/routers/${router.id}/add_router_interface`, {
    subnet_id: subnets.subnets[0].id,
  });
}

/** Rejects when the answer is a refusal. */
async function ask(client: Client, method: string, path: string, body?: object) {
  const answer = await client.ask(method, path, { body });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

async function cloudsOf(server: ServerProcess, altPassword: string): Promise<string> {
  // deno-lint-ignore no-explicit-any -- the file's shape is openstacksdk's.
  const { clouds } = parse(await Deno.readTextFile(server.cloudsYaml)) as any;
  const demo = clouds["chronova"];
  const admin = clouds["chronova-admin"];
  const { auth_url, username, password, user_domain_id } = admin.auth;
  const alt = { username: ALT.user, password: altPassword, project_name: ALT.project };
  return stringify({
    clouds: {
      "devstack": demo,
      "devstack-admin": admin,
      "devstack-alt": { ...demo, auth: { ...demo.auth, ...alt } },
      "devstack-system-admin": {
        ...admin,
        auth: { auth_url, username, password, user_domain_id, system_scope: "all" },
      },
    },
  });
}
