/** Deletes that can be undone: what they break into, and what becomes of the server. */
import { assertEquals } from "@std/assert";
import { deleteServer, restoreServer } from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import { claimsOf, type Server } from "../../src/compute/servers/state.ts";
import { DEFAULT_LIMITS, NO_USAGE } from "../../src/compute/quotas/limits.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import {
  built,
  created,
  deleted,
  deleteRequested,
  exampleFlavor,
  given,
  ID,
  lockedBy,
  owner,
  scheduled,
  stranger,
} from "../kit/decision_servers.ts";

const requested: ServerEvent = { type: "ServerSoftDeleteRequested", data: {} };
const done: ServerEvent = { type: "ServerSoftDeleted", data: {} };
const failed: ServerEvent = {
  type: "ServerOperationFailed",
  data: { operation: "softDelete", fault: { code: 500, message: "broken" }, inError: false },
};
const rebuilding: ServerEvent = {
  type: "ServerRebuildRequested",
  data: { adminPass: "sealed" as Sealed, preserveEphemeral: false, changes: { image: null } },
};
const MOVING: readonly ServerEvent[] = [
  {
    type: "ServerResizeRequested",
    data: { migrationId: "migration-1", flavor: exampleFlavor, diskConfig: "AUTO" },
  },
  {
    type: "ServerDestinationChosen",
    data: {
      host: "host-b",
      node: "host-b",
      availabilityZone: "nova",
      decision: scheduled().data.decision,
    },
  },
  { type: "ServerTaskAdvanced", data: { taskState: "resize_migrating" } },
];
const stopping: ServerEvent = { type: "ServerStopRequested", data: {} };

const remove = (server: Server) =>
  deleteServer({ type: "DeleteServer", id: ID, by: owner, isSoft: true }, server);

const restore = (by = owner, limits = DEFAULT_LIMITS) => (server: Server) =>
  restoreServer(
    { type: "OperateServer", id: ID, by, operation: { name: "restore", input: {} } },
    server,
    { limits, usage: NO_USAGE },
  );

const running = () => given(created(), built());
const softDeleted = () => given(created(), built(), requested, done);

Deno.test("a server that has run is deleted softly", () => {
  running().when(remove).then([requested]);
});

Deno.test("one that never ran, or is on no host, is deleted for good", () => {
  given(created(), built().slice(0, 2)).when(remove).then([deleteRequested()]);
  given(created()).when(remove).then([deleted()]);
});

Deno.test("deleting it again while it can be restored changes nothing", () => {
  given(created(), built(), requested).when(remove).thenNothing();
  softDeleted().when(remove).thenNothing();
});

Deno.test("where a soft delete fails, a server that it did not break into is what it was", () => {
  assertEquals(given(created(), built(), requested, failed).state.vmState, "active");
  assertEquals(given(created(), built(), stopping, requested, failed).state.vmState, "active");
});

Deno.test("where a soft delete fails that broke into a rebuild, the server is in error", () => {
  const { state } = given(created(), built(), rebuilding, requested);
  assertEquals(state.taskState, "soft-deleting");
  assertEquals(given(created(), built(), rebuilding, requested, failed).state.vmState, "error");
  assertEquals(given(created(), built(), rebuilding, requested, done).state.vmState, "soft-delete");
});

Deno.test("where a soft delete fails that broke into a move, the server claims one host", () => {
  const moved = (...more: readonly ServerEvent[]) => given(created(), built(), ...MOVING, ...more);
  const { state } = moved(requested, failed);
  assertEquals([state.vmState, state.move, state.placement?.host], ["error", null, "host-a"]);
  assertEquals(state.migrations.map(({ status }) => status), ["error"]);
  assertEquals(claimsOf(state).map(({ host }) => host), ["host-a"]);
});

Deno.test("where a soft delete of a resized server fails, it still waits to be confirmed", () => {
  const resized: ServerEvent = { type: "ServerResized", data: {} };
  const { state } = given(created(), built(), MOVING, resized, requested, failed);
  assertEquals([state.vmState, state.move === null], ["resized", false]);
  assertEquals(state.migrations.map(({ status }) => status), ["finished"]);
});

Deno.test("a server that was deleted softly is restored, by its owner", () => {
  softDeleted().when(restore()).then([{ type: "ServerRestoreRequested", data: {} }]);
  softDeleted().but({ placement: null }).when(restore()).then([
    { type: "ServerRestoreRequested", data: {} },
    { type: "ServerRestored", data: {} },
  ]);
});

Deno.test("a server cannot be restored that is not deleted, is locked, or has no room", () => {
  running().when(restore()).thenRefused(
    "Conflict",
    `Cannot 'restore' instance ${ID} while it is in vm_state active`,
  );
  given(created(), built(), requested, done, lockedBy("owner")).when(restore()).thenRefused(
    "Conflict",
    `Instance ${ID} is in an invalid state for 'restore'`,
  );
  softDeleted().when(restore(stranger)).thenRefused(
    "NotFound",
    `Instance ${ID} could not be found.`,
  );
  softDeleted().when(restore(owner, { ...DEFAULT_LIMITS, instances: 0 })).thenRefused(
    "QuotaExceeded",
    "Quota exceeded for instances: Requested 1, but already used 0 of 0 instances",
  );
});
