/** /os-quota-sets and /os-quota-class-sets; nova/api/openstack/compute/quota_sets.py, quota_classes.py. */
import type { Hono } from "hono";
import { decideIn, handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault, faultOf } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import type { Reader } from "../../store/query.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { quotaClasses, quotas } from "./aggregate.ts";
import { resetQuotaLimits, setQuotaClassLimits, setQuotaLimits } from "./decider.ts";
import type { AllLimits } from "./limits.ts";
import { classLimitsOf, DEFAULT_CLASS, limitsOf, userLimitsOf } from "./projection.ts";
import {
  quotaClassQuerySchema,
  quotaClassUpdateSchema,
  quotaDefaultsQuerySchema,
  quotaQuerySchema,
  quotaUpdateSchema,
} from "./schemas.ts";
import { inUseOf } from "./usage.ts";
import { quotaClassNames, quotaSetNames, viewDetail, viewLimits } from "./view.ts";

export interface QuotasDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
}

/** Puts the endpoints of quotas and of their classes on an app. */
export function quotaRoutes(
  app: Hono,
  endpoints: Endpoints,
  dependencies: QuotasDependencies,
): void {
  const handler = endpoints.handler.bind(endpoints);
  const query = quotaQuerySchema;
  app.get("/os-quota-sets/:project", handler((request) => show(dependencies, request), { query }));
  app.get(
    "/os-quota-sets/:project/detail",
    handler((request) => detail(dependencies, request), { query }),
  );
  app.get(
    "/os-quota-sets/:project/defaults",
    handler((request) => defaults(dependencies, request), {
      query: () => quotaDefaultsQuerySchema,
    }),
  );
  app.put(
    "/os-quota-sets/:project",
    handler((request) => update(dependencies, request), { body: quotaUpdateSchema, query }),
  );
  app.delete(
    "/os-quota-sets/:project",
    handler((request) => reset(dependencies, request), { query }),
  );
  app.get(
    "/os-quota-class-sets/:name",
    handler((request) => showClass(dependencies, request), { query: quotaClassQuerySchema }),
  );
  app.put(
    "/os-quota-class-sets/:name",
    handler((request) => updateClass(dependencies, request), { body: quotaClassUpdateSchema }),
  );
}

/** The user a request is about; undefined: the whole project. */
function userOf({ query }: NovaRequest): string | undefined {
  return query.get("user_id") || undefined;
}

function limitsAskedFor(reader: Reader, request: NovaRequest): Promise<AllLimits> {
  const projectId = request.param("project");
  const userId = userOf(request);
  return userId === undefined
    ? limitsOf(reader, projectId)
    : userLimitsOf(reader, projectId, userId);
}

async function show({ reader }: QuotasDependencies, request: NovaRequest): Promise<Outcome> {
  const id = request.param("project");
  const refusal = refuseUnlessAllowed("os_compute_api:os-quota-sets:show", request.caller, id);
  if (refusal) return refusal;
  const limits = await limitsAskedFor(reader, request);
  const quota_set = { id, ...viewLimits(limits, quotaSetNames(request.minor)) };
  return { status: 200, body: { quota_set } };
}

async function detail({ reader }: QuotasDependencies, request: NovaRequest): Promise<Outcome> {
  const id = request.param("project");
  const refusal = refuseUnlessAllowed("os_compute_api:os-quota-sets:detail", request.caller, id);
  if (refusal) return refusal;
  const limits = await limitsAskedFor(reader, request);
  const inUse = await inUseOf(reader, id, userOf(request));
  const quota_set = { id, ...viewDetail(limits, inUse, quotaSetNames(request.minor)) };
  return { status: 200, body: { quota_set } };
}

async function defaults({ reader }: QuotasDependencies, request: NovaRequest): Promise<Outcome> {
  const id = request.param("project");
  const refusal = refuseUnlessAllowed("os_compute_api:os-quota-sets:defaults", request.caller, id);
  if (refusal) return refusal;
  const limits = await classLimitsOf(reader, DEFAULT_CLASS);
  const quota_set = { id, ...viewLimits(limits, quotaSetNames(request.minor)) };
  return { status: 200, body: { quota_set } };
}

async function update(
  { committer, reader }: QuotasDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const projectId = request.param("project");
  const { caller, minor } = request;
  const refusal = refuseUnlessAllowed("os_compute_api:os-quota-sets:update", caller, projectId);
  if (refusal) return refusal;
  const { force, ...values } = (request.body as { quota_set: AskedLimits }).quota_set;
  const userId = userOf(request);
  const type = "SetQuotaLimits";
  const outcome = await committer.submit(metadataOf(request, type), async (unit) => {
    const effective = await limitsOf(unit, projectId);
    const inUse = await inUseOf(unit, projectId, userId);
    const limits = readLimits(values);
    const command = { type, userId, limits, force: isTrue(force), effective, inUse } as const;
    return await decideIn(unit, quotas, projectId, (quota) => setQuotaLimits(command, quota));
  });
  if (isRejection(outcome)) return faultOf(outcome);
  const quota_set = viewLimits(await limitsAskedFor(reader, request), quotaSetNames(minor));
  return { status: 200, body: { quota_set } };
}

async function reset({ committer }: QuotasDependencies, request: NovaRequest): Promise<Outcome> {
  const projectId = request.param("project");
  const { caller } = request;
  const refusal = refuseUnlessAllowed("os_compute_api:os-quota-sets:delete", caller, projectId);
  if (refusal) return refusal;
  const command = { type: "ResetQuotaLimits", userId: userOf(request) } as const;
  const metadata = metadataOf(request, command.type);
  const outcome = await handle(
    committer,
    quotas,
    projectId,
    metadata,
    (quota) => resetQuotaLimits(command, quota),
  );
  return isRejection(outcome) ? faultOf(outcome) : { status: 202 };
}

async function showClass({ reader }: QuotasDependencies, request: NovaRequest): Promise<Outcome> {
  const id = request.param("name");
  const { caller, minor } = request;
  const rule = "os_compute_api:os-quota-class-sets:show";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  const limits = await classLimitsOf(reader, id);
  const quota_class_set = { id, ...viewLimits(limits, quotaClassNames(minor)) };
  return { status: 200, body: { quota_class_set } };
}

/** Longest name of a class; the length of Nova's column. */
const LONGEST_CLASS_NAME = 255;

async function updateClass(
  { committer, reader }: QuotasDependencies,
  request: NovaRequest,
): Promise<Outcome> {
  const name = request.param("name");
  const { caller, minor } = request;
  const rule = "os_compute_api:os-quota-class-sets:update";
  const refusal = refuseUnlessAllowed(rule, caller, caller.projectId);
  if (refusal) return refusal;
  if (name.length > LONGEST_CLASS_NAME) {
    return fault(
      400,
      `Invalid input received: quota_class_name has ${name.length} characters, more than ` +
        `${LONGEST_CLASS_NAME}.`,
    );
  }
  const { quota_class_set: values } = request.body as { quota_class_set: AskedLimits };
  const command = { type: "SetQuotaClassLimits", limits: readLimits(values) } as const;
  const outcome = await handle(
    committer,
    quotaClasses,
    name,
    metadataOf(request, command.type),
    (quotaClass) => setQuotaClassLimits(command, quotaClass),
  );
  if (isRejection(outcome)) return faultOf(outcome);
  const quota_class_set = viewLimits(await classLimitsOf(reader, name), quotaClassNames(minor));
  return { status: 200, body: { quota_class_set } };
}

/** Limits as a body has them: numbers, or their digits. */
type AskedLimits = Readonly<Record<string, unknown>>;

function readLimits(values: AskedLimits): Partial<AllLimits> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
}

/** oslo_utils.strutils, `bool_from_string`. */
function isTrue(word: unknown): boolean {
  return ["1", "t", "true", "on", "y", "yes"].includes(String(word ?? false).toLowerCase());
}
