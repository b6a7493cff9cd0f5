/** `/default-types`, from microversion 3.62 on; cinder/api/v3/default_types.py. */
import { isRejection, reject } from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import { fault, nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { defaultTypeSchema } from "../schemas.ts";
import { findUsableType } from "../volumes/make.ts";
import { record, type VolumeDependencies } from "../writes.ts";
import { setDefaultType, unsetDefaultType } from "./decider.ts";
import { allDefaultTypes, defaultTypes, defaultTypeSetFor } from "./projection.ts";

interface DefaultTypeDependencies extends VolumeDependencies {
  /** Whether the identity service knows a project. */
  hasProject(id: string): Promise<boolean>;
}

function defaultTypeView(projectId: string, typeId: string): object {
  return { project_id: projectId, volume_type_id: typeId };
}

function refuse({ caller }: VolumeRequest): Response | undefined {
  if (caller.isAdmin) return undefined;
  return fault(403, "You are not authorized to perform this operation.");
}

/** Says no to projects that there are not, and to callers who are no admins. */
async function refuseProject(
  { hasProject }: DefaultTypeDependencies,
  request: VolumeRequest,
): Promise<Response | undefined> {
  const id = request.param("project");
  if (!await hasProject(id)) return fault(404, `Project with id ${id} not found.`);
  return refuse(request);
}

/** `GET /default-types`. */
export function listDefaultTypes({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) =>
    refuse(request) ?? json(200, {
      default_types: (await allDefaultTypes(reader))
        .map(({ projectId, typeId }) => defaultTypeView(projectId, typeId)),
    });
}

/** `GET /default-types/{project}`. */
export function showDefaultType(dependencies: DefaultTypeDependencies): VolumeOperation {
  return async (request) => {
    const refusal = await refuseProject(dependencies, request);
    if (refusal) return refusal;
    const id = request.param("project");
    const typeId = await defaultTypeSetFor(dependencies.reader, id);
    return typeId === null
      ? fault(404, `Default type for project ${id} not found.`)
      : json(200, { default_type: defaultTypeView(id, typeId) });
  };
}

/** `PUT /default-types/{project}`: the type by its id or name. */
export function updateDefaultType(dependencies: DefaultTypeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(defaultTypeSchema);
    if (body instanceof Response) return body;
    const refusal = await refuseProject(dependencies, request);
    if (refusal) return refusal;
    const { volume_type: asked } = (body.value as { default_type: { volume_type: string } })
      .default_type;
    const id = request.param("project");
    const outcome = await dependencies.committer.submit(
      request.metadata("SetVolumeDefaultType"),
      async (unit) => {
        const type = await findUsableType(unit, asked, request.caller);
        if (isRejection(type)) return reject("Invalid", type.message);
        const before = await unit.load(defaultTypes, id);
        return await record(unit, defaultTypes, before, setDefaultType(type.id, before.state));
      },
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { default_type: defaultTypeView(id, outcome.state.typeId!) });
  };
}

/** `DELETE /default-types/{project}`: also of a project that is gone. */
export function deleteDefaultType({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const refusal = refuse(request);
    if (refusal) return refusal;
    await committer.submit(request.metadata("UnsetVolumeDefaultType"), async (unit) => {
      const before = await unit.load(defaultTypes, request.param("project"));
      return await record(unit, defaultTypes, before, unsetDefaultType(before.state));
    });
    return nothing(204);
  };
}
