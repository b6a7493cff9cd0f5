/** Application credentials: what can happen to one, what is true of it, what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { AccessRuleFacts } from "../access_rules/decider.ts";

export type ApplicationCredentialEvent =
  | ApplicationCredentialCreated
  | ApplicationCredentialDeleted;

export interface ApplicationCredentialFacts {
  readonly userId: string;
  readonly projectId: string;
  readonly name: string;
  readonly description: string | null;
  /** As `hashPassword` makes it. */
  readonly secretHash: string;
  /** Implied ones included. */
  readonly roleIds: readonly string[];
  /** UTC, `2026-01-02T03:04:05.678901Z`; null: never. */
  readonly expiresAt: string | null;
  /** Whether it may make and delete other credentials. */
  readonly unrestricted: boolean;
  /** All it may ask; none or absent: whatever its roles allow. Rules do not change. */
  readonly accessRules?: readonly (AccessRuleFacts & { readonly id: string })[];
}

export interface ApplicationCredentialCreated {
  readonly type: "ApplicationCredentialCreated";
  readonly data: ApplicationCredentialFacts;
}

export interface ApplicationCredentialDeleted {
  readonly type: "ApplicationCredentialDeleted";
  readonly data: Record<never, never>;
}

export interface ApplicationCredential extends ApplicationCredentialFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly accessRules: readonly (AccessRuleFacts & { readonly id: string })[];
}

export const NO_APPLICATION_CREDENTIAL: ApplicationCredential = {
  exists: false,
  deleted: false,
  userId: "",
  projectId: "",
  name: "",
  description: null,
  secretHash: "",
  roleIds: [],
  expiresAt: null,
  unrestricted: false,
  accessRules: [],
};

export function evolve(
  credential: ApplicationCredential,
  event: Recorded<ApplicationCredentialEvent>,
): ApplicationCredential {
  switch (event.type) {
    case "ApplicationCredentialCreated":
      return { ...credential, ...event.data, exists: true };
    case "ApplicationCredentialDeleted":
      return { ...NO_APPLICATION_CREDENTIAL, deleted: true };
  }
}

export interface CreateApplicationCredential {
  readonly type: "CreateApplicationCredential";
  readonly id: string;
  readonly credential: ApplicationCredentialFacts;
  /** Id of the user's credential that has the name, if one does. */
  readonly nameTakenBy?: string;
}

/** Creates a credential; refuses an id, or a name among the user's, that is taken. */
export function createApplicationCredential(
  command: CreateApplicationCredential,
  credential: ApplicationCredential,
): Decision<ApplicationCredentialCreated> {
  if (credential.exists || credential.deleted || command.nameTakenBy !== undefined) {
    return reject(
      "Conflict",
      "Conflict occurred attempting to store application_credential - Duplicate entry found " +
        `with name ${command.credential.name}.`,
    );
  }
  return [{ type: "ApplicationCredentialCreated", data: command.credential }];
}

export interface DeleteApplicationCredential {
  readonly type: "DeleteApplicationCredential";
  readonly id: string;
}

/** Deletes a credential; its tokens are void from then on. */
export function deleteApplicationCredential(
  command: DeleteApplicationCredential,
  credential: ApplicationCredential,
): Decision<ApplicationCredentialDeleted> {
  if (!credential.exists) return applicationCredentialNotFound(command.id);
  return [{ type: "ApplicationCredentialDeleted", data: {} }];
}

/** There is no application credential of this id. */
export function applicationCredentialNotFound(id: string) {
  return reject("NotFound", `Could not find Application Credential: ${id}.`);
}
