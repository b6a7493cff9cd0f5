/** The stock clients, as their users install them: in a cache folder, or as the system has them. */
import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where the clients are. */
export interface StockClients {
  /** The command `openstack`. */
  readonly openstack: string;
  /** A Python that has openstacksdk. */
  readonly python: string;
}

const REQUIREMENTS = new URL("requirements.txt", import.meta.url);

/** Debian's package of the same clients, in older versions. */
const DEBIAN_PACKAGE = "python3-openstackclient";
const DEBIAN: StockClients = { openstack: "/usr/bin/openstack", python: "/usr/bin/python3" };

/** Finds or installs the clients; throws with what to do when there is no way. */
export async function stockClients(): Promise<StockClients> {
  const venv = join(cacheFolder(), await fingerprint());
  const installed = { openstack: join(venv, "bin/openstack"), python: join(venv, "bin/python") };
  if (await isReady(installed)) return installed;
  console.log(`installing the clients in ${venv}`);
  const isMade = await makeVenv(venv) || (await aptInstall("python3-venv") && await makeVenv(venv));
  if (isMade && await pipInstall(venv) && await isReady(installed)) return installed;
  console.log("that is not to be had; trying the system's");
  if (await isReady(DEBIAN)) return DEBIAN;
  if (await aptInstall(DEBIAN_PACKAGE) && await isReady(DEBIAN)) return DEBIAN;
  throw new Error(`install python3-venv, or ${DEBIAN_PACKAGE}, and try again`);
}

/** Where what is installed or built stays for the next time. */
export function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(cache, "chronova-clients");
}

/** Another for other requirements: nothing that is installed is ever changed. */
async function fingerprint(): Promise<string> {
  return createHash("sha256").update(await Deno.readFile(REQUIREMENTS)).digest("hex").slice(0, 12);
}

async function makeVenv(venv: string): Promise<boolean> {
  return await succeeds("python3", ["-m", "venv", "--clear", venv]);
}

async function pipInstall(venv: string): Promise<boolean> {
  const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"];
  return await succeeds(join(venv, "bin/python"), [
    ...pip,
    "install",
    "--requirement",
    REQUIREMENTS.pathname,
  ]);
}

/** Installs a package where that may be done without asking anybody. */
async function aptInstall(name: string): Promise<boolean> {
  return Deno.uid() === 0 &&
    await succeeds("apt-get", ["--quiet", "update"]) &&
    await succeeds("apt-get", ["--quiet", "--yes", "install", name]);
}

async function isReady({ openstack, python }: StockClients): Promise<boolean> {
  return await succeeds(openstack, ["--version"]) &&
    await succeeds(python, ["-c", "import openstack"]);
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      env: { DEBIAN_FRONTEND: "noninteractive" },
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
