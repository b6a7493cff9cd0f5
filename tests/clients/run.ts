/**
 * The stock clients against running servers.
 *
 *     deno run -A tests/clients/run.ts [family ...]
 *
 * One line a check; after a family in which one failed, the requests that were answered with an
 * error; at the end `N passed, N failed`. Without names all families run, but those whose command is
 * not on this machine: each of these has a line that says so.
 */
import { Checks } from "./checks.ts";
import { FAMILIES, runFamilies } from "./families.ts";
import { stockClients } from "./stock_clients.ts";

const unknown = Deno.args.filter((name) => !(name in FAMILIES));
if (unknown.length > 0) {
  console.error(`no family ${unknown.join(", ")}; there are ${Object.keys(FAMILIES).join(", ")}`);
  Deno.exit(2);
}
const names = Deno.args.length > 0 ? Deno.args : await familiesHere();
const checks = new Checks();
await runFamilies(names, checks, { width: 2, clients: await stockClients() });
console.log(`${checks.passed} passed, ${checks.failed} failed`);
Deno.exit(checks.failed === 0 ? 0 : 1);

async function familiesHere(): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [name, { needs }] of Object.entries(FAMILIES)) {
    if (needs === undefined || await isCommand(needs)) names.push(name);
    else console.log(`left out: ${name}, for there is no command "${needs}" here`);
  }
  return names;
}

async function isCommand(name: string): Promise<boolean> {
  try {
    await new Deno.Command(name, { args: ["version"], stdin: "null" }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
