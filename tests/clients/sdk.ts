/** openstacksdk; the checks themselves are Python's, in sdk_checks.py. */
import type { ServerProcess } from "../kit/process.ts";
import type { Checks } from "./checks.ts";
import { countJsonChecks } from "./json_checks.ts";
import type { StockClients } from "./stock_clients.ts";

const SCRIPT = new URL("sdk_checks.py", import.meta.url).pathname;

export async function sdk(
  checks: Checks,
  { python, server }: StockClients & { readonly server: ServerProcess },
): Promise<void> {
  await countJsonChecks(checks, "sdk", {
    path: python,
    options: { args: [SCRIPT], env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml } },
  });
}
