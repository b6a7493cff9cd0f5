/** What a subnet's addresses are for: its gateway, its pools; pure. */
import { type Address, type Cidr, contains, formatAddress, parseAddress } from "../addresses.ts";
import { invalidInput, type NeutronRejection, refusal } from "../refusals.ts";
import type { AllocationPool } from "./decider.ts";

/** The gateway that a subnet has unless told otherwise: its first address behind the network's. */
export function defaultGateway({ version, first }: Cidr): string {
  return formatAddress({ version, value: first + 1n });
}

/** The first and the last address that a port may have. */
function hostRange(cidr: Cidr): readonly [first: bigint, last: bigint] {
  const { version, first, last, prefixLength } = cidr;
  if (first === last) return [first, last];
  if (version === 6) return [first + 1n, last];
  return prefixLength <= 30 ? [first + 1n, last - 1n] : [first, last];
}

/**
 * The pools of a subnet that names none: all its hosts but the gateway.
 *
 * Source: neutron/ipam/utils.py, `generate_pools`.
 */
export function defaultPools(cidr: Cidr, gatewayIp: string | null): readonly AllocationPool[] {
  const [first, last] = hostRange(cidr);
  const gateway = gatewayIp === null ? undefined : parseAddress(gatewayIp)?.value;
  if (first === last || gateway === undefined || gateway < first || gateway > last) {
    return [poolOf(cidr, first, last)];
  }
  return [
    ...(gateway > first ? [poolOf(cidr, first, gateway - 1n)] : []),
    ...(gateway < last ? [poolOf(cidr, gateway + 1n, last)] : []),
  ];
}

function poolOf({ version }: Cidr, first: bigint, last: bigint): AllocationPool {
  return {
    start: formatAddress({ version, value: first }),
    end: formatAddress({ version, value: last }),
  };
}

/**
 * Says no to pools that are none, reach beyond the subnet, overlap or hold the gateway.
 *
 * Source: neutron/db/ipam_backend_mixin.py, `validate_allocation_pools`.
 */
export function refusePools(
  pools: readonly AllocationPool[],
  cidr: Cidr,
  { text, gatewayIp }: { readonly text: string; readonly gatewayIp: string | null },
): NeutronRejection | undefined {
  const [first, last] = hostRange(cidr);
  const read: { readonly start: Address; readonly end: Address; readonly text: string }[] = [];
  for (const pool of pools) {
    const [start, end] = [parseAddress(pool.start)!, parseAddress(pool.end)!];
    const shown = `${pool.start}-${pool.end}`;
    if (
      start.version !== cidr.version || end.version !== cidr.version || start.value > end.value
    ) {
      return refusal(
        "Invalid",
        "InvalidAllocationPool",
        `The allocation pool ${shown} is not valid.`,
      );
    }
    if (start.value < first || end.value > last) {
      return refusal(
        "Invalid",
        "OutOfBoundsAllocationPool",
        `The allocation pool ${shown} spans beyond the subnet cidr ${text}.`,
      );
    }
    const other = read.find((known) =>
      known.start.value <= end.value && start.value <= known.end.value
    );
    if (other) {
      return refusal(
        "Conflict",
        "OverlappingAllocationPools",
        `Found overlapping allocation pools: ${other.text} ${shown} for subnet ${text}.`,
      );
    }
    read.push({ start, end, text: shown });
  }
  const gateway = gatewayIp === null ? undefined : parseAddress(gatewayIp)!;
  const around = read.find(({ start, end }) =>
    gateway && gateway.value >= start.value && gateway.value <= end.value
  );
  if (!around) return undefined;
  return refusal(
    "Conflict",
    "GatewayConflictWithAllocationPools",
    `Gateway ip ${gatewayIp} conflicts with allocation pool ${around.text}.`,
  );
}

/** Says no to a gateway of another family, or one that is the network's or broadcast address. */
export function refuseGateway(gatewayIp: string, cidr: Cidr): NeutronRejection | undefined {
  const gateway = parseAddress(gatewayIp)!;
  if (gateway.version !== cidr.version) {
    return invalidInput(
      `gateway_ip '${gatewayIp}' does not match the ip_version '${cidr.version}'`,
    );
  }
  const isReserved = gateway.value === cidr.first || gateway.value === cidr.last;
  if (cidr.version === 4 && contains(cidr, gateway) && isReserved) {
    return invalidInput("Gateway is not valid on subnet");
  }
}
