/** A new cloud from a seed file: what it says is there, and what it gets wrong is told at once. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { openChronova } from "../../src/app.ts";
import { DEFAULT_SETTINGS } from "../../src/config.ts";
import { SEED_SCHEMA } from "../../src/seed_file/schema.ts";
import { TestCloud, type TestCloudOptions } from "../kit/cloud.ts";
import { assertSound } from "../processes/invariants.ts";
import { inFolder } from "../processes/world.ts";

const DOCS = new URL("../../docs/", import.meta.url);
const EXAMPLE = new URL("seed.example.yaml", DOCS).pathname;

/** Opens a cloud with a seed file that says this. */
async function open(
  folder: string,
  text: string,
  options: TestCloudOptions = {},
): Promise<TestCloud> {
  const seedFile = `${folder}/seed.yaml`;
  await Deno.writeTextFile(seedFile, text);
  const data = `${folder}/data`;
  return await TestCloud.open({ ...options, folder: data, settings: { seedFile } });
}

async function refusalOf(text: string): Promise<string> {
  let message = "";
  await inFolder(async (folder) => {
    const error = await assertRejects(() => open(folder, text)) as Error;
    assertEquals(error.name, "BadSeedFile", String(error.stack));
    message = error.message;
    // Nothing of it was written: the folder takes the right file as if nothing had been.
    const cloud = await open(folder, "projects: [{ name: alpha }]");
    assertEquals(
      (await cloud.cloud.log.read({ limit: 10_000 })).every(({ metadata }) =>
        metadata.command === "SeedCloud" || metadata.actor.userId === "test"
      ),
      true,
    );
    await cloud.close();
    assertEquals([...Deno.readDirSync(`${folder}/data/images`)], [], "files are left");
  });
  return message;
}

Deno.test("the example's cloud has all that it says", () =>
  inFolder(async (folder) => {
    const settings = { seedFile: EXAMPLE };
    const cloud = await TestCloud.open({
      folder,
      settings,
      environment: (name) => name === "SEED_BOB_PASSWORD" ? "of the environment" : undefined,
    });
    const names = async (path: string, list: string) => {
      const { json, text } = await cloud.ask("admin", "GET", path, { mv: "2.90" });
      assert(json[list], text);
      return json[list].map(({ name }: { name: string }) => name);
    };
    assertEquals(await names("/identity/v3/projects?domain_id=default", "projects"), [
      "admin",
      "alpha",
      "beta",
      "demo",
      "other",
    ]);
    assertEquals((await names("/v2.1/flavors?is_public=none", "flavors")).toSorted(), [
      "c1.small",
      "g1.numa",
      "m1.large",
      "m1.medium",
      "m1.small",
      "m1.tiny",
      "m1.xlarge",
    ]);
    assertEquals((await names("/image/v2/images", "images")).toSorted(), [
      "cirros",
      "debian",
      "team-image",
    ]);
    assertEquals((await names("/network/v2.0/networks", "networks")).toSorted(), [
      "alpha-net",
      "private",
      "public",
    ]);

    for (
      const [user, password] of [["alice", "correct horse battery staple"], [
        "bob",
        "of the environment",
      ]]
    ) {
      const identity = {
        methods: ["password"],
        password: { user: { name: user, domain: { id: "default" }, password } },
      };
      const scope = { project: { name: "beta", domain: { id: "default" } } };
      const issued = await cloud.ask("none", "POST", "/identity/v3/auth/tokens", {
        body: { auth: { identity, scope } },
      });
      assertEquals(issued.status, 201, issued.text);
    }

    const quota = await cloud.ask(
      "admin",
      "GET",
      "/v2.1/os-quota-sets/a0000000000000000000000000000001",
    );
    assertEquals([quota.json.quota_set.instances, quota.json.quota_set.ram], [100, -1]);
    const debian = "/image/v2/images/11111111-2222-4333-8444-555555555555";
    const file = await cloud.cloud.fetch(
      new Request(`http://cloud.test${debian}/file`, {
        headers: { "x-auth-token": cloud.tokens.get("member")! },
      }),
    );
    assertEquals((await file.bytes()).length, 2_097_152);
    assertEquals((await cloud.ask("member", "GET", debian)).json.os_distro, "debian");
    const rules = await cloud.ask(
      "admin",
      "GET",
      "/network/v2.0/security-group-rules?protocol=tcp",
    );
    assertEquals(rules.json.security_group_rules.length, 2);
    const zones = await cloud.ask("admin", "GET", "/v2.1/os-availability-zone/detail");
    assertStringIncludes(zones.text, "edge-1");
    assertEquals(zones.text.includes("compute-1"), false);

    const server = await cloud.create({ availability_zone: "edge", networks: "none" });
    const shown = await cloud.ask("padmin", "GET", `/v2.1/servers/${server}`);
    assertEquals(shown.json.server["OS-EXT-SRV-ATTR:host"], "edge-1");
    await cloud.close();
    const log = await Deno.readFile(`${folder}/chronova.db`);
    assertEquals(new TextDecoder().decode(log).includes("battery staple"), false);
    await assertSound(folder);
  }));

Deno.test("a file may leave out the usual flavors, image and network", () =>
  inFolder(async (folder) => {
    const cloud = await open(folder, '{"defaults": false, "flavors": []}');
    for (
      const [path, list] of [
        ["/v2.1/flavors", "flavors"],
        ["/image/v2/images", "images"],
        ["/network/v2.0/networks", "networks"],
      ] as const
    ) {
      assertEquals((await cloud.ask("admin", "GET", path)).json[list], []);
    }
    await cloud.close();
  }));

const REFUSED: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
  "what is no YAML": ["projects: [", /line \d: this is no YAML: /],
  "another shape": ["projects: alpha", /line 1: projects: must be a list/],
  "an unknown section": ["projecs: []", /line 1: projecs: there is no such key here; known are d/],
  "an unknown key": [
    "projects:\n  - name: alpha\n    nam: x",
    /line 3: projects\[0\]\.nam: there is no such key here; known are name, id, domain/,
  ],
  "what is missing": [
    "flavors:\n  - { name: a, ram: 1 }",
    /line 2: flavors\[0\]: "vcpus" is missing/,
  ],
  "a number out of range": [
    "flavors:\n  - { name: a, vcpus: 0, ram: 1 }",
    /line 2: flavors\[0\]\.vcpus: must be at least 1/,
  ],
  "a password that is a number": [
    "users: [{ name: a, password: 123 }]",
    /users\[0\]\.password: must be a text, or \{ env: NAME \}/,
  ],
  "an unknown project": [
    "users:\n  - name: a\n    roles:\n      - role: member\n        project: alpha",
    /line 5: users\[0\]\.roles\[0\]\.project: no project is named "alpha": name one of the cloud's own, or add it under "projects"/,
  ],
  "an unknown role": [
    "role_assignments: [{ user: demo, role: king, project: demo }]",
    /role_assignments\[0\]\.role: no role is named "king"/,
  ],
  "a role on nothing": [
    "role_assignments: [{ user: demo, role: member }]",
    /a role is on one thing: give "project", "domain" or "system: all"/,
  ],
  "a name that is taken": ["users: [{ name: Demo }]", /there is a user "Demo" already/],
  "a variable that is not set": [
    "users: [{ name: a, password: { env: NO_SUCH } }]",
    /the environment variable NO_SUCH is not set/,
  ],
  "a flavor twice": [
    "flavors:\n  - { name: M1.tiny, vcpus: 1, ram: 1 }",
    /line 2: flavors\[0\]\.name: there is a flavor "M1.tiny" already/,
  ],
  "an extra spec that Nova does not know": [
    'flavors: [{ name: a, vcpus: 1, ram: 1, extra_specs: { "hw:numa_nodes": many } }]',
    /extra_specs\.hw:numa_nodes: 'many' is not a valid integer value/,
  ],
  "access to a public flavor": [
    "flavors: [{ name: a, vcpus: 1, ram: 1, access: [demo] }]",
    /everybody may use a public flavor/,
  ],
  "hosts of one name": ["hosts: [{ name: a, count: 2 }, { name: a1 }]", /a host "a1" already/],
  "a file that is not there": [
    "images:\n  - { name: a, size: 2000000 }\n  - { name: b, file: missing.img }",
    /line 3: images\[1\]\.file: cannot be read: /,
  ],
  "what the network service refuses": [
    "networks:\n  - name: a\n    subnets:\n      - { cidr: 10.0.0.0/24 }\n      - { cidr: 10.0.0.0/16 }",
    /line 5: networks\[0\]\.subnets\[1\]: .*overlaps with another subnet/,
  ],
  "a rule that contradicts itself": [
    "security_groups: [{ project: demo, name: default, rules: [{ direction: ingress, port_range_min: 1 }] }]",
    /security_groups\[0\]\.rules\[0\]: Must also specify protocol if port range is given/,
  ],
  "a key that is none": [
    "key_pairs: [{ user: demo, name: k, public_key: ssh-rsa x }]",
    /key_pairs\[0\]\.public_key: Keypair data is invalid/,
  ],
};

for (const [what, [text, says]] of Object.entries(REFUSED)) {
  Deno.test(`a seed file is refused as a whole for ${what}`, async () => {
    const message = await refusalOf(text);
    assertMatch(message, /^the seed file \S+seed\.yaml is refused, and nothing was written:\n/);
    assertMatch(message, says);
  });
}

Deno.test("all that is wrong with a file is told at once", async () => {
  const message = await refusalOf("users: [{ name: demo }, { name: a, domain: Mars }]");
  assertEquals(message.split("\n").length, 3, message);
});

Deno.test("a folder that has a cloud passes the seed file over, with one line", () =>
  inFolder(async (folder) => {
    await (await open(folder, "projects: [{ name: alpha }]")).close();
    const lines: Readonly<Record<string, unknown>>[] = [];
    const log = {
      write: (_level: string, fields: Readonly<Record<string, unknown>>) => void lines.push(fields),
    };
    const cloud = await open(folder, "this: [is, not, looked, at", { log });
    await cloud.close();
    const told = lines.filter(({ seed_file }) => seed_file !== undefined);
    assertEquals(told.map(({ message }) => message), [
      "the data folder has a cloud already: the seed file is not looked at",
    ]);
  }));

Deno.test("a seed file that is not there is no cloud", () =>
  inFolder(async (folder) => {
    const error = await assertRejects(() =>
      openChronova({ ...DEFAULT_SETTINGS, dataDir: folder, seedFile: `${folder}/none.yaml` }, {
        clock: Date.now,
        log: { write() {} },
        keepPasswords: () => Promise.resolve(),
      })
    ) as Error;
    assertEquals(error.name, "NotFound");
  }));

Deno.test("the schema for editors is the one that files are checked against", async () => {
  const kept = JSON.parse(await Deno.readTextFile(new URL("seed.schema.json", DOCS)));
  assertEquals(kept, JSON.parse(JSON.stringify(SEED_SCHEMA)), "write docs/seed.schema.json anew");
});
