/** `POST /v2/images/{id}/import`: the interoperable import, of data that were staged. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer, UnitOfWork } from "../../eventsourcing/committer.ts";
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { FacadeOperation, FacadeRequest } from "../endpoint.ts";
import { maySee } from "./access.ts";
import { importStaged, noImage } from "./decide/mod.ts";
import { images } from "./projection.ts";
import { chooseStores, STORE_HEADER } from "./stores.ts";
import { type ImageTask, imageTasks } from "./tasks/projection.ts";
import { withBody } from "./with_body.ts";

/** Nothing is fetched from elsewhere, and with one store there is nothing to copy between. */
export const IMPORT_METHODS: readonly string[] = ["glance-direct"];

/**
 * Imports an image at once, and keeps a record of it as a task.
 *
 * Other methods are refused as by a Glance that does not enable them.
 */
export function importImage(
  { committer }: { readonly committer: Committer },
): FacadeOperation {
  return withBody(readImport, async (request, asked) => {
    const outcome = await committer.submit(
      request.metadata("ImportImage"),
      (unit) => recordImport(unit, request, asked),
    );
    return isRejection(outcome) ? outcome : new Response(null, { status: 202 });
  });
}

async function recordImport(
  unit: UnitOfWork,
  request: FacadeRequest,
  asked: AskedImport,
): Promise<Versioned<ImageTask> | Rejection> {
  const id = request.param("id");
  const before = await unit.load(images, id);
  if (!before.state.exists || !maySee(before.state, request.caller)) return noImage(id);
  const decision = importStaged(request.caller, before.state);
  if (isRejection(decision)) return decision;
  const { all_stores: all = false, stores } = asked;
  const backend = chooseStores({ all, stores, header: request.header(STORE_HEADER) });
  if (isRejection(backend)) return backend;
  await unit.append(images, before, decision);
  const task = await unit.load(imageTasks, crypto.randomUUID());
  return await unit.append(imageTasks, task, [{
    type: "ImageTaskSucceeded",
    data: {
      type: "api_image_import",
      imageId: id,
      input: { image_id: id, import_req: asked, backend },
      result: { image_id: id },
    },
  }]);
}

/** What of the request a task keeps. */
interface AskedImport {
  readonly method: { readonly name: string };
  readonly all_stores?: boolean;
  readonly all_stores_must_succeed?: boolean;
  readonly stores?: unknown;
}

/** glance/api/v2/images.py, `_validate_import_body`. */
function readImport(body: unknown): AskedImport | Rejection {
  if (body === null) return invalid("Body expected in request.");
  const { method, all_stores, all_stores_must_succeed, stores } = body as Record<string, unknown>;
  if (method === undefined) return invalid("Import request requires a 'method' field.");
  const { name } = Object(method) as { readonly name?: unknown };
  if (name === undefined) return invalid("Import request requires a 'name' field.");
  if (typeof name !== "string" || !IMPORT_METHODS.includes(name)) {
    return invalid(`Unknown import method name '${typeof name === "string" ? name : ""}'.`);
  }
  const flags = { all_stores_must_succeed, all_stores };
  const wrong = Object.entries(flags).find(([, flag]) =>
    flag !== undefined && typeof flag !== "boolean"
  );
  if (wrong) return invalid(`'${wrong[0]}' must be boolean value only`);
  const given = Object.entries({ ...flags, stores }).filter(([, value]) => value !== undefined);
  return { method: { name }, ...Object.fromEntries(given) };
}

function invalid(message: string): Rejection {
  return reject("Invalid", message);
}
