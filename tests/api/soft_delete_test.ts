/** Deletes that can be undone for a while: setting `reclaim-instance-seconds`. */
import { assertEquals } from "@std/assert";
import { type Role, type TestCloud, type TestCloudOptions, withCloud } from "../kit/cloud.ts";

let now = Date.UTC(2026, 0, 1);
const SOFT: TestCloudOptions = {
  settings: { reclaimInstanceSeconds: 3600 },
  clock: () => now++,
};

async function status(cloud: TestCloud, id: string): Promise<string | number> {
  const { status, json } = await cloud.ask("member", "GET", `/v2.1/servers/${id}`);
  return status === 200 ? json.server.status : status;
}

async function remove(cloud: TestCloud, id: string): Promise<void> {
  assertEquals((await cloud.ask("member", "DELETE", `/v2.1/servers/${id}`)).status, 204);
  await cloud.cloud.settled();
}

async function act(
  cloud: TestCloud,
  id: string,
  action: string,
  as: Role = "member",
): Promise<number> {
  const body = { [action]: null };
  const { status } = await cloud.ask(as, "POST", `/v2.1/servers/${id}/action`, { body });
  await cloud.cloud.settled();
  return status;
}

async function listed(cloud: TestCloud): Promise<readonly string[]> {
  const { json } = await cloud.ask("member", "GET", "/v2.1/servers");
  return json.servers.map(({ id }: { id: string }) => id);
}

Deno.test("a server that was deleted softly is shown, not listed, and can be restored", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await remove(cloud, id);
    assertEquals(await status(cloud, id), "SOFT_DELETED");
    assertEquals(await listed(cloud), []);
    await remove(cloud, id);
    assertEquals(await status(cloud, id), "SOFT_DELETED");
    assertEquals(await act(cloud, id, "restore"), 202);
    assertEquals(await status(cloud, id), "ACTIVE");
    assertEquals(await listed(cloud), [id]);
  }, SOFT));

Deno.test("it counts against no quota until it is restored", () =>
  withCloud(async (cloud) => {
    await cloud.limit({ instances: 1 });
    const first = await cloud.create();
    await remove(cloud, first);
    const second = await cloud.create();
    assertEquals(await act(cloud, first, "restore"), 403);
    await remove(cloud, second);
    assertEquals(await act(cloud, first, "restore"), 202);
    assertEquals(await act(cloud, second, "restore"), 403);
  }, SOFT));

Deno.test("it counts as soon as it is being restored", () =>
  withCloud(async (cloud) => {
    await cloud.limit({ instances: 1 });
    const first = await cloud.create();
    await remove(cloud, first);
    const second = await cloud.create();
    await remove(cloud, second);
    const answers = await Promise.all([first, second].map((id) => act(cloud, id, "restore")));
    assertEquals(answers.sort(), [202, 403]);
  }, SOFT));

Deno.test("it can be deleted for good", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await remove(cloud, id);
    assertEquals(await act(cloud, id, "forceDelete"), 202);
    assertEquals(await status(cloud, id), 404);
  }, SOFT));

Deno.test("it is gone when its time has passed", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await remove(cloud, id);
    await cloud.cloud.lookAround();
    await cloud.cloud.settled();
    assertEquals(await status(cloud, id), "SOFT_DELETED");
    now += 3601 * 1000;
    await cloud.cloud.lookAround();
    await cloud.cloud.settled();
    assertEquals(await status(cloud, id), 404);
  }, SOFT));

Deno.test("without the setting a delete is for good", () =>
  withCloud(async (cloud) => {
    const id = await cloud.create();
    await remove(cloud, id);
    assertEquals(await status(cloud, id), 404);
  }));
