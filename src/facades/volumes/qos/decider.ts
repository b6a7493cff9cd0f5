/** QoS specs: what can happen to some, what is true of them, and what may be done to them. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { invalidInput } from "../refusals.ts";

export type QosSpecsEvent = VolumeQosSpecsCreated | VolumeQosSpecsChanged | VolumeQosSpecsDeleted;

/** Keys and values, in the words of whoever heeds them. */
export type Specs = Readonly<Record<string, string | null>>;

/** What whoever makes QoS specs says of them. */
export interface QosSpecsFacts {
  readonly name: string;
  /** Who heeds them: `back-end`, `front-end` or `both`. */
  readonly consumer: string;
  readonly specs: Specs;
}

export interface VolumeQosSpecsCreated {
  readonly type: "VolumeQosSpecsCreated";
  readonly data: QosSpecsFacts;
}

/** Facts that have another value now; `specs` is all of them. */
export interface VolumeQosSpecsChanged {
  readonly type: "VolumeQosSpecsChanged";
  readonly data: Partial<Omit<QosSpecsFacts, "name">>;
}

export interface VolumeQosSpecsDeleted {
  readonly type: "VolumeQosSpecsDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface QosSpecs extends Lifetime, QosSpecsFacts {}

export const NO_QOS_SPECS: QosSpecs = { ...UNBORN, name: "", consumer: "", specs: {} };

export function evolve(qos: QosSpecs, event: Recorded<QosSpecsEvent>): QosSpecs {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "VolumeQosSpecsCreated":
      return { ...qos, ...event.data, ...born(event) };
    case "VolumeQosSpecsChanged":
      return { ...qos, ...event.data, updatedAt };
    case "VolumeQosSpecsDeleted":
      return { ...qos, exists: false, updatedAt };
  }
}

/** cinder/objects/fields.py, `QoSConsumerValues`. */
const CONSUMERS = ["back-end", "front-end", "both"];

/** Most characters of a key or a value. */
const MAX_TEXT = 255;

/**
 * Makes QoS specs; refuses a name that others have, and consumers that there are not.
 *
 * Source: cinder/volume/qos_specs.py, `create`, and cinder/db/api.py, `qos_specs_create`.
 */
export function createQosSpecs(
  { isNameTaken, name, ...given }: Partial<QosSpecsFacts> & {
    readonly name: string;
    readonly isNameTaken: boolean;
  },
): Decision<VolumeQosSpecsCreated> {
  const { consumer = "back-end", specs = {} } = given;
  const refusal = refuseTexts(specs) ?? refuseConsumer(consumer);
  if (refusal) return refusal;
  if (isNameTaken) return reject("Conflict", `QoS Specs ${name} already exists.`);
  return [{ type: "VolumeQosSpecsCreated", data: { name, consumer, specs } }];
}

/** Sets some keys, and the consumer where one is given. */
export function changeQosSpecs(
  { consumer, specs = {} }: Partial<QosSpecsFacts>,
  qos: QosSpecs,
): Decision<VolumeQosSpecsChanged> {
  const refusal = consumer === undefined ? undefined : refuseConsumer(consumer);
  if (refusal) return refusal;
  const changes = {
    ...(consumer !== undefined && { consumer }),
    specs: { ...qos.specs, ...specs },
  };
  const data = whatDiffers<QosSpecs>(qos, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "VolumeQosSpecsChanged", data }];
}

/** Takes keys away; refuses, as a whole, when there is one that is not there. */
export function deleteQosKeys(
  keys: readonly string[],
  id: string,
  qos: QosSpecs,
): Decision<VolumeQosSpecsChanged> {
  const unknown = keys.find((key) => !Object.hasOwn(qos.specs, key));
  if (unknown !== undefined) {
    return reject("NotFound", `QoS spec ${id} has no spec with key ${unknown}.`);
  }
  if (keys.length === 0) return [];
  const specs = Object.entries(qos.specs).filter(([key]) => !keys.includes(key));
  return [{ type: "VolumeQosSpecsChanged", data: { specs: Object.fromEntries(specs) } }];
}

/** Deletes QoS specs; refuses those that hold for a type, unless forced. */
export function deleteQosSpecs(
  { isAssociated, force }: { readonly isAssociated: boolean; readonly force: boolean },
): Decision<VolumeQosSpecsDeleted> {
  if (isAssociated && !force) return reject("Invalid", "Qos specs still in use.");
  return [{ type: "VolumeQosSpecsDeleted", data: {} }];
}

function refuseConsumer(consumer: string): Rejection | undefined {
  if (CONSUMERS.includes(consumer)) return undefined;
  return reject(
    "Invalid",
    "Invalid qos specs: Valid consumer of QoS specs are: QoSConsumerValues(default=back-end," +
      "nullable=False,valid_values=('back-end', 'front-end', 'both'))",
  );
}

/** cinder/utils.py, `validate_dictionary_string_length`. */
function refuseTexts(specs: Specs): Rejection | undefined {
  for (const [key, value] of Object.entries(specs)) {
    if (key === "") return invalidInput(`Key "${key}" has 0 characters, less than 1.`);
    if (key.length > MAX_TEXT) {
      return invalidInput(`Key "${key}" has ${key.length} characters, more than ${MAX_TEXT}.`);
    }
    if (value !== null && value.length > MAX_TEXT) {
      return invalidInput(
        `Value for key "${key}" has ${value.length} characters, more than ${MAX_TEXT}.`,
      );
    }
  }
}
