/** Metadata items: set, replace, delete. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  deleteServerMetadataItem,
  updateServerMetadata,
} from "../../src/compute/servers/decide/mod.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import {
  admin,
  AT_REST,
  built,
  created,
  deleted,
  deleteRequested,
  given,
  ID,
  lockedBy,
  metadataChanged,
  NOT_AT_REST,
  owner,
  stranger,
} from "../kit/decision_servers.ts";

type Items = Readonly<Record<string, string>>;

interface Options {
  readonly by?: Actor;
  readonly limit?: number;
}

const change =
  (replace: boolean) =>
  (items: Items, { by = owner, limit = 128 }: Options = {}) =>
  (server: Server) =>
    updateServerMetadata(
      { type: "UpdateServerMetadata", id: ID, by, items, replace, limit },
      server,
    );
const add = change(false);
const replace = change(true);
const remove = (key: string, by: Actor = owner) => (server: Server) =>
  deleteServerMetadataItem({ type: "DeleteServerMetadataItem", id: ID, by, key }, server);

const having = (metadata: Items) => given(created({ metadata }), built());

Deno.test("items are added beside those that are there", () => {
  having({ role: "web" }).when(add({ a: "1", b: "" })).then([metadataChanged({ a: "1", b: "" })]);
});

Deno.test("only items that differ are recorded", () => {
  having({ role: "web", tier: "1" }).when(add({ role: "web", tier: "2" })).then([
    metadataChanged({ tier: "2" }),
  ]);
  having({ role: "web" }).when(add({ role: "web" })).thenNothing();
  having({ role: "web" }).when(add({})).thenNothing();
});

Deno.test("replacing removes what is not named", () => {
  having({ role: "web", tier: "1" }).when(replace({ tier: "2", b: "2" })).then([
    metadataChanged({ tier: "2", b: "2" }, "role"),
  ]);
  having({ role: "web" }).when(replace({})).then([metadataChanged({}, "role")]);
  having({ role: "web" }).when(replace({ role: "web" })).thenNothing();
  having({}).when(replace({})).thenNothing();
});

Deno.test("one item is deleted", () => {
  having({ role: "web", tier: "1" }).when(remove("role")).then([metadataChanged({}, "role")]);
});

Deno.test("an item that is not there cannot be deleted", () => {
  having({ role: "web" }).when(remove("tier")).thenRefused(
    "NotFound",
    "Metadata item was not found",
  );
  // What every object has is no item.
  having({}).when(remove("constructor")).thenRefused("NotFound", "Metadata item was not found");
});

Deno.test("the limit counts the items there would be", () => {
  const over = "Maximum number of metadata items exceeds 2";
  const two = having({ a: "1", b: "1" });
  two.when(add({ c: "1" }, { limit: 2 })).thenRefused("QuotaExceeded", over);
  two.when(add({ a: "2", b: "2" }, { limit: 2 })).then([metadataChanged({ a: "2", b: "2" })]);
  two.when(replace({ c: "1", d: "1" }, { limit: 2 })).then([
    metadataChanged({ c: "1", d: "1" }, "a", "b"),
  ]);
  two.when(replace({ c: "1", d: "1", e: "1" }, { limit: 2 })).thenRefused("QuotaExceeded", over);
  two.when(add({ c: "1" }, { limit: -1 })).then([metadataChanged({ c: "1" })]);
  two.when(add({ c: "1" }, { limit: 0 })).thenRefused(
    "QuotaExceeded",
    "Maximum number of metadata items exceeds 0",
  );
});

Deno.test("a limit that was lowered below what is there refuses even what changes nothing", () => {
  having({ a: "1", b: "1" }).when(add({}, { limit: 1 })).thenRefused(
    "QuotaExceeded",
    "Maximum number of metadata items exceeds 1",
  );
  having({ a: "1", b: "1" }).when(remove("a")).then([metadataChanged({}, "a")]);
});

/** The three ways to change metadata, each by whom one likes, and what messages call them. */
const WAYS = [
  { name: "adding", word: "update metadata", by: (actor: Actor) => add({ a: "1" }, { by: actor }) },
  {
    name: "replacing",
    word: "update metadata",
    by: (actor: Actor) => replace({ a: "1" }, { by: actor }),
  },
  { name: "deleting", word: "delete metadata", by: (actor: Actor) => remove("role", actor) },
] as const;

for (const { name, word, by } of WAYS) {
  const server = having({ role: "web" });

  Deno.test(`${name} metadata is for servers at rest`, () => {
    for (const vmState of AT_REST) {
      assert(!isRejection(by(owner)({ ...server.state, vmState })), vmState);
    }
    for (const vmState of NOT_AT_REST) {
      server.but({ vmState }).when(by(owner)).thenRefused(
        "Conflict",
        `Cannot '${word}' instance ${ID} while it is in vm_state ${vmState}`,
      );
    }
  });

  Deno.test(`${name} metadata goes on while the server is being deleted`, () => {
    const going = given(created({ metadata: { role: "web" } }), built(), deleteRequested());
    assert(!isRejection(by(owner)(going.state)));
  });

  Deno.test(`${name} metadata needs a server that has run`, () => {
    server.but({ launchedAt: null }).when(by(owner)).thenRefused(
      "Conflict",
      `Instance ${ID} is in an invalid state for '${word}'`,
    );
  });

  Deno.test(`${name} metadata is stopped by a lock, but not for admins`, () => {
    const locked = given(created({ metadata: { role: "web" } }), built(), lockedBy("owner"));
    locked.when(by(owner)).thenRefused("Conflict", `Instance ${ID} is locked`);
    assert(!isRejection(by(admin)(locked.state)));
  });

  Deno.test(`${name} metadata is refused by visibility, lock, state, launch: in this order`, () => {
    const worst = server.but({
      vmState: "error",
      launchedAt: null,
      lock: { by: "owner", reason: null },
    });
    worst.when(by(stranger)).thenRefused("NotFound", `Instance ${ID} could not be found.`);
    worst.when(by(owner)).thenRefused("Conflict", `Instance ${ID} is locked`);
    worst.when(by(admin)).thenRefused(
      "Conflict",
      `Cannot '${word}' instance ${ID} while it is in vm_state error`,
    );
  });

  Deno.test(`${name} metadata of a server that is gone is refused`, () => {
    given(created({ metadata: { role: "web" } }), deleted()).when(by(owner))
      .thenRefused("NotFound", `Instance ${ID} could not be found.`);
  });
}

Deno.test("the limit is looked at last", () => {
  having({}).but({ launchedAt: null }).when(add({ a: "1" }, { limit: 0 })).thenRefused(
    "Conflict",
    `Instance ${ID} is in an invalid state for 'update metadata'`,
  );
});

Deno.test("an unknown key is refused before lock and state, but not before visibility", () => {
  const locked = given(created(), lockedBy("admin"));
  locked.when(remove("tier")).thenRefused("NotFound", "Metadata item was not found");
  locked.when(remove("tier", stranger)).thenRefused(
    "NotFound",
    `Instance ${ID} could not be found.`,
  );
});

/** Keys as the schema lets them through, those that JavaScript makes something of included. */
const key = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "1", "a", "b", "c"),
  fc.stringMatching(/^[a-zA-Z0-9_:. -]{1,8}$/),
);
const items = fc.array(fc.tuple(key, fc.constantFrom("", "1", "2")), { maxLength: 6 })
  .map((pairs): Items => Object.fromEntries(pairs));

Deno.test("whatever is added or replaced, folding it gives exactly the wanted items", () => {
  fc.assert(fc.property(items, items, fc.boolean(), (before, wanted, replaces) => {
    const server = having(before);
    const decision = (replaces ? replace : add)(wanted, { limit: -1 })(server.state);
    assert(!isRejection(decision));
    const after = given(created({ metadata: before }), built(), decision).state.metadata;
    const expected = replaces
      ? Object.entries(wanted)
      : [...new Map([...Object.entries(before), ...Object.entries(wanted)])];
    assertEquals(Object.entries(after).sort(), expected.sort());
    // Asked again, there is nothing left to do.
    assertEquals(
      (replaces ? replace : add)(wanted, { limit: -1 })({ ...server.state, metadata: after }),
      [],
    );
  }));
});
