/** `/types`; cinder/api/v3/types.py and api/contrib/types_manage.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { defaultTypeOf, isSomeDefault } from "../default_types/projection.ts";
import { refuseUnlessAdmin } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { isYes } from "../list.ts";
import { notFound } from "../refusals.ts";
import {
  addAccessSchema,
  extraSpecSchema,
  extraSpecsSchema,
  isTrue,
  removeAccessSchema,
  typeCreateSchema,
  typeUpdateSchema,
} from "../schemas.ts";
import { linksBehind, pageOf } from "../short_list.ts";
import { isTypeInUse } from "../volumes/projection.ts";
import { record, trimmed, type VolumeDependencies } from "../writes.ts";
import {
  addAccess,
  createVolumeType,
  deleteExtraSpec,
  deleteVolumeType,
  type ExtraSpecs,
  mayUse,
  noExtraSpec,
  removeAccess,
  setExtraSpecs,
  updateVolumeType,
  type VolumeType,
  type VolumeTypeEvent,
  type VolumeTypeFacts,
} from "./decider.ts";
import { allTypes, findType, findTypeByName, volumeTypes } from "./projection.ts";

type Body = Readonly<Record<string, unknown>>;

/** The extra specs that callers see who are no admins; cinder/policies/type_extra_specs.py. */
const VISIBLE_SPECS = [
  "RESKEY:availability_zones",
  "multiattach",
  "replication_enabled",
  "cacheable",
];

/** A type's JSON; cinder/api/v3/views/types.py. */
function typeView({ caller }: VolumeRequest, { id, state }: Versioned<VolumeType>): object {
  return {
    id,
    name: state.name,
    is_public: state.isPublic,
    description: state.description,
    extra_specs: specsFor(state, caller.isAdmin),
    ...(caller.isAdmin && { qos_specs_id: state.qosSpecsId }),
    "os-volume-type-access:is_public": state.isPublic,
  };
}

function specsFor({ extraSpecs }: VolumeType, isAdmin: boolean): ExtraSpecs {
  if (isAdmin) return extraSpecs;
  return Object.fromEntries(
    Object.entries(extraSpecs).filter(([key]) => VISIBLE_SPECS.includes(key)),
  );
}

/** `GET /types`: what the caller's project may use; an admin may ask for others too. */
export function listTypes({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const { caller, query } = request;
    const isPublic = caller.isAdmin ? publicness(query.get("is_public")) : true;
    if (isRejection(isPublic)) return refused(isPublic);
    const visible = (await allTypes(reader)).filter(({ state }) =>
      caller.isAdmin
        ? isPublic === undefined || state.isPublic === isPublic
        : mayUse(state, caller.projectId, false)
    ).toReversed();
    const page = pageOf(visible, query, notFound.type);
    if (isRejection(page)) return refused(page);
    return json(200, {
      volume_types: page.map((row) => typeView(request, row)),
      ...linksBehind(page, request, { key: "volume_type_links", path: "types" }),
    });
  };
}

/** Undefined: both public and private ones; cinder/api/api_utils.py, `_parse_is_public`. */
export function publicness(text: string | null): boolean | undefined | Rejection {
  if (text === null) return true;
  if (text.toLowerCase() === "none") return undefined;
  if (isYes(text)) return true;
  if (["0", "f", "false", "off", "n", "no"].includes(text.toLowerCase())) return false;
  return reject("Invalid", `Invalid is_public filter [${text}]`);
}

async function visibleType(
  reader: Reader,
  { caller }: VolumeRequest,
  id: string,
): Promise<Versioned<VolumeType> | Rejection> {
  const found = await findType(reader, id);
  if (!found || !mayUse(found.state, caller.projectId, caller.isAdmin)) return notFound.type(id);
  return found;
}

/** `GET /types/{id}`; `default` in its place asks for the one that volumes are of by default. */
export function showType({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const id = request.param("id");
    const found = id === "default"
      ? await defaultTypeOf(reader, request.caller.projectId)
      : await visibleType(reader, request, id);
    return isRejection(found)
      ? refused(found)
      : json(200, { volume_type: typeView(request, found) });
  };
}

/** `POST /types`. */
export function createTypes({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(typeCreateSchema);
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, "volume_extension:type_create");
    if (refusal) return refused(refusal);
    const given = (body.value as { volume_type: Body }).volume_type;
    const name = String(given["name"]).trim();
    const id = crypto.randomUUID();
    const outcome = await committer.submit(
      request.metadata("CreateVolumeType"),
      async (unit) => {
        const decision = createVolumeType({
          type: "CreateVolumeType",
          name,
          description: trimmed(given["description"]) ?? null,
          isPublic: isTrue(given["os-volume-type-access:is_public"] ?? true),
          extraSpecs: given["extra_specs"] as ExtraSpecs | null | undefined ?? {},
          isNameTaken: await findTypeByName(unit, name) !== undefined,
        });
        return await record(unit, volumeTypes, await unit.load(volumeTypes, id), decision);
      },
    );
    return isRejection(outcome)
      ? refused(outcome)
      : json(200, { volume_type: typeView(request, outcome) });
  };
}

interface TypeChange {
  /** For the log: `UpdateVolumeType`. */
  readonly command: string;
  readonly rule: string;
}

/** Decides an admin's command on the type that a request's path names, and records what follows. */
export function changeType(
  { committer }: VolumeDependencies,
  request: VolumeRequest,
  { command, rule }: TypeChange,
  decide: (
    type: VolumeType,
    id: string,
    unit: UnitOfWork,
  ) => Decision<VolumeTypeEvent> | Promise<Decision<VolumeTypeEvent>>,
): Promise<Versioned<VolumeType> | Rejection> {
  const id = request.param("id");
  return committer.submit(request.metadata(command), async (unit) => {
    const refusal = refuseUnlessAdmin(request.caller, rule);
    if (refusal) return refusal;
    const before = await unit.load(volumeTypes, id);
    if (!before.state.exists) return notFound.type(id);
    return await record(unit, volumeTypes, before, await decide(before.state, id, unit));
  });
}

/** `PUT /types/{id}`. */
export function updateTypes(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(typeUpdateSchema);
    if (body instanceof Response) return body;
    const changes = changesIn((body.value as { volume_type: Body }).volume_type);
    if (Object.keys(changes).length === 0) {
      return refused(reject(
        "Invalid",
        "Specify volume type name, description, is_public or a combination thereof.",
      ));
    }
    const outcome = await changeType(
      dependencies,
      request,
      { command: "UpdateVolumeType", rule: "volume_extension:type_update" },
      async (type, id, unit) => {
        const other = changes.name && await findTypeByName(unit, changes.name);
        const isNameTaken = other ? other.id !== id : false;
        return updateVolumeType(changes, { isNameTaken }, type);
      },
    );
    return isRejection(outcome)
      ? refused(outcome)
      : json(200, { volume_type: typeView(request, outcome) });
  };
}

function changesIn(given: Body): Partial<VolumeTypeFacts> {
  const name = trimmed(given["name"]);
  const description = trimmed(given["description"]);
  const isPublic = given["is_public"] ?? undefined;
  return {
    ...(typeof name === "string" && { name }),
    ...(typeof description === "string" && { description }),
    ...(isPublic !== undefined && { isPublic: isTrue(isPublic) }),
  };
}

/** `DELETE /types/{id}`. */
export function deleteTypes(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await changeType(
      dependencies,
      request,
      { command: "DeleteVolumeType", rule: "volume_extension:type_delete" },
      async (type, id, unit) =>
        deleteVolumeType({
          id,
          inUse: await isTypeInUse(unit, id),
          isDefault: await isSomeDefault(unit, id),
        }, type),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `GET /types/{id}/extra_specs`. */
export function listExtraSpecs({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await visibleType(reader, request, request.param("id"));
    if (isRejection(found)) return refused(found);
    return json(200, { extra_specs: specsFor(found.state, request.caller.isAdmin) });
  };
}

/** `POST /types/{id}/extra_specs`. */
export function createExtraSpecs(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(extraSpecsSchema);
    if (body instanceof Response) return body;
    const { extra_specs: specs } = body.value as { extra_specs: ExtraSpecs };
    return await writeExtraSpecs(dependencies, request, specs);
  };
}

async function writeExtraSpecs(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  specs: ExtraSpecs,
  answer: object = { extra_specs: specs },
): Promise<Response> {
  const outcome = await changeType(
    dependencies,
    request,
    { command: "SetVolumeTypeExtraSpecs", rule: "volume_extension:types_extra_specs:create" },
    async (type, id, unit) => setExtraSpecs(specs, { inUse: await isTypeInUse(unit, id) }, type),
  );
  return isRejection(outcome) ? refused(outcome) : json(200, answer);
}

/** `GET /types/{id}/extra_specs/{key}`. */
export function showExtraSpec({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const [id, key] = [request.param("id"), request.param("key")];
    const found = await visibleType(reader, request, id);
    if (isRejection(found)) return refused(found);
    const specs = specsFor(found.state, request.caller.isAdmin);
    return Object.hasOwn(specs, key)
      ? json(200, { [key]: specs[key] })
      : refused(noExtraSpec(id, key));
  };
}

/** `PUT /types/{id}/extra_specs/{key}`. */
export function updateExtraSpec(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(extraSpecSchema);
    if (body instanceof Response) return body;
    const specs = body.value as ExtraSpecs;
    if (!Object.hasOwn(specs, request.param("key"))) {
      return refused(reject("Invalid", "Request body and URI mismatch"));
    }
    return await writeExtraSpecs(dependencies, request, specs, specs);
  };
}

/** `DELETE /types/{id}/extra_specs/{key}`. */
export function deleteExtraSpecs(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await changeType(
      dependencies,
      request,
      { command: "DeleteVolumeTypeExtraSpec", rule: "volume_extension:types_extra_specs:delete" },
      async (type, id, unit) =>
        deleteExtraSpec(request.param("key"), { id, inUse: await isTypeInUse(unit, id) }, type),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `GET /types/{id}/os-volume-type-access`. */
export function listAccess({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const id = request.param("id");
    const refusal = refuseUnlessAdmin(
      request.caller,
      "volume_extension:volume_type_access:get_all_for_type",
    );
    if (refusal) return refused(refusal);
    const found = await findType(reader, id);
    if (!found) return refused(notFound.type(id));
    if (found.state.isPublic) {
      return refused(reject("NotFound", "Access list not available for public volume types."));
    }
    return json(200, {
      volume_type_access: found.state.projects.map((project_id) => ({
        volume_type_id: id,
        project_id,
      })),
    });
  };
}

/** `POST /types/{id}/action`: `addProjectAccess` and `removeProjectAccess`. */
export function actOnType(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body({});
    if (body instanceof Response) return body;
    const name = Object.keys(body.value ?? {})[0];
    if (name !== "addProjectAccess" && name !== "removeProjectAccess") {
      return refused(reject(
        "Invalid",
        `There is no such action: ${name}. Verify the request body and Content-Type header and ` +
          "try again.",
      ));
    }
    const isAdding = name === "addProjectAccess";
    const asked = await request.body(isAdding ? addAccessSchema : removeAccessSchema);
    if (asked instanceof Response) return asked;
    const { project } = (asked.value as Record<string, { project: string }>)[name]!;
    const outcome = await changeType(
      dependencies,
      request,
      {
        command: isAdding ? "AddVolumeTypeAccess" : "RemoveVolumeTypeAccess",
        rule: `volume_extension:volume_type_access:${name}`,
      },
      (type, id) =>
        isAdding
          ? addAccess({ id, projectId: project }, type)
          : removeAccess({ id, projectId: project }, type),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}
