/** What may happen to trusts, to what projects are kept to, and to configurations of domains. */
import { assertEquals } from "@std/assert";
import {
  deleteDomainConfig,
  replaceDomainConfig,
  shownConfig,
  updateDomainConfig,
} from "../../src/facades/identity/domain_config/decider.ts";
import { domainConfigs } from "../../src/facades/identity/domain_config/projection.ts";
import {
  addEndpointFilter,
  removeEndpointFilter,
} from "../../src/facades/identity/endpoint_filters/decider.ts";
import { endpointFilters } from "../../src/facades/identity/endpoint_filters/projection.ts";
import {
  createTrust,
  deleteTrust,
  NO_TRUST,
  type Trust,
  type TrustFacts,
  useTrust,
  type WantedTrust,
} from "../../src/facades/identity/trusts/decider.ts";
import { trusts } from "../../src/facades/identity/trusts/projection.ts";
import type { Sealed } from "../../src/store/secrets.ts";
import { givenOf } from "../kit/given.ts";

const NOT_ALLOWED = "You are not authorized to perform the requested action.";

const trust = givenOf(trusts);

const facts: Omit<TrustFacts, "redelegationCount" | "redelegatedFrom"> = {
  trustorId: "a",
  trusteeId: "b",
  projectId: "p",
  roleIds: ["r"],
  impersonation: true,
  expiresAt: "2030-01-01T00:00:00.000000Z",
  remainingUses: null,
};

const wanted: WantedTrust = { ...facts, allowRedelegation: false, redelegationCount: undefined };

const parent: Trust & { readonly id: string } = {
  ...NO_TRUST,
  ...facts,
  exists: true,
  redelegationCount: 2,
  id: "t",
};

function create(more: Partial<WantedTrust>, from: readonly (Trust & { id: string })[] = []) {
  const command = { type: "CreateTrust", from, isTaken: false } as const;
  return trust().when(() => createTrust({ ...command, trust: { ...wanted, ...more } }));
}

function created(more: Partial<TrustFacts>) {
  const data = { ...facts, redelegationCount: 0, redelegatedFrom: null, ...more };
  return [{ type: "TrustCreated", data }] as const;
}

Deno.test("a trust is created, to be passed on as often as is asked, or three times", () => {
  create({}).then(created({}));
  create({ allowRedelegation: true }).then(created({ redelegationCount: 3 }));
  create({ allowRedelegation: true, redelegationCount: 1 })
    .then(created({ redelegationCount: 1 }));
  create({ allowRedelegation: true, redelegationCount: 0 }).then(created({}));
  create({ redelegationCount: 2 }).then(created({}));
  create({ allowRedelegation: true, redelegationCount: 4 }).thenRefused("Forbidden", NOT_ALLOWED);
  create({ allowRedelegation: true, remainingUses: 1 }).thenRefused(
    "Invalid",
    "remaining_uses must not be set if redelegation is allowed",
  );
});

Deno.test("a trust is passed on with no more than it gives", () => {
  const redelegatedFrom = { trustId: "t", firstTrustorId: "a", agentIds: ["b"] };
  create({ trusteeId: "c", expiresAt: null, allowRedelegation: true }, [parent])
    .then(created({ trusteeId: "c", redelegationCount: 1, redelegatedFrom }));
  for (
    const more of [
      { expiresAt: "2030-01-01T00:00:00.000001Z" },
      { projectId: "q" },
      { roleIds: ["r", "s"] },
      { remainingUses: 1 },
      { allowRedelegation: true, redelegationCount: 2 },
    ]
  ) create(more, [parent]).thenRefused("Forbidden", NOT_ALLOWED);
  create({}, [{ ...parent, impersonation: false }]).thenRefused("Forbidden", NOT_ALLOWED);
  create({}, [{ ...parent, redelegationCount: 0 }]).thenRefused("Forbidden", NOT_ALLOWED);
  create({}, [parent, { ...parent, roleIds: [] }]).thenRefused("Forbidden", NOT_ALLOWED);
});

Deno.test("a trust is used as often as it says, and deleted once", () => {
  const [made] = created({ remainingUses: 1 });
  const used = { type: "TrustUsed", data: {} } as const;
  const use = (state: Trust) => useTrust({ type: "UseTrust", id: "t" }, state);
  trust(made).when(use).then([used]);
  trust(made, used).when(use).thenRefused("Forbidden", "No remaining uses for trust: t.");
  trust(created({})[0]).when(use).then([]);
  trust().when(use).thenRefused("NotFound", "Could not find trust: t.");
  const remove = (state: Trust) => deleteTrust({ type: "DeleteTrust", id: "t" }, state);
  const deleted = { type: "TrustDeleted", data: {} } as const;
  trust(made).when(remove).then([deleted]);
  trust(made, deleted).when(remove).thenRefused("NotFound", "Could not find trust: t.");
});

Deno.test("a project is kept to an endpoint once, and to a group besides", () => {
  const filter = givenOf(endpointFilters);
  const member = { kind: "endpoint", id: "e" } as const;
  const added = { type: "EndpointFilterAdded", data: member } as const;
  const removed = { type: "EndpointFilterRemoved", data: member } as const;
  const add = { type: "AddEndpointFilter", member } as const;
  const remove = { type: "RemoveEndpointFilter", projectId: "p", member } as const;
  filter().when((state) => addEndpointFilter(add, state)).then([added]);
  filter(added).when((state) => addEndpointFilter(add, state)).thenRefused(
    "Conflict",
    "Conflict occurred attempting to store project_endpoint - Duplicate entry.",
  );
  filter(added).when((state) => removeEndpointFilter(remove, state)).then([removed]);
  filter(added, removed).when((state) => removeEndpointFilter(remove, state)).thenRefused(
    "NotFound",
    "Endpoint e not found in project p",
  );
  const group = { ...remove, member: { kind: "endpoint_group", id: "e" } } as const;
  filter(added).when((state) => removeEndpointFilter(group, state)).thenRefused(
    "NotFound",
    "Endpoint Group Project Association not found",
  );
});

Deno.test("a domain's configuration is set, replaced and deleted in parts", () => {
  const config = givenOf(domainConfigs);
  const url = { group: "ldap", option: "url", value: "x" };
  const password = { group: "ldap", option: "password", sealed: "v1.sealed" as Sealed };
  const set = { type: "DomainConfigSet", data: { options: [url, password] } } as const;
  const none = { type: "DomainConfigRemoved", data: {} } as const;
  const replace = { type: "ReplaceDomainConfig", options: [url, password] } as const;
  config().when((state) => replaceDomainConfig(replace, state)).then([set]);
  config(set).when((state) => replaceDomainConfig(replace, state)).then([none, set]);
  const part = { group: "ldap", option: "suffix" };
  const update = { type: "UpdateDomainConfig", domainId: "d", options: [url], part } as const;
  config(set).when((state) => updateDomainConfig(update, state)).thenRefused(
    "NotFound",
    "Could not find option suffix in group ldap in domain configuration for domain d.",
  );
  const remove = { type: "DeleteDomainConfig", domainId: "d", part: {} } as const;
  config().when((state) => deleteDomainConfig(remove, state)).then([]);
  config(set).when((state) => deleteDomainConfig(remove, state)).then([none]);
  const state = { options: [url, password] };
  assertEquals(shownConfig(state, {}), { ldap: { url: "x" } });
  assertEquals(shownConfig(state, { group: "ldap", option: "password" }), undefined);
});
