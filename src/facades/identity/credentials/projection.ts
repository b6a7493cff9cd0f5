/** Credentials as rows, their secrets sealed, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import type { ListQuery } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import { type Credential, type CredentialEvent, evolve, NO_CREDENTIAL } from "./decider.ts";

interface CredentialColumns {
  alive: number;
  user_id: string;
  project_id: string | null;
  type: string;
}

/** Credentials: stream `credential-<id>`, table `credentials`. */
export const credentials: Aggregate<Credential, CredentialEvent> = {
  category: "credential",
  eventTypes: { CredentialCreated: [], CredentialUpdated: [], CredentialDeleted: [] },
  initialState: NO_CREDENTIAL,
  evolve,
  projection: stateTable<Credential, CredentialColumns>({
    name: "credentials",
    version: 1,
    columns: { alive: "integer", user_id: "text", project_id: "text", type: "nocase" },
    indexes: [
      { name: "credentials_by_user", columns: ["user_id", "type"] },
      { name: "credentials_by_project", columns: ["project_id"] },
    ],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      user_id: state.userId,
      project_id: state.projectId,
      type: state.type,
    }),
  }),
};

/** One credential; undefined when there is none of this id. */
export async function findCredential(
  reader: Reader,
  id: string,
): Promise<Versioned<Credential> | undefined> {
  return existing(await credentials.projection.load(reader, id));
}

/** The credentials a query selects, by user. */
export async function listCredentials(
  reader: Reader,
  query: ListQuery,
): Promise<readonly Versioned<Credential>[]> {
  return await listStates(reader, "credentials", query, { by: "user_id" });
}
