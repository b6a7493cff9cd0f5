/** Limits on one request's contents; nova/compute/api.py, `_check_metadata_properties_quota` and `_check_injected_file_quota`. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { QuotaLimits } from "../../quotas/limits.ts";
import type { CreateRequest } from "./create.ts";

/** A file to be put into the guest, as far as limits look at it; lengths in characters. */
export interface InjectedFile {
  readonly path: string;
  readonly contentLength: number;
}

export function refuseOverMetadata(
  asked: Pick<CreateRequest, "metadata">,
  limits: QuotaLimits,
): Rejection | undefined {
  const limit = limits.metadata_items;
  if (limit < 0 || Object.keys(asked.metadata).length <= limit) return undefined;
  return reject("QuotaExceeded", `Maximum number of metadata items exceeds ${limit}`);
}

export function refuseOverInjection(
  asked: { readonly personality: readonly InjectedFile[] },
  limits: QuotaLimits,
): Rejection | undefined {
  const over = (figure: number, limit: number): boolean => limit >= 0 && figure > limit;
  const files = asked.personality;
  if (over(files.length, limits.injected_files)) {
    return reject("QuotaExceeded", "Personality file limit exceeded");
  }
  const longestPath = Math.max(0, ...files.map(({ path }) => path.length));
  if (over(longestPath, limits.injected_file_path_bytes)) {
    return reject(
      "QuotaExceeded",
      `Personality file path exceeds maximum ${limits.injected_file_path_bytes}`,
    );
  }
  const longestContents = Math.max(0, ...files.map(({ contentLength }) => contentLength));
  if (over(longestContents, limits.injected_file_content_bytes)) {
    return reject(
      "QuotaExceeded",
      `Personality file content exceeds maximum ${limits.injected_file_content_bytes}`,
    );
  }
}
