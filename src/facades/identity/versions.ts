/** Which versions of the API there are. Source: keystone/api/discovery.py. */
import type { Answer, IdentityRequest } from "./http/endpoint.ts";

/** 300 with every version, and the way to the best. */
export function showVersions(request: IdentityRequest): Answer {
  const href = `${request.base}/`;
  return {
    status: 300,
    body: { versions: { values: [versionView(href)] } },
    headers: { location: href },
  };
}

/** The version document of `/v3`. */
export function showVersion(request: IdentityRequest): Answer {
  return { status: 200, body: { version: versionView(`${request.base}/`) } };
}

function versionView(href: string): object {
  return {
    "id": "v3.14",
    "status": "stable",
    "updated": "2020-04-07T00:00:00Z",
    "links": [{ rel: "self", href }],
    "media-types": [
      { base: "application/json", type: "application/vnd.openstack.identity-v3+json" },
    ],
  };
}
