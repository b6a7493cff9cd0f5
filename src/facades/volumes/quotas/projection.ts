/** Quotas as rows, and what projects use of them. */
import type { Aggregate } from "../../../eventsourcing/aggregate.ts";
import type { Rejection } from "../../../eventsourcing/decider.ts";
import { stateTable } from "../../../eventsourcing/state_table.ts";
import type { Reader } from "../../../store/query.ts";
import { backupUsage } from "../backups/projection.ts";
import { countGroups } from "../groups/projection.ts";
import { snapshotUsage } from "../snapshots/projection.ts";
import { allTypes, findType } from "../types/projection.ts";
import { typeKey } from "../usage.ts";
import { volumeUsage } from "../volumes/projection.ts";
import {
  DEFAULT_CLASS,
  NO_CLASS,
  QUOTA_CLASS,
  type VolumeQuotaClass,
  type VolumeQuotaClassSet,
} from "./classes.ts";
import {
  DEFAULT_LIMITS,
  evolve,
  type Limits,
  NO_QUOTA,
  refuseOverQuota,
  refuseTooLarge,
  TYPED_RESOURCES,
  type VolumeQuota,
  type VolumeQuotaEvent,
} from "./decider.ts";

/** Quotas: stream `volume_quota-<project>`, table `volume_quotas`. */
export const volumeQuotas: Aggregate<VolumeQuota, VolumeQuotaEvent> = {
  category: "volume_quota",
  eventTypes: { VolumeQuotaSet: [], VolumeQuotaReset: [] },
  initialState: NO_QUOTA,
  evolve,
  projection: stateTable<VolumeQuota, Record<never, never>>({
    name: "volume_quotas",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

/** Classes: stream `volume_quota_class-<name>`, table `volume_quota_classes`. */
export const volumeQuotaClasses: Aggregate<VolumeQuotaClass, VolumeQuotaClassSet> = {
  ...QUOTA_CLASS,
  projection: stateTable<VolumeQuotaClass, Record<never, never>>({
    name: "volume_quota_classes",
    version: 1,
    columns: {},
    row: () => ({}),
  }),
};

/** The limits of a project that nobody has set any for. */
export function defaultLimits(reader: Reader): Promise<Limits> {
  return classLimits(reader, DEFAULT_CLASS);
}

/** The limits of a class. */
export async function classLimits(reader: Reader, name: string): Promise<Limits> {
  const set = (await volumeQuotaClasses.projection.load(reader, name))?.state ?? NO_CLASS;
  return known(set.limits, await builtInLimits(reader));
}

/** The limits where nobody has set any at all. */
async function builtInLimits(reader: Reader): Promise<Limits> {
  const types = await allTypes(reader);
  return {
    ...DEFAULT_LIMITS,
    ...Object.fromEntries(
      types.flatMap(({ state }) => TYPED_RESOURCES.map((name) => [`${name}_${state.name}`, -1])),
    ),
  };
}

/** The limits of a project. */
export async function limitsOf(reader: Reader, projectId: string): Promise<Limits> {
  const set = (await volumeQuotas.projection.load(reader, projectId))?.state ?? NO_QUOTA;
  return known(set.limits, await defaultLimits(reader));
}

/** What was set, over the defaults; a limit for a type that is gone says nothing any more. */
function known(set: Limits, defaults: Limits): Limits {
  const entries = Object.entries(set).filter(([name]) => Object.hasOwn(defaults, name));
  return { ...defaults, ...Object.fromEntries(entries) };
}

interface Used {
  readonly volumes: number;
  readonly snapshots: number;
  readonly gigabytes: number;
}

async function usedAt(reader: Reader, key: string): Promise<Used> {
  const ofVolumes = await volumeUsage.tally.get(reader, key);
  const ofSnapshots = await snapshotUsage.tally.get(reader, key);
  return {
    volumes: ofVolumes?.count ?? 0,
    snapshots: ofSnapshots?.count ?? 0,
    gigabytes: (ofVolumes?.gigabytes ?? 0) + (ofSnapshots?.gigabytes ?? 0),
  };
}

/** How much of each thing a project has, by the names of the limits. */
export async function inUseOf(reader: Reader, projectId: string): Promise<Limits> {
  const inUse: Record<string, number> = {
    ...await usedAt(reader, projectId),
    groups: await countGroups(reader, projectId),
    ...await backupUsage(reader, projectId),
  };
  for (const { id, state } of await allTypes(reader)) {
    const used = await usedAt(reader, typeKey(projectId, id));
    for (const name of TYPED_RESOURCES) inUse[`${name}_${state.name}`] = used[name];
  }
  return inUse;
}

/** What a project is to have on top. */
export interface More {
  readonly kind: "volumes" | "snapshots";
  readonly projectId: string;
  readonly typeId: string;
  /** 0 when something that there is becomes larger. */
  readonly count: number;
  readonly gigabytes: number;
  /** The size that a volume is to have then; undefined: that does not matter. */
  readonly sizeGib?: number;
}

/** Says no when a project would have more than it may, as of this transaction. */
export async function refuseBeyondQuota(
  reader: Reader,
  { kind, projectId, typeId, count, gigabytes, sizeGib }: More,
): Promise<Rejection | undefined> {
  const limits = await limitsOf(reader, projectId);
  const used = await usedAt(reader, projectId);
  const type = await findType(reader, typeId);
  const ofType = await usedAt(reader, typeKey(projectId, typeId));
  const suffix = `_${type?.state.name ?? ""}`;
  return (sizeGib === undefined ? undefined : refuseTooLarge(limits, sizeGib)) ??
    refuseOverQuota(limits, [
      { name: "gigabytes", more: gigabytes, used: used.gigabytes },
      { name: `gigabytes${suffix}`, more: gigabytes, used: ofType.gigabytes },
      { name: kind, more: count, used: used[kind] },
      { name: `${kind}${suffix}`, more: count, used: ofType[kind] },
    ], { kind, sizeGib: gigabytes });
}
