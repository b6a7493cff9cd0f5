/** Flavors: changed, deleted, opened to projects; and the extra specs that Nova knows. */
import { assertEquals } from "@std/assert";
import {
  addFlavorAccess,
  createFlavor,
  DEFAULT_FLAVORS,
  deleteFlavor,
  deleteFlavorExtraSpec,
  type FlavorAccessAdded,
  type FlavorEvent,
  type FlavorExtraSpecsChanged,
  isOpenTo,
  NO_FLAVOR,
  removeFlavorAccess,
  setFlavorExtraSpecs,
  updateFlavor,
} from "../../src/compute/flavors/decider.ts";
import { extraSpecProblem } from "../../src/compute/flavors/extra_specs.ts";
import { flavors } from "../../src/compute/flavors/projection.ts";
import { readFlavor } from "../../src/compute/flavors/requests.ts";
import { isRejection } from "../../src/eventsourcing/decider.ts";
import { givenOf } from "../kit/given.ts";

const given = givenOf(flavors);
const { id, flavor } = DEFAULT_FLAVORS[0]!;
const created: FlavorEvent = { type: "FlavorCreated", data: flavor };
const createdPrivate: FlavorEvent = { type: "FlavorCreated", data: { ...flavor, isPublic: false } };
const deleted: FlavorEvent = { type: "FlavorDeleted", data: {} };
const specsSet = (set: Record<string, string>): FlavorExtraSpecsChanged => ({
  type: "FlavorExtraSpecsChanged",
  data: { set, removed: [] },
});
const accessAdded = (projectId: string): FlavorAccessAdded => ({
  type: "FlavorAccessAdded",
  data: { projectId },
});
const NOT_FOUND = ["NotFound", "Flavor 1 could not be found."] as const;

Deno.test("a flavor's name is taken once", () => {
  const command = { type: "CreateFlavor", id, flavor, nameIsTaken: true } as const;
  given().when((state) => createFlavor(command, state))
    .thenRefused("Conflict", "Flavor with name m1.tiny already exists.");
});

Deno.test("UpdateFlavor changes the description", () => {
  const command = { type: "UpdateFlavor", id, description: "small" } as const;
  given(created).when((state) => updateFlavor(command, state))
    .then([{ type: "FlavorDescriptionChanged", data: { description: "small" } }]);
  given(created).when((state) => updateFlavor({ ...command, description: null }, state))
    .thenNothing();
  given().when((state) => updateFlavor(command, state)).thenRefused(...NOT_FOUND);
});

Deno.test("DeleteFlavor makes its id free for another", () => {
  const command = { type: "DeleteFlavor", id } as const;
  given(created).when((state) => deleteFlavor(command, state)).then([deleted]);
  given().when((state) => deleteFlavor(command, state)).thenRefused(...NOT_FOUND);
  assertEquals(given(created, specsSet({ a: "b" }), deleted).state, NO_FLAVOR);
  assertEquals(given(created, specsSet({ a: "b" }), deleted, created).state.extraSpecs, {});
});

Deno.test("SetFlavorExtraSpecs records what changes, and leaves the rest", () => {
  const set = (extraSpecs: Record<string, string>) =>
    ({ type: "SetFlavorExtraSpecs", id, extraSpecs }) as const;
  const before = given(created, specsSet({ a: "1", b: "2" }));
  before.when((state) => setFlavorExtraSpecs(set({ a: "1", b: "3", toString: "4" }), state))
    .then([specsSet({ b: "3", toString: "4" })]);
  before.when((state) => setFlavorExtraSpecs(set({ a: "1" }), state)).thenNothing();
  given().when((state) => setFlavorExtraSpecs(set({}), state)).thenRefused(...NOT_FOUND);
});

Deno.test("DeleteFlavorExtraSpec removes one key", () => {
  const command = { type: "DeleteFlavorExtraSpec", id, key: "a" } as const;
  const removed: FlavorEvent = {
    type: "FlavorExtraSpecsChanged",
    data: { set: {}, removed: ["a"] },
  };
  const before = given(created, specsSet({ a: "1", b: "2" }));
  before.when((state) => deleteFlavorExtraSpec(command, state)).then([removed]);
  assertEquals(given(created, specsSet({ a: "1", b: "2" }), removed).state.extraSpecs, { b: "2" });
  given(created).when((state) => deleteFlavorExtraSpec(command, state))
    .thenRefused("NotFound", "Flavor 1 has no extra specs with key a.");
  given().when((state) => deleteFlavorExtraSpec(command, state)).thenRefused(...NOT_FOUND);
});

Deno.test("AddFlavorAccess opens a private flavor to a project, once", () => {
  const command = { type: "AddFlavorAccess", id, projectId: "p", onlyPrivate: true } as const;
  const lenient = { ...command, onlyPrivate: false };
  given(createdPrivate).when((state) => addFlavorAccess(command, state)).then([accessAdded("p")]);
  given(created).when((state) => addFlavorAccess(command, state))
    .thenRefused("Conflict", "Can not add access to a public flavor.");
  given(created).when((state) => addFlavorAccess(lenient, state)).then([accessAdded("p")]);
  given(createdPrivate, accessAdded("p")).when((state) => addFlavorAccess(command, state))
    .thenRefused(
      "Conflict",
      "Flavor access already exists for flavor 1 and project p combination.",
    );
  given().when((state) => addFlavorAccess(command, state)).thenRefused(...NOT_FOUND);
});

Deno.test("RemoveFlavorAccess closes it again", () => {
  const command = { type: "RemoveFlavorAccess", id, projectId: "p" } as const;
  const removed: FlavorEvent = { type: "FlavorAccessRemoved", data: { projectId: "p" } };
  const before = given(createdPrivate, accessAdded("p"), accessAdded("q"));
  before.when((state) => removeFlavorAccess(command, state)).then([removed]);
  assertEquals(given(createdPrivate, accessAdded("p"), accessAdded("q"), removed).state.projects, [
    "q",
  ]);
  given(createdPrivate).when((state) => removeFlavorAccess(command, state))
    .thenRefused("NotFound", "Flavor access not found for 1 / p combination.");
  given().when((state) => removeFlavorAccess(command, state)).thenRefused(...NOT_FOUND);
});

Deno.test("a private flavor is open to the projects that were let in", () => {
  const { state } = given(createdPrivate, accessAdded("p"));
  assertEquals([isOpenTo(state, "p"), isOpenTo(state, "q")], [true, false]);
  assertEquals(isOpenTo(given(created).state, "q"), true);
});

Deno.test("a flavor is read with its defaults, and numbers in text", () => {
  const least = { name: "f", ram: "64", vcpus: 1, disk: "0" };
  assertEquals(readFlavor(least, "new"), {
    id: "new",
    flavor: { ...flavor, name: "f", ramMib: 64, vcpus: 1, diskGib: 0 },
  });
  for (const none of [null, undefined, 0]) {
    assertEquals((readFlavor({ ...least, id: none }, "new") as { id: string }).id, "new");
  }
  assertEquals((readFlavor({ ...least, id: 7 }, "new") as { id: string }).id, "7");
  assertEquals(isRejection(readFlavor({ ...least, rxtx_factor: "0.0" }, "new")), true);
});

Deno.test("extra specs that Nova knows are checked", () => {
  const good = {
    "hw:cpu_policy": "dedicated",
    "hw:numa_cpus.0": "0-3,^1",
    "hw:numa_mem.12": "1024",
    "hw:mem_page_size": "1GB",
    "hw:cpu_realtime": "Yes",
    "resources:VCPU": "2",
    "resources1:CUSTOM_GOLD": "1",
    "resources_NIC:PCPU": "1",
    "trait:HW_CPU_X86_AVX2": "required",
    "trait2:CUSTOM_X": "forbidden",
    "quota:disk_read_iops_sec": "100",
    "quota:cpu_quota": "-1",
    "capabilities:cpu_info:topology:cores": ">= 2",
    "aggregate_instance_extra_specs:ssd": "true",
    "pci_passthrough:alias": "gpu:1, nic:2",
    "group_policy": "none",
    "mine:anything": "goes",
    "without": "namespace",
  };
  for (const [name, value] of Object.entries(good)) {
    assertEquals(extraSpecProblem(name, value), undefined, name);
  }
});

Deno.test("extra specs with a wrong name or value are refused in Nova's words", () => {
  const bad = {
    "hw:cpu_policy=foo": "'foo' is not one of: dedicated, shared, mixed.",
    "hw:numa_nodes=0": "'0' is less than the min value of '1'.",
    "hw:numa_nodes=1.5": "'1.5' is not a valid integer value.",
    "hw:redirected_usb_ports=16": "'16' is greater than the max value of '15'.",
    "hw:boot_menu=maybe": "'maybe' is not a valid boolean-like value.",
    "hw:cpu_polcy=x": "extra spec 'hw:cpu_polcy' does not appear to be a valid extra spec.",
    "trait:lower=required": "extra spec 'trait:lower' does not appear to be a valid extra spec.",
    "trait:CUSTOM_X=maybe": "'maybe' is not one of: required, forbidden.",
    "pci_passthrough:alias=gpu": "'gpu' is not of the format '[^:]+:\\d+(?:\\s*,\\s*[^:]+:\\d+)*'.",
  };
  for (const [spec, problem] of Object.entries(bad)) {
    const [name, value] = spec.split("=") as [string, string];
    assertEquals(extraSpecProblem(name, value), problem);
  }
});

Deno.test("a value made to be slow to match is answered at once", () => {
  const began = performance.now();
  extraSpecProblem("hw:cpu_realtime_mask", `1${",1-1".repeat(60)}x`);
  extraSpecProblem("hw:pmem", `${"a".repeat(254)}!`);
  assertEquals(performance.now() - began < 500, true);
});
