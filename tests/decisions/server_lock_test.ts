/** Locking and unlocking; nova/compute/api.py, `lock` and `unlock`, and what a real Nova answered. */
import { assertEquals } from "@std/assert";
import { lockServer, unlockServer } from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import type { Decision } from "../../src/eventsourcing/decider.ts";
import {
  admin,
  adminOfProject,
  created,
  deleted,
  given,
  ID,
  lockedBy,
  owner,
  stranger,
  unlocked,
} from "../kit/decision_servers.ts";

const lock = (by: Actor, reason?: string) => (server: Server) =>
  lockServer({ type: "LockServer", id: ID, by, ...(reason !== undefined && { reason }) }, server);
const unlock = (by: Actor) => (server: Server) =>
  unlockServer({ type: "UnlockServer", id: ID, by }, server);

const OVERRIDE =
  "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.";

Deno.test("a lock is the owner's when it comes from the server's project, else an admin's", () => {
  given(created()).when(lock(owner)).then([lockedBy("owner")]);
  given(created()).when(lock(adminOfProject)).then([lockedBy("owner")]);
  given(created()).when(lock(admin)).then([lockedBy("admin")]);
});

Deno.test("a lock keeps the reason it was given", () => {
  given(created()).when(lock(owner, "paying the bill")).then([
    lockedBy("owner", "paying the bill"),
  ]);
});

Deno.test("a second lock from the server's project changes nothing, not even the reason", () => {
  given(created(), lockedBy("owner")).when(lock(owner, "why")).thenNothing();
  given(created(), lockedBy("admin")).when(lock(owner)).thenNothing();
  given(created(), lockedBy("admin")).when(lock(adminOfProject, "why")).thenNothing();
});

Deno.test("an admin of another project takes the owner's lock over", () => {
  given(created(), lockedBy("owner", "mine")).when(lock(admin)).then([lockedBy("admin")]);
});

Deno.test("a lock that is taken over keeps the old reason unless there is a new one", () => {
  const taken = given(created(), lockedBy("owner", "mine"), lockedBy("admin"));
  assertEquals(taken.state.lock, { by: "admin", reason: "mine" });
  const renamed = given(created(), lockedBy("owner", "mine"), lockedBy("admin", "ours"));
  assertEquals(renamed.state.lock, { by: "admin", reason: "ours" });
});

Deno.test("an admin's second lock records only a new reason", () => {
  const locked = given(created(), lockedBy("admin", "why"));
  locked.when(lock(admin)).thenNothing();
  locked.when(lock(admin, "why")).thenNothing();
  locked.when(lock(admin, "because")).then([lockedBy("admin", "because")]);
});

Deno.test("unlocking lifts a lock with its reason", () => {
  given(created(), lockedBy("owner", "why")).when(unlock(owner)).then([unlocked()]);
  assertEquals(given(created(), lockedBy("owner", "why"), unlocked()).state.lock, null);
});

Deno.test("unlocking what is not locked changes nothing", () => {
  for (const by of [owner, adminOfProject, admin]) {
    given(created()).when(unlock(by)).thenNothing();
  }
});

Deno.test("the owner may not lift the lock of an admin of another project", () => {
  given(created(), lockedBy("admin")).when(unlock(owner)).thenRefused("Forbidden", OVERRIDE);
  // Locking it once more does not make it the owner's.
  given(created(), lockedBy("owner"), lockedBy("admin")).when(unlock(owner))
    .thenRefused("Forbidden", OVERRIDE);
});

Deno.test("an admin lifts every lock, and the owner one set within the project", () => {
  given(created(), lockedBy("owner")).when(unlock(admin)).then([unlocked()]);
  given(created(), lockedBy("admin")).when(unlock(admin)).then([unlocked()]);
  given(created(), lockedBy("admin")).when(unlock(adminOfProject)).then([unlocked()]);
  given(created(), lockedBy("owner")).when(unlock(owner)).then([unlocked()]);
});

Deno.test("a server that is not there for someone can neither be locked nor unlocked", () => {
  const missing = `Instance ${ID} could not be found.`;
  const commands: readonly ((by: Actor) => (server: Server) => Decision<ServerEvent>)[] = [
    lock,
    unlock,
  ];
  for (const command of commands) {
    given(created()).when(command(stranger)).thenRefused("NotFound", missing);
    given().when(command(owner)).thenRefused("NotFound", missing);
    given(created(), deleted()).when(command(admin)).thenRefused("NotFound", missing);
  }
});
