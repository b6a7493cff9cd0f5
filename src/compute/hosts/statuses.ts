/** What servers show of their hosts: kept in memory, as every rendering of a server asks for it. */
import type { Committer } from "../../eventsourcing/committer.ts";
import type { Reader } from "../../store/query.ts";
import type { HostStatus } from "../servers/view.ts";
import type { Host } from "./decider.ts";
import { hosts, listHosts } from "./projection.ts";

/** The status of every host, as of the last commit. */
export class HostStatuses {
  readonly #byHost = new Map<string, HostStatus>();
  readonly #listeners: (() => void)[] = [];

  private constructor() {}

  /** Reads the hosts that there are, and follows what happens to them. */
  static async open(reader: Reader, committer: Committer): Promise<HostStatuses> {
    const statuses = new HostStatuses();
    committer.onCommit((changes) => {
      for (const { aggregate, after } of changes) {
        if (aggregate === hosts) statuses.#set(after.id, after.state as Host);
      }
    });
    for (const { name, state } of await listHosts(reader)) statuses.#set(name, state);
    return statuses;
  }

  /** The status of a host. */
  of(host: string): HostStatus {
    return this.#byHost.get(host) ?? "";
  }

  /** Calls `listener` whenever a host's status is another one. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #set(name: string, host: Host): void {
    const status = statusOf(host);
    if (status === this.of(name)) return;
    this.#byHost.set(name, status);
    for (const listener of this.#listeners) listener();
  }
}

/** nova/compute/api.py, `get_instance_host_status`. */
function statusOf({ exists, forcedDown, disabled, silentSince }: Host): HostStatus {
  if (!exists) return "";
  if (forcedDown) return "DOWN";
  if (disabled) return "MAINTENANCE";
  return silentSince === null ? "UP" : "UNKNOWN";
}
