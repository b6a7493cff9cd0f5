/** The answer to a request that has made an image of a server. */
import type { Answer, NovaRequest } from "../../http/endpoint.ts";
import type { ActionAnswer } from "./actions/mod.ts";
import type { ServersService } from "./service.ts";

type ImageAnswer = Extract<ActionAnswer, { of: "image" }>;

/** 202 that names the image, where the microversion names it. */
export function answerImage(
  { dependencies: { images } }: ServersService,
  request: NovaRequest,
  { imageId, shown }: Pick<ImageAnswer, "imageId" | "shown">,
): Answer {
  const status = 202;
  if (shown === "in the body") return { status, body: { image_id: imageId } };
  const headers = { "content-type": "text/html; charset=UTF-8" };
  if (shown === "nowhere") return { status, headers };
  const location = images.linkTo(imageId, new URL(request.url).origin);
  return { status, headers: { ...headers, location } };
}
