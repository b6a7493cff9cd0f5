/** Ids of services and hypervisors: they follow from what they are of, so that no event need say them. */
import { createHash } from "node:crypto";

/** A UUID (version 5 by form) of a name. */
export function uuidOf(name: string): string {
  const bytes = createHash("sha1").update(`chronova ${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join("-");
}

/** Id of the compute service of a host; `number` is the host's. */
export function serviceIdOf(host: string, number: number): string {
  return uuidOf(`nova-compute ${host} ${number}`);
}

/** Id of the hypervisor of a host; `number` is the host's. */
export function hypervisorIdOf(host: string, number: number): string {
  return uuidOf(`hypervisor ${host} ${number}`);
}
