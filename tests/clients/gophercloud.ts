/** Gophercloud, the Go library; the checks themselves are Go's, in gophercloud/. */
import type { ServerProcess } from "../kit/process.ts";
import type { Checks } from "./checks.ts";
import { buildGo } from "./go.ts";
import { countJsonChecks } from "./json_checks.ts";

const MODULE = new URL("gophercloud/", import.meta.url).pathname;

export async function gophercloud(
  checks: Checks,
  { server }: { readonly server: ServerProcess },
): Promise<void> {
  await countJsonChecks(checks, "gophercloud", {
    path: await buildGo(MODULE, server.folder),
    options: { env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml } },
  });
}
