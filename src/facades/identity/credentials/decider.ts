/**
 * Credentials of users for other ends, such as those of EC2: what can happen to one, what is true
 * of it, and what may be done to it.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Sealed } from "../../../store/secrets.ts";
import { newIn } from "../changes.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type CredentialEvent = CredentialCreated | CredentialUpdated | CredentialDeleted;

export interface CredentialFacts extends Pick<WithOptions, "extra"> {
  /** Such as `ec2`, `totp` or `cert`. */
  readonly type: string;
  readonly userId: string;
  readonly projectId: string | null;
  /** The secret itself. */
  readonly blob: Sealed;
}

export interface CredentialCreated {
  readonly type: "CredentialCreated";
  readonly data: CredentialFacts;
}

/** Carries only what changed. */
export interface CredentialUpdated {
  readonly type: "CredentialUpdated";
  readonly data: Partial<CredentialFacts>;
}

export interface CredentialDeleted {
  readonly type: "CredentialDeleted";
  readonly data: Record<never, never>;
}

export interface Credential extends CredentialFacts {
  readonly exists: boolean;
  readonly extra: Extra;
}

export const NO_CREDENTIAL: Credential = {
  exists: false,
  type: "",
  userId: "",
  projectId: null,
  blob: "" as Sealed,
  extra: {},
};

export function evolve(credential: Credential, event: Recorded<CredentialEvent>): Credential {
  switch (event.type) {
    case "CredentialCreated":
      return { ...NO_CREDENTIAL, ...event.data, exists: true };
    case "CredentialUpdated":
      return { ...credential, ...event.data };
    case "CredentialDeleted":
      return NO_CREDENTIAL;
  }
}

export interface CreateCredential {
  readonly type: "CreateCredential";
  readonly id: string;
  readonly credential: CredentialFacts;
}

/** Creates a credential; refuses an id that is taken: one for EC2 follows from its access key. */
export function createCredential(
  command: CreateCredential,
  credential: Credential,
): Decision<CredentialCreated> {
  if (credential.exists) {
    return reject(
      "Conflict",
      "Conflict occurred attempting to store credential - Duplicate entry found with ID " +
        `${command.id}.`,
    );
  }
  return [{ type: "CredentialCreated", data: command.credential }];
}

export interface UpdateCredential {
  readonly type: "UpdateCredential";
  readonly id: string;
  readonly changes: Partial<CredentialFacts>;
}

/** Updates a credential; refuses to make one for EC2 of one without a project. */
export function updateCredential(
  { id, changes }: UpdateCredential,
  credential: Credential,
): Decision<CredentialUpdated> {
  if (!credential.exists) return credentialNotFound(id);
  const after = { ...credential, ...changes };
  if (changes.type?.toLowerCase() === "ec2" && after.projectId === null) {
    return reject(
      "Invalid",
      "Expecting to find project_id in credential. The server could not comply with the request " +
        "since it is either malformed or otherwise incorrect. The client is assumed to be in error.",
    );
  }
  const data = newIn<CredentialFacts>(applied(changes, credential), credential);
  return Object.keys(data).length === 0 ? [] : [{ type: "CredentialUpdated", data }];
}

export interface DeleteCredential {
  readonly type: "DeleteCredential";
  readonly id: string;
}

export function deleteCredential(
  { id }: DeleteCredential,
  credential: Credential,
): Decision<CredentialDeleted> {
  return credential.exists ? [{ type: "CredentialDeleted", data: {} }] : credentialNotFound(id);
}

/** There is no credential of this id. */
export function credentialNotFound(id: string) {
  return reject("NotFound", `Could not find credential: ${id}.`);
}
