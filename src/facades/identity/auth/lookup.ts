/** Finds whom and what a request for a token refers to; what is not there is a 401. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import type { Domain } from "../domains/decider.ts";
import { findDomain, findDomainByName } from "../domains/projection.ts";
import { type Fault, isFault, missing, unauthorized } from "../http/faults.ts";
import type { Project } from "../projects/decider.ts";
import { findProject, findProjectByName } from "../projects/projection.ts";
import type { User } from "../users/decider.ts";
import { findUser, findUserByName } from "../users/projection.ts";
import type { Reference } from "./schema.ts";

/** The domain of this name or id, if it is enabled. */
export async function lookUpDomain(
  reader: Reader,
  { id, name }: { readonly id?: string; readonly name?: string },
): Promise<Versioned<Domain> | Fault> {
  if (!id && !name) return missing("id or name", "domain");
  const domain = name ? await findDomainByName(reader, name) : await findDomain(reader, id!);
  return domain?.state.enabled ? domain : unauthorized();
}

/** The project of this name or id. */
export async function lookUpProject(
  reader: Reader,
  reference: Reference,
): Promise<Versioned<Project> | Fault> {
  return await lookUp(reader, reference, "project", findProject, findProjectByName);
}

/** The user of this name or id. */
export async function lookUpUser(
  reader: Reader,
  reference: Reference,
): Promise<Versioned<User> | Fault> {
  return await lookUp(reader, reference, "user", findUser, findUserByName);
}

async function lookUp<State>(
  reader: Reader,
  { id, name, domain }: Reference,
  kind: string,
  byId: (reader: Reader, id: string) => Promise<Versioned<State> | undefined>,
  byName: (reader: Reader, name: string, domain: string) => Promise<Versioned<State> | undefined>,
): Promise<Versioned<State> | Fault> {
  if (!id && !name) return missing("id or name", kind);
  if (!name) return await byId(reader, id!) ?? unauthorized();
  if (!domain) return missing("domain", kind);
  const within = await lookUpDomain(reader, domain);
  if (isFault(within)) return within;
  return await byName(reader, name, within.id) ?? unauthorized();
}
