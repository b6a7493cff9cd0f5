/** /images and their metadata through the compute API: conversations, schemas, limits. */
import { assert, assertEquals } from "@std/assert";
import { type Asked, ORIGIN, type Role, type TestCloud, withCloud } from "../kit/cloud.ts";
import { type Json, makeImage } from "../kit/samples.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

const asking = (cloud: TestCloud, role: Role = "admin") =>
(
  method: string,
  path: string,
  asked: Asked = {},
) => cloud.ask(role, method, `/v2.1/images${path}`, asked);

/** The image service takes nothing but UUIDs. */
const KERNEL = "11111111-2222-4333-8444-555555555555";

/** An image with metadata. */
function sampleImage(cloud: TestCloud, more: Json = {}): Promise<string> {
  return makeImage(cloud, {
    name: "fakeimage7",
    architecture: "x86_64",
    auto_disk_config: "True",
    kernel_id: KERNEL,
    ramdisk_id: KERNEL,
    ...more,
  });
}

Deno.test("every answer is by the schemas, up to the last microversion that has it", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud);
    const id = await sampleImage(cloud, { instance_uuid: crypto.randomUUID() });
    for (const minor of EVERY_MINOR) {
      const mv = `2.${minor}`;
      const check = async (
        name: string,
        until: number,
        method: string,
        path: string,
        body?: Json,
      ) => {
        const answered = await ask(method, path, { mv, body });
        if (minor > until) return assertEquals(answered.status, 404);
        assertEquals(replyProblems("images", name, minor, answered), []);
      };
      await check("list_images", 35, "GET", "?limit=1");
      await check("list_images_details", 35, "GET", "/detail");
      await check("get_image", 35, "GET", `/${id}`);
      await check("image_metadata", 38, "GET", `/${id}/metadata`);
      await check("image_metadata", 38, "POST", `/${id}/metadata`, { metadata: { a: "1" } });
      await check("image_meta_item", 38, "PUT", `/${id}/metadata/a`, { meta: { a: "2" } });
      await check("image_meta_item", 38, "GET", `/${id}/metadata/a`);
      await check("delete", 38, "DELETE", `/${id}/metadata/a`);
      if (minor > 35) await check("delete", 35, "DELETE", `/${id}`);
    }
  });
});

Deno.test("an image is shown with its server, its state and its links", async () => {
  await withCloud(async (cloud) => {
    const server = crypto.randomUUID();
    const id = await makeImage(cloud, {
      name: "snapshot",
      min_ram: 64,
      min_disk: 1,
      instance_uuid: server,
      auto_disk_config: "no",
    });
    const { image } = (await asking(cloud, "reader")("GET", `/${id}`)).json;
    assertEquals(image.links, [
      { rel: "self", href: `${ORIGIN}/v2.1/images/${id}` },
      { rel: "bookmark", href: `${ORIGIN}/images/${id}` },
      {
        rel: "alternate",
        type: "application/vnd.openstack.image",
        href: `${ORIGIN}/image/images/${id}`,
      },
    ]);
    assertEquals(image.server, {
      id: server,
      links: [
        { rel: "self", href: `${ORIGIN}/v2.1/servers/${server}` },
        { rel: "bookmark", href: `${ORIGIN}/servers/${server}` },
      ],
    });
    assertEquals(
      [image.status, image.progress, image.minRam, image.minDisk, image["OS-DCF:diskConfig"]],
      ["ACTIVE", 100, 64, 1, "MANUAL"],
    );
    assertEquals(image["OS-EXT-IMG-SIZE:size"], 4);
    const made = await cloud.ask("member", "POST", "/image/v2/images", { body: { name: null } });
    const queued = (await asking(cloud, "member")("GET", `/${made.json.id}`)).json.image;
    assertEquals([queued.name, queued.status, queued.progress], [null, "SAVING", 25]);
    await cloud.ask("admin", "POST", `/image/v2/images/${id}/actions/deactivate`);
    const off = (await asking(cloud, "reader")("GET", `/${id}`)).json.image;
    assertEquals([off.status, off.progress], ["UNKNOWN", 0]);
  });
});

Deno.test("lists are filtered and come in pages", async () => {
  await withCloud(async (cloud) => {
    const ask = asking(cloud, "reader");
    const server = crypto.randomUUID();
    await makeImage(cloud, { name: "one", min_ram: 64, os_type: "linux" });
    await makeImage(cloud, { name: "two", min_disk: 7, instance_uuid: server, image_type: "x" });
    await cloud.ask("stranger", "POST", "/image/v2/images", { body: { name: "foreign" } });
    const names = async (query: string, asked: Asked = {}) =>
      (await ask("GET", `?${query}`, asked)).json.images.map((one: Json) => one.name).sort();
    assertEquals(await names(""), ["cirros", "one", "two"]);
    const ROWS: readonly (readonly [string, readonly string[]])[] = [
      ["name=one", ["one"]],
      ["minRam=64", ["one"]],
      ["minDisk=7", ["two"]],
      [`server=http://x/servers/${server}`, ["two"]],
      [`server=${server}`, ["two"]],
      ["type=x", ["two"]],
      ["property-os_type=linux", ["one"]],
      ["status=ACTIVE", ["cirros", "one", "two"]],
      ["status=SAVING", []],
      ["changes-since=2999-01-01T00:00:00Z", []],
      ["changes-since=2020-01-01T00:00:00Z&name=two", ["two"]],
      ["colour=blue", ["cirros", "one", "two"]],
    ];
    for (const [query, wanted] of ROWS) assertEquals(await names(query), [...wanted], query);
    const seen: string[] = [];
    let url: string | undefined = "?limit=2";
    for (let pages = 0; url !== undefined; pages++) {
      assert(pages < 3, "pages without end");
      const { json }: Json = await ask("GET", url);
      seen.push(...json.images.map((one: Json) => one.name));
      url = json.images_links?.[0].href.replace(`${ORIGIN}/v2.1/images`, "");
    }
    assertEquals(seen.sort(), ["cirros", "one", "two"]);
    for (const bad of ["limit=0", "limit=x", "changes-since=soon", `marker=${server}`]) {
      assertEquals((await ask("GET", `?${bad}`)).status, 400, bad);
    }
  });
});

Deno.test("metadata is changed by those who may change the image, up to the limit", async () => {
  await withCloud(async (cloud) => {
    const id = await sampleImage(cloud);
    const own = (await cloud.ask("member", "POST", "/image/v2/images", { body: {} })).json.id;
    const [admin, member] = [asking(cloud), asking(cloud, "member")];
    const messageOf = ({ json }: { json: Json }) => Object.values<Json>(json)[0].message;
    const metadata = { a: "1" };
    const refused = await member("POST", `/${id}/metadata`, { body: { metadata } });
    assertEquals([refused.status, messageOf(refused)], [403, `Not authorized for image ${id}.`]);
    for (const path of ["none", crypto.randomUUID()]) {
      const missing = await member("PUT", `/${path}/metadata`, { body: { metadata } });
      assertEquals([missing.status, messageOf(missing)], [404, "Image not found."]);
    }
    assertEquals(
      (await member("PUT", `/${own}/metadata`, { body: { metadata } })).json,
      { metadata },
    );
    const other = await member("PUT", `/${own}/metadata/b`, { body: { meta: metadata } });
    assertEquals([other.status, messageOf(other)], [400, "Request body and URI mismatch"]);
    const gone = await member("DELETE", `/${own}/metadata/b`);
    assertEquals([gone.status, messageOf(gone)], [404, "Invalid metadata key"]);
    const none = await member("GET", `/${own}/metadata/b`);
    assertEquals([none.status, messageOf(none)], [404, "The resource could not be found."]);
    assertEquals((await member("DELETE", `/${own}/metadata/a`)).status, 204);
    assertEquals((await member("GET", `/${own}/metadata`)).json, { metadata: {} });
    await cloud.limit({ metadata_items: 1 });
    const many = { metadata: { a: "1", b: "2" } };
    for (const method of ["POST", "PUT"]) {
      const over = await member(method, `/${own}/metadata`, { body: many });
      assertEquals([over.status, messageOf(over)], [403, "Image metadata limit exceeded"]);
    }
    // Names that the image service keeps for itself.
    const reserved = await admin("POST", `/${id}/metadata`, {
      body: { metadata: { status: "x" } },
    });
    assertEquals(reserved.status, 403);
    const [mv, body] = ["2.38", { metadata: { ["x".repeat(256)]: "1" } }];
    assertEquals((await admin("POST", `/${id}/metadata`, { mv, body })).status, 400);
  });
});

Deno.test("images are deleted by those who may", async () => {
  await withCloud(async (cloud) => {
    const id = await sampleImage(cloud);
    const guarded = await makeImage(cloud, { protected: true });
    const remove = async (role: Role, which: string) => {
      const { status, json } = await asking(cloud, role)("DELETE", `/${which}`);
      return [status, json && Object.values<Json>(json)[0].message];
    };
    const forbidden = [403, "You are not allowed to delete the image."];
    assertEquals(await remove("member", id), forbidden);
    assertEquals(await remove("admin", guarded), forbidden);
    assertEquals(await remove("admin", id), [204, undefined]);
    assertEquals(await remove("admin", id), [404, "Image not found."]);
    assertEquals((await cloud.ask("admin", "GET", `/image/v2/images/${id}`)).status, 404);
  });
});
