/** Endpoints of the catalog: what can happen to one, what is true of it, what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { seen } from "../catalog/overlay.ts";
import { newIn } from "../changes.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type EndpointEvent = EndpointCreated | EndpointUpdated | EndpointDeleted;

export interface EndpointFacts extends Pick<WithOptions, "extra"> {
  readonly interface: "public" | "internal" | "admin";
  readonly serviceId: string;
  readonly regionId: string | null;
  /**
   * May hold `$(project_id)s` and the like; or begins with `/`, for what is behind the address that
   * a client asks.
   */
  readonly url: string;
  /** Whether tokens tell of it. */
  readonly enabled: boolean;
}

export interface EndpointCreated {
  readonly type: "EndpointCreated";
  readonly data: EndpointFacts;
}

/** Carries only what changed. */
export interface EndpointUpdated {
  readonly type: "EndpointUpdated";
  readonly data: Partial<EndpointFacts>;
}

/** Of one that is built in, too: then it is the first event. */
export interface EndpointDeleted {
  readonly type: "EndpointDeleted";
  readonly data: Record<never, never>;
}

export interface Endpoint extends EndpointFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly extra: Extra;
}

export const NO_ENDPOINT: Endpoint = {
  exists: false,
  deleted: false,
  interface: "public",
  serviceId: "",
  regionId: null,
  url: "",
  enabled: false,
  extra: {},
};

export function evolve(endpoint: Endpoint, event: Recorded<EndpointEvent>): Endpoint {
  switch (event.type) {
    case "EndpointCreated":
      return { ...endpoint, ...event.data, exists: true };
    case "EndpointUpdated":
      return { ...endpoint, ...event.data };
    case "EndpointDeleted":
      return { ...NO_ENDPOINT, deleted: true };
  }
}

/** Whether what an endpoint refers to is there. */
export interface Referred {
  readonly hasService: boolean;
  readonly hasRegion: boolean;
}

export interface CreateEndpoint extends Referred {
  readonly type: "CreateEndpoint";
  readonly endpoint: EndpointFacts;
}

/** Creates an endpoint; refuses one of no service, or in no region. */
export function createEndpoint(command: CreateEndpoint): Decision<EndpointCreated> {
  return refuseStray(command) ?? [{ type: "EndpointCreated", data: command.endpoint }];
}

export interface UpdateEndpoint extends Referred {
  readonly type: "UpdateEndpoint";
  readonly id: string;
  readonly changes: Partial<EndpointFacts>;
  /** What it is until somebody changes it, if it is built in. */
  readonly builtIn?: EndpointFacts;
}

/** Updates an endpoint; refuses to put it to no service, or into no region. */
export function updateEndpoint(
  command: UpdateEndpoint,
  state: Endpoint,
): Decision<EndpointCreated | EndpointUpdated> {
  const { id, changes, builtIn } = command;
  const stray = refuseStray(command);
  if (stray) return stray;
  const endpoint = seen(state, builtIn);
  if (!endpoint.exists) return endpointNotFound(id);
  const data = newIn<EndpointFacts>(applied(changes, endpoint), endpoint);
  if (Object.keys(data).length === 0) return [];
  const updated = { type: "EndpointUpdated", data } as const;
  return state.exists ? [updated] : [{ type: "EndpointCreated", data: builtIn! }, updated];
}

export interface DeleteEndpoint {
  readonly type: "DeleteEndpoint";
  readonly id: string;
  readonly builtIn?: EndpointFacts;
}

export function deleteEndpoint(
  { id, builtIn }: DeleteEndpoint,
  state: Endpoint,
): Decision<EndpointDeleted> {
  if (!seen(state, builtIn).exists) return endpointNotFound(id);
  return [{ type: "EndpointDeleted", data: {} }];
}

/** There is no endpoint of this id. */
export function endpointNotFound(id: string) {
  return reject("NotFound", `Could not find endpoint: ${id}.`);
}

function refuseStray({ hasService, hasRegion }: Referred) {
  if (!hasRegion) return missing("region");
  return hasService ? undefined : missing("service");
}

function missing(kind: "service" | "region") {
  return reject(
    "Invalid",
    `Expecting to find endpoint ${kind}_id in ${kind} table. The server could not comply with ` +
      "the request since it is either malformed or otherwise incorrect. The client is assumed to " +
      "be in error.",
  );
}
