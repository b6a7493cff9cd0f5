/** Volume types: what can happen to one, what is true of it, and what may be done to it. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { notFound } from "../refusals.ts";

export type VolumeTypeEvent =
  | VolumeTypeCreated
  | VolumeTypeUpdated
  | VolumeTypeExtraSpecsChanged
  | VolumeTypeAccessAdded
  | VolumeTypeAccessRemoved
  | VolumeTypeQosAssociated
  | VolumeTypeQosDisassociated
  | VolumeTypeEncrypted
  | VolumeTypeEncryptionRemoved
  | VolumeTypeDeleted;

/** What whoever makes a type says of it. */
export interface VolumeTypeFacts {
  readonly name: string;
  readonly description: string | null;
  /** Whether all projects may use it. */
  readonly isPublic: boolean;
}

export type ExtraSpecs = Readonly<Record<string, string | null>>;

export interface VolumeTypeCreated {
  readonly type: "VolumeTypeCreated";
  readonly data: VolumeTypeFacts & { readonly extraSpecs: ExtraSpecs };
}

export interface VolumeTypeUpdated {
  readonly type: "VolumeTypeUpdated";
  readonly data: Partial<VolumeTypeFacts>;
}

/** These are the extra specs now. */
export interface VolumeTypeExtraSpecsChanged {
  readonly type: "VolumeTypeExtraSpecsChanged";
  readonly data: { readonly extraSpecs: ExtraSpecs };
}

/** A project may use the type, though it is not public. */
export interface VolumeTypeAccessAdded {
  readonly type: "VolumeTypeAccessAdded";
  readonly data: { readonly projectId: string };
}

export interface VolumeTypeAccessRemoved {
  readonly type: "VolumeTypeAccessRemoved";
  readonly data: { readonly projectId: string };
}

/** QoS specs hold for its volumes. */
export interface VolumeTypeQosAssociated {
  readonly type: "VolumeTypeQosAssociated";
  readonly data: { readonly qosSpecsId: string };
}

/** None hold any more. */
export interface VolumeTypeQosDisassociated {
  readonly type: "VolumeTypeQosDisassociated";
  readonly data: Readonly<Record<never, never>>;
}

/** How volumes of a type are encrypted. */
export interface Encryption {
  readonly id: string;
  /** `luks`. */
  readonly provider: string;
  readonly cipher: string | null;
  /** In bits. */
  readonly keySize: number | null;
  readonly controlLocation: "front-end" | "back-end";
}

/** Volumes that are made of it from here on are encrypted like this. */
export interface VolumeTypeEncrypted {
  readonly type: "VolumeTypeEncrypted";
  readonly data: { readonly encryption: Encryption };
}

/** Volumes that are made of it from here on are not encrypted. */
export interface VolumeTypeEncryptionRemoved {
  readonly type: "VolumeTypeEncryptionRemoved";
  readonly data: Readonly<Record<never, never>>;
}

export interface VolumeTypeDeleted {
  readonly type: "VolumeTypeDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface VolumeType extends Lifetime, VolumeTypeFacts {
  readonly extraSpecs: ExtraSpecs;
  /** Projects that may use it, should it not be public. */
  readonly projects: readonly string[];
  /** The QoS specs that hold for its volumes. */
  readonly qosSpecsId: string | null;
  readonly encryption: Encryption | null;
}

export const NO_TYPE: VolumeType = {
  ...UNBORN,
  name: "",
  description: null,
  isPublic: true,
  extraSpecs: {},
  projects: [],
  qosSpecsId: null,
  encryption: null,
};

/** The type that volumes are of when nobody says which. */
export const DEFAULT_TYPE_NAME = "__DEFAULT__";

export function evolve(type: VolumeType, event: Recorded<VolumeTypeEvent>): VolumeType {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeTypeCreated":
      return { ...type, ...event.data, ...born(event) };
    case "VolumeTypeUpdated":
    case "VolumeTypeExtraSpecsChanged":
      return { ...type, ...event.data, updatedAt };
    case "VolumeTypeAccessAdded":
      return { ...type, projects: [...type.projects, event.data.projectId], updatedAt };
    case "VolumeTypeAccessRemoved":
      return {
        ...type,
        projects: type.projects.filter((id) => id !== event.data.projectId),
        updatedAt,
      };
    case "VolumeTypeQosAssociated":
    case "VolumeTypeEncrypted":
      return { ...type, ...event.data, updatedAt };
    case "VolumeTypeQosDisassociated":
      return { ...type, qosSpecsId: null, updatedAt };
    case "VolumeTypeEncryptionRemoved":
      return { ...type, encryption: null, updatedAt };
    case "VolumeTypeDeleted":
      return { ...type, exists: false, updatedAt };
  }
}

/** Whether several servers may have a volume of this type at once. */
export function isMultiattach({ extraSpecs }: VolumeType): boolean {
  return extraSpecs["multiattach"] === "<is> True";
}

export interface CreateVolumeType extends VolumeTypeFacts {
  readonly type: "CreateVolumeType";
  readonly extraSpecs: ExtraSpecs;
  /** Whether another type has the name. */
  readonly isNameTaken: boolean;
}

/** Makes a type; refuses a name that is blank, or that another type has. */
export function createVolumeType(
  { type: _, isNameTaken, ...data }: CreateVolumeType,
): Decision<VolumeTypeCreated> {
  return refuseBlank(data.name) ?? refuseTaken(isNameTaken, data.name) ??
    [{ type: "VolumeTypeCreated", data }];
}

/** Changes facts of a type; refuses a name that is blank, or that another type has. */
export function updateVolumeType(
  changes: Partial<VolumeTypeFacts>,
  { isNameTaken }: { readonly isNameTaken: boolean },
  type: VolumeType,
): Decision<VolumeTypeUpdated> {
  const { name } = changes;
  const refusal = name === undefined ? undefined : refuseBlank(name) ??
    refuseTaken(isNameTaken, name);
  if (refusal) return refusal;
  const data = whatDiffers<VolumeTypeFacts>(type, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "VolumeTypeUpdated", data }];
}

function refuseBlank(name: string): Rejection | undefined {
  return name.trim() === "" ? reject("Invalid", "Volume type name can not be empty.") : undefined;
}

function refuseTaken(isNameTaken: boolean, name: string): Rejection | undefined {
  return isNameTaken ? reject("Conflict", `Volume Type ${name} already exists.`) : undefined;
}

/**
 * Deletes a type; refuses those that volumes are of by default, and one that is in use.
 *
 * Source: cinder/volume/volume_types.py, `destroy`.
 */
export function deleteVolumeType(
  { id, inUse, isDefault = false }: {
    readonly id: string;
    readonly inUse: boolean;
    /** Whether it is the default of some project. */
    readonly isDefault?: boolean;
  },
  type: VolumeType,
): Decision<VolumeTypeDeleted> {
  if (type.name === DEFAULT_TYPE_NAME || isDefault) {
    return reject(
      "Invalid",
      `The volume type ${id} is a default volume type and cannot be deleted.`,
    );
  }
  if (inUse) return reject("Invalid", "Target volume type is still in use.");
  return [{ type: "VolumeTypeDeleted", data: {} }];
}

/** Adds to the extra specs, or changes some; refuses a type that volumes are of. */
export function setExtraSpecs(
  specs: ExtraSpecs,
  { inUse }: { readonly inUse: boolean },
  type: VolumeType,
): Decision<VolumeTypeExtraSpecsChanged> {
  if (inUse) return reject("Invalid", "Volume Type is currently in use.");
  const extraSpecs = { ...type.extraSpecs, ...specs };
  if (JSON.stringify(extraSpecs) === JSON.stringify(type.extraSpecs)) return [];
  return [{ type: "VolumeTypeExtraSpecsChanged", data: { extraSpecs } }];
}

/** Takes one extra spec away; refuses one that is not there, and a type that volumes are of. */
export function deleteExtraSpec(
  key: string,
  { id, inUse }: { readonly id: string; readonly inUse: boolean },
  type: VolumeType,
): Decision<VolumeTypeExtraSpecsChanged> {
  if (inUse) return reject("Invalid", "Volume Type is currently in use.");
  if (!Object.hasOwn(type.extraSpecs, key)) return noExtraSpec(id, key);
  const { [key]: _, ...extraSpecs } = type.extraSpecs;
  return [{ type: "VolumeTypeExtraSpecsChanged", data: { extraSpecs } }];
}

/** Says that a type has no such extra spec. */
export function noExtraSpec(id: string, key: string): Rejection {
  return reject("NotFound", `Volume Type ${id} has no extra specs with key ${key}.`);
}

/** Lets a project use a type; refuses public types, and projects that may already. */
export function addAccess(
  { id, projectId }: { readonly id: string; readonly projectId: string },
  type: VolumeType,
): Decision<VolumeTypeAccessAdded> {
  if (type.isPublic) return publicType();
  if (type.projects.includes(projectId)) {
    return reject(
      "Conflict",
      `Volume type access for ${id} / ${projectId} combination already exists.`,
    );
  }
  return [{ type: "VolumeTypeAccessAdded", data: { projectId } }];
}

/** Takes a project's access to a type away; refuses public types, and projects without access. */
export function removeAccess(
  { id, projectId }: { readonly id: string; readonly projectId: string },
  type: VolumeType,
): Decision<VolumeTypeAccessRemoved> {
  if (type.isPublic) return publicType();
  if (!type.projects.includes(projectId)) {
    return reject(
      "NotFound",
      `Volume type access not found for ${id} / ${projectId} combination.`,
    );
  }
  return [{ type: "VolumeTypeAccessRemoved", data: { projectId } }];
}

function publicType(): Rejection {
  return reject(
    "Invalid",
    "Invalid volume type: Type access modification is not applicable to public volume type.",
  );
}

/** Whether a project may use a type, and see it. */
export function mayUse(type: VolumeType, projectId: string, isAdmin: boolean): boolean {
  return type.isPublic || isAdmin || type.projects.includes(projectId);
}

/** Says that there is no such type. */
export function noType(idOrName: string, isName: boolean): Rejection {
  return isName ? notFound.typeByName(idOrName) : notFound.type(idOrName);
}

/** Has QoS specs hold for a type; refuses a type that others hold for already. */
export function associateQos(
  { id, qosSpecsId }: { readonly id: string; readonly qosSpecsId: string },
  type: VolumeType,
): Decision<VolumeTypeQosAssociated> {
  if (type.qosSpecsId === qosSpecsId) return [];
  if (type.qosSpecsId === null) {
    return [{ type: "VolumeTypeQosAssociated", data: { qosSpecsId } }];
  }
  return reject(
    "Invalid",
    `Invalid volume type: Type ${id} is already associated with another qos specs: ` +
      `${type.qosSpecsId}`,
  );
}

/** Has QoS specs hold for a type no more; where they do not, nothing changes. */
export function disassociateQos(
  qosSpecsId: string,
  type: VolumeType,
): Decision<VolumeTypeQosDisassociated> {
  if (type.qosSpecsId !== qosSpecsId) return [];
  return [{ type: "VolumeTypeQosDisassociated", data: {} }];
}

interface TypeToEncrypt {
  readonly id: string;
  readonly inUse: boolean;
}

/**
 * Says how volumes of a type are encrypted; refuses a type that is in use, or has encryption.
 *
 * Source: cinder/api/contrib/volume_type_encryption.py, `create`.
 */
export function encryptType(
  encryption: Encryption,
  { id, inUse }: TypeToEncrypt,
  type: VolumeType,
): Decision<VolumeTypeEncrypted> {
  if (inUse) {
    return reject("Invalid", "Cannot create encryption specs. Volume type in use.");
  }
  if (type.encryption) {
    return reject("Invalid", `Volume type encryption for type ${id} already exists.`);
  }
  return [{ type: "VolumeTypeEncrypted", data: { encryption } }];
}

/** Changes how volumes of a type are encrypted; refuses a type that is in use, or is not. */
export function changeEncryption(
  changes: Partial<Omit<Encryption, "id">>,
  { id, inUse }: TypeToEncrypt,
  type: VolumeType,
): Decision<VolumeTypeEncrypted> {
  if (inUse) {
    return reject("Invalid", "Cannot update encryption specs. Volume type in use.");
  }
  if (!type.encryption) return noEncryption(id);
  const encryption = { ...type.encryption, ...changes };
  if (JSON.stringify(encryption) === JSON.stringify(type.encryption)) return [];
  return [{ type: "VolumeTypeEncrypted", data: { encryption } }];
}

/** Has volumes of a type encrypted no more; refuses a type that is in use, or is not. */
export function removeEncryption(
  { id, inUse }: TypeToEncrypt,
  type: VolumeType,
): Decision<VolumeTypeEncryptionRemoved> {
  if (inUse) {
    return reject("Invalid", "Cannot delete encryption specs. Volume type in use.");
  }
  if (!type.encryption) return noEncryption(id);
  return [{ type: "VolumeTypeEncryptionRemoved", data: {} }];
}

/** Says that a type's volumes are not encrypted. */
export function noEncryption(id: string): Rejection {
  return reject("NotFound", `Volume type encryption for type ${id} does not exist.`);
}
