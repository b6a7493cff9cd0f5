/** Consumers as rows, their secrets sealed. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import { type Consumer, type ConsumerEvent, evolve, NO_CONSUMER } from "./decider.ts";

interface ConsumerColumns {
  alive: number;
}

/** Consumers: stream `consumer-<id>`, table `consumers`. */
export const consumers: Aggregate<Consumer, ConsumerEvent> = {
  category: "consumer",
  eventTypes: { ConsumerCreated: [], ConsumerUpdated: [], ConsumerDeleted: [] },
  initialState: NO_CONSUMER,
  evolve,
  projection: stateTable<Consumer, ConsumerColumns>({
    name: "consumers",
    version: 1,
    columns: { alive: "integer" },
    row: ({ state }) => ({ alive: state.exists ? 1 : 0 }),
  }),
};
