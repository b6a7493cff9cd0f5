/** Why a create is refused: in Nova's words, and in the order in which Nova looks. */
import { assertEquals } from "@std/assert";
import { isRejection, type RejectionKind } from "../../src/eventsourcing/decider.ts";
import type { AskedNetwork } from "../../src/compute/servers/decide/mod.ts";
import type { BlockDevice } from "../../src/compute/servers/events.ts";
import {
  askedImage,
  asking,
  type Change,
  counting,
  decisionOn,
  device,
  knowing,
  ofImage,
  onFlavor,
  within,
} from "../kit/decision_create.ts";
import { admin } from "../kit/decision_servers.ts";
import { outcome } from "../kit/given.ts";

interface Refusal {
  readonly why: string;
  readonly change: Change;
  readonly kind: RejectionKind;
  readonly message: string;
}

const invalid = (why: string, change: Change, message: string): Refusal => ({
  why,
  change,
  kind: "Invalid",
  message,
});
const overQuota = (why: string, change: Change, message: string): Refusal => ({
  why,
  change,
  kind: "QuotaExceeded",
  message,
});

const both = (...changes: readonly Change[]): Change => (creation) =>
  changes.reduce((changed, change) => change(changed), creation);

/** Asks for a nic beside those that are asked for. */
const withNic = (nic: AskedNetwork): Change => (creation) => {
  const { networks } = creation.asked;
  const others = Array.isArray(networks) ? networks as readonly AskedNetwork[] : [];
  return asking({ networks: [...others, nic] })(creation);
};

/** Asks for a device beside those that are asked for. */
const withDevice = (changes: Partial<BlockDevice>): Change => (creation) =>
  asking({
    blockDevices: [...creation.asked.blockDevices, device(changes)],
    bootsFromDevicesOnly: true,
  })(creation);

/** Asks to boot from a local copy of the image, as clients say beside other devices; once. */
const imageRoot: Change = (creation) =>
  creation.asked.blockDevices.some(({ bootIndex }) => bootIndex === 0)
    ? creation
    : withDevice({ sourceType: "image", sourceId: askedImage.id, bootIndex: 0 })(creation);

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, "value"]));

/** Asks for a file, or several alike, beside those that are asked for. */
const withFile = (path: string, contentLength: number, times = 1): Change => (creation) => {
  const file = { path, contents: "v1.x.y" as never, contentLength };
  const files = Array.from({ length: times }, () => file);
  return asking({ personality: [...creation.asked.personality, ...files] })(creation);
};

const LARGE_EPHEMERAL =
  "Ephemeral disks requested are larger than the instance type allows. If no size is given in " +
  "one block device mapping, flavor ephemeral size will be used.";

const BAD_SEQUENCE =
  "Block Device Mapping is Invalid: Boot sequence for the instance and image/block device " +
  "mapping combination is not valid.";

/** Everything that is refused, in Nova's order; what it looks at together stands together. */
const STEPS: readonly (readonly Refusal[])[] = [
  [
    invalid(
      "an unknown flavor",
      both(asking({ flavorRef: "42" }), knowing({ flavor: undefined })),
      "Flavor 42 could not be found.",
    ),
  ],
  [
    invalid(
      "one fixed address for several servers",
      both(counting(1, 2), withNic({ uuid: "network-1", fixedIp: "10.0.0.7" })),
      "Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.",
    ),
  ],
  [
    invalid(
      "one port for several servers",
      both(counting(1, 2), withNic({ port: "port-1" })),
      "Failed to launch instances: Unable to launch multiple instances with a single configured " +
        "port ID. Please launch your instance one by one with different ports.",
    ),
  ],
  [
    invalid(
      "one host name for several servers",
      // Whatever nics are asked for, theirs would come before.
      both(counting(1, 2), asking({ hostname: "web", networks: undefined })),
      "Unable to allocate a single hostname to multiple instances",
    ),
  ],
  [
    invalid(
      "an unknown zone",
      asking({ availabilityZone: "elsewhere" }),
      "The requested availability zone is not available",
    ),
  ],
  [
    invalid("an unknown image", knowing({ image: undefined }), "Can not find requested image"),
  ],
  [
    invalid(
      "a disabled flavor",
      onFlavor({ disabled: true }),
      "Flavor 1 could not be found.",
    ),
  ],
  [
    invalid(
      "an unknown security group",
      asking({ securityGroups: ["default", "nosuch"] }),
      "Unable to find security_group with name or id 'nosuch'",
    ),
  ],
  [
    invalid(
      "an unknown network",
      withNic({ uuid: "network-9" }),
      "Network network-9 could not be found.",
    ),
    invalid(
      "an unknown port",
      both(counting(1), withNic({ port: "port-9" })),
      "Port id port-9 could not be found.",
    ),
    {
      why: "a port in use",
      change: both(
        counting(1),
        withNic({ port: "port-1" }),
        knowing({ ports: [{ id: "port-1", networkId: "network-1", deviceId: "server-1" }] }),
      ),
      kind: "Conflict",
      message: "Port port-1 is still in use.",
    },
    {
      why: "several networks and none named",
      change: both(
        asking({ networks: undefined }),
        knowing({ networks: [{ id: "network-1" }, { id: "network-2" }] }),
      ),
      kind: "Conflict",
      message: "More than one possible network found. Specify network ID(s) to select which " +
        "one(s) to connect to.",
    },
  ],
  [
    invalid(
      "an unknown key pair",
      both(asking({ keyName: "nosuch" }), knowing({ keyPairExists: false })),
      "Invalid key_name provided.",
    ),
  ],
  [
    invalid(
      "the name of the disk that is booted",
      both(imageRoot, withDevice({ destinationType: "volume", deviceName: "/dev/vda" })),
      "The volume cannot be assigned the same device name as the root device vda",
    ),
  ],
  [
    invalid(
      "a volume for several servers",
      both(counting(1, 2), withDevice({ sourceType: "volume", sourceId: "volume-1" })),
      "Cannot attach one or more volumes to multiple instances",
    ),
  ],
  [
    overQuota(
      "too many metadata items",
      asking({ metadata: many(129) }),
      "Maximum number of metadata items exceeds 128",
    ),
  ],
  [
    overQuota(
      "too many files",
      withFile("/etc/motd", 1, 6),
      "Personality file limit exceeded",
    ),
  ],
  [
    overQuota(
      "a file with too long a path",
      both(withFile("/", 1), withFile("p".repeat(256), 1)),
      "Personality file path exceeds maximum 255",
    ),
  ],
  [
    overQuota(
      "a file with too much in it",
      both(withFile("/etc/motd", 1), withFile("/etc/issue", 10241)),
      "Personality file content exceeds maximum 10240",
    ),
  ],
  [
    invalid(
      "an image that is not active",
      ofImage({ status: "queued" }),
      `Image ${askedImage.id} is not active.`,
    ),
  ],
  [
    invalid(
      "too little memory for the image",
      ofImage({ minRamMib: 513 }),
      "Flavor's memory is too small for requested image.",
    ),
  ],
  [
    {
      why: "a flavor without a disk",
      change: onFlavor({ diskGib: 0 }),
      kind: "Forbidden",
      message: "Only volume-backed servers are allowed for flavors with zero disk.",
    },
  ],
  [
    invalid(
      "an image larger than the disk",
      ofImage({ sizeBytes: 2 ** 30 + 1 }),
      "Flavor's disk is too small for requested image. Flavor disk is 1073741824 bytes, " +
        "image is 1073741825 bytes.",
    ),
  ],
  [
    invalid(
      "an image that wants a larger disk",
      ofImage({ minDiskGib: 2 }),
      "Flavor's disk is smaller than the minimum size specified in image metadata. " +
        "Flavor disk is 1073741824 bytes, minimum size is 2147483648 bytes.",
    ),
  ],
  [
    invalid(
      "an unknown server group",
      asking({ schedulerHints: { group: ["group-9"] } }),
      "Instance group group-9 could not be found.",
    ),
  ],
  [
    invalid(
      "an unknown host",
      asking({ hostByAttribute: true, host: "nosuch" }),
      "Compute host nosuch could not be found.",
    ),
  ],
  [
    overQuota(
      "more than the quota",
      within({ instances: 5 }, { instances: 5 }),
      "Quota exceeded for instances: Requested 1, but already used 5 of 5 instances",
    ),
  ],
  [
    invalid(
      "an unknown volume",
      withDevice({ sourceType: "volume", sourceId: "volume-9", destinationType: "volume" }),
      "Block Device Mapping is Invalid: failed to get volume volume-9.",
    ),
  ],
  [
    invalid(
      "a gap in the boot sequence",
      both(imageRoot, withDevice({ bootIndex: 2 })),
      BAD_SEQUENCE,
    ),
  ],
  [
    invalid(
      "an unknown snapshot",
      both(
        imageRoot,
        withDevice({ sourceType: "snapshot", sourceId: "snapshot-9", destinationType: "volume" }),
      ),
      "Block Device Mapping is Invalid: failed to get snapshot snapshot-9.",
    ),
    invalid(
      "a volume to be made of an image, without a size",
      both(
        imageRoot,
        withDevice({ sourceType: "image", sourceId: askedImage.id, destinationType: "volume" }),
      ),
      "Block Device Mapping is Invalid: Images with destination_type 'volume' need to have a " +
        "non-zero size specified",
    ),
    invalid(
      "a blank volume without a size",
      both(imageRoot, withDevice({ sourceType: "blank", destinationType: "volume" })),
      "Block Device Mapping is Invalid: Blank volumes (source: 'blank', dest: 'volume') need to " +
        "have non-zero size",
    ),
  ],
  [
    invalid(
      "ephemeral disks that are larger than the flavor's",
      both(imageRoot, onFlavor({ ephemeralGib: 2 }), withDevice({ sizeGib: 3 })),
      LARGE_EPHEMERAL,
    ),
    invalid(
      "an ephemeral disk beside one without a size, which is as large as the flavor's",
      both(
        imageRoot,
        onFlavor({ ephemeralGib: 2 }),
        withDevice({}),
        withDevice({ sizeGib: 1 }),
      ),
      LARGE_EPHEMERAL,
    ),
  ],
  [
    invalid(
      "two swap disks",
      both(imageRoot, withDevice({ isSwap: true }), withDevice({ isSwap: true })),
      "Block Device Mapping is Invalid: More than one swap drive requested.",
    ),
  ],
  [
    invalid(
      "swap that is larger than the flavor's",
      both(imageRoot, onFlavor({ swapMib: 64 }), withDevice({ isSwap: true, sizeGib: 128 })),
      "Swap drive requested is larger than instance type allows.",
    ),
  ],
  [
    invalid(
      "more local disks than three, the image's among them",
      both(imageRoot, withDevice({}), withDevice({}), withDevice({})),
      "Block Device Mapping is Invalid: You specified more local devices than the limit allows",
    ),
  ],
];

for (const { why, change, kind, message } of STEPS.flat()) {
  Deno.test(`a create is refused for ${why}`, () => {
    outcome(decisionOn(change)).thenRefused(kind, message);
  });
}

for (const [place, earlier] of STEPS.entries()) {
  for (const { why, change, kind, message } of earlier) {
    Deno.test(`${why} is refused before whatever Nova looks at later`, () => {
      for (const later of STEPS.slice(place + 1).flat()) {
        const decision = decisionOn(later.change, change);
        assertEquals<unknown>(decision, { rejected: kind, message }, `and not ${later.why}`);
      }
    });
  }
}

Deno.test("what one server of a batch could not have, a single one may", () => {
  const port = { id: "port-1", networkId: "network-1", deviceId: "" };
  const allowed: readonly Change[] = [
    asking({ hostname: "web" }),
    withNic({ uuid: "network-1", fixedIp: "10.0.0.7" }),
    both(withNic({ port: "port-1" }), knowing({ ports: [port] })),
  ];
  for (const change of allowed) assertEquals(isRejection(decisionOn(change)), false);
});

Deno.test("a batch that may be of one counts as several", () => {
  outcome(decisionOn(counting(1, 2), asking({ hostname: "web" }), within({ instances: 1 })))
    .thenRefused("Invalid", "Unable to allocate a single hostname to multiple instances");
});

Deno.test("several networks are no ambiguity for a server that is to have none, or names them", () => {
  const two = knowing({ networks: [{ id: "network-1" }, { id: "network-2" }] });
  assertEquals(isRejection(decisionOn(two, asking({ networks: "none" }))), false);
  assertEquals(isRejection(decisionOn(two, withNic({ uuid: "network-2" }))), false);
});

Deno.test("a fixed address that a port of the network has already is refused", () => {
  const taken = { networkId: "network-1", address: "10.0.0.7", deviceId: "server-1" };
  const asked = withNic({ uuid: "network-1", fixedIp: "10.0.0.7" });
  const there = knowing({ networks: [{ id: "network-1" }], takenAddresses: [taken] });
  outcome(decisionOn(asked, there)).thenRefused(
    "Invalid",
    "Fixed IP address 10.0.0.7 is already in use on instance server-1.",
  );
  const elsewhere = knowing({ takenAddresses: [{ ...taken, networkId: "network-2" }] });
  assertEquals(isRejection(decisionOn(asked, there, elsewhere)), false);
});

Deno.test("a port is not attached twice", () => {
  const free = { id: "port-1", networkId: "network-1", deviceId: "" };
  outcome(decisionOn(
    withNic({ port: "port-1" }),
    withNic({ port: "port-1" }),
    knowing({ ports: [free] }),
  )).thenRefused("Conflict", "Port port-1 is still in use.");
});

Deno.test("an unknown flavor is named as it was asked for", () => {
  outcome(decisionOn(asking({ flavorRef: "a b" }), knowing({ flavor: undefined })))
    .thenRefused("Invalid", "Flavor a b could not be found.");
});

Deno.test("a host is known by its name, its node, or both together", () => {
  const hosts = knowing({
    hosts: [{ host: "host-a", node: "node-a" }, { host: "host-b", node: "node-b" }],
  });
  const on = (host: string | null, node: string | null) =>
    decisionOn(hosts, asking({ hostByAttribute: true, host, node }));
  for (const [host, node] of [["host-a", null], [null, "node-b"], ["host-a", "node-a"]] as const) {
    assertEquals(isRejection(on(host, node)), false);
  }
  outcome(on(null, "nosuch")).thenRefused("Invalid", "Compute host nosuch could not be found.");
  outcome(on("host-a", "node-b")).thenRefused("Invalid", "Compute host host-a could not be found.");
});

Deno.test("a host that came with the zone is left to the scheduler", () => {
  const forced = asking({ availabilityZone: "nova", host: "nosuch" });
  assertEquals(isRejection(decisionOn(forced)), false);
});

Deno.test("an admin may boot an image on a flavor without a disk", () => {
  const byAdmin: Change = (creation) => ({ ...creation, by: admin });
  assertEquals(isRejection(decisionOn(byAdmin, onFlavor({ diskGib: 0 }))), false);
});

Deno.test("an image that just fits the flavor is booted", () => {
  const fitting = { minRamMib: 512, minDiskGib: 1, sizeBytes: 2 ** 30 };
  assertEquals(isRejection(decisionOn(ofImage(fitting))), false);
});

Deno.test("limits of -1 are none", () => {
  const unlimited = within({
    metadata_items: -1,
    injected_files: -1,
    injected_file_path_bytes: -1,
    injected_file_content_bytes: -1,
  });
  const much = [asking({ metadata: many(500) }), withFile("p".repeat(500), 50000, 50)];
  assertEquals(isRejection(decisionOn(unlimited, ...much)), false);
});

Deno.test("what just fits the limits is taken", () => {
  const much = [asking({ metadata: many(128) }), withFile("p".repeat(255), 10240, 5)];
  assertEquals(isRejection(decisionOn(...much)), false);
});

// Seen: {"block_device_mapping_v2": [{"source_type": "volume", …, "boot_index": 0}]}, no image.
Deno.test("a volume to boot from that does not exist is refused", () => {
  outcome(decisionOn(
    asking({ imageRef: null }),
    knowing({ image: undefined }),
    withDevice({
      sourceType: "volume",
      destinationType: "volume",
      sourceId: "volume-9",
      bootIndex: 0,
    }),
  )).thenRefused("Invalid", "Block Device Mapping is Invalid: failed to get volume volume-9.");
});

Deno.test("a boot sequence begins at 0, has no gap and no index twice", () => {
  const noImage = both(asking({ imageRef: null }), knowing({ image: undefined }));
  const bad: readonly Change[] = [
    withDevice({}),
    withDevice({ bootIndex: 1 }),
    both(noImage, withDevice({})),
    both(noImage, withDevice({ bootIndex: -1 })),
    both(noImage, withDevice({ bootIndex: 1 })),
    both(noImage, withDevice({ bootIndex: 0 }), withDevice({ bootIndex: 0 })),
    both(noImage, withDevice({ bootIndex: 0 }), withDevice({ bootIndex: 2 })),
    both(imageRoot, withDevice({ bootIndex: 1 }), withDevice({ bootIndex: 1 })),
  ];
  for (const change of bad) outcome(decisionOn(change)).thenRefused("Invalid", BAD_SEQUENCE);
  const good: readonly Change[] = [
    both(withDevice({ bootIndex: -1 }), asking({ bootsFromDevicesOnly: false })),
    imageRoot,
    both(imageRoot, withDevice({ bootIndex: 1 })),
    both(imageRoot, withDevice({ bootIndex: -1 })),
    both(imageRoot, withDevice({ bootIndex: 2 }), withDevice({ bootIndex: 1 })),
  ];
  for (const change of good) assertEquals(isRejection(decisionOn(change)), false);
});
