/** Which options a domain may have of its own: pure. Source: keystone/resource/core.py. */
import { reject, type Rejection } from "../../../eventsourcing/decider.ts";

/** By group; those that are only ever written are in `SENSITIVE`. */
const SHOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  identity: new Set(["driver", "list_limit"]),
  ldap: new Set([
    ...["url", "user", "suffix", "query_scope", "page_size", "alias_dereferencing", "debug_level"],
    ...["chase_referrals", "user_tree_dn", "user_filter", "user_objectclass", "user_id_attribute"],
    ...["user_name_attribute", "user_mail_attribute", "user_description_attribute"],
    ...["user_pass_attribute", "user_enabled_attribute", "user_enabled_invert"],
    ...["user_enabled_mask", "user_enabled_default", "user_attribute_ignore"],
    ...["user_default_project_id_attribute", "user_enabled_emulation"],
    ...["user_enabled_emulation_dn", "user_enabled_emulation_use_group_config"],
    ...["user_additional_attribute_mapping", "group_tree_dn", "group_filter"],
    ...["group_objectclass", "group_id_attribute", "group_name_attribute", "group_members_are_ids"],
    ...["group_member_attribute", "group_desc_attribute", "group_attribute_ignore"],
    ...["group_additional_attribute_mapping", "tls_cacertfile", "tls_cacertdir", "use_tls"],
    ...["tls_req_cert", "use_pool", "pool_size", "pool_retry_max", "pool_retry_delay"],
    ...["pool_connection_timeout", "pool_connection_lifetime", "use_auth_pool", "auth_pool_size"],
    "auth_pool_connection_lifetime",
  ]),
};

const SENSITIVE: Readonly<Record<string, ReadonlySet<string>>> = {
  identity: new Set(),
  ldap: new Set(["password"]),
};

/** What part of a configuration is meant: all, a group, or one option of it. */
export interface Part {
  readonly group?: string;
  readonly option?: string;
}

/** Whether no answer may show an option. */
export function isSensitive(group: string, option: string): boolean {
  return SENSITIVE[group]?.has(option) ?? false;
}

/** Refuses a group or an option that no domain has of its own. */
export function refuseUnsupported({ group, option }: Part): Rejection | undefined {
  if (!group) return undefined;
  if (!Object.hasOwn(SHOWN, group)) {
    return invalidConfig(`Group ${group} is not supported for domain specific configurations`);
  }
  if (!option || SHOWN[group]!.has(option) || isSensitive(group, option)) return undefined;
  return invalidConfig(
    `Option ${option} in group ${group} is not supported for domain specific configurations`,
  );
}

/** Options by group, as bodies have them. */
export type Config = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Refuses a configuration that says nothing, or what no domain has of its own. */
export function refuseBadConfig(config: Readonly<Record<string, unknown>>): Rejection | undefined {
  const groups = Object.entries(config);
  if (groups.length === 0) return invalidConfig("No options specified");
  for (const [group, options] of groups) {
    if (!isFilled(options)) {
      return invalidConfig(
        `The value of group ${group} specified in the config should be a dictionary of options`,
      );
    }
    for (const option of Object.keys(options)) {
      const refusal = refuseUnsupported({ group, option });
      if (refusal) return refusal;
    }
  }
}

/** Refuses a change of a part that is of anything else, too. */
export function refuseOtherParts(config: Config, { group, option }: Part): Rejection | undefined {
  if (!group) return undefined;
  const [only, ...others] = Object.keys(config);
  const [first, ...further] = Object.keys(config[only!]!);
  if (others.length > 0 || (option && further.length > 0)) {
    return invalidConfig(
      option
        ? `Trying to update option ${option} in group ${group}, so that, and only that, option ` +
          "must be specified  in the config"
        : `Trying to update group ${group}, so that, and only that, group must be specified in ` +
          "the config",
    );
  }
  if (only !== group) {
    return invalidConfig(
      `request to update group ${group}, but config provided contains group ${only} instead`,
    );
  }
  if (!option || first === option) return undefined;
  return invalidConfig(
    `Trying to update option ${option} in group ${group}, but config provided contains option ` +
      `${first} instead`,
  );
}

/** 403, as Keystone has it. */
export function invalidConfig(reason: string): Rejection {
  return reject("Forbidden", `Invalid domain specific configuration: ${reason}.`);
}

function isFilled(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.keys(value).length > 0;
}
