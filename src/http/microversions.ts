/** Microversions: which are spoken, how one is negotiated, and what each changes for servers. */

/** A microversion, as the number behind `2.`: 1 to 104. */
export type Minor = number;

export const MIN_MINOR: Minor = 1;
export const MAX_MINOR: Minor = 104;

/** `2.1` for 1. */
export function versionText(minor: Minor): string {
  return `2.${minor}`;
}

/** The microversion that a request is to be answered in, or why it cannot be. */
export type Negotiation =
  | { readonly minor: Minor }
  /** 400: not of the form `X.Y`. */
  | { readonly malformed: string }
  /** 406: well-formed, but not spoken here. */
  | { readonly unsupported: string };

/**
 * The microversion that the headers ask for: the new header when it names compute, else the old.
 *
 * Source: microversion_parse; nova/api/openstack/wsgi.py, `Request.set_api_version_request`.
 */
export function negotiate(
  openstackHeader: string | null,
  novaHeader: string | null,
): Negotiation {
  const asked = computeElement(openstackHeader) ?? (novaHeader?.trim() || undefined);
  if (asked === undefined) return { minor: MIN_MINOR };
  if (asked === "latest") return { minor: MAX_MINOR };
  const match = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(asked);
  if (!match) return { malformed: asked };
  const minor = Number(match[2]);
  if (match[1] !== "2" || minor < MIN_MINOR || minor > MAX_MINOR) return { unsupported: asked };
  return { minor };
}

/** What `OpenStack-API-Version` says of compute: `volume 3.1, compute 2.9` → `2.9`. */
function computeElement(header: string | null): string | undefined {
  if (header === null) return undefined;
  for (const element of header.split(",").reverse()) {
    const [service, version, ...rest] = element.trim().split(/\s+/);
    if (service?.toLowerCase() === "compute" && version !== undefined && rest.length === 0) {
      return version;
    }
  }
  return undefined;
}
