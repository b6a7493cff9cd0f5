/**
 * The acceptance tests of terraform's provider for OpenStack, as its module brings them.
 *
 *     deno run -A tests/clients/functional/terraform.ts [suite ...]
 *
 * One line a test; at the end `N passed, N failed, N skipped`. Each suite has a cloud of its own.
 */
import { join } from "node:path";
import { runGo } from "../go.ts";
import { PROVIDER, PROVIDER_VERSION } from "../terraform/command.ts";
import { startAcceptanceCloud } from "./acceptance_cloud.ts";
import {
  copyModule,
  downloadModule,
  GoTestReader,
  type GoTestResult,
  runAsTwo,
  runByHand,
  runGoTests,
  type RunOptions,
} from "./go_tests.ts";

/**
 * Which tests are whose, of the services that this cloud has. Those of images are left out: all of
 * them upload what they download from the Internet.
 */
const SUITES: Readonly<Record<string, string>> = {
  compute: "^TestAccCompute",
  block_storage: "^TestAccBlock[Ss]torage",
  identity: "^TestAcc(OpenStack)?Identity",
  network: "^TestAcc(OpenStack)?Networking",
};

/** How long a suite may take: most tests wait for servers, and look every three seconds. */
const SUITE_MINUTES = 60;

/** The tests were written for one host, and one wants that there is no other. */
const LIKE_DEVSTACK = { "simulated-hosts": 1, "allow-resize-to-same-host": "true" };

const NOT_FOR_ADMIN = "requires the demo (non-admin) user";

export const TERRAFORM_SUITES: readonly string[] = Object.keys(SUITES);

/** Runs suites one after another; throws when there is no Go or no terraform. */
export async function runTerraformProvider(options: RunOptions): Promise<GoTestResult[]> {
  const terraform = await findTerraform();
  const module = await copyModule(await downloadModule(PROVIDER, PROVIDER_VERSION));
  const results: GoTestResult[] = [];
  const tell = (result: GoTestResult) => {
    results.push(result);
    options.tell?.(result);
  };
  try {
    const program = join(module, "provider.test");
    await runGo(["test", "-c", "-o", program, "./openstack"], { cwd: module });
    for (const suite of options.suites ?? TERRAFORM_SUITES) {
      await runSuite(suite, { program, terraform, folder: join(module, "openstack"), tell });
    }
  } finally {
    await Deno.remove(module, { recursive: true });
  }
  return results;
}

/** Where the command `terraform` is; throws with what to do when there is none. */
async function findTerraform(): Promise<string> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":").filter(Boolean)) {
    const path = join(folder, "terraform");
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(
    'no command "terraform" here: install it from https://developer.hashicorp.com/terraform',
  );
}

async function runSuite(
  suite: string,
  { program, terraform, folder, tell }: {
    readonly program: string;
    readonly terraform: string;
    /** Where the tests expect to run. */
    readonly folder: string;
    readonly tell: (result: GoTestResult) => void;
  },
): Promise<void> {
  const cloud = await startAcceptanceCloud(LIKE_DEVSTACK);
  const flags = ["-test.v=test2json", `-test.timeout=${SUITE_MINUTES}m`];
  try {
    await runAsTwo(["admin", "demo"], ({ why }) => why?.includes(NOT_FOR_ADMIN) ?? false, {
      tell,
      run: ({ user, only }, tell) => {
        const tests = only ? `^(${only.join("|")})$` : SUITES[suite]!;
        return runGoTests(["tool", "test2json", program, ...flags, `-test.run=${tests}`], {
          cwd: folder,
          env: {
            ...cloud.environmentOf(user),
            TF_ACC: "1",
            TF_ACC_TERRAFORM_PATH: terraform,
            CHECKPOINT_DISABLE: "1",
            // Not this machine's own settings: none.
            TF_CLI_CONFIG_FILE: "/dev/null",
          },
          reader: new GoTestReader(suite, ""),
          tell,
        });
      },
    });
  } finally {
    await cloud.close();
  }
}

if (import.meta.main) await runByHand(TERRAFORM_SUITES, runTerraformProvider);
