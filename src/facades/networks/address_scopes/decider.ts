/** Address scopes: which addresses mean the same host; what can happen to one, and what is true. */
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { IpVersion } from "../addresses.ts";
import { born, type Lifetime, UNBORN, whatDiffers } from "../lifetime.ts";
import { type NetworkDecision, refusal } from "../refusals.ts";

export type AddressScopeEvent = AddressScopeCreated | AddressScopeUpdated | AddressScopeDeleted;

/** What whoever makes a scope says of it. */
export interface AddressScopeFacts {
  readonly name: string;
  readonly projectId: string;
  readonly ipVersion: IpVersion;
  /** Whether every project may have pools in it. */
  readonly isShared: boolean;
}

export interface AddressScopeCreated {
  readonly type: "AddressScopeCreated";
  readonly data: AddressScopeFacts;
}

export interface AddressScopeUpdated {
  readonly type: "AddressScopeUpdated";
  readonly data: Partial<AddressScopeFacts>;
}

export interface AddressScopeDeleted {
  readonly type: "AddressScopeDeleted";
  readonly data: Readonly<Record<never, never>>;
}

export interface AddressScope extends Lifetime, AddressScopeFacts {}

export const NO_ADDRESS_SCOPE: AddressScope = {
  ...UNBORN,
  name: "",
  projectId: "",
  ipVersion: 4,
  isShared: false,
};

export function evolve(
  scope: AddressScope,
  event: Recorded<AddressScopeEvent>,
): AddressScope {
  switch (event.type) {
    case "AddressScopeCreated":
      return { ...scope, ...event.data, ...born(event) };
    case "AddressScopeUpdated":
      return { ...scope, ...event.data, updatedAt: event.recordedAt };
    case "AddressScopeDeleted":
      return { ...scope, exists: false, updatedAt: event.recordedAt };
  }
}

export interface UpdateAddressScope {
  readonly type: "UpdateAddressScope";
  readonly id: string;
  readonly changes: Partial<AddressScopeFacts>;
}

/**
 * Changes a scope; refuses to take a shared one back.
 *
 * Source: neutron/db/address_scope_db.py, `update_address_scope`.
 */
export function updateAddressScope(
  { id, changes }: UpdateAddressScope,
  scope: AddressScope,
): NetworkDecision<AddressScopeUpdated> {
  if (scope.isShared && changes.isShared === false) {
    return refusal(
      "Invalid",
      "AddressScopeUpdateError",
      `Unable to update address scope ${id} : Shared address scope can't be unshared.`,
    );
  }
  const data = whatDiffers<AddressScopeFacts>(scope, changes);
  return Object.keys(data).length === 0 ? [] : [{ type: "AddressScopeUpdated", data }];
}

/** Deletes a scope; refuses one that pools are in. */
export function deleteAddressScope(
  id: string,
  hasPools: boolean,
): NetworkDecision<AddressScopeDeleted> {
  if (!hasPools) return [{ type: "AddressScopeDeleted", data: {} }];
  return refusal(
    "Conflict",
    "AddressScopeInUse",
    `Unable to complete operation on address scope ${id}. There are one or more subnet pools in ` +
      "use on the address scope.",
  );
}
