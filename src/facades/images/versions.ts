/** The versions that the image service says it speaks; glance/api/versions.py. */

/** Glance 2026.1's, without the image cache. */
const CURRENT = "2.17";
const SUPPORTED = [
  "2.15",
  "2.13",
  "2.12",
  "2.11",
  "2.10",
  "2.9",
  "2.8",
  "2.7",
  "2.6",
  "2.5",
  "2.4",
  "2.3",
  "2.2",
  "2.1",
  "2.0",
];

/** The version document. */
export function versionsView(serviceUrl: string): object {
  const version = (number: string, status: string) => ({
    id: `v${number}`,
    status,
    links: [{ rel: "self", href: `${serviceUrl}/v2/` }],
  });
  return {
    versions: [
      version(CURRENT, "CURRENT"),
      ...SUPPORTED.map((number) => version(number, "SUPPORTED")),
    ],
  };
}
