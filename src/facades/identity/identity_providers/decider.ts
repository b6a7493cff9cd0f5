/**
 * Identity services elsewhere that could vouch for users, which are kept and shown: facts, state
 * and rules.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { newIn } from "../changes.ts";

export type IdentityProviderEvent =
  | IdentityProviderCreated
  | IdentityProviderUpdated
  | IdentityProviderDeleted;

export interface IdentityProviderFacts {
  /** The domain its users are in. */
  readonly domainId: string;
  readonly description: string | null;
  readonly enabled: boolean;
  /** What it calls itself; none of another's. */
  readonly remoteIds: readonly string[];
  /** How long its users stay in groups, in minutes; null: as is usual. */
  readonly authorizationTtlMinutes: number | null;
}

export interface IdentityProviderCreated {
  readonly type: "IdentityProviderCreated";
  readonly data: IdentityProviderFacts;
}

/** What may change of one. */
export type IdentityProviderChanges = Partial<Omit<IdentityProviderFacts, "domainId">>;

/** Carries only what changed. */
export interface IdentityProviderUpdated {
  readonly type: "IdentityProviderUpdated";
  readonly data: IdentityProviderChanges;
}

export interface IdentityProviderDeleted {
  readonly type: "IdentityProviderDeleted";
  readonly data: Record<never, never>;
}

export interface IdentityProvider extends IdentityProviderFacts {
  readonly exists: boolean;
}

export const NO_IDENTITY_PROVIDER: IdentityProvider = {
  exists: false,
  domainId: "",
  description: null,
  enabled: false,
  remoteIds: [],
  authorizationTtlMinutes: null,
};

export function evolve(
  provider: IdentityProvider,
  event: Recorded<IdentityProviderEvent>,
): IdentityProvider {
  switch (event.type) {
    case "IdentityProviderCreated":
      return { ...event.data, exists: true };
    case "IdentityProviderUpdated":
      return { ...provider, ...event.data };
    case "IdentityProviderDeleted":
      return NO_IDENTITY_PROVIDER;
  }
}

export interface CreateIdentityProvider {
  readonly type: "CreateIdentityProvider";
  readonly id: string;
  readonly provider: IdentityProviderFacts;
  /** A name that another has, if any is. */
  readonly takenRemoteId?: string;
}

/** Creates one; refuses an id that is taken, and a name that another calls itself by. */
export function createIdentityProvider(
  { id, provider, takenRemoteId }: CreateIdentityProvider,
  state: IdentityProvider,
): Decision<IdentityProviderCreated> {
  if (state.exists) return duplicate(`Duplicate entry: ${id}`);
  return refuseTaken(takenRemoteId) ?? [{ type: "IdentityProviderCreated", data: provider }];
}

export interface UpdateIdentityProvider {
  readonly type: "UpdateIdentityProvider";
  readonly id: string;
  readonly changes: IdentityProviderChanges;
  readonly takenRemoteId?: string;
}

export function updateIdentityProvider(
  { id, changes, takenRemoteId }: UpdateIdentityProvider,
  provider: IdentityProvider,
): Decision<IdentityProviderUpdated> {
  if (!provider.exists) return identityProviderNotFound(id);
  const taken = refuseTaken(takenRemoteId);
  if (taken) return taken;
  const data = newIn<IdentityProviderFacts>(changes, provider);
  return Object.keys(data).length === 0 ? [] : [{ type: "IdentityProviderUpdated", data }];
}

export interface DeleteIdentityProvider {
  readonly type: "DeleteIdentityProvider";
  readonly id: string;
}

/** Deletes one; its domain stays. */
export function deleteIdentityProvider(
  { id }: DeleteIdentityProvider,
  provider: IdentityProvider,
): Decision<IdentityProviderDeleted> {
  return provider.exists
    ? [{ type: "IdentityProviderDeleted", data: {} }]
    : identityProviderNotFound(id);
}

/** There is none of this id. */
export function identityProviderNotFound(id: string) {
  return reject("NotFound", `Could not find Identity Provider: ${id}.`);
}

function refuseTaken(remoteId: string | undefined) {
  return remoteId === undefined ? undefined : duplicate(`Duplicate remote ID: ${remoteId}`);
}

function duplicate(detail: string) {
  return reject(
    "Conflict",
    `Conflict occurred attempting to store identity_provider - ${detail}.`,
  );
}
