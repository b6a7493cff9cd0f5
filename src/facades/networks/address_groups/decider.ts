/** Address groups: named sets of networks, for rules of security groups to name. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import { pythonRepr } from "../../../http/python.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { type NetworkDecision, refusal } from "../refusals.ts";

export type AddressGroupEvent =
  | AddressGroupCreated
  | AddressGroupUpdated
  | AddressGroupAddressesAdded
  | AddressGroupAddressesRemoved
  | AddressGroupDeleted;

/** What whoever makes a group says of it. */
export interface AddressGroupFacts {
  readonly name: string;
  readonly description: string;
  readonly projectId: string;
  /** Networks in canonical text, in the order in which they were added. */
  readonly addresses: readonly string[];
}

export interface AddressGroupCreated {
  readonly type: "AddressGroupCreated";
  readonly data: AddressGroupFacts;
}

export interface AddressGroupUpdated {
  readonly type: "AddressGroupUpdated";
  readonly data: Partial<Pick<AddressGroupFacts, "name" | "description">>;
}

export interface AddressGroupAddressesAdded {
  readonly type: "AddressGroupAddressesAdded";
  readonly data: { readonly addresses: readonly string[] };
}

export interface AddressGroupAddressesRemoved {
  readonly type: "AddressGroupAddressesRemoved";
  readonly data: { readonly addresses: readonly string[] };
}

export interface AddressGroupDeleted {
  readonly type: "AddressGroupDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface AddressGroup extends Lifetime, AddressGroupFacts {}

export const NO_ADDRESS_GROUP: AddressGroup = {
  ...UNBORN,
  name: "",
  description: "",
  projectId: "",
  addresses: [],
};

export function evolve(group: AddressGroup, event: Recorded<AddressGroupEvent>): AddressGroup {
  const updatedAt = event.recordedAt;
  switch (event.type) {
    case "AddressGroupCreated":
      return { ...group, ...event.data, ...born(event) };
    case "AddressGroupUpdated":
      return { ...group, ...event.data, updatedAt };
    case "AddressGroupAddressesAdded":
      return { ...group, addresses: [...group.addresses, ...event.data.addresses], updatedAt };
    case "AddressGroupAddressesRemoved": {
      const gone = new Set(event.data.addresses);
      const addresses = group.addresses.filter((address) => !gone.has(address));
      return { ...group, addresses, updatedAt };
    }
    case "AddressGroupDeleted":
      return { ...group, exists: false, updatedAt };
  }
}

/** Changes what a group is called. */
export function updateAddressGroup(
  changes: AddressGroupUpdated["data"],
  group: AddressGroup,
): NetworkDecision<AddressGroupUpdated> {
  const data = whatDiffers<AddressGroupUpdated["data"]>(group, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "AddressGroupUpdated", data }];
}

export interface ChangeAddresses {
  readonly id: string;
  readonly addresses: readonly string[];
}

/** Adds addresses; refuses those that are there. */
export function addAddresses(
  { id, addresses }: ChangeAddresses,
  group: AddressGroup,
): NetworkDecision<AddressGroupAddressesAdded> {
  const known = addresses.filter((address) => group.addresses.includes(address));
  if (known.length > 0) {
    return refusal(
      "Invalid",
      "AddressesAlreadyExist",
      `Addresses ${pythonRepr(known)} already exist in the address group ${id}.`,
    );
  }
  if (addresses.length === 0) return [];
  return [{ type: "AddressGroupAddressesAdded", data: { addresses } }];
}

/** Takes addresses away; refuses those that are not there. */
export function removeAddresses(
  { id, addresses }: ChangeAddresses,
  group: AddressGroup,
): NetworkDecision<AddressGroupAddressesRemoved> {
  const unknown = addresses.filter((address) => !group.addresses.includes(address));
  if (unknown.length > 0) {
    return refusal(
      "NotFound",
      "AddressesNotFound",
      `Addresses ${pythonRepr(unknown)} not found in the address group ${id}.`,
    );
  }
  if (addresses.length === 0) return [];
  return [{ type: "AddressGroupAddressesRemoved", data: { addresses } }];
}

/** Deletes a group; refuses one that rules name. */
export function deleteAddressGroup(
  id: string,
  isInUse: boolean,
): NetworkDecision<AddressGroupDeleted> {
  if (!isInUse) return [{ type: "AddressGroupDeleted", data: {} }];
  return refusal(
    "Conflict",
    "AddressGroupInUse",
    `Address group ${id} is in use on one or more security group rules.`,
  );
}
