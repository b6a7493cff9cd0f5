/** The host name a server gets when none was asked for; nova/utils.py, `sanitize_hostname`. */

const LONGEST = 63;

/** What a default host name is made from. */
export interface HostnameSource {
  readonly id: string;
  readonly name: string;
  /** Place in the batch, from 0. */
  readonly index: number;
  /** Size of the batch. */
  readonly count: number;
}

/** The name made fit for a host, `-<n>` behind it in a batch; `Server-<id>` when nothing is left. */
export function defaultHostname({ id, name, index, count }: HostnameSource): string {
  const base = sanitized(name);
  if (base === "") return `Server-${id}`;
  return count > 1 ? `${base}-${index + 1}` : base;
}

function sanitized(name: string): string {
  return [...name].filter((character) => character.codePointAt(0)! <= 0xff).join("")
    .slice(0, LONGEST)
    .replace(/[ _.]/g, "-")
    .replace(/[^\p{L}\p{N}.-]+/gu, "")
    .toLowerCase()
    .replace(/^[.-]+|[.-]+$/g, "");
}
