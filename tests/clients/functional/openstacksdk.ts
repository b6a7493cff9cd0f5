/** openstacksdk's functional tests, as its package on PyPI brings them. */
import { join } from "node:path";
import { lines } from "../lines.ts";
import { stockClients } from "../stock_clients.ts";
import { type Devstack, startDevstack } from "./devstack.ts";
import type { TestedClient, TestResult } from "./report.ts";

const SCRIPT = new URL("openstacksdk_tests.py", import.meta.url).pathname;

/** The long ones first, so that none is left alone at the end. */
const SUITES = ["cloud", "compute", "identity", "block_storage", "network", "image"];

/** Suites that run at once: they mostly wait. */
const WIDTH = 2;

/** How long a test may take, and how long it waits for a state, in seconds. */
const TEST_SECONDS = 120;
const WAIT_SECONDS = 60;

export const openstacksdk: TestedClient = {
  suites: SUITES,
  async run(suites, tell) {
    const { python } = await stockClients();
    const waiting = SUITES.filter((suite) => suites.includes(suite));
    const lane = async () => {
      for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift()) {
        await runSuite(suite, python, tell);
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, lane));
  },
};

async function runSuite(
  suite: string,
  python: string,
  tell: (result: TestResult) => void,
): Promise<void> {
  const cloud = await startDevstack();
  try {
    const script = await startScript(suite, python, cloud);
    const problems = new Response(script.stderr).text();
    for await (const line of lines(script.stdout)) {
      tell({ suite, ...JSON.parse(line) as Omit<TestResult, "suite"> });
    }
    const { success } = await script.status;
    if (!success) tell({ suite, test: "(to its end)", result: "failed", why: await problems });
  } finally {
    await cloud.close();
  }
}

async function startScript(
  suite: string,
  python: string,
  { folder, cloudsYaml }: Devstack,
): Promise<Deno.ChildProcess> {
  // Tests of images upload a file that is in the sources' folder, where they expect to run.
  await Deno.writeTextFile(join(folder, "CONTRIBUTING.rst"), "Something to upload.\n");
  return new Deno.Command(python, {
    args: [SCRIPT, suite],
    cwd: folder,
    // Not this machine's own clouds.
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: folder,
      OS_CLIENT_CONFIG_FILE: cloudsYaml,
      OS_LOG_CAPTURE: "1",
      OS_TEST_TIMEOUT: String(TEST_SECONDS),
      OPENSTACKSDK_FUNC_TEST_TIMEOUT: String(WAIT_SECONDS),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
