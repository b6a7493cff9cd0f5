/** Version documents; nova/api/openstack/compute/versions.py, api-ref "API Versions". */
import type { Context, Hono } from "hono";
import type { Endpoints } from "../http/endpoint.ts";
import { MAX_MINOR, MIN_MINOR, versionText } from "../http/microversions.ts";

interface ApiVersion {
  readonly id: string;
  readonly status: string;
  readonly version: string;
  readonly min_version: string;
  readonly updated: string;
  readonly path: string;
  readonly mediaType: string;
}

const API_VERSIONS: readonly ApiVersion[] = [
  {
    id: "v2.0",
    status: "DEPRECATED",
    version: "",
    min_version: "",
    updated: "2025-07-04T12:00:00Z",
    path: "v2",
    mediaType: "application/vnd.openstack.compute+json;version=2",
  },
  {
    id: "v2.1",
    status: "CURRENT",
    version: versionText(MAX_MINOR),
    min_version: versionText(MIN_MINOR),
    updated: "2013-07-23T11:33:21Z",
    path: "v2.1",
    mediaType: "application/vnd.openstack.compute+json;version=2.1",
  },
];

/** Puts the version documents on the app's root; they need no token. */
export function versionRoutes(app: Hono, endpoints: Endpoints): void {
  app.get("/", (c) =>
    json(200, {
      versions: API_VERSIONS.map((version) => ({
        ...facts(version),
        links: [{ rel: "self", href: `${originOf(c)}/${version.path}/` }],
      })),
    }));
  for (const version of API_VERSIONS) {
    const document = (c: Context) => ({
      version: {
        ...facts(version),
        links: [
          { rel: "self", href: `${originOf(c)}/${version.path}/` },
          { rel: "describedby", type: "text/html", href: "http://docs.openstack.org/" },
        ],
        "media-types": [mediaType(version)],
      },
    });
    const handler = endpoints.open(document);
    app.get(`/${version.path}`, handler);
    app.get(`/${version.path}/`, handler);
  }
}

/** What an unknown first segment is answered with: the versions to choose from. */
export function choices(c: Context): Response {
  const asked = c.req.path.replace(/^\/+|\/+$/g, "");
  return json(300, {
    choices: API_VERSIONS.map((version) => ({
      id: version.id,
      status: version.status,
      links: [{ rel: "self", href: `${originOf(c)}/${version.path}/${asked}` }],
      "media-types": [mediaType(version)],
    })),
  });
}

function facts({ id, status, version, min_version, updated }: ApiVersion): object {
  return { id, status, version, min_version, updated };
}

function mediaType({ mediaType }: ApiVersion): object {
  return { base: "application/json", type: mediaType };
}

function originOf(c: Context): string {
  return new URL(c.req.url).origin;
}

function json(status: number, body: object): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json" },
  });
}
