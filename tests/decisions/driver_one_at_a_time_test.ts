/** Calls of the driver's for one server come one after another, whatever is given up. */
import { assertEquals, assertRejects } from "@std/assert";
import { driverBehind } from "../../src/drivers/calls.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import { oneAtATime } from "../../src/drivers/one_at_a_time.ts";
import { Hypervisor } from "../processes/hypervisor.ts";

/** A driver whose calls wait until the test ends them, and the order in which they began. */
class Held {
  readonly begun: string[] = [];
  readonly #held = new Map<string, PromiseWithResolvers<void>>();
  readonly driver: Driver;

  constructor(patienceMs = 60_000) {
    const inner = driverBehind(new Hypervisor(), async ({ operation, serverId, lie }) => {
      const name = `${operation} ${serverId}`;
      this.begun.push(name);
      await this.#of(name).promise;
      return lie();
    });
    this.driver = oneAtATime(inner, { patienceMs });
  }

  end(name: string): void {
    this.#of(name).resolve();
  }

  break(name: string, error: Error): void {
    this.#of(name).reject(error);
  }

  #of(name: string): PromiseWithResolvers<void> {
    if (!this.#held.has(name)) this.#held.set(name, Promise.withResolvers());
    return this.#held.get(name)!;
  }
}

const NEVER = new AbortController().signal;

/** Lets everything happen that waits for nothing but its turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

Deno.test("a call begins when the one before it for the same server has ended", async () => {
  const held = new Held();
  const calls = [
    held.driver.ensurePower("a", "stopped", NEVER),
    held.driver.ensureAbsent("a", NEVER),
    held.driver.reboot("a", "hard", NEVER),
  ];
  await turn();
  assertEquals(held.begun, ["ensurePower a"]);
  held.end("ensurePower a");
  await turn();
  assertEquals(held.begun, ["ensurePower a", "ensureAbsent a"]);
  held.end("ensureAbsent a");
  held.end("reboot a");
  assertEquals(await Promise.all(calls), [undefined, undefined, undefined]);
  assertEquals(held.begun.length, 3);
});

Deno.test("a call that breaks lets the next one begin", async () => {
  const held = new Held();
  const broken = held.driver.ensureAbsent("a", NEVER);
  const next = held.driver.ensurePower("a", "running", NEVER);
  held.break("ensureAbsent a", new Error("broken"));
  assertEquals(await assertRejects(() => broken), new Error("broken"));
  held.end("ensurePower a");
  assertEquals(await next, undefined);
});

Deno.test("another server's calls wait for nothing", async () => {
  const held = new Held();
  const calls = [held.driver.ensureAbsent("a", NEVER), held.driver.ensureAbsent("b", NEVER)];
  await turn();
  assertEquals(held.begun, ["ensureAbsent a", "ensureAbsent b"]);
  for (const name of held.begun) held.end(name);
  await Promise.all(calls);
});

Deno.test("a call that is given up while it waits never begins", async () => {
  const held = new Held();
  const stop = new AbortController();
  const first = held.driver.ensureAbsent("a", NEVER);
  const given = held.driver.ensurePower("a", "running", stop.signal);
  await turn();
  stop.abort(new Error("too late"));
  assertEquals(await assertRejects(() => given), new Error("too late"));
  held.end("ensureAbsent a");
  await first;
  await turn();
  assertEquals(held.begun, ["ensureAbsent a"]);
});

Deno.test("a call that was given up before it was asked for never begins", async () => {
  const held = new Held();
  const stopped = AbortSignal.abort(new Error("too late"));
  await assertRejects(() => held.driver.reboot("a", "soft", stopped));
  assertEquals(held.begun, []);
});

Deno.test("a call that has waited too long fails, and says what for", async () => {
  const held = new Held(5);
  const first = held.driver.ensureAbsent("a", NEVER);
  const disks = { rootDeviceName: null, signal: NEVER };
  assertEquals<unknown>(await held.driver.prepareDisks("a", disks), {
    failed: "The machine is still busy with ensureAbsent, which was given up and has not ended.",
  });
  held.end("ensureAbsent a");
  held.end("prepareDisks a");
  await first;
  assertEquals(await held.driver.prepareDisks("a", disks), { rootDeviceName: "/dev/vda" });
});
