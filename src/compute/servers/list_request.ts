/** The query string of a list as a `ServerQuery`; nova/api/openstack/compute/servers.py, `_get_servers`. */
import type { Caller } from "../../http/auth.ts";
import { type Fault, fault } from "../../http/faults.ts";
import { parseTime } from "../../http/formats.ts";
import type { Minor } from "../../http/microversions.ts";
import { allows, refuseUnlessAllowed } from "../../http/policy.ts";
import type { ServerColumn, ServerQuery } from "./query.ts";
import { readSort } from "./sort_request.ts";
import { statusFilter } from "./status.ts";

/** Filters anyone may use, and since which microversion; the rest is for administrators. */
const OPEN_FILTERS: Readonly<Record<string, Minor>> = {
  name: 1,
  status: 1,
  image: 1,
  flavor: 1,
  ip: 1,
  reservation_id: 1,
  "changes-since": 1,
  all_tenants: 1,
  ip6: 5,
  tags: 26,
  "tags-any": 26,
  "not-tags": 26,
  "not-tags-any": 26,
  "changes-before": 66,
  locked: 73,
  availability_zone: 83,
  config_drive: 83,
  key_name: 83,
  created_at: 83,
  launched_at: 83,
  terminated_at: 83,
  power_state: 83,
  task_state: 83,
  vm_state: 83,
  progress: 83,
  user_id: 83,
  hostname: 90,
};

/** Filters that compare for equality, and the column they look at. */
const EQUAL: Readonly<Record<string, ServerColumn>> = {
  image: "image_ref",
  image_ref: "image_ref",
  flavor: "flavor_id",
  vm_state: "vm_state",
  task_state: "task_state",
  user_id: "user_id",
  host: "host",
  uuid: "id",
};

/** Filters that are regular expressions, and the column they search. */
const MATCHING: Readonly<Record<string, ServerColumn>> = {
  name: "display_name",
  display_name: "display_name",
  reservation_id: "reservation_id",
  hostname: "hostname",
  power_state: "power_state",
  availability_zone: "availability_zone",
  key_name: "key_name",
  config_drive: "config_drive",
  created_at: "created_at",
  launched_at: "launched_at",
  terminated_at: "terminated_at",
  progress: "progress",
  node: "node",
  display_description: "display_description",
  launch_index: "launch_index",
  kernel_id: "kernel_id",
  ramdisk_id: "ramdisk_id",
  locked_by: "locked_by",
  root_device_name: "root_device_name",
  access_ip_v4: "access_ip_v4",
  access_ip_v6: "access_ip_v6",
  auto_disk_config: "auto_disk_config",
};

/** Servers out of reach are shown, in part, from here on. */
export const PARTIAL_SINCE = 69;

/** Names of tables that Nova joins: known to the schema, but nothing to filter by. */
const NO_FILTERS: ReadonlySet<string> = new Set([
  "block_device_mapping",
  "services",
  "metadata",
  "system_metadata",
  "info_cache",
  "security_groups",
  "pci_devices",
]);

/** Parameters that page and sort; they are never filters. */
const PAGING: ReadonlySet<string> = new Set(["limit", "marker", "sort_key", "sort_dir"]);

/** Who lists what, and how. */
export interface ListRequest {
  readonly operation: "index" | "detail";
  /** Known parameters only, each valid by the schema. */
  readonly query: URLSearchParams;
  readonly caller: Caller;
  readonly minor: Minor;
  /** Page size. */
  readonly limit: number;
}

/** The list that is asked for; `nothing` when no server can be on it. */
export function readList(request: ListRequest): ServerQuery | "nothing" | Fault {
  const { query, caller, minor, limit } = request;
  const isFree = allows("os_compute_api:servers:allow_all_filters", caller, caller.projectId);
  const filters = new Map<string, string>();
  for (const [name, value] of query) {
    if (PAGING.has(name)) continue;
    if (isFree && (NO_FILTERS.has(name) || name.startsWith("_"))) {
      return fault(400, `Invalid filter field: ${name}.`);
    }
    if (isFree || minor >= (OPEN_FILTERS[name] ?? Infinity)) filters.set(name, value);
  }

  const statuses = filters.has("status") ? query.getAll("status") : undefined;
  const status = statuses ? statusFilter(statuses) : null;
  if (status === undefined) return minor < 38 ? "nothing" : fault(400, "Invalid status value");
  const times = readTimes(filters);
  if ("fault" in times) return times;
  const onlyDeleted = status?.vmStates.join() === "deleted";
  if (onlyDeleted && !caller.isAdmin) {
    return fault(403, "Only administrators may list deleted instances");
  }
  // A status stands for states, and takes the place of a filter on them.
  if (status) filters.delete("vm_state");
  if (status?.taskStates) filters.delete("task_state");
  const project = readProject(request, filters);
  if (typeof project === "object" && project !== null) return project;
  const locked = readBoolean(filters.get("locked"));
  if (typeof locked === "object") return locked;
  const sort = readSort(query, caller, minor);
  if ("fault" in sort) return sort;

  const columns = (by: Readonly<Record<string, ServerColumn>>) =>
    Object.entries(by).flatMap(([name, column]) => {
      const value = filters.get(name);
      return value === undefined ? [] : [[column, value] as const];
    });
  return {
    projectId: project,
    lives: livesOf(filters, onlyDeleted, times),
    equal: [
      ...columns(EQUAL),
      ...(locked === undefined ? [] : [["locked", locked ? 1 : 0] as const]),
    ],
    matching: columns(MATCHING).map(([column, pattern]) => [column, literalBars(pattern)]),
    status,
    ...times,
    ip: filters.get("ip") ?? null,
    ip6: filters.get("ip6") ?? null,
    tags: {
      all: listOf(filters.get("tags")),
      any: listOf(filters.get("tags-any")),
      notAll: listOf(filters.get("not-tags")),
      notAny: listOf(filters.get("not-tags-any")),
    },
    sort,
    limit,
    showsOutOfReach: minor >= PARTIAL_SINCE && isWhole(query, filters),
    marker: query.get("marker") === null ? null : query.getAll("marker").at(-1)! || null,
  };
}

/** Whether nothing is filtered, sorted or paged; `_is_cell_down_supported`. */
function isWhole(query: URLSearchParams, filters: ReadonlyMap<string, string>): boolean {
  return [...filters.keys()].every((name) => name === "all_tenants") &&
    ![...PAGING].some((name) => query.has(name));
}

/** As on the usual Nova database, `|` stands for itself; nova/db/main/api.py, `_safe_regex_mysql`. */
function literalBars(pattern: string): string {
  return pattern.replaceAll("|", "\\|");
}

function listOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [...new Set(value.split(","))];
}

type Times = Pick<ServerQuery, "changedSince" | "changedBefore">;

function readTimes(filters: ReadonlyMap<string, string>): Times | Fault {
  const time = (name: string) => {
    const text = filters.get(name);
    return text === undefined ? null : parseTime(text) ?? null;
  };
  const changedSince = time("changes-since");
  const changedBefore = time("changes-before");
  if (changedSince !== null && changedBefore !== null && changedSince > changedBefore) {
    return fault(
      400,
      "The value of changes-since must be less than or equal to changes-before.",
    );
  }
  // Times are shown in whole seconds: what is shown as the last second is within it to its end.
  return { changedSince, changedBefore: changedBefore && `${changedBefore.slice(0, 19)}.999999Z` };
}

/** The project whose servers are listed; null: all. */
function readProject(
  { operation, caller }: ListRequest,
  filters: ReadonlyMap<string, string>,
): string | null | Fault {
  const asked = filters.get("all_tenants");
  // The parameter without a value means yes.
  const all = asked === "" ? true : readBoolean(asked);
  if (typeof all === "object") return all;
  if (!all) return caller.projectId;
  return refuseUnlessAllowed(
    `os_compute_api:servers:${operation}:get_all_tenants`,
    caller,
    caller.projectId,
  ) ?? filters.get("project_id") ?? filters.get("tenant_id") ?? null;
}

function livesOf(
  filters: ReadonlyMap<string, string>,
  onlyDeleted: boolean,
  { changedSince, changedBefore }: Times,
): ServerQuery["lives"] {
  const deleted = filters.get("deleted");
  if (onlyDeleted || (deleted !== undefined && isTrueWord(deleted))) {
    return filters.get("soft_deleted") === "" ? [2] : [1, 2];
  }
  if (deleted === undefined && (changedSince !== null || changedBefore !== null)) return [0, 1, 2];
  return filters.get("soft_deleted") ? [0, 1] : [0];
}

const TRUE_WORDS: readonly string[] = ["1", "t", "true", "on", "y", "yes"];
const FALSE_WORDS: readonly string[] = ["0", "f", "false", "off", "n", "no"];

function isTrueWord(word: string): boolean {
  return TRUE_WORDS.includes(word.trim().toLowerCase());
}

/** A strict boolean word; oslo_utils/strutils.py, `bool_from_string(strict=True)`. */
function readBoolean(word: string | undefined): boolean | undefined | Fault {
  if (word === undefined) return undefined;
  if (isTrueWord(word)) return true;
  if (FALSE_WORDS.includes(word.trim().toLowerCase())) return false;
  const acceptable = [...TRUE_WORDS, ...FALSE_WORDS].sort().map((text) => `'${text}'`).join(", ");
  return fault(400, `Unrecognized value '${word}', acceptable values are: ${acceptable}`);
}
