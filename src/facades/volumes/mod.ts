/** The embedded volume service: enough of Cinder to boot from, and to keep data in. */
import type { AnyAggregate } from "../../eventsourcing/aggregate.ts";
import { qosSpecs } from "./qos/projection.ts";
import { volumeQuotaClasses, volumeQuotas } from "./quotas/projection.ts";
import { backups } from "./backups/projection.ts";
import { defaultTypes } from "./default_types/projection.ts";
import { groupSnapshots } from "./group_snapshots/projection.ts";
import { groupTypes } from "./group_types/projection.ts";
import { groups } from "./groups/projection.ts";
import { volumeServices } from "./services/projection.ts";
import { snapshots } from "./snapshots/projection.ts";
import { transfers } from "./transfers/projection.ts";
import { volumeTypes } from "./types/projection.ts";
import { volumes } from "./volumes/projection.ts";

/** Everything of the volume service that is folded from the log. */
export const volumeAggregates: readonly AnyAggregate[] = [
  volumeTypes,
  qosSpecs,
  backups,
  defaultTypes,
  groupTypes,
  groups,
  groupSnapshots,
  volumeServices,
  volumes,
  snapshots,
  transfers,
  volumeQuotas,
  volumeQuotaClasses,
];

export { followGrowth, type GrowthFollower } from "./growth.ts";
export { volumeProcess, type VolumeProcessDependencies } from "./volumes/process.ts";
export { volumes, volumesInTransition } from "./volumes/projection.ts";
export type { Volume, VolumeWork } from "./volumes/state.ts";
export { volumeRoutes, type VolumeRoutesDependencies } from "./routes.ts";
export { hasVolumeTypes, seedVolumes } from "./seed.ts";
export { EmbeddedVolumes, type EmbeddedVolumesOptions } from "./service.ts";
