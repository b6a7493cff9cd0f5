/**
 * Gophercloud's own acceptance tests, as its module brings them.
 *
 *     deno run -A tests/clients/functional/gophercloud.ts [suite ...]
 *
 * One line a test; at the end `N passed, N failed, N skipped`. Each suite has a cloud of its own.
 */
import { runGo } from "../go.ts";
import { type AcceptanceCloud, startAcceptanceCloud } from "./acceptance_cloud.ts";
import {
  copyModule,
  GoTestReader,
  type GoTestResult,
  runAsTwo,
  runByHand,
  runGoTests,
  type RunOptions,
} from "./go_tests.ts";

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

/** All suites, in the order in which they run. */
export const GOPHERCLOUD_SUITES: readonly string[] = Object.keys(SUITES);

/** Runs suites one after another; throws when there is no Go, or no gophercloud to be had. */
export async function runGophercloud(options: RunOptions): Promise<GoTestResult[]> {
  const module = await copyModule(await pinnedModule());
  const results: GoTestResult[] = [];
  const tell = (result: GoTestResult) => {
    results.push(result);
    options.tell?.(result);
  };
  try {
    for (const suite of options.suites ?? GOPHERCLOUD_SUITES) await runSuite(suite, module, tell);
  } finally {
    await Deno.remove(module, { recursive: true });
  }
  return results;
}

/** Where Go's cache has the library, in the version that the checks' go.sum pins. */
async function pinnedModule(): Promise<string> {
  await runGo(["mod", "download"], { cwd: OURS });
  return JSON.parse(await runGo(["list", "-m", "-json", LIBRARY], { cwd: OURS })).Dir;
}

async function runSuite(
  suite: string,
  module: string,
  tell: (result: GoTestResult) => void,
): Promise<void> {
  const cloud = await startAcceptanceCloud();
  try {
    for (const name of SUITES[suite]!) await runPackage(suite, { name, module, cloud, tell });
  } finally {
    await cloud.close();
  }
}

async function runPackage(
  suite: string,
  { name, module, cloud, tell }: {
    readonly name: string;
    readonly module: string;
    readonly cloud: AcceptanceCloud;
    readonly tell: (result: GoTestResult) => void;
  },
): Promise<void> {
  const path = `./internal/acceptance/openstack/${name}`;
  const flags = ["-json", "-tags=acceptance", "-count=1", `-timeout=${PACKAGE_MINUTES}m`];
  await runAsTwo(["admin", "demo"], ({ why }) => why?.includes(NOT_FOR_ADMIN) ?? false, {
    tell,
    run: ({ user, only }, tell) =>
      runGoTests(["test", ...flags, ...(only ? [`-run=^(${only.join("|")})$`] : []), path], {
        cwd: module,
        env: cloud.environmentOf(user),
        reader: new GoTestReader(suite, prefixOf(suite, name)),
        tell,
      }),
  });
}

/** What tells the tests of a suite's packages apart: `extensions/layer3: `; nothing for the first. */
function prefixOf(suite: string, name: string): string {
  const first = SUITES[suite]![0]!;
  return name === first ? "" : `${name.slice(first.length + 1)}: `;
}

if (import.meta.main) await runByHand(GOPHERCLOUD_SUITES, runGophercloud);
