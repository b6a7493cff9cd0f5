/** Times as the neighbours write them. */

/** `2026-01-02T03:04:05Z` from a time of the log: the fraction is cut off. */
export function toSeconds(recordedAt: string): string {
  return `${recordedAt.slice(0, 19)}Z`;
}
