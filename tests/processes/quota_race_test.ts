/** Quota under races: never overshot, and nobody who had room is refused. */
import { assertEquals, assertMatch } from "@std/assert";
import type { QuotaLimits } from "../../src/compute/quotas/limits.ts";
import { usageOf } from "../../src/compute/quotas/projection.ts";
import { type Answered, TestCloud } from "../kit/cloud.ts";
import { assertSound } from "./invariants.ts";

const CALLERS = 64;
const ROOM = 10;

/** Flavor m1.medium: two cores, so that cores and instances do not run out together. */
const FLAVOR = { id: "3", vcpus: 2, ramMib: 4096 };

const NO_LIMITS = { instances: -1, cores: -1, ram: -1 };

interface Case {
  readonly limits: Partial<QuotaLimits>;
  /** What a single create is told when there is no room. */
  readonly refusal: string;
}

const CASES: Readonly<Record<string, Case>> = {
  instances: {
    limits: { instances: ROOM },
    refusal: "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances",
  },
  cores: {
    // One core more than ten servers take: what is left is too little for another.
    limits: { cores: ROOM * FLAVOR.vcpus + 1 },
    refusal: "Quota exceeded for cores: Requested 2, but already used 20 of 21 cores",
  },
  ram: {
    limits: { ram: ROOM * FLAVOR.ramMib },
    refusal: "Quota exceeded for ram: Requested 4096, but already used 40960 of 40960 ram",
  },
};

for (const [resource, { limits, refusal }] of Object.entries(CASES)) {
  Deno.test(`${CALLERS} creates at once against ${resource} for ${ROOM}: ${ROOM} are accepted`, () =>
    withHttp({ ...NO_LIMITS, ...limits }, async (site) => {
      const first = await site.createAtOnce(CALLERS);
      assertEquals(accepted(first).length, ROOM);
      assertRefused(first, refusal);

      await site.delete(accepted(first)[0]!);
      const second = await site.createAtOnce(CALLERS);
      assertEquals(accepted(second).length, 1);
      assertRefused(second, refusal);
    }));
}

Deno.test("batches at once take all the room there is, and none overshoots", () =>
  withHttp({ ...NO_LIMITS, instances: ROOM }, async (site) => {
    // Each takes what is left, four at most: 4, 4, 2.
    const greedy = await site.createAtOnce(CALLERS, { min_count: 1, max_count: 4 });
    assertEquals(accepted(greedy).length, 3);
    assertEquals(await site.usage(), { instances: 10, cores: 20, ram: 40960 });
    assertRefused(
      greedy,
      "Quota exceeded for instances: Requested 1-4, but already used 10 of 10 instances",
    );
  }));

Deno.test("of batches that want all or nothing, those that fit whole are accepted", () =>
  withHttp({ ...NO_LIMITS, instances: ROOM }, async (site) => {
    const strict = await site.createAtOnce(CALLERS, { min_count: 4, max_count: 4 });
    assertEquals(accepted(strict).length, 2);
    assertEquals(await site.usage(), { instances: 8, cores: 16, ram: 32768 });
    assertRefused(
      strict,
      "Quota exceeded for instances: Requested 4, but already used 8 of 10 instances",
    );
  }));

Deno.test("of resizes at once, as many are accepted as there is room for, on the way and back", () =>
  withHttp({ ...NO_LIMITS }, async (site) => {
    const ids = accepted(await site.createAtOnce(ROOM, { flavorRef: "1" }));
    await site.limit({ ...NO_LIMITS, ram: ROOM * 512 + 3 * (FLAVOR.ramMib - 512) });
    const answers = await site.resizeAtOnce(ids);
    assertEquals(answers.filter(({ status }) => status === 202).length, 3);
    const full = ROOM * 512 + 3 * (FLAVOR.ramMib - 512);
    assertEquals(await site.usage(), { instances: 10, cores: 13, ram: full });
    assertRefused(
      answers,
      `Quota exceeded for ram: Requested 3584, but already used ${full} of ${full} ram`,
    );
  }));

/** A cloud behind a socket, asked by many at once. */
class Site {
  constructor(private readonly cloud: TestCloud, private readonly url: string) {}

  async createAtOnce(callers: number, more: object = {}): Promise<readonly Answered[]> {
    const server = { ...await this.cloud.plain(), flavorRef: FLAVOR.id, ...more };
    return await Promise.all(
      Array.from({ length: callers }, () => this.#ask("POST", "/v2.1/servers", { server })),
    );
  }

  /** Asks for a larger flavor for each of these servers, once they are there. */
  async resizeAtOnce(ids: readonly string[]): Promise<readonly Answered[]> {
    await this.cloud.cloud.settled();
    const body = { resize: { flavorRef: FLAVOR.id } };
    const answers = await Promise.all(
      ids.map((id) => this.#ask("POST", `/v2.1/servers/${id}/action`, body)),
    );
    await this.cloud.cloud.settled();
    return answers;
  }

  limit(limits: Partial<QuotaLimits>): Promise<void> {
    return this.cloud.limit(limits);
  }

  /** Deletes a server and waits until it is gone. */
  async delete(id: string): Promise<void> {
    await this.cloud.cloud.settled();
    assertEquals((await this.#ask("DELETE", `/v2.1/servers/${id}`)).status, 204);
    await this.cloud.cloud.settled();
  }

  usage(): Promise<object> {
    return usageOf(this.cloud.cloud.log.reader, this.cloud.projectIds.demo);
  }

  async #ask(method: string, path: string, body?: object): Promise<Answered> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        "x-auth-token": this.cloud.tokens.get("member")!,
        "openstack-api-version": "compute 2.90",
        "content-type": "application/json",
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const json = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, text, json };
  }
}

async function withHttp(
  limits: Partial<QuotaLimits>,
  work: (site: Site) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronova-quota-" });
  const cloud = await TestCloud.open({ folder });
  await cloud.limit(limits);
  const listener = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, cloud.cloud.fetch);
  try {
    await work(new Site(cloud, `http://127.0.0.1:${listener.addr.port}`));
  } finally {
    await listener.shutdown();
    await cloud.close();
  }
  await assertSound(folder);
  await Deno.remove(folder, { recursive: true });
}

/** Ids of the servers that were accepted. */
function accepted(answers: readonly Answered[]): readonly string[] {
  return answers.filter(({ status }) => status === 202).map(({ json }) => json.server.id);
}

/** Fails unless all that were not accepted have been told the same: Nova's words. */
function assertRefused(answers: readonly Answered[], refusal: string): void {
  for (const { status, json, headers } of answers.filter(({ status }) => status !== 202)) {
    assertEquals([status, json], [403, { forbidden: { code: 403, message: refusal } }]);
    assertMatch(headers.get("x-openstack-request-id") ?? "", /^req-/);
  }
}
