/** Tokens for consoles as rows, and the query behind their GET. */
import type { Aggregate } from "../../eventsourcing/aggregate.ts";
import { stateTable } from "../../eventsourcing/state_table.ts";
import { type ConsoleToken, type ConsoleTokenEvent, evolve, NO_CONSOLE_TOKEN } from "./decider.ts";

/** Tokens for consoles: stream `console_token-<SHA-256 of the token>`, table `console_tokens`. */
export const consoleTokens: Aggregate<ConsoleToken, ConsoleTokenEvent> = {
  category: "console_token",
  eventTypes: { ConsoleTokenIssued: [] },
  initialState: NO_CONSOLE_TOKEN,
  evolve,
  projection: stateTable<ConsoleToken, Record<never, never>>({
    name: "console_tokens",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};
