/** What an extra spec requires of a value, as Nova's operators have it. */
import { assertEquals } from "@std/assert";
import { matchesRequirement } from "../../src/compute/hosts/requirement.ts";

const ROWS: readonly (readonly [value: string, requirement: string, meets: boolean])[] = [
  ["1", "1", true],
  ["1", "", false],
  ["", "", true],
  ["3", "1", false],
  ["123", "= 123", true],
  ["124", "= 123", true],
  ["34", "= 234", false],
  ["34", "=", false],
  ["123", "== 123", true],
  ["34", "== 234", false],
  ["123", "!= 123", false],
  ["124", "!= 123", true],
  ["x", "!= 123", false],
  ["123", ">= 234", false],
  ["234", ">= 123", true],
  ["123", "<= 234", true],
  ["two", "s== two", true],
  ["two", "s!= two", false],
  ["b", "s< c", true],
  ["b", "s<= b", true],
  ["c", "s> b", true],
  ["b", "s>= c", false],
  ["12311321", "<in> 11", true],
  ["12310321", "<in> 11", false],
  ["aes, mmx", "<all-in> aes mmx", true],
  ["aes", "<all-in> aes mmx", false],
  ["aes", "<all-in>", false],
  ["12", "<or> 11 <or> 12", true],
  ["13", "<or> 11 <or> 12 <or>", false],
  ["1", "toString 1", false],
];

for (const [value, requirement, meets] of ROWS) {
  Deno.test(`'${value}' ${meets ? "meets" : "does not meet"} '${requirement}'`, () => {
    assertEquals(matchesRequirement(value, requirement), meets);
  });
}
