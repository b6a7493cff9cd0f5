/** POST /os-aggregates/{id}/action: add_host, remove_host, set_metadata. */
import type { Hono } from "hono";
import type { BodyReading } from "../../http/body.ts";
import type { Endpoints, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, isFault } from "../../http/faults.ts";
import type { Rule } from "../../http/policy.ts";
import { bodyProblem } from "../../http/schema.ts";
import type { UnitOfWork } from "../../eventsourcing/committer.ts";
import { findHost } from "../hosts/projection.ts";
import {
  addHostToAggregate,
  type HostAggregate,
  removeHostFromAggregate,
  setAggregateMetadata,
  type ZoneFacts,
} from "./decider.ts";
import { actionSchema } from "./schemas.ts";
import { type AggregatesDependencies, changeAggregate, refuse } from "./service.ts";
import { viewAggregate } from "./view.ts";

export function actionRoutes(
  app: Hono,
  handler: Endpoints["handler"],
  dependencies: AggregatesDependencies,
): void {
  app.post(
    "/os-aggregates/:id/action",
    handler((request) => act(dependencies, request), { readBody: readAction }),
  );
}

const RULES = {
  add_host: "os_compute_api:os-aggregates:add_host",
  remove_host: "os_compute_api:os-aggregates:remove_host",
  set_metadata: "os_compute_api:os-aggregates:set_metadata",
} as const satisfies Readonly<Record<string, Rule>>;

type AskedAction =
  | { readonly name: "add_host" | "remove_host"; readonly host: string }
  | { readonly name: "set_metadata"; readonly metadata: Readonly<Record<string, string | null>> };

/**
 * Reads the body of an action.
 *
 * Refuses what is not an object of one key, a key nobody knows, and a value that its schema does
 * not allow. Source: nova/api/openstack/wsgi.py.
 */
function readAction(body: BodyReading): Fault | { readonly value: AskedAction } {
  const value = "malformed" in body ? null : body.value;
  const [name, ...others] = typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.keys(value)
    : [];
  if (name === undefined || others.length > 0) return fault(400, "Malformed request body");
  if (!isAction(name)) return fault(400, `There is no such action: ${name}`);
  const problem = bodyProblem(actionSchema[name], value);
  if (problem !== undefined) return fault(400, problem);
  return { value: { name, ...(value as Record<string, object>)[name] } as AskedAction };
}

function isAction(name: string): name is keyof typeof RULES {
  return Object.hasOwn(RULES, name);
}

async function act(dependencies: AggregatesDependencies, request: NovaRequest): Promise<Outcome> {
  const asked = request.body as AskedAction;
  const refusal = refuse(RULES[asked.name], request);
  if (refusal) return refusal;
  const id = request.param("id");
  const changed = await changeAggregate(
    dependencies,
    request,
    COMMANDS[asked.name],
    (unit, facts) => decisionOf(asked, { unit, facts, id }),
  );
  if (isFault(changed)) return changed;
  return { status: 200, body: { aggregate: viewAggregate(changed, request.minor) } };
}

const COMMANDS = {
  add_host: "AddHostToAggregate",
  remove_host: "RemoveHostFromAggregate",
  set_metadata: "SetAggregateMetadata",
} as const;

async function decisionOf(
  asked: AskedAction,
  { unit, facts, id }: {
    readonly unit: UnitOfWork;
    readonly facts: ZoneFacts;
    readonly id: string;
  },
) {
  if (asked.name === "set_metadata") {
    const type = COMMANDS.set_metadata;
    const command = { type, id, changes: asked.metadata, facts } as const;
    return (state: HostAggregate) => setAggregateMetadata(command, state);
  }
  const { host } = asked;
  const hostExists = await findHost(unit, { name: host }) !== undefined;
  const command = { id, host, hostExists, facts };
  return asked.name === "add_host"
    ? (state: HostAggregate) => addHostToAggregate({ type: COMMANDS.add_host, ...command }, state)
    : (state: HostAggregate) =>
      removeHostFromAggregate({ type: COMMANDS.remove_host, ...command }, state);
}
