/** Checks that are written in Python, each script a family; see python/checks.py. */
import type { Family, FamilySettings } from "./families.ts";
import { lines } from "./lines.ts";

/** A line of a script's. */
interface CheckLine {
  readonly name: string;
  readonly problem: string | null;
}

/** A family out of a script of the folder python/, on a cloud with settings of its own. */
export function python(script: string, settings?: FamilySettings): Family {
  const path = new URL(`python/${script}.py`, import.meta.url).pathname;
  const label = script.replaceAll("_", "-");
  return {
    settings,
    run: async (checks, { python, server }) => {
      const child = new Deno.Command(python, {
        args: [path],
        env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const problems = new Response(child.stderr).text();
      for await (const line of lines(child.stdout)) {
        const { name, problem } = JSON.parse(line) as CheckLine;
        checks.count(`${label}: ${name}`, problem ?? undefined);
      }
      const { success } = await child.status;
      if (!success) checks.count(`${label}: the script runs to its end`, await problems);
    },
  };
}
