/** Parts of samples that cannot be as they are here, each with its reason. */
import { type Json, samplesOf } from "../../kit/samples.ts";

const RESCUED = {
  "server.OS-EXT-STS:power_state": "that of the samples' hypervisor: a rescued machine does run",
};

const REBUILDING = "the samples' cloud had rebuilt the server before it answered";

const FAKE_GROUP = "that of the samples has no rules, and is described in other words";

const NULL_KERNEL = "written by hand: Nova gives a text, empty where there is none";

const NOT_UNDER_WAY = "those of the samples are under way, or went wrong";

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

const OTHER_WORDS = { "extensions[].description": "those of an older Nova; see extension-info" };

const NO_THREADS = { "nodes[].siblings": "processors have no threads here" };

/** What is told of the disks of a live migration. */
function disksOf(of: string) {
  const reason = "disks are not copied here: there is nothing to tell";
  return Object.fromEntries(
    ["total", "processed", "remaining"].map((part) => [`${of}.disk_${part}_bytes`, reason]),
  );
}

/** Parts of samples that are not compared, and why. */
export const EXCUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
    [...samplesOf("servers"), ...samplesOf("os-preserve-ephemeral-rebuild")]
      .filter(({ path }) => /-rebuild.*-resp\.json$/.test(path))
      .map(({ path, json }) => [path, {
        "server.status": REBUILDING,
        ...("OS-EXT-STS:task_state" in json.server && {
          "server.OS-EXT-STS:task_state": REBUILDING,
        }),
      }]),
  ),
  ...Object.fromEntries(
    samplesOf("os-migrations").map(({ path, json }) => [path, {
      ...(json.migrations.slice(0, 2).some(({ links }: Json) => links) &&
        { "migrations[].links": NOT_UNDER_WAY }),
      "migrations[].status": NOT_UNDER_WAY,
    }]),
  ),
  "os-security-groups/server-security-groups-list-resp.json": {
    "security_groups[].description": FAKE_GROUP,
    "security_groups[].rules": FAKE_GROUP,
  },
  "os-security-groups/security-groups-create-resp.json": {
    "security_group.description": FAKE_GROUP,
  },
  "os-security-groups/security-groups-get-resp.json": {
    "security_group.description": FAKE_GROUP,
  },
  "os-security-groups/security-groups-list-get-resp.json": {
    "security_groups[].description": FAKE_GROUP,
    "security_groups[].rules": FAKE_GROUP,
  },
  ...Object.fromEntries(
    samplesOf("server-migrations").filter(({ file }) => file.startsWith("migrations-"))
      .map(({ path, json }) => [path, disksOf(json.migrations ? "migrations[]" : "migration")]),
  ),
  "all_extensions/extensions-list-resp.json": OTHER_WORDS,
  "all_extensions/extensions-list-resp-v21-compatible.json": OTHER_WORDS,
  "images/images-details-get-resp.json": {
    "images[].metadata": "each of the sample's images has metadata of its own",
    "images[].OS-DCF:diskConfig": "it is of the metadata",
  },
  "os-instance-usage-audit-log/inst-usage-audit-log-index-get-resp.json": {
    "instance_usage_audit_logs.log": "no host has run an audit here",
  },
  "os-instance-usage-audit-log/inst-usage-audit-log-show-get-resp.json": {
    "instance_usage_audit_log.log": "no host has run an audit here",
  },
  "os-server-topology/v2.78/servers-topology-resp.json": NO_THREADS,
  "os-server-topology/v2.78/servers-topology-resp-user.json": NO_THREADS,
  "os-rescue/server-get-resp-rescue.json": RESCUED,
  "os-rescue/v2.87/server-get-resp-rescue.json": RESCUED,
  ...Object.fromEntries(
    ["v2.90", "v2.94", "v2.96", "v2.98", "v2.100"].map((version) => [
      `servers/${version}/servers-details-resp.json`,
      { "servers[].locked_reason": EMPTY_REASON },
    ]),
  ),
};

type Refusal = readonly [status: number, message: RegExp, why: string];

const NO_RDP: Refusal = [
  400,
  /^(The server could not comply with the request|Unavailable console type rdp\.$)/,
  "removed from Nova",
];
const NOT_MIGRATING: Refusal = [
  409,
  /^volume \S+ is not migrating; this API should only be called by Cinder$/,
  "the volume service migrates no volume in use",
];
const NO_SHARES: Refusal = [
  409,
  /^Feature not supported because either compute or instance are not configured correctly\.$/,
  "no host can give its machines shares",
];

/** Requests that Nova refuses as they are: how, with what words, and why. */
export const REFUSED: Readonly<Record<string, Refusal>> = {
  "os-admin-actions/admin-actions-reset-network.json": [
    410,
    /^This resource is no longer available\./,
    "removed with nova-network",
  ],
  "os-keypairs/v2.92/keypairs-post-req.json": [
    400,
    /'public_key' is a required property$/,
    "the sample is of before keys had to be imported",
  ],
  "os-volume_attachments/update-volume-req.json": NOT_MIGRATING,
  "os-volume_attachments/v2.49/update-volume-req.json": NOT_MIGRATING,
  "os-volume_attachments/v2.70/update-volume-req.json": NOT_MIGRATING,
  "os-volume_attachments/v2.79/update-volume-req.json": NOT_MIGRATING,
  "os-volume_attachments/v2.85/update-volume-req.json": NOT_MIGRATING,
  "os-remote-consoles/get-rdp-console-post-req.json": NO_RDP,
  "os-remote-consoles/v2.6/create-rdp-console-req.json": NO_RDP,
  "os-server-shares/v2.97/server-shares-create-req.json": NO_SHARES,
  "os-server-shares/v2.97/server-shares-create-tag-req.json": NO_SHARES,
  "servers/v2.67/server-create-req.json": [
    400,
    /^Volume type lvm-1 could not be found\.$/,
    "the volume type is one of the sample's own cloud",
  ],
  "servers/v2.90/server-create-req.json": [
    400,
    /'networks' is a required property$/,
    "the sample has what ended with 2.57, and lacks what is required since 2.37",
  ],
  "servers/v2.94/server-create-req.json": [
    400,
    /'networks' is a required property$/,
    "the sample has what ended with 2.57, and lacks what is required since 2.37",
  ],
};
