/** Who calls: what a token says, as the identity service vouches for it. */

/** A caller, as the token's scope and roles make them. */
export interface Caller {
  readonly userId: string;
  /** The project the token is scoped to; empty for a token without one. */
  readonly projectId: string;
  /** Role names, implied ones included; empty for a token without scope. */
  readonly roles: ReadonlySet<string>;
  /** Whether `admin` is among the roles: on whatever project. */
  readonly isAdmin: boolean;
}

/** Vouches for tokens: the embedded identity service, or a Keystone. */
export interface TokenChecker {
  /** Who the token stands for, at once if it is known; undefined: unknown, expired or revoked. */
  check(token: string): Caller | undefined | Promise<Caller | undefined>;
}

/** The body of a 401; keystonemiddleware's, not Nova's. */
export const UNAUTHORIZED_BODY = JSON.stringify({
  error: {
    code: 401,
    title: "Unauthorized",
    message: "The request you have made requires authentication.",
  },
});
