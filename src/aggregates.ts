/** Every kind of stream in the log: what a replay folds. */
import { flavors } from "./compute/flavors/projection.ts";
import { hosts } from "./compute/hosts/projection.ts";
import { quotas } from "./compute/quotas/aggregate.ts";
import { servers } from "./compute/servers/aggregate.ts";
import type { AnyAggregate } from "./eventsourcing/aggregate.ts";

export const AGGREGATES: readonly AnyAggregate[] = [servers, quotas, flavors, hosts];
