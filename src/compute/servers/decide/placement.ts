/** What a server needs of a host: for builds, and for everything else that chooses one. */
import type { Candidate, Demand, GroupDemand, Placement } from "../../hosts/scheduler.ts";
import type { ServerBuildFailed } from "../events.ts";
import { claimOf, type Server } from "../state.ts";

/** Where the servers are that a server is to be near, or far from; itself never counts. */
export interface Neighbours {
  /** Hosts of the servers of its hint `same_host`; null: it has none. */
  readonly sameHosts: readonly string[] | null;
  readonly differentHosts: readonly string[];
  /** The server group it is in; null: in none, or it is gone. */
  readonly group: GroupDemand | null;
}

/** All that a decision about a server's host looks at besides the server. */
export interface SchedulingFacts {
  readonly candidates: readonly Candidate[];
  readonly neighbours: Neighbours;
}

/** What sets a demand apart from that of the server's create. */
export interface DemandOptions {
  /** Hosts that are out of the question. */
  readonly exclude?: readonly string[];
  /** A host to go to, in place of the one that the create insisted on; null: any. */
  readonly host?: string | null;
}

/**
 * What a server needs of a host, in the flavor that it has.
 *
 * For a resize: of the server with its new flavor. Other fields may be overwritten as well.
 * Source: nova/objects/request_spec.py.
 */
export function demandOf(
  server: Server,
  neighbours: Neighbours,
  { exclude = [], host }: DemandOptions = {},
): Demand {
  const asked = host === undefined ? askedHost(server) : { host, node: null };
  return {
    ...claimOf(server),
    availabilityZone: server.pinnedAvailabilityZone,
    host: asked?.host ?? null,
    node: asked?.node ?? null,
    exclude,
    extraSpecs: server.flavor.extraSpecs,
    imageProperties: server.image?.properties ?? {},
    ...neighbours,
  };
}

/** Off the shelf, what the create insisted on is forgotten; `reset_forced_destinations`. */
function askedHost({ operation, requestedHost }: Server): Server["requestedHost"] {
  return operation?.name === "unshelve"
    ? { host: operation.input.host, node: null }
    : requestedHost;
}

/** The fault of a server for which there is no host; nova/exception.py, `NoValidHost`. */
export function noValidHost(decision: Placement): ServerBuildFailed["data"]["fault"] {
  const message = "No valid host was found. There are not enough hosts available.";
  return { code: 500, message, details: whyNoHost(decision) };
}

/** Which filter took which hosts, for administrators. */
export function whyNoHost({ filters }: Placement): string {
  const taken = filters.map(({ name, removed }) => `${name} removed ${removed.join(", ")}`);
  return taken.join("; ") || "There are no hosts.";
}
