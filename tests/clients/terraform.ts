/**
 * Terraform with its provider for OpenStack: the real ones, on a configuration that has a server and
 * all that belongs to one. The provider waits by polling for states, and in the end for 404s.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Client, ServerProcess } from "../kit/process.ts";
import type { Checks } from "./checks.ts";
import type { Family } from "./families.ts";
import { type PlannedChange, type StoredResource, Terraform } from "./terraform/command.ts";

const CONFIGURATION = new URL("terraform/main.tf", import.meta.url);
const SERVER = "openstack_compute_instance_v2.server";
const PORT = "openstack_networking_port_v2.second";
/** What the configuration makes. */
const RESOURCES = 26;

/** The variables of main.tf that checks change. */
interface Variables {
  readonly generation: string;
  readonly flavor: "small" | "large";
  readonly image: "first" | "second";
  readonly security_groups: readonly ("web" | "ssh")[];
  readonly power: "active" | "shutoff" | "paused" | "shelved_offloaded";
  readonly user_data: string;
  readonly disk_gib: number;
}

const BEGINNING: Variables = {
  generation: "one",
  flavor: "small",
  image: "first",
  security_groups: ["web"],
  power: "active",
  user_data: "#!/bin/sh\ntrue\n",
  disk_gib: 1,
};

/** A server as Nova answers it at 2.26, where it has tags. */
// deno-lint-ignore no-explicit-any -- Nova's JSON.
type Shown = any;

export const terraform: Family = {
  needs: "terraform",
  run: async (checks, { server }) => {
    await new Walk(checks, await Stack.start(server)).run();
  },
};

/** A configuration, and the cloud that it is applied to. */
class Stack {
  #variables: Variables = BEGINNING;

  private constructor(
    readonly terraform: Terraform,
    readonly demo: Client,
    private readonly fixed: Readonly<Record<string, string>>,
    private readonly server: ServerProcess,
  ) {}

  static async start(server: ServerProcess): Promise<Stack> {
    const demo = await server.login("chronova");
    const { json } = await demo.ask("GET", "/identity/v3/auth/projects");
    const fixed = { demo_project: json.projects[0].id, folder: join(server.folder, "terraform") };
    const terraform = await startIn(fixed.folder, server);
    const disk = new Uint8Array(1024 * 1024);
    for (const [index, name] of ["first", "second"].entries()) {
      await Deno.writeFile(join(fixed.folder, `${name}.img`), disk.fill(index + 1));
    }
    return new Stack(terraform, demo, fixed, server);
  }

  /** Wants some of it to be otherwise; gives what the plan would do, by address, but for nothing. */
  async want(change: Partial<Variables>): Promise<Readonly<Record<string, string>>> {
    this.#variables = { ...this.#variables, ...change };
    await this.terraform.setVariables({ ...this.#variables, ...this.fixed });
    return actionsOf(await this.terraform.plan());
  }

  /** Applies what is wanted; afterwards nothing is left to do. */
  async apply(): Promise<void> {
    await this.terraform.apply();
    assert.deepEqual(actionsOf(await this.terraform.plan()), {}, "all is done");
  }

  /** The server as Nova shows it; undefined when there is none. */
  async shown(id: string): Promise<Shown> {
    const { status, json } = await this.demo.ask("GET", `/v2.1/servers/${id}`, { mv: "2.26" });
    return status === 404 ? undefined : json.server;
  }

  async serverId(): Promise<string> {
    const all = await this.terraform.resources();
    return all.find(({ address }) => address === SERVER)!.values.id;
  }

  /** A second configuration that is the same, and remembers nothing. */
  async another(files: Readonly<Record<string, string>>): Promise<Terraform> {
    const other = await startIn(join(this.server.folder, "another"), this.server, files);
    await other.setVariables({ ...this.#variables, ...this.fixed });
    return other;
  }
}

async function startIn(
  folder: string,
  server: ServerProcess,
  files: Readonly<Record<string, string>> = {},
): Promise<Terraform> {
  return await Terraform.start(folder, {
    files: { ...files, "main.tf": await Deno.readTextFile(CONFIGURATION) },
    env: { OS_CLIENT_CONFIG_FILE: server.cloudsYaml },
  });
}

function actionsOf(plan: readonly PlannedChange[]): Record<string, string> {
  return Object.fromEntries(
    plan.map(({ address, change }) => [address, change.actions.join(" ")])
      .filter(([, actions]) => actions !== "no-op"),
  );
}

/** The life of a stack. */
class Walk {
  constructor(private readonly checks: Checks, private readonly stack: Stack) {}

  async run(): Promise<void> {
    await this.check("apply makes everything", () => this.make());
    await this.check("names, texts, tags and sizes change in place", () => this.rename());
    await this.check("another flavor: resize and confirm", () => this.resize());
    await this.check("another image: rebuild", () => this.rebuild());
    await this.check("other security groups", () => this.regroup());
    for (const power of ["shutoff", "active", "paused", "active", "shelved_offloaded", "active"]) {
      await this.check(`power state ${power}`, () => this.repower(power as Variables["power"]));
    }
    await this.check("other user data: another server", () => this.replace());
    await this.check("what is gone behind its back is made again", () => this.remake());
    await this.check("import reads by id what was written", () => this.import());
    await this.check("destroy leaves nothing", () => this.destroy());
  }

  async check(name: string, work: () => Promise<void>): Promise<void> {
    await this.checks.run(`terraform: ${name}`, work);
  }

  async make(): Promise<void> {
    const planned = await this.stack.want({});
    assert.equal(
      Object.values(planned).filter((actions) => actions === "create").length,
      RESOURCES,
    );
    await this.stack.apply();
    const shown = await this.stack.shown(await this.stack.serverId());
    assert.equal(shown.status, "ACTIVE");
    assert.deepEqual(shown.metadata, { generation: "one" });
    assert.deepEqual(shown.tags.toSorted(), ["of-terraform", "one"]);
    assert.equal(shown["os-extended-volumes:volumes_attached"].length, 1);
    const addresses: { addr: string; "OS-EXT-IPS:type": string }[] = shown.addresses["tf-inside"];
    assert.deepEqual(addresses.map((one) => one["OS-EXT-IPS:type"]).sort(), [
      "fixed",
      "fixed",
      "floating",
    ]);
  }

  async rename(): Promise<void> {
    const id = await this.stack.serverId();
    const planned = await this.stack.want({ generation: "two", disk_gib: 2 });
    assert.deepEqual([...new Set(Object.values(planned))], ["update"]);
    assert.equal(Object.keys(planned).length, 15);
    await this.stack.apply();
    const shown = await this.stack.shown(id);
    assert.equal(shown.name, "tf-server-two");
    assert.deepEqual(shown.metadata, { generation: "two" });
    assert.deepEqual(shown.tags.toSorted(), ["of-terraform", "two"]);
  }

  /** Changes the server in place, and nothing besides but these. */
  async changeInPlace(
    change: Partial<Variables>,
    besides: readonly string[] = [],
  ): Promise<Shown> {
    const id = await this.stack.serverId();
    const updates = [SERVER, ...besides].map((address) => [address, "update"]);
    assert.deepEqual(await this.stack.want(change), Object.fromEntries(updates));
    await this.stack.apply();
    return await this.stack.shown(id);
  }

  async resize(): Promise<void> {
    const before = await this.stack.shown(await this.stack.serverId());
    const after = await this.changeInPlace({ flavor: "large" });
    assert.equal(after.status, "ACTIVE");
    assert.notEqual(after.flavor.id, before.flavor.id);
  }

  async rebuild(): Promise<void> {
    const before = await this.stack.shown(await this.stack.serverId());
    const after = await this.changeInPlace({ image: "second" });
    assert.equal(after.status, "ACTIVE");
    assert.notEqual(after.image.id, before.image.id);
  }

  async regroup(): Promise<void> {
    const { security_groups } = await this.changeInPlace({ security_groups: ["ssh"] }, [PORT]);
    const names = security_groups.map(({ name }: { name: string }) => name);
    assert.deepEqual([...new Set(names)], ["tf-ssh"]);
  }

  async repower(power: Variables["power"]): Promise<void> {
    assert.equal((await this.changeInPlace({ power })).status, power.toUpperCase());
  }

  async replace(): Promise<void> {
    const before = await this.stack.serverId();
    const planned = await this.stack.want({ user_data: "#!/bin/sh\nfalse\n" });
    assert.equal(planned[SERVER], "delete create");
    await this.stack.apply();
    assert.equal(await this.stack.shown(before), undefined);
    assert.equal((await this.stack.shown(await this.stack.serverId())).status, "ACTIVE");
  }

  async remake(): Promise<void> {
    const id = await this.stack.serverId();
    await this.stack.demo.ask("DELETE", `/v2.1/servers/${id}`);
    while (await this.stack.shown(id)) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await this.stack.want({}))[SERVER], "create");
    await this.stack.apply();
  }

  /** What a plan with imports reads of each resource, where it reads anything, is what was made. */
  async import(): Promise<void> {
    await this.stack.terraform.refresh();
    const made = await this.stack.terraform.resources();
    const blocks = made.map(({ address, values: { id } }) =>
      `import {\n  to = ${address}\n  id = ${JSON.stringify(id)}\n}\n`
    );
    const other = await this.stack.another({ "import.tf": blocks.join("") });
    const read = new Map((await other.plan()).map(({ address, change }) => [address, change]));
    const different = made.flatMap((resource) =>
      differences(resource, read.get(resource.address)?.before ?? {})
    );
    assert.deepEqual(different, []);
  }

  async destroy(): Promise<void> {
    const id = await this.stack.serverId();
    await this.stack.terraform.destroy();
    assert.deepEqual(await this.stack.terraform.resources(), []);
    assert.equal(await this.stack.shown(id), undefined);
    for (const [path, list] of LISTS) {
      const { json } = await this.stack.demo.ask("GET", path);
      const left = json[list].map((one: Shown) => one.name ?? one.keypair?.name);
      assert.deepEqual(left.filter((name: string) => name?.startsWith("tf-")), [], list);
    }
  }
}

/** Where something might be left of a stack. */
const LISTS = [
  ["/v2.1/servers", "servers"],
  ["/v2.1/flavors", "flavors"],
  ["/v2.1/os-keypairs", "keypairs"],
  ["/v2.1/os-server-groups", "server_groups"],
  ["/image/v2/images", "images"],
  ["/volume/v3/volumes", "volumes"],
  ["/network/v2.0/networks", "networks"],
  ["/network/v2.0/subnets", "subnets"],
  ["/network/v2.0/ports", "ports"],
  ["/network/v2.0/routers", "routers"],
  ["/network/v2.0/security-groups", "security_groups"],
] as const;

/** Attributes that the provider's import does not read as its create does. */
const NOT_READ_ALIKE: ReadonlySet<string> = new Set([
  // Also of interfaces that other resources attach.
  "openstack_compute_instance_v2 network",
]);

function differences(
  { address, type, values }: StoredResource,
  read: Readonly<Record<string, unknown>>,
): readonly string[] {
  const isTold = (value: unknown) =>
    value !== null && value !== undefined && value !== "" && JSON.stringify(value) !== "[]";
  return Object.keys(values)
    .filter((name) => !NOT_READ_ALIKE.has(`${type} ${name}`))
    .filter((name) => isTold(read[name]))
    .filter((name) => JSON.stringify(read[name]) !== JSON.stringify(values[name]))
    .map((name) =>
      `${address}.${name}: ${JSON.stringify(read[name])}, not ${JSON.stringify(values[name])}`
    )
    .concat(isTold(read["id"]) ? [] : [`${address} is not read at all`]);
}
