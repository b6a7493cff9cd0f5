/** Nova's published samples, and the comparison of an answer's shape with that of a sample. */

import { Hono } from "hono";
import { type ComputeDependencies, computeRoutes } from "../../src/compute/app.ts";
import {
  createFlavor,
  DEFAULT_FLAVORS,
  type FlavorCreated,
} from "../../src/compute/flavors/decider.ts";
import { flavors } from "../../src/compute/flavors/projection.ts";
import type { Machine } from "../../src/drivers/driver.ts";
import { type SimulatedDelays, SimulatedDriver } from "../../src/drivers/simulated.ts";
import { decideIn } from "../../src/eventsourcing/command_handler.ts";
import type { TestCloud } from "./cloud.ts";

/** A sample, or a part of one, or of an answer. */
// deno-lint-ignore no-explicit-any -- JSON of every shape.
export type Json = any;

/** One published request or reply. */
export interface Sample {
  /** Where it is: `servers/v2.3/server-get-resp.json`. */
  readonly path: string;
  /** The folder of its resource: `servers`. */
  readonly resource: string;
  /** The microversion it is of: the folder's, else 2.1. */
  readonly mv: string;
  readonly file: string;
  readonly json: Json;
}

/** The fixtures, or another set in the same form. */
const FOLDER = Deno.env.get("CHRONOVA_SAMPLES") ??
  new URL("../../fixtures/nova/samples", import.meta.url).pathname;

/** The folders of all samples. */
export function sampleFolders(): readonly string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
}

/** The samples of a resource at every microversion, oldest first. */
export function samplesOf(resource: string): readonly Sample[] {
  const root = `${FOLDER}/${resource}`;
  const samples: Sample[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(root)) {
    const files = isDirectory
      ? [...Deno.readDirSync(`${root}/${name}`)].map((file) => `${name}/${file.name}`)
      : [name];
    for (const file of files) {
      samples.push({
        path: `${resource}/${file}`,
        resource,
        mv: isDirectory ? name.slice(1) : "2.1",
        file: file.split("/").at(-1)!,
        json: JSON.parse(Deno.readTextFileSync(`${root}/${file}`)),
      });
    }
  }
  const minor = ({ mv }: Sample) => Number(mv.split(".")[1]);
  return samples.sort((one, other) =>
    minor(one) - minor(other) || one.path.localeCompare(other.path)
  );
}

/** Keys whose values are words with a meaning, and the same in every cloud. */
const FIXED: ReadonlySet<string> = new Set([
  "rel",
  "status",
  "version",
  "min_version",
  "base",
  "type",
  "config_drive",
  "host_status",
  "key_name",
  "locked",
  "locked_reason",
  "progress",
  "description",
  "OS-DCF:diskConfig",
  "OS-EXT-IPS:type",
  "OS-EXT-STS:power_state",
  "OS-EXT-STS:task_state",
  "OS-EXT-STS:vm_state",
  "OS-EXT-SRV-ATTR:launch_index",
  "OS-FLV-DISABLED:disabled",
  "OS-FLV-EXT-DATA:ephemeral",
  "os-flavor-access:is_public",
  "swap",
  "rxtx_factor",
  "tags",
  "trusted_image_certificates",
]);

/**
 * Where an answer's shape is not that of the sample: keys too many or too few, another JSON type,
 * another fixed word. Ids, times, names and addresses do not count.
 *
 * `excused`: paths such as `server.image` that are not looked into; `[]` stands for every item.
 */
export function shapeDifferences(
  sample: Json,
  ours: Json,
  excused: ReadonlySet<string> = new Set(),
): readonly string[] {
  const found: string[] = [];
  compare(sample, ours, { at: "", key: "", excused, found });
  return [...new Set(found)];
}

interface Place {
  readonly at: string;
  readonly key: string;
  readonly excused: ReadonlySet<string>;
  readonly found: string[];
}

function compare(sample: Json, ours: Json, place: Place): void {
  const { at, key, excused, found } = place;
  if (excused.has(at)) return;
  const [theirs, mine] = [kindOf(sample), kindOf(ours)];
  if (theirs !== mine) {
    found.push(`${at} is ${mine} ${JSON.stringify(ours)}, not ${theirs} ${JSON.stringify(sample)}`);
    return;
  }
  if (theirs === "array") return compareLists(sample, ours, place);
  if (theirs === "object") return compareObjects(sample, ours, place);
  if (FIXED.has(key) && sample !== ours) {
    found.push(`${at} is ${JSON.stringify(ours)}, not ${JSON.stringify(sample)}`);
  }
}

function compareObjects(sample: Json, ours: Json, place: Place): void {
  const { at, excused, found } = place;
  const path = (key: string) => at === "" ? key : `${at}.${key}`;
  for (const key of new Set([...Object.keys(sample), ...Object.keys(ours)])) {
    if (excused.has(path(key))) continue;
    if (!(key in ours)) found.push(`${path(key)} is missing`);
    else if (!(key in sample)) found.push(`${path(key)} is too much`);
    else compare(sample[key], ours[key], { ...place, at: path(key), key });
  }
}

/** Each of ours as the sample's in its place, or as its last one. */
function compareLists(sample: Json[], ours: Json[], place: Place): void {
  const { at, found } = place;
  if ((sample.length === 0) !== (ours.length === 0)) {
    found.push(`${at} has ${ours.length} items, not ${sample.length}`);
    return;
  }
  for (const [index, item] of ours.entries()) {
    compare(sample[index] ?? sample.at(-1), item, { ...place, at: `${at}[]` });
  }
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

// What a cloud needs in order to answer like the samples

const METADATA = {
  actor: { userId: "test", projectId: "", roles: [] },
  requestId: "req-00000000-0000-0000-0000-000000000000",
  command: "Test",
};

/** Makes a flavor like `m1.tiny`, with these differences. */
export async function makeFlavor(
  { cloud }: TestCloud,
  id: string,
  changes: Partial<FlavorCreated["data"]> = {},
): Promise<void> {
  const flavor = { ...DEFAULT_FLAVORS[0]!.flavor, name: `flavor-${id}`, ...changes };
  await cloud.committer.submit(
    METADATA,
    (unit) =>
      decideIn(
        unit,
        flavors,
        id,
        (state) => createFlavor({ type: "CreateFlavor", id, flavor }, state),
      ),
  );
}

/** Makes an active image with these properties; gives its id. */
export async function makeImage(cloud: TestCloud, properties: Json): Promise<string> {
  const body = {
    disk_format: "raw",
    container_format: "bare",
    visibility: "public",
    ...properties,
  };
  const made = await cloud.ask("admin", "POST", "/image/v2/images", { body });
  if (made.status !== 201) throw new Error(`image: ${made.status} ${made.text}`);
  const { id } = made.json;
  const headers = { "content-type": "application/octet-stream" };
  const path = `/image/v2/images/${id}/file`;
  const stored = await cloud.ask("admin", "PUT", path, { headers, body: "disk" });
  if (stored.status !== 204) throw new Error(`image data: ${stored.status} ${stored.text}`);
  return id;
}

/** The routes of the compute API as they are mounted; what they would need is never asked for. */
export function mountedRoutes(): readonly { readonly method: string; readonly path: string }[] {
  const app = new Hono();
  const anything: Json = new Proxy(() => {}, { get: () => anything });
  computeRoutes(app, anything as ComputeDependencies);
  return app.routes;
}

/** None, whatever takes time. */
export const NO_DELAYS = new Proxy({} as SimulatedDelays, { get: () => 0 });

/** A hypervisor that takes no time, but on which machines named `held` never come up. */
export class HeldDriver extends SimulatedDriver {
  constructor() {
    super(NO_DELAYS);
  }

  override async ensureRunning(machine: Machine, signal: AbortSignal) {
    if (machine.name === "held") {
      await new Promise((_, stop) => signal.addEventListener("abort", stop, { once: true }));
    }
    return await super.ensureRunning(machine, signal);
  }
}
