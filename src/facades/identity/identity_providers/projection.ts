/** Identity services elsewhere as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { EVERYTHING } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import {
  evolve,
  type IdentityProvider,
  type IdentityProviderEvent,
  NO_IDENTITY_PROVIDER,
} from "./decider.ts";

interface IdentityProviderColumns {
  alive: number;
  enabled: number;
}

/** Providers: stream `identity_provider-<id>`, table `identity_providers`. */
export const identityProviders: Aggregate<IdentityProvider, IdentityProviderEvent> = {
  category: "identity_provider",
  eventTypes: {
    IdentityProviderCreated: [],
    IdentityProviderUpdated: [],
    IdentityProviderDeleted: [],
  },
  initialState: NO_IDENTITY_PROVIDER,
  evolve,
  projection: stateTable<IdentityProvider, IdentityProviderColumns>({
    name: "identity_providers",
    version: 1,
    columns: { alive: "integer", enabled: "integer" },
    row: ({ state }) => ({ alive: state.exists ? 1 : 0, enabled: state.enabled ? 1 : 0 }),
  }),
};

/** The first of some names that a provider other than this one calls itself by: there are few. */
export async function takenRemoteId(
  reader: Reader,
  own: string,
  names: readonly string[],
): Promise<string | undefined> {
  if (names.length === 0) return undefined;
  const all = await listStates<IdentityProvider>(reader, "identity_providers", EVERYTHING, {
    by: "id",
  });
  const taken = new Set(all.flatMap(({ id, state }) => id === own ? [] : state.remoteIds));
  return names.find((name) => taken.has(name));
}
