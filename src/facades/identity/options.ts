/** What users, projects and the like carry besides their own fields: pure. */
import { reject, type Rejection } from "../../eventsourcing/decider.ts";

/** Resource options by name, such as `immutable`; what was reset is not in it. */
export type Options = Readonly<Record<string, unknown>>;

/** Attributes that Keystone does not know, kept and shown as they were sent. */
export type Extra = Readonly<Record<string, unknown>>;

/** What carries options and unknown attributes. Events from before there were any have neither. */
export interface WithOptions {
  readonly options?: Options;
  readonly extra?: Extra;
}

/** Changes as what is true afterwards: options sent as null are reset, the others stay. */
export function applied<Changes extends WithOptions>(changes: Changes, now: WithOptions): Changes {
  const { options, extra } = changes;
  return {
    ...changes,
    ...(options && { options: withoutNulls({ ...now.options, ...options }) }),
    ...(extra && { extra: { ...now.extra, ...extra } }),
  };
}

/** The options that were set to anything. */
export function withoutNulls(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

/**
 * Refuses every change of an immutable thing but the one that makes it mutable, and nothing else.
 *
 * Source: keystone/common/resource_options/options/immutable.py.
 */
export function refuseImmutableUpdate(
  kind: string,
  id: string,
  now: WithOptions,
  changes: WithOptions,
): Rejection | undefined {
  if (!isImmutable(now)) return undefined;
  const { options } = changes;
  const only = Object.keys(changes).length === 1 && options && "immutable" in options;
  if (only && (options["immutable"] === false || options["immutable"] === null)) return undefined;
  return refused("update", kind, id);
}

/** Refuses to delete an immutable thing. */
export function refuseImmutableDelete(
  kind: string,
  id: string,
  now: WithOptions,
): Rejection | undefined {
  return isImmutable(now) ? refused("delete", kind, id) : undefined;
}

/** Whether the option `immutable` is set. */
export function isImmutable({ options }: WithOptions): boolean {
  return options?.["immutable"] === true;
}

function refused(verb: "update" | "delete", kind: string, id: string): Rejection {
  // The lonely backquote is Keystone's.
  return reject(
    "Forbidden",
    `Unable to ${verb} immutable ${kind} resource: \`${id}. Set resource option "immutable" to ` +
      "false first.",
  );
}
