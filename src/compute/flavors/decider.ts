/** Flavors: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type FlavorEvent =
  | FlavorCreated
  | FlavorDescriptionChanged
  | FlavorDeleted
  | FlavorExtraSpecsChanged
  | FlavorAccessAdded
  | FlavorAccessRemoved;

export interface FlavorCreated {
  readonly type: "FlavorCreated";
  readonly data: {
    readonly name: string;
    readonly vcpus: number;
    readonly ramMib: number;
    readonly diskGib: number;
    readonly ephemeralGib: number;
    readonly swapMib: number;
    readonly rxtxFactor: number;
    readonly isPublic: boolean;
    readonly description: string | null;
    readonly extraSpecs: Readonly<Record<string, string>>;
  };
}

export interface FlavorDescriptionChanged {
  readonly type: "FlavorDescriptionChanged";
  readonly data: { readonly description: string | null };
}

/** The flavor is gone; servers keep what they took from it. */
export interface FlavorDeleted {
  readonly type: "FlavorDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface FlavorExtraSpecsChanged {
  readonly type: "FlavorExtraSpecsChanged";
  readonly data: {
    readonly set: Readonly<Record<string, string>>;
    readonly removed: readonly string[];
  };
}

/** A project may use a flavor that is not public. */
export interface FlavorAccessAdded {
  readonly type: "FlavorAccessAdded";
  readonly data: { readonly projectId: string };
}

export interface FlavorAccessRemoved {
  readonly type: "FlavorAccessRemoved";
  readonly data: { readonly projectId: string };
}

export interface Flavor {
  readonly exists: boolean;
  /** Position of the event that created it: flavors are listed by flavor id, then by this. */
  readonly number: number;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMib: number;
  readonly diskGib: number;
  readonly ephemeralGib: number;
  readonly swapMib: number;
  readonly rxtxFactor: number;
  readonly isPublic: boolean;
  readonly disabled: boolean;
  readonly description: string | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Projects that may use it though it is not public, in the order in which they got in. */
  readonly projects: readonly string[];
}

export const NO_FLAVOR: Flavor = {
  exists: false,
  number: 0,
  name: "",
  vcpus: 0,
  ramMib: 0,
  diskGib: 0,
  ephemeralGib: 0,
  swapMib: 0,
  rxtxFactor: 1,
  isPublic: true,
  disabled: false,
  description: null,
  extraSpecs: {},
  projects: [],
};

export function evolve(flavor: Flavor, event: Recorded<FlavorEvent>): Flavor {
  switch (event.type) {
    case "FlavorCreated":
      return { ...NO_FLAVOR, ...event.data, exists: true, number: event.position };
    case "FlavorDescriptionChanged":
      return { ...flavor, description: event.data.description };
    case "FlavorDeleted":
      return NO_FLAVOR;
    case "FlavorExtraSpecsChanged": {
      const { set, removed } = event.data;
      const kept = Object.entries(flavor.extraSpecs).filter(([key]) => !removed.includes(key));
      return { ...flavor, extraSpecs: { ...Object.fromEntries(kept), ...set } };
    }
    case "FlavorAccessAdded":
      return { ...flavor, projects: [...flavor.projects, event.data.projectId] };
    case "FlavorAccessRemoved": {
      const { projectId } = event.data;
      return { ...flavor, projects: flavor.projects.filter((id) => id !== projectId) };
    }
  }
}

/** Whether a project's members may see and use a flavor; administrators may all. */
export function isOpenTo(flavor: Flavor, projectId: string): boolean {
  return flavor.isPublic || flavor.projects.includes(projectId);
}

export interface CreateFlavor {
  readonly type: "CreateFlavor";
  readonly id: string;
  readonly flavor: FlavorCreated["data"];
  /** Whether another flavor has this name. Absent: none has. */
  readonly nameIsTaken?: boolean;
}

/** Creates a flavor; refuses an id or a name that is taken. Source: nova/compute/flavors.py, `create`. */
export function createFlavor(command: CreateFlavor, flavor: Flavor): Decision<FlavorCreated> {
  if (flavor.exists) {
    return reject("Conflict", `Flavor with ID ${command.id} already exists.`);
  }
  if (command.nameIsTaken) {
    return reject("Conflict", `Flavor with name ${command.flavor.name} already exists.`);
  }
  return [{ type: "FlavorCreated", data: command.flavor }];
}

export interface UpdateFlavor {
  readonly type: "UpdateFlavor";
  readonly id: string;
  readonly description: string | null;
}

/** Changes a flavor's description, all that can change; refuses a flavor that is not there. */
export function updateFlavor(
  { id, description }: UpdateFlavor,
  flavor: Flavor,
): Decision<FlavorDescriptionChanged> {
  if (!flavor.exists) return noSuchFlavor(id);
  if (flavor.description === description) return [];
  return [{ type: "FlavorDescriptionChanged", data: { description } }];
}

export interface DeleteFlavor {
  readonly type: "DeleteFlavor";
  readonly id: string;
}

/** Deletes a flavor; refuses one that is not there. Source: nova/objects/flavor.py, `destroy`. */
export function deleteFlavor({ id }: DeleteFlavor, flavor: Flavor): Decision<FlavorDeleted> {
  return flavor.exists ? [{ type: "FlavorDeleted", data: {} }] : noSuchFlavor(id);
}

export interface SetFlavorExtraSpecs {
  readonly type: "SetFlavorExtraSpecs";
  readonly id: string;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

/** Sets extra specs, the others stay; refuses a flavor that is not there. */
export function setFlavorExtraSpecs(
  { id, extraSpecs }: SetFlavorExtraSpecs,
  flavor: Flavor,
): Decision<FlavorExtraSpecsChanged> {
  if (!flavor.exists) return noSuchFlavor(id);
  const changes = Object.entries(extraSpecs).filter(([key, value]) =>
    !Object.hasOwn(flavor.extraSpecs, key) || flavor.extraSpecs[key] !== value
  );
  if (changes.length === 0) return [];
  const set = Object.fromEntries(changes);
  return [{ type: "FlavorExtraSpecsChanged", data: { set, removed: [] } }];
}

export interface DeleteFlavorExtraSpec {
  readonly type: "DeleteFlavorExtraSpec";
  readonly id: string;
  readonly key: string;
}

/** Removes an extra spec; refuses a flavor or a key that is not there. */
export function deleteFlavorExtraSpec(
  { id, key }: DeleteFlavorExtraSpec,
  flavor: Flavor,
): Decision<FlavorExtraSpecsChanged> {
  if (!flavor.exists) return noSuchFlavor(id);
  if (!Object.hasOwn(flavor.extraSpecs, key)) return reject("NotFound", noSuchExtraSpec(id, key));
  return [{ type: "FlavorExtraSpecsChanged", data: { set: {}, removed: [key] } }];
}

/** Nova's words for an extra spec that a flavor does not have. */
export function noSuchExtraSpec(id: string, key: string): string {
  return `Flavor ${id} has no extra specs with key ${key}.`;
}

export interface AddFlavorAccess {
  readonly type: "AddFlavorAccess";
  readonly id: string;
  readonly projectId: string;
  /** Whether a public flavor is refused: from microversion 2.7 on. */
  readonly onlyPrivate: boolean;
}

/**
 * Lets a project use a flavor.
 *
 * Refuses a flavor that is not there, a public one, and a project that may already.
 * Source: nova/api/openstack/compute/flavor_access.py, `_add_tenant_access`.
 */
export function addFlavorAccess(
  { id, projectId, onlyPrivate }: AddFlavorAccess,
  flavor: Flavor,
): Decision<FlavorAccessAdded> {
  if (!flavor.exists) return noSuchFlavor(id);
  if (onlyPrivate && flavor.isPublic) {
    return reject("Conflict", "Can not add access to a public flavor.");
  }
  if (flavor.projects.includes(projectId)) {
    return reject(
      "Conflict",
      `Flavor access already exists for flavor ${id} and project ${projectId} combination.`,
    );
  }
  return [{ type: "FlavorAccessAdded", data: { projectId } }];
}

export interface RemoveFlavorAccess {
  readonly type: "RemoveFlavorAccess";
  readonly id: string;
  readonly projectId: string;
}

/** Takes a project's access to a flavor; refuses where there is no flavor, or no access. */
export function removeFlavorAccess(
  { id, projectId }: RemoveFlavorAccess,
  flavor: Flavor,
): Decision<FlavorAccessRemoved> {
  if (!flavor.exists) return noSuchFlavor(id);
  if (!flavor.projects.includes(projectId)) {
    return reject("NotFound", `Flavor access not found for ${id} / ${projectId} combination.`);
  }
  return [{ type: "FlavorAccessRemoved", data: { projectId } }];
}

function noSuchFlavor(id: string): Rejection {
  return reject("NotFound", notFound(id));
}

/** Nova's words for a flavor that is not there. */
export function notFound(id: string): string {
  return `Flavor ${id} could not be found.`;
}

/** The flavors a new cloud begins with; devstack's, and Nova's own until 13.0. */
export const DEFAULT_FLAVORS: readonly Omit<CreateFlavor, "type">[] = [
  standard("1", "m1.tiny", 1, 512, 1),
  standard("2", "m1.small", 1, 2048, 20),
  standard("3", "m1.medium", 2, 4096, 40),
  standard("4", "m1.large", 4, 8192, 80),
  standard("5", "m1.xlarge", 8, 16384, 160),
];

function standard(
  id: string,
  name: string,
  vcpus: number,
  ramMib: number,
  diskGib: number,
): Omit<CreateFlavor, "type"> {
  return {
    id,
    flavor: {
      name,
      vcpus,
      ramMib,
      diskGib,
      ephemeralGib: 0,
      swapMib: 0,
      rxtxFactor: 1,
      isPublic: true,
      description: null,
      extraSpecs: {},
    },
  };
}
