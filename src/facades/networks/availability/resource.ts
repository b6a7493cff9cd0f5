/** How many addresses networks have, and how many are taken; neutron/db/network_ip_availability_db.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Caller } from "../../../http/auth.ts";
import type { Reader } from "../../../store/query.ts";
import { isLive } from "../../collections.ts";
import type { FacadeOperation } from "../../endpoint.ts";
import { parseAddress, parseCidr } from "../addresses.ts";
import { integer, text } from "../attributes.ts";
import { type Json, listOf, type Resource, showOf } from "../list.ts";
import type { Network } from "../networks/decider.ts";
import { notFound } from "../refusals.ts";
import type { Subnet } from "../subnets/decider.ts";
import { subnetsOfNetworks } from "../subnets/projection.ts";
import { usedAddresses } from "../ports/address_tables.ts";

/** `GET /v2.0/network-ip-availabilities`; with `ip_version`, subnets of that version only. */
export function listAvailabilities(reader: Reader): FacadeOperation {
  return (request) => {
    const versions = request.query.getAll("ip_version").map(Number);
    return listOf(reader, availabilityResource(versions))(request);
  };
}

/** `GET /v2.0/network-ip-availabilities/{network}`. */
export function showAvailability(reader: Reader): FacadeOperation {
  return showOf(reader, availabilityResource([]));
}

/** Networks seen by their addresses; an empty list of versions stands for all. */
function availabilityResource(versions: readonly number[]): Resource<Network> {
  return {
    name: "network_ip_availability",
    plural: "network_ip_availabilities",
    table: "networks",
    attributes: {
      network_id: text("id"),
      network_name: text("name"),
      project_id: text("project_id"),
      tenant_id: text("project_id"),
      ip_version: { filter: withSubnets },
    },
    // Only admins may know.
    visibleTo: (caller: Caller) => [isLive, (eb) => eb.lit(caller.isAdmin)],
    views: (reader, rows) => views(reader, rows, versions),
    notFound: notFound.network,
  };
}

const withSubnets: Resource<Network>["attributes"][string]["filter"] = (values) => {
  const wrong = integer("ip_version").filter(values);
  if ("rejected" in wrong) return wrong;
  return (eb) =>
    eb(
      "id",
      "in",
      eb.selectFrom("subnets").select("network_id").where("live", "=", 1)
        .where("ip_version", "in", values.map(Number)),
    );
};

async function views(
  reader: Reader,
  rows: readonly Versioned<Network>[],
  versions: readonly number[],
): Promise<readonly Json[]> {
  const subnets = (await subnetsOfNetworks(reader, rows.map(({ id }) => id)))
    .filter(({ state }) => versions.length === 0 || versions.includes(state.ipVersion));
  const used = await usedAddresses(reader, subnets.map(({ id }) => id));
  const byNetwork = Map.groupBy(subnets, ({ state }) => state.networkId);
  return rows.map(({ id, state: network }) => {
    const mine = byNetwork.get(id) ?? [];
    return {
      network_id: id,
      network_name: network.name,
      tenant_id: network.projectId,
      project_id: network.projectId,
      total_ips: exactly(mine.reduce((sum, subnet) => sum + sizeOf(subnet.state), 0n)),
      used_ips: mine.reduce((sum, subnet) => sum + (used.get(subnet.id) ?? 0), 0),
      subnet_ip_availability: mine.map((subnet) => ({
        subnet_id: subnet.id,
        subnet_name: subnet.state.name,
        ip_version: subnet.state.ipVersion,
        cidr: subnet.state.cidr,
        total_ips: exactly(sizeOf(subnet.state)),
        used_ips: used.get(subnet.id) ?? 0,
      })),
    };
  });
}

/** How many addresses ports may have: those in the pools, or all when there is no pool. */
function sizeOf({ cidr, allocationPools }: Subnet): bigint {
  const { first, last } = parseCidr(cidr)!;
  if (allocationPools.length === 0) return last - first + 1n;
  return allocationPools.reduce(
    (sum, { start, end }) => sum + parseAddress(end)!.value - parseAddress(start)!.value + 1n,
    0n,
  );
}

/** A number of any size as JSON has it: IPv6 subnets have more addresses than a double tells apart. */
function exactly(number: bigint): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(number));
}
