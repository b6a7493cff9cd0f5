/**
 * Nova's published samples, request by request, and Tempest's schemas of replies, at every
 * microversion.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Answered, type Role, TestCloud } from "../kit/cloud.ts";
import {
  HeldDriver,
  type Json,
  makeFlavor,
  makeImage,
  type Sample,
  samplesOf,
  shapeDifferences,
} from "../kit/samples.ts";
import { makeWayOut, neutron } from "../kit/networks.ts";
import { EVERY_MINOR, replyProblems } from "../kit/schemas.ts";

// Samples

/** Asks what a sample is of; null: it is a request, and its answer has been looked at. */
type Conversation = (asked: Asked) => Promise<Answered | null>;

interface Asked {
  readonly cloud: TestCloud;
  readonly sample: Sample;
  /** As an administrator where the sample shows what only they see. */
  readonly as: Role;
  readonly mv: string;
}

/** A sample of an operation that is yet to come, or of what cannot be here. */
type NotYet = string;

/** Which file of which folder is of which operation, whatever its microversion. */
const ROWS: readonly (readonly [folder: string, file: string, row: Conversation | NotYet])[] = [
  ["servers", "servers-list-resp.json", list],
  ["servers", "servers-list-status-resp.json", listOfErrors],
  ["servers", "servers-list-with-changes-before.json", listOfChanges],
  ["servers", "servers-details-resp.json", detail],
  ["servers", "servers-details-with-changes-before.json", detailOfChanges],
  ["servers", "server-get-resp.json", show],
  ["servers", "server-get-down-cell-resp.json", "never: a cell that cannot be reached"],
  ["servers", "server-create-req.json", createRequest],
  ["servers", "server-create-req-v237.json", createRequest],
  ["servers", "server-create-req-v257.json", createRequest],
  ["servers", "server-create-req-with-host-and-node.json", createRequest],
  ["servers", "server-create-req-with-only-host.json", createRequest],
  ["servers", "server-create-req-with-only-node.json", createRequest],
  ["servers", "server-create-resp.json", create],
  ["servers", "server-update-req.json", updateRequest],
  ["servers", "server-update-resp.json", update],
  ["servers", "server-put-req.json", updateRequest],
  ["servers", "server-put-resp.json", update],
  ["servers", "lock-server-with-reason.json", action],
  ["servers", "server-action-addfloatingip-req.json", floatingAction],
  ["servers", "server-action-confirm-resize.json", (asked) => action(asked, RESIZE)],
  ["servers", "server-action-create-image.json", action],
  ["servers", "server-action-create-image-resp.json", (asked) => act(asked, IMAGE_OF_SERVER)],
  ["servers", "server-action-reboot.json", action],
  ["servers", "server-action-rebuild.json", rebuildRequest],
  ["servers", "server-action-rebuild-resp.json", rebuild],
  ["servers", "server-action-removefloatingip-req.json", floatingAction],
  ["servers", "server-action-resize.json", action],
  ["servers", "server-action-revert-resize.json", (asked) => action(asked, RESIZE)],
  ["servers", "server-action-start.json", (asked) => action(asked, { "os-stop": null })],
  ["servers", "server-action-stop.json", action],
  ["servers", "server-action-trigger-crash-dump.json", action],
  ["servers", "server-groups-post-req.json", groupRequest],
  ["servers", "server-groups-post-resp.json", group],

  ["servers-sort", "server-sort-keys-list-resp.json", list],

  ["os-multiple-create", "multiple-create-post-req.json", createRequest],
  ["os-multiple-create", "multiple-create-post-resp.json", createMany],
  ["os-multiple-create", "multiple-create-no-resv-post-req.json", createRequest],
  ["os-multiple-create", "multiple-create-no-resv-post-resp.json", createMany],

  ["os-lock-server", "lock-server.json", action],
  ["os-lock-server", "lock-server-with-reason.json", action],
  ["os-lock-server", "unlock-server.json", action],

  ["os-pause-server", "pause-server.json", action],
  ["os-pause-server", "unpause-server.json", (asked) => action(asked, { pause: null })],
  ["os-suspend-server", "server-suspend.json", action],
  ["os-suspend-server", "server-resume.json", (asked) => action(asked, { suspend: null })],
  ["os-admin-password", "admin-password-change-password.json", action],
  ["os-deferred-delete", "force-delete-post-req.json", action],
  ["os-deferred-delete", "restore-post-req.json", "never: these clouds delete for good"],
  ["os-create-backup", "create-backup-req.json", action],
  ["os-create-backup", "create-backup-resp.json", (asked) => act(asked, BACKUP)],
  ["os-shelve", "os-shelve.json", action],
  ["os-shelve", "os-shelve-offload.json", "never: these clouds offload at once"],
  ["os-shelve", "os-unshelve.json", (asked) => action(asked, SHELVE)],
  ["os-shelve", "os-unshelve-az.json", unshelve],
  ["os-shelve", "os-unshelve-az-host.json", unshelve],
  ["os-shelve", "os-unshelve-host.json", unshelve],
  ["os-shelve", "os-unshelve-host-and-unpin-az.json", unshelve],
  ["os-shelve", "os-unshelve-unpin-az.json", unshelve],
  ["os-admin-actions", "admin-actions-reset-server-state.json", administrators],
  ["os-admin-actions", "admin-actions-inject-network-info.json", administrators],
  ["os-admin-actions", "admin-actions-reset-network.json", "never: removed from Nova"],
  ["os-rescue", "server-rescue-req.json", action],
  ["os-rescue", "server-rescue-req-with-image-ref.json", action],
  ["os-rescue", "server-rescue.json", (asked) => act(asked, RESCUE)],
  ["os-rescue", "server-get-resp-rescue.json", (asked) => show(asked, RESCUE)],
  ["os-rescue", "server-unrescue-req.json", (asked) => action(asked, RESCUE)],
  ["os-rescue", "server-get-resp-unrescue.json", (asked) => show(asked, RESCUE, UNRESCUE)],

  ["os-multinic", "multinic-add-fixed-ip-req.json", fixedAction],
  ["os-multinic", "multinic-remove-fixed-ip-req.json", fixedAction],
  ["os-security-groups", "security-group-add-post-req.json", groupAction],
  ["os-security-groups", "security-group-remove-post-req.json", groupAction],
  ["os-security-groups", "server-security-groups-list-resp.json", groupsOfServer],
  ["os-security-groups", "security-group-post-req.json", "network_proxies_test"],
  ["os-security-groups", "security-groups-create-resp.json", "network_proxies_test"],
  ["os-security-groups", "security-groups-get-resp.json", "network_proxies_test"],
  ["os-security-groups", "security-groups-list-get-resp.json", "network_proxies_test"],
  ["os-security-groups", "security-group-rules-post-req.json", "network_proxies_test"],
  ["os-security-groups", "security-group-rules-post-resp.json", "network_proxies_test"],
  ["os-server-external-events", "event-create-req.json", externalEvent],
  ["os-server-external-events", "event-create-resp.json", externalEvent],

  ["os-migrate-server", "migrate-server.json", moveRequest],
  ["os-migrate-server", "migrate-server-null.json", moveRequest],
  ["os-migrate-server", "live-migrate-server.json", moveRequest],
  ["os-evacuate", "server-evacuate-req.json", evacuation],
  ["os-evacuate", "server-evacuate-resp.json", evacuation],
  ["os-evacuate", "server-evacuate-find-host-req.json", evacuation],
  ["os-evacuate", "server-evacuate-find-host-resp.json", evacuation],
  ["os-migrations", "migrations-get.json", migrations],
  ["os-migrations", "migrations-get-with-changes-before.json", migrations],
  ["os-migrations", "migrations-get-with-changes-since.json", migrations],
  ["os-migrations", "migrations-get-with-limit.json", firstMigration],
  ["os-migrations", "migrations-get-with-marker.json", migrations],
  ["os-migrations", "migrations-get-with-user-or-project-id.json", migrations],
  ["server-migrations", "live-migrate-server.json", moveRequest],
  ["server-migrations", "force_complete.json", "moves_test: while one is under way"],
  ["server-migrations", "migrations-index.json", "moves_test: while one is under way"],
  ["server-migrations", "migrations-get.json", "moves_test: while one is under way"],

  ["server-metadata", "server-metadata-all-req.json", metadata],
  ["server-metadata", "server-metadata-all-resp.json", metadata],
  ["server-metadata", "server-metadata-req.json", metadataItem],
  ["server-metadata", "server-metadata-resp.json", metadataItem],

  ["os-server-tags", "server-tags-index-resp.json", tags],
  ["os-server-tags", "server-tags-put-all-req.json", putTags],
  ["os-server-tags", "server-tags-put-all-resp.json", putTags],
  ["os-server-tags", "server-tags-show-details-resp.json", show],
  ["os-server-tags", "servers-tags-details-resp.json", detail],

  ["server-ips", "server-ips-resp.json", (asked) => ofServer(asked, "/ips")],
  ["server-ips", "server-ips-network-resp.json", (asked) => ofServer(asked, "/ips/private")],

  ["flavors", "flavors-list-resp.json", (asked) => flavorList(asked, "/flavors")],
  ["flavors", "flavors-detail-resp.json", (asked) => flavorList(asked, "/flavors/detail")],
  ["flavors", "flavor-get-resp.json", flavor],

  ["os-remote-consoles", "get-vnc-console-post-req.json", consoleRequest],
  ["os-remote-consoles", "get-vnc-console-post-resp.json", consoleOf],
  ["os-remote-consoles", "get-spice-console-post-req.json", consoleRequest],
  ["os-remote-consoles", "get-spice-console-post-resp.json", consoleOf],
  ["os-remote-consoles", "get-serial-console-post-req.json", consoleRequest],
  ["os-remote-consoles", "get-serial-console-post-resp.json", consoleOf],
  ["os-remote-consoles", "get-rdp-console-post-req.json", "never: removed from Nova"],
  ["os-remote-consoles", "get-rdp-console-post-resp.json", "never: removed from Nova"],
  ["os-remote-consoles", "create-vnc-console-req.json", consoleRequest],
  ["os-remote-consoles", "create-vnc-console-resp.json", consoleOf],
  ["os-remote-consoles", "create-rdp-console-req.json", "never: removed from Nova"],
  ["os-remote-consoles", "create-mks-console-req.json", consoleRequest],
  ["os-remote-consoles", "create-mks-console-resp.json", consoleOf],
  ["os-remote-consoles", "create-spice-direct-console-req.json", consoleRequest],
  ["os-remote-consoles", "create-spice-direct-console-resp.json", consoleOf],
  ["os-console-auth-tokens", "create-serial-console-req.json", consoleRequest],
  ["os-console-auth-tokens", "create-spice-direct-console-req.json", consoleRequest],
  ["os-console-auth-tokens", "get-console-connect-info-get-resp.json", connectInfo],

  ["os-services", "services-list-get-resp.json", services],
  ["os-services", "service-enable-put-req.json", (asked) => updateService(asked, "enable")],
  ["os-services", "service-enable-put-resp.json", (asked) => updateService(asked, "enable")],
  ["os-services", "service-disable-put-req.json", (asked) => updateService(asked, "disable")],
  ["os-services", "service-disable-put-resp.json", (asked) => updateService(asked, "disable")],
  ["os-services", "service-disable-log-put-req.json", disableWithReason],
  ["os-services", "service-disable-log-put-resp.json", disableWithReason],
  ["os-services", "service-force-down-put-req.json", forceDown],
  ["os-services", "service-force-down-put-resp.json", forceDown],

  ["os-hypervisors", "hypervisors-list-resp.json", (asked) => hypervisors(asked, "?limit=1")],
  ["os-hypervisors", "hypervisors-detail-resp.json", detailedHypervisors],
  ["os-hypervisors", "hypervisors-show-resp.json", (asked) => hypervisor(asked, "")],
  ["os-hypervisors", "hypervisors-show-with-servers-resp.json", hypervisorWithServers],
  ["os-hypervisors", "hypervisors-detail-with-servers-resp.json", detailedWithServers],
  ["os-hypervisors", "hypervisors-uptime-resp.json", (asked) => hypervisor(asked, "/uptime")],
  ["os-hypervisors", "hypervisors-statistics-resp.json", (a) => hypervisors(a, "/statistics")],
  ["os-hypervisors", "hypervisors-search-resp.json", searchHypervisors],
  ["os-hypervisors", "hypervisors-with-servers-resp.json", hypervisorsWithServers],
  ["os-hypervisors", "hypervisors-without-servers-resp.json", hypervisorsWithoutServers],

  ["os-aggregates", "aggregates-list-get-resp.json", listAggregates],
  ["os-aggregates", "aggregates-get-resp.json", (asked) => aggregate(asked, "GET", "")],
  ["os-aggregates", "aggregate-post-req.json", createAggregate],
  ["os-aggregates", "aggregate-post-resp.json", createAggregate],
  ["os-aggregates", "aggregate-update-post-req.json", updateAggregate],
  ["os-aggregates", "aggregate-update-post-resp.json", updateAggregate],
  ["os-aggregates", "aggregate-add-host-post-req.json", addHost],
  ["os-aggregates", "aggregates-add-host-post-resp.json", addHost],
  ["os-aggregates", "aggregate-remove-host-post-req.json", removeHost],
  ["os-aggregates", "aggregates-remove-host-post-resp.json", removeHost],
  ["os-aggregates", "aggregate-metadata-post-req.json", setAggregateMetadata],
  ["os-aggregates", "aggregates-metadata-post-resp.json", setAggregateMetadata],
  ["os-aggregates", "aggregate-images-post-req.json", cacheImages],

  ["os-availability-zone", "availability-zone-list-resp.json", (asked) => zones(asked, "")],
  ["os-availability-zone", "availability-zone-detail-resp.json", (a) => zones(a, "/detail")],

  ["os-hosts", "hosts-list-resp.json", (asked) => host(asked, "GET", "")],
  ["os-hosts", "host-get-resp.json", (asked) => host(asked, "GET", "/compute-1")],
  ["os-hosts", "host-get-reboot.json", (asked) => host(asked, "GET", "/compute-1/reboot")],
  ["os-hosts", "host-get-shutdown.json", (asked) => host(asked, "GET", "/compute-1/shutdown")],
  ["os-hosts", "host-get-startup.json", (asked) => host(asked, "GET", "/compute-1/startup")],
  ["os-hosts", "host-put-maintenance-req.json", maintainHost],
  ["os-hosts", "host-put-maintenance-resp.json", maintainHost],

  ["versions", "versions-get-resp.json", (asked) => get(asked, "/")],
  ["versions", "v21-version-get-resp.json", (asked) => get(asked, "/v2.1/")],
  ["versions", "v2-version-get-resp.json", (asked) => get(asked, "/v2/")],
];

const RESIZE = { resize: { flavorRef: "2" } };

/** Samples of rows that are here, but that show what is not, and why. */
const NEVER: Readonly<Record<string, string>> = {
  "servers/v2.69/server-get-resp.json": "a server of a cell that cannot be reached",
  "servers/v2.69/servers-list-resp.json": "a server of a cell that cannot be reached",
  "servers/v2.69/servers-details-resp.json": "a server of a cell that cannot be reached",
  "os-services/v2.69/services-list-get-resp.json": "services of a cell that cannot be reached",
};

const IMAGE_OF_SERVER = { createImage: { name: "foo-image" } };
const BACKUP = { createBackup: { name: "Backup 1", backup_type: "daily", rotation: 1 } };
const SHELVE = { shelve: null };
const RESCUED = {
  "server.OS-EXT-STS:power_state": "that of the samples' hypervisor: a rescued machine does run",
};
const REBUILDING = "the samples' cloud had rebuilt the server before it answered";
const FAKE_GROUP = "that of the samples has no rules, and is described in other words";
const NULL_KERNEL = "written by hand: Nova gives a text, empty where there is none";
const NOT_UNDER_WAY = "those of the samples are under way, or went wrong; see moves_test";
const EMPTY_REASON = "written by hand: a reason has 1 to 255 characters, or is null";

function uptimeOf(of: string) {
  return { [`${of}.uptime`]: "hosts of the samples do not tell it" };
}
const OTHER_SERVICES = {
  "services[].disabled_reason": "the samples' services are disabled",
  "services[].status": "the samples' services are disabled",
};
const TEST2 = {
  "service.disabled_reason": "the sample's service was disabled with a reason before",
};

/** Parts of samples that are not compared, and why; `*` is for every sample. */
const EXCUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "*": {
    "server.os-extended-volumes:volumes_attached": "volumes are yet to come",
    "servers[].os-extended-volumes:volumes_attached": "volumes are yet to come",
  },
  "servers/v2.16/server-get-resp.json": {
    "server.OS-EXT-SRV-ATTR:kernel_id": NULL_KERNEL,
    "server.OS-EXT-SRV-ATTR:ramdisk_id": NULL_KERNEL,
  },
  "servers/v2.16/servers-details-resp.json": {
    "servers[].OS-EXT-SRV-ATTR:kernel_id": NULL_KERNEL,
    "servers[].OS-EXT-SRV-ATTR:ramdisk_id": NULL_KERNEL,
  },
  "os-services/services-list-get-resp.json": OTHER_SERVICES,
  "os-services/v2.11/services-list-get-resp.json": OTHER_SERVICES,
  "os-services/v2.53/services-list-get-resp.json": OTHER_SERVICES,
  "os-services/v2.53/service-force-down-put-resp.json": {
    ...TEST2,
    "service.status": "the sample's service was disabled before",
  },
  "os-hypervisors/v2.88/hypervisors-detail-resp.json": uptimeOf("hypervisors[]"),
  "os-hypervisors/v2.88/hypervisors-detail-with-servers-resp.json": uptimeOf("hypervisors[]"),
  "os-hypervisors/v2.88/hypervisors-show-resp.json": uptimeOf("hypervisor"),
  "os-hypervisors/v2.88/hypervisors-show-with-servers-resp.json": uptimeOf("hypervisor"),
  "os-availability-zone/availability-zone-detail-resp.json": {
    "availabilityZoneInfo[].hosts": "hosts go by other names here",
  },
  ...Object.fromEntries(
    samplesOf("servers").filter(({ file }) => file === "server-action-rebuild-resp.json")
      .map(({ path }) => [path, {
        "server.status": REBUILDING,
        "server.OS-EXT-STS:task_state": REBUILDING,
      }]),
  ),
  ...Object.fromEntries(
    samplesOf("os-migrations").map(({ path }) => [path, {
      "migrations[].links": NOT_UNDER_WAY,
      "migrations[].status": NOT_UNDER_WAY,
    }]),
  ),
  "os-security-groups/server-security-groups-list-resp.json": {
    "security_groups[].description": FAKE_GROUP,
    "security_groups[].rules": FAKE_GROUP,
  },
  "os-rescue/server-get-resp-rescue.json": RESCUED,
  "os-rescue/v2.87/server-get-resp-rescue.json": RESCUED,
  ...Object.fromEntries(
    ["v2.90", "v2.94", "v2.96", "v2.98", "v2.100"].map((version) => [
      `servers/${version}/servers-details-resp.json`,
      { "servers[].locked_reason": EMPTY_REASON },
    ]),
  ),
};

/** Requests that Nova refuses as they are, with what words, and why. */
const REFUSED: Readonly<Record<string, readonly [message: RegExp, why: string]>> = {
  "servers/v2.67/server-create-req.json": [
    /^Volume type lvm-1 could not be found\.$/,
    "the volume type is one of the sample's own cloud",
  ],
  "servers/v2.90/server-create-req.json": [
    /'networks' is a required property$/,
    "the sample has what ended with 2.57, and lacks what is required since 2.37",
  ],
  "servers/v2.94/server-create-req.json": [
    /'networks' is a required property$/,
    "the sample has what ended with 2.57, and lacks what is required since 2.37",
  ],
};

const RESCUE = { rescue: null };
const UNRESCUE = { unrescue: null };

const FOLDERS = [...new Set(ROWS.map(([folder]) => folder))];

Deno.test("every sample of these folders has a row", () => {
  const covered = new Set(ROWS.map(([folder, file]) => `${folder}/${file}`));
  const all = FOLDERS.flatMap((folder) => samplesOf(folder));
  const open = all.filter(({ resource, file }) => !covered.has(`${resource}/${file}`));
  assertEquals(open.map(({ path }) => path), []);
});

Deno.test("samples", async (t) => {
  const cloud = await TestCloud.open({
    settings: { consoles: ["vnc", "spice", "serial", "mks"] },
  });
  try {
    await furnish(cloud);
    for (const [folder, file, row] of ROWS) {
      for (const sample of samplesOf(folder).filter((one) => one.file === file)) {
        const reason = typeof row === "string" ? row : NEVER[sample.path];
        await t.step({
          name: reason === undefined ? sample.path : `${sample.path}: ${reason}`,
          ignore: reason !== undefined,
          fn: () => check(cloud, sample, row as Conversation),
        });
      }
    }
  } finally {
    await cloud.close();
  }
});

async function check(cloud: TestCloud, sample: Sample, row: Conversation): Promise<void> {
  const isAdministrators = JSON.stringify(sample.json).includes('OS-EXT-SRV-ATTR:host"');
  const asked = {
    cloud,
    sample,
    as: isAdministrators ? "padmin" : "member",
    mv: sample.mv,
  } as const;
  const answered = await row(asked);
  await tidyUp(cloud);
  if (!answered) return;
  assert(answered.status < 300, answered.text);
  const excused = new Set(
    [EXCUSED["*"], EXCUSED[sample.path]].flatMap((paths) => Object.keys(paths ?? {})),
  );
  assertEquals(shapeDifferences(sample.json, answered.json, excused), []);
}

/** Flavors and an image as the samples have them. */
async function furnish(cloud: TestCloud): Promise<void> {
  await cloud.limit({ instances: -1, cores: -1, ram: -1 });
  await makeFlavor(cloud, "6", { extraSpecs: { "hw:numa_nodes": "1" } });
  await makeFlavor(cloud, "7", {
    description: "test description",
    extraSpecs: { "hw:cpu_policy": "shared", "hw:numa_nodes": "1" },
  });
  await makeFlavor(cloud, "huge", { diskGib: 1_000_000 });
}

async function tidyUp(cloud: TestCloud): Promise<void> {
  const { json } = await cloud.ask("padmin", "GET", "/v2.1/servers");
  for (const { id } of json.servers) await cloud.ask("padmin", "DELETE", `/v2.1/servers/${id}`);
  await cloud.cloud.settled();
}

const imageIds = new WeakMap<TestCloud, Promise<string>>();

/** The image with the properties that samples show. */
function imageOf(cloud: TestCloud): Promise<string> {
  let id = imageIds.get(cloud);
  if (!id) {
    id = makeImage(cloud, { name: "tiny", architecture: "x86_64", auto_disk_config: "True" });
    imageIds.set(cloud, id);
  }
  return id;
}

/** A new server group, for one server to be in. */
async function groupOf(cloud: TestCloud): Promise<string> {
  const body = { server_group: { name: "group", policy: "soft-affinity" } };
  const made = await cloud.ask("member", "POST", "/v2.1/os-server-groups", { mv: "2.64", body });
  assertEquals(made.status, 200, made.text);
  return made.json.server_group.id;
}

function group({ cloud, sample, as, mv }: Asked): Promise<Answered> {
  const { json: body } = requestFor(sample);
  return cloud.ask(as, "POST", "/v2.1/os-server-groups", { mv, body });
}

async function groupRequest(asked: Asked): Promise<null> {
  const { cloud, sample, as, mv } = asked;
  const body = sample.json;
  expectAccepted(sample, await cloud.ask(as, "POST", "/v2.1/os-server-groups", { mv, body }));
  return null;
}

/** The request whose answer the sample is. */
function requestFor({ resource, path }: Sample): Sample {
  return samplesOf(resource).find((one) => one.path === path.replace("-resp", "-req"))!;
}

// Servers like those of the samples

/** Makes a server that is shown as the sample shows one, where that can be brought about. */
async function matching(cloud: TestCloud, shown: Json): Promise<string> {
  const userData = shown["OS-EXT-SRV-ATTR:user_data"];
  const certificates = shown.trusted_image_certificates;
  const asked = {
    name: shown.name ?? "new-server-test",
    imageRef: await imageOf(cloud),
    flavorRef: shown.flavor?.extra_specs?.["hw:numa_nodes"] ? "6" : "1",
    networks: "auto",
    "OS-DCF:diskConfig": shown["OS-DCF:diskConfig"] ?? "AUTO",
    accessIPv4: shown.accessIPv4 || "1.2.3.4",
    accessIPv6: shown.accessIPv6 || "80fe::",
    metadata: shown.metadata ?? {},
    ...(typeof shown.description === "string" && { description: shown.description }),
    ...(shown.tags && { tags: shown.tags }),
    ...(typeof userData === "string" && { user_data: userData }),
    ...(certificates && { trusted_image_certificates: certificates }),
    ...(shown.pinned_availability_zone && { availability_zone: "nova" }),
  };
  const hints = { ...shown.scheduler_hints };
  if (shown.server_groups?.length > 0) hints.group = await groupOf(cloud);
  if (hints.same_host) hints.same_host = [await cloud.create()];
  const body = { server: asked, "os:scheduler_hints": hints };
  const made = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.104", body });
  assertEquals(made.status, 202, made.text);
  await cloud.cloud.settled();
  const { id } = made.json.server;
  if (shown.locked) {
    const lock = { locked_reason: shown.locked_reason ?? undefined };
    await cloud.ask("member", "POST", `/v2.1/servers/${id}/action`, { mv: "2.73", body: { lock } });
  }
  return id;
}

function get({ cloud, as, mv }: Asked, path: string): Promise<Answered> {
  return cloud.ask(as, "GET", path, { mv });
}

/** Shows a server like the sample's, after these actions. */
async function show(asked: Asked, ...actions: readonly Json[]): Promise<Answered> {
  const id = await matching(asked.cloud, asked.sample.json.server);
  await actAll(asked.cloud, id, actions);
  return get(asked, `/v2.1/servers/${id}`);
}

async function actAll(cloud: TestCloud, id: string, actions: readonly Json[]): Promise<void> {
  for (const body of actions) {
    const path = `/v2.1/servers/${id}/action`;
    const answered = await cloud.ask("member", "POST", path, { mv: "2.90", body });
    assert(answered.status < 300, answered.text);
    await cloud.cloud.settled();
  }
}

/** A page of one server, with a link where the sample has one. */
async function listOne(asked: Asked, path: string, query = ""): Promise<Answered> {
  const { cloud, sample: { json } } = asked;
  const { length } = json.servers;
  for (const server of json.servers) await matching(cloud, server);
  return get(asked, `${path}?${json.servers_links ? `limit=${length}&` : ""}${query}`);
}

function list(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers");
}

function detail(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers/detail");
}

async function listOfErrors(asked: Asked): Promise<Answered> {
  await asked.cloud.create({ flavorRef: "huge" });
  return get(asked, "/v2.1/servers?limit=1&status=error");
}

function listOfChanges(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers", changes());
}

function detailOfChanges(asked: Asked): Promise<Answered> {
  return listOne(asked, "/v2.1/servers/detail", changes());
}

/** From this very moment on: earlier samples' servers were deleted before. */
function changes(): string {
  return `changes-since=${new Date().toISOString()}&changes-before=2999-01-01T00:00:00Z`;
}

async function ofServer(asked: Asked, path: string): Promise<Answered> {
  const id = await asked.cloud.create({ networks: "auto" });
  return get(asked, `/v2.1/servers/${id}${path}`);
}

// Requests of the samples

/** Sends the sample as a create; what it refers to is replaced by what there is here. */
async function createRequest(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const { server, ...hints } = structuredClone(sample.json);
  if (server.imageRef) server.imageRef = await cloud.imageId();
  if (server.availability_zone) server.availability_zone = "nova";
  if (server.host) server.host = "compute-1";
  if (server.hypervisor_hostname) server.hypervisor_hostname = "compute-1";
  for (const nic of [server.networks ?? []].flat()) {
    if (nic.uuid) nic.uuid = await cloud.networkId();
  }
  for (const device of server.block_device_mapping_v2 ?? []) {
    device.uuid = await cloud.imageId();
  }
  for (const hint of Object.values<Json>(hints)) {
    if (hint.group) hint.group = await groupOf(cloud);
  }
  const inName = /-v2(\d+)\.json$/.exec(sample.file)?.[1];
  const mv = inName === undefined ? asked.mv : `2.${inName}`;
  // A host may be named by administrators only.
  const as = server.host || server.hypervisor_hostname ? "padmin" : "member";
  const body = { server, ...hints };
  expectAccepted(sample, await cloud.ask(as, "POST", "/v2.1/servers", { mv, body }));
  return null;
}

function expectAccepted(sample: Sample, answered: Answered): void {
  const refusal = REFUSED[sample.path];
  if (!refusal) return assert(answered.status < 300, answered.text);
  assertEquals(answered.status, 400, answered.text);
  assertMatch(answered.json.badRequest.message, refusal[0]);
}

async function create({ cloud, mv }: Asked): Promise<Answered> {
  const { networks: _, ...rest } = await cloud.plain();
  const networks = Number(mv.split(".")[1]) >= 37 ? "auto" : [];
  const server = { ...rest, networks, "OS-DCF:diskConfig": "AUTO" };
  return await cloud.ask("member", "POST", "/v2.1/servers", { mv, body: { server } });
}

async function createMany({ cloud, sample, mv }: Asked): Promise<Answered> {
  const request = requestFor(sample);
  const body = structuredClone(request.json);
  body.server.imageRef = await imageOf(cloud);
  return await cloud.ask("member", "POST", "/v2.1/servers", { mv, body });
}

async function updateRequest({ cloud, sample, mv }: Asked): Promise<null> {
  const id = await cloud.create({ networks: "auto" });
  const body = sample.json;
  expectAccepted(
    sample,
    await cloud.ask("member", "PUT", `/v2.1/servers/${id}`, { mv, body }),
  );
  return null;
}

async function update({ cloud, sample, as, mv }: Asked): Promise<Answered> {
  const request = requestFor(sample);
  const id = await matching(cloud, sample.json.server);
  return await cloud.ask(as, "PUT", `/v2.1/servers/${id}`, { mv, body: request.json });
}

/** Sends the sample as an action on a server that is ready for it. */
async function action(asked: Asked, ...before: readonly Json[]): Promise<null> {
  const { cloud, sample } = asked;
  const id = await cloud.create();
  await actAll(cloud, id, before);
  const body = structuredClone(sample.json);
  if (body.rescue?.rescue_image_ref) body.rescue.rescue_image_ref = await imageOf(cloud);
  expectAccepted(sample, await send(asked, id, body));
  return null;
}

/** Where the samples' servers go, there is no host: here they go to one that is. */
async function unshelve(asked: Asked): Promise<null> {
  const { unshelve } = asked.sample.json;
  const json = {
    unshelve: {
      ...unshelve,
      ...(unshelve.availability_zone && { availability_zone: "nova" }),
      ...(unshelve.host && { host: "compute-1" }),
    },
  };
  const as = unshelve.host ? "padmin" : asked.as;
  return await action({ ...asked, as, sample: { ...asked.sample, json } }, SHELVE);
}

/** Sends a sample's rebuild to a server like the one that is answered with. */
async function sendRebuild(asked: Asked, request: Sample, like: Json): Promise<Answered> {
  const { cloud } = asked;
  const body = structuredClone(request.json);
  body.rebuild.imageRef = await imageOf(cloud);
  if (body.rebuild.key_name) await importKeyPair(cloud, body.rebuild.key_name);
  return await send(asked, await matching(cloud, like), body);
}

async function importKeyPair(cloud: TestCloud, name: string): Promise<void> {
  const [{ json }] = samplesOf("os-keypairs")
    .filter(({ file, path }) =>
      file === "keypairs-import-post-req.json" && path.includes("v2.2/")
    ) as [Sample];
  const body = { keypair: { name, public_key: json.keypair.public_key } };
  const { status } = await cloud.ask("member", "POST", "/v2.1/os-keypairs", { mv: "2.1", body });
  assert(status === 200 || status === 409);
}

async function rebuildRequest(asked: Asked): Promise<null> {
  expectAccepted(asked.sample, await sendRebuild(asked, asked.sample, {}));
  return null;
}

function rebuild(asked: Asked): Promise<Answered> {
  return sendRebuild(asked, requestOf(asked.sample), asked.sample.json.server);
}

/** The request of an answer whose file differs from it only by its end. */
function requestOf({ resource, path }: Sample): Sample {
  return samplesOf(resource).find((one) => one.path === path.replace("-resp.", "."))!;
}

function administrators(asked: Asked): Promise<null> {
  return action({ ...asked, as: "padmin" });
}

/** The answer to an action. */
async function act(asked: Asked, body: Json): Promise<Answered> {
  return await send(asked, await asked.cloud.create(), body);
}

function send({ cloud, as, mv }: Asked, id: string, body: Json): Promise<Answered> {
  return cloud.ask(as, "POST", `/v2.1/servers/${id}/action`, { mv, body });
}

// Consoles

/** By the action, or, from 2.6 on, by the path. */
async function openConsole(asked: Asked, body: Json): Promise<Answered> {
  const { cloud, as, mv } = asked;
  if (!body.remote_console) return await act(asked, body);
  const path = `/v2.1/servers/${await cloud.create()}/remote-consoles`;
  return await cloud.ask(as, "POST", path, { mv, body });
}

async function consoleRequest(asked: Asked): Promise<null> {
  expectAccepted(asked.sample, await openConsole(asked, asked.sample.json));
  return null;
}

function consoleOf(asked: Asked): Promise<Answered> {
  return openConsole(asked, requestFor(asked.sample).json);
}

/** What the token opens that the request beside the sample asks for. */
async function connectInfo(asked: Asked): Promise<Answered> {
  const { cloud, mv } = asked;
  const request = samplesOf("os-console-auth-tokens")
    .find((one) => one.mv === mv && one.file.startsWith("create-"))!;
  const opened = await openConsole(asked, request.json);
  const token = new URL(opened.json.remote_console.url).searchParams.get("token");
  return await cloud.ask("padmin", "GET", `/v2.1/os-console-auth-tokens/${token}`, { mv });
}

// Networks

const waysOut = new WeakMap<TestCloud, Promise<readonly Json[]>>();

/** A floating IP that can lead to servers. */
async function floatingIpOf(cloud: TestCloud): Promise<string> {
  let made = waysOut.get(cloud);
  if (!made) {
    made = makeWayOut(cloud, 1);
    waysOut.set(cloud, made);
  }
  return (await made)[0].floating_ip_address;
}

async function serverWithAddress(cloud: TestCloud): Promise<readonly [id: string, string]> {
  const id = await cloud.create({ networks: "auto" });
  const { ports } = await neutron(cloud, "GET", `ports?device_id=${id}`);
  return [id, ports[0].fixed_ips[0].ip_address];
}

/** Addresses of samples are those of another cloud: real ones stand for them. */
async function floatingAction(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const [id, fixed] = await serverWithAddress(cloud);
  const address = await floatingIpOf(cloud);
  const body = structuredClone(sample.json);
  if (body.removeFloatingIp) {
    const led = await send(asked, id, { addFloatingIp: { address } });
    assertEquals(led.status, 202, led.text);
  }
  for (const value of Object.values(body) as Json[]) {
    value.address = address;
    if (value.fixed_address) value.fixed_address = fixed;
  }
  expectAccepted(sample, await send(asked, id, body));
  return null;
}

async function fixedAction(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const [id, fixed] = await serverWithAddress(cloud);
  const body = structuredClone(sample.json);
  if (body.addFixedIp) body.addFixedIp.networkId = await cloud.networkId();
  else body.removeFixedIp.address = fixed;
  expectAccepted(sample, await send(asked, id, body));
  const { ports } = await neutron(cloud, "GET", `ports?device_id=${id}`);
  assertEquals(ports[0].fixed_ips.length, body.addFixedIp ? 2 : 0);
  return null;
}

async function groupAction(asked: Asked): Promise<null> {
  const { cloud, sample } = asked;
  const id = await cloud.create({ networks: "auto" });
  const [{ name }] = Object.values(sample.json) as [Json];
  await ensureGroup(cloud, name);
  if (sample.json.removeSecurityGroup) await actAll(cloud, id, [{ addSecurityGroup: { name } }]);
  expectAccepted(sample, await send(asked, id, sample.json));
  return null;
}

async function ensureGroup(cloud: TestCloud, name: string): Promise<void> {
  const { security_groups } = await neutron(cloud, "GET", `security-groups?name=${name}`);
  if (security_groups.length > 0) return;
  await neutron(cloud, "POST", "security-groups", { security_group: { name } });
}

async function groupsOfServer(asked: Asked): Promise<Answered> {
  const id = await asked.cloud.create({ networks: "auto" });
  return await get(asked, `/v2.1/servers/${id}/os-security-groups`);
}

/** Samples of requests are written with an event that is none. */
async function externalEvent({ cloud, sample, mv }: Asked): Promise<Answered | null> {
  const server_uuid = await cloud.create();
  const events = sample.json.events.map(({ code: _, ...event }: Json) => ({
    ...event,
    server_uuid,
    name: event.name === "test-event" ? "network-changed" : event.name,
  }));
  const path = "/v2.1/os-server-external-events";
  const answered = await cloud.ask("admin", "POST", path, { mv, body: { events } });
  expectAccepted(sample, answered);
  return sample.file === "event-create-resp.json" ? answered : null;
}

// Moves

/** Hosts of samples are those of another cloud: a real one stands for each. */
async function moveRequest({ cloud, sample, mv }: Asked): Promise<null> {
  const asked = { cloud, sample, as: "padmin", mv } as const;
  const id = await cloud.create();
  const body = structuredClone(sample.json);
  for (const value of Object.values(body) as Json[]) {
    if (value?.host) value.host = await otherHost(cloud, id);
  }
  expectAccepted(sample, await send(asked, id, body));
  await cloud.cloud.settled();
  return null;
}

async function hostOf(cloud: TestCloud, id: string): Promise<string> {
  const { json } = await cloud.ask("padmin", "GET", `/v2.1/servers/${id}`);
  return json.server["OS-EXT-SRV-ATTR:host"];
}

async function otherHost(cloud: TestCloud, id: string): Promise<string> {
  return await hostOf(cloud, id) === "compute-1" ? "compute-2" : "compute-1";
}

async function evacuation({ cloud, sample, mv }: Asked): Promise<Answered | null> {
  const asked = { cloud, sample, as: "padmin", mv } as const;
  const id = await cloud.create();
  const isRequest = "evacuate" in sample.json;
  const body = isRequest ? structuredClone(sample.json) : EVACUATE;
  if (body.evacuate.host) body.evacuate.host = await otherHost(cloud, id);
  const host = await hostOf(cloud, id);
  const force = async (forced_down: boolean) => {
    const of = `/v2.1/os-services?host=${host}`;
    const { json } = await cloud.ask("admin", "GET", of, { mv: "2.90" });
    const path = `/v2.1/os-services/${json.services[0].id}`;
    await cloud.ask("admin", "PUT", path, { mv: "2.90", body: { forced_down } });
  };
  await force(true);
  const answered = await send(asked, id, body);
  await force(false);
  await cloud.cloud.settled();
  if (!isRequest) return answered;
  expectAccepted(sample, answered);
  return null;
}

const EVACUATE = { evacuate: { onSharedStorage: "False", adminPass: "MySecretPass" } };

/** Two migrations of one server, of which none is under way. */
async function migrations({ cloud, mv }: Asked, query = ""): Promise<Answered> {
  const id = await cloud.create();
  await actAll(cloud, id, [RESIZE, { confirmResize: null }, { resize: { flavorRef: "3" } }]);
  const path = `/v2.1/os-migrations?instance_uuid=${id}${query}`;
  return await cloud.ask("admin", "GET", path, { mv });
}

function firstMigration(asked: Asked): Promise<Answered> {
  return migrations(asked, "&limit=1");
}

// Metadata, tags and flavors

/** The same body for the answer: `POST` and `PUT` repeat what was sent. */
async function metadata({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create();
  const path = `/v2.1/servers/${id}/metadata`;
  const body = sample.json;
  await cloud.ask("member", "POST", path, { mv, body: { metadata: { earlier: "x" } } });
  await cloud.ask("member", "PUT", path, { mv, body });
  assertEquals((await cloud.ask("member", "GET", path, { mv })).json, body);
  return await cloud.ask("member", "POST", path, { mv, body });
}

async function metadataItem({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create();
  const path = `/v2.1/servers/${id}/metadata/foo`;
  const put = await cloud.ask("member", "PUT", path, { mv, body: sample.json });
  assertEquals(put.json, sample.json, put.text);
  return await cloud.ask("member", "GET", path, { mv });
}

async function tags({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create({ tags: sample.json.tags });
  return await cloud.ask("member", "GET", `/v2.1/servers/${id}/tags`, { mv });
}

async function putTags({ cloud, sample, mv }: Asked): Promise<Answered> {
  const id = await cloud.create();
  const body = sample.json;
  return await cloud.ask("member", "PUT", `/v2.1/servers/${id}/tags`, { mv, body });
}

function flavor(asked: Asked): Promise<Answered> {
  return get(asked, `/v2.1/flavors/${asked.sample.json.flavor.id}`);
}

/** Only those that the sample has. */
async function flavorList(asked: Asked, path: string): Promise<Answered> {
  const known = asked.sample.json.flavors.map(({ id }: Json) => id);
  const answered = await get(asked, `/v2.1${path}`);
  const flavors = answered.json.flavors.filter(({ id }: Json) => known.includes(id));
  return { ...answered, json: { ...answered.json, flavors } };
}

// Hosts, their services and their aggregates

function administer({ cloud, mv }: Asked, method: string, path: string, body?: Json) {
  return cloud.ask("admin", method, `/v2.1${path}`, { mv, body });
}

/** The answer, or nothing where the sample is a request. */
function unlessRequest({ sample }: Asked, answered: Answered): Answered | null {
  expectAccepted(sample, answered);
  return sample.file.endsWith("-req.json") ? null : answered;
}

function services(asked: Asked): Promise<Answered> {
  return administer(asked, "GET", "/os-services");
}

/** Changes a service as the sample, or its request, says; then all is as before. */
async function updateService(asked: Asked, action: string): Promise<Answered | null> {
  const { sample, mv } = asked;
  const body = { ...requestFor(sample).json };
  if (body.host) body.host = "compute-1";
  const found = await administer({ ...asked, mv: "2.53" }, "GET", "/os-services?host=compute-1");
  const [{ id }] = found.json.services;
  const path = mv === "2.53" ? id : action;
  const answered = await administer(asked, "PUT", `/os-services/${path}`, body);
  const before = { status: "enabled", forced_down: false };
  await administer({ ...asked, mv: "2.53" }, "PUT", `/os-services/${id}`, before);
  return unlessRequest(asked, answered);
}

function disableWithReason(asked: Asked): Promise<Answered | null> {
  return updateService(asked, "disable-log-reason");
}

function forceDown(asked: Asked): Promise<Answered | null> {
  return updateService(asked, "force-down");
}

function hypervisors(asked: Asked, path: string): Promise<Answered> {
  return administer(asked, "GET", `/os-hypervisors${path}`);
}

function detailedHypervisors(asked: Asked): Promise<Answered> {
  return hypervisors(asked, "/detail?limit=1");
}

/** One of the hypervisors. */
async function hypervisor(asked: Asked, path: string): Promise<Answered> {
  const { json } = await hypervisors(asked, "");
  return hypervisors(asked, `/${json.hypervisors[0].id}${path}`);
}

/** Brings a server to each host. */
async function fillHosts({ cloud }: Asked): Promise<void> {
  for (const host of ["compute-1", "compute-2", "compute-3", "compute-4"]) {
    await cloud.create({ host }, { as: "padmin", mv: "2.90" });
  }
}

async function hypervisorWithServers(asked: Asked): Promise<Answered> {
  await fillHosts(asked);
  return await hypervisor(asked, "?with_servers=true");
}

async function detailedWithServers(asked: Asked): Promise<Answered> {
  await fillHosts(asked);
  return await hypervisors(asked, "/detail?with_servers=true");
}

function isSearchedInPath({ mv }: Asked): boolean {
  return Number(mv.split(".")[1]) < 53;
}

function searchHypervisors(asked: Asked): Promise<Answered> {
  return isSearchedInPath(asked)
    ? hypervisors(asked, "/compute/search")
    : hypervisors(asked, "?hypervisor_hostname_pattern=compute");
}

async function hypervisorsWithServers(asked: Asked): Promise<Answered> {
  await fillHosts(asked);
  return await hypervisorsWithoutServers(asked);
}

function hypervisorsWithoutServers(asked: Asked): Promise<Answered> {
  return isSearchedInPath(asked)
    ? hypervisors(asked, "/compute/servers")
    : hypervisors(asked, "?hypervisor_hostname_pattern=compute&with_servers=true");
}

/** Asks something of a new aggregate, which is then cleared away. */
async function aggregate(
  asked: Asked,
  method: string,
  path: string,
  body?: Json,
  ...before: readonly Json[]
): Promise<Answered> {
  const name = crypto.randomUUID();
  const zone = { availability_zone: "london" };
  const made = await administer(asked, "POST", "/os-aggregates", { aggregate: { name, ...zone } });
  const own = `/os-aggregates/${made.json.aggregate.id}`;
  for (const action of before) await administer(asked, "POST", `${own}/action`, action);
  const answered = await administer(
    asked,
    method,
    path === "list" ? "/os-aggregates" : own + path,
    body,
  );
  await administer(asked, "POST", `${own}/action`, { remove_host: { host: "compute-1" } });
  await administer(asked, "DELETE", own);
  return answered;
}

function listAggregates(asked: Asked): Promise<Answered> {
  return aggregate(asked, "GET", "list", undefined, { add_host: { host: "compute-1" } });
}

async function createAggregate(asked: Asked): Promise<Answered | null> {
  const body = requestFor(asked.sample).json;
  const answered = await administer(asked, "POST", "/os-aggregates", body);
  await administer(asked, "DELETE", `/os-aggregates/${answered.json.aggregate.id}`);
  return unlessRequest(asked, answered);
}

async function updateAggregate(asked: Asked): Promise<Answered | null> {
  return unlessRequest(asked, await aggregate(asked, "PUT", "", requestFor(asked.sample).json));
}

async function addHost(asked: Asked): Promise<Answered | null> {
  const body = { add_host: { host: "compute-1" } };
  return unlessRequest(asked, await aggregate(asked, "POST", "/action", body));
}

async function removeHost(asked: Asked): Promise<Answered | null> {
  const add = { add_host: { host: "compute-1" } };
  const body = { remove_host: { host: "compute-1" } };
  return unlessRequest(asked, await aggregate(asked, "POST", "/action", body, add));
}

async function setAggregateMetadata(asked: Asked): Promise<Answered | null> {
  const body = { set_metadata: { metadata: { key: "value" } } };
  return unlessRequest(asked, await aggregate(asked, "POST", "/action", body));
}

async function cacheImages(asked: Asked): Promise<Answered | null> {
  return unlessRequest(asked, await aggregate(asked, "POST", "/images", asked.sample.json));
}

function zones(asked: Asked, path: string): Promise<Answered> {
  return administer(asked, "GET", `/os-availability-zone${path}`);
}

function host(asked: Asked, method: string, path: string, body?: Json): Promise<Answered> {
  return administer(asked, method, `/os-hosts${path}`, body);
}

async function maintainHost(asked: Asked): Promise<Answered | null> {
  const body = requestFor(asked.sample).json;
  return unlessRequest(asked, await host(asked, "PUT", "/compute-1", body));
}

// Tempest's schemas of replies

/** Servers in every condition that shows, by what the test calls them. */
interface Zoo {
  readonly plain: string;
  /** With every attribute that a create can set, and two nics. */
  readonly full: string;
  readonly locked: string;
  readonly failed: string;
  readonly building: string;
  readonly deleted: string;
}

async function fillZoo(cloud: TestCloud): Promise<Zoo> {
  await furnish(cloud);
  const uuid = await cloud.networkId();
  const plain = await cloud.create();
  const full = await cloud.create({
    imageRef: await imageOf(cloud),
    flavorRef: "7",
    networks: [{ uuid }, { uuid, tag: "nic" }],
    "OS-DCF:diskConfig": "AUTO",
    accessIPv4: "192.0.2.1",
    accessIPv6: "2001:db8::1",
    metadata: { role: "web" },
    tags: ["blue", "red"],
    description: "all of it",
    hostname: "full.example.com",
    config_drive: true,
    user_data: "YQ==",
    availability_zone: "nova",
    adminPass: "secret",
    security_groups: [{ name: "default" }],
    trusted_image_certificates: ["one", "two"],
  }, { mv: "2.104" });
  const locked = await cloud.create();
  const lock = { locked_reason: "busy" };
  await cloud.ask("member", "POST", `/v2.1/servers/${locked}/action`, {
    mv: "2.73",
    body: { lock },
  });
  const failed = await cloud.create({ flavorRef: "huge" });
  const deleted = await cloud.create();
  await cloud.ask("member", "DELETE", `/v2.1/servers/${deleted}`);
  await cloud.cloud.settled();
  // Last: from here on the cloud is never at rest.
  const server = { ...await cloud.plain(), name: "held" };
  const made = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body: { server } });
  return { plain, full, locked, failed, deleted, building: made.json.server.id };
}

interface ReplyRow {
  readonly resource: "servers" | "flavors" | "versions";
  readonly schema: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly since?: number;
}

/** Each reply with its schema; `FULL` and the like stand for the ids of the zoo. */
function replyRows(zoo: Zoo, plain: Json): readonly ReplyRow[] {
  const of = (resource: ReplyRow["resource"]) =>
  (
    schema: string,
    method: string,
    path: string,
    rest: Pick<ReplyRow, "body" | "since"> = {},
  ): ReplyRow => ({ resource, schema, method, path, ...rest });
  const [server, flavor, version] = [of("servers"), of("flavors"), of("versions")];
  const oldest = "sort_key=created_at&sort_dir=asc";
  const full = `/v2.1/servers/${zoo.full}`;
  const tags = { since: 26 };
  return [
    server("list_servers", "GET", "/v2.1/servers"),
    server("list_servers", "GET", `/v2.1/servers?limit=2&${oldest}`),
    server("list_servers_detail", "GET", `/v2.1/servers/detail?limit=5&${oldest}`),
    server(
      "list_servers_detail",
      "GET",
      `/v2.1/servers/detail?limit=6&${oldest}&changes-since=2020-01-01`,
    ),
    ...[zoo.plain, zoo.full, zoo.locked, zoo.failed, zoo.building]
      .map((id) => server("get_server", "GET", `/v2.1/servers/${id}`)),
    server("create_server_with_admin_pass", "POST", "/v2.1/servers", { body: { server: plain } }),
    server("update_server", "PUT", full, { body: { server: { accessIPv4: "192.0.2.2" } } }),
    server("update_server", "PUT", `/v2.1/servers/${zoo.failed}`, { body: { server: {} } }),
    server("server_actions_common_schema", "POST", `${full}/action`, { body: { lock: null } }),
    server("server_actions_common_schema", "POST", `${full}/action`, { body: { unlock: null } }),
    server("list_server_metadata", "GET", `${full}/metadata`),
    server("update_server_metadata", "POST", `${full}/metadata`, {
      body: { metadata: { a: "1" } },
    }),
    server("set_server_metadata", "PUT", `${full}/metadata`, { body: { metadata: { a: "2" } } }),
    server("set_show_server_metadata_item", "PUT", `${full}/metadata/a`, {
      body: { meta: { a: "3" } },
    }),
    server("set_show_server_metadata_item", "GET", `${full}/metadata/a`),
    server("delete_server_metadata_item", "DELETE", `${full}/metadata/a`),
    server("update_all_tags", "PUT", `${full}/tags`, { ...tags, body: { tags: ["b", "a"] } }),
    server("list_tags", "GET", `${full}/tags`, tags),
    server("check_tag_existence", "GET", `${full}/tags/a`, tags),
    server("update_tag", "PUT", `${full}/tags/c`, tags),
    server("delete_tag", "DELETE", `${full}/tags/c`, tags),
    server("delete_all_tags", "DELETE", `${full}/tags`, tags),
    server("list_addresses", "GET", `${full}/ips`),
    server("list_addresses_by_network", "GET", `${full}/ips/private`),
    flavor("list_flavors", "GET", "/v2.1/flavors?limit=2"),
    flavor("list_flavors_details", "GET", "/v2.1/flavors/detail"),
    flavor("list_flavors_details", "GET", "/v2.1/flavors/detail?limit=2"),
    flavor("create_update_get_flavor_details", "GET", "/v2.1/flavors/7"),
    version("list_versions", "GET", "/"),
    version("get_one_version", "GET", "/v2.1/"),
    version("get_version", "GET", "/v9/"),
  ];
}

Deno.test("every reply is as Tempest's schemas have it, at every microversion", async (t) => {
  const cloud = await TestCloud.open({ driver: new HeldDriver() });
  try {
    const zoo = await fillZoo(cloud);
    const { networks: _, ...plain } = await cloud.plain();
    for (const minor of EVERY_MINOR) {
      const rows = replyRows(zoo, minor < 37 ? plain : { ...plain, networks: "none" })
        .filter(({ since = 1 }) => since <= minor);
      for (const as of ["padmin", "member"] as const) {
        await t.step(`2.${minor} as ${as}`, async () => {
          const problems: string[] = [];
          for (const { resource, schema, method, path, body } of rows) {
            const answered = await cloud.ask(as, method, path, { mv: `2.${minor}`, body });
            problems.push(
              ...replyProblems(resource, schema, minor, answered)
                .map((problem) => `${method} ${path} by ${schema}: ${problem}`),
            );
          }
          assertEquals(problems, []);
        });
      }
    }
  } finally {
    await cloud.close();
  }
});

Deno.test("the zoo of the schemas' test is what it is called", async () => {
  const cloud = await TestCloud.open({ driver: new HeldDriver() });
  try {
    const zoo = await fillZoo(cloud);
    const path = "/v2.1/servers/detail?changes-since=2020-01-01";
    const { json } = await cloud.ask("padmin", "GET", path, { mv: "2.104" });
    const statusOf = (id: string) => json.servers.find((server: Json) => server.id === id).status;
    assertEquals(statusOf(zoo.plain), "ACTIVE");
    assertEquals(statusOf(zoo.failed), "ERROR");
    assertEquals(statusOf(zoo.building), "BUILD");
    assertEquals(statusOf(zoo.deleted), "DELETED");
    const failed = json.servers.find((server: Json) => server.id === zoo.failed);
    assertEquals(Object.keys(failed.fault).sort(), ["code", "created", "details", "message"]);
  } finally {
    await cloud.close();
  }
});
