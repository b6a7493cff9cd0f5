/** Families of checks: each has a cloud of its own, so that they do not see each other. */
import { type ProcessOptions, ServerProcess } from "../kit/process.ts";
import { Checks } from "./checks.ts";
import { addresses } from "./command_line/addresses.ts";
import { creation } from "./command_line/creation.ts";
import { deletes, KEEPS_DELETED } from "./command_line/deletes.ts";
import { flavors } from "./command_line/flavors.ts";
import { hosts } from "./command_line/hosts.ts";
import { identity } from "./command_line/identity.ts";
import { images } from "./command_line/images.ts";
import { keypairs } from "./command_line/keypairs.ts";
import { machines } from "./command_line/machines.ts";
import { metadefs } from "./command_line/metadefs.ts";
import { moves } from "./command_line/moves.ts";
import { networks } from "./command_line/networks.ts";
import { quotas } from "./command_line/quotas.ts";
import { recovery } from "./command_line/recovery.ts";
import { commandLine } from "./command_line/scene.ts";
import { serverGroups } from "./command_line/server_groups.ts";
import { serverLists } from "./command_line/server_lists.ts";
import { usage } from "./command_line/usage.ts";
import { volumes } from "./command_line/volumes.ts";
import { servers } from "./command_line/servers.ts";
import { gophercloud } from "./gophercloud.ts";
import { python } from "./python.ts";
import type { StockClients } from "./stock_clients.ts";
import { terraform } from "./terraform.ts";

/** Settings of a cloud, as its flags say them. */
export type FamilySettings = ProcessOptions["settings"];

/** Things that are checked with one client on one server. */
export interface Family {
  /** How its cloud differs from those of the others. */
  readonly settings?: FamilySettings;
  /** A command that must be on this machine, and that is not fetched. */
  readonly needs?: string;
  run(
    checks: Checks,
    options: StockClients & { readonly server: ServerProcess },
  ): Promise<void>;
}

/** Every family by its name; the long ones first, so that none is left alone at the end. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  "openstack-servers": commandLine(servers),
  "openstack-volumes": commandLine(volumes),
  "openstack-machines": commandLine(machines),
  "gophercloud": gophercloud,
  "terraform": terraform,
  "openstack-moves": commandLine(moves),
  "openstack-hosts": commandLine(hosts),
  "openstack-recovery": commandLine(recovery),
  "openstack-creation": commandLine(creation),
  "openstack-server-lists": commandLine(serverLists),
  "openstack-server-groups": commandLine(serverGroups),
  "openstack-deletes": commandLine(deletes, KEEPS_DELETED),
  "openstack-usage": commandLine(usage),
  "novaclient": python("nova_checks"),
  "nova-shell": python("nova_shell"),
  "sdk-cloud": python("sdk_cloud"),
  "sdk-compute": python("sdk_compute"),
  "sdk-neighbours": python("sdk_neighbours"),
  "sdk-lives": python("sdk_lives"),
  "openstack-networks": commandLine(networks),
  "openstack-identity": commandLine(identity),
  "openstack-addresses": commandLine(addresses),
  "openstack-images": commandLine(images),
  "openstack-metadefs": commandLine(metadefs),
  "openstack-flavors": commandLine(flavors),
  "openstack-keypairs": commandLine(keypairs),
  "openstack-quotas": commandLine(quotas),
};

const USUAL_SETTINGS: FamilySettings = {
  "simulated-spawn-ms": 300,
  "consoles": "vnc,spice,serial,mks",
};

/** Runs families, `width` at a time. */
export async function runFamilies(
  names: readonly string[],
  checks: Checks,
  { width, clients }: { readonly width: number; readonly clients: StockClients },
): Promise<void> {
  const waiting = [...names];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await runFamily(name, checks, clients);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

async function runFamily(name: string, whole: Checks, clients: StockClients): Promise<void> {
  const family = FAMILIES[name]!;
  const settings = { ...USUAL_SETTINGS, ...family.settings };
  const server = await ServerProcess.start({ settings });
  // Of its own: another family fails at the same time.
  const checks = new Checks(whole);
  try {
    await family.run(checks, { ...clients, server });
  } catch (error) {
    checks.count(`${name} runs to its end`, String(error));
  } finally {
    if (checks.failed > 0) showRefusals(name, server.errors);
    await server.close();
  }
}

/** What the clients asked for in vain: where to look first. */
function showRefusals(name: string, lines: string): void {
  const ids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g;
  const refused = new Set<string>();
  for (const line of lines.split("\n").filter((line) => line.startsWith("{"))) {
    const { message, method, url, status, error } = JSON.parse(line);
    if (message === "request" && status >= 400) {
      refused.add(`${status} ${method} ${url.replaceAll(ids, "{id}")}`);
    }
    if (error !== undefined) refused.add(`${message}: ${error}`);
  }
  console.log(`requests that were refused while a check of ${name} failed:`);
  for (const one of refused) console.log(`  ${one}`);
}
