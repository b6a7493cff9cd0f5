/** What gives out tokens for consoles, and knows them again. */
import { createHash } from "node:crypto";
import { type ConsoleAddress, type Driver, isFailure } from "../../drivers/driver.ts";
import { type Clock, timestampOf } from "../../eventsourcing/clock.ts";
import { decideIn } from "../../eventsourcing/command_handler.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { NovaRequest } from "../../http/endpoint.ts";
import { type Fault, faultOf } from "../../http/faults.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import type { EventSource } from "../../store/event_log.ts";
import type { Reader } from "../../store/query.ts";
import { servers } from "../servers/aggregate.ts";
import type { ServerEvent } from "../servers/events.ts";
import { findServer } from "../servers/projection.ts";
import { accessUrl } from "./access_url.ts";
import {
  type AskedConsole,
  type ConsoleProtocol,
  type ConsoleToken,
  endsTokens,
  isGood,
  issueConsoleToken,
  refuseConsole,
  unavailable,
} from "./decider.ts";
import { consoleTokens } from "./projection.ts";

export interface ConsolesDependencies {
  readonly committer: Committer;
  readonly reader: Reader;
  readonly driver: Pick<Driver, "console">;
  readonly events: EventSource;
  readonly clock: Clock;
  readonly settings: {
    /** The protocols that there are consoles of. */
    readonly offered: ReadonlySet<string>;
    /** How long a token is good, in seconds. */
    readonly tokenSeconds: number;
    /** Where the proxies are. */
    readonly baseUrls: Readonly<Record<ConsoleProtocol | "spiceDirect", string>>;
  };
}

/** Consoles of servers, and the tokens that open them. */
export class Consoles {
  constructor(private readonly dependencies: ConsolesDependencies) {}

  /** The URL of a server's console, good for a while; or why there is none. */
  async open(
    request: NovaRequest,
    { serverId, protocol, type }: Omit<AskedConsole, "isOffered">,
  ): Promise<{ readonly url: string } | Fault> {
    const { reader, driver, settings: { offered, baseUrls } } = this.dependencies;
    const asked = { serverId, protocol, type, isOffered: offered.has(protocol) };
    const found = await findServer(reader, serverId);
    const refusal = refuseConsole(asked, found!.state);
    if (refusal) return faultOf(refusal);
    const address = await driver.console(serverId, protocol);
    if (isFailure(address)) return faultOf(unavailable(protocol));
    const token = crypto.randomUUID();
    const refused = await this.#issue(request, { asked, address, token });
    if (refused) return refused;
    const isDirect = protocol === "spice" && type === "spice-direct";
    const baseUrl = baseUrls[isDirect ? "spiceDirect" : protocol];
    return { url: accessUrl(baseUrl, type, token) };
  }

  async #issue(
    request: NovaRequest,
    { asked, address, token }: {
      readonly asked: AskedConsole;
      readonly address: ConsoleAddress;
      readonly token: string;
    },
  ): Promise<Fault | undefined> {
    const { committer, clock, settings: { tokenSeconds } } = this.dependencies;
    const type = "IssueConsoleToken";
    const expiresAt = timestampOf((clock() + tokenSeconds * 1000) * 1000);
    const issued = await committer.submit(metadataOf(request, type), async (unit) => {
      // Read again here: no token outlives its server by a race.
      const { state: server } = await unit.load(servers, asked.serverId);
      const command = { type, asked, server, address, expiresAt } as const;
      const decide = (state: ConsoleToken) => issueConsoleToken(command, state);
      return await decideIn(unit, consoleTokens, hashOf(token), decide);
    });
    return isRejection(issued) ? faultOf(issued) : undefined;
  }

  /** What a token opens; undefined when it is unknown or no good any more. */
  async check(token: string): Promise<ConsoleToken | undefined> {
    const { reader, events, clock } = this.dependencies;
    const found = await consoleTokens.projection.load(reader, hashOf(token));
    if (!found || !isGood(found.state, timestampOf(clock() * 1000))) return undefined;
    const since = await events.read({
      stream: `server-${found.state.serverId}`,
      after: found.state.number,
      limit: Number.MAX_SAFE_INTEGER,
    });
    return (since as Recorded<ServerEvent>[]).some(endsTokens) ? undefined : found.state;
  }
}

/** What is kept of a token. */
function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
