/** Whether more servers fit into a quota, and how many. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { quotas } from "../../src/compute/quotas/aggregate.ts";
import {
  type BatchDemand,
  DEFAULT_LIMITS,
  NO_USAGE,
  type QuotaLimits,
  type QuotaUsage,
  roomFor,
} from "../../src/compute/quotas/limits.ts";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import { givenOf } from "../kit/given.ts";

const batch = (minCount: number, maxCount = minCount, vcpus = 1, ramMib = 512): BatchDemand => ({
  size: { vcpus, ramMib },
  minCount,
  maxCount,
});

interface Project {
  readonly limits?: Partial<QuotaLimits>;
  readonly usage?: Partial<QuotaUsage>;
}

const room = (demand: BatchDemand, { limits, usage }: Project = {}) =>
  roomFor(demand, { ...DEFAULT_LIMITS, ...limits }, { ...NO_USAGE, ...usage });

const refused = (message: string) => ({ rejected: "QuotaExceeded" as const, message });

Deno.test("the defaults are Nova's", () => {
  assertEquals(DEFAULT_LIMITS, {
    instances: 10,
    cores: 20,
    ram: 51200,
    metadata_items: 128,
    injected_files: 5,
    injected_file_content_bytes: 10240,
    injected_file_path_bytes: 255,
    key_pairs: 100,
    server_groups: 10,
    server_group_members: 10,
  });
});

Deno.test("as many fit as the scarcest resource lets", () => {
  assertEquals(room(batch(1, 3)), 3);
  assertEquals(room(batch(1, 100)), 10);
  assertEquals(room(batch(1, 100, 4)), 5);
  assertEquals(room(batch(1, 100, 3)), 6);
  assertEquals(room(batch(1, 100, 1, 20000)), 2);
  assertEquals(room(batch(1, 100), { usage: { instances: 8, cores: 8, ram: 4096 } }), 2);
  assertEquals(room(batch(1, 100), { usage: { cores: 19 } }), 1);
});

Deno.test("a batch that fits exactly is not shrunk", () => {
  assertEquals(room(batch(10)), 10);
  assertEquals(room(batch(1), { usage: { instances: 9, cores: 19, ram: 51200 - 512 } }), 1);
});

Deno.test("-1 is no limit", () => {
  const limits = { instances: -1, cores: -1, ram: -1 };
  assertEquals(room(batch(500, 1000), { limits }), 1000);
  assertEquals(room(batch(1, 1000), { limits: { ...limits, cores: 7 } }), 7);
});

Deno.test("a resource that a flavor takes none of is no hindrance", () => {
  assertEquals(room(batch(1, 2, 0, 0), { limits: { cores: 0, ram: 0 } }), 2);
});

Deno.test("the refusal names what is over, what was asked, used and allowed, in Nova's words", () => {
  // Seen: {"instances": 5}, three used, min_count and max_count 3.
  assertEquals(
    room(batch(3), { limits: { instances: 5 }, usage: { instances: 3 } }),
    refused("Quota exceeded for instances: Requested 3, but already used 3 of 5 instances"),
  );
  // Seen: five cores used of five.
  assertEquals(
    room(batch(1), { limits: { cores: 5 }, usage: { cores: 5 } }),
    refused("Quota exceeded for cores: Requested 1, but already used 5 of 5 cores"),
  );
  // Seen: several resources over at once.
  assertEquals(
    room(batch(1, 1, 7, 15872), { limits: { instances: -1 }, usage: { cores: 29, ram: 51712 } }),
    refused(
      "Quota exceeded for cores, ram: Requested 7, 15872, but already used 29, 51712 " +
        "of 20, 51200 cores, ram",
    ),
  );
  assertEquals(
    room(batch(1), { limits: { instances: 0, cores: 0, ram: 0 } }),
    refused(
      "Quota exceeded for cores, instances, ram: Requested 1, 1, 512, but already used 0, 0, 0 " +
        "of 0, 0, 0 cores, instances, ram",
    ),
  );
});

Deno.test("a batch asks for a span of instances, and for the cores and RAM of its maximum", () => {
  assertEquals(
    room(batch(2, 4, 2, 1024), { limits: { instances: 1, cores: 2, ram: 2048 } }),
    refused(
      "Quota exceeded for cores, instances, ram: Requested 8, 2-4, 4096, but already used 0, 0, 0 " +
        "of 2, 1, 2048 cores, instances, ram",
    ),
  );
  assertEquals(
    room(batch(2, 4, 2, 1024), { limits: { cores: 2 } }),
    refused("Quota exceeded for cores: Requested 8, but already used 0 of 2 cores"),
  );
});

Deno.test("a project that is over its lowered limits gets nothing", () => {
  assertEquals(
    room(batch(1), { limits: { instances: 2 }, usage: { instances: 5 } }),
    refused("Quota exceeded for instances: Requested 1, but already used 5 of 2 instances"),
  );
});

const RESOURCES = ["instances", "cores", "ram"] as const;
const limit = fc.integer({ min: -1, max: 40 });
const used = fc.integer({ min: 0, max: 40 });
const projects = fc.record({
  limits: fc.record({ instances: limit, cores: limit, ram: limit }),
  usage: fc.record({ instances: used, cores: used, ram: used }),
});
const batches = fc.tuple(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 5 }),
).map(([min, more, vcpus, ramMib]) => batch(min, min + more, vcpus, ramMib));

Deno.test("room never overshoots a limit, and is never refused to those who have it", () => {
  fc.assert(fc.property(batches, projects, (demand, { limits, usage }) => {
    const taken = { instances: 1, cores: demand.size.vcpus, ram: demand.size.ramMib };
    const fits = (count: number) =>
      RESOURCES.every((name) =>
        limits[name] < 0 || usage[name] + taken[name] * count <= limits[name]
      );
    const outcome = room(demand, { limits, usage });
    if (isRejection(outcome)) {
      assert(!fits(demand.minCount));
      const over = RESOURCES.filter((name) =>
        limits[name] >= 0 && usage[name] + taken[name] * demand.maxCount > limits[name]
      ).toSorted();
      assertStringIncludes(outcome.message, `Quota exceeded for ${over.join(", ")}: Requested `);
    } else {
      assert(fits(outcome));
      assert(outcome >= demand.minCount && outcome <= demand.maxCount);
      // No fewer than there is room for.
      assert(outcome === demand.maxCount || !fits(outcome + 1));
    }
  }));
});

Deno.test("a project's own limits are what was set last, and none after a reset", () => {
  const given = givenOf(quotas);
  const first = { type: "QuotaLimitsSet", data: { limits: { cores: 5, ram: 1024 } } } as const;
  const second = { type: "QuotaLimitsSet", data: { limits: { cores: 7 } } } as const;
  const reset = { type: "QuotaLimitsReset", data: {} } as const;
  assertEquals(given().state, { limits: {} });
  assertEquals(given(first, second).state, { limits: { cores: 7, ram: 1024 } });
  assertEquals(given(first, reset).state, { limits: {} });
});
