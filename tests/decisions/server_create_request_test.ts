/** Bodies of POST /servers, read into what a create asks for. */
import { assert, assertEquals } from "@std/assert";
import type { CreateRequest } from "../../src/compute/servers/decide/mod.ts";
import type { BlockDevice } from "../../src/compute/servers/events.ts";
import { type ReadCreate, readCreate } from "../../src/compute/servers/requests.ts";
import { createSchema } from "../../src/compute/servers/schemas.ts";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import type { Minor } from "../../src/http/microversions.ts";
import { bodyProblem } from "../../src/http/schema.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import { device } from "../kit/decision_create.ts";
import { ID, IMAGE } from "../kit/decision_servers.ts";

const VOLUME = "99999999-aaaa-4bbb-8ccc-dddddddddddd";

const seal = (text: string) => `sealed ${text}` as Sealed;

/** Reads a body that its schema lets through: the plain one, with these fields of `server`. */
function outcomeOf(fields: object, minor: Minor, beside: object = {}) {
  const server = {
    name: "web",
    flavorRef: "1",
    imageRef: IMAGE,
    ...(minor >= 37 && { networks: "none" }),
    ...fields,
  };
  // As JSON, so that what is undefined is absent.
  const body = JSON.parse(JSON.stringify({ server, ...beside }));
  assertEquals(bodyProblem(createSchema(minor), body), undefined, "a body that is valid");
  return readCreate(body, minor, seal);
}

function read(fields: object = {}, minor: Minor = 90, beside: object = {}): ReadCreate {
  const outcome = outcomeOf(fields, minor, beside);
  assert(!isRejection(outcome));
  return outcome;
}

const asked = (fields: object, minor?: Minor, beside?: object): CreateRequest =>
  read(fields, minor, beside).asked;

function assertRefused(fields: object, minor: Minor, message: string): void {
  assertEquals<unknown>(outcomeOf(fields, minor), { rejected: "Invalid", message });
}

Deno.test("the least that can be asked for", () => {
  assertEquals(read({}, 1), {
    minCount: 1,
    maxCount: 1,
    returnReservationId: false,
    adminPass: undefined,
    securityGroups: [{ name: "default" }],
    forcesHost: false,
    asked: {
      name: "web",
      hostname: undefined,
      description: "web",
      flavorRef: "1",
      imageRef: IMAGE,
      metadata: {},
      tags: [],
      accessIPv4: null,
      accessIPv6: null,
      diskConfig: undefined,
      configDrive: false,
      keyName: null,
      userData: null,
      personality: [],
      availabilityZone: null,
      host: null,
      node: null,
      hostByAttribute: false,
      networks: undefined,
      securityGroups: ["default"],
      blockDevices: [],
      bootsFromDevicesOnly: false,
      schedulerHints: {},
      trustedImageCertificates: null,
    },
  });
});

Deno.test("what is asked for is read as it was sent", () => {
  const fields = {
    hostname: "db-host",
    description: "the database",
    metadata: { role: "db" },
    tags: ["b", "a"],
    accessIPv4: "192.0.2.7",
    trusted_image_certificates: ["certificate"],
  };
  const { trusted_image_certificates, ...same } = fields;
  assertEquals(
    asked({ ...fields, "OS-DCF:diskConfig": "AUTO", key_name: "key" }),
    {
      ...asked({}),
      ...same,
      trustedImageCertificates: trusted_image_certificates,
      diskConfig: "AUTO",
      keyName: "key",
    },
  );
});

Deno.test("up to 2.18 a server's description is its name; from 2.19 it is null unless given", () => {
  assertEquals(asked({}, 18).description, "web");
  assertEquals(asked({}, 19).description, null);
  assertEquals(asked({ description: null }, 19).description, null);
  assertEquals(asked({ description: "text" }, 19).description, "text");
});

const FLAVOR_REFS: readonly (readonly [unknown, string])[] = [
  ["1", "1"],
  [1, "1"],
  ["http://cloud/v2.1/flavors/m1.tiny", "m1.tiny"],
  ["http://cloud/v2.1/project/flavors/7", "7"],
  ["a b", "a b"],
];
for (const [flavorRef, id] of FLAVOR_REFS) {
  Deno.test(`flavorRef ${JSON.stringify(flavorRef)} means the flavor ${id}`, () => {
    assertEquals(asked({ flavorRef }).flavorRef, id);
  });
}

const COUNTS: readonly (readonly [object, number, number])[] = [
  [{}, 1, 1],
  [{ min_count: 2 }, 2, 2],
  [{ max_count: 3 }, 1, 3],
  [{ min_count: "2", max_count: "3" }, 2, 3],
  [{ min_count: "10", max_count: 10 }, 10, 10],
];
for (const [fields, minCount, maxCount] of COUNTS) {
  Deno.test(`${JSON.stringify(fields)} asks for ${minCount} to ${maxCount} servers`, () => {
    const { minCount: min, maxCount: max } = read(fields);
    assertEquals([min, max], [minCount, maxCount]);
  });
}

Deno.test("a least that is over the most is refused before all else", () => {
  const message = "min_count must be <= max_count";
  assertRefused({ min_count: 3, max_count: 2 }, 90, message);
  assertRefused({ min_count: "10", max_count: "9", availability_zone: "a:b:c:d" }, 90, message);
});

Deno.test("booleans come as words too", () => {
  for (const word of [true, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"]) {
    const { returnReservationId, asked } = read({
      return_reservation_id: word,
      config_drive: word,
    });
    assertEquals([returnReservationId, asked.configDrive], [true, true]);
  }
  for (const word of [false, "False", "FALSE", "false", "0", "OFF", "off", "NO", "no"]) {
    const { returnReservationId, asked } = read({
      return_reservation_id: word,
      config_drive: word,
    });
    assertEquals([returnReservationId, asked.configDrive], [false, false]);
  }
});

Deno.test("a password is the one given, also an empty one", () => {
  assertEquals(read({ adminPass: "secret" }).adminPass, "secret");
  assertEquals(read({ adminPass: "" }).adminPass, "");
});

Deno.test("secrets are sealed at once; how long a file was is kept for the quota", () => {
  assertEquals(asked({ user_data: "YQ==" }).userData, seal("YQ=="));
  assertEquals(
    asked({ personality: [{ path: "/etc/motd", contents: "aGk=" }] }, 56).personality,
    [{ path: "/etc/motd", contents: seal("aGk="), contentLength: 4 }],
  );
});

Deno.test("a file needs a path and contents", () => {
  for (const [part, missing] of [["path", "contents"], ["contents", "path"]] as const) {
    const personality = [{ path: "/etc/motd", contents: "aGk=" }, { [part]: "aGk=" }];
    assertRefused({ personality }, 56, `Bad personality format: missing '${missing}'`);
  }
});

Deno.test("an IPv6 access address is kept in its canonical form", () => {
  assertEquals(asked({ accessIPv6: "2001:0DB8:0:0::0007" }).accessIPv6, "2001:db8::7");
});

Deno.test("certificates may be null", () => {
  assertEquals(asked({ trusted_image_certificates: null }, 63).trustedImageCertificates, null);
});

Deno.test("security groups are echoed as sent, and meant as a set that is never empty", () => {
  const groups = (fields: object) => {
    const { securityGroups, asked } = read(fields);
    return [securityGroups, asked.securityGroups];
  };
  const twice = [{ name: "a" }, { name: "b" }, { name: "a" }];
  assertEquals(groups({}), [[{ name: "default" }], ["default"]]);
  assertEquals(groups({ security_groups: [] }), [[], ["default"]]);
  assertEquals(groups({ security_groups: twice }), [twice, ["a", "b"]]);
});

type Place = Pick<CreateRequest, "availabilityZone" | "host" | "node" | "hostByAttribute">;
const nowhere: Place = { availabilityZone: null, host: null, node: null, hostByAttribute: false };

/** Where a server is to go, and whether that forces a host. */
const PLACES: readonly (readonly [object, Partial<Place>, boolean])[] = [
  [{ availability_zone: "nova" }, { availabilityZone: "nova" }, false],
  [{ availability_zone: "nova:a" }, { availabilityZone: "nova", host: "a" }, true],
  [{ availability_zone: "nova:a:n" }, { availabilityZone: "nova", host: "a", node: "n" }, true],
  [{ availability_zone: "nova::n" }, { availabilityZone: "nova", node: "n" }, true],
  [{ availability_zone: ":a" }, { host: "a" }, true],
  [{ availability_zone: "::n" }, { node: "n" }, true],
  [{ availability_zone: "nova:" }, { availabilityZone: "nova" }, false],
  [{ host: "a" }, { host: "a", hostByAttribute: true }, false],
  [{ hypervisor_hostname: "n" }, { node: "n", hostByAttribute: true }, false],
  [
    { host: "a", hypervisor_hostname: "n", availability_zone: "nova" },
    { availabilityZone: "nova", host: "a", node: "n", hostByAttribute: true },
    false,
  ],
];
for (const [fields, place, forces] of PLACES) {
  Deno.test(`${JSON.stringify(fields)} says where to go`, () => {
    const { forcesHost, asked: { availabilityZone, host, node, hostByAttribute } } = read(fields);
    assertEquals({ availabilityZone, host, node, hostByAttribute }, { ...nowhere, ...place });
    assertEquals(forcesHost, forces);
  });
}

Deno.test("a zone of more than three parts is refused", () => {
  for (const zone of ["a:b:c:d", ":::", "a::b:c"]) {
    assertRefused(
      { availability_zone: zone },
      90,
      "Invalid input received: Unable to parse availability_zone",
    );
  }
});

Deno.test("a host is named in one place only", () => {
  for (const zone of ["nova:a", "nova::n"]) {
    for (const fields of [{ host: "b" }, { hypervisor_hostname: "m" }]) {
      assertRefused(
        { ...fields, availability_zone: zone },
        74,
        "One mechanism with host and/or hypervisor_hostname and another mechanism with " +
          "zone:host:node are mutually exclusive.",
      );
    }
  }
});

Deno.test("an image is needed unless a device is given", () => {
  const missing = "Missing imageRef attribute";
  assertRefused({ imageRef: undefined }, 90, missing);
  assertRefused({ imageRef: "" }, 90, missing);
  assertRefused(
    { imageRef: "", block_device_mapping_v2: [], block_device_mapping: [] },
    90,
    missing,
  );
  const block_device_mapping_v2 = [{ source_type: "volume", uuid: VOLUME, boot_index: 0 }];
  assertEquals(asked({ imageRef: "", block_device_mapping_v2 }).imageRef, null);
  assertEquals(asked({ imageRef: undefined, block_device_mapping_v2 }).imageRef, null);
});

const DEVICES: readonly (readonly [object, Partial<BlockDevice>])[] = [
  [{ source_type: "blank", volume_size: 5 }, { sizeGib: 5 }],
  [
    {
      source_type: "blank",
      destination_type: "volume",
      volume_size: "7",
      volume_type: "fast",
      device_name: "/dev/vdb",
      delete_on_termination: "true",
      boot_index: "-1",
      tag: "data",
    },
    {
      destinationType: "volume",
      sizeGib: 7,
      volumeType: "fast",
      deviceName: "/dev/vdb",
      deleteOnTermination: true,
      bootIndex: -1,
      tag: "data",
    },
  ],
  [
    { source_type: "blank", destination_type: "local", guest_format: "swap", volume_size: 64 },
    { sourceType: "blank", destinationType: "local", sizeGib: 64, isSwap: true },
  ],
  [
    { source_type: "image", uuid: IMAGE, boot_index: 0 },
    { sourceType: "image", sourceId: IMAGE, bootIndex: 0 },
  ],
  [
    { source_type: "volume", uuid: VOLUME, boot_index: null, volume_type: null },
    { sourceType: "volume", destinationType: "volume", sourceId: VOLUME },
  ],
  [
    { source_type: "snapshot", uuid: VOLUME, delete_on_termination: false },
    { sourceType: "snapshot", destinationType: "volume", sourceId: VOLUME },
  ],
];
for (const [fields, expected] of DEVICES) {
  Deno.test(`the device ${JSON.stringify(fields)}`, () => {
    assertEquals(asked({ block_device_mapping_v2: [fields] }).blockDevices, [device(expected)]);
  });
}

Deno.test("devices in the form of before 2013 are volumes and snapshots, booted from by their name", () => {
  const block_device_mapping = [
    { device_name: "vda", volume_id: VOLUME, delete_on_termination: "1" },
    { device_name: "vdb", snapshot_id: ID, volume_size: "9" },
  ];
  assertEquals(asked({ imageRef: "", block_device_mapping }, 1).blockDevices, [
    device({
      sourceType: "volume",
      destinationType: "volume",
      sourceId: VOLUME,
      bootIndex: 0,
      deviceName: "vda",
      deleteOnTermination: true,
    }),
    device({
      sourceType: "snapshot",
      destinationType: "volume",
      sourceId: ID,
      bootIndex: -1,
      deviceName: "vdb",
      sizeGib: 9,
    }),
  ]);
});

Deno.test("beside devices in the newer form an image is booted only if one of them says so", () => {
  const block_device_mapping = [{ device_name: "vdb", volume_id: VOLUME }];
  const block_device_mapping_v2 = [{ source_type: "volume", uuid: VOLUME }];
  for (
    const [fields, devicesOnly] of [
      [{}, false],
      [{ block_device_mapping_v2: [] }, false],
      [{ block_device_mapping }, false],
      [{ block_device_mapping_v2 }, true],
    ] as const
  ) {
    assertEquals(asked(fields).bootsFromDevicesOnly, devicesOnly);
  }
});

Deno.test("a device that cannot be is refused for what it says", () => {
  const image = { source_type: "image", uuid: IMAGE, destination_type: "local" };
  const rows: readonly (readonly [fields: object, details: string, imageRef?: string])[] = [
    [{ source_type: "blank", uuid: VOLUME }, "Invalid device UUID."],
    [{ ...image, boot_index: 1 }, "Mapping image to local is not supported."],
    [{ ...image, boot_index: null }, "Mapping image to local is not supported."],
    [{ ...image, boot_index: 0 }, "Mapping image to local is not supported.", ""],
    [
      { source_type: "blank", destination_type: "local", volume_type: "fast" },
      "Specifying a volume_type with destination_type=local is not supported.",
    ],
    [
      { source_type: "volume", uuid: VOLUME, volume_type: "fast" },
      "Specifying volume type to existing volume is not supported.",
    ],
  ];
  for (const [device, details, imageRef = IMAGE] of rows) {
    assertRefused(
      { imageRef, block_device_mapping_v2: [device] },
      90,
      `Block Device Mapping is Invalid: ${details}`,
    );
  }
  assertEquals(
    asked({ block_device_mapping_v2: [{ ...image, boot_index: "0" }] }).blockDevices.length,
    1,
  );
});

Deno.test("the two forms of devices do not mix, unless one list is empty", () => {
  const block_device_mapping = [{ device_name: "vda", volume_id: VOLUME }];
  const block_device_mapping_v2 = [{ source_type: "blank" }];
  assertRefused(
    { block_device_mapping, block_device_mapping_v2 },
    90,
    "Using different block_device_mapping syntaxes is not allowed in the same request.",
  );
  assertEquals(asked({ block_device_mapping: [], block_device_mapping_v2 }).blockDevices.length, 1);
  assertEquals(asked({ block_device_mapping, block_device_mapping_v2: [] }).blockDevices.length, 1);
});

Deno.test("a device that is not blank needs an id", () => {
  for (const source_type of ["image", "volume", "snapshot"]) {
    assertRefused(
      { block_device_mapping_v2: [{ source_type: "blank" }, { source_type }] },
      90,
      "Block Device Mapping is Invalid: Missing device UUID.",
    );
  }
});

const NIC = { uuid: undefined, port: undefined, fixedIp: undefined, tag: undefined };

const NETWORKS: readonly (readonly [unknown, Minor, unknown])[] = [
  [undefined, 1, undefined],
  [[], 1, []],
  ["auto", 37, "auto"],
  ["none", 37, "none"],
  [[{ uuid: ID }], 1, [{ ...NIC, uuid: ID }]],
  [[{ uuid: ID.replaceAll("-", "") }], 1, [{ ...NIC, uuid: ID.replaceAll("-", "") }]],
  [[{ uuid: ID, fixed_ip: "10.0.0.7" }], 37, [{ ...NIC, uuid: ID, fixedIp: "10.0.0.7" }]],
  [[{ port: ID, tag: "nic" }], 42, [{ ...NIC, port: ID, tag: "nic" }]],
  [[{ uuid: ID, port: null }], 37, [{ ...NIC, uuid: ID }]],
  [[{ uuid: ID }, { uuid: ID }], 37, [{ ...NIC, uuid: ID }, { ...NIC, uuid: ID }]],
  // A port says which network it is on; what else is said does not count.
  [[{ uuid: "no uuid", port: ID }], 36, [{ ...NIC, uuid: "no uuid", port: ID }]],
];
for (const [networks, minor, expected] of NETWORKS) {
  Deno.test(`networks ${JSON.stringify(networks)} at 2.${minor}`, () => {
    assertEquals<unknown>(asked({ networks }, minor).networks, expected);
  });
}

const BAD_NETWORKS: readonly (readonly [object, Minor, string])[] = [
  [[{}], 1, "Bad network format: missing 'uuid'"],
  [[{ port: null }], 90, "Bad network format: missing 'uuid'"],
  [
    [{ uuid: ID }, { uuid: "abc" }],
    36,
    "Bad networks format: network uuid is not in proper format (abc)",
  ],
  [
    [{ uuid: `br-${ID}` }],
    1,
    `Bad networks format: network uuid is not in proper format (br-${ID})`,
  ],
  [
    [{ uuid: `${ID}0` }],
    1,
    `Bad networks format: network uuid is not in proper format (${ID}0)`,
  ],
  [
    [{ port: ID, fixed_ip: "10.0.0.7" }],
    90,
    `Specified Fixed IP '10.0.0.7' cannot be used with port '${ID}': the two cannot be specified ` +
    "together.",
  ],
  [
    [{ port: ID }, { uuid: VOLUME }, { port: ID }],
    90,
    `Port ID '${ID}' was specified twice: you cannot attach a port multiple times.`,
  ],
  [
    [{ port: ID }, { port: ID, fixed_ip: "10.0.0.7" }],
    90,
    `Port ID '${ID}' was specified twice: you cannot attach a port multiple times.`,
  ],
];
for (const [networks, minor, message] of BAD_NETWORKS) {
  Deno.test(`networks ${JSON.stringify(networks)} at 2.${minor} are refused`, () => {
    assertRefused({ networks }, minor, message);
  });
}

Deno.test("scheduler hints become lists of texts", () => {
  const hints = {
    group: ID,
    different_host: [ID, VOLUME],
    build_near_host_ip: "10.0.0.7",
    number: 5,
    mixed: ["a", 5],
    empty: [],
  };
  assertEquals(asked({}, 90, { "os:scheduler_hints": hints }).schedulerHints, {
    group: [ID],
    different_host: [ID, VOLUME],
    build_near_host_ip: ["10.0.0.7"],
    number: ["5"],
    mixed: ["a", "5"],
    empty: [],
  });
});

Deno.test("hints that begin with _nova are dropped", () => {
  const hints = { _nova_check_type: "rebuild", _nova: "x", _other: "y" };
  assertEquals(asked({}, 90, { "os:scheduler_hints": hints }).schedulerHints, { _other: ["y"] });
});

Deno.test("of the two names for hints the newer counts, even when it is empty", () => {
  const old = { "OS-SCH-HNT:scheduler_hints": { group: ID } };
  assertEquals(asked({}, 90, old).schedulerHints, { group: [ID] });
  assertEquals(asked({}, 90, { ...old, "os:scheduler_hints": {} }).schedulerHints, {});
});
