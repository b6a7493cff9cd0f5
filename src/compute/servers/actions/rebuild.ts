/** Rebuilding a server from an image. */
import { compressIpv6 } from "../../../http/formats.ts";
import { faultOf } from "../../../http/faults.ts";
import type { Rule } from "../../../http/policy.ts";
import { type RebuildServer, rebuildServer } from "../decide/mod.ts";
import type { DiskConfig } from "../events.ts";
import { generatePassword } from "../generate.ts";
import { isTrue, readPersonality } from "../requests.ts";
import { rebuildSchema } from "../schemas.ts";
import type { Action, ActionRequest } from "./action.ts";

/** What stands behind the key `rebuild`, valid by its schema. */
interface RebuildValue {
  readonly imageRef: string;
  readonly name?: string;
  readonly adminPass?: string;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly accessIPv4?: string;
  readonly accessIPv6?: string;
  readonly "OS-DCF:diskConfig"?: DiskConfig;
  readonly preserve_ephemeral?: unknown;
  readonly personality?: readonly { readonly path: string; readonly contents: string }[];
  readonly key_name?: string | null;
  readonly user_data?: string | null;
  readonly trusted_image_certificates?: readonly string[] | null;
  readonly hostname?: string;
}

/** From here on a server that boots from a volume may get another image. */
const REIMAGES_VOLUMES = 93;

export const rebuildActions: Readonly<Record<string, Action>> = {
  rebuild: {
    rule: "os_compute_api:servers:rebuild",
    moreRules: (value): readonly Rule[] =>
      (value as RebuildValue).trusted_image_certificates === undefined
        ? []
        : ["os_compute_api:servers:rebuild:trusted_certs"],
    schema: rebuildSchema,
    success: 202,
    names(value) {
      const { imageRef, key_name } = value as RebuildValue;
      return { image: imageRef, keyPair: key_name ?? undefined, rootVolume: true };
    },
    command(request) {
      const value = request.value as RebuildValue;
      const malformed = readPersonality(value);
      if ("rejected" in malformed) return faultOf(malformed);
      const adminPass = value.adminPass ?? generatePassword();
      const command = read(request, value, adminPass);
      return {
        type: command.type,
        asksQuota: true,
        decide: (server, quota) => rebuildServer(command, server, quota!),
        answer: { of: "server", adminPass },
      };
    },
  },
};

function read(
  { id, by, facts, minor, seal }: ActionRequest,
  value: RebuildValue,
  adminPass: string,
): RebuildServer {
  const { personality, user_data: userData, accessIPv6 } = value;
  const changes = {
    name: value.name,
    description: value.description,
    metadata: value.metadata,
    accessIPv4: value.accessIPv4,
    accessIPv6: accessIPv6 === undefined ? undefined : compressIpv6(accessIPv6) ?? accessIPv6,
    diskConfig: value["OS-DCF:diskConfig"],
    personality: personality?.map(({ path, contents }) => ({ path, contents: seal(contents) })),
    keyName: value.key_name,
    userData: typeof userData === "string" ? seal(userData) : userData,
    trustedImageCertificates: value.trusted_image_certificates,
    hostname: value.hostname,
  };
  return {
    type: "RebuildServer",
    id,
    by,
    adminPass: seal(adminPass),
    preserveEphemeral: isTrue(value.preserve_ephemeral),
    image: facts.image,
    rootVolumeGib: facts.rootVolume?.sizeGib ?? null,
    keyPairExists: facts.keyPairExists ?? true,
    contentLengths: personality?.map(({ contents }) => contents.length) ?? [],
    reimagesVolumes: minor >= REIMAGES_VOLUMES,
    changes: Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    ),
  };
}
