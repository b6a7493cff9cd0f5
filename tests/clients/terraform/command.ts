/** The command terraform with its provider for OpenStack, in a folder of its own. */
import { join } from "node:path";
import { runGo } from "../go.ts";
import { cacheFolder } from "../stock_clients.ts";

/** The provider's module in Go, and the version of it that is checked with. */
export const PROVIDER = "github.com/terraform-provider-openstack/terraform-provider-openstack/v3";
export const PROVIDER_VERSION = "v3.4.0";
/** How configurations name it. */
const SOURCE = "terraform-provider-openstack/openstack";

/** A resource as a state has it. */
export interface StoredResource {
  /** `openstack_compute_flavor_v2.flavor["small"]`. */
  readonly address: string;
  readonly type: string;
  readonly mode: "managed" | "data";
  readonly values: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** What a plan means to do with a resource. */
export interface PlannedChange {
  readonly address: string;
  readonly change: {
    readonly actions: readonly ("no-op" | "create" | "update" | "delete" | "read")[];
    /** As it is, read from the cloud just now; null: it is not there. */
    readonly before: Readonly<Record<string, unknown>> | null;
  };
}

/**
 * A configuration's folder.
 *
 * The provider is built from its source, and terraform is told where it is: no registry is asked.
 */
export class Terraform {
  private constructor(
    private readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** A folder with these files; throws when there is no terraform, or no Go to build the provider. */
  static async start(
    folder: string,
    { files, env }: {
      readonly files: Readonly<Record<string, string>>;
      readonly env: Readonly<Record<string, string>>;
    },
  ): Promise<Terraform> {
    await Deno.mkdir(folder);
    const settings = join(folder, "settings.tfrc");
    await Deno.writeTextFile(settings, settingsWith(await buildProvider()));
    const terraform = new Terraform(folder, {
      ...env,
      TF_CLI_CONFIG_FILE: settings,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
    });
    for (const [name, text] of Object.entries(files)) await terraform.write(name, text);
    return terraform;
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.writeTextFile(join(this.folder, name), text);
  }

  /** The variables of the configuration from now on. */
  async setVariables(variables: Readonly<Record<string, unknown>>): Promise<void> {
    await this.write("terraform.tfvars.json", JSON.stringify(variables));
  }

  /** Makes the cloud what the configuration says. */
  async apply(): Promise<void> {
    await this.#run("apply", "-auto-approve", "-input=false", "-no-color");
  }

  /** Has it remember what the cloud says now. */
  async refresh(): Promise<void> {
    await this.#run("apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color");
  }

  async destroy(): Promise<void> {
    await this.#run("destroy", "-auto-approve", "-input=false", "-no-color");
  }

  /** What it would do: everything is read from the cloud for it. */
  async plan(): Promise<readonly PlannedChange[]> {
    await this.#run("plan", "-out=plan", "-input=false", "-no-color");
    return JSON.parse(await this.#run("show", "-json", "plan")).resource_changes ?? [];
  }

  /** What it remembers of what it has made. */
  async resources(): Promise<readonly StoredResource[]> {
    const { values } = JSON.parse(await this.#run("show", "-json"));
    const all: StoredResource[] = values?.root_module.resources ?? [];
    return all.filter(({ mode }) => mode === "managed");
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await this.#command(args).output();
    const text = new TextDecoder();
    const errors = text.decode(stderr);
    if (!success) throw new Error(`terraform ${args.join(" ")}: ${errors}`);
    return text.decode(stdout);
  }

  #command(args: readonly string[]): Deno.Command {
    return new Deno.Command("terraform", {
      args: [...args],
      cwd: this.folder,
      env: this.env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
  }
}

/** Builds the provider unless that was done before; gives its folder. */
async function buildProvider(): Promise<string> {
  const folder = join(cacheFolder(), `terraform-provider-openstack-${PROVIDER_VERSION}`);
  // Go knows by itself what is built already.
  await runGo(["install", `${PROVIDER}@${PROVIDER_VERSION}`], { env: { GOBIN: folder } });
  return folder;
}

function settingsWith(provider: string): string {
  return `provider_installation {
  dev_overrides { "${SOURCE}" = "${provider}" }
  direct {}
}
`;
}
