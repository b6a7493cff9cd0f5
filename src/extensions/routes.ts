/** `/chronova/v1`: what Nova does not have, in a room of its own. */
import { Hono } from "hono";
import { cellRoutes, type CellSwitch } from "./cell/routes.ts";
import { errorBody, type ExtensionDependencies, ExtensionEndpoints } from "./endpoint.ts";
import { faultRoutes, type FaultRoutesDependencies } from "./faults/routes.ts";
import { hostRoutes, type SetHeartbeat } from "./hosts/routes.ts";
import { type ResetCloud, resetRoutes } from "./reset/routes.ts";

export interface ExtensionRoutesDependencies
  extends ExtensionDependencies, FaultRoutesDependencies {
  /** Undefined: the cloud was not started as one that can be reset. */
  readonly reset?: ResetCloud;
  readonly setHeartbeat: SetHeartbeat;
  readonly cell: CellSwitch;
}

/** The extensions as one app, to be mounted at `/chronova`. */
export function extensionRoutes(dependencies: ExtensionRoutesDependencies): Hono {
  const endpoints = new ExtensionEndpoints(dependencies);
  const resources = new Hono();
  faultRoutes(resources, endpoints, dependencies);
  hostRoutes(resources, endpoints, dependencies.setHeartbeat);
  cellRoutes(resources, endpoints, dependencies.cell);
  resetRoutes(resources, endpoints, dependencies.reset);
  const app = new Hono();
  for (const path of ["/v1", "/v1/"]) app.get(path, endpoints.open(() => documentOf(dependencies)));
  app.route("/v1", resources);
  app.all(
    "*",
    endpoints.handler(({ raw }) => {
      const { pathname } = new URL(raw.url);
      return Response.json(
        errorBody(404, `There is no ${raw.method} ${pathname}; /chronova/v1/ says what there is.`),
        { status: 404 },
      );
    }, { who: "members" }),
  );
  return app;
}

/** What there is. */
function documentOf({ reset }: ExtensionRoutesDependencies): object {
  return {
    version: { id: "v1", status: "CURRENT" },
    errors: '{"error": {"code", "title", "message"}}',
    resources: [
      {
        path: "/chronova/v1/faults",
        methods: ["GET", "POST", "DELETE"],
        who: "admins",
        what: "Faults and delays on demand: list, add one, lift all.",
      },
      {
        path: "/chronova/v1/faults/{id}",
        methods: ["GET", "DELETE"],
        who: "admins",
        what: "One of them: show, lift.",
      },
      {
        path: "/chronova/v1/hosts/{name}",
        methods: ["PUT"],
        who: "admins",
        what: "Whether the service of a compute host gives signs of life.",
      },
      {
        path: "/chronova/v1/cell",
        methods: ["GET", "PUT"],
        who: "admins",
        what: "Whether the cell, all hosts and what is on them, can be reached.",
      },
      {
        path: "/chronova/v1/reset",
        methods: ["POST"],
        who: "admins",
        allowed: reset !== undefined,
        what: "The cloud as it was when it was new; only where it was started with --allow-reset.",
      },
    ],
  };
}
