/** The version document of the network service; neutron/api/views/versions.py. */

/** The one version there is. */
export function versionsView(serviceUrl: string): object {
  return {
    versions: [{
      id: "v2.0",
      status: "CURRENT",
      links: [{ rel: "self", href: `${serviceUrl}/v2.0/` }],
    }],
  };
}

const CORE_RESOURCES = { network: "networks", subnet: "subnets", port: "ports" };

/** What `GET /v2.0/` tells. */
export function resourcesView(serviceUrl: string): object {
  return {
    resources: Object.entries(CORE_RESOURCES).map(([name, collection]) => ({
      name,
      collection,
      links: [{ rel: "self", href: `${serviceUrl}/v2.0/${collection}` }],
    })),
  };
}
