/** Commands on images from requests: who may, decided with everything else in one transaction. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { type Decision, isRejection, reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { FacadeRequest } from "../endpoint.ts";
import { mayChange, maySee } from "./access.ts";
import { noImage } from "./decide/mod.ts";
import type { ImageEvent } from "./events.ts";
import { images } from "./projection.ts";
import type { Image } from "./state.ts";

/** What a change needs of the request that asks for it. */
export type ChangeRequest = Pick<FacadeRequest, "caller" | "param" | "metadata">;

export interface ChangeOptions {
  /** The command's name, for the log. */
  readonly command: string;
  /** What those are told who may see the image, but not change it; absent: all may. */
  readonly forbidden?: (id: string) => string;
  /** What those are told who may not see it. */
  readonly notFound?: (id: string) => string;
}

/**
 * Decides a command on the image that a request's path names, and records what follows.
 *
 * Refuses callers who may not see the image, or not change it.
 */
export function changeImage(
  committer: Committer,
  request: ChangeRequest,
  { command, forbidden, notFound }: ChangeOptions,
  decide: (image: Image, id: string) => Decision<ImageEvent>,
): Promise<Versioned<Image> | Rejection> {
  const id = request.param("id");
  const { caller } = request;
  return committer.submit(request.metadata(command), async (unit) => {
    const before = await unit.load(images, id);
    if (!before.state.exists || !maySee(before.state, caller)) {
      return notFound ? reject("NotFound", notFound(id)) : noImage(id);
    }
    if (forbidden && !mayChange(before.state, caller)) return reject("Forbidden", forbidden(id));
    const decision = decide(before.state, id);
    return isRejection(decision) ? decision : await unit.append(images, before, decision);
  });
}

/** What callers are told who may not do something; glance/common/exception.py, `Forbidden`. */
export function notAuthorized(action: string): () => string {
  return () => `You are not authorized to complete ${action} action.`;
}
