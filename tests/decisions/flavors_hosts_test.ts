/** Flavors and compute hosts come into being once. */
import { assertEquals } from "@std/assert";
import { createFlavor, DEFAULT_FLAVORS, NO_FLAVOR } from "../../src/compute/flavors/decider.ts";
import { flavors } from "../../src/compute/flavors/projection.ts";
import { addHost, type HostFacts, NO_HOST } from "../../src/compute/hosts/decider.ts";
import { hosts } from "../../src/compute/hosts/projection.ts";
import { givenOf, timeOf } from "../kit/given.ts";

const givenFlavor = givenOf(flavors);
const { id, flavor } = DEFAULT_FLAVORS[0]!;
const flavorCreated = { type: "FlavorCreated", data: flavor } as const;

Deno.test("a flavor is created as asked", () => {
  givenFlavor().when((state) => createFlavor({ type: "CreateFlavor", id, flavor }, state)).then([
    flavorCreated,
  ]);
  assertEquals(givenFlavor(flavorCreated).state, {
    ...NO_FLAVOR,
    ...flavor,
    exists: true,
    number: 1,
  });
});

Deno.test("a flavor's id is taken once", () => {
  givenFlavor(flavorCreated)
    .when((state) => createFlavor({ type: "CreateFlavor", id, flavor }, state))
    .thenRefused("Conflict", "Flavor with ID 1 already exists.");
});

const facts: HostFacts = {
  node: "node-a",
  availabilityZone: "nova",
  vcpus: 8,
  ramMib: 16384,
  diskGib: 500,
  vcpuRatio: 4,
  ramRatio: 1,
  diskRatio: 1,
};
const givenHost = givenOf(hosts);
const hostAdded = { type: "HostAdded", data: facts } as const;

Deno.test("a host is added with its size", () => {
  givenHost().when((state) => addHost({ type: "AddHost", host: "host-a", facts }, state)).then([
    hostAdded,
  ]);
  assertEquals(givenHost(hostAdded).state, {
    ...NO_HOST,
    ...facts,
    exists: true,
    number: 1,
    addedAt: timeOf(1),
  });
});

Deno.test("a host's name is taken once", () => {
  givenHost(hostAdded)
    .when((state) => addHost({ type: "AddHost", host: "host-a", facts }, state))
    .thenRefused("Conflict", "Host host-a already exists.");
});
