/** Event types are storage formats: a new shape is version n+1, and old events are lifted on reading. */

/** Lifts the data of one event type from one version to the next; pure. */
export type Upcaster = (data: Record<string, unknown>) => Record<string, unknown>;

/**
 * The upcasters of each event type, in order: the first lifts version 1 to 2, and so on.
 *
 * A type that is not listed is at version 1.
 */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** The version in which new events of this type are stored. */
export function currentVersionOf(upcasters: Upcasters, type: string): number {
  return 1 + (upcasters[type]?.length ?? 0);
}

/** The data in the current version's shape. Refuses (throws) data from a later release. */
export function upcast(
  upcasters: Upcasters,
  event: { type: string; schemaVersion: number; data: Record<string, unknown> },
): Record<string, unknown> {
  const current = currentVersionOf(upcasters, event.type);
  if (event.schemaVersion === current) return event.data;
  if (event.schemaVersion > current) {
    throw new Error(
      `${event.type} is stored in version ${event.schemaVersion}, this release knows ${current}: ` +
        "start the release that wrote this log, or a later one",
    );
  }
  return (upcasters[event.type] ?? [])
    .slice(event.schemaVersion - 1)
    .reduce((data, lift) => lift(data), event.data);
}
