/** `sort_key` and `sort_dir`, read into the order of a list. */
import { assertEquals } from "@std/assert";
import type { ServerQuery } from "../../src/compute/servers/query.ts";
import { listQuerySchema } from "../../src/compute/servers/query_schemas.ts";
import { readSort } from "../../src/compute/servers/sort_request.ts";
import type { Caller } from "../../src/http/auth.ts";
import { type Fault, fault } from "../../src/http/faults.ts";
import { MAX_MINOR, type Minor } from "../../src/http/microversions.ts";
import { queryProblem } from "../../src/http/schema.ts";

const member: Caller = {
  userId: "user-1",
  projectId: "project-1",
  roles: new Set(["member", "reader"]),
  isAdmin: false,
};
const admin: Caller = { ...member, isAdmin: true, roles: new Set(["admin", "member", "reader"]) };

function sort(
  text: string,
  caller = member,
  minor: Minor = MAX_MINOR,
): ServerQuery["sort"] | Fault {
  const query = new URLSearchParams(text);
  assertEquals(queryProblem(listQuerySchema(minor), query), undefined, "a query that is valid");
  return readSort(query, caller, minor);
}

const UNKNOWN = fault(
  400,
  "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'",
);
const TOO_MANY = fault(400, "Invalid input received: Sort direction size exceeds sort key size");

/** Columns by their own name. */
// deno-fmt-ignore
const KEYS = [
  "access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive",
  "display_description", "display_name", "hostname", "image_ref", "kernel_id", "key_name",
  "launch_index", "launched_at", "locked_by", "power_state", "progress", "project_id",
  "ramdisk_id", "root_device_name", "task_state", "terminated_at", "updated_at", "user_id",
  "vm_state",
] as const;

for (const key of KEYS) {
  Deno.test(`servers sort by ${key}, then by age`, () => {
    assertEquals(sort(`sort_key=${key}`), [[key, "desc"], ["created_at", "desc"]]);
    assertEquals(sort(`sort_key=${key}&sort_dir=asc`), [[key, "asc"], ["created_at", "asc"]]);
  });
}

Deno.test("two keys go by another column's name", () => {
  assertEquals(sort("sort_key=uuid"), [["id", "desc"], ["created_at", "desc"]]);
  assertEquals(sort("sort_key=instance_type_id"), [["flavor_id", "desc"], ["created_at", "desc"]]);
});

const ORDERS: readonly (readonly [string, ServerQuery["sort"] | Fault])[] = [
  ["", [["created_at", "desc"]]],
  ["sort_dir=asc", [["created_at", "asc"]]],
  ["sort_key=created_at", [["created_at", "desc"]]],
  ["sort_key=created_at&sort_dir=asc", [["created_at", "asc"]]],
  [
    "sort_key=created_at&sort_dir=asc&sort_key=display_name",
    [["created_at", "asc"], ["display_name", "asc"]],
  ],
  [
    "sort_key=vm_state&sort_dir=asc&sort_key=display_name&sort_dir=desc",
    [["vm_state", "asc"], ["display_name", "desc"], ["created_at", "asc"]],
  ],
  [
    // Directions go by place, wherever they stand among the keys.
    "sort_dir=desc&sort_dir=asc&sort_key=vm_state&sort_key=display_name",
    [["vm_state", "desc"], ["display_name", "asc"], ["created_at", "desc"]],
  ],
  [
    "sort_key=vm_state&sort_key=display_name&sort_key=user_id&sort_dir=asc&sort_dir=desc",
    [["vm_state", "asc"], ["display_name", "desc"], ["user_id", "asc"], ["created_at", "asc"]],
  ],
  [
    // Named again, a key decides nothing more.
    "sort_key=vm_state&sort_dir=asc&sort_key=user_id&sort_dir=asc&sort_key=vm_state&sort_dir=desc",
    [["vm_state", "asc"], ["user_id", "asc"], ["created_at", "asc"]],
  ],
  ["sort_key=uuid&sort_dir=upward", UNKNOWN],
  ["sort_key=uuid&sort_dir=ASC", UNKNOWN],
  ["sort_key=uuid&sort_dir=", UNKNOWN],
  ["sort_dir=upward", UNKNOWN],
  ["sort_key=uuid&sort_dir=asc&sort_dir=desc", TOO_MANY],
  ["sort_dir=asc&sort_dir=asc", TOO_MANY],
  ["sort_key=uuid&sort_dir=asc&sort_dir=upward", UNKNOWN],
];
for (const [query, order] of ORDERS) {
  Deno.test(`the order ${JSON.stringify(query)}`, () => assertEquals(sort(query), order));
}

Deno.test("host and node are administrators' keys", () => {
  for (const key of ["host", "node"] as const) {
    assertEquals(
      sort(`sort_key=${key}`),
      fault(403, `Only administrators can sort servers by ${key}`),
    );
    assertEquals(
      sort(`sort_key=display_name&sort_key=${key}`),
      fault(403, `Only administrators can sort servers by ${key}`),
    );
    assertEquals(sort(`sort_key=${key}`, admin), [[key, "desc"], ["created_at", "desc"]]);
  }
});

Deno.test("locked is ignored up to 2.72, and a key from 2.73", () => {
  assertEquals(sort("sort_key=locked&sort_dir=asc", member, 72), [["created_at", "desc"]]);
  assertEquals(sort("sort_key=locked&sort_dir=asc", member, 73), [
    ["locked", "asc"],
    ["created_at", "asc"],
  ]);
});

/** Keys that are let through up to 2.74 and mean nothing. */
// deno-fmt-ignore
const IGNORED = [
  "architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device",
  "deleted", "deleted_at", "disable_terminate", "ephemeral_gb", "ephemeral_key_uuid", "id",
  "key_data", "launched_on", "memory_mb", "os_type", "reservation_id", "root_gb",
  "shutdown_terminate", "user_data", "vcpus", "vm_mode",
];

Deno.test("keys without meaning are ignored, with the direction in their place", () => {
  for (const key of IGNORED) {
    assertEquals(sort(`sort_key=${key}`, member, 74), [["created_at", "desc"]]);
    assertEquals(
      sort(`sort_key=${key}&sort_dir=asc&sort_key=uuid&sort_dir=desc`, member, 74),
      [["id", "desc"], ["created_at", "desc"]],
    );
    assertEquals(
      sort(`sort_key=${key}&sort_dir=upward&sort_key=uuid`, member, 74),
      [["id", "desc"], ["created_at", "desc"]],
    );
  }
});
