/** `clouds.yaml`: how stock clients find this cloud; openstacksdk, "Configuring OpenStack SDK Applications". */
import { parse, stringify } from "yaml";
import type { Passwords } from "./seed.ts";
import { writeDurably } from "./store/data_folder.ts";

interface Cloud {
  auth?: Record<string, unknown>;
  [key: string]: unknown;
}

interface CloudsFile {
  clouds?: Record<string, Cloud>;
}

/** Cloud's name, user, project. */
const CLOUDS = [
  ["chronova", "demo", "demo"],
  ["chronova-reader", "reader", "demo"],
  ["chronova-admin", "admin", "admin"],
] as const;

/** Makes the file for a new cloud at `url`, readable by its owner alone. */
export async function writeCloudsYaml(
  path: string,
  url: string,
  passwords: Passwords,
): Promise<void> {
  await write(path, newFile(url, passwords));
}

/** Brings the URL up to date in the file that is there, which alone knows the passwords. */
export async function pointCloudsYaml(path: string, url: string): Promise<void> {
  const file = await read(path);
  if (!file) return;
  const before = JSON.stringify(file);
  for (const [name] of CLOUDS) {
    const auth = file.clouds?.[name]?.auth;
    if (auth) auth["auth_url"] = identityUrlOf(url);
  }
  if (JSON.stringify(file) !== before) await write(path, file);
}

function identityUrlOf(url: string): string {
  return `${url}/identity`;
}

async function write(path: string, file: CloudsFile): Promise<void> {
  await writeDurably(path, new TextEncoder().encode(stringify(file)));
}

function newFile(url: string, passwords: Passwords): CloudsFile {
  return {
    clouds: Object.fromEntries(CLOUDS.map(([name, user, project]) => [name, {
      auth: {
        auth_url: identityUrlOf(url),
        username: user,
        password: passwords[user],
        project_name: project,
        user_domain_id: "default",
        project_domain_id: "default",
      },
      region_name: "RegionOne",
      identity_api_version: 3,
    }])),
  };
}

async function read(path: string): Promise<CloudsFile | undefined> {
  try {
    return parse(await Deno.readTextFile(path)) as CloudsFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`${path} cannot be read as YAML: mend it, or remove it`, { cause: error });
  }
}
