/** The service catalog: which services there are, and where clients find them. */
import { createHash } from "node:crypto";

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

/** The one region. */
export const REGION = "RegionOne";

const INTERFACES = ["public", "internal", "admin"] as const;

export interface Endpoint {
  readonly id: string;
  readonly interface: (typeof INTERFACES)[number];
  readonly region_id: string;
  readonly region: string;
  readonly url: string;
}

export interface CatalogEntry {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

/** The catalog as tokens carry it. `origin`: `http://host:port`, as the client reached us. */
export function catalogFor(
  origin: string,
  services: readonly CatalogService[],
): readonly CatalogEntry[] {
  return services.map(({ type, name, url }) => ({
    id: stableId(type),
    type,
    name,
    endpoints: INTERFACES.map((side) => ({
      id: stableId(`${type} ${side}`),
      interface: side,
      region_id: REGION,
      region: REGION,
      url: url.startsWith("/") ? `${origin}${url}` : url,
    })),
  }));
}

/** 32 hex digits that are the same at every start and in every cloud. */
function stableId(name: string): string {
  return createHash("sha256").update(`catalog ${name}`).digest("hex").slice(0, 32);
}
