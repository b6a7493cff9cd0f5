/** The service catalog: which services there are, and where clients find them. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Reader } from "../../../store/query.ts";
import { endpointsForProject } from "../endpoint_filters/matching.ts";
import { type Endpoint, NO_ENDPOINT } from "../endpoints/decider.ts";
import { endpointRows } from "../endpoints/projection.ts";
import { NO_REGION, type Region } from "../regions/decider.ts";
import { regionRows } from "../regions/projection.ts";
import { NO_SERVICE, type Service } from "../services/decider.ts";
import { serviceRows } from "../services/projection.ts";
import type { Token } from "../tokens/token.ts";
import { type BuiltIn, builtInFor, type CatalogService } from "./built_in.ts";
import { overlaid } from "./overlay.ts";
import { filledIn } from "./url_template.ts";

/** A service as tokens tell of it. */
export interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly object[];
}

/** What is built in, and what admins made of it. */
export class Catalog {
  readonly builtIn: BuiltIn;

  constructor(services: readonly CatalogService[]) {
    this.builtIn = builtInFor(services);
  }

  async services(reader: Reader): Promise<readonly Versioned<Service>[]> {
    return overlaid(await serviceRows(reader), this.builtIn.services, NO_SERVICE);
  }

  async endpoints(reader: Reader): Promise<readonly Versioned<Endpoint>[]> {
    return overlaid(await endpointRows(reader), this.builtIn.endpoints, NO_ENDPOINT);
  }

  async regions(reader: Reader): Promise<readonly Versioned<Region>[]> {
    return overlaid(await regionRows(reader), this.builtIn.regions, NO_REGION);
  }

  /**
   * The catalog that goes with a token: what is enabled, with the URLs filled in.
   *
   * A project that is kept to some endpoints has those only, and no service without any.
   *
   * `origin`: `http://host:port`, as the client reached us. Source: keystone/catalog/backends/
   * sql.py, get_v3_catalog.
   */
  async forToken(reader: Reader, origin: string, token: Token): Promise<readonly CatalogEntry[]> {
    const all = await this.endpoints(reader);
    const kept = token.scope?.on === "project"
      ? await endpointsForProject(reader, all, token.scope.project.id)
      : [];
    const isKept = kept.length > 0;
    const endpoints = Map.groupBy(isKept ? kept : all, ({ state }) => state.serviceId);
    return (await this.services(reader)).filter(({ state }) => state.enabled)
      .map(({ id, state: { type, name } }) => ({
        ...{ id, type, name },
        endpoints: (endpoints.get(id) ?? []).flatMap((one) => entryOf(one, origin, token)),
      }))
      .filter((entry) => !isKept || entry.endpoints.length > 0);
  }
}

function entryOf({ id, state }: Versioned<Endpoint>, origin: string, token: Token): object[] {
  const { scope, user } = token;
  const url = filledIn(addressOf(state, origin), {
    userId: user.id,
    projectId: scope?.on === "project" ? scope.project.id : undefined,
  });
  if (!state.enabled || url === undefined) return [];
  const { interface: side, regionId } = state;
  return [{ ...state.extra, id, interface: side, region_id: regionId, region: regionId, url }];
}

/** An endpoint's URL; templates in it are left as they are. */
export function addressOf({ url }: Endpoint, origin: string): string {
  return url.startsWith("/") ? `${origin}${url}` : url;
}
