/** `/v2/images/{id}/locations`: where a store keeps an image's data. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import { bodyProblem, type JsonSchema } from "../../http/schema.ts";
import type { Reader } from "../../store/query.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../endpoint.ts";
import { mayChange, maySee } from "./access.ts";
import { refused } from "./answers.ts";
import { notAuthorized } from "./change.ts";
import type { ImageContent } from "./content.ts";
import { noImage } from "./decide/mod.ts";
import { findImage } from "./projection.ts";
import type { Image } from "./state.ts";
import { STORE } from "./stores.ts";
import { withBody } from "./with_body.ts";

interface Dependencies {
  readonly reader: Reader;
  readonly content: ImageContent;
}

function isService({ caller: { isAdmin, roles } }: FacadeRequest): boolean {
  return isAdmin || roles.has("service");
}

/** `GET …/locations`, for services and admins; a disk that is computed is nowhere. */
export function listLocations({ reader, content }: Dependencies): FacadeOperation {
  return async (request) => {
    const id = request.param("id");
    const found = await findImage(reader, id);
    if (!found || !maySee(found.state, request.caller)) return refused(request, noImage(id));
    if (!isService(request)) {
      return refused(request, reject("Forbidden", notAuthorized("fetch_image_location")()));
    }
    const source = found.state.data?.source;
    if (source?.kind !== "file") return json(200, []);
    const url = `file://${content.folder}/${source.name}`;
    return json(200, [{ url, metadata: { store: STORE } }]);
  };
}

const BODY: JsonSchema = {
  type: "object",
  properties: {
    url: { type: "string" },
    validation_data: {
      type: "object",
      properties: {
        os_hash_algo: { type: "string", maxLength: 64 },
        os_hash_value: { type: "string", maxLength: 128 },
      },
      additionalProperties: false,
    },
  },
  required: ["url"],
};

/**
 * `POST …/locations`: refused in the end, for the one store takes no data that are elsewhere.
 *
 * Source: glance/api/v2/images.py, `ImagesController.add_location`.
 */
export function addLocation({ reader }: Dependencies): FacadeOperation {
  return withBody((body) => refuseBody(body) ?? {}, async (request) => {
    const id = request.param("id");
    const found = await findImage(reader, id);
    return found && maySee(found.state, request.caller)
      ? refuseLocation(request, found.state)
      : noImage(id);
  });
}

function refuseBody(body: unknown): Rejection | undefined {
  if (body === null) return reject("Invalid", "Body expected in request.");
  const problem = bodyProblem(BODY, body);
  if (problem === undefined) return undefined;
  return reject("Invalid", `Provided object does not match schema 'location': ${problem}`);
}

function refuseLocation(request: FacadeRequest, image: Image): Rejection {
  if (image.status !== "queued") {
    return reject(
      "Conflict",
      `It's not allowed to add locations if image status is ${image.status}.`,
    );
  }
  if (!isService(request) && !mayChange(image, request.caller)) {
    return reject("Forbidden", notAuthorized("add_image_location")());
  }
  if (!request.caller.roles.has("service")) {
    return reject(
      "Forbidden",
      "http store must be enabled to use location API by normal user.",
    );
  }
  return reject("Invalid", "Invalid location");
}
