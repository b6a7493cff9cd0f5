/** Networks and what belongs to them as a seed file asks for them, in the words of requests. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import { type Fields, readCreate } from "./body.ts";
import { writableNetworks } from "./networks/commands.ts";
import { networkQuotas } from "./quotas/projection.ts";
import { type Limits, setLimits } from "./quotas/decider.ts";
import { record } from "./record.ts";
import type { NeutronRejection } from "./refusals.ts";
import { writableRules, writableSecurityGroups } from "./security_groups/commands.ts";
import { withDefaultGroup } from "./security_groups/projection.ts";
import { writableSubnets } from "./subnets/commands.ts";
import type { WritableResource } from "./write.ts";

/** One thing to make, as the body of a request would say it. */
export interface SeedResource {
  readonly id: string;
  readonly item: Readonly<Record<string, unknown>>;
  /** An admin. */
  readonly by: Caller;
}

type Made = Promise<Versioned<unknown> | NeutronRejection>;

/** Makes a network; refuses what a request would be refused. */
export function seedNetwork(unit: UnitOfWork, seed: SeedResource): Made {
  return seedOne(unit, writableNetworks, seed);
}

/** Makes a subnet; refuses what a request would be refused. */
export function seedSubnet(unit: UnitOfWork, seed: SeedResource): Made {
  return seedOne(unit, writableSubnets, seed);
}

/** Makes a security group; refuses what a request would be refused. */
export function seedSecurityGroup(unit: UnitOfWork, seed: SeedResource): Made {
  return seedOne(unit, writableSecurityGroups, seed);
}

/** Adds a rule to a group; refuses what a request would be refused. */
export function seedSecurityGroupRule(unit: UnitOfWork, seed: SeedResource): Made {
  return seedOne(unit, writableRules, seed);
}

/** Makes sure that a project has its default group; gives its id. */
export function seedDefaultGroup(unit: UnitOfWork, projectId: string): Promise<string> {
  return withDefaultGroup(unit, projectId);
}

/** Sets how much of the network service a project may have. */
export async function seedNetworkQuota(
  unit: UnitOfWork,
  projectId: string,
  limits: Partial<Limits>,
): Made {
  const before = await unit.load(networkQuotas, projectId);
  return await record(unit, networkQuotas, before, setLimits(limits, before.state));
}

async function seedOne<State, F extends Fields>(
  unit: UnitOfWork,
  resource: WritableResource<State, F>,
  { id, item, by }: SeedResource,
): Promise<Versioned<State> | NeutronRejection> {
  const asked = readCreate({ [resource.name]: item }, { ...resource, caller: by });
  if (isRejection(asked)) return asked;
  return await resource.create(unit, { ...asked.items[0]!, id, by });
}
