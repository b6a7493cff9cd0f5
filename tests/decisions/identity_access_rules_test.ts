/** What access rules allow, and what may be done to them. */
import { assertEquals } from "@std/assert";
import {
  createAccessRule,
  deleteAccessRule,
  evolve,
  NO_ACCESS_RULE,
} from "../../src/facades/identity/access_rules/decider.ts";
import { isAllowed } from "../../src/facades/identity/access_rules/matching.ts";
import { recorded } from "../kit/given.ts";

const rule = { userId: "u", service: "compute", method: "GET", path: "/v2.1/servers" };

const made = { type: "AccessRuleCreated", data: rule } as const;

Deno.test("CreateAccessRule creates a rule; DeleteAccessRule deletes one that nobody is kept to", () => {
  assertEquals(createAccessRule({ type: "CreateAccessRule", rule }), [made]);
  const state = evolve(NO_ACCESS_RULE, recorded(made));
  const remove = (inUse: boolean, of = state) =>
    deleteAccessRule({ type: "DeleteAccessRule", id: "x", inUse }, of);
  assertEquals(remove(false), [{ type: "AccessRuleDeleted", data: {} }]);
  assertEquals(remove(true), {
    rejected: "Forbidden",
    message: "May not delete access rule in use",
  });
  assertEquals(remove(false, NO_ACCESS_RULE), {
    rejected: "NotFound",
    message: "Could not find Access Rule: x.",
  });
  const gone = evolve(state, recorded({ type: "AccessRuleDeleted", data: {} } as const));
  assertEquals(gone, { ...NO_ACCESS_RULE, deleted: true });
});

/** Whether a rule with this path allows a GET of the other. */
function allows(path: string, asked: string): boolean {
  return isAllowed([{ ...rule, path }], {
    services: ["compute"],
    method: "GET",
    paths: [asked],
  });
}

Deno.test("a rule's path is the request's, but for places that stand for steps", () => {
  for (
    const [path, asked, expected] of [
      ["/v2.1/servers", "/v2.1/servers", true],
      ["/v2.1/servers", "/v2.1/servers/1", false],
      ["/v2.1/servers", "/v2x1/servers", false],
      ["/v2.1/servers/*", "/v2.1/servers/1", true],
      ["/v2.1/servers/*", "/v2.1/servers/", false],
      ["/v2.1/servers/*", "/v2.1/servers/1/ips", false],
      ["/v2.1/servers/{id}/ips", "/v2.1/servers/1/ips", true],
      ["/v2.1/servers/{id}/ips", "/v2.1/servers/1/2/ips", false],
      ["/v2.1/**", "/v2.1/servers/1/ips", true],
      ["/v2.1/**", "/v2.1", false],
      ["/**", "/", true],
      ["/v2.1/servers/**/ips", "/v2.1/servers/1/2/ips", true],
      ["/a{", "/a{", true],
      ["/(.*)+$", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false],
    ] as const
  ) {
    assertEquals(allows(path, asked), expected, `${path} and ${asked}`);
  }
});

Deno.test("one of the rules must fit in all: service, method and path", () => {
  const rules = [rule, { ...rule, method: "DELETE", path: "/v2.1/servers/*" }];
  const ask = (services: readonly string[], method: string, ...paths: readonly string[]) =>
    isAllowed(rules, { services, method, paths });
  assertEquals(ask(["compute"], "GET", "/v2.1/servers"), true);
  assertEquals(ask(["compute"], "DELETE", "/v2.1/servers/1"), true);
  assertEquals(ask(["compute"], "DELETE", "/v2.1/servers"), false);
  assertEquals(ask(["compute"], "POST", "/v2.1/servers"), false);
  assertEquals(ask(["image"], "GET", "/v2.1/servers"), false);
  assertEquals(ask(["image", "compute"], "GET", "/other", "/v2.1/servers"), true);
  assertEquals(ask([], "GET", "/v2.1/servers"), false);
  assertEquals(isAllowed([], { services: ["compute"], method: "GET", paths: ["/"] }), false);
});
