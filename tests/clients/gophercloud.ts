/** Gophercloud, the Go library; the checks themselves are Go's, in gophercloud/. */
import type { Family } from "./families.ts";
import { buildGo } from "./go.ts";
import { countJsonChecks } from "./json_checks.ts";

const MODULE = new URL("gophercloud/", import.meta.url).pathname;

export const gophercloud: Family = {
  run: async (checks, { server }) => {
    await countJsonChecks(checks, "gophercloud", {
      path: await buildGo(MODULE, server.folder),
      options: { env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml } },
    });
  },
};
