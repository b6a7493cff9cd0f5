/** `sort_key` and `sort_dir` as the order of a list; nova/api/openstack/common.py, `get_sort_params`. */
import type { Caller } from "../../http/auth.ts";
import { type Fault, fault } from "../../http/faults.ts";
import type { Minor } from "../../http/microversions.ts";
import type { ServerColumn, ServerQuery, SortDirection } from "./query.ts";

/** Sort keys that are not called as the column is. */
const COLUMN_OF_KEY: Readonly<Record<string, ServerColumn>> = {
  instance_type_id: "flavor_id",
  uuid: "id",
};

const SORTABLE: ReadonlySet<string> = new Set([
  "access_ip_v4",
  "access_ip_v6",
  "auto_disk_config",
  "availability_zone",
  "config_drive",
  "created_at",
  "display_description",
  "display_name",
  "host",
  "hostname",
  "image_ref",
  "instance_type_id",
  "kernel_id",
  "key_name",
  "launch_index",
  "launched_at",
  "locked_by",
  "node",
  "power_state",
  "progress",
  "project_id",
  "ramdisk_id",
  "root_device_name",
  "task_state",
  "terminated_at",
  "updated_at",
  "user_id",
  "uuid",
  "vm_state",
]);

const ADMIN_ONLY: readonly string[] = ["host", "node"];

/** The order asked for, newest first where nothing is; `created_at` breaks all ties. */
export function readSort(
  query: URLSearchParams,
  caller: Caller,
  minor: Minor,
): ServerQuery["sort"] | Fault {
  const pairs = pairUp(query.getAll("sort_key"), query.getAll("sort_dir"), minor);
  if ("fault" in pairs) return pairs;
  const forbidden = pairs.keys.find(([key]) => ADMIN_ONLY.includes(key));
  if (forbidden && !caller.isAdmin) {
    return fault(403, `Only administrators can sort servers by ${forbidden[0]}`);
  }
  const sort: [ServerColumn, SortDirection][] = [];
  for (const [key, direction] of pairs.keys) {
    const column = COLUMN_OF_KEY[key] ?? key as ServerColumn;
    // Named again, a column would decide nothing more.
    if (!sort.some(([before]) => before === column)) sort.push([column, direction]);
  }
  // No two servers have the same `created_at`: the log's times are all different.
  if (sort.some(([column]) => column === "created_at")) return sort;
  return [...sort, ["created_at", pairs.fallback]];
}

interface SortPairs {
  readonly keys: readonly (readonly [string, SortDirection])[];
  /** The direction of keys that nobody gave one. */
  readonly fallback: SortDirection;
}

function pairUp(
  keys: readonly string[],
  directions: readonly string[],
  minor: Minor,
): SortPairs | Fault {
  // A direction goes with the key in its place, also when the key itself is ignored.
  const kept = keys.map((key, place) => ({ key, place }))
    .filter(({ key }) => SORTABLE.has(key) || (key === "locked" && minor >= 73));
  const keptDirections = directions.filter((_, place) =>
    place >= keys.length || kept.some((one) => one.place === place)
  );
  if (keptDirections.some((direction) => direction !== "asc" && direction !== "desc")) {
    return fault(
      400,
      "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'",
    );
  }
  if (keptDirections.length > Math.max(kept.length, 1)) {
    return fault(400, "Invalid input received: Sort direction size exceeds sort key size");
  }
  const fallback = (keptDirections[0] ?? "desc") as SortDirection;
  return {
    keys: kept.map(({ key }, place) => [
      key,
      (keptDirections[place] ?? fallback) as SortDirection,
    ]),
    fallback,
  };
}
