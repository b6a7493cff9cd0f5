/** Checks in another language: a program that prints one JSON line a check. */
import type { Checks } from "./checks.ts";
import { lines } from "./lines.ts";

/** A line of the program's. */
interface CheckLine {
  readonly name: string;
  readonly problem: string | null;
}

/** Runs the program to its end and counts its checks, each named `family: …`. */
export async function countJsonChecks(
  checks: Checks,
  family: string,
  command: { readonly path: string; readonly options: Deno.CommandOptions },
): Promise<void> {
  const program = new Deno.Command(command.path, {
    ...command.options,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const problems = new Response(program.stderr).text();
  let isSilent = true;
  for await (const line of lines(program.stdout)) {
    const { name, problem } = JSON.parse(line) as CheckLine;
    checks.count(`${family}: ${name}`, problem ?? undefined);
    isSilent = false;
  }
  const { success } = await program.status;
  if (!success || isSilent) checks.count(`${family}: the program runs to its end`, await problems);
}
