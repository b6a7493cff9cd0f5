/**
 * Gophercloud's own acceptance tests, as its module brings them.
 *
 *     deno run -A tests/clients/functional/gophercloud.ts [suite ...]
 *
 * One line a test; at the end `N passed, N failed, N skipped`. Each suite has a cloud of its own.
 */
import { findGo, runGo } from "../go.ts";
import { lines } from "../lines.ts";
import { type AcceptanceCloud, startAcceptanceCloud } from "./gophercloud_cloud.ts";
import { GoTestReader, type GoTestResult } from "./gophercloud_results.ts";

const OURS = new URL("../gophercloud/", import.meta.url).pathname;
const LIBRARY = "github.com/gophercloud/gophercloud/v2";

/** Packages of tests, below `internal/acceptance/openstack`; of networking, what is its core. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  compute: ["compute/v2"],
  identity: ["identity/v3"],
  image: ["image/v2"],
  network: [
    "networking/v2",
    "networking/v2/extensions",
    "networking/v2/extensions/layer3",
    "networking/v2/extensions/portsbinding",
    "networking/v2/extensions/quotas",
  ],
  block_storage: ["blockstorage/v3"],
};

/** How long a package's tests may take; a test that hangs would else hang for ever. */
const PACKAGE_MINUTES = 15;

/** What a test says that is not for users named admin: it gets its turn as another. */
const NOT_FOR_ADMIN = "must be a non-admin to run this test";

export interface GophercloudOptions {
  /** By default all. */
  readonly suites?: readonly string[];
  /** Hears of each test as it ends. */
  tell?(result: GoTestResult): void;
}

/** All suites, in the order in which they run. */
export const GOPHERCLOUD_SUITES: readonly string[] = Object.keys(SUITES);

/** Runs suites one after another; throws when there is no Go, or no gophercloud to be had. */
export async function runGophercloud(options: GophercloudOptions): Promise<GoTestResult[]> {
  const module = await copyModule();
  const results: GoTestResult[] = [];
  try {
    for (const suite of options.suites ?? GOPHERCLOUD_SUITES) {
      await runSuite(suite, module, (result) => {
        results.push(result);
        options.tell?.(result);
      });
    }
  } finally {
    await Deno.remove(module, { recursive: true });
  }
  return results;
}

/** The module as the checks' go.sum pins it, where it can be written to: Go's cache cannot. */
async function copyModule(): Promise<string> {
  await runGo(["mod", "download"], { cwd: OURS });
  const { Dir } = JSON.parse(await runGo(["list", "-m", "-json", LIBRARY], { cwd: OURS }));
  const folder = await Deno.makeTempDir({ prefix: "chronova-gophercloud-" });
  const { success, stderr } = await new Deno.Command("cp", {
    args: ["--recursive", "--no-preserve=mode", `${Dir}/.`, folder],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return folder;
}

async function runSuite(
  suite: string,
  module: string,
  tell: (result: GoTestResult) => void,
): Promise<void> {
  const cloud = await startAcceptanceCloud();
  try {
    for (const name of SUITES[suite]!) {
      const run = { suite, package: name, module, cloud };
      const left: string[] = [];
      await runPackage({ ...run, user: "admin" }, (result) => {
        if (result.why?.includes(NOT_FOR_ADMIN)) left.push(result.goName);
        else tell(result);
      });
      if (left.length > 0) await runPackage({ ...run, user: "demo", only: left }, tell);
    }
  } finally {
    await cloud.close();
  }
}

interface PackageRun {
  readonly suite: string;
  readonly package: string;
  readonly module: string;
  readonly cloud: AcceptanceCloud;
  readonly user: "admin" | "demo";
  /** Names of tests; by default all. */
  readonly only?: readonly string[];
}

async function runPackage(
  { suite, package: name, module, cloud, user, only }: PackageRun,
  tell: (result: GoTestResult) => void,
): Promise<void> {
  const child = new Deno.Command(await findGo(), {
    args: [
      "test",
      "-json",
      "-tags=acceptance",
      "-count=1",
      `-timeout=${PACKAGE_MINUTES}m`,
      ...(only ? [`-run=^(${only.join("|")})$`] : []),
      `./internal/acceptance/openstack/${name}`,
    ],
    cwd: module,
    env: cloud.environmentOf(user),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const problems = new Response(child.stderr).text();
  const reader = new GoTestReader(suite, prefixOf(suite, name));
  let count = 0;
  for await (const line of lines(child.stdout)) {
    const result = reader.read(line);
    if (!result) continue;
    count++;
    tell(result);
  }
  await child.status;
  for (const result of reader.unfinished()) tell(result);
  if (count === 0) tell({ ...reader.named("(any)"), result: "failed", why: await problems });
}

/** What tells the tests of a suite's packages apart: `extensions/layer3: `; nothing for the first. */
function prefixOf(suite: string, name: string): string {
  const first = SUITES[suite]![0]!;
  return name === first ? "" : `${name.slice(first.length + 1)}: `;
}

if (import.meta.main) {
  const unknown = Deno.args.filter((suite) => !(suite in SUITES));
  if (unknown.length > 0) {
    console.error(`no suite ${unknown.join(", ")}; there are ${GOPHERCLOUD_SUITES.join(", ")}`);
    Deno.exit(2);
  }
  const results = await runGophercloud({
    suites: Deno.args.length > 0 ? Deno.args : undefined,
    tell: ({ suite, test, result, why }) =>
      console.log(`${result.padEnd(7)} ${suite} ${test}${why === undefined ? "" : `: ${why}`}`),
  });
  const count = (wanted: string) => results.filter(({ result }) => result === wanted).length;
  console.log(
    `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`,
  );
  Deno.exit(count("failed") === 0 ? 0 : 1);
}
