/** Microversions of the volume service: which are spoken, and how one is negotiated. */

/** A microversion, as the number behind `3.`: 0 to 70. */
export type Minor = number;

export const MIN_MINOR: Minor = 0;
/** Cinder 2023.1 and later: the transfer of encrypted volumes. */
export const MAX_MINOR: Minor = 70;

/** `3.27` for 27. */
export function versionText(minor: Minor): string {
  return `3.${minor}`;
}

/** The microversion that a request is to be answered in, or a status and why it cannot be. */
export type Negotiation =
  | { readonly minor: Minor }
  | { readonly status: 400 | 406; readonly message: string };

/**
 * The microversion that the header `OpenStack-API-Version` asks for.
 *
 * Refuses headers that do not name the service, versions that are no versions, and others than those
 * spoken. Source: cinder/api/openstack/wsgi.py, `Request.set_api_version_request`.
 */
export function negotiate(header: string | undefined): Negotiation {
  if (header === undefined) return { minor: MIN_MINOR };
  const named = header.split(",").map((part) => part.trim()).find((part) =>
    part.includes("volume")
  );
  const asked = named?.split(/\s+/)[1];
  if (asked === undefined) return refuse(400, "API version None is not supported on this method.");
  if (asked === "latest") return { minor: MAX_MINOR };
  const parts = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(asked);
  if (!parts) {
    return refuse(
      400,
      `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  }
  const minor = Number(parts[2]);
  if (parts[1] === "3" && minor <= MAX_MINOR) return { minor };
  return refuse(
    406,
    `Version ${asked} is not supported by the API. Minimum is ${versionText(MIN_MINOR)} and ` +
      `maximum is ${versionText(MAX_MINOR)}.`,
  );
}

function refuse(status: 400 | 406, message: string): Negotiation {
  return { status, message };
}
