/** Samples, and parts of them, that cannot be as they are here, each with its reason. */
import { samplesOf } from "../../kit/samples.ts";

/** Samples of rows that are here, but that show what is not, and why. */
export const NEVER: Readonly<Record<string, string>> = {
  "servers/v2.69/server-get-resp.json": "a server of a cell that cannot be reached",
  "servers/v2.69/servers-list-resp.json": "a server of a cell that cannot be reached",
  "servers/v2.69/servers-details-resp.json": "a server of a cell that cannot be reached",
  "os-services/v2.69/services-list-get-resp.json": "services of a cell that cannot be reached",
};

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
export const EXCUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
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
export const REFUSED: Readonly<Record<string, readonly [message: RegExp, why: string]>> = {
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
