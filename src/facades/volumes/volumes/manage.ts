/** `/manageable_volumes` and `/os-volume-manage`; cinder/api/contrib/volume_manage.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { isUuid } from "../../../http/formats.ts";
import { json } from "../../endpoint.ts";
import { refuseUnlessAdmin } from "../access.ts";
import { noRoute, refused } from "../answers.ts";
import { defaultTypeOf } from "../default_types/projection.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { AVAILABILITY_ZONE } from "../fixed.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { invalidInput, invalidVolume } from "../refusals.ts";
import { isTrue, manageSchema } from "../schemas.ts";
import { BACKEND } from "../services/projection.ts";
import { pageOf } from "../short_list.ts";
import { record, trimmed, type VolumeDependencies } from "../writes.ts";
import { manageVolume, takeUp } from "./decide/mod.ts";
import { findUsableType } from "./make.ts";
import { detailOf } from "./operations.ts";
import { findLeftBehind, findVolume, leftBehind, volumes } from "./projection.ts";
import type { Volume } from "./state.ts";

interface Given {
  readonly host?: string | null;
  readonly ref: Readonly<Record<string, unknown>> | string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly volume_type?: string | null;
  readonly availability_zone?: string | null;
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly bootable?: unknown;
}

/** `POST`: has what is on the backend by some name managed; for admins. */
export function manageVolumes({ committer, reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(manageSchema(request.minor));
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:volume_manage");
    if (refusal) return refused(refusal);
    const { volume: given } = body.value as { volume: Given };
    const refusedHost = refuseHost(given.host);
    if (refusedHost) return refused(refusedHost);
    const outcome = await committer.submit(
      request.metadata("ManageVolume"),
      (unit) => manage(unit, request, given),
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(202, { volume: await detailOf(reader, request, outcome) });
  };
}

/** One backend only has volumes; with its pool or without. */
function refuseHost(host: string | null | undefined): Rejection | undefined {
  if (!host) return invalidInput("Host field is missing.");
  return host.split("#")[0] === BACKEND ? undefined : invalidInput(`Host '${host}' not found`);
}

async function manage(
  unit: UnitOfWork,
  { caller }: VolumeRequest,
  given: Given,
): Promise<Versioned<Volume> | Rejection> {
  const idOnBackend = idIn(given.ref);
  if (idOnBackend && await findVolume(unit, idOnBackend)) {
    return invalidVolume("Unable to manage existing volume. The volume is already managed");
  }
  const asked = given.volume_type;
  const volumeType = asked
    ? await findUsableType(unit, asked, caller)
    : await defaultTypeOf(unit, caller.projectId);
  if (isRejection(volumeType)) {
    return reject("Invalid", `Invalid volume type: Cannot find requested '${asked}' volume type`);
  }
  const found = idOnBackend ? await findLeftBehind(unit, idOnBackend) : undefined;
  const { projectId, userId } = caller;
  const decision = manageVolume({
    name: trimmed(given.name) || null,
    description: trimmed(given.description) || null,
    ...{ projectId, userId, volumeType },
    availabilityZone: given.availability_zone ?? AVAILABILITY_ZONE,
    metadata: given.metadata ?? {},
    isBootable: isTrue(given.bootable ?? false),
    found: found?.state,
  });
  if (isRejection(decision)) return decision;
  const refusal = await refuseBeyondQuota(unit, {
    kind: "volumes",
    projectId,
    typeId: volumeType.id,
    count: 1,
    gigabytes: found?.state.sizeGib ?? 0,
  });
  if (refusal) return refusal;
  const before = await unit.load(volumes, crypto.randomUUID());
  if (found) await record(unit, volumes, found, takeUp(before.id));
  return await record(unit, volumes, before, decision);
}

/** The id in `volume-<id>`, the name that a volume has on the backend. */
function idIn(ref: Given["ref"]): string | undefined {
  const name = typeof ref === "string" ? ref : ref["source-name"];
  const id = typeof name === "string" ? name.replace(/^volume-/, "") : "";
  return isUuid(id) && name !== id ? id.toLowerCase() : undefined;
}

/** `GET`, from microversion 3.8 on: what could be managed; for admins. */
export function listManageable(
  { reader }: VolumeDependencies,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async ({ caller, query, minor }) => {
    if (minor < 8) return noRoute();
    const refusal = refuseUnlessAdmin(caller, "volume_extension:list_manageable") ??
      refuseHost(query.get("host"));
    if (refusal) return refused(refusal);
    const notFound = (id: string) => invalidInput(`marker not found: ${id}`);
    const page = pageOf(await leftBehind(reader), query, notFound);
    if (isRejection(page)) return refused(page);
    return json(200, {
      "manageable-volumes": page.map(({ id, state: { sizeGib } }) => ({
        reference: { "source-name": `volume-${id}` },
        size: sizeGib,
        safe_to_manage: true,
        ...(isDetailed && { reason_not_safe: null, cinder_id: null, extra_info: null }),
      })),
    });
  };
}
