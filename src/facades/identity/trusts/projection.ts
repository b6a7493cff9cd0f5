/** Trusts as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import { microsOf } from "../../../eventsourcing/clock.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { equalTo } from "../http/list_query.ts";
import { listStates } from "../list_projection.ts";
import { existing } from "../rows.ts";
import { evolve, NO_TRUST, type Trust, type TrustEvent } from "./decider.ts";

interface TrustColumns {
  alive: number;
  trustor_user_id: string;
  trustee_user_id: string;
  project_id: string | null;
  redelegated_trust_id: string | null;
}

/** Trusts: stream `trust-<id>`, table `trusts`. */
export const trusts: Aggregate<Trust, TrustEvent> = {
  category: "trust",
  eventTypes: { TrustCreated: [], TrustUsed: [], TrustDeleted: [] },
  initialState: NO_TRUST,
  evolve,
  projection: stateTable<Trust, TrustColumns>({
    name: "trusts",
    version: 1,
    columns: {
      alive: "integer",
      trustor_user_id: "text",
      trustee_user_id: "text",
      project_id: "text",
      redelegated_trust_id: "text",
    },
    indexes: [
      { name: "trusts_by_trustor", columns: ["trustor_user_id"] },
      { name: "trusts_by_trustee", columns: ["trustee_user_id"] },
      { name: "trusts_by_project", columns: ["project_id"] },
      { name: "trusts_by_parent", columns: ["redelegated_trust_id"] },
    ],
    row: ({ state }) => ({
      alive: state.exists ? 1 : 0,
      trustor_user_id: state.trustorId,
      trustee_user_id: state.trusteeId,
      project_id: state.projectId,
      redelegated_trust_id: state.redelegatedFrom?.trustId ?? null,
    }),
  }),
};

/** One trust, whatever it is still good for; undefined when there is none of this id. */
export async function findTrust(
  reader: Reader,
  id: string,
): Promise<Versioned<Trust> | undefined> {
  return existing(await trusts.projection.load(reader, id));
}

/** The same, unless it has ended or is used up. `now`: milliseconds since 1970. */
export async function findUsableTrust(
  reader: Reader,
  id: string,
  now: number,
): Promise<Versioned<Trust> | undefined> {
  const trust = await findTrust(reader, id);
  if (!trust) return undefined;
  const { expiresAt, remainingUses } = trust.state;
  const isOver = expiresAt !== null && microsOf(expiresAt) < now * 1000;
  return isOver || remainingUses === 0 ? undefined : trust;
}

/** Which trusts to list. */
export interface TrustQuery {
  readonly trustor_user_id?: string;
  readonly trustee_user_id?: string;
  readonly project_id?: string;
  readonly redelegated_trust_id?: string;
}

/** The trusts that a query selects, those that have ended too. */
export async function listTrusts(
  reader: Reader,
  query: TrustQuery,
): Promise<readonly Versioned<Trust>[]> {
  return await listStates(reader, "trusts", { matches: equalTo({ ...query }) }, { by: "id" });
}

/** A trust and those it was passed on from, the nearest first. */
export async function pedigreeOf(
  reader: Reader,
  trust: Versioned<Trust>,
): Promise<readonly (Trust & { readonly id: string })[]> {
  const all = [{ ...trust.state, id: trust.id }];
  for (let { redelegatedFrom } = trust.state; redelegatedFrom;) {
    const above = await findTrust(reader, redelegatedFrom.trustId);
    if (!above) break;
    all.push({ ...above.state, id: above.id });
    ({ redelegatedFrom } = above.state);
  }
  return all;
}
