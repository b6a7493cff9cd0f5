/** The URL under which a console is seen. Pure. */

/**
 * The proxy's URL with the token in it.
 *
 * noVNC reads it out of `path`, behind what the proxy's own URL may say there; the others take a
 * parameter. Source: nova/objects/console_auth_token.py, `access_url`.
 */
export function accessUrl(baseUrl: string, consoleType: string, token: string): string {
  if (consoleType !== "novnc") return `${baseUrl}?token=${token}`;
  const url = new URL(baseUrl);
  url.searchParams.set("path", `${url.searchParams.get("path") ?? ""}?token=${token}`);
  return url.href;
}
