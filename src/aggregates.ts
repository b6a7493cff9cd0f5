/** Every kind of stream in the log: what a replay folds. */
import { hostAggregates } from "./compute/aggregates/projection.ts";
import { cells } from "./compute/cell/projection.ts";
import { consoleTokens } from "./compute/consoles/projection.ts";
import { flavors } from "./compute/flavors/projection.ts";
import { hosts } from "./compute/hosts/projection.ts";
import { keyPairs } from "./compute/keypairs/projection.ts";
import { quotaClasses, quotas } from "./compute/quotas/aggregate.ts";
import { serverGroups } from "./compute/server_groups/projection.ts";
import { servers } from "./compute/servers/aggregate.ts";
import type { AnyAggregate } from "./eventsourcing/aggregate.ts";
import type { Upcasters } from "./eventsourcing/upcasting.ts";
import { faults } from "./extensions/faults/projection.ts";
import { resets } from "./extensions/reset/projection.ts";
import { identityAggregates } from "./facades/identity/mod.ts";
import { imageAggregates } from "./facades/images/mod.ts";
import { networkAggregates } from "./facades/networks/mod.ts";
import { volumeAggregates } from "./facades/volumes/mod.ts";

export const AGGREGATES: readonly AnyAggregate[] = [
  servers,
  quotas,
  quotaClasses,
  flavors,
  keyPairs,
  serverGroups,
  hosts,
  cells,
  hostAggregates,
  consoleTokens,
  ...identityAggregates,
  ...imageAggregates,
  ...networkAggregates,
  ...volumeAggregates,
  faults,
  resets,
];

/** How events that older releases stored are read; see docs/ARCHITECTURE.md, "Events". */
export const UPCASTERS: Upcasters = Object.assign(
  {},
  ...AGGREGATES.map(({ eventTypes }) => eventTypes),
);
