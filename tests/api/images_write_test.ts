import { assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import {
  createSnapshotImage,
  dropSnapshotImage,
  finishSnapshotImage,
  generatedData,
  ImageContent,
  removeOrphans,
} from "../../src/facades/images/mod.ts";
import {
  callerOf,
  IMAGE_ID,
  METADATA,
  type Name,
  type Neighbours,
  ORIGIN,
  withNeighbours,
} from "./networks_kit_test.ts";

const IMAGES = "/image/v2/images";
const OCTETS = { "content-type": "application/octet-stream" };
const PATCH = { "content-type": "application/openstack-images-v2.1-json-patch" };
const JSON_ONLY = { accept: "application/json" };

async function create(
  cloud: Neighbours,
  body: object = {},
  name: Name = "member",
): Promise<string> {
  const { status, body: image, text } = await cloud.ask(name, "POST", IMAGES, {
    body: { name: "mine", disk_format: "raw", container_format: "bare", ...body },
  });
  assertEquals(status, 201, text);
  return image.id;
}

function send(cloud: Neighbours, id: string, body: unknown, name: Name = "member") {
  return cloud.ask(name, "PUT", `${IMAGES}/${id}/file`, {
    body,
    headers: { ...OCTETS, ...JSON_ONLY },
  });
}

function words(message: string): string {
  return `${message}<br /><br />\n\n\n`;
}

async function filesIn(cloud: Neighbours): Promise<string[]> {
  return [...await new ImageContent(cloud.imageFolder).names()];
}

Deno.test("an image from create to delete", () =>
  withNeighbours(async (cloud) => {
    const made = await cloud.ask("member", "POST", IMAGES, {
      body: {
        name: "mine",
        disk_format: "raw",
        container_format: "bare",
        min_ram: 64,
        tags: ["a", "a"],
        os_distro: "debian",
      },
    });
    assertEquals(made.status, 201);
    const image = made.body;
    assertEquals(made.headers.get("location"), `${ORIGIN}${IMAGES}/${image.id}`);
    assertEquals(
      [image.status, image.visibility, image.owner, image.size, image.checksum],
      ["queued", "shared", "project-1", null, null],
    );
    assertEquals([image.tags, image.os_distro, image.min_ram], [["a"], "debian", 64]);
    const path = `${IMAGES}/${image.id}`;
    assertEquals((await cloud.ask("member", "GET", `${path}/file`)).status, 204);

    const data = crypto.getRandomValues(new Uint8Array(50_000));
    assertEquals((await send(cloud, image.id, data)).status, 204);
    const { body: active } = await cloud.ask("member", "GET", path);
    assertEquals(
      [active.status, active.size, active.virtual_size, active.os_hash_algo],
      ["active", 50_000, 50_000, "sha512"],
    );
    assertEquals(active.checksum, createHash("md5").update(data).digest("hex"));
    assertEquals(active.os_hash_value, createHash("sha512").update(data).digest("hex"));
    const file = await cloud.ask("member", "GET", `${path}/file`);
    assertEquals(file.bytes, data);
    const part = await cloud.ask("member", "GET", `${path}/file`, {
      headers: { range: "bytes=100-199" },
    });
    assertEquals([part.status, part.bytes], [206, data.slice(100, 200)]);
    assertEquals((await filesIn(cloud)).length, 1);

    const patched = await cloud.ask("member", "PATCH", path, {
      body: [
        { op: "replace", path: "/name", value: "yours" },
        { op: "replace", path: "/protected", value: true },
        { op: "add", path: "/hw_disk_bus", value: "virtio" },
      ],
      headers: PATCH,
    });
    assertEquals([patched.status, patched.body.name, patched.body.hw_disk_bus], [
      200,
      "yours",
      "virtio",
    ]);
    const refused = await cloud.ask("member", "DELETE", path, { headers: JSON_ONLY });
    assertEquals(refused.status, 403);
    assertEquals(
      refused.body.message,
      words(`Image ${image.id} is protected and cannot be deleted.`),
    );
    await cloud.ask("member", "PATCH", path, {
      body: [{ op: "replace", path: "/protected", value: false }],
      headers: PATCH,
    });
    assertEquals((await cloud.ask("member", "DELETE", path)).status, 204);
    assertEquals((await cloud.ask("member", "GET", path)).status, 404);
    assertEquals((await cloud.ask("member", "DELETE", path)).status, 404);
    assertEquals(await filesIn(cloud), []);
  }));

Deno.test("data come once, of the right type and not too many", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const asJson = await cloud.ask("member", "PUT", `${IMAGES}/${id}/file`, { body: {} });
    assertEquals(asJson.status, 415);
    assertEquals((await send(cloud, id, new Uint8Array(1), "other")).status, 404);
    assertEquals((await send(cloud, id, new Uint8Array(1), "reader")).status, 403);
    assertEquals((await send(cloud, id, new Uint8Array(1_000_001))).status, 413);
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    assertEquals((await send(cloud, id, endless)).status, 413);
    assertEquals(await filesIn(cloud), []);
    assertEquals((await send(cloud, id, new Uint8Array(10))).status, 204);
    const again = await send(cloud, id, new Uint8Array(10));
    assertEquals([again.status, again.body.message], [
      409,
      words("Image status transition from active to saving is not allowed"),
    ]);
    const formless = await create(cloud, { disk_format: null });
    const refused = await send(cloud, formless, new Uint8Array(10));
    assertEquals([refused.status, refused.body.message], [
      400,
      words("Property disk_format must be set prior to saving data."),
    ]);
  }));

Deno.test("of two uploads at once one wins, and the other's file goes", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const answers = await Promise.all([
      send(cloud, id, new Uint8Array(1000).fill(1)),
      send(cloud, id, new Uint8Array(2000).fill(2)),
    ]);
    assertEquals(answers.map(({ status }) => status).sort(), [204, 409]);
    assertEquals((await filesIn(cloud)).length, 1);
    const { body: image } = await cloud.ask("member", "GET", `${IMAGES}/${id}`);
    const { bytes } = await cloud.ask("member", "GET", `${IMAGES}/${id}/file`);
    assertEquals(bytes.length, image.size);
  }));

Deno.test("data that are cut off leave nothing, and can be sent again", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const torn = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(10));
        controller.error(new Error("gone"));
      },
    });
    assertEquals((await send(cloud, id, torn)).status, 400);
    assertEquals(await filesIn(cloud), []);
    assertEquals((await cloud.ask("member", "GET", `${IMAGES}/${id}`)).body.status, "queued");
    assertEquals((await send(cloud, id, new Uint8Array(10))).status, 204);
  }));

Deno.test("an image deleted while its data come", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const slow = new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array(10));
        await cloud.ask("member", "DELETE", `${IMAGES}/${id}`);
        controller.close();
      },
    });
    assertEquals((await send(cloud, id, slow)).status, 410);
    assertEquals(await filesIn(cloud), []);
  }));

Deno.test("files that no image names are swept away, others stay", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    await send(cloud, id, new Uint8Array(10));
    const [kept] = await filesIn(cloud);
    for (const name of [`${id}.old`, `${id}.half.part`, "unknown"]) {
      await Deno.writeTextFile(`${cloud.imageFolder}/${name}`, "x");
    }
    const content = new ImageContent(cloud.imageFolder);
    assertEquals(await removeOrphans(cloud.log.reader, content), 3);
    assertEquals(await filesIn(cloud), [kept!]);
  }));

Deno.test("creates that are refused", () =>
  withNeighbours(async (cloud) => {
    for (
      const [body, status, message] of [
        [{ status: "active" }, 403, "Attribute 'status' is read-only."],
        [{ self: "x" }, 403, "Attribute 'self' is read-only."],
        [{ deleted: "x" }, 403, "Attribute 'deleted' is reserved."],
        [{ os_glance_x: "x" }, 403, "Attribute 'os_glance_x' is reserved."],
        [
          { visibility: "public" },
          403,
          "You are not authorized to complete publicize_image action.",
        ],
        [{ id: IMAGE_ID }, 409, `Image ID ${IMAGE_ID} already exists!`],
        [
          { ["x".repeat(256)]: "x" },
          400,
          "Custom property should not be greater than 255 characters.",
        ],
        [
          { min_ram: "64" },
          400,
          "Provided object does not match schema 'image': Invalid input for field/attribute " +
          "min_ram. Value: 64. '64' is not of type 'integer'",
        ],
        [
          { colour: 1 },
          400,
          "Provided object does not match schema 'image': Invalid input for field/attribute " +
          "colour. Value: 1. 1 is not of type 'string'",
        ],
        ["[", 400, "Malformed JSON in request body."],
        ["1", 400, "Unexpected body type. Expected list/dict."],
        ["", 400, "Body expected in request."],
      ] as const
    ) {
      const answer = await cloud.ask("member", "POST", IMAGES, {
        body,
        headers: { ...JSON_ONLY, "content-type": "application/json" },
      });
      assertEquals(
        [answer.status, answer.body?.message],
        [status, words(message)],
        JSON.stringify(body),
      );
    }
    assertEquals((await cloud.ask("reader", "POST", IMAGES, { body: {} })).status, 403);
    const large = await cloud.ask("member", "POST", IMAGES, { body: { x: "x".repeat(120_000) } });
    assertEquals(large.status, 413);
    const odd = await cloud.ask("member", "POST", IMAGES, {
      body: '{"__proto__": "x", "constructor": "y"}',
    });
    assertEquals([odd.status, odd.body.constructor], [201, "y"]);
    assertMatch(odd.text, /"__proto__":"x"/);
  }));

Deno.test("the stores that a client believes to be a property can be removed, and stay", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    assertEquals((await send(cloud, id, new Uint8Array(10))).status, 204);
    const path = `${IMAGES}/${id}`;
    const body = [
      { op: "replace", path: "/name", value: "changed" },
      { op: "remove", path: "/stores" },
    ];
    const patched = await cloud.ask("member", "PATCH", path, { body, headers: PATCH });
    assertEquals([patched.status, patched.body?.name], [200, "changed"]);
    assertEquals((await cloud.ask("member", "GET", path)).body.stores, "file");
  }));

Deno.test("patches that are refused change nothing", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const path = `${IMAGES}/${id}`;
    const wrongType = await cloud.ask("member", "PATCH", path, { body: [] });
    assertEquals(wrongType.status, 415);
    assertMatch(wrongType.headers.get("accept-patch") ?? "", /images-v2.1-json-patch/);
    const body = [
      { op: "replace", path: "/name", value: "changed" },
      { op: "remove", path: "/missing" },
    ];
    const refused = await cloud.ask("member", "PATCH", path, { body, headers: PATCH });
    assertEquals(refused.status, 409);
    assertEquals((await cloud.ask("member", "GET", path)).body.name, "mine");
    const rename = [{ op: "replace", path: "/name", value: "x" }];
    for (const [name, status] of [["other", 404], ["reader", 403], ["admin", 200]] as const) {
      const answer = await cloud.ask(name, "PATCH", path, { body: rename, headers: PATCH });
      assertEquals(answer.status, status, name);
    }
    const publicImage = await cloud.ask("member", "PATCH", `${IMAGES}/${IMAGE_ID}`, {
      body: rename,
      headers: { ...PATCH, ...JSON_ONLY },
    });
    assertEquals([publicImage.status, publicImage.body.message], [
      403,
      words("You are not authorized to complete modify_image action."),
    ]);
  }));

Deno.test("tags, and lists by them and by properties", () =>
  withNeighbours(async (cloud) => {
    const one = await create(cloud, { os_distro: "debian", os_version: "12" });
    const two = await create(cloud, { os_distro: "debian" });
    for (const [id, tag] of [[one, "red"], [one, "blue"], [two, "red"]]) {
      assertEquals((await cloud.ask("member", "PUT", `${IMAGES}/${id}/tags/${tag}`)).status, 204);
    }
    const list = async (query: string) =>
      (await cloud.ask("member", "GET", `${IMAGES}?${query}`)).body.images
        .map(({ id }: { id: string }) => id);
    assertEquals(await list("tag=red"), [two, one]);
    assertEquals(await list("tag=red&tag=blue"), [one]);
    assertEquals(await list("os_distro=debian"), [two, one]);
    assertEquals(await list("os_distro=debian&os_version=12"), [one]);
    assertEquals((await cloud.ask("member", "DELETE", `${IMAGES}/${one}/tags/blue`)).status, 204);
    assertEquals((await cloud.ask("member", "DELETE", `${IMAGES}/${one}/tags/blue`)).status, 404);
    assertEquals(await list("tag=blue"), []);
    assertEquals((await cloud.ask("reader", "PUT", `${IMAGES}/${one}/tags/x`)).status, 403);
    assertEquals((await cloud.ask("other", "PUT", `${IMAGES}/${one}/tags/x`)).status, 404);
    const long = await cloud.ask("member", "PUT", `${IMAGES}/${one}/tags/${"x".repeat(256)}`);
    assertEquals(long.status, 400);
  }));

Deno.test("pages of images", () =>
  withNeighbours(async (cloud) => {
    for (const name of ["d", "b", "a", "c", "B"]) await create(cloud, { name });
    const names: string[] = [];
    let next: string | undefined = "/v2/images?limit=2&sort=name:asc&owner=project-1";
    while (next) {
      const { body } = await cloud.ask("member", "GET", `/image${next}`);
      names.push(...body.images.map(({ name }: { name: string }) => name));
      assertEquals(body.first, "/v2/images?limit=2&sort=name%3Aasc&owner=project-1");
      next = body.next;
    }
    assertEquals(names, ["a", "b", "B", "c", "d"]);
  }));

Deno.test("sharing: offered, answered, taken back", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const members = `${IMAGES}/${id}/members`;
    const listed = async (query = "") =>
      (await cloud.ask("other", "GET", `${IMAGES}?owner=project-1&${query}`)).body.images.length;
    assertEquals((await cloud.ask("other", "GET", `${IMAGES}/${id}`)).status, 404);
    const offer = await cloud.ask("member", "POST", members, { body: { member: "project-2" } });
    assertEquals([offer.status, offer.body.status, offer.body.image_id], [200, "pending", id]);
    assertEquals((await cloud.ask("other", "GET", `${IMAGES}/${id}`)).status, 200);
    assertEquals([await listed(), await listed("member_status=pending")], [0, 1]);
    const mine = `${members}/project-2`;
    assertEquals(
      (await cloud.ask("member", "PUT", mine, { body: { status: "accepted" } })).status,
      403,
    );
    const accepted = await cloud.ask("other", "PUT", mine, { body: { status: "accepted" } });
    assertEquals([accepted.status, accepted.body.status], [200, "accepted"]);
    assertEquals(await listed(), 1);
    assertEquals((await cloud.ask("other", "GET", members)).body.members.length, 1);
    assertEquals((await cloud.ask("member", "GET", mine)).body.member_id, "project-2");
    assertEquals((await cloud.ask("member", "GET", `${members}/project-5`)).status, 404);
    assertEquals((await cloud.ask("other", "DELETE", mine)).status, 403);
    assertEquals((await cloud.ask("member", "DELETE", mine)).status, 204);
    assertEquals((await cloud.ask("other", "GET", `${IMAGES}/${id}`)).status, 404);
    for (const body of [{}, [], { member: "" }, { member: 5 }]) {
      assertEquals((await cloud.ask("member", "POST", members, { body })).status, 400);
    }
    const onPublic = await cloud.ask("member", "GET", `${IMAGES}/${IMAGE_ID}/members`);
    assertEquals(onPublic.status, 403);
  }));

Deno.test("a deactivated image keeps its data from all but admins", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    await send(cloud, id, new Uint8Array(10));
    const act = (action: string, name: Name) =>
      cloud.ask(name, "POST", `${IMAGES}/${id}/actions/${action}`);
    assertEquals((await act("deactivate", "reader")).status, 403);
    assertEquals((await act("deactivate", "member")).status, 204);
    const file = `${IMAGES}/${id}/file`;
    assertEquals((await cloud.ask("member", "GET", file)).status, 403);
    assertEquals((await cloud.ask("admin", "GET", file)).status, 200);
    assertEquals((await cloud.images.find(id, callerOf("member")))?.status, "deactivated");
    assertEquals((await act("reactivate", "member")).status, 204);
    assertEquals((await cloud.ask("member", "GET", file)).status, 200);
  }));

Deno.test("hidden and community images are listed when asked for", () =>
  withNeighbours(async (cloud) => {
    const hidden = await create(cloud, { os_hidden: true });
    const community = await create(cloud, { visibility: "community" });
    const ids = async (name: Name, query: string) =>
      (await cloud.ask(name, "GET", `${IMAGES}?${query}`)).body.images
        .map(({ id }: { id: string }) => id);
    assertEquals(await ids("member", "os_hidden=true"), [hidden]);
    assertEquals(await ids("other", ""), [IMAGE_ID]);
    assertEquals(await ids("other", "visibility=community"), [community]);
    assertEquals(await ids("member", ""), [community, IMAGE_ID]);
  }));

Deno.test("snapshots: made, finished once, dropped", () =>
  withNeighbours(async (cloud) => {
    const imageId = "55555555-5555-4555-8555-555555555555";
    const snapshot = {
      imageId,
      name: "snap",
      projectId: "project-1",
      minRamMib: 0,
      minDiskGib: 1,
      properties: { image_type: "snapshot", instance_uuid: "server-1" },
    };
    const submit = cloud.committer.submit.bind(cloud.committer);
    await submit(METADATA, (unit) => createSnapshotImage(unit, snapshot));
    await submit(METADATA, (unit) => createSnapshotImage(unit, snapshot));
    const path = `${IMAGES}/${imageId}`;
    const { body: queued } = await cloud.ask("member", "GET", path);
    assertEquals([queued.status, queued.visibility, queued.image_type], [
      "queued",
      "private",
      "snapshot",
    ]);
    const data = generatedData(imageId);
    await submit(METADATA, (unit) => finishSnapshotImage(unit, imageId, data));
    await submit(METADATA, (unit) => finishSnapshotImage(unit, imageId, data));
    const file = await cloud.ask("member", "GET", `${path}/file`);
    assertEquals(createHash("md5").update(file.bytes).digest("hex"), data.checksum);
    assertEquals((await cloud.ask("other", "GET", path)).status, 404);
    await submit(METADATA, (unit) => dropSnapshotImage(unit, imageId));
    await submit(METADATA, (unit) => dropSnapshotImage(unit, imageId));
    const late = await submit(METADATA, (unit) => finishSnapshotImage(unit, imageId, data));
    assertEquals(isRejection(late), true);
  }));
