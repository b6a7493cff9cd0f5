/** Signs of life of hosts' services, as tests want them. */
import { handle } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import { setHeartbeat } from "./decider.ts";
import { hosts } from "./projection.ts";

/** Has a host's service fall silent, or be heard again; refuses a host that is not there. */
export async function changeHeartbeat(
  committer: Committer,
  { host, heartbeat }: { readonly host: string; readonly heartbeat: boolean },
  metadata: EventMetadata,
): Promise<Rejection | undefined> {
  const command = { type: "SetHeartbeat", host, heartbeat } as const;
  const decide = (state: Parameters<typeof setHeartbeat>[1]) => setHeartbeat(command, state);
  const outcome = await handle(committer, hosts, host, metadata, decide);
  return isRejection(outcome) ? outcome : undefined;
}
