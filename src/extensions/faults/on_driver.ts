/** Faults on what the driver is asked to do. */
import type { DriverCall, DriverFaults, DriverTrouble } from "../../drivers/faulty.ts";
import type { ActiveFaults, Candidate, TargetServer } from "./active.ts";

/** Finds a server's name and project; undefined when there is none. */
export type FindServer = (id: string) => Promise<TargetServer | undefined>;

/** Tells the driver in front of the real one which calls are in trouble. */
export class FaultsOnDriver implements DriverFaults {
  constructor(
    private readonly active: ActiveFaults,
    private readonly findServer: FindServer,
  ) {}

  get anyOnDriver(): boolean {
    return this.active.anyOnDriver;
  }

  async strikeDriver(call: DriverCall): Promise<DriverTrouble | undefined> {
    const strike = await this.active.strike(candidateOf(call, this.findServer));
    if (!strike) return undefined;
    const { fault: { effect, delayMs }, over } = strike;
    return {
      delayMs,
      over,
      effect: effect.kind === "answer" ? "none" : effect.kind,
      message: "message" in effect && effect.message !== undefined
        ? effect.message
        : `the fault ${strike.id} was asked for`,
    };
  }
}

function candidateOf({ operation, serverId }: DriverCall, findServer: FindServer): Candidate {
  let found: Promise<TargetServer | undefined> | undefined;
  const server = () => found ??= findServer(serverId);
  return {
    hit: `${operation} ${serverId}`,
    serverId,
    server,
    fits: (place) => place.on === "driver" && place.operations.includes(operation),
    projectId: async () => (await server())?.projectId,
  };
}
