/** What a command leads to: the facts to record (none: nothing changes), or why not. */
export type Decision<Event> = readonly Event[] | Rejection;

/** Why not: a kind, and Nova's words for it. Never an HTTP status. */
export interface Rejection {
  readonly rejected: RejectionKind;
  readonly message: string;
}

export type RejectionKind = "Invalid" | "Forbidden" | "QuotaExceeded" | "NotFound" | "Conflict";

/** Says no, with the words the caller will read. */
export function reject(rejected: RejectionKind, message: string): Rejection {
  return { rejected, message };
}

/** Whether a command's outcome is a refusal. */
export function isRejection(outcome: unknown): outcome is Rejection {
  return typeof outcome === "object" && outcome !== null && "rejected" in outcome;
}
