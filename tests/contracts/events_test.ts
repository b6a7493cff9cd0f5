/** Every version of every event type ever stored can still be read and folded. */
import { assert, assertEquals } from "@std/assert";
import { AGGREGATES, UPCASTERS } from "../../src/aggregates.ts";
import { currentVersionOf, upcast } from "../../src/eventsourcing/upcasting.ts";
import { recorded } from "../kit/given.ts";

interface Sample {
  readonly type: string;
  readonly schema_version: number;
  readonly data: Record<string, unknown>;
}

const FOLDER = new URL("../../fixtures/events/", import.meta.url);

const SAMPLES: readonly Sample[] = [...Deno.readDirSync(FOLDER)].map(({ name }) =>
  JSON.parse(Deno.readTextFileSync(new URL(name, FOLDER)))
);

const TYPES = AGGREGATES.flatMap(({ eventTypes }) => Object.keys(eventTypes));

Deno.test("no two kinds of stream share an event type", () => {
  assertEquals(TYPES.length, new Set(TYPES).size);
});

Deno.test("every version of every event type has a sample, and no other type has", () => {
  const wanted = TYPES.flatMap((type) =>
    Array.from({ length: currentVersionOf(UPCASTERS, type) }, (_, at) => `${type}.v${at + 1}`)
  );
  const there = SAMPLES.map(({ type, schema_version }) => `${type}.v${schema_version}`);
  assertEquals(there.toSorted(), wanted.toSorted());
});

for (const sample of SAMPLES) {
  const { type, schema_version: schemaVersion, data } = sample;
  Deno.test(`${type} of version ${schemaVersion} is lifted and folded`, () => {
    const aggregate = AGGREGATES.find(({ eventTypes }) => Object.hasOwn(eventTypes, type));
    assert(aggregate, `${type} is of no aggregate`);
    const event = recorded({ type, data: upcast(UPCASTERS, { type, schemaVersion, data }) });
    const state = aggregate.evolve(aggregate.initialState, event);
    assert(typeof state === "object" && state !== null);
  });
}
