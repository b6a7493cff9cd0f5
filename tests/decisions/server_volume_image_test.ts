/** Images of servers that boot from volumes, and the block devices that such images name. */
import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS, NO_USAGE } from "../../src/compute/quotas/limits.ts";
import {
  type CreateRequest,
  imageDevices,
  type ImageVolumes,
  imageVolumes,
  recordVolumeImage,
  recordVolumeImageFailure,
  withImageDevices,
} from "../../src/compute/servers/decide/mod.ts";
import type { BlockDevice, ServerEvent } from "../../src/compute/servers/events.ts";
import { volumeImageOf } from "../../src/compute/servers/snapshot.ts";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import { device, plain } from "../kit/decision_create.ts";
import { built, created, given, ID, owner } from "../kit/decision_servers.ts";

const SNAPSHOT: BlockDevice = device({
  sourceType: "snapshot",
  destinationType: "volume",
  sourceId: "s",
  bootIndex: 0,
  sizeGib: 2,
  deviceName: "/dev/vda",
});
const ENTRY = {
  source_type: "snapshot",
  destination_type: "volume",
  snapshot_id: "s",
  boot_index: 0,
  volume_size: 2,
  device_name: "/dev/vda",
  no_device: null,
};

const properties = (...entries: readonly object[]) => ({
  block_device_mapping: JSON.stringify(entries),
  bdm_v2: "True",
});

function merged(...blockDevices: readonly BlockDevice[]): CreateRequest["blockDevices"] {
  const outcome = withImageDevices({ ...plain.asked, blockDevices }, {
    properties: properties(ENTRY, { ...ENTRY, boot_index: -1, device_name: "vdb" }),
  });
  if (isRejection(outcome)) throw new Error(outcome.message);
  return outcome.blockDevices;
}

Deno.test("an image without a mapping has no block devices, and changes nothing", () => {
  assertEquals(imageDevices({ hw_rng_model: "virtio" }), []);
  assertEquals(withImageDevices(plain.asked, { properties: {} }), plain.asked);
  assertEquals(withImageDevices(plain.asked, undefined), plain.asked);
});

Deno.test("the block devices of an image come behind those of the request", () => {
  const data = { ...SNAPSHOT, bootIndex: -1, deviceName: "/dev/vdb" };
  assertEquals(merged(), [SNAPSHOT, data]);
  const own = device({ sourceType: "volume", sourceId: "v", deviceName: "/dev/vdb" });
  assertEquals(merged(own), [own, SNAPSHOT]);
  const image = device({ sourceType: "image", sourceId: "i", bootIndex: 0 });
  assertEquals(merged(image), [SNAPSHOT, data]);
});

Deno.test("block devices in the old form boot from the one that has the root's name", () => {
  const { bdm_v2: _, ...legacy } = properties(
    { snapshot_id: "s", device_name: "vda", volume_size: "2", delete_on_termination: "true" },
    { volume_id: "v", device_name: "/dev/vdb" },
    { virtual_name: "ephemeral0", device_name: "vdc" },
    { device_name: "vdd", no_device: true },
  );
  assertEquals(imageDevices({ ...legacy, root_device_name: "/dev/vda" }), [
    { ...SNAPSHOT, deleteOnTermination: true },
    device({
      sourceType: "volume",
      destinationType: "volume",
      sourceId: "v",
      bootIndex: -1,
      deviceName: "/dev/vdb",
    }),
    device({ bootIndex: -1, deviceName: "/dev/vdc" }),
  ]);
});

Deno.test("a mapping that is none is refused", () => {
  const message = (value: string) => {
    const outcome = imageDevices({ block_device_mapping: value, bdm_v2: "True" });
    return isRejection(outcome) ? outcome.message.replace("Block Device Mapping is ", "") : "taken";
  };
  const noList = "Invalid: The mapping of the image is not a list of block devices.";
  for (const value of ["", "{", "null", "{}", "[1]", "[[]]"]) assertEquals(message(value), noList);
  assertEquals(message("[{}]"), "Invalid: Some required fields are missing");
  assertEquals(message('[{"source_type": "volume"}]'), "Invalid: Missing device UUID.");
  assertEquals(
    message('[{"source_type": "blank", "volume_size": -1}]'),
    "Invalid: Volume size is invalid.",
  );
});

const COMMAND: ImageVolumes = {
  type: "ImageVolumes",
  id: ID,
  by: owner,
  imageId: "i",
  name: "golden",
  metadata: { a: "b" },
  imaged: [{ volumeId: "v", snapshotId: "s", sizeGib: 2 }],
  snapshots: { limit: 10, inUse: 9 },
};
const volume = {
  volumeId: "v",
  attachmentId: "a",
  bdmId: "b",
  bootIndex: 0,
  deviceName: "/dev/vda",
  tag: null,
  deleteOnTermination: false,
  source: null,
};
const backed = given(created({ volumes: [volume] }), ...built());

/** What is said of the image of these volumes. */
function imageOf(imaged: ImageVolumes["imaged"]): object {
  const { imageId, name, metadata } = COMMAND;
  const { minRamMib, minDiskGib, properties } = volumeImageOf(
    backed.state,
    { imageId, name, metadata },
    imaged,
  );
  return { minRamMib, minDiskGib, properties };
}

Deno.test("ImageVolumes asks for a snapshot of each volume", () => {
  const event = (snapshots: readonly object[]) =>
    ({
      type: "ServerVolumeImageRequested",
      data: {
        imageId: "i",
        name: "golden",
        snapshots,
        image: imageOf(snapshots.length === 0 ? [] : COMMAND.imaged),
      },
    }) as never;
  const one = [{ volumeId: "v", snapshotId: "s" }];
  backed.when((server) => imageVolumes(COMMAND, server, undefined)).then([event(one)]);
  const unlimited = { ...COMMAND, snapshots: { limit: -1, inUse: 99 } };
  backed.when((server) => imageVolumes(unlimited, server, undefined)).then([event(one)]);
  const none = { ...COMMAND, imaged: [], snapshots: { limit: 0, inUse: 0 } };
  backed.when((server) => imageVolumes(none, server, undefined)).then([event([])]);
});

Deno.test("ImageVolumes is refused for a wrong state, beyond quotas, and to strangers", () => {
  const stranger = { ...COMMAND, by: { ...owner, projectId: "other" } };
  backed.when((server) => imageVolumes(stranger, server, undefined))
    .thenRefused("NotFound", `Instance ${ID} could not be found.`);
  const quota = { limits: { ...DEFAULT_LIMITS, metadata_items: 0 }, usage: NO_USAGE };
  backed.when((server) => imageVolumes(COMMAND, server, quota))
    .thenRefused("QuotaExceeded", "Image metadata limit exceeded");
  backed.but({ vmState: "rescued" }).when((server) => imageVolumes(COMMAND, server, undefined))
    .thenRefused("Conflict", `Cannot 'createImage' instance ${ID} while it is in vm_state rescued`);
  backed.but({ taskState: "pausing" }).when((server) => imageVolumes(COMMAND, server, undefined))
    .thenRefused(
      "Conflict",
      `Cannot 'createImage' instance ${ID} while it is in task_state pausing`,
    );
  const full = { ...COMMAND, snapshots: { limit: 10, inUse: 10 } };
  backed.when((server) => imageVolumes(full, server, undefined))
    .thenRefused("QuotaExceeded", "Quota exceeded for resources: snapshots");
});

Deno.test("an image of volumes is under way until it is made or has failed, once", () => {
  const [requested] = imageVolumes(COMMAND, backed.state, undefined) as readonly ServerEvent[];
  const busy = given(created({ volumes: [volume] }), ...built(), requested!);
  const failure = { imageId: "i", code: 400, message: "no" };
  busy.when((server) => recordVolumeImage(server, "i"))
    .then([{ type: "ServerVolumeImageCreated", data: { imageId: "i" } }]);
  busy.when((server) => recordVolumeImageFailure(server, failure))
    .then([{ type: "ServerVolumeImageFailed", data: failure }]);
  busy.when((server) => recordVolumeImage(server, "other")).thenNothing();
  backed.when((server) => recordVolumeImage(server, "i")).thenNothing();
  backed.when((server) => recordVolumeImageFailure(server, failure)).thenNothing();
});
