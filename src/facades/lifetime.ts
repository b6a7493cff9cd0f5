/** What lists find resources by, and what a change of one changes: the same in every facade. */

/** Columns of what every resource has, and that lists are filtered and sorted by. */
export interface LifetimeColumns {
  /** 1 until it is deleted. */
  live: 0 | 1;
  number: number;
  created_at: string;
  /** Empty while nothing has changed, in a service that tells the difference. */
  updated_at: string;
}

export const LIFETIME_COLUMNS = {
  live: "integer",
  number: "integer",
  created_at: "text",
  updated_at: "text",
} as const;

/** The changes that are changes: values other than those that hold. */
export function whatDiffers<Facts extends object>(
  facts: Facts,
  changes: Partial<Facts>,
): Partial<Facts> {
  const differing = Object.entries(changes).filter(([name, value]) =>
    value !== undefined && JSON.stringify(value) !== JSON.stringify(facts[name as keyof Facts])
  );
  return Object.fromEntries(differing) as Partial<Facts>;
}
