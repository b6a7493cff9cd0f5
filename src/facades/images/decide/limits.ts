/** What no image may go beyond. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import type { ImageFacts, Visibility } from "../events.ts";

/** glance/common/config.py: `image_property_quota`, `image_tag_quota`, `image_member_quota`. */
export const IMAGE_QUOTA = 128;
const MAX_INTEGER = 0x7fffffff;

/** Says no to making an image public, unless an admin does. */
export function refuseVisibility(
  visibility: Visibility,
  by: Pick<Caller, "isAdmin">,
): Rejection | undefined {
  if (visibility !== "public" || by.isAdmin) return undefined;
  return reject("Forbidden", "You are not authorized to complete publicize_image action.");
}

/** Says no to sizes that are negative, or that no column holds. */
export function refuseOutOfRange(
  { minDiskGib, minRamMib }: Pick<ImageFacts, "minDiskGib" | "minRamMib">,
): Rejection | undefined {
  for (const [name, value] of [["min_disk", minDiskGib], ["min_ram", minRamMib]] as const) {
    if (value < 0) {
      return reject(
        "Invalid",
        `Invalid value '${value}' for parameter '${name}': Cannot be a negative value`,
      );
    }
    if (value > MAX_INTEGER) {
      return reject("Invalid", `'${name}' value out of range, must not exceed ${MAX_INTEGER}`);
    }
  }
}

/** Says no to more properties or tags than Glance keeps of an image. */
export function refuseBeyondQuota(
  { properties, tags }: Pick<ImageFacts, "properties" | "tags">,
): Rejection | undefined {
  return beyond("image properties", Object.keys(properties).length) ??
    beyond("image tags", tags.length);
}

function beyond(what: string, attempted: number): Rejection | undefined {
  if (attempted <= IMAGE_QUOTA) return undefined;
  return reject(
    "QuotaExceeded",
    `The limit has been exceeded on the number of allowed ${what}. Attempted: ${attempted}, ` +
      `Maximum: ${IMAGE_QUOTA}`,
  );
}
