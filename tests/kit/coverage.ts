/**
 * Which of Nova's operations are here, as the page docs/api_coverage.md: found by looking at the
 * routes that are mounted, and by asking a cloud which actions it knows.
 *
 * `deno task coverage` writes the page.
 */
import { type TestCloud, withCloud } from "./cloud.ts";
import { mountedRoutes } from "./samples.ts";
import { type OperationEntry, OPERATIONS } from "./schemas.ts";

/** `gone`: answered with 410, as Nova does for what it has removed. */
export type Coverage = "yes" | "gone" | "no";

/** Where the page is. */
export const PAGE = new URL("../../docs/api_coverage.md", import.meta.url);

/** Paths that are not below `/v2.1` by the name that the operation has. */
const OTHER_PATHS: Readonly<Record<string, string>> = {
  "versions.root": "/",
  "versions.show": "/v2.1/",
};

/** Each of Nova's operations, with whether it is here. */
export async function coverage(): Promise<ReadonlyMap<OperationEntry, Coverage>> {
  const routes = new Set(mountedRoutes().map(({ method, path }) => `${method} ${pattern(path)}`));
  const found = new Map<OperationEntry, Coverage>();
  await withCloud(async (cloud) => {
    for (const operation of OPERATIONS) {
      const path = OTHER_PATHS[operation.id] ?? `/v2.1${operation.path}`;
      const isMounted = routes.has(`${operation.method} ${pattern(path)}`);
      found.set(operation, isMounted ? await ask(cloud, operation, path) : "no");
    }
  });
  return found;
}

/** A path with its variables unnamed. */
function pattern(path: string): string {
  return path.replace(/:\w+|\{\w+\}/g, "*");
}

/** What a mounted route makes of an operation on something that is not there. */
async function ask(
  cloud: TestCloud,
  { method, action, min }: OperationEntry,
  path: string,
): Promise<Coverage> {
  const { status, text } = await cloud.ask("admin", method, path.replace(/\{\w+\}/g, "none"), {
    mv: min ?? "2.1",
    ...(method !== "GET" && { body: action === null ? {} : { [action]: null } }),
  });
  if (status === 410) return "gone";
  return text.includes("There is no such action") ? "no" : "yes";
}

const WORDS: Readonly<Record<Coverage, string>> = {
  yes: "yes",
  gone: "410, as in Nova",
  no: "**no**",
};

/** The page's text. */
export function page(found: ReadonlyMap<OperationEntry, Coverage>): string {
  const all = [...found];
  const count = (wanted: Coverage) => all.filter(([, coverage]) => coverage === wanted).length;
  const groups = Map.groupBy(all, ([{ path }]) => resourceOf(path));
  return [
    "# Coverage of the compute API",
    "",
    "Written by `deno task coverage` from the routes and actions of the running app; a test fails",
    "when it is not current. What is listed are the operations of Nova's own list (2.1 to 2.104),",
    "each action of `POST …/action` by itself; whatever is not in the list is a 404 or, where Nova",
    "answers so, a 410.",
    "",
    `${count("yes")} of ${all.length} are here, ${count("gone")} are answered with 410 because ` +
    `Nova has removed them, ${count("no")} are missing.`,
    ...[...groups].flatMap(([resource, operations]) => tableOf(resource, operations)),
    "",
  ].join("\n");
}

/** `os-keypairs` of `/os-keypairs/{id}`; what is below a server stands for itself. */
function resourceOf(path: string): string {
  const [first = "", , second] = path.split("/").slice(1);
  return first === "servers" && second !== undefined ? `servers: ${second}` : first || "versions";
}

function tableOf(
  resource: string,
  operations: readonly (readonly [OperationEntry, Coverage])[],
): string[] {
  return [
    "",
    `## ${resource}`,
    "",
    "| operation | from | to | here |",
    "|---|---|---|---|",
    ...operations.map(([{ method, path, action, min, max }, coverage]) => {
      const name = `\`${method} ${path}\`${action === null ? "" : ` \`${action}\``}`;
      return `| ${name} | ${min ?? ""} | ${versionOf(max)} | ${WORDS[coverage]} |`;
    }),
  ];
}

/** nova/api/openstack/api_version_request.py names the last version of the proxies. */
function versionOf(max: string | null): string {
  return max === "MAX_PROXY_API_SUPPORT_VERSION" ? "2.35" : max ?? "";
}

if (import.meta.main) Deno.writeTextFileSync(PAGE, page(await coverage()));
