/** The ways to prove who one is. Source: keystone/auth/plugins. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { microsOf } from "../../../eventsourcing/clock.ts";
import {
  type ApplicationCredential,
  applicationCredentialNotFound,
} from "../application_credentials/decider.ts";
import {
  findApplicationCredential,
  listApplicationCredentials,
} from "../application_credentials/projection.ts";
import { type Fault, fault, faultOf, isFault, missing, unauthorized } from "../http/faults.ts";
import { isPassword, NOBODYS_HASH } from "../passwords.ts";
import type { EmbeddedIdentity } from "../service.ts";
import type { Token } from "../tokens/token.ts";
import type { User } from "../users/decider.ts";
import { findUser } from "../users/projection.ts";
import { lookUpUser } from "./lookup.ts";
import type { AuthRequest } from "./schema.ts";

/** Somebody whose claim to be that user was proven. */
export interface Proof {
  readonly user: Versioned<User>;
  /** The methods that proved it; those behind an earlier token included. */
  readonly methods: readonly string[];
  /** What a new token is based on, if it is on an earlier one. */
  readonly from?: Token;
  /** What a new token is bound to, if it is to an application credential. */
  readonly credential?: Versioned<ApplicationCredential>;
}

type Method = (
  service: EmbeddedIdentity,
  identity: AuthRequest["identity"],
) => Promise<Proof | Fault>;

const METHODS: ReadonlyMap<string, Method> = new Map([
  ["password", byPassword],
  ["token", byToken],
  ["application_credential", byApplicationCredential],
]);

/** Whoever all the methods named agree on; one that fails refuses the whole. */
export async function prove(
  service: EmbeddedIdentity,
  identity: AuthRequest["identity"],
): Promise<Proof | Fault> {
  const names = [...new Set(identity.methods)];
  const absent = names.find((name) => !Object.hasOwn(identity, name));
  if (absent !== undefined) return missing(absent, "identity");
  if (!names.every((name) => METHODS.has(name))) {
    return unauthorized("Attempted to authenticate with an unsupported method.");
  }
  let agreed: Proof | undefined;
  for (const name of names) {
    const proof = await METHODS.get(name)!(service, identity);
    if (isFault(proof)) return proof;
    if (agreed && agreed.user.id !== proof.user.id) return unauthorized();
    agreed = agreed
      ? { ...agreed, ...proof, methods: [...new Set([...agreed.methods, ...proof.methods])] }
      : proof;
  }
  return agreed ?? unauthorized();
}

async function byPassword(
  service: EmbeddedIdentity,
  { password }: AuthRequest["identity"],
): Promise<Proof | Fault> {
  if (!password?.user) return missing("user", "password");
  const user = await lookUpUser(service.reader, password.user);
  if (isFault(user) && user.fault !== 401) return user;
  // An unknown user costs as much time as a wrong password: neither can be told from the other.
  const hash = isFault(user) ? NOBODYS_HASH : user.state.passwordHash ?? NOBODYS_HASH;
  const fits = await isPassword(password.user.password ?? "", hash);
  return fits && !isFault(user) ? { user, methods: ["password"] } : unauthorized();
}

async function byToken(
  service: EmbeddedIdentity,
  { token }: AuthRequest["identity"],
): Promise<Proof | Fault> {
  const from = await service.validate(token!.id);
  if (!from) return fault(404, "Failed to validate token");
  const { user, credential, claims } = from;
  const methods = [...new Set(["token", ...claims.methods])];
  return { user, methods, from, ...(credential && { credential }) };
}

async function byApplicationCredential(
  service: EmbeddedIdentity,
  identity: AuthRequest["identity"],
): Promise<Proof | Fault> {
  const credential = await lookUpCredential(service, identity.application_credential!);
  if (isFault(credential)) return credential;
  const { userId, secretHash, expiresAt } = credential.state;
  const fits = await isPassword(identity.application_credential?.secret ?? "", secretHash);
  const expired = expiresAt !== null && microsOf(expiresAt) <= service.clock() * 1000;
  const user = await findUser(service.reader, userId);
  if (!fits || expired || !user) return unauthorized();
  return { user, methods: ["application_credential"], credential };
}

async function lookUpCredential(
  { reader }: EmbeddedIdentity,
  { id, name, user }: NonNullable<AuthRequest["identity"]["application_credential"]>,
): Promise<Versioned<ApplicationCredential> | Fault> {
  if (id) {
    return await findApplicationCredential(reader, id) ??
      faultOf(applicationCredentialNotFound(id));
  }
  if (!name) return missing("name or ID", "application credential");
  if (!user) return missing("user", "application credential");
  const owner = await lookUpUser(reader, user);
  if (isFault(owner)) return owner;
  const [found] = await listApplicationCredentials(reader, { userId: owner.id, name });
  return found ?? unauthorized();
}
