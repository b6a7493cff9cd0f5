/** Where a server goes that is to run on another host, or again. */
import { type Candidate, type Demand, schedule } from "../../hosts/scheduler.ts";
import type { Server } from "../state.ts";
import { demandOf, type SchedulingFacts } from "./placement.ts";

export interface DestinationOptions {
  /** Whether a resize may end where it began; nova/conf/compute.py, `allow_resize_to_same_host`. */
  readonly allowsSameHost: boolean;
}

/** The best host for the operation under way, if there is one, and how that came to be. */
export function findDestination(
  server: Server,
  facts: SchedulingFacts,
  options: DestinationOptions,
): ReturnType<typeof schedule> {
  return schedule(demandOfMove(server, facts, options), facts.candidates);
}

/** Why a server cannot be moved while it runs, in Nova's words; nova/conductor/tasks/live_migrate.py. */
export function refuseMove(
  { operation, placement }: Server,
  { candidates }: { readonly candidates: readonly Candidate[] },
): string | undefined {
  if (operation?.name !== "liveMigrate") return undefined;
  if (candidates.some(({ host, up }) => host === placement?.host && up)) return undefined;
  return `Compute service of ${placement?.host ?? "None"} is unavailable at this time.`;
}

/** nova/objects/request_spec.py, `reset_forced_destinations`, `ignore_hosts`. */
function demandOfMove(
  server: Server,
  { neighbours }: SchedulingFacts,
  { allowsSameHost }: DestinationOptions,
): Demand {
  const { operation, placement } = server;
  const away = placement === null ? [] : [placement.host];
  switch (operation?.name) {
    case "resize": {
      const resized = { ...server, flavor: operation.input.flavor };
      return demandOf(resized, neighbours, { host: null, exclude: allowsSameHost ? [] : away });
    }
    case "migrate":
      return demandOf(server, neighbours, { host: operation.input.host, exclude: away });
    case "liveMigrate":
    case "evacuate": {
      const { host, isForced } = operation.input;
      const demand = demandOf(server, neighbours, { host, exclude: away });
      return isForced ? { ...demand, availabilityZone: null } : demand;
    }
    default:
      return demandOf(server, neighbours);
  }
}
