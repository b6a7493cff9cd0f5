/**
 * /os-security-groups and /os-security-group-rules.
 *
 * Source: nova/api/openstack/compute/security_groups.py; nova/network/security_group_api.py.
 */
import type { Hono } from "hono";
import { isRejection } from "../../eventsourcing/decider.ts";
import type {
  CallersNetworks,
  NamedGroup,
  NetworkRefusal,
  SecurityGroupDetails,
} from "../../facades/network_service.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { isUuid } from "../../http/formats.ts";
import { pageSize } from "../../http/pages.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { groupsNamedIn } from "./named_groups.ts";
import { LAST_PROXY_MINOR, type NetworkProxiesDependencies } from "./proxies.ts";
import { type AskedRule, isRuleOf, readRule } from "./rules.ts";
import { ruleSchema, securityGroupListQuerySchema, securityGroupSchema } from "./schemas.ts";
import { byProjectAndName, viewRule, viewSecurityGroup } from "./view.ts";

/** Puts the security groups' endpoints on an app. */
export function securityGroupRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: NetworkProxiesDependencies,
): void {
  const until = LAST_PROXY_MINOR;
  const body = () => securityGroupSchema;
  app.get(
    "/os-security-groups",
    handler((request) => list(dependencies, request), {
      until,
      query: () => securityGroupListQuerySchema,
    }),
  );
  app.post(
    "/os-security-groups",
    handler((request) => create(dependencies, request), { until, body }),
  );
  app.get("/os-security-groups/:id", handler((request) => show(dependencies, request), { until }));
  app.put(
    "/os-security-groups/:id",
    handler((request) => update(dependencies, request), { until, body }),
  );
  app.delete(
    "/os-security-groups/:id",
    handler((request) => remove(dependencies, request), { until }),
  );
  app.post(
    "/os-security-group-rules",
    handler((request) => createRule(dependencies, request), { until, body: () => ruleSchema }),
  );
  app.delete(
    "/os-security-group-rules/:id",
    handler((request) => removeRule(dependencies, request), { until }),
  );
}

type GroupOperation =
  | "get"
  | "show"
  | "create"
  | "update"
  | "delete"
  | "rule:create"
  | "rule:delete";

function refuse(operation: GroupOperation, { caller }: NovaRequest): Fault | undefined {
  const rule = `os_compute_api:os-security-groups:${operation}` as const;
  return refuseUnlessAllowed(rule, caller, caller.projectId);
}

async function list(
  { networks, settings }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("get", request);
  if (refusal) return refusal;
  const { caller, query } = request;
  const isOfAll = caller.isAdmin && query.has("all_tenants");
  const theirs = networks.onBehalfOf(request);
  const all = await theirs.securityGroups(isOfAll ? undefined : caller.projectId);
  const offset = Number(query.getAll("offset").at(-1) ?? 0);
  // A limit of 0 is none.
  const size = pageSize(query, settings.maxLimit) || settings.maxLimit;
  const page = all.slice(offset, offset + size).toSorted(byProjectAndName);
  const named = await groupsNamedIn(page, theirs);
  return {
    status: 200,
    body: { security_groups: page.map((group) => viewSecurityGroup(group, named)) },
  };
}

async function show(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("show", request);
  if (refusal) return refusal;
  const theirs = networks.onBehalfOf(request);
  const found = await find(theirs, request);
  return isFault(found) ? found : await answer(theirs, found);
}

async function find(
  theirs: CallersNetworks,
  request: NovaRequest,
): Promise<SecurityGroupDetails | Fault> {
  const id = request.param("id");
  return refuseUnlessUuid(id) ?? await theirs.securityGroup(id) ?? noSuchGroup(id);
}

function refuseUnlessUuid(id: string): Fault | undefined {
  return isUuid(id) ? undefined : fault(400, "Security group id should be uuid");
}

function noSuchGroup(id: string): Fault {
  return fault(404, `Security group ${id} does not exist`);
}

async function answer(theirs: CallersNetworks, group: SecurityGroupDetails): Promise<Outcome> {
  const named = await groupsNamedIn([group], theirs);
  return { status: 200, body: { security_group: viewSecurityGroup(group, named) } };
}

async function create(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("create", request);
  if (refusal) return refusal;
  const theirs = networks.onBehalfOf(request);
  const made = await theirs.createSecurityGroup(namedIn(request));
  return isRejection(made) ? refusedAsLimit(made) : await answer(theirs, made);
}

function namedIn({ body }: NovaRequest): NamedGroup {
  const { name, description } = (body as { security_group: NamedGroup }).security_group;
  return { name, description };
}

/** Whatever conflicts, compute takes for a limit. */
function refusedAsLimit(refusal: NetworkRefusal): Fault {
  return refusal.rejected === "Conflict" ? fault(403, refusal.message) : faultOf(refusal);
}

async function update(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("update", request);
  if (refusal) return refusal;
  const theirs = networks.onBehalfOf(request);
  const found = await find(theirs, request);
  if (isFault(found)) return found;
  const updated = await theirs.updateSecurityGroup(found.id, namedIn(request));
  return isRejection(updated) ? refusedAsInvalid(updated) : await answer(theirs, updated);
}

/** Whatever conflicts, compute takes for bad input. */
function refusedAsInvalid(refusal: NetworkRefusal): Fault {
  return refusal.rejected === "Conflict" ? fault(400, refusal.message) : faultOf(refusal);
}

async function remove(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("delete", request);
  if (refusal) return refusal;
  const theirs = networks.onBehalfOf(request);
  const found = await find(theirs, request);
  if (isFault(found)) return found;
  const outcome = await theirs.deleteSecurityGroup(found.id);
  return outcome ? refusedAsInvalid(outcome) : { status: 202 };
}

async function createRule(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const refusal = refuse("rule:create", request);
  if (refusal) return refusal;
  const { security_group_rule: asked } = request.body as { security_group_rule: AskedRule };
  const theirs = networks.onBehalfOf(request);
  const group = await theirs.securityGroup(asked.parent_group_id);
  if (!group) return noSuchGroup(asked.parent_group_id);
  const sourceId = asked.group_id ?? undefined;
  const source = sourceId === undefined ? undefined : await theirs.securityGroup(sourceId);
  if (sourceId !== undefined && !source) return noSuchGroup(sourceId);
  const rule = readRule(asked);
  if (isFault(rule)) return rule;
  if (group.rules.some((one) => isRuleOf(one, rule))) {
    return fault(400, `This rule already exists in group ${group.id}`);
  }
  const made = await theirs.addSecurityGroupRule(rule);
  if (isRejection(made)) return refusedAsLimit(made);
  const named = new Map(source && [[source.id, source]]);
  return { status: 200, body: { security_group_rule: viewRule(made, named) } };
}

async function removeRule(
  { networks }: NetworkProxiesDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const id = request.param("id");
  const refusal = refuse("rule:delete", request) ?? refuseUnlessUuid(id);
  if (refusal) return refusal;
  const theirs = networks.onBehalfOf(request);
  const outcome = await theirs.removeSecurityGroupRule(id);
  return outcome ? faultOf(outcome) : { status: 202 };
}
