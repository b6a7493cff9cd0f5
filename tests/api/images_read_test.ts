import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { callerOf, IMAGE_ID, ORIGIN, withNeighbours } from "./networks_kit_test.ts";

Deno.test("the version documents need no token", () =>
  withNeighbours(async (cloud) => {
    for (const [path, status] of [["/image", 300], ["/image/", 300], ["/image/versions", 200]]) {
      const answer = await cloud.ask(undefined, "GET", path as string);
      assertEquals(answer.status, status);
      assertEquals(answer.body.versions[0], {
        id: "v2.17",
        status: "CURRENT",
        links: [{ rel: "self", href: `${ORIGIN}/image/v2/` }],
      });
    }
  }));

Deno.test("everything else needs one", () =>
  withNeighbours(async (cloud) => {
    for (
      const path of [
        "/image/v2/images",
        "/image/v2/nowhere",
        `/image/v2/images/${IMAGE_ID}`,
        `/image/v2/images/${IMAGE_ID}/tasks`,
        "/image/v2/tasks",
        "/image/v2/info/import",
        "/image/v2/info/stores",
        "/image/v2/cache",
        "/image/v2/schemas/metadefs/tag",
        "/image/v2/metadefs/namespaces",
        "/image/v2/metadefs/resource_types",
      ]
    ) {
      const answer = await cloud.ask(undefined, "GET", path);
      assertEquals(answer.status, 401);
      assertEquals(
        answer.headers.get("www-authenticate"),
        `Keystone uri="${ORIGIN}/identity/v3"`,
      );
    }
    assertEquals((await cloud.ask("member", "GET", "/image/v2/nowhere")).status, 404);
    const wrongMethod = await cloud.ask("member", "PUT", "/image/v2/schemas/image");
    assertEquals(wrongMethod.status, 405);
    assertEquals(wrongMethod.headers.get("allow"), "GET");
  }));

Deno.test("the seeded image is what it says", () =>
  withNeighbours(async (cloud) => {
    const { body: image } = await cloud.ask("reader", "GET", `/image/v2/images/${IMAGE_ID}`);
    assertEquals([image.name, image.status, image.visibility], ["cirros", "active", "public"]);
    assertEquals([image.disk_format, image.container_format], ["qcow2", "bare"]);
    assertEquals([image.min_ram, image.min_disk, image.virtual_size], [0, 0, 112 * 2 ** 20]);
    const file = await cloud.ask("member", "GET", `/image/v2/images/${IMAGE_ID}/file`);
    assertEquals(file.status, 200);
    assertEquals(file.headers.get("content-length"), "1048576");
    assertEquals(file.headers.get("content-md5"), image.checksum);
    assertEquals(file.bytes.length, image.size);
    assertEquals(createHash("md5").update(file.bytes).digest("hex"), image.checksum);
    assertEquals(
      createHash(image.os_hash_algo).update(file.bytes).digest("hex"),
      image.os_hash_value,
    );
    assertEquals([...file.bytes.subarray(0, 8)], [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]);
  }));

Deno.test("a range of the data", () =>
  withNeighbours(async (cloud) => {
    const path = `/image/v2/images/${IMAGE_ID}/file`;
    const whole = (await cloud.ask("member", "GET", path)).bytes;
    for (
      const [range, start, end] of [
        ["bytes=0-3", 0, 4],
        ["bytes=327680-", 327680, 1048576],
        ["bytes=-10", 1048566, 1048576],
        ["bytes=1048575-9999999999", 1048575, 1048576],
      ] as const
    ) {
      const part = await cloud.ask("member", "GET", path, { headers: { range } });
      assertEquals(part.status, 206, range);
      assertEquals(part.headers.get("content-range"), `bytes ${start}-${end - 1}/1048576`);
      assertEquals(part.bytes, whole.slice(start, end));
    }
    for (
      const [range, status] of [
        ["bytes=1048576-", 416],
        ["bytes=5-2", 416],
        ["lines=1-2", 416],
        ["bytes=-", 416],
        ["bytes=0-1,3-4", 400],
      ] as const
    ) {
      assertEquals(
        (await cloud.ask("member", "GET", path, { headers: { range } })).status,
        status,
        range,
      );
    }
  }));

Deno.test("who may not", () =>
  withNeighbours(async (cloud) => {
    const path = `/image/v2/images/${IMAGE_ID}`;
    assertEquals((await cloud.ask("nobody", "GET", path)).status, 404);
    assertEquals((await cloud.ask("nobody", "GET", "/image/v2/images")).status, 403);
    assertEquals((await cloud.ask("reader", "GET", `${path}/file`)).status, 403);
  }));

Deno.test("an image that is not there: the words, in the form that is asked for", () =>
  withNeighbours(async (cloud) => {
    const html = await cloud.ask("member", "GET", "/image/v2/images/<x>", {
      headers: { accept: "*/*" },
    });
    assertEquals(html.status, 404);
    assertStringIncludes(html.text, "No image found with ID &lt;x&gt;<br /><br />");
    const json = await cloud.ask("member", "GET", "/image/v2/images/x", {
      headers: { accept: "application/json" },
    });
    assertEquals(json.body, {
      message: "No image found with ID x<br /><br />\n\n\n",
      code: "404 Not Found",
      title: "Not Found",
    });
  }));

Deno.test("lists: links, filters, and what is refused", () =>
  withNeighbours(async (cloud) => {
    const path = "/image/v2/images";
    const list = await cloud.ask("member", "GET", path);
    assertEquals(list.body.images.map(({ id }: { id: string }) => id), [IMAGE_ID]);
    assertEquals([list.body.first, list.body.schema], ["/v2/images", "/v2/schemas/images"]);
    for (
      const [query, count] of [
        ["name=cirros", 1],
        ["name=in:other,cirros", 1],
        ['name=in:"other,cirros"', 0],
        ["name=none", 0],
        ["status=active&visibility=public&disk_format=qcow2&container_format=bare", 1],
        [`id=in:${IMAGE_ID}`, 1],
        ["size_min=1048576&size_max=1048576", 1],
        ["size_min=1048577", 0],
        ["os_hidden=true", 0],
        ["owner=project-1", 0],
        ["tag=red", 0],
        ["os_distro=debian", 0],
        ["protected=false", 1],
        ["created_at=gt:2020-01-01T00:00:00Z", 1],
        ["created_at=lt:2020-01-01T00:00:00Z", 0],
        ["member_status=all&visibility=shared", 0],
        [Array(3000).fill("tag=a").join("&"), 0],
        ["min_ram=0&min_disk=0&checksum=x", 0],
      ] as const
    ) {
      const { status, body } = await cloud.ask("member", "GET", `${path}?${query}`);
      assertEquals([status, body.images?.length], [200, count], query);
    }
    for (
      const [query, message] of [
        ["limit=x", "limit param must be an integer"],
        ["limit=-1", "limit param must be positive"],
        ["marker=missing", "No image found with ID missing"],
        ["sort_dir=up", "Invalid sort direction: up"],
        [
          "sort_key=flavor",
          "Invalid sort key: flavor. It must be one of the following: name, status, " +
          "container_format, disk_format, size, id, created_at, updated_at.",
        ],
        ["sort=name&sort_key=id", "Old and new sorting syntax cannot be combined"],
        ["visibility=secret", "Invalid visibility value: secret"],
        ["member_status=maybe", "Invalid status: maybe"],
        ["size_min=many", "Unable to filter on a range with a non-numeric value."],
        ["name=like:x", "Unable to filter by unknown operator 'like'."],
        ['name=in:"x', 'Invalid filter value "x. The quote is not closed.'],
        [
          "created_at=yesterday",
          'Bad "created_at" query filter format. Use ISO 8601 DateTime notation.',
        ],
        [
          "os_hidden=maybe",
          "Invalid value 'maybe' for 'os_hidden' filter. Valid values are 'true' or 'false'.",
        ],
      ] as const
    ) {
      const { status, body } = await cloud.ask("member", "GET", `${path}?${query}`, {
        headers: { accept: "application/json" },
      });
      assertEquals([status, body.message], [400, `${message}<br /><br />\n\n\n`], query);
    }
  }));

Deno.test("what compute asks", () =>
  withNeighbours(async ({ images }) => {
    const image = await images.find(IMAGE_ID, callerOf("member"));
    const { createdAt, updatedAt, ...rest } = image!;
    assert(createdAt <= updatedAt);
    assertEquals(rest, {
      id: IMAGE_ID,
      name: "cirros",
      status: "active",
      minRamMib: 0,
      minDiskGib: 0,
      sizeBytes: 1048576,
      virtualSizeBytes: 117440512,
      diskFormat: "qcow2",
      containerFormat: "bare",
      checksum: "b0a9cf9c0f348f0cf0f321c059116afb",
      properties: {},
    });
    assertEquals(await images.find("missing", callerOf("member")), undefined);
    assertEquals(await images.find(IMAGE_ID, callerOf("nobody")), undefined);
  }));
