/** Host names that nobody asked for; nova/utils.py, `sanitize_hostname`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { defaultHostname } from "../../src/compute/servers/hostname.ts";
import { ID } from "../kit/decision_servers.ts";

const hostnameOf = (name: string, index = 0, count = 1) =>
  defaultHostname({ id: ID, name, index, count });

// What sanitize_hostname of Nova gives for these names under Python 3.
const SEEN: readonly (readonly [string, string])[] = [
  ["x y_z.Q!é", "x-y-z-qé"],
  ["web", "web"],
  ["Web-01", "web-01"],
  ["a b", "a-b"],
  ["a_b", "a-b"],
  ["a.b", "a-b"],
  ["...a...", "a"],
  [" -a- ", "a"],
  ["a!b@c#d", "abcd"],
  ["naïve-☃", "naïve"],
  ["ÀÉÿ", "àéÿ"],
  ["½²ªµ", "½²ªµ"],
  ["a×÷b", "ab"],
  ["a\u00a0b", "ab"],
  ["x".repeat(70), "x".repeat(63)],
  [`${"x".repeat(62)}-y`, "x".repeat(62)],
  // Characters that are dropped first make room for those behind them.
  [`${"日".repeat(70)}web`, "web"],
  // Others are dropped after the cut.
  [`${"!".repeat(70)}web`, `Server-${ID}`],
];

for (const [name, hostname] of SEEN) {
  Deno.test(`the host name of ${JSON.stringify(name)} is ${hostname}`, () => {
    assertEquals(hostnameOf(name), hostname);
  });
}

Deno.test("a name with nothing to keep gives a host name of the id, in a batch too", () => {
  for (const name of ["日本語", "☃", "...", "---", "_", "!?", ""]) {
    assertEquals(hostnameOf(name), `Server-${ID}`);
    assertEquals(hostnameOf(name, 1, 3), `Server-${ID}`);
  }
});

Deno.test("in a batch host names are numbered from 1, behind the cut", () => {
  assertEquals([0, 1, 2].map((index) => hostnameOf("Web", index, 3)), ["web-1", "web-2", "web-3"]);
  assertEquals(hostnameOf("x".repeat(70), 9, 10), `${"x".repeat(63)}-10`);
  assertEquals(hostnameOf("web", 0, 1), "web");
});

Deno.test("any name gives a host name of allowed characters that is not too long", () => {
  const character = fc.oneof(
    fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(".", "-", "_", " ", "日", "☃", "😀"),
  );
  const names = fc.string({ unit: character, maxLength: 100, size: "max" });
  fc.assert(fc.property(names, fc.integer({ min: 1, max: 1000 }), (name, count) => {
    const index = count - 1;
    const hostname = hostnameOf(name, index, count);
    assertMatch(hostname, /^(Server-[0-9a-f-]{36}|[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}-]*)$/u);
    assert(hostname.length <= 63 + `-${count}`.length);
    const suffix = count > 1 && !hostname.startsWith("Server-") ? `-${count}` : "";
    assert(hostname.endsWith(suffix));
    assert(!/^[.-]|[.-]$/.test(hostname));
  }));
});
