/** The command `openstack`, as a user types it; its answers are read as JSON. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { CloudName, ServerProcess } from "../kit/process.ts";
import type { Checks } from "./checks.ts";
import type { StockClients } from "./stock_clients.ts";

interface Output {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

// deno-lint-ignore no-explicit-any -- every command's answer has another shape.
type Json = any;

interface Options {
  /** Who asks; by default the user of project demo. */
  readonly as?: CloudName;
  readonly microversion?: string;
}

/** Runs `openstack` commands against one server. */
class OpenStack {
  constructor(private readonly options: StockClients & { readonly server: ServerProcess }) {}

  /** Runs a command that must succeed. */
  async run(args: string, options?: Options): Promise<Output> {
    const output = await this.try(args, options);
    assertEquals(output.code, 0, output.errors || output.out);
    return output;
  }

  /** The same for one that prints; gives what it printed. */
  async json(args: string, options?: Options): Promise<Json> {
    return JSON.parse((await this.run(`${args} -f json`, options)).out);
  }

  /** Fails unless the command fails, in these words. */
  async refused(args: string, words: string, options?: Options): Promise<void> {
    const { code, out, errors } = await this.try(args, options);
    assert(code !== 0, `was not refused: ${out}`);
    assertStringIncludes(errors, words);
  }

  /** `'…'` keeps words together. */
  async try(args: string, { as = "chronova", microversion }: Options = {}): Promise<Output> {
    const words = [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
    const pinned = microversion === undefined ? [] : ["--os-compute-api-version", microversion];
    const { code, stdout, stderr } = await new Deno.Command(this.options.openstack, {
      args: ["--os-cloud", as, ...pinned, ...words],
      env: { OS_CLIENT_CONFIG_FILE: this.options.server.cloudsYaml },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), errors: text.decode(stderr) };
  }

  /** Asks again until the answer is as wanted. */
  async until(args: string, isWanted: (answer: Json) => boolean): Promise<void> {
    for (let left = 10;; left--) {
      const answer = await this.json(args);
      if (isWanted(answer)) return;
      assert(left > 0, `still ${JSON.stringify(answer)}`);
    }
  }

  /** A column of a list, sorted. */
  async column(args: string, name: string, options?: Options): Promise<readonly string[]> {
    const rows: Json[] = await this.json(args, options);
    return rows.map((row) => row[name]).sort();
  }
}

const ADMIN: Options = { as: "chronova-admin" };
const BOOT = "--image cirros --flavor m1.tiny --network private";

export async function commandLine(
  checks: Checks,
  options: StockClients & { readonly server: ServerProcess },
): Promise<void> {
  const openstack = new OpenStack(options);
  const check = (name: string, work: () => Promise<void>) => checks.run(`openstack ${name}`, work);

  await check("token issue", async () => {
    const token = await openstack.json("token issue");
    assertMatch(token.id, /^\S{20,}$/);
    assertMatch(token.project_id, /^[0-9a-f]{32}$/);
  });
  await check(
    "token issue with a wrong password",
    () => openstack.refused("--os-password wrong token issue", "HTTP 401"),
  );
  await check("catalog list", async () => {
    const types = await openstack.column("catalog list", "Type");
    for (const type of ["compute", "identity", "image", "network"]) {
      assert(types.includes(type), `${type} is not among ${types}`);
    }
  });
  await check("flavor list", async () => {
    assertEquals((await openstack.column("flavor list", "Name")).includes("m1.tiny"), true);
  });
  await check("image list", async () => {
    assertEquals(await openstack.column("image list", "Name"), ["cirros"]);
  });
  await check("network list", async () => {
    assertEquals(await openstack.column("network list", "Name"), ["private"]);
  });

  await check("keypair create, list, delete", async () => {
    const { out } = await openstack.run("keypair create mine");
    assertStringIncludes(out, "PRIVATE KEY");
    assertEquals(await openstack.column("keypair list", "Name"), ["mine"]);
    await openstack.run("keypair delete mine");
    assertEquals(await openstack.column("keypair list", "Name"), []);
  });
  await check("quota show", async () => {
    // A list of rows; one object in older releases.
    const quotas: Json = await openstack.json("quota show");
    const instances = Array.isArray(quotas)
      ? quotas.find(({ Resource }) => Resource === "instances").Limit
      : quotas.instances;
    assertEquals(instances, 10);
  });
  await check("availability zone list", async () => {
    const zones = await openstack.column("availability zone list --compute", "Zone Name");
    assertEquals([...new Set(zones)], ["nova"]);
  });
  await check("server group create, list, delete", async () => {
    await openstack.run("server group create --policy anti-affinity apart");
    assertEquals(await openstack.column("server group list", "Name"), ["apart"]);
    await openstack.run("server group delete apart");
  });
  await check("security group list", async () => {
    assertEquals(await openstack.column("security group list", "Name"), ["default"]);
  });

  let id = "";
  await check("server create --wait", async () => {
    const server = await openstack.json(`server create --wait ${BOOT} web`);
    assertEquals([server.name, server.status], ["web", "ACTIVE"]);
    assertMatch(server.adminPass, /^\S{12,}$/);
    assertMatch(server.image, /^cirros \(/);
    assertEquals(server.addresses.private.length, 1);
    id = server.id;
  });
  await check(
    "server create as a reader",
    () =>
      openstack.refused(`server create ${BOOT} mine`, "os_compute_api:servers:create", {
        as: "chronova-reader",
      }),
  );
  await check("server list", async () => {
    const [server] = await openstack.json("server list");
    const { ID, Name, Status, Image, Flavor } = server;
    assertEquals([ID, Name, Status, Image, Flavor], [id, "web", "ACTIVE", "cirros", "m1.tiny"]);
    assertEquals(Object.keys(server.Networks), ["private"]);
  });
  await check("server list --long", async () => {
    const [server] = await openstack.json("server list --long");
    assertEquals(server["Image Name"], "cirros");
    assertEquals(server["Availability Zone"], "nova");
    assertEquals(server["Task State"], null);
  });
  await check("server list --name, --status, --flavor, --image", async () => {
    const all = "server list --name ^we --status ACTIVE --flavor m1.tiny --image cirros";
    assertEquals(await openstack.column(all, "ID"), [id]);
    assertEquals(await openstack.column("server list --name nobody", "ID"), []);
  });
  await check("server show", async () => {
    const server = await openstack.json("server show web");
    assertEquals([server.id, server.status], [id, "ACTIVE"]);
    assertEquals((await openstack.json(`server show ${id}`)).name, "web");
    await openstack.refused("server show nobody", "nobody");
  });
  await check("server set --name", async () => {
    await openstack.run("server set --name www web");
    assertEquals((await openstack.json(`server show ${id}`)).name, "www");
  });
  await check("server set --description", async () => {
    const options = { microversion: "2.90" };
    await openstack.run("server set --description 'two words' www", options);
    assertEquals((await openstack.json("server show www", options)).description, "two words");
  });
  await check("server set --property, server unset --property", async () => {
    await openstack.run("server set --property a=1 --property b=2 www");
    assertEquals((await openstack.json("server show www")).properties, { a: "1", b: "2" });
    await openstack.run("server unset --property a www");
    assertEquals((await openstack.json("server show www")).properties, { b: "2" });
  });
  await check("server set --tag, server unset --tag, server list --tags", async () => {
    const options = { microversion: "2.26" };
    await openstack.run("server set --tag red --tag blue www", options);
    assertEquals((await openstack.json("server show www", options)).tags, ["blue", "red"]);
    assertEquals(await openstack.column("server list --tags red", "ID", options), [id]);
    await openstack.run("server unset --tag red www", options);
    assertEquals((await openstack.json("server show www", options)).tags, ["blue"]);
    assertEquals(await openstack.column("server list --tags red", "ID", options), []);
  });
  await check("server lock --reason", async () => {
    const options = { microversion: "2.73" };
    await openstack.run("server lock --reason 'hands off' www", options);
    const server = await openstack.json("server show www", options);
    assertEquals([server.locked, server.locked_reason], [true, "hands off"]);
    assertEquals(await openstack.column("server list --locked", "ID", options), [id]);
  });
  await check("server delete of a locked server", async () => {
    await openstack.refused("server delete www", `Instance ${id} is locked`);
    await openstack.refused("server delete www", "409");
  });
  await check("server unlock", async () => {
    await openstack.run("server unlock www");
    const options = { microversion: "2.73" };
    assertEquals(await openstack.column("server list --locked", "ID", options), []);
  });
  for (
    const [command, status] of [
      ["stop", "SHUTOFF"],
      ["start", "ACTIVE"],
      ["pause", "PAUSED"],
      ["unpause", "ACTIVE"],
      ["suspend", "SUSPENDED"],
      ["resume", "ACTIVE"],
      ["rescue", "RESCUE"],
      ["unrescue", "ACTIVE"],
      ["reboot --wait --soft", "ACTIVE"],
      ["reboot --wait --hard", "ACTIVE"],
    ] as const
  ) {
    await check(`server ${command}`, async () => {
      await openstack.run(`server ${command} www`);
      await openstack.until("server show www", (server) => server.status === status);
    });
  }
  await check("server event list", async () => {
    const actions = await openstack.column("server event list www", "Action");
    assertEquals(actions.filter((action) => action === "reboot").length, 2);
    assert(actions.includes("create"), `create is not among ${actions}`);
  });
  await check("server list --all-projects as admin", async () => {
    assertEquals(await openstack.column("server list", "ID", ADMIN), []);
    assertEquals(await openstack.column("server list --all-projects", "ID", ADMIN), [id]);
  });
  await check("server create --min --max, server list --limit", async () => {
    await openstack.run(`server create --wait --min 2 --max 3 ${BOOT} batch`);
    const names = ["batch-1", "batch-2", "batch-3", "www"];
    assertEquals(await openstack.column("server list", "Name"), names);
    assertEquals((await openstack.column("server list --limit 2", "Name")).length, 2);
  });
  await check("server delete --wait", async () => {
    await openstack.run("server delete --wait www batch-1 batch-2 batch-3");
    assertEquals(await openstack.column("server list", "ID"), []);
    await openstack.refused("server delete www", "www");
  });
  await check("server list --deleted as admin", async () => {
    const deleted = await openstack.column("server list --deleted --all-projects", "ID", ADMIN);
    assertEquals([deleted.length, deleted.includes(id)], [4, true]);
  });
}
