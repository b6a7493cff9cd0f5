/** Operations that need more than a server's state: images, rebuilds, unshelving, evacuation. */
import { DEFAULT_LIMITS, NO_USAGE } from "../../src/compute/quotas/limits.ts";
import { assertEquals } from "@std/assert";
import {
  bootNotes,
  evacuateServer,
  type HostFacts,
  type ImageFacts,
  imageServer,
  type RebuildServer,
  rebuildServer,
  unshelveServer,
} from "../../src/compute/servers/decide/mod.ts";
import type { InputOf, RebuildChanges } from "../../src/compute/servers/operations.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import {
  admin,
  built,
  created,
  exampleFlavor,
  given,
  ID,
  owner,
  stranger,
} from "../kit/decision_servers.ts";

const running = () => given(created(), built());
const onVolume = () =>
  running().but({ image: null, boot: { isVolumeBacked: true, minRamMib: 0, minDiskGib: 1 } });
const UNKNOWN = `Instance ${ID} could not be found.`;
const quota = (limits: Partial<typeof DEFAULT_LIMITS> = {}) => ({
  limits: { ...DEFAULT_LIMITS, ...limits },
  usage: NO_USAGE,
});

const NEW_IMAGE = { imageId: "image-9", name: "kept", metadata: { a: "1", b: "2" } };
const BACKUP = { ...NEW_IMAGE, backupType: "daily", rotation: 1 };

const image =
  (name: "createImage" | "createBackup", limit?: number, by = owner) => (server: Server) =>
    imageServer(
      {
        type: "OperateServer",
        id: ID,
        by,
        operation: name === "createBackup" ? { name, input: BACKUP } : { name, input: NEW_IMAGE },
      },
      server,
      limit === undefined ? undefined : quota({ metadata_items: limit }),
    );

Deno.test("an image and a backup are made of a server", () => {
  running().when(image("createImage")).then([{ type: "ServerImageRequested", data: NEW_IMAGE }]);
  running().when(image("createBackup", 2)).then([{ type: "ServerBackupRequested", data: BACKUP }]);
  onVolume().when(image("createImage")).then([{ type: "ServerImageRequested", data: NEW_IMAGE }]);
});

Deno.test("an image with more metadata than the quota lets a server have is refused", () => {
  running().when(image("createImage", 1)).thenRefused(
    "QuotaExceeded",
    "Image metadata limit exceeded",
  );
  running().when(image("createImage", -1)).then([
    { type: "ServerImageRequested", data: NEW_IMAGE },
  ]);
});

Deno.test("a backup of a server on a volume is refused, behind what its state does not allow", () => {
  onVolume().when(image("createBackup")).thenRefused(
    "Invalid",
    "Backup is not supported for volume-backed instances.",
  );
  onVolume().but({ vmState: "error" }).when(image("createBackup")).thenRefused(
    "Conflict",
    `Cannot 'createBackup' instance ${ID} while it is in vm_state error`,
  );
});

Deno.test("images of servers that the caller may not see are refused first", () => {
  running().when(image("createImage", 0, stranger)).thenRefused("NotFound", UNKNOWN);
});

const IMAGE: ImageFacts = {
  id: "image-2",
  status: "active",
  minRamMib: 0,
  minDiskGib: 0,
  sizeBytes: 0,
  properties: {},
};

const rebuild =
  (changes: Partial<RebuildServer> = {}, limits: Partial<typeof DEFAULT_LIMITS> = {}) =>
  (server: Server) =>
    rebuildServer(
      {
        type: "RebuildServer",
        id: ID,
        by: owner,
        adminPass: "sealed" as Sealed,
        preserveEphemeral: false,
        image: IMAGE,
        rootVolumeGib: null,
        keyPairExists: true,
        contentLengths: [],
        changes: {},
        reimagesVolumes: false,
        ...changes,
      },
      server,
      quota(limits),
    );

const rebuilt = (changes: Pick<RebuildChanges, "image" | "boot">) => ({
  type: "ServerRebuildRequested" as const,
  data: { adminPass: "sealed" as Sealed, preserveEphemeral: false, changes },
});

Deno.test("a server is rebuilt from an image; one on a volume has it anew, from 2.93 on", () => {
  const noted = { minRamMib: 0, minDiskGib: 1 };
  running().when(rebuild()).then([
    rebuilt({
      image: { id: "image-2", properties: {} },
      boot: { ...noted, isVolumeBacked: false },
    }),
  ]);
  const volumeImage = bootNotes(IMAGE, exampleFlavor, true).volumeImage!;
  assertEquals(volumeImage.id, IMAGE.id);
  onVolume().when(rebuild({ reimagesVolumes: true })).then([
    rebuilt({ image: null, boot: { ...noted, isVolumeBacked: true, volumeImage } }),
  ]);
  onVolume().when(rebuild()).thenRefused(
    "Invalid",
    "Image image-2 is unacceptable: Unable to rebuild with a different image for a " +
      "volume-backed server.",
  );
  const large = { image: { ...IMAGE, minDiskGib: 2 }, reimagesVolumes: true };
  onVolume().when(rebuild({ ...large, rootVolumeGib: 1 })).thenRefused(
    "Invalid",
    "Volume is smaller than the minimum size specified in image metadata. Volume size is " +
      `${2 ** 30} bytes, minimum size is ${2 * 2 ** 30} bytes.`,
  );
});

Deno.test("a rebuild is refused for what it names, in Nova's order", () => {
  running().but({ vmState: "paused" }).when(rebuild({ keyPairExists: false })).thenRefused(
    "Conflict",
    `Cannot 'rebuild' instance ${ID} while it is in vm_state paused`,
  );
  running().when(rebuild({ keyPairExists: false, image: undefined })).thenRefused(
    "Invalid",
    "Invalid key_name provided.",
  );
  running().when(rebuild({ image: undefined })).thenRefused(
    "Invalid",
    "Cannot find image for rebuild",
  );
  running().when(rebuild({ changes: { metadata: { a: "1" } } }, { metadata_items: 0 }))
    .thenRefused("QuotaExceeded", "Maximum number of metadata items exceeds 0");
  running().when(rebuild({ image: { ...IMAGE, status: "queued" } })).thenRefused(
    "Invalid",
    "Image image-2 is not active.",
  );
});

const HOSTS: readonly HostFacts[] = [
  { host: "host-a", node: "host-a", availabilityZone: "nova", isUp: false },
  { host: "host-b", node: "host-b", availabilityZone: "other", isUp: true },
];

const unshelve = (input: Partial<InputOf<"unshelve">> = {}) => (server: Server) =>
  unshelveServer(
    {
      type: "OperateServer",
      id: ID,
      by: admin,
      operation: { name: "unshelve", input: { host: null, ...input } },
    },
    server,
    HOSTS,
  );

Deno.test("a shelved server comes back; where it is to go is for one that has left its host", () => {
  const shelved = running().but({ vmState: "shelved" });
  const offloaded = running().but({ vmState: "shelved_offloaded", placement: null });
  const requested = (input: Partial<InputOf<"unshelve">> = {}) => ({
    type: "ServerUnshelveRequested" as const,
    data: { host: null, ...input },
  });
  shelved.when(unshelve()).then([requested()]);
  shelved.when(unshelve({ host: "host-b" })).thenRefused(
    "Conflict",
    `Specifying an availability zone when unshelving server ${ID} with status "shelved" is not ` +
      "supported. The server status must be SHELVED_OFFLOADED.",
  );
  offloaded.when(unshelve({ host: "host-b" })).then([requested({ host: "host-b" })]);
  offloaded.when(unshelve({ pinnedAvailabilityZone: "mars" })).thenRefused(
    "Invalid",
    "The requested availability zone is not available",
  );
  offloaded.when(unshelve({ host: "host-z" })).thenRefused(
    "Invalid",
    "Compute host host-z could not be found.",
  );
  offloaded.when(unshelve({ host: "host-b", pinnedAvailabilityZone: "nova" })).thenRefused(
    "Conflict",
    'Host "host-b" is not in the availability zone "nova".',
  );
  const pinned = offloaded.but({ pinnedAvailabilityZone: "nova" });
  pinned.when(unshelve({ host: "host-b" })).thenRefused(
    "Conflict",
    'Host "host-b" is not in the availability zone "nova".',
  );
  const unpin = { host: "host-b", pinnedAvailabilityZone: null };
  pinned.when(unshelve(unpin)).then([requested(unpin)]);
});

const evacuate = (host: string | null = null, hosts = HOSTS, by = admin) => (server: Server) =>
  evacuateServer(
    {
      type: "OperateServer",
      id: ID,
      by,
      operation: {
        name: "evacuate",
        input: {
          migrationId: "migration-1",
          host,
          adminPass: null,
          isForced: false,
          stops: false,
        },
      },
    },
    server,
    hosts,
  );

Deno.test("a server is evacuated when its own host is down, locked and busy or not", () => {
  const requested = [{
    type: "ServerEvacuationRequested",
    data: {
      migrationId: "migration-1",
      host: "host-b",
      adminPass: null,
      isForced: false,
      stops: false,
    },
  }] as const;
  running().when(evacuate("host-b")).then(requested);
  running().but({ lock: { by: "admin", reason: null }, taskState: "powering-off" })
    .when(evacuate("host-b")).then(requested);
});

Deno.test("a server that is being deleted is not brought back by an evacuation", () => {
  running().but({ taskState: "deleting" }).when(evacuate("host-b")).thenNothing();
  running().but({ taskState: "deleting" }).when(evacuate("host-z"))
    .thenRefused("NotFound", "Compute host host-z not found.");
});

Deno.test("an evacuation is refused for where it is to go, its state, and a host that is up", () => {
  running().when(evacuate("host-z")).thenRefused("NotFound", "Compute host host-z not found.");
  running().when(evacuate("host-a")).thenRefused(
    "Invalid",
    "The target host can't be the same one.",
  );
  running().but({ vmState: "paused" }).when(evacuate()).thenRefused(
    "Conflict",
    `Cannot 'evacuate' instance ${ID} while it is in vm_state paused`,
  );
  const up = HOSTS.map((host) => ({ ...host, isUp: true }));
  running().when(evacuate(null, up)).thenRefused(
    "Invalid",
    "Compute service of host-a is still in use.",
  );
  running().when(evacuate("host-z", HOSTS, stranger)).thenRefused("NotFound", UNKNOWN);
});
