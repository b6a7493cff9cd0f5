/** Families of checks: each has a cloud of its own, so that they do not see each other. */
import { ServerProcess } from "../kit/process.ts";
import type { Checks } from "./checks.ts";
import { flavors } from "./command_line/flavors.ts";
import { identity } from "./command_line/identity.ts";
import { images } from "./command_line/images.ts";
import { keypairs } from "./command_line/keypairs.ts";
import { machines } from "./command_line/machines.ts";
import { networks } from "./command_line/networks.ts";
import { quotas } from "./command_line/quotas.ts";
import { commandLine } from "./command_line/scene.ts";
import { servers } from "./command_line/servers.ts";
import { volumes } from "./command_line/volumes.ts";
import { sdk } from "./sdk.ts";
import type { StockClients } from "./stock_clients.ts";

/** Checks things with one client on one server. */
export type Family = (
  checks: Checks,
  options: StockClients & { readonly server: ServerProcess },
) => Promise<void>;

/** Every family by its name; the long ones first, so that none is left alone at the end. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  "openstack-servers": commandLine(servers),
  "openstack-volumes": commandLine(volumes),
  "openstack-machines": commandLine(machines),
  "sdk": sdk,
  "openstack-networks": commandLine(networks),
  "openstack-identity": commandLine(identity),
  "openstack-images": commandLine(images),
  "openstack-flavors": commandLine(flavors),
  "openstack-keypairs": commandLine(keypairs),
  "openstack-quotas": commandLine(quotas),
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

async function runFamily(name: string, checks: Checks, clients: StockClients): Promise<void> {
  const server = await ServerProcess.start({ settings: { "simulated-spawn-ms": 300 } });
  const before = checks.failed;
  try {
    await FAMILIES[name]!(checks, { ...clients, server });
  } catch (error) {
    checks.count(`${name} runs to its end`, String(error));
  } finally {
    if (checks.failed > before) showRefusals(name, server.errors);
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
