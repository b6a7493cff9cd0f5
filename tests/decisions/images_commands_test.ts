import { assertEquals } from "@std/assert";
import {
  addMember,
  addTag,
  answerOffer,
  createImage,
  deactivateImage,
  deleteImage,
  importStaged,
  reactivateImage,
  removeMember,
  removeTag,
  stageData,
  storeData,
  updateImage,
} from "../../src/facades/images/decide/mod.ts";
import type { DataFacts, ImageEvent, ImageFacts } from "../../src/facades/images/events.ts";
import { generatedDisk } from "../../src/facades/images/generated_disk.ts";
import { images } from "../../src/facades/images/projection.ts";
import { readRange } from "../../src/facades/images/download.ts";
import { readPatch } from "../../src/facades/images/read_patch.ts";
import { expiryOf, oldestKept } from "../../src/facades/images/tasks/lifetime.ts";
import { virtualSize } from "../../src/facades/images/virtual_size.ts";
import type { Caller } from "../../src/http/auth.ts";
import { givenOf } from "../kit/given.ts";

const image = givenOf(images);

const FACTS: ImageFacts = {
  name: "debian",
  visibility: "shared",
  owner: "project-1",
  diskFormat: "raw",
  containerFormat: "bare",
  minRamMib: 0,
  minDiskGib: 0,
  isProtected: false,
  isHidden: false,
  properties: { os_distro: "debian" },
  tags: ["red"],
};

const DATA: DataFacts = {
  sizeBytes: 3,
  virtualSizeBytes: 3,
  checksum: "c",
  hashAlgorithm: "sha512",
  hashValue: "h",
  source: { kind: "file", name: "i.1" },
};

const created: ImageEvent = { type: "ImageCreated", data: FACTS };
const stored: ImageEvent = { type: "ImageDataStored", data: DATA };
const deactivated: ImageEvent = { type: "ImageDeactivated", data: {} };
const offered: ImageEvent = { type: "ImageMemberAdded", data: { member: "project-2" } };

function caller(projectId: string, ...roles: string[]): Caller {
  return { userId: "u", projectId, roles: new Set(roles), isAdmin: roles.includes("admin") };
}

const owner = caller("project-1", "member", "reader");
const guest = caller("project-2", "member", "reader");
const admin = caller("project-9", "admin", "member", "reader");

function make(facts: Partial<ImageFacts>, by: Caller = owner) {
  return { type: "CreateImage", id: "i", by, image: { ...FACTS, ...facts } } as const;
}

Deno.test("CreateImage", () => {
  image().when((state) => createImage(make({}), state)).then([created]);
});

Deno.test("CreateImage refuses what is not the caller's to make", () => {
  for (
    const [facts, by, kind, message] of [
      [
        { owner: "project-2" },
        owner,
        "Forbidden",
        "You are not permitted to create images owned by 'project-2'",
      ],
      [
        {},
        caller("project-1", "reader"),
        "Forbidden",
        "You are not authorized to complete add_image action.",
      ],
      [
        { visibility: "public" },
        owner,
        "Forbidden",
        "You are not authorized to complete publicize_image action.",
      ],
      [
        { minDiskGib: -1 },
        owner,
        "Invalid",
        "Invalid value '-1' for parameter 'min_disk': Cannot be a negative value",
      ],
      [
        { minRamMib: 2 ** 31 },
        owner,
        "Invalid",
        "'min_ram' value out of range, must not exceed 2147483647",
      ],
      [
        { tags: Array.from({ length: 129 }, (_, i) => `t${i}`) },
        owner,
        "QuotaExceeded",
        "The limit has been exceeded on the number of allowed image tags. Attempted: 129, " +
        "Maximum: 128",
      ],
    ] as const
  ) {
    image().when((state) => createImage(make(facts, by), state)).thenRefused(kind, message);
  }
  image(created).when((state) => createImage(make({}), state))
    .thenRefused("Conflict", "Image ID i already exists!");
  image().when((state) => createImage(make({ visibility: "public", owner: "x" }, admin), state))
    .then([{ type: "ImageCreated", data: { ...FACTS, visibility: "public", owner: "x" } }]);
});

Deno.test("StoreData needs an image that waits, with its formats", () => {
  const store = { type: "StoreData", data: DATA } as const;
  image(created).when((state) => storeData(store, state)).then([stored]);
  image(created, stored).when((state) => storeData(store, state))
    .thenRefused("Conflict", "Image status transition from active to saving is not allowed");
  image(created).but({ diskFormat: null }).when((state) => storeData(store, state))
    .thenRefused("Invalid", "Property disk_format must be set prior to saving data.");
  image(created).but({ diskFormat: null, containerFormat: null })
    .when((state) => storeData(store, state))
    .thenRefused(
      "Invalid",
      "Properties disk_format, container_format must be set prior to saving data.",
    );
});

Deno.test("UpdateImage records what is different, and only that", () => {
  const patch = (changes: Parameters<typeof updateImage>[0]["changes"], by = owner) =>
    image(created, stored).when((state) =>
      updateImage({ type: "UpdateImage", by, changes }, state)
    );
  patch([
    { op: "replace", name: "name", value: "new" },
    { op: "add", name: "hw_disk_bus", value: "virtio" },
    { op: "remove", name: "os_distro" },
  ]).then([{
    type: "ImageUpdated",
    data: { name: "new", properties: { hw_disk_bus: "virtio" } },
  }]);
  patch([{ op: "replace", name: "name", value: "debian" }]).thenNothing();
  patch([{ op: "add", name: "tags", value: ["a", "a", "b"] }])
    .then([{ type: "ImageUpdated", data: { tags: ["a", "b"] } }]);
  patch([{ op: "replace", name: "visibility", value: "public" }], admin)
    .then([{ type: "ImageUpdated", data: { visibility: "public" } }]);
  for (
    const [change, kind, message] of [
      [{ op: "remove", name: "name" }, "Forbidden", "Property name may not be removed."],
      [{ op: "remove", name: "missing" }, "Conflict", "Property missing does not exist."],
      [
        { op: "replace", name: "missing", value: "x" },
        "Conflict",
        "Property missing does not exist.",
      ],
      [
        { op: "add", name: "os_distro", value: "x", refusesPresent: true },
        "Conflict",
        "Property os_distro already present.",
      ],
      [
        { op: "replace", name: "owner", value: "x" },
        "Forbidden",
        "Owner can't be updated by non admin.",
      ],
      [
        { op: "replace", name: "disk_format", value: "qcow2" },
        "Forbidden",
        "Attribute disk_format can be only replaced for a queued image.",
      ],
      [
        { op: "replace", name: "visibility", value: "public" },
        "Forbidden",
        "You are not authorized to complete publicize_image action.",
      ],
    ] as const
  ) {
    patch([change]).thenRefused(kind, message);
  }
  image(created).when((state) =>
    updateImage({
      type: "UpdateImage",
      by: owner,
      changes: [{ op: "replace", name: "disk_format", value: "qcow2" }],
    }, state)
  ).then([{ type: "ImageUpdated", data: { diskFormat: "qcow2" } }]);
});

Deno.test("tags come and go", () => {
  image(created).when((state) => addTag("blue", state))
    .then([{ type: "ImageTagsChanged", data: { tags: ["red", "blue"] } }]);
  image(created).when((state) => addTag("red", state)).thenNothing();
  image(created).when((state) => removeTag("red", state))
    .then([{ type: "ImageTagsChanged", data: { tags: [] } }]);
  image(created).when((state) => removeTag("blue", state))
    .thenRefused("NotFound", "The resource could not be found.");
});

Deno.test("DeleteImage spares the protected", () => {
  image(created).when((state) => deleteImage("i", state)).then([{
    type: "ImageDeleted",
    data: {},
  }]);
  image(created).but({ isProtected: true }).when((state) => deleteImage("i", state))
    .thenRefused("Forbidden", "Image i is protected and cannot be deleted.");
});

Deno.test("deactivate and reactivate", () => {
  image(created, stored).when(deactivateImage).then([deactivated]);
  image(created, stored, deactivated).when(deactivateImage).thenNothing();
  image(created).when(deactivateImage)
    .thenRefused("Forbidden", "Not allowed to deactivate image in status 'queued'");
  image(created, stored, deactivated).when(reactivateImage)
    .then([{ type: "ImageReactivated", data: {} }]);
  image(created, stored).when(reactivateImage).thenNothing();
  image(created).when(reactivateImage)
    .thenRefused("Forbidden", "Not allowed to reactivate image in status 'queued'");
});

Deno.test("an offer is made by the owner and answered by whom it is made to", () => {
  const on = { imageId: "i", member: "project-2" } as const;
  const shared = image(created);
  shared.when((state) => addMember({ type: "AddMember", ...on, by: owner }, state))
    .then([offered]);
  shared.when((state) => addMember({ type: "AddMember", ...on, by: guest }, state))
    .thenRefused("Forbidden", "Not allowed to create members for image i.");
  image(created).but({ visibility: "private" })
    .when((state) => addMember({ type: "AddMember", ...on, by: owner }, state))
    .thenRefused("Forbidden", "Not allowed to create members for image i.");
  image(created, offered).when((state) => addMember({ type: "AddMember", ...on, by: owner }, state))
    .thenRefused("Conflict", "Member project-2 is duplicated for image i");

  const answer = (by: Caller, status: unknown) =>
    image(created, offered)
      .when((state) => answerOffer({ type: "AnswerOffer", ...on, by, status }, state));
  answer(guest, "accepted").then([{
    type: "ImageMemberStatusChanged",
    data: { member: "project-2", status: "accepted" },
  }]);
  answer(guest, "pending").thenNothing();
  answer(guest, "perhaps").thenRefused(
    "Invalid",
    'Incorrect request: Status must be "pending", "accepted" or "rejected".',
  );
  answer(owner, "accepted")
    .thenRefused("Forbidden", "Not allowed to update members for image i.");
  image(created).when((state) =>
    answerOffer({ type: "AnswerOffer", ...on, by: guest, status: "accepted" }, state)
  ).thenRefused("NotFound", "project-2 not found in the member list of the image i.");

  image(created, offered)
    .when((state) => removeMember({ type: "RemoveMember", ...on, by: owner }, state))
    .then([{ type: "ImageMemberRemoved", data: { member: "project-2" } }]);
  image(created, offered)
    .when((state) => removeMember({ type: "RemoveMember", ...on, by: guest }, state))
    .thenRefused("Forbidden", "Not allowed to delete members for image i.");
});

Deno.test("patches that are none", () => {
  for (
    const [body, message] of [
      [null, "Body expected in request."],
      [{}, "Request body must be a JSON array of operation objects."],
      [[1], "Operations must be JSON objects."],
      [
        [{}],
        "Unable to find `op` in JSON Schema change. It must be one of the following: add, remove, " +
        "replace.",
      ],
      [
        [{ op: "move" }],
        "Invalid operation: `move`. It must be one of the following: add, remove, replace.",
      ],
      [
        [{ op: { toString: 1 } }],
        "Invalid operation: `object`. It must be one of the following: add, remove, replace.",
      ],
      [[{ op: "add", value: 1 }], "Unable to find 'path' in JSON Schema change"],
      [[{ op: "add", path: "x", value: 1 }], 'Pointer `x` does not start with "/".'],
      [[{ op: "add", path: ["x"] }], 'Pointer `object` does not start with "/".'],
      [[{ op: "add", path: "/a//b" }], 'Pointer `/a//b` contains adjacent "/".'],
      [[{ op: "add", path: "/a/" }], 'Pointer `/a/` end with "/".'],
      [
        [{ op: "add", path: "/a~2" }],
        'Pointer `/a~2` contains "~" not part of a recognized escape sequence.',
      ],
      [[{ op: "add", path: "/a/b", value: "" }], "Invalid JSON pointer for this resource: '/a/b'"],
      [[{ op: "add", path: "/a" }], 'Operation "add" requires a member named "value".'],
    ] as const
  ) {
    assertEquals(readPatch(body, 10), { rejected: "Invalid", message });
  }
  assertEquals(readPatch([{ op: "replace", path: "/status", value: "active" }], 10), {
    rejected: "Forbidden",
    message: "Attribute 'status' is read-only.",
  });
  assertEquals(readPatch([{ add: "/a~1b", value: "x" }], 4), [
    { op: "add", name: "a/b", value: "x", refusesPresent: true },
  ]);
});

Deno.test("ranges of 100 bytes", () => {
  assertEquals(readRange(undefined, 100), undefined);
  assertEquals(readRange("bytes=0-0", 100), { start: 0, end: 1 });
  assertEquals(readRange("bytes=90-200", 100), { start: 90, end: 100 });
  assertEquals(readRange("bytes=-200", 100), { start: 0, end: 100 });
});

Deno.test("how large a disk the data describe", () => {
  assertEquals(virtualSize("qcow2", generatedDisk("x").subarray(0, 512), 2 ** 20), 112 * 2 ** 20);
  assertEquals(virtualSize("qcow2", new Uint8Array(512), 2 ** 20), null);
  assertEquals(virtualSize("qcow2", new Uint8Array(3), 3), null);
  assertEquals(virtualSize("raw", new Uint8Array(3), 3), 3);
  assertEquals(virtualSize("vmdk", new Uint8Array(3), 3), null);
});

Deno.test("stageData keeps data of an image that has none, staged or its own", () => {
  const staged: ImageEvent = { type: "ImageDataStaged", data: DATA };
  image(created).when((state) => stageData(DATA, state)).then([staged]);
  for (const [event, status] of [[staged, "uploading"], [stored, "active"]] as const) {
    image(created, event).when((state) => stageData(DATA, state)).thenRefused(
      "Conflict",
      `Image status transition from ${status} to uploading is not allowed`,
    );
  }
});

Deno.test("importStaged makes staged data the image's own, once", () => {
  const staged: ImageEvent = { type: "ImageDataStaged", data: DATA };
  image(created, staged).when((state) => importStaged(owner, state)).then([stored]);
  image(created).when((state) => importStaged(owner, state)).thenRefused(
    "Conflict",
    "Image needs to be staged before 'glance-direct' method can be used",
  );
  image(created, staged, stored).when((state) => importStaged(owner, state)).thenRefused(
    "Conflict",
    "Image with status active cannot be target for import",
  );
  image(created, staged).when((state) => importStaged(guest, state)).thenRefused(
    "Forbidden",
    "You are not authorized to complete modify_image action.",
  );
  const formless: ImageEvent = { type: "ImageCreated", data: { ...FACTS, diskFormat: null } };
  image(formless, staged).when((state) => importStaged(owner, state))
    .thenRefused("Conflict", "'disk_format' needs to be set before import");
});

Deno.test("tasks are forgotten two days after they have ended", () => {
  assertEquals(expiryOf("2026-01-02T03:04:05.000000Z"), "2026-01-04T03:04:05.000000Z");
  assertEquals(oldestKept(Date.UTC(2026, 0, 4, 3, 4, 5)), "2026-01-02T03:04:05.000000Z");
});
