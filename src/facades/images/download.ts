/** `GET /v2/images/{id}/file`: an image's data, all of it or a range. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { FacadeRequest } from "../endpoint.ts";
import { mayDownload } from "./access.ts";
import { refuse } from "./answers.ts";
import type { ByteRange, ImageContent } from "./content.ts";
import type { Image } from "./state.ts";

/** A range that no image of this size has. */
type Unsatisfiable = { readonly unsatisfiable: string };

/**
 * The part of `sizeBytes` that a `Range` header asks for; undefined without one.
 *
 * Refuses several ranges, and what is not a range of bytes. Source: glance/common/wsgi.py,
 * `Request.get_range_from_request`.
 */
export function readRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | undefined | Rejection | Unsatisfiable {
  if (header === undefined) return undefined;
  if (header.includes(",")) {
    return reject(
      "Invalid",
      "Requests with multiple ranges are not supported in Glance. " +
        "You may make multiple single-range requests instead.",
    );
  }
  const parts = /^bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)$/i.exec(header.trim());
  const [, first = "", last = ""] = parts ?? [];
  if (first === "" && last === "") return { unsatisfiable: "Invalid Range header." };
  if (first === "") return { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes };
  if (last !== "" && Number(last) < Number(first)) {
    return { unsatisfiable: "Invalid Range header." };
  }
  if (Number(first) >= sizeBytes) {
    return {
      unsatisfiable: "Invalid start position in Range header. " +
        `Start position MUST be in the inclusive range [0, ${sizeBytes - 1}].`,
    };
  }
  const end = last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  return { start: Number(first), end };
}

/** Answers with the data of an image that the caller may see; 204 when there are none yet. */
export async function download(
  request: FacadeRequest,
  image: Image,
  content: ImageContent,
): Promise<Response> {
  if (image.status === "deactivated" && !request.caller.isAdmin) {
    return refuse(
      request,
      403,
      "The requested image has been deactivated. Image data download is forbidden.",
    );
  }
  if (!mayDownload(request.caller)) {
    return refuse(request, 403, "You are not authorized to complete download_image action.");
  }
  const { data } = image;
  if (!data) return new Response(null, { status: 204 });
  const range = readRange(request.header("range"), data.sizeBytes);
  if (range && "rejected" in range) return refuse(request, 400, range.message);
  if (range && "unsatisfiable" in range) return refuse(request, 416, range.unsatisfiable);
  const { start, end } = range ?? { start: 0, end: data.sizeBytes };
  const isHead = request.raw.method === "HEAD";
  return new Response(isHead ? null : await content.read(data.source, { start, end }), {
    status: range ? 206 : 200,
    headers: {
      "content-type": "application/octet-stream",
      "content-md5": data.checksum,
      "content-length": String(end - start),
      ...(range && { "content-range": `bytes ${start}-${end - 1}/${data.sizeBytes}` }),
    },
  });
}
