/** Which of a server's ports is which of its nics; pure. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { canonicalAddress } from "../addresses.ts";
import type { Port } from "./decider.ts";

/** A nic that asks for no port by name. */
export interface NicRequest {
  readonly networkId: string;
  readonly portId?: string;
  readonly fixedIp?: string;
}

/**
 * For each nic the port that was made for it earlier, if any, in the order of the nics.
 *
 * `made` are the ports made for the server, oldest first. A nic with an address gets the port with
 * that address; the others, in order, the oldest port on their network that is left.
 */
export function matchNics(
  nics: readonly NicRequest[],
  made: readonly Versioned<Port>[],
): readonly (Versioned<Port> | undefined)[] {
  const left = new Set(made);
  const take = (nic: NicRequest, fits: (port: Port) => boolean) => {
    const found = [...left].find(({ state }) => state.networkId === nic.networkId && fits(state));
    if (found) left.delete(found);
    return found;
  };
  const exact = nics.map((nic) => {
    if (nic.portId !== undefined || nic.fixedIp === undefined) return undefined;
    const address = canonicalAddress(nic.fixedIp);
    return take(nic, (port) => port.fixedIps.some((ip) => ip.address === address));
  });
  return nics.map((nic, place) =>
    nic.portId !== undefined || nic.fixedIp !== undefined ? exact[place] : take(nic, () => true)
  );
}
