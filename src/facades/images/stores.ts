/** Where images' data are: in one store, which Glance would call a store of kind `file`. */
import { isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Reader } from "../../store/query.ts";
import { type FacadeOperation, json } from "../endpoint.ts";
import { maySee } from "./access.ts";
import { refuse } from "./answers.ts";
import { notAuthorized } from "./change.ts";
import type { ImageContent } from "./content.ts";
import { findImage } from "./projection.ts";

/** Its id; chosen when nobody asks for another. */
export const STORE = "file";

/** Names a store to those who may choose one. */
export const STORE_HEADER = "x-image-meta-store";

const INFO = { id: STORE, default: "true" };

/** `GET /v2/info/stores`. */
export const listStores: FacadeOperation = () => json(200, { stores: [INFO] });

/** `GET /v2/info/stores/detail`, for admins and services. */
export function listStoresInDetail(content: ImageContent): FacadeOperation {
  return (request) => {
    const { isAdmin, roles } = request.caller;
    if (!isAdmin && !roles.has("service")) {
      return refuse(request, 403, notAuthorized("stores_info_detail")());
    }
    const properties = {
      data_dir: content.folder,
      chunk_size: 65_536,
      thin_provisioning: false,
    };
    return json(200, { stores: [{ ...INFO, type: "file", properties, weight: 0 }] });
  };
}

/** What an import says of stores; glance/common/utils.py, `get_stores_from_request`. */
export interface AskedStores {
  /** All that there are. */
  readonly all: boolean;
  /** By id. */
  readonly stores: unknown;
  /** The header `X-Image-Meta-Store`. */
  readonly header: string | undefined;
}

/** The stores that are asked for; refuses those that are not there, and asking twice. */
export function chooseStores(
  { all, stores, header }: AskedStores,
): readonly string[] | Rejection {
  if (all && (stores !== undefined || header !== undefined)) {
    return reject(
      "Invalid",
      "All_stores parameter can't be used with x-image-meta-store header or stores parameter",
    );
  }
  if (stores !== undefined && header !== undefined) {
    return reject(
      "Invalid",
      "Stores parameter and x-image-meta-store header can't be both specified",
    );
  }
  const chosen = all ? [STORE] : stores ?? [header ?? STORE];
  if (!Array.isArray(chosen)) return reject("Invalid", "'stores' must be a list");
  const unknown = chosen.find((store) => store !== STORE);
  return unknown === undefined ? chosen : noStore(String(unknown), "Conflict");
}

function noStore(store: string, kind: "Conflict" | "Invalid"): Rejection {
  return reject(kind, `Store for identifier ${store} not found`);
}

/** `DELETE /v2/stores/{store}/{image}`: refused in the end, for no data are elsewhere too. */
export function deleteFromStore({ reader }: { readonly reader: Reader }): FacadeOperation {
  return async (request) => {
    const [store, id] = [request.param("store"), request.param("id")];
    if (store !== STORE) {
      return refuse(request, 409, `The selected store ${store} is not available on this node.`);
    }
    const found = await findImage(reader, id);
    if (!found || !maySee(found.state, request.caller)) {
      return refuse(request, 404, `Failed to find image ${id}`);
    }
    if (!request.caller.isAdmin) {
      return refuse(request, 403, notAuthorized("delete_image_location")());
    }
    if (found.state.status !== "active") {
      return refuse(
        request,
        409,
        "It's not allowed to remove image data from store if image status is not 'active'",
      );
    }
    return refuse(
      request,
      403,
      "Cannot delete image data from the only store containing it. Consider deleting the image " +
        "instead.",
    );
  };
}

/** The answer to an upload to a store that is not there; undefined when it may go on. */
export function refuseStore(header: string | undefined): Rejection | undefined {
  const chosen = chooseStores({ all: false, stores: undefined, header });
  return isRejection(chosen) ? noStore(header!, "Invalid") : undefined;
}
