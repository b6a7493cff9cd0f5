/** What may happen to the catalog's parts, built in or made; and how URLs are filled in. */
import { assertEquals } from "@std/assert";
import { builtInFor } from "../../src/facades/identity/catalog/built_in.ts";
import { overlaid } from "../../src/facades/identity/catalog/overlay.ts";
import { filledIn, isTemplate } from "../../src/facades/identity/catalog/url_template.ts";
import {
  createEndpoint,
  deleteEndpoint,
  type EndpointFacts,
  updateEndpoint,
} from "../../src/facades/identity/endpoints/decider.ts";
import { endpoints } from "../../src/facades/identity/endpoints/projection.ts";
import {
  createRegion,
  deleteRegion,
  updateRegion,
} from "../../src/facades/identity/regions/decider.ts";
import { regions } from "../../src/facades/identity/regions/projection.ts";
import {
  createService,
  deleteService,
  NO_SERVICE,
  updateService,
} from "../../src/facades/identity/services/decider.ts";
import { catalogServices } from "../../src/facades/identity/services/projection.ts";
import { givenOf } from "../kit/given.ts";

const id = "x";

const service = givenOf(catalogServices);

const dns = { type: "dns", name: "designate", enabled: true };

const serviceCreated = { type: "CatalogServiceCreated", data: dns } as const;

const serviceDeleted = { type: "CatalogServiceDeleted", data: {} } as const;

Deno.test("services are created, updated and deleted", () => {
  service().when(() => createService({ type: "CreateService", service: dns })).then([
    serviceCreated,
  ]);
  const update = { type: "UpdateService", id, changes: { name: "other", type: "dns" } } as const;
  service(serviceCreated).when((state) => updateService(update, state))
    .then([{ type: "CatalogServiceUpdated", data: { name: "other" } }]);
  service(serviceCreated).when((state) => updateService({ ...update, changes: dns }, state))
    .thenNothing();
  const remove = { type: "DeleteService", id } as const;
  service(serviceCreated).when((state) => deleteService(remove, state)).then([serviceDeleted]);
  for (const gone of [service(), service(serviceCreated, serviceDeleted)]) {
    gone.when((state) => updateService(update, state))
      .thenRefused("NotFound", "Could not find service: x.");
    gone.when((state) => deleteService(remove, state))
      .thenRefused("NotFound", "Could not find service: x.");
  }
});

Deno.test("a service that is built in is recorded when it is changed, not before", () => {
  const builtIn = dns;
  const update = { type: "UpdateService", id, changes: { enabled: false }, builtIn } as const;
  service().when((state) => updateService(update, state)).then([
    serviceCreated,
    { type: "CatalogServiceUpdated", data: { enabled: false } },
  ]);
  service().when((state) => updateService({ ...update, changes: dns }, state)).thenNothing();
  const remove = { type: "DeleteService", id, builtIn } as const;
  service().when((state) => deleteService(remove, state)).then([serviceDeleted]);
  service(serviceDeleted).when((state) => deleteService(remove, state))
    .thenRefused("NotFound", "Could not find service: x.");
  service(serviceDeleted).when((state) => updateService(update, state))
    .thenRefused("NotFound", "Could not find service: x.");
});

Deno.test("what is built in is there in its own order, then what was made", () => {
  const state = (of: object) => ({ ...NO_SERVICE, ...of });
  const rows = [
    { id: "made", version: 1, state: state({ exists: true, name: "made" }) },
    { id: "b", version: 1, state: state({ deleted: true }) },
    { id: "c", version: 2, state: state({ exists: true, name: "changed" }) },
    { id: "gone", version: 2, state: state({ deleted: true }) },
  ];
  const builtIn = new Map(["a", "b", "c"].map((name) => [name, { ...dns, name }]));
  const all = overlaid(rows, builtIn, NO_SERVICE);
  assertEquals(all.map((one) => [one.id, one.state.name]), [
    ["a", "a"],
    ["c", "changed"],
    ["made", "made"],
  ]);
});

Deno.test("what is built in has the same ids at every start", () => {
  const { services, endpoints, regions } = builtInFor([
    { type: "compute", name: "nova", url: "/v2.1" },
  ]);
  assertEquals([...services.keys()], [
    ...builtInFor([
      { type: "compute", name: "other", url: "/" },
    ]).services.keys(),
  ]);
  assertEquals(new Set(endpoints.keys()).size, 3);
  assertEquals([...regions.keys()], ["RegionOne"]);
});

// Endpoints

const endpoint = givenOf(endpoints);

const facts: EndpointFacts = {
  interface: "public",
  serviceId: "s",
  regionId: "r",
  url: "/v2.1",
  enabled: true,
};

const endpointCreated = { type: "EndpointCreated", data: facts } as const;

const endpointDeleted = { type: "EndpointDeleted", data: {} } as const;

const known = { hasService: true, hasRegion: true };

const REST = "The server could not comply with the request since it is either malformed or " +
  "otherwise incorrect. The client is assumed to be in error.";

Deno.test("endpoints are created, updated and deleted, of a service and in a region", () => {
  const create = { type: "CreateEndpoint", endpoint: facts, ...known } as const;
  endpoint().when(() => createEndpoint(create)).then([endpointCreated]);
  const update = { type: "UpdateEndpoint", id, changes: { enabled: false }, ...known } as const;
  endpoint(endpointCreated).when((state) => updateEndpoint(update, state))
    .then([{ type: "EndpointUpdated", data: { enabled: false } }]);
  for (
    const [stray, kind] of [
      [{ ...known, hasService: false }, "service"],
      [{ ...known, hasRegion: false }, "region"],
    ] as const
  ) {
    const words = `Expecting to find endpoint ${kind}_id in ${kind} table. ${REST}`;
    endpoint().when(() => createEndpoint({ ...create, ...stray })).thenRefused("Invalid", words);
    endpoint(endpointCreated).when((state) => updateEndpoint({ ...update, ...stray }, state))
      .thenRefused("Invalid", words);
  }
  const remove = { type: "DeleteEndpoint", id } as const;
  endpoint(endpointCreated).when((state) => deleteEndpoint(remove, state)).then([endpointDeleted]);
  for (const gone of [endpoint(), endpoint(endpointCreated, endpointDeleted)]) {
    gone.when((state) => deleteEndpoint(remove, state))
      .thenRefused("NotFound", "Could not find endpoint: x.");
    gone.when((state) => updateEndpoint(update, state))
      .thenRefused("NotFound", "Could not find endpoint: x.");
  }
});

Deno.test("an endpoint that is built in is recorded when it is changed", () => {
  const builtIn = facts;
  const changes = { url: "https://nova.example" };
  endpoint().when((state) =>
    updateEndpoint({ type: "UpdateEndpoint", id, changes, builtIn, ...known }, state)
  ).then([endpointCreated, { type: "EndpointUpdated", data: changes }]);
  endpoint().when((state) => deleteEndpoint({ type: "DeleteEndpoint", id, builtIn }, state))
    .then([endpointDeleted]);
});

// Regions

const region = givenOf(regions);

const north = { description: "", parentRegionId: null };

const regionCreated = { type: "RegionCreated", data: north } as const;

const regionDeleted = { type: "RegionDeleted", data: {} } as const;

Deno.test("a region's id can be given out again, but not while it is there", () => {
  const create = { type: "CreateRegion", id, region: north, hasParent: true } as const;
  region().when((state) => createRegion(create, state)).then([regionCreated]);
  region(regionCreated, regionDeleted).when((state) => createRegion(create, state))
    .then([regionCreated]);
  const words = "Conflict occurred attempting to store region - Duplicate ID, x..";
  region(regionCreated).when((state) => createRegion(create, state)).thenRefused("Conflict", words);
  region().when((state) => createRegion({ ...create, builtIn: north }, state))
    .thenRefused("Conflict", words);
  const below = { ...north, parentRegionId: "none" };
  region().when((state) => createRegion({ ...create, region: below, hasParent: false }, state))
    .thenRefused("NotFound", "Could not find region: none.");
});

Deno.test("UpdateRegion never makes a circle", () => {
  const update = (changes: object, more: object = {}) =>
    region(regionCreated).when((state) =>
      updateRegion(
        { type: "UpdateRegion", id, changes, hasParent: true, ancestors: [], ...more },
        state,
      )
    );
  update({ description: "d" }).then([{ type: "RegionUpdated", data: { description: "d" } }]);
  update({ description: "" }).thenNothing();
  update({ parentRegionId: "y" }, { ancestors: ["y", "x"] }).thenRefused(
    "Invalid",
    "The specified parent region y would create a circular region hierarchy.",
  );
  update({ parentRegionId: "none" }, { hasParent: false })
    .thenRefused("NotFound", "Could not find region: none.");
});

Deno.test("DeleteRegion deletes a region that nothing is in", () => {
  const remove = (hasEndpoints: boolean) => ({ type: "DeleteRegion", id, hasEndpoints }) as const;
  region(regionCreated).when((state) => deleteRegion(remove(false), state)).then([regionDeleted]);
  region(regionCreated).when((state) => deleteRegion(remove(true), state)).thenRefused(
    "Forbidden",
    "Unable to delete region x because it or its child regions have associated endpoints.",
  );
  region().when((state) => deleteRegion(remove(false), state))
    .thenRefused("NotFound", "Could not find region: x.");
  region().when((state) => deleteRegion({ ...remove(false), builtIn: north }, state))
    .then([regionDeleted]);
});

Deno.test("URLs have places for ids of the user and of the project", () => {
  const values = { userId: "u", projectId: "p" };
  for (
    const [url, filled] of [
      ["http://a/", "http://a/"],
      ["http://a/$(project_id)s/%(tenant_id)s/$(user_id)s", "http://a/p/p/u"],
      ["http://a/100%%", "http://a/100%"],
      ["http://a/$(secret)s", undefined],
      ["http://a/%20", undefined],
      ["http://a/$(project_id)", undefined],
      ["http://a/$(constructor)s", undefined],
      ["http://a/$5", "http://a/$5"],
    ] as const
  ) {
    assertEquals(filledIn(url, values), filled, url);
    assertEquals(isTemplate(url), filled !== undefined, url);
  }
  assertEquals(
    filledIn("http://a/$(user_id)s", { userId: "u", projectId: undefined }),
    "http://a/u",
  );
  assertEquals(
    filledIn("http://a/$(project_id)s", { userId: "u", projectId: undefined }),
    undefined,
  );
});
