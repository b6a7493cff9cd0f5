/** The version documents of the volume service; cinder/api/views/versions.py. */
import { MAX_MINOR, MIN_MINOR, versionText } from "./microversions.ts";

/** The one version there is, for `/` and `/v3/` alike. */
export function versionsView(serviceUrl: string): object {
  return {
    versions: [{
      id: "v3.0",
      status: "CURRENT",
      version: versionText(MAX_MINOR),
      min_version: versionText(MIN_MINOR),
      updated: "2023-08-31T00:00:00Z",
      links: [
        { rel: "describedby", type: "text/html", href: "https://docs.openstack.org/" },
        { rel: "self", href: `${serviceUrl}/v3/` },
      ],
      "media-types": [{
        base: "application/json",
        type: "application/vnd.openstack.volume+json;version=3",
      }],
    }],
  };
}
