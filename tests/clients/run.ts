/**
 * The stock clients against a running server: the command `openstack`, then openstacksdk.
 *
 *     deno run -A tests/clients/run.ts
 *
 * One line a check; at the end the requests that were answered with an error when a check failed,
 * and `N passed, N failed`.
 */
import { ServerProcess } from "../kit/process.ts";
import { Checks } from "./checks.ts";
import { commandLine } from "./command_line.ts";
import { sdk } from "./sdk.ts";
import { stockClients } from "./stock_clients.ts";

const clients = await stockClients();
const server = await ServerProcess.start({ settings: { "simulated-spawn-ms": 300 } });
const checks = new Checks();
try {
  await commandLine(checks, { ...clients, server });
  await sdk(checks, { ...clients, server });
} finally {
  if (checks.failed > 0) showRefusals(server.errors);
  await server.close();
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
Deno.exit(checks.failed === 0 ? 0 : 1);

/** What the clients asked for in vain: where to look first. */
function showRefusals(lines: string): void {
  const ids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  const refused = new Set<string>();
  for (const line of lines.split("\n").filter((line) => line.startsWith("{"))) {
    const { message, method, url, status, error } = JSON.parse(line);
    if (message === "request" && status >= 400) {
      refused.add(`${status} ${method} ${url.replaceAll(ids, "{id}")}`);
    }
    if (error !== undefined) refused.add(`${message}: ${error}`);
  }
  console.log("requests that were refused:");
  for (const one of refused) console.log(`  ${one}`);
}
