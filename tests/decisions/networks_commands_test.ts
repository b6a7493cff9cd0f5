import { assertEquals } from "@std/assert";
import type { RejectionKind } from "../../src/eventsourcing/decider.ts";
import {
  associate,
  type FloatingIpEvent,
  updateFloatingIp,
} from "../../src/facades/networks/floating_ips/decider.ts";
import { floatingIps } from "../../src/facades/networks/floating_ips/projection.ts";
import {
  createNetwork,
  deleteNetwork,
  type NetworkEvent,
  updateNetwork,
} from "../../src/facades/networks/networks/decider.ts";
import { networks } from "../../src/facades/networks/networks/projection.ts";
import {
  bindPort,
  deletePort,
  type Port,
  type PortEvent,
  type PortFacts,
  releasePort,
  updatePort,
} from "../../src/facades/networks/ports/decider.ts";
import { matchNics } from "../../src/facades/networks/ports/match_nics.ts";
import { ports } from "../../src/facades/networks/ports/projection.ts";
import {
  type Quota,
  refuseOverQuota,
  resetLimits,
  setLimits,
} from "../../src/facades/networks/quotas/decider.ts";
import type { NeutronRejection } from "../../src/facades/networks/refusals.ts";
import {
  defaultGroupId,
  deleteSecurityGroup,
  ensureDefaultGroup,
  type RuleFacts,
  type SecurityGroupEvent,
  updateSecurityGroup,
} from "../../src/facades/networks/security_groups/decider.ts";
import { securityGroups } from "../../src/facades/networks/security_groups/projection.ts";
import { addRule, removeRule } from "../../src/facades/networks/security_groups/rules.ts";
import { givenOf } from "../kit/given.ts";

const network = givenOf(networks);
const port = givenOf(ports);
const group = givenOf(securityGroups);
const floatingIp = givenOf(floatingIps);

function refused(decision: unknown, rejected: RejectionKind, type: string): void {
  const { rejected: kind, type: name } = decision as NeutronRejection;
  assertEquals([kind, name], [rejected, type]);
}

const networkCreated = {
  type: "NetworkCreated",
  data: {
    name: "n",
    description: "",
    projectId: "project-1",
    adminStateUp: true,
    isShared: true,
    isExternal: true,
    portSecurityEnabled: true,
    mtu: 1500,
    tags: [],
  },
} as const satisfies NetworkEvent;

Deno.test("CreateNetwork, and not twice", () => {
  const command = { type: "CreateNetwork", id: "n", network: networkCreated.data } as const;
  network().when((state) => createNetwork(command, state)).then([networkCreated]);
  refused(createNetwork(command, network(networkCreated).state), "Conflict", "NetworkInUse");
});

Deno.test("UpdateNetwork records what differs, and refuses what would break others", () => {
  const update = (changes: Parameters<typeof updateNetwork>[0]["changes"], facts: object = {}) =>
    updateNetwork({
      type: "UpdateNetwork",
      id: "n",
      changes,
      isUsedByOthers: false,
      hasGateways: false,
      subnetVersions: [],
      ...facts,
    }, network(networkCreated).state);
  assertEquals(update({ name: "m", mtu: 1500, description: undefined }), [
    { type: "NetworkUpdated", data: { name: "m" } },
  ]);
  assertEquals(update({ name: "n" }), []);
  refused(
    update({ isShared: false }, { isUsedByOthers: true }),
    "Conflict",
    "InvalidSharedSetting",
  );
  refused(update({ isExternal: false }, { hasGateways: true }), "Conflict", "ExternalNetworkInUse");
  refused(
    update({ mtu: 1279 }, { subnetVersions: [4, 6] }),
    "Conflict",
    "NetworkMTUSubnetConflict",
  );
  assertEquals(update({ mtu: 68 }, { subnetVersions: [4] }), [
    { type: "NetworkUpdated", data: { mtu: 68 } },
  ]);
});

Deno.test("DeleteNetwork names the ports that are in the way", () => {
  assertEquals(deleteNetwork({ type: "DeleteNetwork", id: "n", portIds: [] }), [
    { type: "NetworkDeleted", data: {} },
  ]);
  assertEquals(deleteNetwork({ type: "DeleteNetwork", id: "n", portIds: ["a", "b"] }), {
    rejected: "Conflict",
    type: "NetworkInUse",
    message:
      "Unable to complete operation on network n. There are one or more ports still in use " +
      "on the network, id for these ports is: a,b.",
  });
});

const PORT: PortFacts = {
  name: "",
  description: "",
  projectId: "project-1",
  networkId: "n",
  macAddress: "fa:16:3e:00:00:01",
  adminStateUp: true,
  deviceId: "",
  deviceOwner: "",
  fixedIps: [{ subnetId: "s", address: "10.0.0.2" }],
  securityGroups: [],
  portSecurityEnabled: true,
  allowedAddressPairs: [],
  extraDhcpOpts: [],
  host: "",
  vnicType: "normal",
  bindingProfile: {},
  tags: [],
  isMadeForServer: false,
};

const portCreated: PortEvent = { type: "PortCreated", data: PORT };
const madeForServer: PortEvent = {
  type: "PortCreated",
  data: { ...PORT, deviceId: "server-1", host: "h", isMadeForServer: true },
};
const bound: PortEvent = {
  type: "PortBound",
  data: { deviceId: "server-1", deviceOwner: "compute:nova", host: "h" },
};

Deno.test("BindPort gives a free port to a server, once, and on another host again", () => {
  const bind = (host: string, serverId = "server-1") => (state: Port) =>
    bindPort({ type: "BindPort", id: "p", serverId, deviceOwner: "compute:nova", host }, state);
  port(portCreated).when(bind("h")).then([bound]);
  port(portCreated, bound).when(bind("h")).thenNothing();
  port(portCreated, bound).when(bind("h2")).then([{
    type: "PortBound",
    data: { deviceId: "server-1", deviceOwner: "compute:nova", host: "h2" },
  }]);
  refused(bind("h", "server-2")(port(portCreated, bound).state), "Conflict", "PortInUse");
  refused(bind("h")(port().state), "NotFound", "PortNotFound");
});

Deno.test("ReleasePort deletes what was made for a server, and frees what was there", () => {
  port(madeForServer).when(releasePort).then([{ type: "PortDeleted", data: {} }]);
  port(portCreated, bound).when(releasePort).then([{ type: "PortUnbound", data: {} }]);
  port(portCreated).when(releasePort).thenNothing();
  port(madeForServer, { type: "PortDeleted", data: {} }).when(releasePort).thenNothing();
});

Deno.test("UpdatePort", () => {
  const update = (changes: Partial<PortFacts>, facts: object = {}, given = port(portCreated)) =>
    updatePort(
      { type: "UpdatePort", id: "p", changes, isMacTaken: false, floated: [], ...facts },
      given.state,
    );
  assertEquals(update({ name: "x" }), [{ type: "PortUpdated", data: { name: "x" } }]);
  assertEquals(update({ fixedIps: PORT.fixedIps }), []);
  const macAddress = "fa:16:3e:00:00:02";
  assertEquals(update({ macAddress }), [{ type: "PortUpdated", data: { macAddress } }]);
  refused(update({ macAddress }, { isMacTaken: true }), "Conflict", "MacAddressInUse");
  refused(update({ macAddress }, {}, port(portCreated, bound)), "Conflict", "PortBound");
  refused(update({ fixedIps: [] }, { floated: ["10.0.0.2"] }), "Invalid", "BadRequest");
  refused(
    update({ portSecurityEnabled: false }, {}, port(portCreated).but({ securityGroups: ["g"] })),
    "Conflict",
    "PortSecurityPortHasSecurityGroup",
  );
});

Deno.test("DeletePort spares the ports of routers and floating IPs", () => {
  assertEquals(deletePort("p", port(portCreated).state), [{ type: "PortDeleted", data: {} }]);
  for (const deviceOwner of ["network:router_interface", "network:floatingip"]) {
    const state = port(portCreated).but({ deviceOwner }).state;
    refused(deletePort("p", state), "Conflict", "ServicePortInUse");
  }
});

Deno.test("nics find the ports that were made for them", () => {
  const made = (id: string, networkId: string, address: string) => ({
    id,
    version: 1,
    state: port(madeForServer).but({ networkId, fixedIps: [{ subnetId: "s", address }] }).state,
  });
  const known = [
    made("a", "n", "10.0.0.2"),
    made("b", "n", "10.0.0.50"),
    made("c", "m", "10.1.0.2"),
  ];
  const ids = (nics: Parameters<typeof matchNics>[0]) =>
    matchNics(nics, known).map((match) => match?.id);
  assertEquals(ids([{ networkId: "n" }, { networkId: "n" }, { networkId: "m" }]), ["a", "b", "c"]);
  assertEquals(ids([{ networkId: "m" }, { networkId: "n" }]), ["c", "a"]);
  assertEquals(
    ids([{ networkId: "n" }, { networkId: "n", fixedIp: "10.0.0.2" }]),
    ["b", "a"],
    "the address goes first",
  );
  assertEquals(ids([{ networkId: "n", fixedIp: "10.0.0.9" }, { networkId: "x" }]), [
    undefined,
    undefined,
  ]);
  assertEquals(ids([{ networkId: "n", portId: "p" }, { networkId: "n" }]), [undefined, "a"]);
});

const RULE: RuleFacts = {
  id: "r",
  description: "",
  direction: "ingress",
  ethertype: "IPv4",
  protocol: "tcp",
  portRangeMin: 80,
  portRangeMax: 80,
  remoteIpPrefix: null,
  remoteGroupId: null,
};

const defaultGroup: SecurityGroupEvent = (() => {
  const [event] = ensureDefaultGroup("project-1", group().state) as readonly SecurityGroupEvent[];
  return event!;
})();

Deno.test("the default group: made once, with rules for its own members", () => {
  group(defaultGroup).when((state) => ensureDefaultGroup("project-1", state)).thenNothing();
  const { rules } = group(defaultGroup).state;
  assertEquals(
    rules.map(({ direction, ethertype, remoteGroupId }) => [direction, ethertype, remoteGroupId]),
    [
      ["ingress", "IPv4", defaultGroupId("project-1")],
      ["ingress", "IPv6", defaultGroupId("project-1")],
      ["egress", "IPv4", null],
      ["egress", "IPv6", null],
    ],
  );
  assertEquals(new Set(rules.map(({ id }) => id)).size, 4);
});

Deno.test("UpdateSecurityGroup and DeleteSecurityGroup", () => {
  const state = group(defaultGroup).but({ name: "web" }).state;
  const update = (changes: object, isInUse = false, given = state) =>
    updateSecurityGroup({ type: "UpdateSecurityGroup", id: "g", changes, isInUse }, given);
  assertEquals(update({ name: "www" }, true), [
    { type: "SecurityGroupUpdated", data: { name: "www" } },
  ]);
  refused(update({ isStateful: false }, true), "Conflict", "SecurityGroupInUse");
  refused(update({ name: "DEFAULT" }), "Conflict", "SecurityGroupDefaultAlreadyExists");
  const ofDefault = group(defaultGroup).state;
  refused(update({ name: "x" }, false, ofDefault), "Conflict", "SecurityGroupCannotUpdateDefault");
  const remove = (isInUse: boolean, isByAdmin: boolean, given = state) =>
    deleteSecurityGroup({ type: "DeleteSecurityGroup", id: "g", isInUse, isByAdmin }, given);
  assertEquals(remove(false, false), [{ type: "SecurityGroupDeleted", data: {} }]);
  refused(remove(true, true), "Conflict", "SecurityGroupInUse");
  refused(remove(false, false, ofDefault), "Conflict", "SecurityGroupCannotRemoveDefault");
  assertEquals(remove(false, true, ofDefault), [{ type: "SecurityGroupDeleted", data: {} }]);
});

Deno.test("AddRule takes rules in their one form, and none twice", () => {
  const add = (changes: Partial<RuleFacts>) =>
    addRule({ type: "AddRule", rule: { ...RULE, ...changes } }, group(defaultGroup).state);
  assertEquals(add({}), [{ type: "SecurityGroupRuleAdded", data: RULE }]);
  for (
    const [changes, stored] of [
      [{ portRangeMin: 1, portRangeMax: 65535 }, { portRangeMin: null, portRangeMax: null }],
      [
        { ethertype: "IPv6", protocol: "icmp", portRangeMin: null, portRangeMax: null },
        { protocol: "ipv6-icmp" },
      ],
      [{ ethertype: "IPv6", protocol: "1", portRangeMin: null, portRangeMax: null }, {
        protocol: "58",
      }],
    ] as const
  ) {
    const data = { ...RULE, ...changes, ...stored };
    assertEquals(add(changes), [{ type: "SecurityGroupRuleAdded", data }]);
  }
  const everything = { protocol: null, portRangeMin: null, portRangeMax: null } as const;
  refused(
    add({ ...everything, direction: "egress", remoteIpPrefix: "0.0.0.0/0" }),
    "Conflict",
    "SecurityGroupRuleExists",
  );
});

Deno.test("RemoveRule", () => {
  const added: SecurityGroupEvent = { type: "SecurityGroupRuleAdded", data: RULE };
  group(defaultGroup, added).when((state) => removeRule("r", state))
    .then([{ type: "SecurityGroupRuleRemoved", data: { id: "r" } }]);
  refused(removeRule("r", group(defaultGroup).state), "NotFound", "SecurityGroupRuleNotFound");
});

const floated: FloatingIpEvent = {
  type: "FloatingIpCreated",
  data: {
    description: "",
    projectId: "project-1",
    floatingNetworkId: "x",
    address: "203.0.113.3",
    externalPortId: "e",
    tags: [],
  },
};
const TARGET = { portId: "p", fixedIp: "10.0.0.2", routerId: "r" };
const associated: FloatingIpEvent = { type: "FloatingIpAssociated", data: TARGET };

Deno.test("a floating IP leads somewhere, elsewhere, nowhere", () => {
  floatingIp(floated).when((state) => associate(TARGET, state)).then([associated]);
  floatingIp(floated, associated).when((state) => associate(TARGET, state)).thenNothing();
  floatingIp(floated, associated).when((state) => associate(null, state))
    .then([{ type: "FloatingIpDisassociated", data: {} }]);
  floatingIp(floated).when((state) => associate(null, state)).thenNothing();
  const command = {
    type: "UpdateFloatingIp",
    id: "f",
    description: undefined,
    association: TARGET,
    isTaken: true,
  } as const;
  refused(
    updateFloatingIp(command, floatingIp(floated).state),
    "Conflict",
    "FloatingIPPortAlreadyAssociated",
  );
  assertEquals(
    updateFloatingIp(
      { ...command, association: undefined, description: "d" },
      floatingIp(floated, associated).state,
    ),
    [{ type: "FloatingIpUpdated", data: { description: "d" } }],
  );
});

Deno.test("quotas", () => {
  const none: Quota = { limits: {} };
  const few: Quota = { limits: { network: 2, port: -1 } };
  assertEquals(setLimits({ network: 2 }, none), [
    { type: "NetworkQuotaSet", data: { limits: { network: 2 } } },
  ]);
  assertEquals(setLimits({ network: 2 }, few), []);
  assertEquals(resetLimits(few), [{ type: "NetworkQuotaReset", data: {} }]);
  assertEquals(resetLimits(none), []);
  assertEquals(refuseOverQuota(few, "network", { used: 1, more: 1 }), undefined);
  assertEquals(refuseOverQuota(few, "port", { used: 1e9, more: 1 }), undefined);
  refused(refuseOverQuota(few, "network", { used: 2, more: 1 }), "QuotaExceeded", "OverQuota");
  refused(refuseOverQuota(none, "router", { used: 10, more: 1 }), "QuotaExceeded", "OverQuota");
});
