/** The services of this process, as a request's path tells them apart. */

/** Their names as faults know them. */
export const SERVICES = ["compute", "identity", "image", "network", "volume"] as const;

export type Service = typeof SERVICES[number];

/** The service that a path belongs to. */
export function serviceOf(path: string): Service {
  const first = path.split("/", 2)[1];
  return SERVICES.find((service) => service === first) ?? "compute";
}
