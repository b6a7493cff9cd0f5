/** `PUT /v2/images/{id}/file`: an image's data, streamed to the disk and then recorded. */
import type { Committer } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { Reader } from "../../store/query.ts";
import type { FacadeOperation, FacadeRequest } from "../endpoint.ts";
import { mayChange, maySee } from "./access.ts";
import { refuse, refused } from "./answers.ts";
import { changeImage, notAuthorized } from "./change.ts";
import type { ImageContent, StoredFile } from "./content.ts";
import {
  noImage,
  refuseUnlessQueued,
  refuseUnlessWaiting,
  stageData,
  storeData,
} from "./decide/mod.ts";
import type { DataFacts, ImageEvent } from "./events.ts";
import { findImage } from "./projection.ts";
import type { Image } from "./state.ts";
import { refuseStore, STORE_HEADER } from "./stores.ts";
import { virtualSize } from "./virtual_size.ts";

export interface UploadDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly content: ImageContent;
  /** Most bytes that an image may have. */
  readonly sizeLimitBytes: number;
}

/** What is done with data that come. */
interface Receiving {
  /** The command's name, for the log. */
  readonly command: string;
  /** What those are told who may see the image, but not change it. */
  readonly forbidden: (id: string) => string;
  /** Says no to data before they come. */
  readonly refuse: (image: Image) => Rejection | undefined;
  /** Whether the request may say which store they are for. */
  readonly isForStore: boolean;
  readonly decide: (data: DataFacts, image: Image) => Decision<ImageEvent>;
}

/** `PUT /v2/images/{id}/file`: data that are the image's from now on. */
export function upload(dependencies: UploadDependencies): FacadeOperation {
  return receive(dependencies, {
    command: "StoreImageData",
    forbidden: (id) => `Not allowed to upload image data for image ${id}`,
    refuse: refuseUnlessWaiting,
    isForStore: true,
    decide: (data, image) => storeData({ type: "StoreData", data }, image),
  });
}

/** `PUT /v2/images/{id}/stage`: data that an import will make the image's. */
export function stage(dependencies: UploadDependencies): FacadeOperation {
  return receive(dependencies, {
    command: "StageImageData",
    forbidden: notAuthorized("modify_image"),
    refuse: refuseUnlessQueued,
    isForStore: false,
    decide: stageData,
  });
}

/**
 * Takes the data of an image that waits for them.
 *
 * Whoever is first to have sent all data wins; until the event is recorded the image has none, so
 * an upload that was cut off leaves nothing but a file that no image names.
 */
function receive(dependencies: UploadDependencies, receiving: Receiving): FacadeOperation {
  return async (request) => {
    if (request.mediaType !== "application/octet-stream") {
      return refuse(request, 415, `Invalid content type ${request.mediaType}`);
    }
    const declared = declaredSize(request);
    if (declared === "invalid") {
      return refuse(request, 400, "Invalid or missing image size in request headers.");
    }
    const refusal = await refuseBefore(request, dependencies.reader, receiving);
    if (refusal) return refused(request, refusal);
    const stored = await storeBody(request, dependencies, declared);
    if (stored === "cutOff") return refuse(request, 400, "The data were cut off.");
    if (stored === "tooLarge") {
      return refuse(
        request,
        413,
        "The incoming image is too large: The provided image is too large.",
      );
    }
    return await record(request, dependencies, receiving, stored);
  };
}

/** Says no to data that the image could not have, before any are read. */
async function refuseBefore(
  request: FacadeRequest,
  reader: Reader,
  { forbidden, isForStore, refuse }: Receiving,
): Promise<Rejection | undefined> {
  const id = request.param("id");
  const found = await findImage(reader, id);
  if (!found || !maySee(found.state, request.caller)) return noImage(id);
  if (!mayChange(found.state, request.caller)) return reject("Forbidden", forbidden(id));
  const store = isForStore ? refuseStore(request.header(STORE_HEADER)) : undefined;
  return store ?? refuse(found.state);
}

async function storeBody(
  request: FacadeRequest,
  { content, sizeLimitBytes }: UploadDependencies,
  declared = 0,
): Promise<StoredFile | "tooLarge" | "cutOff"> {
  if (declared > sizeLimitBytes) return "tooLarge";
  const name = `${request.param("id")}.${crypto.randomUUID()}`;
  return await content.store(name, bodyOf(request), sizeLimitBytes).catch(cutOff);
}

/** The size that the headers announce, in bytes. */
function declaredSize(request: FacadeRequest): number | undefined | "invalid" {
  const text = request.header("x-openstack-image-size") ?? request.header("content-length");
  if (text === undefined) return undefined;
  return /^\s*[0-9]+\s*$/.test(text) ? Number(text) : "invalid";
}

/** The client has gone in the middle of its data. */
class CutOff extends Error {}

async function* bodyOf({ raw }: FacadeRequest): AsyncIterable<Uint8Array> {
  try {
    yield* raw.body ?? new Blob().stream();
  } catch (cause) {
    throw new CutOff("the client hung up", { cause });
  }
}

/** Nobody reads the answer to an upload that was cut off, but it is no error of the service's. */
function cutOff(error: unknown): "cutOff" {
  if (error instanceof CutOff) return "cutOff";
  throw error;
}

async function record(
  request: FacadeRequest,
  { committer, content }: UploadDependencies,
  { command, forbidden, decide }: Receiving,
  { name, head, ...digests }: StoredFile,
): Promise<Response> {
  const outcome = await changeImage(
    committer,
    request,
    { command, forbidden },
    (image) =>
      decide({
        ...digests,
        virtualSizeBytes: virtualSize(image.diskFormat, head, digests.sizeBytes),
        source: { kind: "file", name },
      }, image),
  );
  if (!isRejection(outcome)) return new Response(null, { status: 204 });
  await content.remove(name);
  if (outcome.rejected !== "NotFound") return refused(request, outcome);
  return refuse(
    request,
    410,
    `Image ${request.param("id")} could not be found after upload. The image may have been ` +
      "deleted during the upload, cleaning up the chunks uploaded.",
  );
}
