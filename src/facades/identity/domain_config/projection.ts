/** Configurations of domains as rows, what is secret in them sealed. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { type DomainConfig, type DomainConfigEvent, evolve, NO_DOMAIN_CONFIG } from "./decider.ts";

/** Configurations: stream `domain_config-<domain id>`, table `domain_configs`. */
export const domainConfigs: Aggregate<DomainConfig, DomainConfigEvent> = {
  category: "domain_config",
  eventTypes: { DomainConfigSet: [], DomainConfigRemoved: [] },
  initialState: NO_DOMAIN_CONFIG,
  evolve,
  projection: stateTable<DomainConfig, Record<never, never>>({
    name: "domain_configs",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

/** The configuration of a domain; without options when it has none. */
export async function domainConfigOf(reader: Reader, domainId: string): Promise<DomainConfig> {
  return (await domainConfigs.projection.load(reader, domainId))?.state ?? NO_DOMAIN_CONFIG;
}
