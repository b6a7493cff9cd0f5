/** `/types/{id}/encryption`; cinder/api/contrib/volume_type_encryption.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Reader } from "../../../store/query.ts";
import { json } from "../../endpoint.ts";
import { refuseUnlessAdmin } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { toMicroseconds } from "../lifetime.ts";
import { notFound } from "../refusals.ts";
import { encryptionCreateSchema, encryptionUpdateSchema } from "../schemas.ts";
import { isTypeInUse } from "../volumes/projection.ts";
import type { VolumeDependencies } from "../writes.ts";
import {
  changeEncryption,
  type Encryption,
  encryptType,
  noEncryption,
  removeEncryption,
  type VolumeType,
} from "./decider.ts";
import { changeType } from "./operations.ts";
import { findType } from "./projection.ts";

const rule = (name: string) => `volume_extension:volume_type_encryption:${name}`;

/** What Cinder's record of a type's encryption has. */
function encryptionView({ id, state }: Versioned<VolumeType>): Readonly<Record<string, unknown>> {
  const { encryption } = state;
  if (!encryption) return {};
  return {
    encryption_id: encryption.id,
    volume_type_id: id,
    provider: encryption.provider,
    cipher: encryption.cipher,
    key_size: encryption.keySize,
    control_location: encryption.controlLocation,
    created_at: toMicroseconds(state.updatedAt),
    updated_at: null,
    deleted: false,
    deleted_at: null,
  };
}

async function readable(
  reader: Reader,
  request: VolumeRequest,
): Promise<Versioned<VolumeType> | Rejection> {
  const refusal = refuseUnlessAdmin(request.caller, rule("get"));
  if (refusal) return refusal;
  const id = request.param("id");
  return await findType(reader, id) ?? notFound.type(id);
}

/** `GET /types/{id}/encryption`: nothing in it when volumes of the type are not encrypted. */
export function showEncryption({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readable(reader, request);
    return isRejection(found) ? refused(found) : json(200, encryptionView(found));
  };
}

/** `GET /types/{id}/encryption/{key}`. */
export function showEncryptionKey({ reader }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const found = await readable(reader, request);
    if (isRejection(found)) return refused(found);
    const view = encryptionView(found);
    const key = request.param("key");
    return Object.hasOwn(view, key)
      ? json(200, { [key]: view[key] })
      : refused(noEncryption(found.id));
  };
}

type Given = Readonly<Record<string, unknown>>;

/** `POST /types/{id}/encryption`. */
export function createEncryption(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(encryptionCreateSchema);
    if (body instanceof Response) return body;
    const { encryption: given } = body.value as { encryption: Given };
    const encryption: Encryption = {
      id: crypto.randomUUID(),
      provider: String(given["provider"]),
      cipher: null,
      keySize: null,
      controlLocation: "front-end",
      ...factsIn(given),
    };
    const outcome = await changeType(
      dependencies,
      request,
      { command: "EncryptVolumeType", rule: rule("create") },
      async (type, id, unit) =>
        encryptType(encryption, { id, inUse: await isTypeInUse(unit, id) }, type),
    );
    if (isRejection(outcome)) return refused(outcome);
    const { id } = outcome;
    return json(200, {
      encryption: { ...shownOf(given), volume_type_id: id, encryption_id: encryption.id },
    });
  };
}

/** `PUT /types/{id}/encryption/{encryption_id}`; as in Cinder, the type alone says which is meant. */
export function updateEncryption(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const body = await request.body(encryptionUpdateSchema);
    if (body instanceof Response) return body;
    const { encryption: given } = body.value as { encryption: Given };
    const outcome = await changeType(
      dependencies,
      request,
      { command: "ChangeVolumeTypeEncryption", rule: rule("update") },
      async (type, id, unit) =>
        changeEncryption(factsIn(given), { id, inUse: await isTypeInUse(unit, id) }, type),
    );
    return isRejection(outcome) ? refused(outcome) : json(200, { encryption: shownOf(given) });
  };
}

/** `DELETE /types/{id}/encryption/{encryption_id}`. */
export function deleteEncryption(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const outcome = await changeType(
      dependencies,
      request,
      { command: "RemoveVolumeTypeEncryption", rule: rule("delete") },
      async (type, id, unit) => removeEncryption({ id, inUse: await isTypeInUse(unit, id) }, type),
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}

/** The facts that a body gives; others are left aside. */
function factsIn(given: Given): Partial<Omit<Encryption, "id">> {
  const { provider, cipher, key_size: size, control_location: location } = given;
  return {
    ...(typeof provider === "string" && { provider }),
    ...(cipher !== undefined && { cipher: cipher as string | null }),
    ...(size !== undefined && { keySize: size === null ? null : Number(size) }),
    ...(location !== undefined && {
      controlLocation: location as Encryption["controlLocation"],
    }),
  };
}

/** A body as it comes back: a size in text as the number that it is. */
function shownOf(given: Given): Given {
  const size = given["key_size"];
  return { ...given, ...(typeof size === "string" && { key_size: Number(size) }) };
}
