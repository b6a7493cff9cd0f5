/** Limits of projects, their users and classes: set within what is used and given, and reset. */
import { assertEquals } from "@std/assert";
import { quotaClasses, quotas } from "../../src/compute/quotas/aggregate.ts";
import {
  resetQuotaLimits,
  setQuotaClassLimits,
  type SetQuotaLimits,
  setQuotaLimits,
} from "../../src/compute/quotas/decider.ts";
import { type AllLimits, DEFAULT_ALL_LIMITS } from "../../src/compute/quotas/limits.ts";
import { givenOf } from "../kit/given.ts";

const given = givenOf(quotas);

function setting(limits: Partial<AllLimits>, more: Partial<SetQuotaLimits> = {}): SetQuotaLimits {
  return {
    type: "SetQuotaLimits",
    userId: undefined,
    limits,
    force: false,
    effective: DEFAULT_ALL_LIMITS,
    inUse: { instances: 3, cores: 6, ram: 1536, server_groups: 1 },
    ...more,
  };
}

const projectSet = (limits: Partial<AllLimits>) =>
  ({ type: "QuotaLimitsSet", data: { limits } }) as const;
const userSet = (userId: string, limits: Partial<AllLimits>) =>
  ({ type: "UserLimitsSet", data: { userId, limits } }) as const;

Deno.test("SetQuotaLimits records the limits that change", () => {
  given(projectSet({ cores: 7 }))
    .when((quota) => setQuotaLimits(setting({ cores: 7, instances: 5, ram: -1 }), quota))
    .then([projectSet({ instances: 5, ram: -1 })]);
  given(projectSet({ cores: 7 })).when((quota) => setQuotaLimits(setting({ cores: 7 }), quota))
    .thenNothing();
});

Deno.test("SetQuotaLimits to the very default is a limit of the project's own", () => {
  given().when((quota) => setQuotaLimits(setting({ cores: 20 }), quota))
    .then([projectSet({ cores: 20 })]);
});

Deno.test("SetQuotaLimits is refused below what is used, unless forced", () => {
  const message =
    "Quota limit 2 for instances must be greater than or equal to already used and reserved 3.";
  const asked = setting({ cores: 10, instances: 2 });
  given().when((quota) => setQuotaLimits(asked, quota)).thenRefused("Invalid", message);
  given().when((quota) => setQuotaLimits({ ...asked, force: true }, quota))
    .then([projectSet({ cores: 10, instances: 2 })]);
  given().when((quota) => setQuotaLimits(setting({ instances: 3 }), quota))
    .then([projectSet({ instances: 3 })]);
  given().when((quota) => setQuotaLimits(setting({ instances: -1 }), quota))
    .then([projectSet({ instances: -1 })]);
});

Deno.test("SetQuotaLimits is refused below what the project's users were given", () => {
  given(userSet("ann", { instances: 4 }), userSet("bob", { instances: 5 }))
    .when((quota) => setQuotaLimits(setting({ instances: 8 }), quota))
    .thenRefused(
      "Invalid",
      "Quota limit 8 for instances must be greater than or equal to already used and reserved 9.",
    );
});

Deno.test("SetQuotaLimits of a user is refused above what is left of the project's", () => {
  const ofBob = { userId: "bob", inUse: { instances: 1 } };
  const before = given(userSet("ann", { instances: 4 }), userSet("bob", { instances: 5 }));
  before.when((quota) => setQuotaLimits(setting({ instances: 7 }, ofBob), quota))
    .thenRefused("Invalid", "Quota limit 7 for instances must be less than or equal to 6.");
  before.when((quota) => setQuotaLimits(setting({ instances: -1 }, ofBob), quota))
    .thenRefused("Invalid", "Quota limit -1 for instances must be less than or equal to 6.");
  before.when((quota) => setQuotaLimits(setting({ instances: 0 }, ofBob), quota))
    .thenRefused(
      "Invalid",
      "Quota limit 0 for instances must be greater than or equal to already used and reserved 1.",
    );
  before.when((quota) => setQuotaLimits(setting({ instances: 6 }, ofBob), quota))
    .then([userSet("bob", { instances: 6 })]);
});

Deno.test("SetQuotaLimits of a user of an unlimited project has no maximum", () => {
  const effective = { ...DEFAULT_ALL_LIMITS, instances: -1 };
  given().when((quota) =>
    setQuotaLimits(setting({ instances: 99 }, { userId: "ann", effective }), quota)
  ).then([userSet("ann", { instances: 99 })]);
});

Deno.test("ResetQuotaLimits takes back all, or one user's", () => {
  const before = given(projectSet({ cores: 7 }), userSet("ann", { cores: 2 }));
  const reset = (userId?: string) => ({ type: "ResetQuotaLimits", userId }) as const;
  before.when((quota) => resetQuotaLimits(reset(), quota))
    .then([{ type: "QuotaLimitsReset", data: {} }]);
  before.when((quota) => resetQuotaLimits(reset("ann"), quota))
    .then([{ type: "UserLimitsReset", data: { userId: "ann" } }]);
  before.when((quota) => resetQuotaLimits(reset("bob"), quota)).thenNothing();
  before.when((quota) => resetQuotaLimits(reset("constructor"), quota)).thenNothing();
  given().when((quota) => resetQuotaLimits(reset(), quota)).thenNothing();
});

Deno.test("limits of users are kept beside the project's, and go with them", () => {
  const set = given(projectSet({ cores: 7 }), userSet("ann", { cores: 2 }));
  assertEquals(set.state, { limits: { cores: 7 }, users: { ann: { cores: 2 } } });
  const more = given(userSet("ann", { cores: 2 }), userSet("ann", { ram: 1 }));
  assertEquals(more.state, { limits: {}, users: { ann: { cores: 2, ram: 1 } } });
  const userReset = { type: "UserLimitsReset", data: { userId: "ann" } } as const;
  assertEquals(given(userSet("ann", { cores: 2 }), userReset).state, { limits: {}, users: {} });
  const reset = { type: "QuotaLimitsReset", data: {} } as const;
  assertEquals(given(userSet("ann", { cores: 2 }), reset).state, { limits: {} });
});

Deno.test("SetQuotaClassLimits records what changes, whatever is used", () => {
  const first = { type: "QuotaClassLimitsSet", data: { limits: { cores: 5 } } } as const;
  const givenClass = givenOf(quotaClasses);
  const asked = { type: "SetQuotaClassLimits", limits: { cores: 5, ram: 1 } } as const;
  givenClass(first).when((quotaClass) => setQuotaClassLimits(asked, quotaClass))
    .then([{ type: "QuotaClassLimitsSet", data: { limits: { ram: 1 } } }]);
  givenClass(first).when((quotaClass) =>
    setQuotaClassLimits({ ...asked, limits: { cores: 5 } }, quotaClass)
  ).thenNothing();
  assertEquals(givenClass(first).state, { limits: { cores: 5 } });
});
