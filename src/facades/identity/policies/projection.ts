/** Policies as rows. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { evolve, NO_POLICY, type Policy, type PolicyEvent } from "./decider.ts";

interface PolicyColumns {
  alive: number;
  type: string;
}

/** Policies: stream `policy-<id>`, table `policies`. */
export const policies: Aggregate<Policy, PolicyEvent> = {
  category: "policy",
  eventTypes: { PolicyCreated: [], PolicyUpdated: [], PolicyDeleted: [] },
  initialState: NO_POLICY,
  evolve,
  projection: stateTable<Policy, PolicyColumns>({
    name: "policies",
    version: 1,
    columns: { alive: "integer", type: "nocase" },
    row: ({ state }) => ({ alive: state.exists ? 1 : 0, type: state.type }),
  }),
};
