/** `/limits` and `/os-quota-sets`; cinder/api/v3/limits.py and api/contrib/quotas.py. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { refuseUnlessAdmin, refuseUnlessReader } from "../access.ts";
import { fault, nothing, refused } from "../answers.ts";
import type { VolumeOperation } from "../endpoint.ts";
import { isYes } from "../list.ts";
import { quotaClassUpdateSchema, quotaUpdateSchema } from "../schemas.ts";
import { record, type VolumeDependencies } from "../writes.ts";
import { setClassLimits } from "./classes.ts";
import { type Limits, resetLimits, setLimits } from "./decider.ts";
import {
  classLimits,
  defaultLimits,
  inUseOf,
  limitsOf,
  volumeQuotaClasses,
  volumeQuotas,
} from "./projection.ts";

/** `GET /limits`; from 3.39 on an admin may name another project. */
export function showLimits({ reader }: VolumeDependencies): VolumeOperation {
  return async ({ caller, query, minor }) => {
    const asked = query.get("project_id") ?? query.get("tenant_id");
    const mayAsk = caller.isAdmin && minor >= 39;
    const projectId = mayAsk && asked !== null ? asked : caller.projectId;
    const limits = await limitsOf(reader, projectId);
    const inUse = await inUseOf(reader, projectId);
    return json(200, {
      limits: {
        rate: [],
        absolute: {
          maxTotalVolumes: limits["volumes"],
          maxTotalSnapshots: limits["snapshots"],
          maxTotalVolumeGigabytes: limits["gigabytes"],
          maxTotalBackups: limits["backups"],
          maxTotalBackupGigabytes: limits["backup_gigabytes"],
          totalVolumesUsed: inUse["volumes"],
          totalGigabytesUsed: inUse["gigabytes"],
          totalSnapshotsUsed: inUse["snapshots"],
          totalBackupsUsed: inUse["backups"],
          totalBackupGigabytesUsed: inUse["backup_gigabytes"],
        },
      },
    });
  };
}

/** `GET /os-quota-sets/{project}`; `usage=true` tells what is used as well. */
export function showQuotas({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const id = request.param("project");
    const refusal = refuseUnlessReader(request.caller, id, "volume_extension:quotas:show");
    if (refusal) return refused(refusal);
    const limits = await limitsOf(reader, id);
    const isUsageAsked = isYes(request.query.get("usage") ?? "");
    const figures = isUsageAsked ? await withUsage(reader, id, limits) : limits;
    return json(200, { quota_set: { id, ...figures } });
  };
}

async function withUsage(reader: Reader, projectId: string, limits: Limits): Promise<object> {
  const inUse = await inUseOf(reader, projectId);
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [
      name,
      { limit, in_use: inUse[name] ?? 0, reserved: 0 },
    ]),
  );
}

/** `GET /os-quota-sets/{project}/defaults`. */
export function showDefaultQuotas({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const id = request.param("project");
    const refusal = refuseUnlessReader(request.caller, id, "volume_extension:quotas:show");
    if (refusal) return refused(refusal);
    return json(200, { quota_set: { id, ...await defaultLimits(reader) } });
  };
}

/** `GET /os-quota-class-sets/{name}`. */
export function showQuotaClass({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:quota_classes:get");
    if (refusal) return refused(refusal);
    const id = request.param("name");
    return json(200, { quota_class_set: { id, ...await classLimits(reader, id) } });
  };
}

/** `PUT /os-quota-class-sets/{name}`; cinder/api/contrib/quota_classes.py. */
export function updateQuotaClass({ committer, reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(quotaClassUpdateSchema);
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:quota_classes:update");
    if (refusal) return refused(refusal);
    const name = request.param("name");
    if (name.length > MAX_PROJECT) return tooLong("quota_class_name", name);
    const { quota_class_set: given } = body.value as { quota_class_set: Record<string, unknown> };
    const outcome = await committer.submit(
      request.metadata("SetVolumeQuotaClass"),
      async (unit) => {
        const limits = await knownLimits(unit, given);
        const before = await unit.load(volumeQuotaClasses, name);
        return await record(unit, volumeQuotaClasses, before, setClassLimits(limits, before.state));
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { quota_class_set: await classLimits(reader, name) });
  };
}

function tooLong(name: string, value: string): Response {
  return fault(
    400,
    `Invalid input received: ${name} has ${value.length} characters, more than ${MAX_PROJECT}.`,
  );
}

/** `PUT /os-quota-sets/{project}`. */
export function updateQuotas({ committer, reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(quotaUpdateSchema);
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:quotas:update");
    if (refusal) return refused(refusal);
    const project = request.param("project");
    if (project.length > MAX_PROJECT) return tooLong("quota_set_name", project);
    const { quota_set: given } = body.value as { quota_set: Record<string, unknown> };
    const outcome = await committer.submit(request.metadata("SetVolumeQuota"), async (unit) => {
      const inUse = await inUseOf(unit, project);
      const limits = await knownLimits(unit, given);
      const before = await unit.load(volumeQuotas, project);
      return await record(unit, volumeQuotas, before, setLimits({ limits, inUse }, before.state));
    });
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { quota_set: await limitsOf(reader, project) });
  };
}

/** Most characters of a project or a class in a path. */
const MAX_PROJECT = 255;

/** The limits of a body; names that nothing is limited by are left aside, as in Cinder. */
async function knownLimits(
  reader: Reader,
  given: Readonly<Record<string, unknown>>,
): Promise<Limits> {
  const known = await defaultLimits(reader);
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => Object.hasOwn(known, name))
      .map(([name, limit]) => [name, Number(limit)]),
  );
}

/** `DELETE /os-quota-sets/{project}`: the defaults hold again. */
export function deleteQuotas({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:quotas:delete");
    if (refusal) return refused(refusal);
    await committer.submit(request.metadata("ResetVolumeQuota"), async (unit) => {
      const before = await unit.load(volumeQuotas, request.param("project"));
      return await record(unit, volumeQuotas, before, resetLimits(before.state));
    });
    return nothing(200);
  };
}
