/** What the service says of itself, and what a Glance without a cache has not. */
import { type FacadeOperation, json } from "../endpoint.ts";
import { refuse } from "./answers.ts";
import { notAuthorized } from "./change.ts";
import { IMPORT_METHODS } from "./import.ts";
import type { Route } from "./routing.ts";

const IMPORT_INFO = {
  "import-methods": {
    description: "Import methods available.",
    type: "array",
    value: IMPORT_METHODS,
  },
};

/** glance/api/v2/cached_images.py, `_enforce`, without `image_cache_dir`. */
function noCache(action: string): FacadeOperation {
  return (request) =>
    request.caller.isAdmin
      ? refuse(request, 404, "Caching via API is not supported at this site.")
      : refuse(request, 403, notAuthorized(action)());
}

/** Adds their routes. */
export function infoRoutes(route: Route): void {
  route("/v2/info/import", { GET: () => json(200, IMPORT_INFO) });
  // Limits of the identity service are not asked.
  route("/v2/info/usage", { GET: () => json(200, { usage: {} }) });
  route("/v2/cache", { GET: noCache("cache_list"), DELETE: noCache("cache_delete") });
  route("/v2/cache/clean", { POST: noCache("cache_clean") });
  route("/v2/cache/prune", { POST: noCache("cache_prune") });
  route("/v2/cache/nodes/:id", { GET: noCache("list_cached_nodes") });
  route("/v2/cache/:id", { PUT: noCache("cache_image"), DELETE: noCache("cache_delete") });
}
