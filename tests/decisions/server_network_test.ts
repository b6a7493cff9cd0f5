/** What Nova looks at before the network service acts for a server, and what other services tell. */
import { assertEquals } from "@std/assert";
import {
  fixedAddressFor,
  type GroupedPort,
  joinGroup,
  leaveGroup,
  loseInterface,
  recordFixedIpFailure,
  recordVolumeExtended,
  refuseFixedIpChange,
  updateServerPower,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import {
  admin,
  built,
  created,
  given,
  ID,
  LIVING,
  networked,
  owner,
  scheduled,
  stranger,
} from "../kit/decision_servers.ts";

const there = given(created(), ...built());
const stopped: readonly ServerEvent[] = [
  { type: "ServerStopRequested", data: {} },
  { type: "ServerStopped", data: {} },
];
const locked: ServerEvent = { type: "ServerLocked", data: { lockedBy: "owner" } };
const deleted: ServerEvent = { type: "ServerDeleted", data: {} };
const invalid = (message: string) => ({ rejected: "Invalid", message });

Deno.test("fixed addresses change in every state of a server on a host", () => {
  for (const vmState of LIVING) {
    assertEquals(refuseFixedIpChange(ID, there.but({ vmState }).state, owner), undefined);
  }
});

Deno.test("fixed addresses: not of others, not of what is locked, not without a host; in that order", () => {
  const nowhere = given(created(), locked);
  const missing = { rejected: "NotFound", message: `Instance ${ID} could not be found.` };
  const isLocked = { rejected: "Conflict", message: `Instance ${ID} is locked` };
  const notReady = { rejected: "Conflict", message: `Instance ${ID} is not ready` };
  const refusal = (server: typeof there, by = owner) =>
    refuseFixedIpChange(ID, server.state, by) as unknown;
  assertEquals(refusal(nowhere, stranger), missing);
  assertEquals(refusal(nowhere), isLocked);
  assertEquals(refusal(nowhere, admin), notReady);
  assertEquals(refusal(given(created(), ...built(), locked), admin), undefined);
  assertEquals(refusal(given(created(), ...built(), deleted)), missing);
});

Deno.test("a fixed address that cannot be had is the server's fault, while it is there", () => {
  const message = "Network could not be found.";
  there.when((server) => recordFixedIpFailure(server, message)).then([
    { type: "ServerFixedIpChangeFailed", data: { fault: { code: 404, message } } },
  ]);
  given(created(), ...built(), deleted)
    .when((server) => recordFixedIpFailure(server, message)).thenNothing();
});

Deno.test("a floating IP leads to the address that is named, or to the first of IPv4", () => {
  const asked = { id: "as-asked", address: "172.24.4.9", fixedAddress: undefined };
  const find = (fixedAddress?: string) =>
    fixedAddressFor({ ...asked, fixedAddress }, there.state) as unknown;
  assertEquals(find(), "10.0.0.5");
  assertEquals(find("fd00::5"), "fd00::5");
  assertEquals(find("10.0.0.6"), invalid("Specified fixed address not assigned to instance"));
});

Deno.test("a floating IP leads to no server without an address of IPv4", () => {
  const asked = { id: "as-asked", address: "172.24.4.9", fixedAddress: undefined };
  const port = { id: "p", networkId: "n", networkName: "private", macAddress: "fa:16:3e:00:00:02" };
  const only = (address: string) => [{ address, subnetId: "s" }];
  const find = (...events: readonly ServerEvent[]) =>
    fixedAddressFor(asked, given(created(), ...events).state) as unknown;
  assertEquals(find(), invalid("Instance network is not ready yet"));
  assertEquals(
    find(scheduled(), networked([{ ...port, fixedIps: [] }])),
    invalid("No fixed IPs associated to instance"),
  );
  assertEquals(
    find(scheduled(), networked([{ ...port, fixedIps: only("fd00::1") }])),
    invalid(
      "Unable to associate floating IP 172.24.4.9 to any fixed IPs for instance as-asked. " +
        "Instance has no fixed IPv4 addresses to associate.",
    ),
  );
});

const plainPort: GroupedPort = {
  id: "one",
  fixedIps: ["10.0.0.5"],
  isPortSecurityEnabled: true,
  securityGroups: [{ id: "default" }],
};
const webPort = { ...plainPort, id: "two", securityGroups: [{ id: "web" }, { id: "default" }] };

Deno.test("a group is added to the ports that are not in it", () => {
  assertEquals<unknown>(joinGroup(ID, [plainPort, webPort], "web"), [
    { portId: "one", groupIds: ["default", "web"] },
  ]);
  assertEquals<unknown>(joinGroup(ID, [webPort], "web"), []);
});

Deno.test("a group is added to no port without addresses or without security", () => {
  const refused = invalid(
    "Network requires port_security_enabled and subnet associated in order to apply security " +
      "groups.",
  );
  for (const port of [{ fixedIps: [] }, { isPortSecurityEnabled: false }]) {
    assertEquals<unknown>(joinGroup(ID, [plainPort, { ...webPort, ...port }], "web"), refused);
  }
});

Deno.test("a group is taken from the ports that are in it; from none is an error", () => {
  const group = { id: "web", asked: "by-name" };
  assertEquals<unknown>(leaveGroup(ID, [plainPort, webPort], group), [
    { portId: "two", groupIds: ["default"] },
  ]);
  assertEquals<unknown>(leaveGroup(ID, [plainPort], group), {
    rejected: "NotFound",
    message: `Security group by-name not associated with the instance ${ID}`,
  });
});

Deno.test("a server without ports is in no group", () => {
  const none = {
    rejected: "NotFound",
    message: `instance_id ${ID} could not be found as device id on any ports`,
  };
  assertEquals<unknown>(joinGroup(ID, [], "web"), none);
  assertEquals<unknown>(leaveGroup(ID, [], { id: "web", asked: "web" }), none);
});

const power = (power: "on" | "off") => ({ type: "UpdateServerPower", power }) as const;

Deno.test("power: a server at rest follows its machine, locked or not", () => {
  given(created(), ...built(), locked).when((server) => updateServerPower(power("off"), server))
    .then([{ type: "ServerPowerOffReported", data: {} }]);
  given(created(), ...built(), ...stopped).when((server) => updateServerPower(power("on"), server))
    .then([{ type: "ServerPowerOnReported", data: {} }]);
});

Deno.test("power: anything else is a record and no more", () => {
  const ignored = (to: "on" | "off") => [
    { type: "ServerPowerUpdateIgnored", data: { power: to } } as const,
  ];
  for (const vmState of LIVING) {
    const server = there.but({ vmState });
    if (vmState !== "active") {
      server.when((now) => updateServerPower(power("off"), now)).then(ignored("off"));
    }
    // Of a stopped server as well: its machine runs.
    server.when((now) => updateServerPower(power("on"), now)).then(ignored("on"));
  }
  there.but({ taskState: "rebooting" }).when((now) => updateServerPower(power("off"), now))
    .then(ignored("off"));
  given(created(), ...built(), deleted).when((now) => updateServerPower(power("on"), now))
    .thenNothing();
});

Deno.test("a volume that has grown is noted, whether the server has it or not", () => {
  const command = { type: "RecordVolumeExtended", volumeId: "v" } as const;
  there.when((server) => recordVolumeExtended(command, server)).then([
    { type: "ServerVolumeExtended", data: { volumeId: "v" } },
  ]);
  for (const server of [given(created(), ...built(), deleted), given(created())]) {
    server.when((now) => recordVolumeExtended(command, now)).thenNothing();
  }
});

Deno.test("a port that is no more is lost once, and by the server that has it", () => {
  const lose = (portId: string) => ({ type: "LoseInterface", portId }) as const;
  there.when((server) => loseInterface(lose("port-1"), server)).then([
    { type: "ServerInterfaceLost", data: { portId: "port-1" } },
  ]);
  there.when((server) => loseInterface(lose("port-2"), server)).thenNothing();
  const detaching: ServerEvent = {
    type: "ServerInterfaceDetachRequested",
    data: { portId: "port-1" },
  };
  const lost: ServerEvent = { type: "ServerInterfaceLost", data: { portId: "port-1" } };
  for (const before of [detaching, lost, deleted]) {
    given(created(), ...built(), before)
      .when((server) => loseInterface(lose("port-1"), server)).thenNothing();
  }
  there.but({ taskState: "deleting" })
    .when((server) => loseInterface(lose("port-1"), server)).thenNothing();
});
