/** Bodies of requests on flavors, read into what commands know. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";
import type { CreateFlavor } from "./decider.ts";

type Amount = number | string;

/** The flavor in the body of `POST /flavors`; what its microversion does not have is absent. */
export interface AskedFlavor {
  readonly name: string;
  readonly id?: Amount | null;
  readonly ram: Amount;
  readonly vcpus: Amount;
  readonly disk: Amount;
  readonly "OS-FLV-EXT-DATA:ephemeral"?: Amount;
  readonly swap?: Amount;
  readonly rxtx_factor?: Amount;
  readonly "os-flavor-access:is_public"?: boolean | string;
  readonly description?: string | null;
}

/**
 * A flavor as it was asked for, with `newId` where no id was given.
 *
 * Refuses a factor of zero written as text, which the schema lets pass.
 * Source: nova/compute/flavors.py, `create`.
 */
export function readFlavor(
  asked: AskedFlavor,
  newId: string,
): Pick<CreateFlavor, "id" | "flavor"> | Rejection {
  const rxtxFactor = Number(asked.rxtx_factor ?? 1);
  if (!(rxtxFactor > 0 && rxtxFactor <= LARGEST_FACTOR)) {
    return reject(
      "Invalid",
      "Invalid input received: 'rxtx_factor' argument must be a float between 0 and 3.40282e+38",
    );
  }
  return {
    // A number of 0 counts as none.
    id: String(asked.id || newId),
    flavor: {
      name: asked.name,
      vcpus: Number(asked.vcpus),
      ramMib: Number(asked.ram),
      diskGib: Number(asked.disk),
      ephemeralGib: Number(asked["OS-FLV-EXT-DATA:ephemeral"] ?? 0),
      swapMib: Number(asked.swap ?? 0),
      rxtxFactor,
      isPublic: isTrue(asked["os-flavor-access:is_public"] ?? true),
      description: asked.description ?? null,
      extraSpecs: {},
    },
  };
}

const LARGEST_FACTOR = 3.40282e+38;

function isTrue(word: boolean | string): boolean {
  return ["1", "true", "on", "yes"].includes(String(word).toLowerCase());
}
