/** What is shown of servers whose cell cannot be reached; api-guide, "Handling Down Cells". */
import { validate } from "@std/uuid";
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { PARTIAL_SINCE } from "./list_request.ts";
import { findServer } from "./projection.ts";
import { listUnreachable, statesOf } from "./projection_list.ts";
import type { ServerQuery } from "./query.ts";
import { noSuchServer, type ServersService } from "./service.ts";
import { isQueuedForDelete } from "./state.ts";
import { viewDetailOutOfReach, viewOutOfReach, viewShortOutOfReach } from "./view.ts";

/**
 * The server in the path, as far as it is known; undefined: it can be reached, or there is none.
 *
 * As in Nova, one of another project is not hidden (404), the rule decides (403).
 * Source: nova/compute/api.py, `_get_instance_from_cell`.
 */
export async function showOutOfReach(
  { dependencies: { cell, reader } }: ServersService,
  request: NovaRequest,
): Promise<Outcome | undefined> {
  if (!cell.isDown || request.minor < PARTIAL_SINCE) return undefined;
  const id = request.param("id");
  const found = validate(id) ? await findServer(reader, id.toLowerCase()) : undefined;
  if (!found || !cell.hides(found.state.inCell)) return undefined;
  const { state } = found;
  if (isQueuedForDelete(state)) return noSuchServer(id);
  return refuseUnlessAllowed("os_compute_api:servers:show", request.caller, state.projectId) ??
    { status: 200, body: { server: viewOutOfReach(found.id, state, request) } };
}

/** Servers out of reach that a list shows before the others: their ids and their JSON. */
export async function listOutOfReach(
  { dependencies: { cell, reader } }: ServersService,
  request: NovaRequest,
  { query, operation, room }: {
    readonly query: ServerQuery;
    readonly operation: "index" | "detail";
    /** How many at most. */
    readonly room: number;
  },
): Promise<{ readonly ids: readonly string[]; readonly pieces: readonly string[] }> {
  if (!cell.isDown || !query.showsOutOfReach) return { ids: [], pieces: [] };
  const ids = await listUnreachable(reader, { projectId: query.projectId, limit: room });
  const states = operation === "detail" ? await statesOf(reader, ids) : undefined;
  const pieces = ids.map((id) =>
    JSON.stringify(
      states
        ? viewDetailOutOfReach(id, states.get(id)!, request)
        : viewShortOutOfReach(id, request),
    )
  );
  return { ids, pieces };
}
