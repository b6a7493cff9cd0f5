/** Every kind of long work that a server can have done to it. */
import { assertEquals } from "@std/assert";
import type { Settings } from "../../src/config.ts";
import { type Call, hang, type Hooks } from "./hypervisor.ts";
import { CASES } from "./operations.ts";
import type { World } from "./world.ts";

/** Long work: what must be there before, and what sets it off; both give the server's id. */
export interface Work {
  readonly settings?: Partial<Settings>;
  /** What the hypervisor does so that the work comes to pass. */
  readonly hooks?: Hooks;
  /** The event that it begins with; by default a server's first. */
  readonly from?: string;
  prepare(world: World): Promise<string>;
  begin(world: World, id: string): Promise<string>;
}

type Role = Parameters<World["cloud"]["ask"]>[0];

/** Asks for something that is accepted. */
async function ask(
  world: World,
  [as, method, path]: readonly [as: Role, method: string, path: string],
  body?: unknown,
  // deno-lint-ignore no-explicit-any -- JSON
): Promise<any> {
  const mv = path.startsWith("/v2.1") ? "2.90" : undefined;
  const answer = await world.cloud.ask(as, method, path, { mv, body });
  assertEquals(Math.floor(answer.status / 100), 2, answer.text);
  return answer.json;
}

async function newServer(world: World): Promise<string> {
  const id = await world.create();
  await world.settled();
  return id;
}

const VOLUMES = "/volume/v3/volumes";

async function newVolume(world: World): Promise<string> {
  return (await ask(world, ["member", "POST", VOLUMES], { volume: { size: 1 } })).volume.id;
}

/** The volume that nobody has. */
async function freeVolume(world: World): Promise<string> {
  const { volumes } = await ask(world, ["member", "GET", `${VOLUMES}?status=available`]);
  return volumes[0].id;
}

/** The volume that a server has. */
async function volumeOf(world: World, id: string): Promise<string> {
  return (await world.server(id)).volumes[0]!.volumeId;
}

async function attachVolume(world: World, id: string): Promise<string> {
  const body = { volumeAttachment: { volumeId: await freeVolume(world) } };
  await ask(world, ["member", "POST", `/v2.1/servers/${id}/os-volume_attachments`], body);
  return id;
}

async function serverWithVolume(world: World): Promise<string> {
  const id = await newServer(world);
  await newVolume(world);
  await attachVolume(world, id);
  await world.settled();
  return id;
}

const ON_VOLUMES: Readonly<Record<string, Work>> = {
  "a volume that is attached": {
    async prepare(world) {
      await newVolume(world);
      return await newServer(world);
    },
    begin: attachVolume,
  },
  "a volume that is detached": {
    prepare: serverWithVolume,
    async begin(world, id) {
      const path = `/v2.1/servers/${id}/os-volume_attachments/${await volumeOf(world, id)}`;
      await ask(world, ["member", "DELETE", path]);
      return id;
    },
  },
  "a volume that takes another's place": {
    async prepare(world) {
      const id = await serverWithVolume(world);
      await newVolume(world);
      const path = `${VOLUMES}/${await volumeOf(world, id)}/action`;
      await ask(world, ["admin", "POST", path], {
        "os-reset_status": { migration_status: "migrating" },
      });
      return id;
    },
    async begin(world, id) {
      const path = `/v2.1/servers/${id}/os-volume_attachments/${await volumeOf(world, id)}`;
      const body = { volumeAttachment: { volumeId: await freeVolume(world) } };
      await ask(world, ["padmin", "PUT", path], body);
      return id;
    },
  },
  "a build with a volume": {
    prepare: () => Promise.resolve(""),
    begin: (world) => createWithVolume(world),
  },
  "a build with a volume that finds no host": {
    settings: { simulatedHostRamMib: 100 },
    prepare: () => Promise.resolve(""),
    begin: (world) => createWithVolume(world),
  },
  "an image of a server that boots from a volume": {
    async prepare(world) {
      const root = { boot_index: 0, source_type: "image", destination_type: "volume" };
      const uuid = await world.cloud.imageId();
      const id = await world.create(undefined, {
        imageRef: "",
        block_device_mapping_v2: [
          { ...root, uuid, volume_size: 1 },
          { source_type: "blank", destination_type: "volume", volume_size: 1 },
        ],
      });
      await world.settled();
      return id;
    },
    async begin(world, id) {
      const requested = world.happens("ServerVolumeImageRequested");
      const body = { createImage: { name: "golden" } };
      // It is answered when the image is there: not at all where the world ends before.
      world.cloud.ask("member", "POST", `/v2.1/servers/${id}/action`, { body });
      await requested;
      return id;
    },
  },
  "a delete of a server with volumes": {
    prepare: serverWithVolume,
    begin: deleteServer,
  },
};

async function createWithVolume(world: World): Promise<string> {
  const image = { boot_index: 0, source_type: "image", destination_type: "local" };
  const volume = { source_type: "blank", destination_type: "volume", volume_size: 1 };
  const uuid = await world.cloud.imageId();
  return await world.create(undefined, {
    block_device_mapping_v2: [{ ...image, uuid }, { ...volume, delete_on_termination: true }],
  });
}

async function deleteServer(world: World, id: string): Promise<string> {
  await world.delete(id);
  return id;
}

const ON_INTERFACES: Readonly<Record<string, Work>> = {
  "an interface that is attached": {
    prepare: newServer,
    async begin(world, id) {
      const requested = world.happens("ServerInterfaceAttachRequested");
      // It is answered when the machine has it: not at all where the world ends before.
      world.cloud.ask("member", "POST", `/v2.1/servers/${id}/os-interface`, { body: {} });
      await requested;
      return id;
    },
  },
  "an interface that is detached": {
    prepare: newServer,
    async begin(world, id) {
      const [port] = (await world.server(id)).ports;
      await ask(world, ["member", "DELETE", `/v2.1/servers/${id}/os-interface/${port!.id}`]);
      return id;
    },
  },
};

const SOFT = { reclaimInstanceSeconds: 3600 };

const SOFT_DELETES: Readonly<Record<string, Work>> = {
  "a delete that can be undone": { settings: SOFT, prepare: newServer, begin: deleteServer },
  "a restore": {
    settings: SOFT,
    async prepare(world) {
      const id = await newServer(world);
      await world.delete(id);
      await world.settled();
      return id;
    },
    async begin(world, id) {
      await world.operate(id, "restore");
      return id;
    },
  },
};

/** Copying takes for ever until somebody has a wish. */
const CROSSED_MOVE: Pick<Work, "hooks" | "prepare"> = {
  hooks: {
    before: (call: Call) =>
      call.inHaste === false ? hang(call, { obeys: true }) : Promise.resolve(),
  },
  prepare: newServer,
};

async function migrateLive(world: World, id: string): Promise<number> {
  const begun = world.happens("ServerMigrationProgressed");
  await world.operate(id, "liveMigrate");
  await begun;
  return (await world.server(id)).migrations.at(-1)!.number;
}

const CROSSED_MOVES: Readonly<Record<string, Work>> = {
  "a live migration that is aborted": {
    ...CROSSED_MOVE,
    from: "ServerMigrationAbortRequested",
    async begin(world, id) {
      const number = await migrateLive(world, id);
      await ask(world, ["admin", "DELETE", `/v2.1/servers/${id}/migrations/${number}`]);
      return id;
    },
  },
  "a live migration that is hurried": {
    ...CROSSED_MOVE,
    from: "ServerMigrationForceCompleteRequested",
    async begin(world, id) {
      const number = await migrateLive(world, id);
      const path = `/v2.1/servers/${id}/migrations/${number}/action`;
      await ask(world, ["admin", "POST", path], { force_complete: null });
      return id;
    },
  },
};

const OPERATED: Readonly<Record<string, Work>> = Object.fromEntries(
  Object.entries(CASES).map(([name, { operation, before }]): [string, Work] => [name, {
    async prepare(world) {
      const id = await newServer(world);
      for (const needed of before) {
        await world.operate(id, needed);
        await world.settled();
      }
      return id;
    },
    async begin(world, id) {
      await world.operate(id, operation);
      return id;
    },
  }]),
);

export const WORKS: Readonly<Record<string, Work>> = {
  "a build": { prepare: () => Promise.resolve(""), begin: (world) => world.create() },
  "a delete": { prepare: newServer, begin: deleteServer },
  ...OPERATED,
  ...SOFT_DELETES,
  ...CROSSED_MOVES,
  ...ON_INTERFACES,
  ...ON_VOLUMES,
};
