/** Faults on demand: what may be asked for, when one strikes, and that it repeats. */
import { assertEquals } from "@std/assert";
import {
  addFault,
  type FaultFacts,
  isActive,
  isDrawn,
  liftFault,
  recordStrikes,
} from "../../src/extensions/faults/decider.ts";
import { faults } from "../../src/extensions/faults/projection.ts";
import { type AskedFault, readFault } from "../../src/extensions/faults/requests.ts";
import { givenOf } from "../kit/given.ts";

const fault = givenOf(faults);
const NOW = Date.UTC(2026, 0, 1);

const facts: FaultFacts = {
  place: { on: "driver", operations: ["ensureRunning"] },
  target: {},
  effect: { kind: "fail", message: "no" },
  delayMs: 0,
  times: 2,
};
const added = { type: "FaultAdded", data: facts } as const;
const lifted = { type: "FaultLifted", data: {} } as const;
const struck = (strikes: number, draws: number) =>
  ({ type: "FaultStruck", data: { strikes, draws, hits: [] } }) as const;

Deno.test("a fault is added once, lifted once, and its strikes are counted", () => {
  fault().when((state) => addFault(facts, state)).then([added]);
  fault(added).when((state) => addFault(facts, state))
    .thenRefused("Conflict", "There is a fault with this id already.");
  fault(added).when((state) => liftFault("f", state)).then([lifted]);
  fault(added, lifted).when((state) => liftFault("f", state))
    .thenRefused("NotFound", "There is no fault f.");
  fault(added, lifted).when(() => recordStrikes(struck(1, 1).data)).then([struck(1, 1)]);
  const { state } = fault(added, struck(1, 3), struck(2, 7));
  assertEquals([state.struck, state.draws], [3, 7]);
});

Deno.test("a fault is over when it is used up, past its time or lifted", () => {
  const { state } = fault(added);
  const at = (struck: number, nowMs = NOW) => isActive(state, { struck, nowMs });
  assertEquals([at(0), at(1), at(2), at(3)], [true, true, false, false]);
  assertEquals(isActive(fault(added, lifted).state, { struck: 0, nowMs: NOW }), false);
  const until = { ...state, until: "2026-01-01T00:00:10.000Z" };
  assertEquals(isActive(until, { struck: 0, nowMs: NOW + 9_999 }), true);
  assertEquals(isActive(until, { struck: 0, nowMs: NOW + 10_000 }), false);
});

Deno.test("the draws of a seed are the same every time, and as many as the probability says", () => {
  const drawn = (seed: number) =>
    Array.from(
      { length: 2000 },
      (_, at) => isDrawn({ ...facts, probability: 0.3, seed }, at + 1),
    );
  assertEquals(drawn(7), drawn(7));
  const share = drawn(7).filter(Boolean).length / 2000;
  assertEquals(share > 0.25 && share < 0.35, true, String(share));
  assertEquals(drawn(7).some((strikes, at) => strikes !== drawn(8)[at]), true);
  assertEquals(isDrawn({ ...facts, probability: 0 }, 1), false);
});

const READ: readonly (readonly [AskedFault, FaultFacts | string])[] = [
  [{ driver: "ensureRunning", delay_ms: 5 }, {
    place: { on: "driver", operations: ["ensureRunning"] },
    target: {},
    effect: { kind: "none" },
    delayMs: 5,
  }],
  [{ http: { method: "GET" }, status: 429, retry_after: 3, project: "p", times: 2 }, {
    place: { on: "http", method: "GET" },
    target: { projectId: "p" },
    effect: { kind: "answer", status: 429, retryAfter: 3 },
    delayMs: 0,
    times: 2,
  }],
  [{ driver: ["reboot"], effect: "hang", probability: 0.5, until: "2026-01-02T00:00:00+01:00" }, {
    place: { on: "driver", operations: ["reboot"] },
    target: {},
    effect: { kind: "hang" },
    delayMs: 0,
    probability: 0.5,
    seed: 0,
    until: "2026-01-01T23:00:00.000Z",
  }],
  [{}, "a fault is at one place: give either driver or http"],
  [{ driver: "x", http: {} }, "a fault is at one place: give either driver or http"],
  [{ driver: "*" }, "a delay needs delay_ms"],
  [
    { driver: "*", effect: "answer", status: 500 },
    "on driver the effect is one of delay, fail, hang, die_halfway, lose_reply, lie",
  ],
  [{ http: {}, effect: "hang" }, "on http the effect is one of delay, answer, lose_reply"],
  [{ http: {}, effect: "answer" }, "an answer needs a status"],
  [
    { http: {}, effect: "delay", delay_ms: 1, retry_after: 1 },
    "retry_after goes with the effect answer",
  ],
  [
    { driver: "*", effect: "lie", until: "yesterday" },
    "until must be a time to come, such as 2030-01-02T03:04:05Z",
  ],
  [
    { driver: "*", effect: "lie", until: "2025-12-31T00:00:00Z" },
    "until must be a time to come, such as 2030-01-02T03:04:05Z",
  ],
];

Deno.test("a fault is read as it was asked for, and refused when it is at odds with itself", () => {
  for (const [asked, expected] of READ) {
    const read = readFault(asked, NOW);
    assertEquals<unknown>(
      read,
      typeof expected === "string"
        ? { rejected: "Invalid", message: `Invalid fault: ${expected}.` }
        : expected,
    );
  }
});
