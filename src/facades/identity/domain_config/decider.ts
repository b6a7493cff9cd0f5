/**
 * Configurations of domains: what can happen to one, what is true of it, and what may be done to it.
 *
 * They are kept and shown; there are no other stores of users here that one could lead to.
 */
import { type Decision, reject } from "../../../eventsourcing/decider.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import type { Sealed } from "../../../store/secrets.ts";
import type { Config, Part } from "./options.ts";

export type DomainConfigEvent = DomainConfigSet | DomainConfigRemoved;

/** An option with its value; one that no answer may show is sealed. */
export type ConfigOption =
  & { readonly group: string; readonly option: string }
  & ({ readonly value: unknown } | { readonly sealed: Sealed });

/** The options not named stay as they are. */
export interface DomainConfigSet {
  readonly type: "DomainConfigSet";
  readonly data: { readonly options: readonly ConfigOption[] };
}

/** All of it is gone, or a group, or one option. */
export interface DomainConfigRemoved {
  readonly type: "DomainConfigRemoved";
  readonly data: Part;
}

export interface DomainConfig {
  readonly options: readonly ConfigOption[];
}

export const NO_DOMAIN_CONFIG: DomainConfig = { options: [] };

export function evolve(
  { options }: DomainConfig,
  { type, data }: Recorded<DomainConfigEvent>,
): DomainConfig {
  switch (type) {
    case "DomainConfigSet": {
      const others = options.filter((one) => !data.options.some((set) => isIn(one, set)));
      return { options: [...others, ...data.options] };
    }
    case "DomainConfigRemoved":
      return { options: options.filter((one) => !isIn(one, data)) };
  }
}

/** What of a part may be shown: by group; of a single option, that option alone. */
export function shownConfig(
  { options }: DomainConfig,
  part: Part,
): Config | Readonly<Record<string, unknown>> | undefined {
  const shown = options.filter((one) => isIn(one, part) && "value" in one);
  if (shown.length === 0) return undefined;
  const values = shown.map((one) =>
    [one.group, [one.option, "value" in one && one.value]] as const
  );
  if (part.option) return Object.fromEntries(values.map(([, option]) => option));
  const groups = Map.groupBy(values, ([group]) => group);
  return Object.fromEntries(
    [...groups].map(([group, all]) => [group, Object.fromEntries(all.map(([, one]) => one))]),
  );
}

export interface ReplaceDomainConfig {
  readonly type: "ReplaceDomainConfig";
  readonly options: readonly ConfigOption[];
}

/** Gives a domain these options and no others. */
export function replaceDomainConfig(
  { options }: ReplaceDomainConfig,
  config: DomainConfig,
): Decision<DomainConfigEvent> {
  const set = { type: "DomainConfigSet", data: { options } } as const;
  return config.options.length > 0 ? [{ type: "DomainConfigRemoved", data: {} }, set] : [set];
}

export interface UpdateDomainConfig {
  readonly type: "UpdateDomainConfig";
  readonly domainId: string;
  readonly options: readonly ConfigOption[];
  /** What is to be updated, if not just anything. */
  readonly part: Part;
}

/** Sets options besides those that are there; refuses a part that is not there yet. */
export function updateDomainConfig(
  { domainId, options, part }: UpdateDomainConfig,
  config: DomainConfig,
): Decision<DomainConfigSet> {
  return refuseAbsent(config, part, domainId) ?? [{ type: "DomainConfigSet", data: { options } }];
}

export interface DeleteDomainConfig {
  readonly type: "DeleteDomainConfig";
  readonly domainId: string;
  readonly part: Part;
}

/** Deletes all of it, if there is any, or a part, which must be there. */
export function deleteDomainConfig(
  { domainId, part }: DeleteDomainConfig,
  config: DomainConfig,
): Decision<DomainConfigRemoved> {
  const refusal = refuseAbsent(config, part, domainId);
  if (refusal) return refusal;
  return config.options.length === 0 ? [] : [{ type: "DomainConfigRemoved", data: part }];
}

/** The domain has nothing of this part. */
export function domainConfigNotFound(domainId: string, { group, option }: Part) {
  const what = option
    ? `option ${option} in group ${group}`
    : group
    ? `group ${group}`
    : "any options";
  return reject(
    "NotFound",
    `Could not find ${what} in domain configuration for domain ${domainId}.`,
  );
}

function refuseAbsent({ options }: DomainConfig, part: Part, domainId: string) {
  return !part.group || options.some((one) => isIn(one, part))
    ? undefined
    : domainConfigNotFound(domainId, part);
}

function isIn(one: ConfigOption, { group, option }: Part): boolean {
  return (!group || one.group === group) && (!option || one.option === option);
}
