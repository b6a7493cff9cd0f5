/** `PUT /v2.0/subnetpools/{id}/add_prefixes` and `…/remove_prefixes`. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { parseCidr } from "../addresses.ts";
import { refused } from "../answers.ts";
import { objectIn, refuseBody } from "../body.ts";
import { subnetList } from "../fields.ts";
import { badRequest, type NeutronRejection } from "../refusals.ts";
import { findOwn, readBody, type WriteDependencies } from "../write.ts";
import { compact } from "./bounds.ts";
import { writableSubnetPools } from "./commands.ts";
import { prefixUpdate, rangesOf, type SubnetPool } from "./decider.ts";
import { intersect, networksOf, without } from "./prefixes.ts";
import { allocationsOf, subnetPools } from "./projection.ts";

type Change = (
  unit: UnitOfWork,
  pool: Versioned<SubnetPool>,
  prefixes: readonly string[],
  by: Caller,
) => Promise<Versioned<SubnetPool> | NeutronRejection>;

/** Adds networks to a pool. */
export function addPrefixes(dependencies: WriteDependencies): FacadeOperation {
  const options = { action: "add_prefixes", command: "AddSubnetPoolPrefixes" };
  return change(dependencies, options, async (unit, pool, prefixes, by) => {
    const values = { prefixes: [...pool.state.prefixes, ...prefixes] };
    return await writableSubnetPools.update(unit, pool, { values, by });
  });
}

/** Takes networks from a pool; refuses those that subnets are of. */
export function removePrefixes(dependencies: WriteDependencies): FacadeOperation {
  const options = { action: "remove_prefixes", command: "RemoveSubnetPoolPrefixes" };
  return change(dependencies, options, async (unit, pool, prefixes) => {
    const removed = rangesOf(prefixes);
    const given = await allocationsOf(unit, pool.id);
    if (intersect(rangesOf(given.map(({ cidr }) => cidr)), removed)) {
      return prefixUpdate("One or more the prefixes to be removed is in use by a subnet.");
    }
    const { ipVersion } = pool.state;
    const left = networksOf(ipVersion, without(rangesOf(pool.state.prefixes), removed));
    const data = { prefixes: compact(ipVersion, left) };
    return await unit.append(subnetPools, pool, [{ type: "SubnetPoolUpdated", data }]);
  });
}

/** Source: neutron/db/db_base_plugin_v2.py, `add_prefixes` and `remove_prefixes`. */
function change(
  { committer }: WriteDependencies,
  { action, command }: { readonly action: string; readonly command: string },
  apply: Change,
): FacadeOperation {
  return async (request) => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    const prefixes = readPrefixes(body.value);
    if (isRejection(prefixes)) return refused(prefixes);
    const outcome = await committer.submit(request.metadata(command), async (unit) => {
      const pool = await findOwn(unit, writableSubnetPools, request, action);
      if (isRejection(pool)) return pool;
      // Addresses of the other family are none of the pool's.
      const ofFamily = prefixes.filter((prefix) =>
        action === "add_prefixes" || parseCidr(prefix)!.version === pool.state.ipVersion
      );
      return ofFamily.length === 0 ? pool : await apply(unit, pool, ofFamily, request.caller);
    });
    if (isRejection(outcome)) return refused(outcome);
    return json(200, { prefixes: outcome.state.prefixes });
  };
}

function readPrefixes(body: unknown): readonly string[] | NeutronRejection {
  const outer = objectIn(body);
  if (!outer) return refuseBody(body);
  const reading = subnetList(outer["prefixes"]);
  if ("value" in reading && reading.value.length > 0) return reading.value;
  if ("value" in reading) return badRequest("Request body contains invalid data");
  if (isRejection(reading)) return reading;
  return badRequest(`Invalid input for prefixes. Reason: ${reading.problem}.`);
}
