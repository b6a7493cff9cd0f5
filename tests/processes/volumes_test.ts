/** Attaching and detaching volumes when hosts fail, and when the cloud ends in the middle. */
import { assertEquals } from "@std/assert";
import { servers } from "../../src/compute/servers/aggregate.ts";
import type { Driver } from "../../src/drivers/driver.ts";
import type { Recorded } from "../../src/eventsourcing/event.ts";
import { TestCloud } from "../kit/cloud.ts";
import { hang, type Hooks, Hypervisor, type MachineState } from "./hypervisor.ts";
import { inFolder } from "./world.ts";

type Machines = Map<string, MachineState>;

const VOLUMES = "/volume/v3/volumes";

/** Runs `work` with a cloud in a folder, on machines that outlive it. */
async function withCloudIn(
  folder: string,
  machines: Machines,
  hooks: Hooks,
  work: (cloud: TestCloud) => Promise<void>,
): Promise<void> {
  const driver = new Hypervisor(hooks, machines);
  const cloud = await TestCloud.open({ folder, driver });
  try {
    await work(cloud);
  } finally {
    driver.leave();
    await cloud.close();
  }
}

async function makeVolume(cloud: TestCloud): Promise<string> {
  const body = { volume: { size: 1 } };
  return (await cloud.ask("member", "POST", VOLUMES, { body })).json.volume.id;
}

async function statusOf(cloud: TestCloud, volume: string): Promise<string> {
  return (await cloud.ask("member", "GET", `${VOLUMES}/${volume}`)).json.volume.status;
}

const pathOf = (server: string) => `/v2.1/servers/${server}/os-volume_attachments`;

function attach(cloud: TestCloud, server: string, volumeId: string) {
  return cloud.ask("member", "POST", pathOf(server), { body: { volumeAttachment: { volumeId } } });
}

async function attachedTo(cloud: TestCloud, server: string): Promise<number> {
  const list = await cloud.ask("member", "GET", pathOf(server));
  return list.json.volumeAttachments.length;
}

const failing = (operation: keyof Driver): Hooks => ({
  before: (call) =>
    Promise.resolve(call.operation === operation ? { failed: "no answer" } : undefined),
});

Deno.test("a volume that the host does not take is free again", () =>
  inFolder((folder) =>
    withCloudIn(folder, new Map(), failing("ensureVolumeAttached"), async (cloud) => {
      const server = await cloud.create();
      const volume = await makeVolume(cloud);
      assertEquals((await attach(cloud, server, volume)).status, 200);
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, volume), "available");
      assertEquals(await attachedTo(cloud, server), 0);
    })
  ));

Deno.test("a volume that the host does not give stays in use", () =>
  inFolder((folder) =>
    withCloudIn(folder, new Map(), failing("ensureVolumeDetached"), async (cloud) => {
      const server = await cloud.create();
      const volume = await makeVolume(cloud);
      await attach(cloud, server, volume);
      await cloud.cloud.settled();
      const path = `${pathOf(server)}/${volume}`;
      assertEquals((await cloud.ask("member", "DELETE", path)).status, 202);
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, volume), "in-use");
      assertEquals(await attachedTo(cloud, server), 1);
    })
  ));

Deno.test("an attach that the end of the cloud cut short goes on at the next start", () =>
  inFolder(async (folder) => {
    const machines: Machines = new Map();
    let server = "";
    let volume = "";
    const hanging: Hooks = {
      before: (call) =>
        call.operation === "ensureVolumeAttached"
          ? hang(call, { obeys: true })
          : Promise.resolve(undefined),
    };
    await withCloudIn(folder, machines, hanging, async (cloud) => {
      server = await cloud.create();
      volume = await makeVolume(cloud);
      await attach(cloud, server, volume);
      assertEquals(await statusOf(cloud, volume), "reserved");
    });
    await withCloudIn(folder, machines, {}, async (cloud) => {
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, volume), "in-use");
      await cloud.ask("member", "DELETE", `/v2.1/servers/${server}`);
      await cloud.cloud.settled();
      assertEquals(await statusOf(cloud, volume), "available");
    });
  }));

Deno.test("a server that does not come off the shelf has its volumes reserved as before", () =>
  inFolder((folder) => {
    let isFailing = false;
    const hooks: Hooks = {
      before: (call) =>
        Promise.resolve(
          isFailing && call.operation === "ensureRunning" ? { failed: "no answer" } : undefined,
        ),
    };
    return withCloudIn(folder, new Map(), hooks, async (cloud) => {
      const server = await cloud.create();
      const volume = await makeVolume(cloud);
      await attach(cloud, server, volume);
      await cloud.cloud.settled();
      const act = async (body: object) => {
        await cloud.ask("member", "POST", `/v2.1/servers/${server}/action`, { body });
        await cloud.cloud.settled();
      };
      await act({ shelve: null });
      isFailing = true;
      await act({ unshelve: null });
      const shown = await cloud.ask("member", "GET", `/v2.1/servers/${server}`);
      assertEquals(shown.json.server.status, "SHELVED_OFFLOADED");
      assertEquals(await statusOf(cloud, volume), "reserved");
      isFailing = false;
      await act({ unshelve: null });
      assertEquals(await statusOf(cloud, volume), "in-use");
    });
  }));

Deno.test("an image of volumes that nobody says anything of has failed", () =>
  inFolder(async (folder) => {
    const machines: Machines = new Map();
    let server = "";
    const actions = async (cloud: TestCloud) => {
      const path = `/v2.1/servers/${server}/os-instance-actions`;
      const [action] = (await cloud.ask("member", "GET", path)).json.instanceActions;
      const one = await cloud.ask("admin", "GET", `${path}/${action.request_id}`);
      const { action: name, events } = one.json.instanceAction;
      return [name, ...events.map(({ result }: { result: string }) => result)];
    };
    await withCloudIn(folder, machines, {}, async (cloud) => {
      server = await cloud.create();
      const { committer, log } = cloud.cloud;
      const [{ metadata }] = await log.read({ stream: `server-${server}` }) as [Recorded];
      const requestId = `req-${crypto.randomUUID()}`;
      await committer.submit({ ...metadata, requestId }, async (unit) => {
        await unit.append(servers, await unit.load(servers, server), [{
          type: "ServerVolumeImageRequested",
          data: { imageId: crypto.randomUUID(), name: "golden", snapshots: [] },
        }]);
      });
      await cloud.cloud.settled();
      assertEquals(await actions(cloud), ["createImage", "Error"]);
    });
  }));
