/** Tempest's schemas of replies: each of them, at every microversion. */
import { assertEquals } from "@std/assert";
import { TestCloud, type TestCloudOptions, withCloud } from "../../kit/cloud.ts";
import { HeldMoves } from "../../kit/held_moves.ts";
import { HeldDriver, type Json } from "../../kit/samples.ts";
import { EVERY_MINOR, replySchemas } from "../../kit/schemas.ts";
import { Asking, type Replies } from "./replies/asking.ts";
import {
  aggregateReplies,
  extensionReplies,
  hostReplies,
  hypervisorReplies,
  serviceReplies,
  usageReplies,
  zoneReplies,
} from "./replies/hosts.ts";
import {
  externalEventReplies,
  floatingIpReplies,
  interfaceReplies,
  securityGroupReplies,
} from "./replies/networks.ts";
import {
  flavorReplies,
  imageReplies,
  keyPairReplies,
  quotaReplies,
  serverGroupReplies,
} from "./replies/projects.ts";
import { NEVER, RANGES } from "./replies/ranges.ts";
import {
  actionReplies,
  consoleReplies,
  deleteReplies,
  evacuationReplies,
  factReplies,
  historyReplies,
  liveMigrationReplies,
  volumeReplies,
} from "./replies/servers.ts";
import { zooReplies } from "./replies/zoo.ts";
import { fillZoo } from "./zoo.ts";

/** What has no server of its own. */
const OF_CLOUDS: readonly Replies[] = [
  quotaReplies,
  flavorReplies,
  keyPairReplies,
  serverGroupReplies,
  imageReplies,
  hostReplies,
  hypervisorReplies,
  aggregateReplies,
  serviceReplies,
  zoneReplies,
  usageReplies,
  extensionReplies,
  floatingIpReplies,
  securityGroupReplies,
];

Deno.test("replies are as Tempest's schemas have them, at every microversion", async (t) => {
  const compared = new Set<string>();
  /** Runs a step for each microversion, in a cloud of these. */
  const atEveryMinor = async (
    subject: string,
    options: TestCloudOptions,
    prepare: (cloud: TestCloud) => Promise<Replies>,
  ) =>
    await withCloud(async (cloud) => {
      const replies = await prepare(cloud);
      for (const minor of EVERY_MINOR) {
        await t.step(`${subject} at 2.${minor}`, async () => {
          const asking = new Asking(cloud, minor, compared);
          await replies(asking);
          assertEquals(asking.problems, []);
        });
      }
    }, options);

  // A server that never comes up: this cloud is never at rest.
  await atEveryMinor("servers of all kinds", { driver: new HeldDriver() }, async (cloud) => {
    const zoo = await fillZoo(cloud);
    return (asking) => zooReplies(asking, zoo);
  });
  const driver = new HeldMoves();
  const settings = { consoles: ["vnc", "serial"] };
  await atEveryMinor(
    "all else",
    { driver, settings },
    (cloud) =>
      Promise.resolve(async (asking) => {
        const server = await cloud.create();
        for (
          const replies of [interfaceReplies, externalEventReplies, factReplies, volumeReplies]
        ) {
          await replies(asking, server);
        }
        for (const replies of [consoleReplies, actionReplies, historyReplies]) {
          await replies(asking, server);
        }
        await liveMigrationReplies(asking, server, driver);
        await evacuationReplies(asking, server);
        for (const replies of OF_CLOUDS) await replies(asking);
        await deleteReplies(asking, server);
      }),
  );
  await t.step("none is left out", () => assertEquals(leftOut(compared), []));
});

/** Every schema at every microversion of its own that no reply was held against. */
function leftOut(compared: ReadonlySet<string>): readonly string[] {
  return replySchemas()
    .map(([resource, name, since]) => [`${resource} ${name}`, since] as const)
    .filter(([schema]) => !(schema in NEVER))
    .flatMap(([schema, since]) => {
      const [first, last] = RANGES[schema] ?? [since, EVERY_MINOR.at(-1)!];
      return EVERY_MINOR.filter((minor) => first <= minor && minor <= last)
        .map((minor) => `${schema} at 2.${minor}`);
    })
    .filter((place) => !compared.has(place));
}

Deno.test("the zoo of the schemas' test is what it is called", async () => {
  const cloud = await TestCloud.open({ driver: new HeldDriver() });
  try {
    const zoo = await fillZoo(cloud);
    const path = "/v2.1/servers/detail?changes-since=2020-01-01";
    const { json } = await cloud.ask("padmin", "GET", path, { mv: "2.104" });
    const statusOf = (id: string) => json.servers.find((server: Json) => server.id === id).status;
    assertEquals(statusOf(zoo.plain), "ACTIVE");
    assertEquals(statusOf(zoo.failed), "ERROR");
    assertEquals(statusOf(zoo.building), "BUILD");
    assertEquals(statusOf(zoo.deleted), "DELETED");
    const failed = json.servers.find((server: Json) => server.id === zoo.failed);
    assertEquals(Object.keys(failed.fault).sort(), ["code", "created", "details", "message"]);
  } finally {
    await cloud.close();
  }
});
