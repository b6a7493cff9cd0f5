import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { addressKey, addressOfKey, formatAddress } from "../../src/facades/networks/addresses.ts";
import {
  createAddressTables,
  giveBackAddresses,
  hasAddresses,
  holderOf,
  lowestFree,
  takeAddresses,
} from "../../src/facades/networks/ports/address_tables.ts";
import { openSqliteLog } from "../../src/store/sqlite.ts";

const SUBNET = "s";

function addressOf(version: 4 | 6, number: number): string {
  return formatAddress({ version, value: BigInt(number) });
}

/** What is taken, and by whom, kept the simple way. */
class Model {
  readonly taken = new Map<number, string>();

  lowestFree(first: number, last: number): number | undefined {
    for (let number = first; number <= last; number++) {
      if (!this.taken.has(number)) return number;
    }
  }

  runs(): [number, number][] {
    const runs: [number, number][] = [];
    for (const number of [...this.taken.keys()].sort((a, b) => a - b)) {
      const last = runs.at(-1);
      if (last?.[1] === number - 1) last[1] = number;
      else runs.push([number, number]);
    }
    return runs;
  }
}

const step = fc.record({
  number: fc.integer({ min: 0, max: 40 }),
  port: fc.integer({ min: 0, max: 3 }),
});

for (const version of [4, 6] as const) {
  Deno.test(`runs of taken IPv${version} addresses are the longest ones, whatever happens`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
    const log = await openSqliteLog({ path: `${folder}/log.sqlite`, clock: Date.now });
    await log.transaction(createAddressTables);
    const key = (number: number) => addressKey({ version, value: BigInt(number) });
    const numberOf = (text: string) => Number(addressOfKey(text).value);
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
          await log.transaction(async (tx) => {
            await tx.execute((db) => db.deleteFrom("fixed_addresses" as never));
            await tx.execute((db) => db.deleteFrom("address_runs" as never));
            const model = new Model();
            for (const { number, port } of steps) {
              const fixedIp = { subnetId: SUBNET, address: addressOf(version, number) };
              const holder = model.taken.get(number);
              assertEquals(await holderOf(tx, fixedIp), holder);
              if (holder === undefined) {
                await takeAddresses(tx, `port-${port}`, [fixedIp]);
                model.taken.set(number, `port-${port}`);
              } else {
                await giveBackAddresses(tx, holder, [fixedIp]);
                model.taken.delete(number);
              }
              for (const [first, last] of [[0, 40], [2, 9], [number, number]] as const) {
                const free = await lowestFree(tx, {
                  subnetId: SUBNET,
                  first: key(first),
                  last: key(last),
                });
                assertEquals(
                  free === undefined ? undefined : numberOf(free),
                  model.lowestFree(first, last),
                );
              }
            }
            const runs = await tx.select<
              { address_runs: { first: string; last: string } },
              { first: string; last: string }
            >((db) => db.selectFrom("address_runs").select(["first", "last"]).orderBy("first"));
            assertEquals(
              runs.map(({ first, last }) => [numberOf(first), numberOf(last)]),
              model.runs(),
            );
            assertEquals(await hasAddresses(tx, SUBNET), model.taken.size > 0);
          });
        }),
        { numRuns: 60 },
      );
    } finally {
      await log.close();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("an address that two ports have for a moment, as in a rebuild, is given back once", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronova-test-" });
  const log = await openSqliteLog({ path: `${folder}/log.sqlite`, clock: Date.now });
  try {
    await log.transaction(async (tx) => {
      await createAddressTables(tx);
      const fixedIp = { subnetId: SUBNET, address: "10.0.0.2" };
      await takeAddresses(tx, "old", [fixedIp]);
      await takeAddresses(tx, "new", [fixedIp]);
      await giveBackAddresses(tx, "old", [fixedIp]);
      assertEquals(await holderOf(tx, fixedIp), "new");
      assertEquals(
        await lowestFree(tx, { subnetId: SUBNET, first: "0a000002", last: "0a000003" }),
        "0a000003",
      );
      await giveBackAddresses(tx, "new", [fixedIp]);
      assertEquals(await hasAddresses(tx, SUBNET), false);
    });
  } finally {
    await log.close();
    await Deno.remove(folder, { recursive: true });
  }
});
