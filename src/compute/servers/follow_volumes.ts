/** Keeps record of servers' volumes that grow: what Nova learns by external events. */
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import { servers } from "./aggregate.ts";
import { recordVolumeExtended } from "./decide/mod.ts";

/** Records that a volume of a server has grown. */
export async function followServerVolume(
  unit: UnitOfWork,
  serverId: string,
  volumeId: string,
): Promise<void> {
  const before = await unit.load(servers, serverId);
  const command = { type: "RecordVolumeExtended", volumeId } as const;
  const decision = recordVolumeExtended(command, before.state);
  if (!isRejection(decision)) await unit.append(servers, before, decision);
}
