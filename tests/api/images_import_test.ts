import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { ImageContent, removeOrphans } from "../../src/facades/images/mod.ts";
import { type Name, type Neighbours, type Received, withNeighbours } from "./networks_kit_test.ts";

const IMAGES = "/image/v2/images";
const TASKS = "/image/v2/tasks";
const JSON_ONLY = { accept: "application/json" };
const OCTETS = { ...JSON_ONLY, "content-type": "application/octet-stream" };
const DIRECT = { method: { name: "glance-direct" } };

function ask(
  cloud: Neighbours,
  method: string,
  path: string,
  body?: unknown,
  name: Name = "member",
): Promise<Received> {
  return cloud.ask(name, method, path, { body, headers: JSON_ONLY });
}

function refusal({ status, body }: Received): [number, string] {
  return [status, body.message.replaceAll(/(<br \/>)+\s*$/g, "")];
}

async function create(cloud: Neighbours, body: object = {}): Promise<string> {
  const { body: image } = await ask(cloud, "POST", IMAGES, {
    disk_format: "raw",
    container_format: "bare",
    ...body,
  });
  return image.id;
}

function stage(cloud: Neighbours, id: string, data: Uint8Array, name: Name = "member") {
  return cloud.ask(name, "PUT", `${IMAGES}/${id}/stage`, {
    body: data as Uint8Array<ArrayBuffer>,
    headers: OCTETS,
  });
}

async function filesIn(cloud: Neighbours): Promise<string[]> {
  return [...await new ImageContent(cloud.imageFolder).names()];
}

Deno.test("data are staged, then imported, and the import is a task", () =>
  withNeighbours(async (cloud) => {
    const made = await ask(cloud, "POST", IMAGES, { disk_format: "raw", container_format: "bare" });
    const { id } = made.body;
    assertEquals(made.headers.get("openstack-image-import-methods"), "glance-direct");
    const info = await ask(cloud, "GET", "/image/v2/info/import");
    assertEquals(info.body["import-methods"].value, ["glance-direct"]);

    const data = crypto.getRandomValues(new Uint8Array(5000));
    assertEquals((await stage(cloud, id, data)).status, 204);
    const staged = await ask(cloud, "GET", `${IMAGES}/${id}`);
    assertEquals(
      [staged.body.status, staged.body.size, staged.body.checksum],
      ["uploading", 5000, null],
    );
    assertEquals((await ask(cloud, "GET", `${IMAGES}/${id}/file`)).status, 204);
    assertEquals(refusal(await stage(cloud, id, data)), [
      409,
      "Image status transition from uploading to uploading is not allowed",
    ]);
    assertEquals((await filesIn(cloud)).length, 1);

    const imported = await ask(cloud, "POST", `${IMAGES}/${id}/import`, DIRECT);
    assertEquals([imported.status, imported.text], [202, ""]);
    const active = await ask(cloud, "GET", `${IMAGES}/${id}`);
    assertEquals(
      [active.body.status, active.body.size, active.body.virtual_size],
      ["active", 5000, 5000],
    );
    assertEquals(active.body.checksum, createHash("md5").update(data).digest("hex"));
    const file = await ask(cloud, "GET", `${IMAGES}/${id}/file`);
    assertEquals(file.bytes, data);
    assertEquals(refusal(await ask(cloud, "POST", `${IMAGES}/${id}/import`, DIRECT)), [
      409,
      "Image with status active cannot be target for import",
    ]);

    const { body: { tasks: [task] } } = await ask(cloud, "GET", `${IMAGES}/${id}/tasks`);
    assertEquals(
      [task.type, task.status, task.image_id, task.owner],
      ["api_image_import", "success", id, "project-1"],
    );
    const shown = await ask(cloud, "GET", `${TASKS}/${task.id}`, undefined, "admin");
    assertEquals(shown.body.result, { image_id: id });
    assertEquals(shown.body.input, { image_id: id, import_req: DIRECT, backend: ["file"] });
    assert(shown.body.expires_at > shown.body.created_at);
    const { body: list } = await ask(cloud, "GET", `${TASKS}?limit=1`, undefined, "admin");
    assertEquals(list.tasks.map((one: { id: string }) => one.id), [task.id]);
    assertEquals("input" in list.tasks[0], false);
    assertEquals(list.next, `/v2/tasks?limit=1&marker=${task.id}`);
    assertEquals(
      (await ask(cloud, "GET", `${IMAGES}/${id}/tasks`, undefined, "other")).status,
      404,
    );
  }));

Deno.test("an import needs staged data, formats, and the right to change the image", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const start = (body: unknown, image = id, name: Name = "member") =>
      ask(cloud, "POST", `${IMAGES}/${image}/import`, body, name);
    assertEquals(refusal(await start(DIRECT)), [
      409,
      "Image needs to be staged before 'glance-direct' method can be used",
    ]);
    for (
      const [body, words] of [
        [undefined, "Body expected in request."],
        [{}, "Import request requires a 'method' field."],
        [{ method: {} }, "Import request requires a 'name' field."],
        [{ method: { name: "web-download", uri: "http://a/b" } }, undefined],
        [{ method: { name: "copy-image" } }, "Unknown import method name 'copy-image'."],
        [{ ...DIRECT, all_stores: "yes" }, "'all_stores' must be boolean value only"],
      ] as const
    ) {
      const [status, said] = refusal(await start(body));
      assertEquals(status, 400, JSON.stringify(body));
      if (words !== undefined) assertEquals(said, words);
    }
    const formless = await create(cloud, { container_format: null });
    await stage(cloud, formless, new Uint8Array(3));
    assertEquals(refusal(await start(DIRECT, formless)), [
      409,
      "'container_format' needs to be set before import",
    ]);
    assertEquals((await stage(cloud, id, new Uint8Array(3), "other")).status, 404);
    assertEquals(refusal(await stage(cloud, id, new Uint8Array(3), "reader")), [
      403,
      "You are not authorized to complete modify_image action.",
    ]);
    await stage(cloud, id, new Uint8Array(3));
    for (
      const [more, status, words] of [
        [{ stores: ["ceph"] }, 409, "Store for identifier ceph not found"],
        [{ stores: "file" }, 400, "'stores' must be a list"],
        [
          { all_stores: true, stores: ["file"] },
          400,
          "All_stores parameter can't be used with x-image-meta-store header or stores parameter",
        ],
      ] as const
    ) {
      assertEquals(refusal(await start({ ...DIRECT, ...more })), [status, words]);
    }
    assertEquals((await start(DIRECT, id, "other")).status, 404);
    assertEquals((await start(DIRECT, id, "reader")).status, 403);
    assertEquals((await start({ ...DIRECT, all_stores_must_succeed: false })).status, 202);
  }));

Deno.test("staged data are bounded, survive a restart, and go with their image", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    assertEquals((await ask(cloud, "PUT", `${IMAGES}/${id}/stage`, {})).status, 415);
    assertEquals((await stage(cloud, id, new Uint8Array(1_000_001))).status, 413);
    assertEquals((await stage(cloud, id, new Uint8Array(10))).status, 204);
    await Deno.writeFile(`${cloud.imageFolder}/${id}.other`, new Uint8Array(1));
    const content = new ImageContent(cloud.imageFolder);
    assertEquals(await removeOrphans(cloud.log.reader, content), 1);
    assertEquals((await filesIn(cloud)).length, 1);
    await cloud.stop();
    await cloud.start();
    assertEquals((await ask(cloud, "DELETE", `${IMAGES}/${id}`)).status, 204);
    assertEquals(await filesIn(cloud), []);
  }));

Deno.test("tasks are for admins, who cannot make or delete them", () =>
  withNeighbours(async (cloud) => {
    const words = "You are not authorized to complete tasks_api_access action.";
    assertEquals(refusal(await ask(cloud, "GET", TASKS)), [403, words]);
    assertEquals(refusal(await ask(cloud, "POST", TASKS, {})), [403, words]);
    const { body } = await ask(cloud, "GET", TASKS, undefined, "admin");
    assertEquals(body, { tasks: [], first: "/v2/tasks", schema: "/v2/schemas/tasks" });
    const from = (import_from: string) => ({ type: "import", input: { import_from } });
    for (
      const [asked, said] of [
        [{ input: {} }, "Task 'type' is required"],
        [{ type: "import" }, "Task 'input' is required"],
        [{ type: "export", input: {} }, undefined],
        [
          { type: "location_import", input: {} },
          "Provided type of task is unsupported: location_import",
        ],
        [{ type: "import", input: {} }, "Invalid location: None"],
        [from("file:///etc/passwd"), undefined],
        [from("ftp://a"), undefined],
        [from("http://a/b"), "URI for legacy import task does not pass filtering: http://a/b"],
      ] as const
    ) {
      const answer = refusal(await ask(cloud, "POST", TASKS, asked, "admin"));
      assertEquals(answer[0], 400, JSON.stringify(asked));
      if (said !== undefined) assertEquals(answer[1], said);
    }
    for (
      const [query, said] of [
        ["limit=x", "limit param must be an integer"],
        ["marker=x", "Invalid marker format"],
        ["status=done", "Invalid status value: done"],
        ["type=export", "Invalid type value: export"],
        ["sort_key=x", "Sort key supplied was not valid."],
        [`marker=${crypto.randomUUID()}`, undefined],
      ] as const
    ) {
      const answer = refusal(await ask(cloud, "GET", `${TASKS}?${query}`, undefined, "admin"));
      assertEquals(answer[0], 400, query);
      if (said !== undefined) assertEquals(answer[1], said);
    }
    const one = `${TASKS}/${crypto.randomUUID()}`;
    assertEquals((await ask(cloud, "GET", one, undefined, "admin")).status, 404);
    const dropped = await ask(cloud, "DELETE", one, undefined, "admin");
    assertEquals([dropped.status, dropped.headers.get("allow")], [405, "GET"]);
  }));

Deno.test("there is one store, which keeps what is nowhere else", () =>
  withNeighbours(async (cloud) => {
    const info = await ask(cloud, "GET", "/image/v2/info/stores");
    assertEquals(info.body, { stores: [{ id: "file", default: "true" }] });
    const detail = "/image/v2/info/stores/detail";
    assertEquals((await ask(cloud, "GET", detail)).status, 403);
    const { body } = await ask(cloud, "GET", detail, undefined, "admin");
    assertEquals([body.stores[0].type, body.stores[0].weight], ["file", 0]);
    assertEquals((await ask(cloud, "GET", "/image/v2/info/usage")).body, { usage: {} });

    const id = await create(cloud);
    assertEquals("stores" in (await ask(cloud, "GET", `${IMAGES}/${id}`)).body, false);
    const upload = (store: string) =>
      cloud.ask("member", "PUT", `${IMAGES}/${id}/file`, {
        body: new Uint8Array(3),
        headers: { ...OCTETS, "x-image-meta-store": store },
      });
    assertEquals(refusal(await upload("ceph")), [400, "Store for identifier ceph not found"]);
    const drop = (store: string, image: string, name: Name = "admin") =>
      ask(cloud, "DELETE", `/image/v2/stores/${store}/${image}`, undefined, name);
    assertEquals((await drop("file", id)).status, 409);
    assertEquals((await upload("file")).status, 204);
    assertEquals((await ask(cloud, "GET", `${IMAGES}/${id}`)).body.stores, "file");
    assertEquals((await drop("ceph", id)).status, 409);
    assertEquals((await drop("file", crypto.randomUUID())).status, 404);
    assertEquals((await drop("file", id, "member")).status, 403);
    assertEquals(refusal(await drop("file", id)), [
      403,
      "Cannot delete image data from the only store containing it. Consider deleting the image " +
      "instead.",
    ]);
  }));

Deno.test("services and admins are told where data are; none are taken from elsewhere", () =>
  withNeighbours(async (cloud) => {
    const id = await create(cloud);
    const path = `${IMAGES}/${id}/locations`;
    const url = "http://a/b";
    assertEquals(refusal(await ask(cloud, "POST", path, { url })), [
      403,
      "http store must be enabled to use location API by normal user.",
    ]);
    assertEquals((await ask(cloud, "POST", path, { url }, "other")).status, 404);
    assertEquals(refusal(await ask(cloud, "POST", path, { url }, "reader")), [
      403,
      "You are not authorized to complete add_image_location action.",
    ]);
    for (const body of [undefined, {}, { url: 5 }, { url, validation_data: { sum: "" } }]) {
      assertEquals((await ask(cloud, "POST", path, body)).status, 400, JSON.stringify(body));
    }
    assertEquals((await ask(cloud, "GET", path, undefined, "admin")).body, []);
    await stage(cloud, id, new Uint8Array(3));
    await ask(cloud, "POST", `${IMAGES}/${id}/import`, DIRECT);
    assertEquals(refusal(await ask(cloud, "POST", path, { url })), [
      409,
      "It's not allowed to add locations if image status is active.",
    ]);
    const { body: [location] } = await ask(cloud, "GET", path, undefined, "admin");
    assertEquals(location.metadata, { store: "file" });
    assertEquals(await Deno.readFile(location.url.slice("file://".length)), new Uint8Array(3));
    assertEquals(refusal(await ask(cloud, "GET", path)), [
      403,
      "You are not authorized to complete fetch_image_location action.",
    ]);
    assertEquals((await ask(cloud, "GET", path, undefined, "other")).status, 404);
  }));

Deno.test("there is no cache", () =>
  withNeighbours(async (cloud) => {
    const id = crypto.randomUUID();
    for (
      const [method, path] of [
        ["GET", ""],
        ["DELETE", ""],
        ["PUT", `/${id}`],
        ["DELETE", `/${id}`],
        ["POST", "/clean"],
        ["POST", "/prune"],
        ["GET", `/nodes/${id}`],
      ] as const
    ) {
      const answer = await ask(cloud, method, `/image/v2/cache${path}`, undefined, "admin");
      assertEquals(refusal(answer), [404, "Caching via API is not supported at this site."]);
      assertEquals((await ask(cloud, method, `/image/v2/cache${path}`)).status, 403);
    }
  }));
