/** `/qos-specs`; cinder/api/contrib/qos_specs_manage.py. */
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
import { refuseUnlessAdmin } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { isYes } from "../list.ts";
import { invalidInput, notFound } from "../refusals.ts";
import { qosCreateSchema, qosKeysSchema, qosUpdateSchema } from "../schemas.ts";
import { linksBehind, pageOf } from "../short_list.ts";
import { associateQos, disassociateQos, type VolumeType } from "../types/decider.ts";
import { allTypes, volumeTypes } from "../types/projection.ts";
import { record, type VolumeDependencies } from "../writes.ts";
import {
  changeQosSpecs,
  createQosSpecs,
  deleteQosKeys,
  deleteQosSpecs,
  type QosSpecs,
  type QosSpecsEvent,
  type QosSpecsFacts,
} from "./decider.ts";
import { allQosSpecs, findQosSpecs, isQosNameTaken, qosSpecs } from "./projection.ts";

const rule = (name: string) => `volume_extension:qos_specs_manage:${name}`;

/** The specs' JSON; cinder/api/views/qos_specs.py. */
function qosView({ id, state: { name, consumer, specs } }: Versioned<QosSpecs>): object {
  return { id, name, consumer, specs };
}

function answer(request: VolumeRequest, found: Versioned<QosSpecs>): Response {
  const path = `qos-specs/${found.id}`;
  return json(200, {
    qos_specs: qosView(found),
    links: [
      { rel: "self", href: `${request.selfBase}/${path}` },
      { rel: "bookmark", href: `${request.bookmarkBase}/${path}` },
    ],
  });
}

/** `GET /qos-specs`. */
export function listQosSpecs({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const { caller, query } = request;
    const refusal = refuseUnlessAdmin(caller, rule("get_all"));
    if (refusal) return refused(refusal);
    const isAsked = ({ id, state }: Versioned<QosSpecs>) =>
      Object.entries({ id, name: state.name, consumer: state.consumer })
        .every(([key, value]) => (query.get(key) ?? value) === value);
    const page = pageOf((await allQosSpecs(reader)).filter(isAsked), query, notFound.qosSpecs);
    if (isRejection(page)) return refused(page);
    return json(200, {
      qos_specs: page.map(qosView),
      ...linksBehind(page, request, { key: "qos_specs_links", path: "qos-specs" }),
    });
  };
}

/** `GET /qos-specs/{id}`. */
export function showQosSpecs({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readable(reader, request, rule("get"));
    return isRejection(found) ? refused(found) : answer(request, found);
  };
}

async function readable(
  reader: Reader,
  request: VolumeRequest,
  rule: string,
): Promise<Versioned<QosSpecs> | Rejection> {
  const refusal = refuseUnlessAdmin(request.caller, rule);
  if (refusal) return refusal;
  const id = request.param("id");
  return await findQosSpecs(reader, id) ?? notFound.qosSpecs(id);
}

/** `POST /qos-specs`: the name, the consumer, and every other key is a spec. */
export function createQos({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(qosCreateSchema);
    if (body instanceof Response) return body;
    const refusal = refuseUnlessAdmin(request.caller, rule("create"));
    if (refusal) return refused(refusal);
    const { name: given, ...others } = (body.value as {
      qos_specs: Readonly<Record<string, unknown>>;
    }).qos_specs;
    const name = String(given).trim();
    const refusedName = refuseName(name) ?? refuseOtherThanTexts(others);
    if (refusedName) return refused(refusedName);
    const outcome = await committer.submit(
      request.metadata("CreateVolumeQosSpecs"),
      async (unit) => {
        const isNameTaken = await isQosNameTaken(unit, name);
        const decision = createQosSpecs({ name, isNameTaken, ...factsIn(others) });
        const before = await unit.load(qosSpecs, crypto.randomUUID());
        return await record(unit, qosSpecs, before, decision);
      },
    );
    return isRejection(outcome) ? refused(outcome) : answer(request, outcome);
  };
}

/** cinder/api/validation/validators.py. */
function refuseName(name: string): Rejection | undefined {
  const wrong = (reason: string) =>
    reject("Invalid", `An invalid 'name' value was provided. The 'name' can not be ${reason}.`);
  if (name === "") return wrong("empty");
  return name.length > 255 ? wrong("greater than 255 characters") : undefined;
}

function refuseOtherThanTexts(given: Readonly<Record<string, unknown>>): Rejection | undefined {
  for (const [key, value] of Object.entries(given)) {
    if (value === null || typeof value === "string") continue;
    return invalidInput(`Value for key "${key}" is not a string or unicode`);
  }
}

function factsIn(given: Readonly<Record<string, unknown>>): Partial<QosSpecsFacts> {
  const { consumer, ...specs } = given as QosSpecsFacts["specs"];
  return { ...(consumer && { consumer }), specs };
}

/** Decides an admin's command on the QoS specs that a request's path names. */
function change(
  { committer }: VolumeDependencies,
  request: VolumeRequest,
  { command, rule }: { readonly command: string; readonly rule: string },
  decide: (
    qos: Versioned<QosSpecs>,
    unit: UnitOfWork,
  ) => Decision<QosSpecsEvent> | Promise<Decision<QosSpecsEvent>>,
): Promise<Versioned<QosSpecs> | Rejection> {
  return committer.submit(request.metadata(command), async (unit) => {
    const refusal = refuseUnlessAdmin(request.caller, rule);
    if (refusal) return refusal;
    const before = await unit.load(qosSpecs, request.param("id"));
    if (!before.state.exists) return notFound.qosSpecs(before.id);
    return await record(unit, qosSpecs, before, await decide(before, unit));
  });
}

/** `PUT /qos-specs/{id}`: answers with what was asked. */
export function updateQos(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(qosUpdateSchema);
    if (body instanceof Response) return body;
    const given = (body.value as { qos_specs: Readonly<Record<string, unknown>> }).qos_specs;
    const outcome = await change(
      dependencies,
      request,
      { command: "ChangeVolumeQosSpecs", rule: rule("update") },
      ({ state }) => changeQosSpecs(factsIn(given), state),
    );
    return isRejection(outcome) ? refused(outcome) : json(200, body.value as object);
  };
}

/** `PUT /qos-specs/{id}/delete_keys`. */
export function deleteKeysOfQos(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(qosKeysSchema);
    if (body instanceof Response) return body;
    const { keys } = body.value as { keys: readonly string[] };
    const outcome = await change(
      dependencies,
      request,
      { command: "DeleteVolumeQosSpecsKeys", rule: rule("delete") },
      ({ id, state }) => deleteQosKeys(keys, id, state),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `DELETE /qos-specs/{id}`; `force=true` has them hold for no type any more first. */
export function deleteQos(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const force = isYes(request.query.get("force") ?? "");
    const outcome = await change(
      dependencies,
      request,
      { command: "DeleteVolumeQosSpecs", rule: rule("delete") },
      async ({ id }, unit) => {
        const held = await typesOf(unit, id);
        const decision = deleteQosSpecs({ isAssociated: held.length > 0, force });
        if (!isRejection(decision)) await releaseAll(unit, id, held);
        return decision;
      },
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** The types that QoS specs hold for. */
async function typesOf(reader: Reader, id: string): Promise<readonly Versioned<VolumeType>[]> {
  return (await allTypes(reader)).filter(({ state }) => state.qosSpecsId === id);
}

async function releaseAll(
  unit: UnitOfWork,
  id: string,
  types: readonly Versioned<VolumeType>[],
): Promise<void> {
  for (const type of types) {
    await record(unit, volumeTypes, type, disassociateQos(id, type.state));
  }
}

/** `GET /qos-specs/{id}/associations`. */
export function listQosAssociations({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readable(reader, request, rule("get_all"));
    if (isRejection(found)) return refused(found);
    const qos_associations = (await typesOf(reader, found.id)).map(({ id, state: { name } }) => ({
      ...{ association_type: "volume_type", name, id },
    }));
    return json(200, { qos_associations });
  };
}

/** `GET /qos-specs/{id}/associate` and `…/disassociate`, with `vol_type_id`. */
export function associateQosWithType(
  dependencies: VolumeDependencies,
  { holds }: { readonly holds: boolean },
): VolumeOperation {
  return async (request) => {
    const refusal = refuseUnlessAdmin(request.caller, rule("update"));
    if (refusal) return refused(refusal);
    const typeId = request.query.get("vol_type_id");
    if (!typeId) return refused(reject("Invalid", "Volume Type id must not be None."));
    const verb = holds ? "Associate" : "Disassociate";
    const outcome = await change(
      dependencies,
      request,
      { command: `${verb}VolumeQosSpecs`, rule: rule("update") },
      async ({ id: qosSpecsId }, unit) => {
        const type = await unit.load(volumeTypes, typeId);
        if (!type.state.exists) return notFound.type(typeId);
        const changed = await record(
          unit,
          volumeTypes,
          type,
          holds
            ? associateQos({ id: typeId, qosSpecsId }, type.state)
            : disassociateQos(qosSpecsId, type.state),
        );
        return isRejection(changed) ? changed : [];
      },
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** `GET /qos-specs/{id}/disassociate_all`. */
export function disassociateQosFromAll(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await change(
      dependencies,
      request,
      { command: "DisassociateVolumeQosSpecs", rule: rule("update") },
      async ({ id }, unit) => {
        await releaseAll(unit, id, await typesOf(unit, id));
        return [];
      },
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}
