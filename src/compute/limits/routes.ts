/** /limits; nova/api/openstack/compute/limits.py. */
import type { Hono } from "hono";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import type { Minor } from "../../http/microversions.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import type { AllLimits } from "../quotas/limits.ts";
import { limitsOf } from "../quotas/projection.ts";
import { limitsQuerySchema } from "../quotas/schemas.ts";
import { inUseOf } from "../quotas/usage.ts";

export interface LimitsDependencies {
  readonly reader: Reader;
}

/** Puts the endpoint of the limits on an app. */
export function limitRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: LimitsDependencies,
): void {
  app.get(
    "/limits",
    endpoints.handler((request) => index(dependencies, request), { query: limitsQuerySchema }),
  );
}

async function index({ reader }: LimitsDependencies, request: NovaRequest): Promise<Outcome> {
  const { caller, minor, query } = request;
  const asked = query.getAll("tenant_id").at(-1);
  const refusal = refuseUnlessAllowed("os_compute_api:limits", caller, caller.projectId) ??
    // One's own project may not be named either.
    (asked === undefined ? undefined : refuseUnlessAllowed(
      "os_compute_api:limits:other_project",
      caller,
      caller.projectId,
    ));
  if (refusal) return refusal;
  const projectId = asked ?? caller.projectId;
  const limits = await limitsOf(reader, projectId);
  const inUse = await inUseOf(reader, projectId);
  const absolute = { ...viewMaxima(limits, minor), ...viewUsed(inUse, minor) };
  return { status: 200, body: { limits: { rate: [], absolute } } };
}

/** nova/api/openstack/compute/views/limits.py, `_build_absolute_limits`. */
function viewMaxima(limits: AllLimits, minor: Minor): object {
  return {
    maxTotalInstances: limits.instances,
    maxTotalCores: limits.cores,
    maxTotalRAMSize: limits.ram,
    maxTotalKeypairs: limits.key_pairs,
    maxServerMeta: limits.metadata_items,
    ...(minor < 39 && { maxImageMeta: limits.metadata_items }),
    ...(minor < 57 && {
      maxPersonality: limits.injected_files,
      maxPersonalitySize: limits.injected_file_content_bytes,
    }),
    maxServerGroups: limits.server_groups,
    maxServerGroupMembers: limits.server_group_members,
    ...(minor < 36 && {
      maxTotalFloatingIps: limits.floating_ips,
      maxSecurityGroups: limits.security_groups,
      maxSecurityGroupRules: limits.security_group_rules,
    }),
  };
}

/** nova/api/openstack/compute/views/limits.py, `_build_used_limits`. */
function viewUsed(inUse: Partial<AllLimits>, minor: Minor): object {
  return {
    totalInstancesUsed: inUse.instances,
    totalCoresUsed: inUse.cores,
    totalRAMUsed: inUse.ram,
    totalServerGroupsUsed: inUse.server_groups,
    ...(minor < 36 && { totalFloatingIpsUsed: 0, totalSecurityGroupsUsed: 0 }),
  };
}
