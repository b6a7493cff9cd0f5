/** Query strings of lists, read into what to select: who may filter by what, and since when. */
import { assertEquals } from "@std/assert";
import { readList } from "../../src/compute/servers/list_request.ts";
import type { ServerQuery } from "../../src/compute/servers/query.ts";
import { listQuerySchema } from "../../src/compute/servers/query_schemas.ts";
import type { Caller } from "../../src/http/auth.ts";
import { type Fault, fault, isFault } from "../../src/http/faults.ts";
import { MAX_MINOR, type Minor } from "../../src/http/microversions.ts";
import { queryProblem } from "../../src/http/schema.ts";
import { ID } from "../kit/decision_servers.ts";

const member: Caller = {
  userId: "user-1",
  projectId: "project-1",
  roles: new Set(["member", "reader"]),
  isAdmin: false,
};
const admin: Caller = {
  userId: "user-3",
  projectId: "project-3",
  roles: new Set(["admin", "member", "reader"]),
  isAdmin: true,
};

/** What selects servers; what is shown of those out of reach has a test of its own. */
type Selection = Omit<ServerQuery, "showsOutOfReach">;

/** What a query string without filters selects. */
const plain = (caller: Caller): Selection => ({
  projectId: caller.projectId,
  lives: [0],
  equal: [],
  matching: [],
  status: null,
  changedSince: null,
  changedBefore: null,
  ip: null,
  ip6: null,
  tags: { all: [], any: [], notAll: [], notAny: [] },
  sort: [["created_at", "desc"]],
  limit: 1000,
  marker: null,
});

function read(
  text: string,
  caller: Caller,
  minor: Minor = MAX_MINOR,
  operation: "index" | "detail" = "index",
): Selection | "nothing" | Fault {
  const wanted = readWhole(text, caller, minor, operation);
  if (wanted === "nothing" || isFault(wanted)) return wanted;
  const { showsOutOfReach: _, ...selection } = wanted;
  return selection;
}

function readWhole(
  text: string,
  caller: Caller,
  minor: Minor,
  operation: "index" | "detail" = "index",
): ServerQuery | "nothing" | Fault {
  const query = new URLSearchParams(text);
  assertEquals(queryProblem(listQuerySchema(minor), query), undefined, "a query that is valid");
  return readList({ operation, query, caller, minor, limit: 1000 });
}

Deno.test("what is out of reach is shown from 2.69 on, where nothing is filtered, sorted or paged", () => {
  const shows = (text: string, caller: Caller, minor: Minor = MAX_MINOR) =>
    (readWhole(text, caller, minor) as ServerQuery).showsOutOfReach;
  for (const caller of [member, admin]) {
    assertEquals([68, 69].map((minor) => shows("", caller, minor)), [false, true]);
    assertEquals(shows("all_tenants=0", caller), true);
    for (const text of ["name=a", "status=ACTIVE", "limit=7", `marker=${ID}`, "sort_key=uuid"]) {
      assertEquals(shows(text, caller), false, text);
    }
  }
  assertEquals(shows("all_tenants=1", admin), true);
  // What counts for nothing is no filter: a member's `deleted`.
  assertEquals(shows("deleted=true", member), true);
  assertEquals(shows("deleted=false", admin), false);
});

interface Parameter {
  readonly query: string;
  /** What it changes in what is selected. */
  readonly effect: Partial<ServerQuery>;
  /** From which microversion it counts for members; never: only for administrators. */
  readonly members: Minor | "never";
}

const UTC = "2026-01-02T03:04:05.000000Z";
/** The same second, to its end: shown times are whole seconds, and a span includes its last. */
const UTC_END = "2026-01-02T03:04:05.999999Z";
const noTags = plain(member).tags;
const everyLife: ServerQuery["lives"] = [0, 1, 2];

/** Every filter of query.md. */
const PARAMETERS: readonly Parameter[] = [
  { query: "name=^web", effect: { matching: [["display_name", "^web"]] }, members: 1 },
  {
    query: "status=ACTIVE",
    effect: { status: { vmStates: ["active"], taskStates: null } },
    members: 1,
  },
  { query: `image=${ID}`, effect: { equal: [["image_ref", ID]] }, members: 1 },
  { query: "image=", effect: { equal: [["image_ref", ""]] }, members: 1 },
  { query: "flavor=1", effect: { equal: [["flavor_id", "1"]] }, members: 1 },
  { query: "ip=10.0", effect: { ip: "10.0" }, members: 1 },
  { query: "ip6=fe80", effect: { ip6: "fe80" }, members: 5 },
  { query: "reservation_id=r-1", effect: { matching: [["reservation_id", "r-1"]] }, members: 1 },
  {
    query: "changes-since=2026-01-02T03:04:05Z",
    effect: { changedSince: UTC, lives: everyLife },
    members: 1,
  },
  {
    query: "changes-before=2026-01-02T03:04:05Z",
    effect: { changedBefore: UTC_END, lives: everyLife },
    members: 66,
  },
  { query: "tags=a,b", effect: { tags: { ...noTags, all: ["a", "b"] } }, members: 26 },
  { query: "tags-any=a,b", effect: { tags: { ...noTags, any: ["a", "b"] } }, members: 26 },
  { query: "not-tags=a,b", effect: { tags: { ...noTags, notAll: ["a", "b"] } }, members: 26 },
  { query: "not-tags-any=a,b", effect: { tags: { ...noTags, notAny: ["a", "b"] } }, members: 26 },
  { query: "locked=true", effect: { equal: [["locked", 1]] }, members: 73 },
  { query: "locked=false", effect: { equal: [["locked", 0]] }, members: 73 },
  { query: "hostname=web", effect: { matching: [["hostname", "web"]] }, members: 90 },
  { query: "vm_state=active", effect: { equal: [["vm_state", "active"]] }, members: 83 },
  { query: "task_state=deleting", effect: { equal: [["task_state", "deleting"]] }, members: 83 },
  { query: "power_state=1", effect: { matching: [["power_state", "1"]] }, members: 83 },
  { query: "user_id=user-1", effect: { equal: [["user_id", "user-1"]] }, members: 83 },
  {
    query: "availability_zone=nova",
    effect: { matching: [["availability_zone", "nova"]] },
    members: 83,
  },
  { query: "key_name=key", effect: { matching: [["key_name", "key"]] }, members: 83 },
  { query: "config_drive=True", effect: { matching: [["config_drive", "True"]] }, members: 83 },
  { query: "created_at=2026", effect: { matching: [["created_at", "2026"]] }, members: 83 },
  { query: "launched_at=2026", effect: { matching: [["launched_at", "2026"]] }, members: 83 },
  { query: "terminated_at=2026", effect: { matching: [["terminated_at", "2026"]] }, members: 83 },
  { query: "progress=0", effect: { matching: [["progress", "0"]] }, members: 83 },
  { query: "deleted=true", effect: { lives: [1, 2] }, members: "never" },
  { query: "deleted=false", effect: {}, members: "never" },
  { query: "deleted=perhaps", effect: {}, members: "never" },
  { query: "deleted=true&soft_deleted=", effect: { lives: [2] }, members: "never" },
  { query: "soft_deleted=1", effect: { lives: [0, 1] }, members: "never" },
  { query: "soft_deleted=", effect: {}, members: "never" },
  { query: "project_id=project-1", effect: {}, members: "never" },
  { query: "tenant_id=project-1", effect: {}, members: "never" },
  { query: "host=host-a", effect: { equal: [["host", "host-a"]] }, members: "never" },
  { query: "node=node-a", effect: { matching: [["node", "node-a"]] }, members: "never" },
  { query: `uuid=${ID}`, effect: { equal: [["id", ID]] }, members: "never" },
  { query: "display_name=web", effect: { matching: [["display_name", "web"]] }, members: "never" },
  {
    query: "display_description=text",
    effect: { matching: [["display_description", "text"]] },
    members: "never",
  },
  { query: "description=text", effect: {}, members: "never" },
  { query: `image_ref=${ID}`, effect: { equal: [["image_ref", ID]] }, members: "never" },
  { query: "launch_index=0", effect: { matching: [["launch_index", "0"]] }, members: "never" },
  { query: "kernel_id=k", effect: { matching: [["kernel_id", "k"]] }, members: "never" },
  { query: "ramdisk_id=r", effect: { matching: [["ramdisk_id", "r"]] }, members: "never" },
  { query: "locked_by=owner", effect: { matching: [["locked_by", "owner"]] }, members: "never" },
  {
    query: "root_device_name=vda",
    effect: { matching: [["root_device_name", "vda"]] },
    members: "never",
  },
  { query: "access_ip_v4=192", effect: { matching: [["access_ip_v4", "192"]] }, members: "never" },
  {
    query: "access_ip_v6=2001",
    effect: { matching: [["access_ip_v6", "2001"]] },
    members: "never",
  },
  {
    query: "auto_disk_config=1",
    effect: { matching: [["auto_disk_config", "1"]] },
    members: "never",
  },
];

for (const { query, effect, members } of PARAMETERS) {
  Deno.test(`${query} filters for an administrator`, () => {
    assertEquals(read(query, admin), { ...plain(admin), ...effect });
  });

  Deno.test(`${query} filters for members ${members === "never" ? members : `from 2.${members}`}`, () => {
    const since = members === "never" ? MAX_MINOR + 1 : members;
    for (const minor of [since, MAX_MINOR].filter((minor) => minor <= MAX_MINOR)) {
      assertEquals(
        read(query, member, minor),
        minor >= since ? { ...plain(member), ...effect } : plain(member),
      );
    }
    for (const minor of [1, since - 1].filter((minor) => minor >= 1 && minor < since)) {
      assertEquals(read(query, member, minor), plain(member));
    }
  });
}

Deno.test("without parameters a caller's own project is listed, an administrator's too", () => {
  for (const caller of [member, admin]) assertEquals(read("", caller), plain(caller));
});

Deno.test("paging parameters are no filters", () => {
  assertEquals(read(`limit=7&marker=${ID}&sort_dir=asc`, admin), {
    ...plain(admin),
    marker: ID,
    sort: [["created_at", "asc"]],
  });
});

Deno.test("the last marker counts, and an empty one is none", () => {
  assertEquals(read(`marker=a&marker=${ID}`, member), { ...plain(member), marker: ID });
  assertEquals(read(`marker=`, member), plain(member));
});

Deno.test("the page size is the caller's", () => {
  const query = new URLSearchParams("limit=7");
  const request = { operation: "index", query, caller: member, minor: 1, limit: 7 } as const;
  assertEquals((readList(request) as ServerQuery).limit, 7);
});

Deno.test("of a parameter that is sent twice the last value counts", () => {
  assertEquals(read("name=a&name=b", member), {
    ...plain(member),
    matching: [["display_name", "b"]],
  });
  assertEquals(read("tags=t1&tags=t2", member, 26), {
    ...plain(member),
    tags: { ...noTags, all: ["t2"] },
  });
});

Deno.test("a tag that is named twice counts once", () => {
  assertEquals(read("tags=a,b,a", member, 26), {
    ...plain(member),
    tags: { ...noTags, all: ["a", "b"] },
  });
});

Deno.test("filters combine", () => {
  assertEquals(read("name=a&flavor=1&status=ERROR&tags=t&not-tags=u", member, 26), {
    ...plain(member),
    equal: [["flavor_id", "1"]],
    matching: [["display_name", "a"]],
    status: { vmStates: ["error"], taskStates: null },
    tags: { ...noTags, all: ["t"], notAll: ["u"] },
  });
});

Deno.test("a bar in a pattern stands for itself", () => {
  assertEquals(read("name=alpha|beta", member), {
    ...plain(member),
    matching: [["display_name", "alpha\\|beta"]],
  });
});

Deno.test("names of joined tables are refused to those who may filter by anything", () => {
  const names = [
    "block_device_mapping",
    "services",
    "metadata",
    "system_metadata",
    "info_cache",
    "security_groups",
    "pci_devices",
    "_anything",
    "__proto__",
  ];
  for (const name of names) {
    assertEquals(read(`${name}=x`, admin), fault(400, `Invalid filter field: ${name}.`));
    assertEquals(read(`${name}=x`, member), plain(member));
  }
});

Deno.test("statuses add up, in any case, and unknown ones beside known are ignored", () => {
  const status = { vmStates: ["active", "error"] as const, taskStates: null };
  assertEquals(read("status=active&status=FLYING&status=Error", member), {
    ...plain(member),
    status,
  });
});

Deno.test("a status that nobody knows: nothing up to 2.37, then a refusal", () => {
  for (const query of ["status=FLYING", "status=", "status=UNKNOWN&status=FLYING"]) {
    assertEquals(read(query, member, 37), "nothing");
    assertEquals(read(query, member, 38), fault(400, "Invalid status value"));
    assertEquals(read(query, admin, 37), "nothing");
  }
});

Deno.test("deleted servers alone are for administrators", () => {
  const forbidden = fault(403, "Only administrators may list deleted instances");
  assertEquals(read("status=DELETED", member), forbidden);
  assertEquals(read("status=deleted&status=FLYING", member), forbidden);
  assertEquals(read("status=DELETED", admin), {
    ...plain(admin),
    lives: [1, 2],
    status: { vmStates: ["deleted"], taskStates: null },
  });
  // Beside another status, deleted ones are asked for and not found.
  assertEquals(read("status=DELETED&status=ACTIVE", member), {
    ...plain(member),
    status: { vmStates: ["active", "deleted"], taskStates: null },
  });
});

Deno.test("what changed includes what is gone, unless an administrator says otherwise", () => {
  const since = "changes-since=2026-01-02";
  const changedSince = "2026-01-02T00:00:00.000000Z";
  const listed = { changedSince, lives: everyLife };
  assertEquals(read(since, member), { ...plain(member), ...listed });
  assertEquals(read(`${since}&deleted=false`, member), { ...plain(member), ...listed });
  assertEquals(read(`${since}&deleted=false`, admin), { ...plain(admin), changedSince });
  assertEquals(read(`${since}&deleted=true`, admin), {
    ...plain(admin),
    changedSince,
    lives: [1, 2],
  });
});

Deno.test("times are taken as UTC where no zone is said, and brought to UTC where one is", () => {
  const times: readonly (readonly [string, string])[] = [
    ["2026-01-02", "2026-01-02T00:00:00.000000Z"],
    ["2026-01-02T03:04:05", UTC],
    ["2026-01-02T05:04:05%2B02:00", UTC],
    ["2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z"],
  ];
  for (const [text, changedSince] of times) {
    assertEquals(read(`changes-since=${text}`, member), {
      ...plain(member),
      changedSince,
      lives: everyLife,
    });
  }
});

Deno.test("a span of time has its ends in order, and may be a moment", () => {
  assertEquals(
    read("changes-since=2026-01-03&changes-before=2026-01-02", member),
    fault(400, "The value of changes-since must be less than or equal to changes-before."),
  );
  assertEquals(
    read(
      "changes-since=2026-01-02T03:04:05Z&changes-before=2026-01-02T05:04:05%2B02:00",
      member,
    ),
    { ...plain(member), changedSince: UTC, changedBefore: UTC_END, lives: everyLife },
  );
});

const TRUE_WORDS = ["1", "t", "true", "on", "y", "yes", "TRUE", "Yes"];
const FALSE_WORDS = ["0", "f", "false", "off", "n", "no", "FALSE", "No"];
const unrecognized = (word: string) =>
  fault(
    400,
    `Unrecognized value '${word}', acceptable values are: '0', '1', 'f', 'false', 'n', 'no', ` +
      "'off', 'on', 't', 'true', 'y', 'yes'",
  );

Deno.test("all_tenants lists every project, for administrators alone", () => {
  for (const word of [...TRUE_WORDS, ""]) {
    assertEquals(read(`all_tenants=${word}`, admin), { ...plain(admin), projectId: null });
    for (const operation of ["index", "detail"] as const) {
      assertEquals(
        read(`all_tenants=${word}`, member, MAX_MINOR, operation),
        fault(
          403,
          `Policy doesn't allow os_compute_api:servers:${operation}:get_all_tenants ` +
            "to be performed.",
        ),
      );
    }
  }
});

Deno.test("all_tenants that says no is as if it were absent, and one that says neither is refused", () => {
  for (const caller of [member, admin]) {
    for (const word of FALSE_WORDS) {
      assertEquals(read(`all_tenants=${word}`, caller), plain(caller));
    }
    assertEquals(read("all_tenants=maybe", caller), unrecognized("maybe"));
  }
});

Deno.test("a project narrows the list of all, and counts for nothing without it", () => {
  for (const name of ["project_id", "tenant_id"]) {
    assertEquals(read(`${name}=project-1`, admin), plain(admin));
    assertEquals(read(`all_tenants=0&${name}=project-1`, admin), plain(admin));
    assertEquals(read(`all_tenants=1&${name}=project-1`, admin), {
      ...plain(admin),
      projectId: "project-1",
    });
  }
});

Deno.test("locked takes a strict boolean", () => {
  for (const [words, locked] of [[TRUE_WORDS, 1], [FALSE_WORDS, 0]] as const) {
    for (const word of words) {
      assertEquals(read(`locked=${word}`, member), {
        ...plain(member),
        equal: [["locked", locked]],
      });
    }
  }
  for (const word of ["maybe", ""]) {
    assertEquals(read(`locked=${word}`, member, 73), unrecognized(word));
    assertEquals(read(`locked=${word}`, member, 72), plain(member));
  }
});

Deno.test("of several refusals the first in Nova's order is given", () => {
  const steps: readonly (readonly [string, number, string])[] = [
    ["status=FLYING", 400, "Invalid status value"],
    [
      "changes-since=2026-01-03&changes-before=2026-01-02",
      400,
      "The value of changes-since must be less than or equal to changes-before.",
    ],
    ["status=DELETED", 403, "Only administrators may list deleted instances"],
    ["all_tenants=maybe", 400, unrecognized("maybe").message],
    ["locked=perhaps", 400, unrecognized("perhaps").message],
    ["sort_key=host", 403, "Only administrators can sort servers by host"],
  ];
  for (const [place, [query, code, message]] of steps.entries()) {
    for (const [later] of steps.slice(place)) {
      // Two statuses are one filter, not two.
      if (query.startsWith("status") && later.startsWith("status") && query !== later) continue;
      assertEquals(read(`${later}&${query}`, member), fault(code, message), `${query} | ${later}`);
    }
  }
});
