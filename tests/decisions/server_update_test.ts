/** PUT /servers/{id}: attributes and the pin on a zone. */
import { assertEquals } from "@std/assert";
import { updateServer } from "../../src/compute/servers/decide/mod.ts";
import type { ServerUpdated } from "../../src/compute/servers/events.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import {
  admin,
  built,
  created,
  deleted,
  deleteRequested,
  given,
  ID,
  LIVING,
  lockedBy,
  owner,
  scheduled,
  stranger,
  updated,
} from "../kit/decision_servers.ts";

type Changes = ServerUpdated["data"];

const update = (changes: Changes, by: Actor = owner) => (server: Server) =>
  updateServer({ type: "UpdateServer", id: ID, by, changes }, server);

/** Every attribute that PUT may change, with a value that the example server does not have. */
const NEW_VALUES: Required<Changes> = {
  name: "db",
  description: "the second one",
  accessIPv4: "192.0.2.7",
  accessIPv6: "2001:db8::7",
  diskConfig: "AUTO",
  hostname: "db-1",
  pinnedAvailabilityZone: "nova",
};

for (const [attribute, value] of Object.entries(NEW_VALUES)) {
  Deno.test(`PUT changes ${attribute}`, () => {
    const change: Changes = { [attribute]: value };
    const running = given(created(), built());
    running.when(update(change)).then([updated(change)]);
    const after = given(created(), built(), updated(change)).state;
    assertEquals<unknown>(after[attribute as keyof Changes], value);
  });

  Deno.test(`PUT with the ${attribute} that is there changes nothing`, () => {
    const change: Changes = { [attribute]: value };
    given(created(), built(), updated(change)).when(update(change)).thenNothing();
  });
}

Deno.test("PUT records only what differs", () => {
  given(created()).when(update({ name: "web", description: "new" })).then([
    updated({ description: "new" }),
  ]);
});

Deno.test("a PUT of nothing, or of keys without values, changes nothing", () => {
  given(created()).when(update({})).thenNothing();
  given(created({ description: "old" })).when(update({ description: undefined })).thenNothing();
});

Deno.test("null removes a description", () => {
  given(created({ description: "old" })).when(update({ description: null })).then([
    updated({ description: null }),
  ]);
});

Deno.test("PUT is for every state, also of a locked server and one being deleted", () => {
  for (const vmState of LIVING) {
    given(created()).but({ vmState }).when(update({ name: "db" })).then([updated({ name: "db" })]);
  }
  for (const event of [lockedBy("owner"), lockedBy("admin"), deleteRequested()]) {
    given(created(), built(), event).when(update({ name: "db" })).then([updated({ name: "db" })]);
  }
});

Deno.test("PUT is for those who see the server", () => {
  const missing = `Instance ${ID} could not be found.`;
  const change = update({ name: "db" }, stranger);
  given(created()).when(change).thenRefused("NotFound", missing);
  given().when(update({ name: "db" })).thenRefused("NotFound", missing);
  given(created(), deleted()).when(update({ name: "db" }, admin)).thenRefused("NotFound", missing);
  given(created()).when(update({ name: "db" }, admin)).then([updated({ name: "db" })]);
});

Deno.test("a server may be pinned to the zone it is in, and to no other", () => {
  const running = given(created(), scheduled({ availabilityZone: "zone-b" }));
  running.when(update({ pinnedAvailabilityZone: "zone-b" })).then([
    updated({ pinnedAvailabilityZone: "zone-b" }),
  ]);
  running.when(update({ pinnedAvailabilityZone: "zone-a" })).thenRefused(
    "Conflict",
    "Server can only be pinned to its current availability zone 'zone-b', " +
      "but 'zone-a' was requested.",
  );
});

Deno.test("a pin is taken off, and not moved", () => {
  const pinned = given(created({ requestedZone: "zone-a" }), scheduled());
  pinned.when(update({ pinnedAvailabilityZone: "zone-a" })).thenNothing();
  pinned.when(update({ pinnedAvailabilityZone: null })).then([
    updated({ pinnedAvailabilityZone: null }),
  ]);
  pinned.when(update({ pinnedAvailabilityZone: "nova" })).thenRefused(
    "Conflict",
    "Cannot change pinned availability zone directly. Unpin first by setting " +
      "pinned_availability_zone to null.",
  );
  given(created()).when(update({ pinnedAvailabilityZone: null })).thenNothing();
});

Deno.test("a PUT whose pin is refused changes nothing else either", () => {
  given(created(), built()).when(update({ name: "db", pinnedAvailabilityZone: "elsewhere" }))
    .thenRefused(
      "Conflict",
      "Server can only be pinned to its current availability zone 'nova', " +
        "but 'elsewhere' was requested.",
    );
});
