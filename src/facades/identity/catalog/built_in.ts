/**
 * What the catalog has of itself: the services of this process, where clients reach them.
 *
 * It is in no log, so that a newer release has its services in older clouds, too; what an admin
 * changes of it is.
 */
import { createHash } from "node:crypto";
import type { EndpointFacts } from "../endpoints/decider.ts";
import type { RegionFacts } from "../regions/decider.ts";
import type { ServiceFacts } from "../services/decider.ts";

/** A service of this cloud. */
export interface CatalogService {
  readonly type: string;
  readonly name: string;
  /** Behind this server's own origin; or a whole URL, for a service that runs elsewhere. */
  readonly url: string;
}

/** The services that run in this process. */
export const EMBEDDED_SERVICES: readonly CatalogService[] = [
  { type: "compute", name: "nova", url: "/v2.1" },
  { type: "identity", name: "keystone", url: "/identity" },
  { type: "image", name: "glance", url: "/image" },
  { type: "network", name: "neutron", url: "/network" },
  // Older clients look for the first type, newer ones for the second.
  { type: "volumev3", name: "cinderv3", url: "/volume/v3" },
  { type: "block-storage", name: "cinder", url: "/volume/v3" },
];

/** The region that all of it is in. */
const REGION = "RegionOne";

const INTERFACES = ["public", "internal", "admin"] as const;

/** The parts of the catalog that nobody has made, by id. */
export interface BuiltIn {
  readonly services: ReadonlyMap<string, ServiceFacts>;
  readonly endpoints: ReadonlyMap<string, EndpointFacts>;
  readonly regions: ReadonlyMap<string, RegionFacts>;
}

/** The parts that follow from a list of services. */
export function builtInFor(services: readonly CatalogService[]): BuiltIn {
  return {
    services: new Map(
      services.map(({ type, name }) => [
        stableId(type),
        { type, name, enabled: true, extra: { description: "" } },
      ]),
    ),
    endpoints: new Map(
      services.flatMap(({ type, url }) =>
        INTERFACES.map((side) => [
          stableId(`${type} ${side}`),
          { interface: side, regionId: REGION, serviceId: stableId(type), url, enabled: true },
        ])
      ),
    ),
    regions: new Map([[REGION, { description: "", parentRegionId: null }]]),
  };
}

/** 32 hex digits that are the same at every start and in every cloud. */
function stableId(name: string): string {
  return createHash("sha256").update(`catalog ${name}`).digest("hex").slice(0, 32);
}
