/** Aggregates of hosts: each command does it, refuses it, or has nothing left to do. */
import { assertEquals } from "@std/assert";
import {
  type AddHostToAggregate,
  addHostToAggregate,
  type CreateAggregate,
  createAggregate,
  deleteAggregate,
  forgetHost,
  NO_AGGREGATE,
  removeHostFromAggregate,
  requestAggregateImages,
  setAggregateMetadata,
  type UpdateAggregate,
  updateAggregate,
  type ZoneFacts,
} from "../../src/compute/aggregates/decider.ts";
import { hostAggregates } from "../../src/compute/aggregates/projection.ts";
import { givenOf, timeOf } from "../kit/given.ts";

const given = givenOf(hostAggregates);

const created = (metadata: Record<string, string> = {}) =>
  ({ type: "AggregateCreated", data: { number: 1, name: "fast", metadata } }) as const;
const inLondon = created({ availability_zone: "london" });
const hostAdded = (host: string) => ({ type: "AggregateHostAdded", data: { host } }) as const;
const hostRemoved = (host: string) => ({ type: "AggregateHostRemoved", data: { host } }) as const;
const changed = (set: Record<string, string>, ...removed: string[]) =>
  ({ type: "AggregateMetadataChanged", data: { set, removed } }) as const;
const deleted = { type: "AggregateDeleted", data: {} } as const;

const NO_FACTS: ZoneFacts = { others: [], servers: {} };
const BUSY: ZoneFacts = { others: [], servers: { a: 2 } };
const paris = (...hosts: string[]): ZoneFacts => ({
  others: [{ zone: "paris", hosts }],
  servers: {},
});

const CREATE: CreateAggregate = {
  type: "CreateAggregate",
  number: 1,
  name: "fast",
  zone: null,
  nameIsTaken: false,
};

Deno.test("CreateAggregate makes an aggregate, or a zone", () => {
  given().when((state) => createAggregate(CREATE, state)).then([created()]);
  given().when((state) => createAggregate({ ...CREATE, zone: "london" }, state)).then([inLondon]);
  given().when((state) => createAggregate({ ...CREATE, nameIsTaken: true }, state))
    .thenRefused("Conflict", "Aggregate fast already exists.");
});

function update(changes: Partial<UpdateAggregate>): UpdateAggregate {
  return { type: "UpdateAggregate", id: "1", nameIsTaken: false, facts: NO_FACTS, ...changes };
}

Deno.test("UpdateAggregate renames, and makes another zone of it", () => {
  given(inLondon).when((state) => updateAggregate(update({ name: "new", zone: "rome" }), state))
    .then([
      { type: "AggregateRenamed", data: { name: "new" } },
      changed({ availability_zone: "rome" }),
    ]);
});

Deno.test("UpdateAggregate to what it is changes nothing, servers or not", () => {
  const same = update({ name: "fast", zone: "london", facts: BUSY });
  given(inLondon, hostAdded("a")).when((state) => updateAggregate(same, state)).thenNothing();
});

Deno.test("UpdateAggregate refuses", () => {
  const busy = given(inLondon, hostAdded("a"));
  busy.when((state) => updateAggregate(update({ name: "x", nameIsTaken: true }), state))
    .thenRefused("Conflict", "Aggregate x already exists.");
  const rome = { zone: "rome" };
  busy.when((state) => updateAggregate(update({ ...rome, facts: BUSY }), state)).thenRefused(
    "Invalid",
    "Cannot update aggregate 1. Reason: One or more hosts contain instances in this zone.",
  );
  busy.when((state) => updateAggregate(update({ ...rome, facts: paris("a", "b") }), state))
    .thenRefused(
      "Invalid",
      "Cannot update aggregate 1. Reason: One or more hosts already in availability zone(s) " +
        "['paris'].",
    );
  busy.when((state) => updateAggregate(update({ name: "new", zone: null }), state)).thenRefused(
    "Invalid",
    "Cannot update aggregate 1. Reason: Aggregate new does not support empty named availability " +
      "zone.",
  );
  given(inLondon, deleted).when((state) => updateAggregate(update({ name: "x" }), state))
    .thenRefused("NotFound", "Aggregate 1 could not be found.");
});

Deno.test("a zone that other hosts' aggregates are is no conflict", () => {
  const command = update({ zone: "rome", facts: paris("b") });
  given(inLondon, hostAdded("a")).when((state) => updateAggregate(command, state))
    .then([changed({ availability_zone: "rome" })]);
});

Deno.test("SetAggregateMetadata sets, takes away, and leaves the rest", () => {
  const set = (changes: Record<string, string | null>) => ({
    type: "SetAggregateMetadata" as const,
    id: "1",
    changes,
    facts: NO_FACTS,
  });
  const ssd = given(created({ ssd: "true", hdd: "false" }));
  ssd.when((state) => setAggregateMetadata(set({ ssd: "no", hdd: null, x: null }), state))
    .then([changed({ ssd: "no" }, "hdd")]);
  ssd.when((state) => setAggregateMetadata(set({ ssd: "true", x: null }), state)).thenNothing();
  ssd.when((state) => setAggregateMetadata(set({ availability_zone: null }), state)).thenRefused(
    "Invalid",
    "Cannot update metadata of aggregate 1. Reason: Aggregate fast does not support empty named " +
      "availability zone.",
  );
});

function adding(changes: Partial<AddHostToAggregate> = {}): AddHostToAggregate {
  return {
    type: "AddHostToAggregate",
    id: "1",
    host: "a",
    hostExists: true,
    facts: NO_FACTS,
    ...changes,
  };
}

Deno.test("AddHostToAggregate adds a host, once", () => {
  given(inLondon).when((state) => addHostToAggregate(adding(), state)).then([hostAdded("a")]);
  given(inLondon, hostAdded("a")).when((state) => addHostToAggregate(adding(), state))
    .thenRefused("Conflict", "Aggregate 1 already has host a.");
});

Deno.test("AddHostToAggregate looks for the host first, then for the aggregate", () => {
  given().when((state) => addHostToAggregate(adding({ hostExists: false }), state))
    .thenRefused("NotFound", "Compute host a could not be found.");
  given().when((state) => addHostToAggregate(adding(), state))
    .thenRefused("NotFound", "Aggregate 1 could not be found.");
});

Deno.test("AddHostToAggregate refuses a second zone, and one that servers would have to move to", () => {
  given(inLondon).when((state) => addHostToAggregate(adding({ facts: paris("a") }), state))
    .thenRefused(
      "Conflict",
      "Cannot add host to aggregate 1. Reason: One or more hosts already in availability zone(s) " +
        "['paris'].",
    );
  given(inLondon).when((state) => addHostToAggregate(adding({ facts: BUSY }), state)).thenRefused(
    "Conflict",
    "Cannot add host to aggregate 1. Reason: The host cannot be added to the aggregate as the " +
      "availability zone of the host would change from 'None' to 'london' but the host already " +
      "has 2 instance(s). Changing the AZ of an existing instance is not supported by this " +
      "action. Move the instances away from this host then try again. If you need to move the " +
      "instances between AZs then you can use shelve_offload and unshelve to achieve this..",
  );
  const same = { others: [{ zone: "london", hosts: ["a"] }], servers: { a: 2 } };
  given(inLondon).when((state) => addHostToAggregate(adding({ facts: same }), state))
    .then([hostAdded("a")]);
  given(created()).when((state) => addHostToAggregate(adding({ facts: BUSY }), state))
    .then([hostAdded("a")]);
});

Deno.test("RemoveHostFromAggregate takes a host out unless servers would have to move", () => {
  const removing = (facts: ZoneFacts, hostExists = true) => ({
    type: "RemoveHostFromAggregate" as const,
    id: "1",
    host: "a",
    hostExists,
    facts,
  });
  const member = given(inLondon, hostAdded("a"));
  member.when((state) => removeHostFromAggregate(removing(NO_FACTS), state))
    .then([hostRemoved("a")]);
  const also = { others: [{ zone: "london", hosts: ["a"] }], servers: { a: 1 } };
  member.when((state) => removeHostFromAggregate(removing(also), state)).then([hostRemoved("a")]);
  const missing = "Cannot remove host a in aggregate 1";
  for (const state of [given(), given(inLondon), given(inLondon, deleted)]) {
    state.when((one) => removeHostFromAggregate(removing(NO_FACTS), one))
      .thenRefused("NotFound", missing);
  }
  member.when((state) => removeHostFromAggregate(removing(NO_FACTS, false), state))
    .thenRefused("NotFound", missing);
  member.when((state) => removeHostFromAggregate(removing(BUSY), state)).thenRefused(
    "Conflict",
    "Cannot remove host from aggregate 1. Reason: The host cannot be removed from the aggregate " +
      "as the availability zone of the host would change from 'london' to 'None' but the host " +
      "already has 2 instance(s). Changing the AZ of an existing instance is not supported by " +
      "this action. Move the instances away from this host then try again. If you need to move " +
      "the instances between AZs then you can use shelve_offload and unshelve to achieve this..",
  );
});

Deno.test("a host that is gone is forgotten where it is a member", () => {
  given(inLondon, hostAdded("a")).when((state) => forgetHost("a", state)).then([hostRemoved("a")]);
  given(inLondon).when((state) => forgetHost("a", state)).thenNothing();
});

Deno.test("images are asked for of an aggregate that is there", () => {
  const command = { type: "RequestAggregateImages", id: "1", imageIds: ["i"] } as const;
  given(created()).when((state) => requestAggregateImages(command, state))
    .then([{ type: "AggregateImagesRequested", data: { imageIds: ["i"] } }]);
  given().when((state) => requestAggregateImages(command, state))
    .thenRefused("NotFound", "Aggregate 1 could not be found.");
});

Deno.test("DeleteAggregate deletes an empty aggregate", () => {
  const command = { type: "DeleteAggregate", id: "1" } as const;
  given(created()).when((state) => deleteAggregate(command, state)).then([deleted]);
  given(created(), hostAdded("a")).when((state) => deleteAggregate(command, state)).thenRefused(
    "Invalid",
    "Cannot remove host from aggregate 1. Reason: Host aggregate is not empty.",
  );
  given(created(), deleted).when((state) => deleteAggregate(command, state))
    .thenRefused("NotFound", "Aggregate 1 could not be found.");
});

Deno.test("what is true of an aggregate; only its name and metadata move its time", () => {
  const events = [inLondon, hostAdded("a"), hostAdded("b"), hostRemoved("a")];
  const before = {
    ...NO_AGGREGATE,
    ...inLondon.data,
    hosts: ["b"],
    createdAt: timeOf(1),
  };
  assertEquals(given(...events).state, before);
  assertEquals(given(...events, changed({ x: "1" }, "availability_zone")).state, {
    ...before,
    metadata: { x: "1" },
    updatedAt: timeOf(5),
  });
});
