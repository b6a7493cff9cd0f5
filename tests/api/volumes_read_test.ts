/** Lists, versions and fixed answers of the volume service. */
import { assertEquals, assertMatch } from "@std/assert";
import { ORIGIN } from "../kit/cloud.ts";
import { BASE, messageOf, withVolumes } from "./volumes_kit_test.ts";

Deno.test("the version documents need no token, everything else does", () =>
  withVolumes(async (volumes) => {
    for (
      const [path, status] of [["/volume", 300], ["/volume/", 300], [`${BASE}/`, 200]] as const
    ) {
      const answer = await volumes.cloud.ask("none", "GET", path);
      assertEquals(answer.status, status, path);
      const [version] = answer.json.versions;
      assertEquals(
        [version.id, version.min_version, version.version, version.links[1].href],
        ["v3.0", "3.0", "3.70", `${ORIGIN}/volume/v3/`],
      );
    }
    for (const path of ["/volumes", "/types", "/nowhere"]) {
      assertEquals((await volumes.ask("none", "GET", path)).status, 401, path);
    }
    const nowhere = await volumes.ask("member", "GET", "/nowhere");
    assertEquals([nowhere.status, Object.keys(nowhere.json)], [404, ["itemNotFound"]]);
    assertEquals((await volumes.ask("member", "PATCH", "/volumes")).status, 405);
  }));

Deno.test("microversions: negotiated, named in the answer, refused", () =>
  withVolumes(async (volumes) => {
    for (
      const [asked, status, answered] of [
        [null, 200, "volume 3.0"],
        ["3.27", 200, "volume 3.27"],
        ["latest", 200, "volume 3.70"],
        ["3.71", 406, null],
        ["2.0", 406, null],
        ["three", 400, null],
      ] as const
    ) {
      const answer = await volumes.ask("member", "GET", "/volumes", undefined, asked);
      assertEquals(
        [answer.status, answer.headers.get("openstack-api-version")],
        [status, answered],
        String(asked),
      );
    }
    const early = await volumes.ask("member", "GET", "/attachments", undefined, "3.26");
    assertEquals(early.status, 404);
    assertEquals((await volumes.ask("member", "GET", "/attachments")).json, { attachments: [] });
  }));

Deno.test("the project may stand in the path, if it is the caller's", () =>
  withVolumes(async (volumes) => {
    const { demo, other } = volumes.cloud.projectIds;
    const id = await volumes.create({ name: "a" });
    const listed = await volumes.ask("member", "GET", `/${demo}/volumes`);
    assertEquals(listed.json.volumes[0].links[0].href, `${ORIGIN}${BASE}/${demo}/volumes/${id}`);
    const foreign = await volumes.ask("member", "GET", `/${other}/volumes`);
    assertEquals([foreign.status, messageOf(foreign)], [400, "Malformed request url"]);
  }));

Deno.test("lists: filters, sort keys, pages, counts", () =>
  withVolumes(async (volumes) => {
    const ids: string[] = [];
    for (const [name, size] of [["a", 3], ["b", 2], ["c", 1]] as const) {
      ids.push(await volumes.create({ name, size, metadata: { tier: name } }));
    }
    const [a, b, c] = ids;
    for (
      const [query, wanted] of [
        ["", [c, b, a]],
        ["sort=size", [a, b, c]],
        ["sort=name:asc", [a, b, c]],
        ["sort_key=size&sort_dir=asc", [c, b, a]],
        ["name=b", [b]],
        ["name~=b", [b]],
        ["status=available&size=1", [c]],
        ["bootable=true", []],
        [`metadata=${encodeURIComponent("{'tier': 'a'}")}`, [a]],
        [`metadata=${encodeURIComponent("{}")}`, [c, b, a]],
        ["limit=2", [c, b]],
        [`limit=2&marker=${b}`, [a]],
        ["offset=1&limit=1", [b]],
        ["limit=0", []],
        ["created_at=lt:2020-01-01T00:00:00", []],
        ["created_at=gte:2020-01-01T00:00:00", [c, b, a]],
        ["all_tenants=1", [c, b, a]],
      ] as const
    ) {
      const { json, text } = await volumes.ask("member", "GET", `/volumes/detail?${query}`);
      assertEquals(json.volumes?.map(({ id }: { id: string }) => id), [...wanted], query + text);
    }
    const page = await volumes.ask("member", "GET", "/volumes?limit=1&with_count=true");
    assertEquals(page.json.count, 3);
    assertEquals(
      page.json.volumes_links[0].href,
      `${ORIGIN}${BASE}/volumes?limit=1&with_count=true&marker=${c}`,
    );
  }));

Deno.test("lists refuse what Cinder refuses", () =>
  withVolumes(async (volumes) => {
    for (
      const [query, status, message] of [
        ["limit=x", 400, "limit param must be an integer"],
        ["limit=-1", 400, "limit param must be positive"],
        ["offset=-1", 400, "offset must be >= 0"],
        ["sort=colour", 400, "Invalid input received: Invalid sort key"],
        [
          "sort=name:up",
          400,
          "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'",
        ],
        ["colour=red", 400, "Invalid filters colour are found in query options."],
        ["bootable=perhaps", 400, "Invalid input received: 'bootable = perhaps'"],
        ["created_at=near:2020-01-01T00:00:00", 400, "Invalid near operator"],
        ["marker=x", 404, "Volume x could not be found."],
      ] as const
    ) {
      const answer = await volumes.ask("member", "GET", `/volumes?${query}`);
      assertEquals([answer.status, messageOf(answer)], [status, message], query);
    }
  }));

Deno.test("what another project has is not there; an admin sees all who asks for it", () =>
  withVolumes(async (volumes) => {
    const id = await volumes.create();
    for (
      const [method, path, body] of [
        ["GET", `/volumes/${id}`, undefined],
        ["PUT", `/volumes/${id}`, { volume: { name: "x" } }],
        ["DELETE", `/volumes/${id}`, undefined],
        ["POST", `/volumes/${id}/action`, { "os-reserve": null }],
        ["GET", `/volumes/${id}/metadata`, undefined],
        ["POST", "/snapshots", { snapshot: { volume_id: id } }],
        ["POST", "/attachments", { attachment: { volume_uuid: id } }],
        ["POST", "/volumes", { volume: { source_volid: id } }],
      ] as const
    ) {
      const answer = await volumes.ask("stranger", method, path, body);
      assertEquals(
        [answer.status, messageOf(answer)],
        [404, `Volume ${id} could not be found.`],
        `${method} ${path}`,
      );
    }
    assertEquals((await volumes.ask("stranger", "GET", "/volumes?all_tenants=1")).json.volumes, []);
    assertEquals((await volumes.ask("admin", "GET", "/volumes")).json.volumes, []);
    const all = await volumes.ask("admin", "GET", "/volumes/detail?all_tenants=1");
    assertEquals(
      all.json.volumes[0]["os-vol-tenant-attr:tenant_id"],
      volumes.cloud.projectIds.demo,
    );
    for (
      const [method, path, body] of [
        ["POST", "/volumes", { volume: { size: 1 } }],
        ["PUT", `/volumes/${id}`, { volume: { name: "x" } }],
        ["DELETE", `/volumes/${id}`, undefined],
      ] as const
    ) {
      const answer = await volumes.ask("reader", method, path, body);
      assertEquals(answer.status, 403, `${method} ${path}`);
      assertMatch(messageOf(answer), /^Policy doesn't allow volume:\w+ to be performed\.$/);
    }
  }));

Deno.test("what there is one of, or none", () =>
  withVolumes(async (volumes) => {
    const zones = await volumes.ask("member", "GET", "/os-availability-zone");
    assertEquals(zones.json.availabilityZoneInfo[0].zoneName, "nova");
    assertEquals((await volumes.ask("member", "GET", "/os-services")).status, 403);
    const services = await volumes.ask("admin", "GET", "/os-services?binary=cinder-volume");
    assertEquals(services.json.services[0].state, "up");
    for (const path of ["backups/detail", "groups", "messages", "consistencygroups"]) {
      const name = path.split("/")[0]!;
      assertEquals((await volumes.ask("member", "GET", `/${path}`)).json, { [name]: [] });
    }
    assertEquals((await volumes.ask("admin", "GET", "/qos-specs")).json, { qos_specs: [] });
    const extension = await volumes.ask("member", "GET", "/extensions/os-quota-sets");
    assertEquals(extension.json.extension.name, "Quotas");
    assertEquals((await volumes.ask("member", "GET", "/extensions/x")).status, 404);
  }));
