import { assertEquals } from "@std/assert";
import type { RejectionKind } from "../../src/eventsourcing/decider.ts";
import {
  addAddresses,
  type AddressGroupEvent,
  deleteAddressGroup,
  removeAddresses,
  updateAddressGroup,
} from "../../src/facades/networks/address_groups/decider.ts";
import { addressGroups } from "../../src/facades/networks/address_groups/projection.ts";
import {
  type AddressScopeEvent,
  deleteAddressScope,
  updateAddressScope,
} from "../../src/facades/networks/address_scopes/decider.ts";
import { addressScopes } from "../../src/facades/networks/address_scopes/projection.ts";
import { formatCidr, parseCidr } from "../../src/facades/networks/addresses.ts";
import { readProvider } from "../../src/facades/networks/networks/provider.ts";
import {
  addQosRule,
  changeQosRule,
  createQosPolicy,
  deleteQosPolicy,
  type QosPolicyEvent,
  removeQosRule,
  updateQosPolicy,
} from "../../src/facades/networks/qos/decider.ts";
import { qosPolicies } from "../../src/facades/networks/qos/projection.ts";
import {
  createRbacPolicy,
  deleteRbacPolicy,
  type RbacPolicyEvent,
  retargetRbacPolicy,
} from "../../src/facades/networks/rbac/decider.ts";
import { rbacPolicies } from "../../src/facades/networks/rbac/projection.ts";
import type { NeutronRejection } from "../../src/facades/networks/refusals.ts";
import { refuseOtherRevision } from "../../src/facades/networks/revisions.ts";
import { allocateFromPool } from "../../src/facades/networks/subnet_pools/allocate.ts";
import { compact, readBounds } from "../../src/facades/networks/subnet_pools/bounds.ts";
import {
  createSubnetPool,
  deleteSubnetPool,
  type PoolSurroundings,
  rangesOf,
  type SubnetPoolEvent,
  type SubnetPoolFacts,
  updateSubnetPool,
} from "../../src/facades/networks/subnet_pools/decider.ts";
import {
  intersect,
  isWithin,
  networksOf,
  without,
} from "../../src/facades/networks/subnet_pools/prefixes.ts";
import { subnetPools } from "../../src/facades/networks/subnet_pools/projection.ts";
import { givenOf } from "../kit/given.ts";

const scope = givenOf(addressScopes);
const pool = givenOf(subnetPools);
const group = givenOf(addressGroups);
const policy = givenOf(rbacPolicies);
const qosPolicy = givenOf(qosPolicies);

function refused(decision: unknown, rejected: RejectionKind, type: string): void {
  const { rejected: kind, type: name } = decision as NeutronRejection;
  assertEquals([kind, name], [rejected, type]);
}

const texts = (version: 4 | 6, ranges: Parameters<typeof networksOf>[1]) =>
  networksOf(version, ranges).map(formatCidr);

Deno.test("sets of addresses are told as the fewest networks", () => {
  const join = (...prefixes: string[]) => compact(4, prefixes.map((one) => parseCidr(one)!));
  assertEquals(join("10.0.1.0/24", "10.0.0.0/24"), ["10.0.0.0/23"]);
  assertEquals(join("10.0.1.0/24", "10.0.2.0/24"), ["10.0.1.0/24", "10.0.2.0/24"]);
  assertEquals(join("10.0.0.0/8", "10.9.0.0/16"), ["10.0.0.0/8"]);
  assertEquals(join("0.0.0.0/1", "128.0.0.0/1"), ["0.0.0.0/0"]);
  assertEquals(compact(6, [parseCidr("::/0")!]), ["::/0"]);
});

Deno.test("sets of addresses are cut and compared", () => {
  const all = rangesOf(["10.0.0.0/24"]);
  const rest = without(all, rangesOf(["10.0.0.64/26", "10.0.0.255/32", "10.0.9.0/24"]));
  assertEquals(texts(4, rest).slice(0, 3), ["10.0.0.0/26", "10.0.0.128/26", "10.0.0.192/27"]);
  assertEquals(texts(4, without(all, all)), []);
  assertEquals(texts(4, without(all, [])), ["10.0.0.0/24"]);
  assertEquals(isWithin(rangesOf(["10.0.0.0/25"]), all), true);
  assertEquals(isWithin(all, rangesOf(["10.0.0.0/25", "10.0.0.128/25"])), true);
  assertEquals(isWithin(all, rangesOf(["10.0.0.0/25"])), false);
  assertEquals(intersect(all, rangesOf(["10.0.0.255/32"])), true);
  assertEquals(intersect(all, rangesOf(["10.0.1.0/32"])), false);
});

const POOL: SubnetPoolFacts = {
  name: "pool",
  description: "",
  projectId: "project-1",
  ipVersion: 4,
  prefixes: ["10.0.0.0/24"],
  minPrefixLength: 8,
  maxPrefixLength: 30,
  defaultPrefixLength: 26,
  defaultQuota: null,
  isDefault: false,
  isShared: false,
  addressScopeId: null,
  tags: [],
};

const poolCreated = { type: "SubnetPoolCreated", data: POOL } satisfies SubnetPoolEvent;

const ALONE: PoolSurroundings = { otherDefaultId: undefined, scope: undefined };

Deno.test("a pool gives the smallest piece that is large enough, or the one that is named", () => {
  const ask = (
    request: { prefixLength: number } | string,
    cidrs: string[] = [],
    facts: Partial<SubnetPoolFacts> = {},
  ) => {
    const given = allocateFromPool(
      { ...POOL, ...facts },
      typeof request === "string" ? { cidr: parseCidr(request)! } : request,
      { cidrs, counted: cidrs },
    );
    return "rejected" in given ? given : formatCidr(given);
  };
  assertEquals(ask({ prefixLength: 26 }), "10.0.0.0/26");
  assertEquals(ask({ prefixLength: 28 }, ["10.0.0.0/28"]), "10.0.0.16/28");
  assertEquals(ask({ prefixLength: 26 }, ["10.0.0.0/28"]), "10.0.0.64/26");
  assertEquals(ask("10.0.0.128/25", ["10.0.0.0/25"]), "10.0.0.128/25");
  refused(ask("10.0.0.0/28", ["10.0.0.0/25"]), "Conflict", "SubnetAllocationError");
  refused(ask("10.9.0.0/28"), "Conflict", "SubnetAllocationError");
  refused(ask({ prefixLength: 24 }, ["10.0.0.0/28"]), "Conflict", "SubnetAllocationError");
  refused(ask({ prefixLength: 31 }), "Invalid", "MaxPrefixSubnetAllocationError");
  refused(ask({ prefixLength: 7 }), "Invalid", "MinPrefixSubnetAllocationError");
  const quota = { defaultQuota: 32 };
  assertEquals(ask({ prefixLength: 28 }, ["10.0.0.0/28"], quota), "10.0.0.16/28");
  refused(
    ask({ prefixLength: 27 }, ["10.0.0.0/28"], quota),
    "QuotaExceeded",
    "SubnetPoolQuotaExceeded",
  );
});

Deno.test("a pool's bounds follow from its family", () => {
  const six = readBounds({ prefixes: ["fd00::/48"] });
  assertEquals(six, {
    ipVersion: 6,
    prefixes: ["fd00::/48"],
    minPrefixLength: 64,
    maxPrefixLength: 128,
    defaultPrefixLength: 64,
  });
  refused(readBounds({ prefixes: [] }), "Invalid", "EmptySubnetPoolPrefixList");
});

Deno.test("CreateSubnetPool and UpdateSubnetPool heed other pools and the address scope", () => {
  const create = (facts: Partial<SubnetPoolFacts>, around: Partial<PoolSurroundings> = {}) =>
    createSubnetPool({
      type: "CreateSubnetPool",
      id: "p",
      pool: { ...POOL, ...facts },
      around: { ...ALONE, ...around },
    });
  assertEquals(create({}), [poolCreated]);
  refused(create({ isDefault: true }, { otherDefaultId: "other" }), "Invalid", "InvalidInput");
  const inScope = (facts: object = {}) => ({
    scope: { id: "s", ipVersion: 4 as const, otherPrefixes: [], splitsNetworks: false, ...facts },
  });
  assertEquals(create({}, inScope()), [poolCreated]);
  refused(
    create({}, inScope({ ipVersion: 6 })),
    "Invalid",
    "IllegalSubnetPoolIpVersionAssociationToAddressScope",
  );
  refused(
    create({}, inScope({ otherPrefixes: ["10.0.0.128/25"] })),
    "Conflict",
    "AddressScopePrefixConflict",
  );
  refused(
    create({}, inScope({ splitsNetworks: true })),
    "Invalid",
    "NetworkAddressScopeAffinityError",
  );
  const update = (changes: Partial<SubnetPoolFacts>) =>
    updateSubnetPool(
      { type: "UpdateSubnetPool", id: "p", changes, around: ALONE },
      pool(poolCreated).state,
    );
  assertEquals(update({ name: "pool" }), []);
  assertEquals(update({ prefixes: ["10.0.0.0/23"] }), [
    { type: "SubnetPoolUpdated", data: { prefixes: ["10.0.0.0/23"] } },
  ]);
  refused(update({ prefixes: ["10.0.0.0/25"] }), "Invalid", "IllegalSubnetPoolPrefixUpdate");
  assertEquals(deleteSubnetPool(false), [{ type: "SubnetPoolDeleted", data: {} }]);
  refused(deleteSubnetPool(true), "Invalid", "SubnetPoolDeleteError");
});

Deno.test("address scopes are renamed and shared, and stay shared", () => {
  const created: AddressScopeEvent = {
    type: "AddressScopeCreated",
    data: { name: "s", projectId: "project-1", ipVersion: 4, isShared: false },
  };
  const update = (changes: object, ...events: AddressScopeEvent[]) =>
    updateAddressScope(
      { type: "UpdateAddressScope", id: "s", changes },
      scope(created, ...events).state,
    );
  const shared: AddressScopeEvent = { type: "AddressScopeUpdated", data: { isShared: true } };
  assertEquals(update({ name: "s", isShared: undefined }), []);
  assertEquals(update({ isShared: true }), [shared]);
  refused(update({ isShared: false }, shared), "Invalid", "AddressScopeUpdateError");
  assertEquals(deleteAddressScope("s", false), [{ type: "AddressScopeDeleted", data: {} }]);
  refused(deleteAddressScope("s", true), "Conflict", "AddressScopeInUse");
});

Deno.test("address groups take addresses once, and give away what they have", () => {
  const created: AddressGroupEvent = {
    type: "AddressGroupCreated",
    data: { name: "g", description: "", projectId: "project-1", addresses: ["10.0.0.0/24"] },
  };
  const added: AddressGroupEvent = {
    type: "AddressGroupAddressesAdded",
    data: { addresses: ["fd00::/64"] },
  };
  const before = group(created).state;
  assertEquals(addAddresses({ id: "g", addresses: ["fd00::/64"] }, before), [added]);
  assertEquals(addAddresses({ id: "g", addresses: [] }, before), []);
  const twice = { id: "g", addresses: ["10.0.0.0/24", "fd00::/64"] };
  refused(addAddresses(twice, before), "Invalid", "AddressesAlreadyExist");
  refused(removeAddresses(twice, before), "NotFound", "AddressesNotFound");
  const after = group(created, added).state;
  assertEquals(after.addresses, ["10.0.0.0/24", "fd00::/64"]);
  assertEquals(removeAddresses(twice, after), [
    { type: "AddressGroupAddressesRemoved", data: { addresses: twice.addresses } },
  ]);
  assertEquals(removeAddresses({ id: "g", addresses: [] }, after), []);
  assertEquals(updateAddressGroup({ name: "g" }, after), []);
  assertEquals(deleteAddressGroup("g", false), [{ type: "AddressGroupDeleted", data: {} }]);
  refused(deleteAddressGroup("g", true), "Conflict", "AddressGroupInUse");
});

Deno.test("RBAC policies: once each, and kept while they are needed", () => {
  const created = {
    type: "RbacPolicyCreated",
    data: {
      projectId: "project-1",
      objectType: "network",
      objectId: "n",
      action: "access_as_shared",
      target: "project-2",
    },
  } as const satisfies RbacPolicyEvent;
  assertEquals(createRbacPolicy(created.data, false), [created]);
  refused(createRbacPolicy(created.data, true), "Conflict", "DuplicateRbacPolicy");
  const { state } = policy(created);
  const retarget = (target: string, facts: object = {}) =>
    retargetRbacPolicy({ target, isThere: false, isNeeded: false, ...facts }, state);
  assertEquals(retarget("project-2", { isNeeded: true }), []);
  assertEquals(retarget("*"), [{ type: "RbacPolicyUpdated", data: { target: "*" } }]);
  refused(retarget("*", { isThere: true }), "Conflict", "DuplicateRbacPolicy");
  refused(retarget("*", { isNeeded: true }), "Conflict", "RbacPolicyInUse");
  assertEquals(deleteRbacPolicy(state, false), [{ type: "RbacPolicyDeleted", data: {} }]);
  refused(deleteRbacPolicy(state, true), "Conflict", "RbacPolicyInUse");
});

Deno.test("what a provider must say, and must not", () => {
  const local = { type: "local", physicalNetwork: null, segmentationId: null };
  assertEquals<unknown>(readProvider({}), local);
  assertEquals<unknown>(readProvider({ type: null, physicalNetwork: null }), local);
  assertEquals<unknown>(readProvider({ type: "vxlan" }), { ...local, type: "vxlan" });
  for (
    const asked of [
      { physicalNetwork: "x" },
      { type: "flat" },
      { type: "vlan", segmentationId: 5 },
      { type: "vlan", physicalNetwork: "x", segmentationId: 0 },
      { type: "geneve", physicalNetwork: "x" },
      { type: "x" },
    ]
  ) {
    refused(readProvider(asked), "Invalid", "InvalidInput");
  }
});

Deno.test("a revision is heeded where one is named", () => {
  for (const match of [undefined, "", "*", '"x"', "revision_number=3", 'W/"revision_number=3"']) {
    assertEquals(refuseOtherRevision(match, 3), undefined, match);
  }
  refused(
    refuseOtherRevision("revision_number=2", 3),
    "Conflict",
    "RevisionNumberConstraintFailed",
  );
  refused(refuseOtherRevision("revision_number=", 3), "Invalid", "BadRequest");
});

Deno.test("QoS policies: one default a project, one rule of a kind and direction", () => {
  const facts = {
    name: "gold",
    description: "",
    projectId: "project-1",
    isShared: false,
    isDefault: true,
    tags: [],
  };
  const created: QosPolicyEvent = { type: "QosPolicyCreated", data: facts };
  assertEquals(createQosPolicy(facts, false), [created]);
  refused(createQosPolicy(facts, true), "Conflict", "QoSPolicyDefaultAlreadyExists");
  const rule = {
    id: "r",
    kind: "bandwidth_limit",
    values: { max_kbps: 1000, direction: "egress" },
  } as const;
  const added: QosPolicyEvent = { type: "QosRuleAdded", data: rule };
  const before = qosPolicy(created).state;
  assertEquals(addQosRule("p", rule, before), [added]);
  const { state } = qosPolicy(created, added);
  refused(addQosRule("p", { ...rule, id: "s" }, state), "Conflict", "QoSRulesConflict");
  const other = { id: "s", kind: "minimum_bandwidth", values: rule.values } as const;
  assertEquals(addQosRule("p", other, state), [{ type: "QosRuleAdded", data: other }]);
  assertEquals(changeQosRule("p", { id: "r", values: { max_kbps: 1000 } }, state), []);
  assertEquals(changeQosRule("p", { id: "r", values: { max_kbps: 5 } }, state), [
    { type: "QosRuleChanged", data: { id: "r", values: { max_kbps: 5 } } },
  ]);
  refused(changeQosRule("p", { id: "x", values: {} }, state), "NotFound", "QosRuleNotFound");
  assertEquals(removeQosRule("p", "r", state), [{ type: "QosRuleRemoved", data: { id: "r" } }]);
  refused(removeQosRule("p", "x", state), "NotFound", "QosRuleNotFound");
  assertEquals(updateQosPolicy({ name: "gold" }, false, state), []);
  refused(
    deleteQosPolicy("p", { type: "port", id: "one" }),
    "Conflict",
    "QosPolicyInUse",
  );
  assertEquals(deleteQosPolicy("p", undefined), [{ type: "QosPolicyDeleted", data: {} }]);
});
