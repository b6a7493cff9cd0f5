/** What checks need of servers besides what they check. */
import { assertEquals } from "@std/assert";
import { ADMIN, type Json } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** A small server with a port, as options of `server create`. */
export const BOOT = "--flavor m1.tiny --image cirros --network private";

/** Makes a server and waits until it is ready; gives what `show` tells of it then. */
export async function made(scene: Scene, name: string, options = BOOT): Promise<Json> {
  const { id } = await scene.openstack.json(`server create ${options} ${name}`, ADMIN);
  return await becomes(scene, id, "ACTIVE");
}

/** The same, and gives its id. */
export async function boot(scene: Scene, name: string, options = BOOT): Promise<string> {
  return (await made(scene, name, options)).id;
}

/** Deletes servers, and waits until they are gone. */
export async function gone({ openstack }: Scene, ...names: readonly string[]): Promise<void> {
  await openstack.run(`server delete ${names.join(" ")}`, ADMIN);
  await openstack.until(
    "server list",
    (rows: readonly Json[]) =>
      !rows.some(({ ID, Name }) => names.includes(ID) || names.includes(Name)),
    ADMIN,
  );
}

/** Waits until a server has a status and no task; the command's own --wait sleeps in steps of 5 s. */
export async function becomes({ openstack }: Scene, name: string, status: string): Promise<Json> {
  return await openstack.until(
    `server show ${name}`,
    (server) => server.status === status && server["OS-EXT-STS:task_state"] === null,
    ADMIN,
  );
}

/** The host that a server is on, as administrators see it. */
export async function hostOf({ openstack }: Scene, name: string): Promise<string> {
  return (await openstack.json(`server show ${name}`, ADMIN))["OS-EXT-SRV-ATTR:host"];
}

/** Fails unless a command that prints a table has these rows in this column, in any order. */
export async function assertColumn(
  { openstack }: Scene,
  command: string,
  { column, rows, microversion }: {
    readonly column: string;
    readonly rows: readonly string[];
    readonly microversion?: string;
  },
): Promise<void> {
  const found = await openstack.column(command, column, { ...ADMIN, microversion });
  assertEquals(found, [...rows].sort());
}
