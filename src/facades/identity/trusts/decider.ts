/**
 * Trusts, by which a user lets another act with some of its roles: what can happen to one, what is
 * true of it, and what may be done to it.
 */
import { type Decision, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Extra, WithOptions } from "../options.ts";

export type TrustEvent = TrustCreated | TrustUsed | TrustDeleted;

export interface TrustFacts extends Pick<WithOptions, "extra"> {
  /** Whose roles they are; with impersonation, whom tokens are of. */
  readonly trustorId: string;
  /** Who may act. */
  readonly trusteeId: string;
  readonly projectId: string | null;
  /** Without those that they imply. */
  readonly roleIds: readonly string[];
  readonly impersonation: boolean;
  /** UTC, in our form; null: never. */
  readonly expiresAt: string | null;
  /** How many tokens it is good for; null: any number. */
  readonly remainingUses: number | null;
  /** How many more times it may be passed on. */
  readonly redelegationCount: number;
  /** The trust it was passed on from, with all before it. */
  readonly redelegatedFrom: Redelegated | null;
}

export interface Redelegated {
  readonly trustId: string;
  /** The trustor of the first: the roles are this user's. */
  readonly firstTrustorId: string;
  /** The trustees of all the trusts before; it is void when one of them is disabled. */
  readonly agentIds: readonly string[];
}

export interface TrustCreated {
  readonly type: "TrustCreated";
  readonly data: TrustFacts;
}

/** A token was got with it. */
export interface TrustUsed {
  readonly type: "TrustUsed";
  readonly data: Record<never, never>;
}

export interface TrustDeleted {
  readonly type: "TrustDeleted";
  readonly data: Record<never, never>;
}

export interface Trust extends TrustFacts {
  readonly exists: boolean;
  readonly extra: Extra;
}

export const NO_TRUST: Trust = {
  exists: false,
  trustorId: "",
  trusteeId: "",
  projectId: null,
  roleIds: [],
  impersonation: false,
  expiresAt: null,
  remainingUses: null,
  redelegationCount: 0,
  redelegatedFrom: null,
  extra: {},
};

export function evolve(trust: Trust, event: Recorded<TrustEvent>): Trust {
  switch (event.type) {
    case "TrustCreated":
      return { ...NO_TRUST, ...event.data, exists: true };
    case "TrustUsed":
      return {
        ...trust,
        remainingUses: trust.remainingUses === null ? null : trust.remainingUses - 1,
      };
    case "TrustDeleted":
      return NO_TRUST;
  }
}

/** How often a trust may be passed on; keystone.conf, max_redelegation_count. */
export const MAX_REDELEGATIONS = 3;

/** What is asked for, before it is known how often it may be passed on. */
export interface WantedTrust extends Omit<TrustFacts, "redelegationCount" | "redelegatedFrom"> {
  readonly allowRedelegation: boolean;
  /** Undefined: as often as may be. */
  readonly redelegationCount: number | undefined;
}

export interface CreateTrust {
  readonly type: "CreateTrust";
  readonly trust: WantedTrust;
  /** The trust of the token that asks, and those it was passed on from, the nearest first. */
  readonly from: readonly (Trust & { readonly id: string })[];
  /** Whether the same is between the same two already, to the same end. */
  readonly isTaken: boolean;
}

/**
 * Creates a trust; refuses one that gives more than the trust it is passed on from.
 *
 * Source: keystone/trust/core.py, create_trust and _validate_redelegation.
 */
export function createTrust({ trust: wanted, from, isTaken }: CreateTrust): Decision<TrustCreated> {
  const [parent] = from;
  const { allowRedelegation, redelegationCount: asked, ...rest } = wanted;
  const isRedelegable = allowRedelegation && asked !== 0;
  if (isRedelegable && (asked ?? 0) > MAX_REDELEGATIONS) return notAllowed();
  if (isRedelegable && wanted.remainingUses !== null) {
    return reject("Invalid", "remaining_uses must not be set if redelegation is allowed");
  }
  const left = parent ? parent.redelegationCount - 1 : MAX_REDELEGATIONS;
  if (parent && isRedelegable && asked !== undefined && asked !== left) return notAllowed();
  const expiresAt = wanted.expiresAt ?? parent?.expiresAt ?? null;
  const trust = { ...rest, expiresAt };
  if (from.some((above) => isWider(trust, above))) return notAllowed();
  if (isTaken) {
    return reject("Conflict", "Conflict occurred attempting to store trust - Duplicate entry.");
  }
  const redelegationCount = isRedelegable ? asked ?? left : 0;
  const data = { ...trust, redelegationCount, redelegatedFrom: redelegation(from) };
  return [{ type: "TrustCreated", data }];
}

/** Whether a trust gives what the one it is passed on from does not. */
function isWider(
  trust: Omit<TrustFacts, "redelegationCount" | "redelegatedFrom">,
  above: Trust,
): boolean {
  const { redelegationCount: depth, expiresAt: end } = above;
  return depth <= 0 || depth > MAX_REDELEGATIONS || trust.remainingUses !== null ||
    (end !== null && (trust.expiresAt === null || end < trust.expiresAt)) ||
    trust.projectId !== above.projectId ||
    !trust.roleIds.every((id) => above.roleIds.includes(id)) ||
    (trust.impersonation && !above.impersonation);
}

function redelegation(from: CreateTrust["from"]): Redelegated | null {
  const [parent] = from;
  if (!parent) return null;
  return {
    trustId: parent.id,
    firstTrustorId: from.at(-1)!.trustorId,
    agentIds: [...new Set(from.map(({ trusteeId }) => trusteeId))],
  };
}

export interface UseTrust {
  readonly type: "UseTrust";
  readonly id: string;
}

/** Counts a token that was got with a trust; refuses one more than it is good for. */
export function useTrust({ id }: UseTrust, trust: Trust): Decision<TrustUsed> {
  if (!trust.exists) return trustNotFound(id);
  if (trust.remainingUses === null) return [];
  if (trust.remainingUses > 0) return [{ type: "TrustUsed", data: {} }];
  return reject("Forbidden", `No remaining uses for trust: ${id}.`);
}

export interface DeleteTrust {
  readonly type: "DeleteTrust";
  readonly id: string;
}

/** Deletes a trust; those it was passed on as go in the same transaction. */
export function deleteTrust({ id }: DeleteTrust, trust: Trust): Decision<TrustDeleted> {
  return trust.exists ? [{ type: "TrustDeleted", data: {} }] : trustNotFound(id);
}

/** There is no trust of this id, or none that is good for anything. */
export function trustNotFound(id: string): Rejection {
  return reject("NotFound", `Could not find trust: ${id}.`);
}

/** Keystone does not say why. */
function notAllowed(): Rejection {
  return reject("Forbidden", "You are not authorized to perform the requested action.");
}
