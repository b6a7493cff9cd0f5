/** Services of the catalog: what can happen to one, what is true of it, what may be done to it. */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { seen } from "../catalog/overlay.ts";
import { newIn } from "../changes.ts";
import { applied, type Extra, type WithOptions } from "../options.ts";

export type CatalogServiceEvent =
  | CatalogServiceCreated
  | CatalogServiceUpdated
  | CatalogServiceDeleted;

export interface ServiceFacts extends Pick<WithOptions, "extra"> {
  /** Such as `compute`. */
  readonly type: string;
  /** Such as `nova`; empty for none. */
  readonly name: string;
  /** Whether tokens tell of it. */
  readonly enabled: boolean;
}

export interface CatalogServiceCreated {
  readonly type: "CatalogServiceCreated";
  readonly data: ServiceFacts;
}

/** Carries only what changed. */
export interface CatalogServiceUpdated {
  readonly type: "CatalogServiceUpdated";
  readonly data: Partial<ServiceFacts>;
}

/** Of one that is built in, too: then it is the first event. */
export interface CatalogServiceDeleted {
  readonly type: "CatalogServiceDeleted";
  readonly data: Record<never, never>;
}

export interface Service extends ServiceFacts {
  readonly exists: boolean;
  /** Its id is never given out again. */
  readonly deleted: boolean;
  readonly extra: Extra;
}

export const NO_SERVICE: Service = {
  exists: false,
  deleted: false,
  type: "",
  name: "",
  enabled: false,
  extra: {},
};

export function evolve(service: Service, event: Recorded<CatalogServiceEvent>): Service {
  switch (event.type) {
    case "CatalogServiceCreated":
      return { ...service, ...event.data, exists: true };
    case "CatalogServiceUpdated":
      return { ...service, ...event.data };
    case "CatalogServiceDeleted":
      return { ...NO_SERVICE, deleted: true };
  }
}

export interface CreateService {
  readonly type: "CreateService";
  readonly service: ServiceFacts;
}

/** Creates a service; several may have one type or name. */
export function createService({ service }: CreateService): Decision<CatalogServiceCreated> {
  return [{ type: "CatalogServiceCreated", data: service }];
}

export interface UpdateService {
  readonly type: "UpdateService";
  readonly id: string;
  readonly changes: Partial<ServiceFacts>;
  /** What it is until somebody changes it, if it is built in. */
  readonly builtIn?: ServiceFacts;
}

/** Updates a service; one that is built in becomes one like any other. */
export function updateService(
  { id, changes, builtIn }: UpdateService,
  state: Service,
): Decision<CatalogServiceCreated | CatalogServiceUpdated> {
  const service = seen(state, builtIn);
  if (!service.exists) return serviceNotFound(id);
  const data = newIn<ServiceFacts>(applied(changes, service), service);
  if (Object.keys(data).length === 0) return [];
  const updated = { type: "CatalogServiceUpdated", data } as const;
  return state.exists ? [updated] : [{ type: "CatalogServiceCreated", data: builtIn! }, updated];
}

export interface DeleteService {
  readonly type: "DeleteService";
  readonly id: string;
  readonly builtIn?: ServiceFacts;
}

/** Deletes a service; its endpoints go in the same transaction. */
export function deleteService(
  { id, builtIn }: DeleteService,
  state: Service,
): Decision<CatalogServiceDeleted> {
  if (!seen(state, builtIn).exists) return serviceNotFound(id);
  return [{ type: "CatalogServiceDeleted", data: {} }];
}

/** There is no service of this id. */
export function serviceNotFound(id: string) {
  return reject("NotFound", `Could not find service: ${id}.`);
}
