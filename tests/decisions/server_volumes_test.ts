/** Volumes of servers: what may be attached, detached and swapped, and what comes of it. */
import { assertEquals } from "@std/assert";
import {
  type AttachVolume,
  attachVolume,
  detachVolume,
  recordVolumeAttached,
  recordVolumeDetached,
  recordVolumeFailure,
  recordVolumesReleased,
  recordVolumeSwapped,
  swapVolume,
  type UpdateVolume,
  updateVolumeAttachment,
  type VolumeFacts,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent, ServerVolume } from "../../src/compute/servers/events.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { nextDeviceName, pendingVolume, shownVolumes } from "../../src/compute/servers/volumes.ts";
import type { Decision } from "../../src/eventsourcing/decider.ts";
import {
  buildFailed,
  built,
  created,
  disksPrepared,
  exampleFlavor,
  given,
  ID,
  lockedBy,
  networked,
  owner,
  scheduled,
  spawned,
  stranger,
} from "../kit/decision_servers.ts";
import { timeOf } from "../kit/given.ts";

const FREE: VolumeFacts = {
  id: "volume-1",
  status: "available",
  sizeGib: 1,
  isBootable: false,
  isMultiattach: false,
  migrationStatus: null,
  imageMetadata: {},
  attachments: [],
};
const HELD: VolumeFacts = { ...FREE, status: "in-use", attachments: [{ serverId: ID }] };
const MOVING: VolumeFacts = { ...HELD, migrationStatus: "migrating" };
const OTHER: VolumeFacts = { ...FREE, id: "volume-2" };

const volume = (changes: Partial<ServerVolume> = {}): ServerVolume => ({
  volumeId: FREE.id,
  attachmentId: "attachment-1",
  bdmId: "bdm-1",
  bootIndex: null,
  deviceName: "/dev/vdb",
  tag: null,
  deleteOnTermination: false,
  source: null,
  ...changes,
});
const attachRequested = (changes: Partial<ServerVolume> = {}): ServerEvent => ({
  type: "ServerVolumeAttachRequested",
  data: { volume: volume(changes) },
});
const of = (volumeId = FREE.id) => ({ data: { volumeId } });
const attached = { type: "ServerVolumeAttached", ...of() } as const;
const detachRequested = { type: "ServerVolumeDetachRequested", ...of() } as const;
const swapRequested = {
  type: "ServerVolumeSwapRequested",
  data: { volumeId: FREE.id, by: { volumeId: OTHER.id, attachmentId: "attachment-2" } },
} as const;
const stopping: ServerEvent = { type: "ServerStopRequested", data: {} };

const running = (...more: readonly ServerEvent[]) => given(created(), built(), more);
const holding = (...more: readonly ServerEvent[]) => running(attachRequested(), attached, ...more);

const attach = (changes: Partial<AttachVolume> = {}) => (server: Server): Decision<ServerEvent> =>
  attachVolume({
    type: "AttachVolume",
    id: ID,
    by: owner,
    volumeId: FREE.id,
    volume: FREE,
    mayBeShelved: true,
    attachmentId: "attachment-1",
    bdmId: "bdm-1",
    device: null,
    tag: null,
    deleteOnTermination: false,
    mayBeMultiattach: true,
    ...changes,
  }, server);

const detach = (facts: VolumeFacts | undefined = HELD, mayBeShelved = true) => (server: Server) =>
  detachVolume(
    { type: "DetachVolume", id: ID, by: owner, volumeId: FREE.id, volume: facts, mayBeShelved },
    server,
  );

const swap =
  (old: VolumeFacts | undefined = MOVING, next: VolumeFacts | undefined = OTHER, by = owner) =>
  (server: Server) =>
    swapVolume({
      type: "SwapVolume",
      id: ID,
      by,
      volumeId: FREE.id,
      volume: old,
      mayBeShelved: true,
      next: { volumeId: OTHER.id, volume: next, attachmentId: "attachment-2" },
    }, server);

const update = (asked: UpdateVolume["asked"]) => (server: Server) =>
  updateVolumeAttachment(
    { type: "UpdateVolumeAttachment", id: ID, by: owner, volumeId: FREE.id, asked },
    server,
  );

Deno.test("a volume is attached as the next device that is free, or the one that is asked for", () => {
  running().when(attach()).then([attachRequested()]);
  running().when(attach({ device: "/dev/sdf" })).then([
    attachRequested({ deviceName: "/dev/vdf" }),
  ]);
  running().when(attach({ device: "/dev/vda" })).thenRefused(
    "Conflict",
    "The supplied device path (/dev/vda) is in use.",
  );
  const { state } = holding();
  assertEquals(nextDeviceName(state, null), "/dev/vdc");
  const flavor = { ...exampleFlavor, ephemeralGib: 1, swapMib: 1 };
  assertEquals(nextDeviceName({ ...state, flavor }, null), "/dev/vde");
});

Deno.test("a server that has left its host gets a volume without a device", () => {
  running().but({ vmState: "shelved_offloaded", placement: null }).when(attach()).then([
    attachRequested({ deviceName: null }),
  ]);
});

Deno.test("attach: refused in a wrong state, in a task, locked, never launched, invisible", () => {
  running().but({ vmState: "error" }).when(attach()).thenRefused(
    "Conflict",
    `Cannot 'attach_volume' instance ${ID} while it is in vm_state error`,
  );
  running(stopping).when(attach()).thenRefused(
    "Conflict",
    `Cannot 'attach_volume' instance ${ID} while it is in task_state powering-off`,
  );
  running(lockedBy("owner")).when(attach()).thenRefused("Conflict", `Instance ${ID} is locked`);
  running().but({ launchedAt: null }).when(attach()).thenRefused(
    "Conflict",
    `Instance ${ID} is in an invalid state for 'attach_volume'`,
  );
  running().when(attach({ by: stranger })).thenRefused(
    "NotFound",
    `Instance ${ID} could not be found.`,
  );
});

Deno.test("shelved servers take part from 2.20 on; before, that comes before the lock", () => {
  for (const vmState of ["shelved", "shelved_offloaded"] as const) {
    const word = (word: string) =>
      `Cannot '${word}' instance ${ID} while it is in vm_state ${vmState}`;
    running(lockedBy("owner")).but({ vmState }).when(attach({ mayBeShelved: false }))
      .thenRefused("Conflict", word("attach_volume"));
    holding().but({ vmState }).when(detach(HELD, false))
      .thenRefused("Conflict", word("detach_volume"));
    holding().but({ vmState }).when(detach()).then([detachRequested]);
  }
});

Deno.test("attach: an unknown volume, one that is attached, one that is not free", () => {
  running().when(attach({ volume: undefined })).thenRefused(
    "NotFound",
    "Volume volume-1 could not be found.",
  );
  const elsewhere = { ...HELD, attachments: [{ serverId: "other" }] };
  running().when(attach({ volume: elsewhere })).thenRefused(
    "Invalid",
    "Invalid volume: volume volume-1 is already attached to instances: other",
  );
  running(attachRequested()).when(attach()).thenRefused(
    "Invalid",
    `Invalid volume: volume volume-1 is already attached to instances: ${ID}`,
  );
  const shared = { ...HELD, isMultiattach: true };
  holding().when(attach({ volume: shared })).thenRefused(
    "Invalid",
    "Invalid volume: volume volume-1 already attached",
  );
  running().when(attach({ volume: { ...FREE, status: "error" } })).thenRefused(
    "Invalid",
    "Invalid input received: Invalid volume: Volume attachments can not be created if the volume " +
      "is in an error state. The Volume volume-1 currently has a status of: error ",
  );
  running().when(attach({ volume: { ...FREE, status: "creating" } })).thenRefused(
    "Invalid",
    "Invalid input received: Invalid volume: Volume volume-1 status must be available or " +
      "downloading to reserve, but the current status is creating.",
  );
});

Deno.test("attach: a volume for several servers, from 2.60 on and on a host", () => {
  const shared = { ...FREE, status: "in-use", isMultiattach: true };
  running().when(attach({ volume: shared })).then([attachRequested()]);
  running().when(attach({ volume: shared, mayBeMultiattach: false })).thenRefused(
    "Invalid",
    "Multiattach volumes are only supported starting with compute API version 2.60.",
  );
  const offloaded = running().but({ vmState: "shelved_offloaded" });
  offloaded.when(attach({ volume: shared })).thenRefused(
    "Invalid",
    "Attaching multiattach volumes is not supported for shelved-offloaded instances.",
  );
  offloaded.when(attach({ tag: "blue" })).thenRefused(
    "Invalid",
    "Tagged volume attachment is not supported for shelved-offloaded instances.",
  );
});

Deno.test("a volume is detached that the server has, does not boot from, and that is at rest", () => {
  holding().when(detach()).then([detachRequested]);
  holding().when(detach(undefined)).then([detachRequested]);
  running().when(detach()).thenRefused(
    "NotFound",
    `Instance ${ID} is not attached to volume volume-1`,
  );
  running(attachRequested({ bootIndex: 0 }), attached).when(detach()).thenRefused(
    "Invalid",
    "Cannot detach a root device volume",
  );
  const busy = "Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. " +
    "Volume status must be 'in-use' and attach_status must be 'attached' to detach.";
  holding(detachRequested).when(detach()).thenRefused("Invalid", busy);
  holding().when(detach({ ...HELD, status: "detaching" })).thenRefused("Invalid", busy);
  holding(stopping).when(detach()).thenRefused(
    "Conflict",
    `Cannot 'detach_volume' instance ${ID} while it is in task_state powering-off`,
  );
  holding().but({ placement: null }).when(detach()).thenRefused(
    "Conflict",
    `Instance ${ID} is not ready`,
  );
});

Deno.test("detach: a volume that the volume service does not know", () => {
  holding().when((server) =>
    detachVolume({
      type: "DetachVolume",
      id: ID,
      by: owner,
      volumeId: "volume-9",
      volume: undefined,
      mayBeShelved: true,
    }, server)
  ).thenRefused("NotFound", "Volume volume-9 could not be found.");
});

Deno.test("a volume that is being moved is swapped for one that is free and large enough", () => {
  holding().when(swap()).then([swapRequested]);
  holding().when(swap(HELD)).thenRefused(
    "Conflict",
    "volume volume-1 is not migrating; this API should only be called by Cinder",
  );
  running().when(swap()).thenRefused(
    "Invalid",
    "Invalid volume: Old volume is attached to a different instance.",
  );
  holding().when(swap(MOVING, { ...OTHER, attachments: [{ serverId: "other" }] })).thenRefused(
    "Invalid",
    "Invalid volume: New volume must be detached in order to swap.",
  );
  holding().when(swap({ ...MOVING, sizeGib: 2 })).thenRefused(
    "Invalid",
    "Invalid volume: New volume must be the same size or larger.",
  );
  const twice = { ...MOVING, attachments: [{ serverId: ID }, { serverId: "other" }] };
  holding().when(swap(twice)).thenRefused(
    "Invalid",
    "Swapping multi-attach volumes with more than one read/write attachment is not supported.",
  );
  holding().but({ vmState: "stopped" }).when(swap()).thenRefused(
    "Conflict",
    `Cannot 'swap_volume' instance ${ID} while it is in vm_state stopped`,
  );
  holding(lockedBy("admin")).when(swap()).thenRefused("Conflict", `Instance ${ID} is locked`);
});

Deno.test("what becomes of a volume with its server can be changed, and nothing else", () => {
  holding().when(update({ deleteOnTermination: true })).then([
    { type: "ServerVolumeUpdated", data: { volumeId: FREE.id, deleteOnTermination: true } },
  ]);
  holding().when(update({ deleteOnTermination: false })).thenNothing();
  holding().when(update({})).thenNothing();
  const same = { id: FREE.id, serverId: ID, device: "/dev/vdb", tag: null };
  holding().when(update(same)).thenNothing();
  for (const [name, value] of [["id", "x"], ["serverId", "x"], ["device", "x"], ["tag", "x"]]) {
    holding().when(update({ [name!]: value })).thenRefused(
      "Invalid",
      `The ${name} property is not mutable`,
    );
  }
  running().when(update({})).thenRefused(
    "NotFound",
    "No volume Block Device Mapping with id volume-1.",
  );
});

Deno.test("what became of a volume counts while it is awaited", () => {
  const records = [
    ["attaching", running(attachRequested()), attached, "ServerVolumeAttachFailed"],
    ["detaching", holding(detachRequested), {
      type: "ServerVolumeDetached",
      ...of(),
    }, "ServerVolumeDetachFailed"],
    ["swapping", holding(swapRequested), {
      type: "ServerVolumeSwapped",
      ...of(),
    }, "ServerVolumeSwapFailed"],
  ] as const;
  type Record = (server: Server, volumeId: string) => Decision<ServerEvent>;
  const decide: { readonly [Status in (typeof records)[number][0]]: Record } = {
    attaching: recordVolumeAttached,
    detaching: recordVolumeDetached,
    swapping: recordVolumeSwapped,
  };
  for (const [status, server, done, failed] of records) {
    server.when((now) => decide[status](now, FREE.id)).then([done]);
    server.when((now) => recordVolumeFailure(now, FREE.id, "no")).then([
      { type: failed, data: { volumeId: FREE.id, message: "no" } },
    ]);
    for (const [other] of records) {
      if (other !== status) server.when((now) => decide[other](now, FREE.id)).thenNothing();
    }
    holding().when((now) => decide[status](now, FREE.id)).thenNothing();
  }
  holding().when((now) => recordVolumeFailure(now, FREE.id, "no")).thenNothing();
});

Deno.test("a volume that was swapped stands where the old one stood", () => {
  const { state } = holding(swapRequested, { type: "ServerVolumeSwapped", ...of() });
  assertEquals(
    state.volumes.map(({ volumeId, attachmentId, deviceName, status, by }) => [
      ...[volumeId, attachmentId, deviceName],
      ...[status, by],
    ]),
    [[OTHER.id, "attachment-2", "/dev/vdb", "attached", null]],
  );
});

Deno.test("what is done to volumes comes one after another, each with its time from then on", () => {
  const second = attachRequested({ volumeId: OTHER.id, deviceName: "/dev/vdc" });
  assertEquals(pendingVolume(running(attachRequested(), second).state.volumes)?.volumeId, FREE.id);
  const next = pendingVolume(running(attachRequested(), second, attached).state.volumes);
  assertEquals([next?.volumeId, next?.began.at], [OTHER.id, timeOf(8)]);
  const failed: ServerEvent = {
    type: "ServerVolumeAttachFailed",
    data: { volumeId: FREE.id, message: "no" },
  };
  const last = pendingVolume(running(attachRequested(), second, failed).state.volumes);
  assertEquals([last?.volumeId, last?.began.at], [OTHER.id, timeOf(8)]);
});

Deno.test("the volumes of a build are shown when they are there, and given back when it fails", () => {
  const made = volume({ source: { type: "blank", sizeGib: 1, volumeType: null } });
  const there = volume({ volumeId: OTHER.id });
  const building = given(created({ volumes: [made, there] }), scheduled(), networked());
  assertEquals(shownVolumes(building.state.volumes).map(({ volumeId }) => volumeId), [OTHER.id]);
  building.when(recordVolumesReleased).thenNothing();
  const ready = given(
    created({ volumes: [made] }),
    [scheduled(), networked(), disksPrepared(), spawned()],
  );
  assertEquals(ready.state.volumes.map(({ status }) => status), ["attached"]);
  const failed = given(created({ volumes: [made, there] }), scheduled(), buildFailed());
  assertEquals(shownVolumes(failed.state.volumes), []);
  failed.when(recordVolumesReleased).then([
    { type: "ServerVolumeDetached", ...of(FREE.id) },
    { type: "ServerVolumeDetached", ...of(OTHER.id) },
  ]);
});
