/** Makes and changes domains, whichever route asks for it. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { decideIn } from "../../../eventsourcing/command_handler.ts";
import type { Rejection } from "../../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../../eventsourcing/event.ts";
import type { EmbeddedIdentity } from "../service.ts";
import { createDomain, type Domain, type DomainFacts, updateDomain } from "./decider.ts";
import { domains, findDomainByName } from "./projection.ts";

/** Creates a domain; refuses an id or a name that is taken. */
export async function recordNewDomain(
  { committer }: EmbeddedIdentity,
  metadata: EventMetadata,
  id: string,
  domain: DomainFacts,
): Promise<Versioned<Domain> | Rejection> {
  return await committer.submit(metadata, async (unit) => {
    const nameTakenBy = (await findDomainByName(unit, domain.name))?.id;
    const command = { type: "CreateDomain", id, domain, nameTakenBy } as const;
    return await decideIn(unit, domains, id, (state) => createDomain(command, state));
  });
}

/** Changes a domain; refuses a name that is taken. */
export async function recordDomainChanges(
  { committer }: EmbeddedIdentity,
  metadata: EventMetadata,
  id: string,
  changes: Partial<DomainFacts>,
): Promise<Versioned<Domain> | Rejection> {
  const { name } = changes;
  return await committer.submit(metadata, async (unit) => {
    const nameTakenBy = name === undefined ? undefined : (await findDomainByName(unit, name))?.id;
    const command = { type: "UpdateDomain", id, changes, nameTakenBy } as const;
    return await decideIn(unit, domains, id, (state) => updateDomain(command, state));
  });
}
