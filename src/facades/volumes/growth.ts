/** Tells of volumes that grow while servers have them. */
import type { Change, Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { volumes } from "./volumes/projection.ts";
import type { Volume } from "./volumes/state.ts";

/** Hears that a volume which a server has is larger now. */
export type GrowthFollower = (
  unit: UnitOfWork,
  serverId: string,
  volumeId: string,
) => Promise<void>;

/**
 * Tells of each volume that grows, for each server that has it, within the transaction.
 *
 * Source: cinder/compute/nova.py, `extend_volume`.
 */
export function followGrowth(committer: Committer, follower: GrowthFollower): void {
  committer.onChange(async (unit, change) => {
    for (const serverId of serversConcerned(change)) {
      await follower(unit, serverId, change.after.id);
    }
  });
}

function serversConcerned({ aggregate, before, after }: Change): readonly string[] {
  if (aggregate !== volumes) return [];
  const [was, is] = [before.state as Volume, after.state as Volume];
  if (!was.exists || is.sizeGib <= was.sizeGib) return [];
  return is.attachments.flatMap(({ serverId, status }) =>
    serverId !== null && status === "attached" ? [serverId] : []
  );
}
