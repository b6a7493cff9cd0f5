/** The life of a thing as the command `openstack` tells it: create, list, show, change, delete. */
import { assert, assertEquals } from "@std/assert";
import type { Json, Options } from "./openstack.ts";
import type { Scene } from "./scene.ts";

/** One row: a thing, and what is done to it. */
export interface Life {
  /** The command's words for it: `security group`. */
  readonly noun: string;
  /** Its name; a thing without a name is called by its id. */
  readonly name?: string;
  /** What `create` is told besides the name. */
  readonly create: string;
  /** What `create` and `show` tell of it, among others. */
  readonly is: Json;
  /** Verb and options, and what `show` tells then, among others. */
  readonly changes?: readonly (readonly [change: string, is: Json])[];
  /** Options of `list`. */
  readonly list?: string;
  /** The list's column that has the name or the id. */
  readonly column?: string;
  /** What is done before it is deleted: to look at it more closely. */
  readonly meanwhile?: (id: string) => Promise<void>;
  readonly by?: Options;
}

/** Checks each verb of a thing's life, a line each; gives the id that it had. */
export async function live({ openstack, check }: Scene, life: Life): Promise<string> {
  const { noun, by } = life;
  let id = "";
  await check(`${noun} create`, async () => {
    const made = await openstack.json(`${noun} create ${life.create} ${life.name ?? ""}`, by);
    id = made.id ?? made.ID;
    assertHas(made, life.is);
  });
  const called = life.name ?? id;
  const listed = () =>
    openstack.column(
      `${noun} list ${life.list ?? ""}`,
      life.column ?? (life.name === undefined ? "ID" : "Name"),
      by,
    );
  await check(`${noun} list`, async () => {
    assert((await listed()).includes(called), `${called} is not listed`);
  });
  await check(`${noun} show`, async () => {
    assertHas(await openstack.json(`${noun} show ${called}`, by), life.is);
    assertHas(await openstack.json(`${noun} show ${id}`, by), life.is);
  });
  for (const [change, is] of life.changes ?? []) {
    await check(`${noun} ${change}`, async () => {
      await openstack.run(`${noun} ${change} ${called}`, by);
      assertHas(await openstack.json(`${noun} show ${id}`, by), is);
    });
  }
  await life.meanwhile?.(id);
  await check(`${noun} delete`, async () => {
    await openstack.run(`${noun} delete ${called}`, by);
    assert(!(await listed()).includes(called), `${called} is still listed`);
    await openstack.refused(`${noun} show ${id}`, "", by);
  });
  return id;
}

/** Fails unless `actual` has everything of `expected`, and more or not; tags have no order. */
export function assertHas(actual: Json, expected: Json): void {
  const part = Object.fromEntries(
    Object.keys(expected).map((name) => [
      name,
      name === "tags" ? [...actual.tags].sort() : actual[name],
    ]),
  );
  assertEquals(part, expected);
}
