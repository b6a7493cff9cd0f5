/** RBAC policies as requests make, change and delete them. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Caller } from "../../../http/auth.ts";
import { pythonRepr, pythonStr } from "../../../http/python.ts";
import type { Reader } from "../../../store/query.ts";
import { mayWrite } from "../access.ts";
import { addressGroups } from "../address_groups/projection.ts";
import { addressGroupResource } from "../address_groups/resource.ts";
import { addressScopes } from "../address_scopes/projection.ts";
import { addressScopeResource } from "../address_scopes/resource.ts";
import { filledText, type Reading, text, uuid } from "../fields.ts";
import { findVisible, type Resource } from "../list.ts";
import { networks } from "../networks/projection.ts";
import { networkResource } from "../networks/resource.ts";
import { qosPolicies } from "../qos/projection.ts";
import { qosPolicyResource } from "../qos/resource.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { record } from "../record.ts";
import { invalidInput, type NeutronRejection, notAllowed, refusal } from "../refusals.ts";
import { securityGroups } from "../security_groups/projection.ts";
import { securityGroupResource } from "../security_groups/resource.ts";
import { subnetPools } from "../subnet_pools/projection.ts";
import { subnetPoolResource } from "../subnet_pools/resource.ts";
import type { WritableResource } from "../write.ts";
import {
  createRbacPolicy,
  deleteRbacPolicy,
  RBAC_OBJECT_TYPES,
  type RbacAction,
  type RbacObjectType,
  type RbacPolicy,
  type RbacPolicyFacts,
  retargetRbacPolicy,
} from "./decider.ts";
import { isNeeded } from "./dependants.ts";
import { policiesOn, rbacPolicies } from "./projection.ts";
import { rbacPolicyResource } from "./resource.ts";

/** What can be shared. */
interface SharedObject {
  readonly projectId: string;
  readonly isShared?: boolean;
  readonly isExternal?: boolean;
}

/** A kind of things that can be shared: how they are found, and what others may do with them. */
interface Kind {
  find(reader: Reader, id: string, by: Caller): Promise<SharedObject | NeutronRejection>;
  /** The thing as it is, whoever asks. */
  load(reader: Reader, id: string): Promise<SharedObject | undefined>;
  readonly actions: readonly RbacAction[];
}

function kind<State extends SharedObject>(
  resource: Resource<State>,
  // deno-lint-ignore no-explicit-any -- its events do not matter here.
  aggregate: Aggregate<State, any>,
  actions: readonly RbacAction[] = ["access_as_shared"],
): Kind {
  return {
    async find(reader, id, by) {
      return (await findVisible(reader, resource, id, by))?.state ?? resource.notFound(id);
    },
    load: async (reader, id) => (await aggregate.projection.load(reader, id))?.state,
    actions,
  };
}

const KINDS: Readonly<Record<RbacObjectType, Kind>> = {
  address_group: kind(addressGroupResource, addressGroups),
  address_scope: kind(addressScopeResource, addressScopes),
  network: kind(networkResource, networks, ["access_as_shared", "access_as_external"]),
  qos_policy: kind(qosPolicyResource, qosPolicies),
  security_group: kind(securityGroupResource, securityGroups),
  subnetpool: kind(subnetPoolResource, subnetPools),
};

const fields = {
  object_type: { read: objectType, post: "required", put: "refused" },
  object_id: { read: uuid, post: "required", put: "refused" },
  action: { read: text(), post: "required", put: "refused" },
  // Ids of projects are not always UUIDs here: a seed file may choose them.
  target_tenant: { read: filledText, post: "required" },
} as const;

function objectType(value: unknown): Reading<RbacObjectType> {
  const name = typeof value === "string" ? value.trim().toLowerCase() : undefined;
  const found = RBAC_OBJECT_TYPES.find((known) => known === name);
  return found
    ? { value: found }
    : invalidInput(`'${pythonStr(value)}' is not a valid RBAC object type`);
}

/** RBAC policies that requests may write. */
export const writableRbacPolicies: WritableResource<RbacPolicy, typeof fields> = {
  ...rbacPolicyResource,
  fields,

  async create(unit, { id, projectId, values, by }) {
    const objectType = values.object_type!;
    const action = KINDS[objectType].actions.find((known) => known === values.action);
    if (!action) return wrongAction(values.action!, objectType);
    const target = values.target_tenant!;
    const policy = { projectId, objectType, objectId: values.object_id!, action, target };
    const refused = refuseForAll("create_rbac_policy", target, by) ??
      await refuseObject(unit, policy, by) ??
      await refuseBeyondQuota(unit, projectId, "rbac_policy");
    if (refused) return refused;
    const decision = createRbacPolicy(policy, await isThere(unit, policy));
    return await record(unit, rbacPolicies, await unit.load(rbacPolicies, id), decision);
  },

  async update(unit, before, { values, by }) {
    const target = values.target_tenant ?? before.state.target;
    const refused = refuseForAll("update_rbac_policy", target, by);
    if (refused) return refused;
    const decision = retargetRbacPolicy({
      target,
      isThere: await isThere(unit, { ...before.state, target }),
      isNeeded: await isNeededNow(unit, before),
    }, before.state);
    return await record(unit, rbacPolicies, before, decision);
  },

  async remove(unit, before) {
    const decision = deleteRbacPolicy(before.state, await isNeededNow(unit, before));
    const outcome = await record(unit, rbacPolicies, before, decision);
    return "rejected" in outcome ? outcome : undefined;
  },
};

/** neutron/conf/policies/rbac.py, `create_rbac_policy:target_tenant`. */
function refuseForAll(
  action: string,
  target: string,
  by: Caller,
): NeutronRejection | undefined {
  return target === "*" && !by.isAdmin ? notAllowed(action, "target_tenant") : undefined;
}

async function refuseObject(
  reader: Reader,
  { objectType, objectId }: RbacPolicyFacts,
  by: Caller,
): Promise<NeutronRejection | undefined> {
  const object = await KINDS[objectType].find(reader, objectId, by);
  if ("rejected" in object) return object;
  if (mayWrite(by, object.projectId)) return undefined;
  const what = objectType === "network" ? "networks" : "objects";
  return invalidInput(`Only admins can manipulate policies on ${what} they do not own`);
}

async function isThere(reader: Reader, policy: RbacPolicyFacts): Promise<boolean> {
  return (await policiesOn(reader, policy.objectId)).some(({ state }) =>
    state.action === policy.action && state.target === policy.target
  );
}

async function isNeededNow(reader: Reader, policy: Versioned<RbacPolicy>): Promise<boolean> {
  const object = await KINDS[policy.state.objectType].load(reader, policy.state.objectId);
  return object !== undefined && await isNeeded(reader, policy, object);
}

function wrongAction(action: string, objectType: RbacObjectType): NeutronRejection {
  return refusal(
    "Invalid",
    "InvalidActionForType",
    `Invalid action '${action}' for object type '${objectType}'. Valid actions: ` +
      `${pythonRepr(KINDS[objectType].actions)}.`,
  );
}
