/** What comes of a create that nothing speaks against. */
import { assertEquals } from "@std/assert";
import type { Change } from "../kit/decision_create.ts";
import {
  askedFlavor,
  asking,
  counting,
  createdBy,
  decisionOn,
  device,
  idAt,
  knowing,
  ofImage,
  onFlavor,
  plain,
  within,
} from "../kit/decision_create.ts";
import { created, exampleFlavor, IMAGE, stranger } from "../kit/decision_servers.ts";
import { outcome } from "../kit/given.ts";

const ofVolume: Change = (creation) =>
  asking({
    blockDevices: [
      device({
        sourceType: "image",
        sourceId: IMAGE,
        destinationType: "volume",
        bootIndex: 0,
        sizeGib: 9,
      }),
    ],
  })(creation);

Deno.test("the plain request makes one server with every default filled in", () => {
  outcome(decisionOn()).then([{ id: idAt(0), event: created() }]);
});

Deno.test("everything that was asked for is recorded", () => {
  const asked = {
    name: "db",
    hostname: "db-host",
    description: "the database",
    metadata: { role: "db" },
    tags: ["b", "a"],
    accessIPv4: "192.0.2.7",
    accessIPv6: "2001:db8::7",
    diskConfig: "AUTO",
    configDrive: true,
    keyName: "key",
    userData: "v1.a.b" as never,
    securityGroups: ["default", "db"],
    schedulerHints: { group: ["group-1"] },
    trustedImageCertificates: ["certificate"],
  } as const;
  const [server] = createdBy(
    asking(asked),
    knowing({ securityGroups: ["default", "db"], serverGroups: ["group-1"] }),
  );
  assertEquals(server, { ...created().data, ...asked });
});

Deno.test("a server belongs to whoever asks for it", () => {
  const [server] = createdBy((creation) => ({ ...creation, by: stranger }));
  assertEquals(server?.projectId, stranger.projectId);
  assertEquals(server?.userId, stranger.userId);
});

Deno.test("whether a flavor is disabled is no part of what is remembered of it", () => {
  assertEquals(createdBy()[0]?.flavor, exampleFlavor);
  assertEquals(plain.facts.flavor, { ...exampleFlavor, disabled: false });
});

Deno.test("a batch shares its reservation; names, host names and places are numbered", () => {
  const batch = createdBy(asking({ name: "Web 1" }), counting(3));
  assertEquals(
    batch.map(({ name, hostname, launchIndex }) => ({ name, hostname, launchIndex })),
    [
      { name: "Web 1-1", hostname: "web-1-1", launchIndex: 0 },
      { name: "Web 1-2", hostname: "web-1-2", launchIndex: 1 },
      { name: "Web 1-3", hostname: "web-1-3", launchIndex: 2 },
    ],
  );
  assertEquals(new Set(batch.map(({ reservationId }) => reservationId)), new Set(["r-abcd1234"]));
});

Deno.test("each server of a batch has its own id, in order", () => {
  const decision = decisionOn(counting(3)) as readonly { readonly id: string }[];
  assertEquals(decision.map(({ id }) => id), [idAt(0), idAt(1), idAt(2)]);
});

Deno.test("a name that leaves no host name gives one of the server's id", () => {
  assertEquals(
    createdBy(asking({ name: "日本語" }), counting(2)).map((
      { name, hostname },
    ) => [name, hostname]),
    [["日本語-1", `Server-${idAt(0)}`], ["日本語-2", `Server-${idAt(1)}`]],
  );
});

// Seen: two of five fitted, and were called q-1 and q-2.
Deno.test("a batch shrinks to what there is room for", () => {
  const names = (...changes: readonly Change[]) => createdBy(...changes).map(({ name }) => name);
  const q = asking({ name: "q" });
  assertEquals(names(q, counting(1, 5), within({ instances: 5 }, { instances: 3 })), [
    "q-1",
    "q-2",
  ]);
  assertEquals(names(q, counting(2, 5), within({ cores: 7 }), onFlavor({ vcpus: 3 })), [
    "q-1",
    "q-2",
  ]);
  assertEquals(names(q, counting(1, 5), within({ ram: 1100 })), ["q-1", "q-2"]);
});

Deno.test("a batch that shrinks to one server is named like one", () => {
  const [server, ...others] = createdBy(counting(1, 5), within({ instances: 1 }));
  assertEquals([server?.name, server?.hostname, others.length], ["web", "web", 0]);
});

Deno.test("a batch that cannot shrink far enough makes no server at all", () => {
  outcome(decisionOn(counting(3, 5), within({ instances: 5 }, { instances: 3 }))).thenRefused(
    "QuotaExceeded",
    "Quota exceeded for instances: Requested 3-5, but already used 3 of 5 instances",
  );
});

Deno.test("no more servers are made than there are ids for", () => {
  const few: Change = (creation) => ({ ...creation, maxCount: 2 });
  assertEquals(createdBy(counting(1, 9), few).length, 2);
});

interface NetworkCase {
  readonly name: string;
  readonly change: Change;
  readonly networks: readonly object[];
}

const NETWORKS: readonly NetworkCase[] = [
  {
    name: "not a word about networks means the only one",
    change: asking({ networks: undefined }),
    networks: [{ networkId: "network-1" }],
  },
  {
    name: "auto means the only one",
    change: asking({ networks: "auto" }),
    networks: [{ networkId: "network-1" }],
  },
  {
    name: "an empty list means the only one",
    change: asking({ networks: [] }),
    networks: [{ networkId: "network-1" }],
  },
  {
    name: "none means none",
    change: asking({ networks: "none" }),
    networks: [],
  },
  {
    name: "where there is no network, none is given",
    change: knowing({ networks: [] }),
    networks: [],
  },
  {
    name: "nics come in the order asked for, on one network twice if need be",
    change: (creation) =>
      asking({
        networks: [
          { uuid: "network-2", tag: "nic-0" },
          { uuid: "network-1", fixedIp: "10.0.0.7" },
          { uuid: "network-2" },
        ],
      })(knowing({ networks: [{ id: "network-1" }, { id: "network-2" }] })(creation)),
    networks: [
      { networkId: "network-2", tag: "nic-0" },
      { networkId: "network-1", fixedIp: "10.0.0.7" },
      { networkId: "network-2" },
    ],
  },
  {
    name: "a port brings its network along, also one that the project could not name",
    change: (creation) =>
      asking({ networks: [{ port: "port-1", tag: "nic-0" }] })(
        knowing({ ports: [{ id: "port-1", networkId: "network-7", deviceId: "" }] })(creation),
      ),
    networks: [{ networkId: "network-7", portId: "port-1", tag: "nic-0" }],
  },
];

for (const { name, change, networks } of NETWORKS) {
  Deno.test(`networks: ${name}`, () => {
    assertEquals<unknown>(createdBy(change)[0]?.networks, networks);
  });
}

Deno.test("a requested zone and host are remembered", () => {
  const [inZone] = createdBy(asking({ availabilityZone: "nova" }));
  assertEquals([inZone?.requestedZone, inZone?.requestedHost], ["nova", null]);
  const [onHost] = createdBy(asking({ availabilityZone: "nova", host: "host-a" }));
  assertEquals([onHost?.requestedZone, onHost?.requestedHost], [
    "nova",
    { host: "host-a", node: null },
  ]);
  const [onNode] = createdBy(asking({ hostByAttribute: true, node: "node-a" }));
  assertEquals(onNode?.requestedHost, { host: null, node: "node-a" });
});

Deno.test("of an image's properties, those whose names Nova knows are kept", () => {
  const kept = {
    hw_disk_bus: "virtio",
    os_type: "linux",
    img_config_drive: "optional",
    architecture: "x86_64",
    kernel_id: "kernel",
    ramdisk_id: "ramdisk",
    root_device_name: "/dev/sda",
    owner_id: "someone",
  };
  const [server] = createdBy(ofImage({ properties: { ...kept, colour: "red", hwdisk: "x" } }));
  assertEquals(server?.image, { id: IMAGE, properties: kept });
});

Deno.test("the disk config is what was asked for, else what the image says, else MANUAL", () => {
  const image = (word: string) => ofImage({ properties: { auto_disk_config: word } });
  const diskConfig = (...changes: readonly Change[]) => createdBy(...changes)[0]?.diskConfig;
  assertEquals(diskConfig(), "MANUAL");
  for (const word of ["true", "True", "1", "yes"]) assertEquals(diskConfig(image(word)), "AUTO");
  for (const word of ["false", "0", "maybe", ""]) assertEquals(diskConfig(image(word)), "MANUAL");
  assertEquals(diskConfig(image("true"), asking({ diskConfig: "MANUAL" })), "MANUAL");
  assertEquals(diskConfig(asking({ diskConfig: "AUTO" })), "AUTO");
});

Deno.test("a server whose root is a volume needs no disk of its flavor, and keeps its image", () => {
  const [server] = createdBy(
    ofVolume,
    onFlavor({ diskGib: 0 }),
    ofImage({ minDiskGib: 9, sizeBytes: 2 ** 40 }),
  );
  const image = { id: IMAGE, properties: {} };
  assertEquals(server?.image, image);
  assertEquals(server?.boot, {
    isVolumeBacked: true,
    minRamMib: 0,
    minDiskGib: 9,
    volumeImage: image,
  });
  assertEquals(server?.flavor.diskGib, 0);
});

Deno.test("a server whose root is a volume needs the image's memory all the same", () => {
  outcome(decisionOn(ofVolume, ofImage({ minRamMib: askedFlavor.ramMib + 1 }))).thenRefused(
    "Invalid",
    "Flavor's memory is too small for requested image.",
  );
});

Deno.test("what files were to contain is sealed, and how long it was is not remembered", () => {
  const contents = "v1.a.b" as never;
  const [server] = createdBy(
    asking({ personality: [{ path: "/etc/motd", contents, contentLength: 3 }] }),
  );
  assertEquals(server?.personality, [{ path: "/etc/motd", contents }]);
});
