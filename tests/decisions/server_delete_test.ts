/** DELETE /servers/{id}. */
import { deleteServer } from "../../src/compute/servers/decide/mod.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import {
  admin,
  adminOfProject,
  buildFailed,
  built,
  created,
  deleted,
  deleteRequested,
  disksPrepared,
  given,
  ID,
  LIVING,
  lockedBy,
  networked,
  owner,
  scheduled,
  stranger,
} from "../kit/decision_servers.ts";

const remove = (by: Actor) => (server: Server) =>
  deleteServer({ type: "DeleteServer", id: ID, by }, server);

const running = () => given(created(), built());

Deno.test("a server on a host is deleted in time, by its owner as by an admin", () => {
  for (const by of [owner, admin, adminOfProject]) {
    running().when(remove(by)).then([deleteRequested()]);
  }
});

Deno.test("a server is deleted in every state", () => {
  for (const vmState of LIVING) {
    running().but({ vmState }).when(remove(owner)).then([deleteRequested()]);
  }
});

Deno.test("a server that is being built on a host is deleted in time", () => {
  given(created(), scheduled()).when(remove(owner)).then([deleteRequested()]);
  given(created(), scheduled(), networked()).when(remove(owner)).then([deleteRequested()]);
  given(created(), scheduled(), networked(), disksPrepared()).when(remove(owner)).then([
    deleteRequested(),
  ]);
});

Deno.test("a server on no host is gone at once", () => {
  given(created()).when(remove(owner)).then([deleted()]);
  given(created(), scheduled(), buildFailed()).when(remove(owner)).then([deleted()]);
});

Deno.test("deleting what is being deleted changes nothing", () => {
  given(created(), built(), deleteRequested()).when(remove(owner)).thenNothing();
});

Deno.test("a lock, whoever set it, stops all but admins, also while the server goes", () => {
  for (const by of ["owner", "admin"] as const) {
    for (const events of [[lockedBy(by)], [deleteRequested(), lockedBy(by)]]) {
      given(created(), built(), events).when(remove(owner))
        .thenRefused("Conflict", `Instance ${ID} is locked`);
    }
    given(created(), built(), lockedBy(by)).when(remove(admin)).then([deleteRequested()]);
    given(created(), built(), lockedBy(by)).when(remove(adminOfProject)).then([deleteRequested()]);
  }
});

Deno.test("a server that is not there for someone is not found, locked or not", () => {
  const missing = `Instance ${ID} could not be found.`;
  running().when(remove(stranger)).thenRefused("NotFound", missing);
  given(created(), built(), lockedBy("owner")).when(remove(stranger))
    .thenRefused("NotFound", missing);
  given().when(remove(owner)).thenRefused("NotFound", missing);
  for (const by of [owner, admin]) {
    given(created(), built(), deleteRequested(), deleted()).when(remove(by))
      .thenRefused("NotFound", missing);
  }
});
