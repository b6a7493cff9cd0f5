/** Application credentials as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { existing, versionedOf } from "../rows.ts";
import {
  type ApplicationCredential,
  type ApplicationCredentialEvent,
  evolve,
  NO_APPLICATION_CREDENTIAL,
} from "./decider.ts";

interface CredentialColumns {
  alive: number;
  user_id: string;
  project_id: string;
  name: string;
}

interface CredentialTables {
  application_credentials: StateColumns & CredentialColumns;
}

/** Credentials: stream `application_credential-<id>`, table `application_credentials`. */
export const applicationCredentials: Aggregate<ApplicationCredential, ApplicationCredentialEvent> =
  {
    category: "application_credential",
    eventTypes: {
      ApplicationCredentialCreated: [],
      ApplicationCredentialDeleted: [],
    },
    initialState: NO_APPLICATION_CREDENTIAL,
    evolve,
    projection: stateTable<ApplicationCredential, CredentialColumns>({
      name: "application_credentials",
      version: 2,
      columns: { alive: "integer", user_id: "text", project_id: "text", name: "nocase" },
      indexes: [
        { name: "application_credentials_by_user", columns: ["user_id", "name"] },
        { name: "application_credentials_by_project", columns: ["project_id"] },
      ],
      row: ({ state }) => ({
        alive: state.exists ? 1 : 0,
        user_id: state.userId,
        project_id: state.projectId,
        name: state.name,
      }),
    }),
  };

/** One credential; undefined when there is none of this id. */
export async function findApplicationCredential(
  reader: Reader,
  id: string,
): Promise<Versioned<ApplicationCredential> | undefined> {
  return existing(await applicationCredentials.projection.load(reader, id));
}

/** Which credentials to list. */
export interface CredentialQuery {
  readonly userId?: string;
  readonly projectId?: string;
  readonly name?: string;
}

/** The credentials a query selects, by name. */
export async function listApplicationCredentials(
  reader: Reader,
  query: CredentialQuery,
): Promise<readonly Versioned<ApplicationCredential>[]> {
  const rows = await reader.select<CredentialTables, StateColumns>((db) => {
    let select = db.selectFrom("application_credentials").select(["id", "version", "state"])
      .where("alive", "=", 1).orderBy("name").orderBy("id");
    if (query.userId !== undefined) select = select.where("user_id", "=", query.userId);
    if (query.projectId !== undefined) select = select.where("project_id", "=", query.projectId);
    if (query.name !== undefined) select = select.where("name", "=", query.name);
    return select;
  });
  return rows.map((row) => versionedOf(row));
}
