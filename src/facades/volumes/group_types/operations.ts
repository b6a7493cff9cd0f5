/** `/group_types`, from microversion 3.11 on; cinder/api/v3/group_types.py and group_specs.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import { json } from "../../endpoint.ts";
import { refuseUnlessAdmin } from "../access.ts";
import { fault, nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { isGroupTypeInUse } from "../groups/projection.ts";
import { notFound } from "../refusals.ts";
import {
  groupSpecSchema,
  groupSpecsSchema,
  groupTypeCreateSchema,
  groupTypeUpdateSchema,
  isTrue,
} from "../schemas.ts";
import { linksBehind, pageOf } from "../short_list.ts";
import { publicness } from "../types/operations.ts";
import { record, type VolumeDependencies } from "../writes.ts";
import {
  createGroupType,
  deleteGroupSpec,
  deleteGroupType,
  type GroupSpecs,
  type GroupType,
  type GroupTypeEvent,
  type GroupTypeFacts,
  setGroupSpecs,
  updateGroupType,
} from "./decider.ts";
import { allGroupTypes, findGroupType, findGroupTypeByName, groupTypes } from "./projection.ts";

type Body = Readonly<Record<string, unknown>>;

/** A group type's JSON; cinder/api/v3/views/group_types.py. */
function groupTypeView({ caller }: VolumeRequest, { id, state }: Versioned<GroupType>): object {
  return {
    id,
    name: state.name,
    description: state.description,
    is_public: state.isPublic,
    ...(caller.isAdmin && { group_specs: state.specs }),
  };
}

/** `GET /group_types`: the public ones; an admin may ask for others too. */
export function listGroupTypes({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const { caller, query } = request;
    const isPublic = caller.isAdmin ? publicness(query.get("is_public")) : true;
    if (isRejection(isPublic)) return refused(isPublic);
    const visible = (await allGroupTypes(reader)).filter(({ state }) =>
      isPublic === undefined || state.isPublic === isPublic
    );
    const page = pageOf(visible, query, notFound.groupType);
    if (isRejection(page)) return refused(page);
    return json(200, {
      group_types: page.map((row) => groupTypeView(request, row)),
      ...linksBehind(page, request, { key: "group_type_links", path: "group_types" }),
    });
  };
}

/** `GET /group_types/{id}`; a new cloud has no default one. */
export function showGroupType({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const id = request.param("id");
    if (id === "default") return fault(404, "Default group type can not be found.");
    const found = await findGroupType(reader, id);
    return found && (found.state.isPublic || request.caller.isAdmin)
      ? json(200, { group_type: groupTypeView(request, found) })
      : refused(notFound.groupType(id));
  };
}

/** `POST /group_types`. */
export function createGroupTypes({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupTypeCreateSchema);
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, "group:group_types:create");
    if (refusal) return refused(refusal);
    const given = (body.value as { group_type: Body }).group_type;
    const name = String(given["name"]);
    const outcome = await committer.submit(
      request.metadata("CreateVolumeGroupType"),
      async (unit) => {
        const decision = createGroupType({
          name,
          description: given["description"] as string | null | undefined ?? null,
          isPublic: isTrue(given["is_public"] ?? true),
          specs: given["group_specs"] as GroupSpecs | null | undefined ?? {},
          isNameTaken: await findGroupTypeByName(unit, name) !== undefined,
        });
        const before = await unit.load(groupTypes, crypto.randomUUID());
        return await record(unit, groupTypes, before, decision);
      },
    );
    return isRejection(outcome)
      ? refused(outcome)
      : json(202, { group_type: groupTypeView(request, outcome) });
  };
}

/** Decides an admin's command on the group type that a request's path names. */
function change(
  { committer }: VolumeDependencies,
  request: VolumeRequest,
  { command, rule }: { readonly command: string; readonly rule: string },
  decide: (
    type: Versioned<GroupType>,
    unit: UnitOfWork,
  ) => Decision<GroupTypeEvent> | Promise<Decision<GroupTypeEvent>>,
): Promise<Versioned<GroupType> | Rejection> {
  return committer.submit(request.metadata(command), async (unit) => {
    const refusal = refuseUnlessAdmin(request.caller, rule);
    if (refusal) return refusal;
    const before = await unit.load(groupTypes, request.param("id"));
    if (!before.state.exists) return notFound.groupType(before.id);
    return await record(unit, groupTypes, before, await decide(before, unit));
  });
}

/** `PUT /group_types/{id}`. */
export function updateGroupTypes(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupTypeUpdateSchema);
    if (body instanceof Response) return body;
    const changes = changesIn((body.value as { group_type: Body }).group_type);
    const outcome = await change(
      dependencies,
      request,
      { command: "UpdateVolumeGroupType", rule: "group:group_types:update" },
      async ({ id, state }, unit) => {
        const other = changes.name && await findGroupTypeByName(unit, changes.name);
        return updateGroupType(changes, { isNameTaken: other ? other.id !== id : false }, state);
      },
    );
    return isRejection(outcome)
      ? refused(outcome)
      : json(200, { group_type: groupTypeView(request, outcome) });
  };
}

function changesIn(given: Body): Partial<GroupTypeFacts> {
  const { name, description, is_public: isPublic } = given;
  return {
    ...(typeof name === "string" && { name }),
    ...(typeof description === "string" && { description }),
    ...(isPublic !== undefined && { isPublic: isTrue(isPublic) }),
  };
}

/** `DELETE /group_types/{id}`. */
export function deleteGroupTypes(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await change(
      dependencies,
      request,
      { command: "DeleteVolumeGroupType", rule: "group:group_types:delete" },
      async ({ id }, unit) => deleteGroupType({ inUse: await isGroupTypeInUse(unit, id) }),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `GET /group_types/{id}/group_specs`, and of one key. */
export function showGroupSpecs({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const [id, key] = [request.param("id"), request.param("key")];
    const rule = `group:group_types_specs:${key === "" ? "get_all" : "get"}`;
    const refusal = refuseUnlessAdmin(request.caller, rule);
    if (refusal) return refused(refusal);
    const found = await findGroupType(reader, id);
    if (!found) return refused(notFound.groupType(id));
    const { specs } = found.state;
    if (key === "") return json(200, { group_specs: specs });
    return Object.hasOwn(specs, key)
      ? json(200, { [key]: specs[key] })
      : fault(404, `Group Type ${id} has no extra spec with key ${key}.`);
  };
}

/** `POST /group_types/{id}/group_specs`. */
export function createGroupSpecs(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupSpecsSchema);
    if (body instanceof Response) return body;
    const { group_specs: specs } = body.value as { group_specs: GroupSpecs };
    return await writeSpecs(dependencies, request, {
      specs,
      rule: "group:group_types_specs:create",
      answer: () => json(202, { group_specs: specs }),
    });
  };
}

async function writeSpecs(
  dependencies: VolumeDependencies,
  request: VolumeRequest,
  { specs, rule, answer }: {
    readonly specs: GroupSpecs;
    readonly rule: string;
    readonly answer: () => Response;
  },
): Promise<Response> {
  const outcome = await change(
    dependencies,
    request,
    { command: "SetVolumeGroupTypeSpecs", rule },
    ({ state }) => setGroupSpecs(specs, state),
  );
  return isRejection(outcome) ? refused(outcome) : answer();
}

/** `PUT /group_types/{id}/group_specs/{key}`. */
export function updateGroupSpec(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(groupSpecSchema);
    if (body instanceof Response) return body;
    const specs = body.value as GroupSpecs;
    if (!Object.hasOwn(specs, request.param("key"))) {
      return refused(reject("Invalid", "Request body and URI mismatch"));
    }
    return await writeSpecs(dependencies, request, {
      specs,
      rule: "group:group_types_specs:update",
      answer: () => json(200, specs),
    });
  };
}

/** `DELETE /group_types/{id}/group_specs/{key}`. */
export function deleteGroupSpecs(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await change(
      dependencies,
      request,
      { command: "DeleteVolumeGroupTypeSpec", rule: "group:group_types_specs:delete" },
      ({ id, state }) => deleteGroupSpec(request.param("key"), id, state),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}
