/** What changes images: create, update, delete, tags, and taking them out of use. */
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import { type FacadeOperation, json } from "../endpoint.ts";
import { malformed, refuse, refused, tooLarge } from "./answers.ts";
import { changeImage, type ChangeRequest, notAuthorized } from "./change.ts";
import type { ImageContent } from "./content.ts";
import {
  addTag,
  createImage,
  deactivateImage,
  deleteImage,
  reactivateImage,
  removeTag,
  updateImage,
} from "./decide/mod.ts";
import { IMPORT_METHODS } from "./import.ts";
import { images } from "./projection.ts";
import { readCreate, refuseUnlessImage } from "./read_create.ts";
import { PATCH_FORMATS, readPatch } from "./read_patch.ts";
import { fileOf } from "./state.ts";
import { STORE } from "./stores.ts";
import { imageView } from "./view.ts";

interface Dependencies {
  readonly committer: Committer;
  readonly content: ImageContent;
}

const NOTHING = () => new Response(null, { status: 204 });

/** `POST /v2/images`. */
export function createImages({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const reading = await request.json();
    if (!reading) return tooLarge(request);
    if ("malformed" in reading) return malformed(request);
    const asked = readCreate(reading.value, request.caller.projectId);
    if (isRejection(asked)) return refused(request, asked);
    const id = asked.id ?? crypto.randomUUID();
    const outcome = await committer.submit(request.metadata("CreateImage"), async (unit) => {
      const before = await unit.load(images, id);
      const command = { type: "CreateImage", id, by: request.caller, image: asked.image } as const;
      const decision = createImage(command, before.state);
      return isRejection(decision) ? decision : await unit.append(images, before, decision);
    });
    if (isRejection(outcome)) return refused(request, outcome);
    return json(201, imageView(outcome), {
      location: `${request.serviceUrl}/v2/images/${outcome.id}`,
      "openstack-image-import-methods": IMPORT_METHODS.join(","),
      "openstack-image-store-ids": STORE,
    });
  };
}

/** `PATCH /v2/images/{id}`. */
export function updateImages({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const type = request.mediaType;
    const draft = Object.hasOwn(PATCH_FORMATS, type) ? PATCH_FORMATS[type] : undefined;
    if (draft === undefined) {
      const allowed = Object.keys(PATCH_FORMATS).join(", ");
      return refuse(request, 415, `Image PATCH expects Content-Type one of: ${allowed}`, {
        "accept-patch": allowed,
      });
    }
    const reading = await request.json();
    if (!reading) return tooLarge(request);
    if ("malformed" in reading) return malformed(request);
    const changes = readPatch(reading.value, draft);
    if (isRejection(changes)) return refused(request, changes);
    const outcome = await changeImage(
      committer,
      request,
      { command: "UpdateImage", forbidden: notAuthorized("modify_image") },
      (image) => updateImage({ type: "UpdateImage", by: request.caller, changes }, image),
    );
    return isRejection(outcome) ? refused(request, outcome) : json(200, imageView(outcome));
  };
}

/** `DELETE /v2/images/{id}`. */
export function deleteImages(dependencies: Dependencies): FacadeOperation {
  return async (request) => {
    const refusal = await dropImage(dependencies, request);
    return refusal ? refused(request, refusal) : NOTHING();
  };
}

/** Deletes the image first, then its data, which nobody can ask for any more; or says why not. */
export async function dropImage(
  { committer, content }: Dependencies,
  request: ChangeRequest,
): Promise<Rejection | undefined> {
  const outcome = await changeImage(
    committer,
    request,
    { command: "DeleteImage", forbidden: notAuthorized("delete_image") },
    (image, id) => deleteImage(id, image),
  );
  if (isRejection(outcome)) return outcome;
  const file = fileOf(outcome.state);
  if (file !== undefined) await content.remove(file);
}

/** `PUT /v2/images/{id}/tags/{tag}`. */
export function addTags({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const tag = request.param("tag");
    const refusal = refuseUnlessImage({ tags: [tag] });
    if (refusal) return refused(request, refusal);
    const outcome = await changeImage(committer, request, {
      command: "AddImageTag",
      forbidden: (id) => `Not allowed to update tags for image ${id}.`,
      notFound: (id) => `Image ${id} not found.`,
    }, (image) => addTag(tag, image));
    return isRejection(outcome) ? refused(request, outcome) : NOTHING();
  };
}

/** `DELETE /v2/images/{id}/tags/{tag}`. */
export function removeTags({ committer }: Dependencies): FacadeOperation {
  return async (request) => {
    const outcome = await changeImage(committer, request, {
      command: "RemoveImageTag",
      forbidden: (id) => `Not allowed to delete tags for image ${id}.`,
      notFound: (id) => `Image ${id} not found.`,
    }, (image) => removeTag(request.param("tag"), image));
    return isRejection(outcome) ? refused(request, outcome) : NOTHING();
  };
}

/** `POST /v2/images/{id}/actions/deactivate` and `…/reactivate`. */
export function act(
  { committer }: Dependencies,
  action: "deactivate" | "reactivate",
): FacadeOperation {
  const decide = action === "deactivate" ? deactivateImage : reactivateImage;
  const command = action === "deactivate" ? "DeactivateImage" : "ReactivateImage";
  return async (request) => {
    const outcome = await changeImage(
      committer,
      request,
      { command, forbidden: notAuthorized(action) },
      (image) => decide(image),
    );
    return isRejection(outcome) ? refused(request, outcome) : NOTHING();
  };
}
