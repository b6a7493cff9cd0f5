/** What the network proxies have in common. */
import type { NetworkService } from "../../facades/network_service.ts";
import type { Minor } from "../../http/microversions.ts";

export interface NetworkProxiesDependencies {
  readonly networks: NetworkService;
  readonly settings: { readonly maxLimit: number };
}

/** The last microversion of proxies; nova/api/openstack/api_version_request.py. */
export const LAST_PROXY_MINOR: Minor = 35;
