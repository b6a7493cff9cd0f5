/** `/v2.0/quotas`; neutron/pecan_wsgi/controllers/quota.py and extensions/quotasv2_detail.py. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../../endpoint.ts";
import { refused } from "../answers.ts";
import { readUpdate } from "../body.ts";
import { flag, integer } from "../fields.ts";
import { record } from "../record.ts";
import { badRequest, type NeutronRejection, notAllowed, refusal } from "../refusals.ts";
import { readBody, type WriteDependencies } from "../write.ts";
import {
  DEFAULT_LIMITS,
  type Limits,
  QUOTA_RESOURCES,
  type QuotaResource,
  resetLimits,
  setLimits,
} from "./decider.ts";
import { networkQuotas, quotaOf, setQuotas, usedBy } from "./projection.ts";

const LIMIT = { read: integer(-1) };
const LIMITS = Object.fromEntries(QUOTA_RESOURCES.map((name) => [name, LIMIT])) as Record<
  QuotaResource,
  typeof LIMIT
>;

/** Limits, and whether they may be below what is used: only with `force`. */
const FIELDS = { ...LIMITS, force: { read: flag }, check_limit: { read: flag } };

/** `GET /quotas`: the projects whose quota is not the default. */
export function listQuotas(reader: Reader): FacadeOperation {
  return async ({ caller }) => {
    if (!caller.isAdmin) {
      return refused(refusal(
        "Forbidden",
        "AdminRequired",
        "User does not have admin privileges: Only admin can view or configure quota.",
      ));
    }
    const quotas = (await setQuotas(reader)).map(({ projectId, quota }) => ({
      ...DEFAULT_LIMITS,
      ...quota.limits,
      tenant_id: projectId,
      project_id: projectId,
    }));
    return json(200, { quotas });
  };
}

/** `GET /quotas/{project}`; `tenant` and `project` in its place ask who the caller is. */
export function showQuota(reader: Reader): FacadeOperation {
  return async (request) => {
    const project = request.param("project");
    const { projectId } = request.caller;
    if (project === "tenant") return json(200, { tenant: { tenant_id: projectId } });
    if (project === "project") return json(200, { project: { project_id: projectId } });
    return refuseOthers(request) ?? json(200, { quota: await limitsView(reader, project) });
  };
}

/** `GET /quotas/{project}/default`. */
export const showDefaultQuota: FacadeOperation = (request) =>
  refuseOthers(request) ??
    json(200, { quota: { ...DEFAULT_LIMITS, project_id: request.param("project") } });

/** `GET /quotas/{project}/details`: with what is used. */
export function showQuotaDetails(reader: Reader): FacadeOperation {
  return async (request) => {
    const refusal = refuseOthers(request);
    if (refusal) return refusal;
    const project = request.param("project");
    const limits = await limitsOf(reader, project);
    const details: Record<string, unknown> = {};
    for (const name of QUOTA_RESOURCES) {
      const used = await usedBy(reader, project, name);
      details[name] = { limit: limits[name], used, reserved: 0 };
    }
    return json(200, { quota: details });
  };
}

/**
 * `PUT /quotas/{project}`; without `force`, refuses a limit below what is used.
 *
 * Source: neutron/extensions/quotasv2.py, `update`.
 */
export function updateQuota({ reader, committer }: WriteDependencies): FacadeOperation {
  return async (request) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const { caller } = request;
    if (!caller.isAdmin) return refused(notAllowed("update_quota"));
    const asked = { name: "quota", plural: "quotas", fields: FIELDS, caller };
    const values = readUpdate(body.value, asked);
    if (isRejection(values)) return refused(values as NeutronRejection);
    const { force, check_limit: _check, ...limits } = values;
    const project = request.param("project");
    const outcome = await committer.submit(request.metadata("SetNetworkQuota"), async (unit) => {
      const refusal = force ? undefined : await refuseBelowUse(unit, project, limits);
      if (refusal) return refusal;
      const before = await unit.load(networkQuotas, project);
      return await record(unit, networkQuotas, before, setLimits(limits, before.state));
    });
    if (isRejection(outcome)) return refused(outcome as NeutronRejection);
    return json(200, { quota: await limitsView(reader, project) });
  };
}

async function refuseBelowUse(
  reader: Reader,
  projectId: string,
  limits: Partial<Limits>,
): Promise<NeutronRejection | undefined> {
  for (const name of QUOTA_RESOURCES) {
    const limit = limits[name] ?? -1;
    const used = limit >= 0 ? await usedBy(reader, projectId, name) : 0;
    if (limit >= 0 && used > limit) {
      return badRequest(
        `Quota limit ${limit} for ${name} must be greater than or equal to already used ${used}`,
      );
    }
  }
}

/** `DELETE /quotas/{project}`: the defaults hold again. */
export function deleteQuota({ committer }: WriteDependencies): FacadeOperation {
  return async (request) => {
    if (!request.caller.isAdmin) return refused(notAllowed("delete_quota"));
    await committer.submit(request.metadata("ResetNetworkQuota"), async (unit) => {
      const before = await unit.load(networkQuotas, request.param("project"));
      return await record(unit, networkQuotas, before, resetLimits(before.state));
    });
    return new Response(null, { status: 204 });
  };
}

function refuseOthers(request: FacadeRequest): Response | undefined {
  const { caller } = request;
  if (caller.isAdmin || caller.projectId === request.param("project")) return undefined;
  return refused(notAllowed("get_quota"));
}

async function limitsOf(reader: Reader, projectId: string): Promise<Limits> {
  return { ...DEFAULT_LIMITS, ...(await quotaOf(reader, projectId)).limits };
}

async function limitsView(reader: Reader, projectId: string): Promise<object> {
  return { ...await limitsOf(reader, projectId), project_id: projectId };
}
