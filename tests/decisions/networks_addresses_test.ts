import { assertEquals } from "@std/assert";
import {
  addressKey,
  addressOfKey,
  canonicalAddress,
  contains,
  eui64Address,
  formatAddress,
  formatCidr,
  overlap,
  parseAddress,
  parseCidr,
  shiftKey,
} from "../../src/facades/networks/addresses.ts";
import { derivedId } from "../../src/facades/networks/derived_id.ts";
import { defaultPools } from "../../src/facades/networks/subnets/plan.ts";

Deno.test("addresses in their one spelling, and as keys that sort", () => {
  for (
    const [text, canonical, key] of [
      ["10.0.0.2", "10.0.0.2", "0a000002"],
      ["255.255.255.255", "255.255.255.255", "ffffffff"],
      ["2001:DB8:0::1", "2001:db8::1", "20010db8000000000000000000000001"],
      ["::", "::", "0".repeat(32)],
      ["::ffff:192.0.2.1", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
      ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ] as const
  ) {
    assertEquals(canonicalAddress(text), canonical);
    assertEquals(addressKey(parseAddress(text)!), key);
    assertEquals(formatAddress(addressOfKey(key)), canonical);
  }
  for (
    const text of ["10.0.0", "10.0.0.256", "010.0.0.1", "x", "", "1::2::3", "10.0.0.0/8", "::g"]
  ) {
    assertEquals(parseAddress(text), undefined, text);
  }
});

Deno.test("keys beside a key", () => {
  assertEquals(shiftKey("0a0000ff", 1), "0a000100");
  assertEquals(shiftKey("0a000100", -1), "0a0000ff");
  assertEquals(shiftKey("ffffffff", 1), undefined);
  assertEquals(shiftKey("00000000", -1), undefined);
});

Deno.test("networks", () => {
  assertEquals(formatCidr(parseCidr("10.1.2.3/16")!), "10.1.0.0/16");
  assertEquals(formatCidr(parseCidr("10.1.2.3")!), "10.1.2.3/32");
  assertEquals(formatCidr(parseCidr("2001:db8::1/64")!), "2001:db8::/64");
  for (const text of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/255.0.0.0", "x/8", "::/129", "/8"]) {
    assertEquals(parseCidr(text), undefined, text);
  }
  const [wide, narrow, other] = ["10.0.0.0/8", "10.9.0.0/16", "11.0.0.0/8"].map((t) =>
    parseCidr(t)!
  );
  assertEquals([overlap(wide!, narrow!), overlap(narrow!, other!)], [true, false]);
  assertEquals(overlap(parseCidr("0.0.0.0/0")!, parseCidr("::/0")!), false);
  assertEquals(contains(wide!, parseAddress("10.255.255.255")!), true);
  assertEquals(contains(wide!, parseAddress("::1")!), false);
});

Deno.test("the address that a host makes itself", () => {
  assertEquals(eui64Address("2001:db8::/64", "fa:16:3e:01:02:03"), "2001:db8::f816:3eff:fe01:203");
});

Deno.test("the pools of a subnet that names none", () => {
  for (
    const [cidr, gateway, pools] of [
      ["10.0.0.0/30", "10.0.0.1", [["10.0.0.2", "10.0.0.2"]]],
      ["10.0.0.0/30", null, [["10.0.0.1", "10.0.0.2"]]],
      ["10.0.0.0/31", null, [["10.0.0.0", "10.0.0.1"]]],
      ["10.0.0.7/32", null, [["10.0.0.7", "10.0.0.7"]]],
      ["10.0.0.0/29", "10.0.0.6", [["10.0.0.1", "10.0.0.5"]]],
      ["10.0.0.0/29", "192.0.2.1", [["10.0.0.1", "10.0.0.6"]]],
      ["2001:db8::/126", null, [["2001:db8::1", "2001:db8::3"]]],
    ] as const
  ) {
    assertEquals(
      defaultPools(parseCidr(cidr)!, gateway).map(({ start, end }) => [start, end]),
      pools.map((pool) => [...pool]),
      cidr,
    );
  }
});

Deno.test("an id that follows from what it names", () => {
  const id = derivedId("a", "b");
  assertEquals(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id),
    true,
  );
  assertEquals(derivedId("a", "b"), id);
  assertEquals(derivedId("ab") === derivedId("a", "b"), false);
});
