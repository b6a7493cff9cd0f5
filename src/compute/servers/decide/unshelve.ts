import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import type { InputOf, OperationRequested } from "../operations.ts";
import type { Server } from "../state.ts";
import { type OperateServer, operateServer } from "./operate.ts";

/** A compute host, as far as commands that name one care. */
export interface HostFacts {
  readonly host: string;
  readonly node: string;
  readonly availabilityZone: string;
  /** Whether it can be asked for anything. */
  readonly isUp: boolean;
}

/**
 * Brings a shelved server back, where it was or, when it had left its host, where it is asked to.
 *
 * Refuses what every operation refuses, then a zone or host for a server that is still on its host,
 * and zones and hosts that are unknown or do not go together.
 * Source: nova/compute/api.py, `unshelve`.
 */
export function unshelveServer(
  command: OperateServer & { readonly operation: { readonly name: "unshelve" } },
  server: Server,
  hosts: readonly HostFacts[],
): Decision<OperationRequested> {
  const decision = operateServer(command, server);
  if (isRejection(decision)) return decision;
  return refuseDestination(command.id, server, command.operation.input, hosts) ?? decision;
}

function refuseDestination(
  id: string,
  server: Server,
  input: InputOf<"unshelve">,
  hosts: readonly HostFacts[],
): Rejection | undefined {
  const { host, pinnedAvailabilityZone: zone } = input;
  if (host === null && zone === undefined) return undefined;
  if (server.vmState !== "shelved_offloaded") {
    return reject(
      "Conflict",
      `Specifying an availability zone when unshelving server ${id} with status ` +
        `"${server.vmState}" is not supported. The server status must be SHELVED_OFFLOADED.`,
    );
  }
  if (typeof zone === "string" && !hosts.some((one) => one.availabilityZone === zone)) {
    return reject("Invalid", "The requested availability zone is not available");
  }
  return host === null ? undefined : refuseHost(host, zone, server, hosts);
}

function refuseHost(
  host: string,
  zone: string | null | undefined,
  server: Server,
  hosts: readonly HostFacts[],
): Rejection | undefined {
  const found = hosts.find((one) => one.host === host);
  if (!found) return reject("Invalid", `Compute host ${host} could not be found.`);
  const wanted = zone === undefined ? server.pinnedAvailabilityZone : zone;
  if (wanted === null || wanted === found.availabilityZone) return undefined;
  return reject("Conflict", `Host "${host}" is not in the availability zone "${wanted}".`);
}
