/** Tags: add, remove, replace; nova/api/openstack/compute/server_tags.py. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAX_TAGS,
  type UpdateServerTags,
  updateServerTags,
} from "../../src/compute/servers/decide/mod.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import {
  AT_REST,
  built,
  created,
  deleted,
  deleteRequested,
  given,
  ID,
  lockedBy,
  NOT_AT_REST,
  owner,
  stranger,
  tagsChanged,
} from "../kit/decision_servers.ts";

type Change = UpdateServerTags["change"];

const asked = (change: Change, by: Actor = owner) => (server: Server) =>
  updateServerTags({ type: "UpdateServerTags", id: ID, by, change }, server);

const having = (...tags: readonly string[]) => given(created({ tags }), built());
const full = Array.from({ length: MAX_TAGS }, (_, index) => `tag-${index}`);

Deno.test("a tag is added once", () => {
  having("red").when(asked({ add: "blue" })).then([tagsChanged(["blue"])]);
  having("red").when(asked({ add: "red" })).thenNothing();
});

Deno.test("the 51st tag is refused, and so is one that a full server has", () => {
  const message = "The number of tags exceeded the per-server limit 50";
  having(...full.slice(1)).when(asked({ add: "tag-0" })).then([tagsChanged(["tag-0"])]);
  having(...full).when(asked({ add: "one-more" })).thenRefused("Invalid", message);
  having(...full).when(asked({ add: "tag-0" })).thenRefused("Invalid", message);
});

Deno.test("a tag is removed, if it is there", () => {
  having("red", "blue").when(asked({ remove: "red" })).then([tagsChanged([], ["red"])]);
  having("blue").when(asked({ remove: "red" })).thenRefused(
    "NotFound",
    `Instance ${ID} has no tag 'red'`,
  );
});

Deno.test("replacing records what came and what went", () => {
  having("red", "blue").when(asked({ replaceAll: ["green", "blue"] })).then([
    tagsChanged(["green"], ["red"]),
  ]);
  having("red").when(asked({ replaceAll: ["green", "green"] })).then([
    tagsChanged(["green"], ["red"]),
  ]);
  having("red", "blue").when(asked({ replaceAll: ["red", "blue", "red"] })).thenNothing();
  having("red").when(asked({ replaceAll: [] })).then([tagsChanged([], ["red"])]);
  having().when(asked({ replaceAll: [] })).thenNothing();
});

Deno.test("a full server's tags can be replaced", () => {
  const others = full.map((tag) => `other-${tag}`);
  having(...full).when(asked({ replaceAll: others })).then([
    tagsChanged(others, given(created({ tags: full })).state.tags),
  ]);
});

/** Each way to change tags, and what messages call it. */
const WORDS: readonly (readonly [string, Change])[] = [
  ["update tag", { add: "blue" }],
  ["delete tag", { remove: "red" }],
  ["update tags", { replaceAll: ["blue"] }],
  ["delete tags", { replaceAll: [] }],
];

for (const [word, change] of WORDS) {
  Deno.test(`'${word}' is for servers at rest, locked or going or never launched`, () => {
    for (const vmState of AT_REST) {
      assert(!isRejection(asked(change)({ ...having("red").state, vmState })), vmState);
    }
    for (const vmState of NOT_AT_REST) {
      having("red").but({ vmState }).when(asked(change)).thenRefused(
        "Conflict",
        `Cannot '${word}' instance ${ID} while it is in vm_state ${vmState}`,
      );
    }
    for (const event of [lockedBy("owner"), lockedBy("admin"), deleteRequested()]) {
      const server = given(created({ tags: ["red"] }), built(), event).but({ launchedAt: null });
      assert(!isRejection(asked(change)(server.state)), event.type);
    }
  });

  Deno.test(`'${word}' is for those who see the server`, () => {
    const missing = `Instance ${ID} could not be found.`;
    having("red").but({ vmState: "error" }).when(asked(change, stranger))
      .thenRefused("NotFound", missing);
    given(created({ tags: ["red"] }), deleted()).when(asked(change))
      .thenRefused("NotFound", missing);
  });
}

Deno.test("the state counts before the tag: an unknown one, or one too many", () => {
  having(...full).but({ vmState: "error" }).when(asked({ add: "one-more" })).thenRefused(
    "Conflict",
    `Cannot 'update tag' instance ${ID} while it is in vm_state error`,
  );
  having().but({ vmState: "error" }).when(asked({ remove: "red" })).thenRefused(
    "Conflict",
    `Cannot 'delete tag' instance ${ID} while it is in vm_state error`,
  );
});

const tag = fc.constantFrom("a", "b", "B", "c", "é", "constructor", "__proto__", "10", "9");
const tags = fc.array(tag, { maxLength: 8 });

Deno.test("whatever replaces the tags, folding it gives exactly the wanted set, in text order", () => {
  fc.assert(fc.property(tags, tags, (before, wanted) => {
    const decision = asked({ replaceAll: wanted })(having(...before).state);
    assert(!isRejection(decision));
    const after = given(created({ tags: before }), built(), decision).state.tags;
    assertEquals(after, [...new Set(wanted)].sort());
  }));
});

Deno.test("whatever is added and removed one by one, folding it gives exactly that set", () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), tag }), { maxLength: 12 });
  fc.assert(fc.property(tags, steps, (before, steps) => {
    const expected = new Set(before);
    let server = having(...before);
    for (const { add, tag } of steps) {
      const decision = asked(add ? { add: tag } : { remove: tag })(server.state);
      if (!add && !expected.has(tag)) {
        assert(isRejection(decision));
        continue;
      }
      assert(!isRejection(decision));
      server = given(created({ tags: [...expected] }), built(), decision);
      if (add) expected.add(tag);
      else expected.delete(tag);
      assertEquals(server.state.tags, [...expected].sort());
    }
  }));
});
