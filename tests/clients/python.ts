/** Checks that are written in Python, each script a family; see python/checks.py. */
import type { Family, FamilySettings } from "./families.ts";
import { countJsonChecks } from "./json_checks.ts";

/** A family out of a script of the folder python/, on a cloud with settings of its own. */
export function python(script: string, settings?: FamilySettings): Family {
  const path = new URL(`python/${script}.py`, import.meta.url).pathname;
  return {
    settings,
    run: async (checks, { python, server }) => {
      await countJsonChecks(checks, script.replaceAll("_", "-"), {
        path: python,
        options: { args: [path], env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml } },
      });
    },
  };
}
