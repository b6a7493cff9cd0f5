/** Other sizes and other hosts, with a break: resize and migrate, and what becomes of them. */
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import { refuseGrowth } from "../../quotas/limits.ts";
import type { DiskConfig } from "../events.ts";
import type { OperationRequested } from "../operations.ts";
import { type Actor, refuseUnlessUp } from "../preconditions.ts";
import { isVolumeBacked, type Server, sizeOf } from "../state.ts";
import type { FlavorFacts, QuotaState } from "./create.ts";
import { refuseUnfitImage } from "./create_references.ts";
import { type OperateServer, operateServer } from "./operate.ts";
import type { HostFacts } from "./unshelve.ts";

/** Gives a server another flavor. */
export interface ResizeServer {
  readonly type: "ResizeServer";
  readonly id: string;
  readonly by: Actor;
  /** Of the record that is kept of the move. */
  readonly migrationId: string;
  readonly flavorRef: string;
  /** Undefined: there is none, or the caller may not use it. */
  readonly flavor: FlavorFacts | undefined;
  readonly diskConfig: DiskConfig;
  readonly hosts: readonly HostFacts[];
}

/**
 * Resizes a server.
 *
 * Refuses what every operation refuses, then a host that is down, a flavor that is unknown,
 * disabled, without a disk or the server's own, more than the quota has room for, and a flavor that
 * is too small for the image. Source: nova/compute/api.py, `resize`.
 */
export function resizeServer(
  command: ResizeServer,
  server: Server,
  quota: QuotaState,
): Decision<OperationRequested> {
  const { id, by, migrationId, flavorRef, flavor, diskConfig, hosts } = command;
  const snapshot = flavor ? snapshotOf(flavor) : server.flavor;
  const input = { migrationId, flavor: snapshot, diskConfig };
  const operation = { name: "resize", input } as const;
  const decision = operateServer({ type: "OperateServer", id, by, operation }, server);
  if (isRejection(decision)) return decision;
  const refusal = refuseUnlessUp(isHostUp(server, hosts));
  if (refusal) return refusal;
  if (!flavor) return unknownFlavor(flavorRef);
  return refuseFlavor(flavor, server) ??
    refuseGrowth(sizeOf(server), flavor, quota.limits, quota.usage) ??
    refuseForImage(command, server) ??
    decision;
}

function snapshotOf({ disabled: _, ...flavor }: FlavorFacts): Server["flavor"] {
  return flavor;
}

const unknownFlavor = (id: string): Rejection =>
  reject("Invalid", `Flavor ${id} could not be found.`);

function refuseFlavor(flavor: FlavorFacts, server: Server): Rejection | undefined {
  if (flavor.diskGib === 0 && server.flavor.diskGib !== 0 && !isVolumeBacked(server)) {
    return reject(
      "Invalid",
      "Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.",
    );
  }
  const isSame = flavor.id === server.flavor.id;
  if (!isSame && flavor.disabled) return unknownFlavor(flavor.id);
  return isSame ? reject("Invalid", "When resizing, instances must change flavor!") : undefined;
}

/**
 * Of the image counts what was noted at the boot: how small a disk may be, not how large it is.
 *
 * So the root disk never gets smaller than that of the flavor that the server was booted on.
 */
function refuseForImage(
  { flavor, by }: ResizeServer,
  server: Server,
): Rejection | undefined {
  const { minRamMib, minDiskGib } = server.boot;
  return refuseUnfitImage({
    image: { id: "", status: "active", minRamMib, minDiskGib, sizeBytes: 0, properties: {} },
    flavor: flavor!,
    isVolumeBacked: isVolumeBacked(server),
    isAdmin: by.isAdmin,
  });
}

/** A host that nobody knows any more cannot be asked. */
export function isHostUp({ placement }: Server, hosts: readonly HostFacts[]): boolean {
  return hosts.some(({ host, isUp }) => host === placement?.host && isUp);
}

/**
 * Moves a server to another host, as it is.
 *
 * Refuses what every operation refuses, then a host of the server that is down, and a host to go
 * to that is the same or unknown. Source: nova/compute/api.py, `resize`.
 */
export function migrateServer(
  command: OperateServer & { readonly operation: { readonly name: "migrate" } },
  server: Server,
  hosts: readonly HostFacts[],
): Decision<OperationRequested> {
  const decision = operateServer(command, server);
  if (isRejection(decision)) return decision;
  const { host } = command.operation.input;
  return refuseUnlessUp(isHostUp(server, hosts)) ??
    (host !== null && host === server.placement?.host
      ? reject("Invalid", "Cannot migrate to the host where the server exists.")
      : refuseUnknownHost(host, hosts)) ??
    decision;
}

/** 400 for a host that there is not; null: none is named. */
export function refuseUnknownHost(
  host: string | null,
  hosts: readonly HostFacts[],
): Rejection | undefined {
  if (host === null || hosts.some((one) => one.host === host)) return undefined;
  return reject("Invalid", `Compute host ${host} could not be found.`);
}

/**
 * Takes a resize for good.
 *
 * Refuses what every operation refuses, then a server that was not resized or whose resize is being
 * confirmed or reverted, and a host where it was that is down.
 * Source: nova/compute/api.py, `confirm_resize`.
 */
export function confirmResize(
  command: OperateServer,
  server: Server,
  hosts: readonly HostFacts[],
): Decision<OperationRequested> {
  const decision = operateServer(command, server);
  if (isRejection(decision)) return decision;
  const source = server.move?.source ?? null;
  return refuseUnlessFinished(server) ??
    refuseUnlessUp(isHostUp({ ...server, placement: source }, hosts)) ??
    decision;
}

/**
 * Takes a resize back; the quota has kept room for that.
 *
 * Refuses what every operation refuses, then a server that was not resized or whose resize is being
 * confirmed. Source: nova/compute/api.py, `revert_resize`.
 */
export function revertResize(
  command: OperateServer,
  server: Server,
): Decision<OperationRequested> {
  const decision = operateServer(command, server);
  return isRejection(decision) ? decision : refuseUnlessFinished(server) ?? decision;
}

function refuseUnlessFinished(server: Server): Rejection | undefined {
  return isFinished(server) ? undefined : reject("Invalid", "Instance has not been resized.");
}

/** Whether a server's resize or migration waits to be confirmed. */
export function isFinished({ move, migrations }: Server): boolean {
  return move !== null && migrations.at(-1)?.status === "finished";
}
