/** openstacksdk; the checks themselves are Python's, in sdk_checks.py. */
import type { ServerProcess } from "../kit/process.ts";
import type { Checks } from "./checks.ts";
import { lines } from "./lines.ts";
import type { StockClients } from "./stock_clients.ts";

const SCRIPT = new URL("sdk_checks.py", import.meta.url).pathname;

/** A line of the script's. */
interface CheckLine {
  readonly name: string;
  readonly problem: string | null;
}

export async function sdk(
  checks: Checks,
  { python, server }: StockClients & { readonly server: ServerProcess },
): Promise<void> {
  const script = new Deno.Command(python, {
    args: [SCRIPT],
    env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const problems = new Response(script.stderr).text();
  for await (const line of lines(script.stdout)) {
    const { name, problem } = JSON.parse(line) as CheckLine;
    checks.count(`sdk: ${name}`, problem ?? undefined);
  }
  const { success } = await script.status;
  if (!success) checks.count("sdk: the script runs to its end", await problems);
}
