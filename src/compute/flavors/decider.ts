/** Flavors: what can happen to one, what is true of it, and what may be done to it. */
import { type Decision, reject } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";

export type FlavorEvent = FlavorCreated;

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
};

export function evolve(flavor: Flavor, event: Recorded<FlavorEvent>): Flavor {
  switch (event.type) {
    case "FlavorCreated":
      return { ...flavor, ...event.data, exists: true, number: event.position };
  }
}

export interface CreateFlavor {
  readonly type: "CreateFlavor";
  readonly id: string;
  readonly flavor: FlavorCreated["data"];
}

/** Creates a flavor; refuses an id that is taken. Source: nova/compute/flavors.py, `create`. */
export function createFlavor(command: CreateFlavor, flavor: Flavor): Decision<FlavorCreated> {
  if (flavor.exists) {
    return reject("Conflict", `Flavor with ID ${command.id} already exists.`);
  }
  return [{ type: "FlavorCreated", data: command.flavor }];
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
