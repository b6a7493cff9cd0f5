/** Python notation, Python patterns and the text formats, against what Python says of them. */
import { assert, assertEquals } from "@std/assert";
import { compressIpv6, FORMATS, parseTime } from "../../src/http/formats.ts";
import { pythonRepr, pythonStr } from "../../src/http/python.ts";
import { isPythonRegex } from "../../src/http/regex.ts";

Deno.test("pythonRepr prints what python3 prints", () => {
  const printed: readonly [unknown, string][] = [
    [null, "None"],
    [undefined, "None"],
    [true, "True"],
    [false, "False"],
    [0, "0"],
    [-1, "-1"],
    [1.5, "1.5"],
    [-0.25, "-0.25"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [1e-300, "1e-300"],
    [123456789012345, "123456789012345"],
    [12345678901234567890n, "12345678901234567890"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    ["", "''"],
    ["a", "'a'"],
    ["it's", `"it's"`],
    ['say "hi"', `'say "hi"'`],
    [`it's "x"`, String.raw`'it\'s "x"'`],
    ["a\nb\tc\rd", String.raw`'a\nb\tc\rd'`],
    ["\\", String.raw`'\\'`],
    ["\x00\x1f\x7f", String.raw`'\x00\x1f\x7f'`],
    ["\xa0\xad", String.raw`'\xa0\xad'`],
    ["é☃😀", "'é☃😀'"],
    ["\u2028\ufeff", String.raw`'\u2028\ufeff'`],
    ["\u{e0001}", String.raw`'\U000e0001'`],
    ["\ud800", String.raw`'\ud800'`],
    [[], "[]"],
    [["x", 1], "['x', 1]"],
    [{}, "{}"],
    [{ a: 1, b: [null] }, "{'a': 1, 'b': [None]}"],
    [{ "it's": {} }, `{"it's": {}}`],
    [JSON.parse('{"__proto__": 1}'), "{'__proto__': 1}"],
  ];
  for (const [value, text] of printed) assertEquals(pythonRepr(value), text);
});

Deno.test("pythonStr leaves the quotes of a text out, but not of those inside a list", () => {
  assertEquals(pythonStr("it's"), "it's");
  assertEquals(pythonStr(["a"]), "['a']");
  assertEquals(pythonStr(null), "None");
});

// The verdicts on these patterns are those of re.compile in Python 3.11.
// deno-fmt-ignore
const COMPILES = [
  "a", "^web-[0-9]+$", "a|b", "]", "{", "}", "a{2}", "a{,3}", "a{,}", "a{x", "a*?", "a*+", "a++",
  "a?+", "(?:a*)*", "(?=a)*", "(a)\\1", "\\07", "\\123", "\\d\\w\\S", "\\Z", "\\-\\_\\ ", "\\x41",
  "\\u00e9", "[\\b]", "[]]", "[a-]", "[[:alpha:]]", "(?P<n>a)(?P=n)", "(?i)a", "(?i:a)", "(?-i:a)",
  "(?x) a # b", "(?#note)a", "(?=a)b", "(?<=a)b", "(?<!ab|cd)e", "(?>a)", "(a)(?(1)b|c)", "(|a)",
  "é+", "😀?",
];
// deno-fmt-ignore
const DOES_NOT_COMPILE = [
  "[", "(", ")", "*", "+", "?", "a{2,1}", "{2}", "a**", "a{2}{3}", "^*", "$+", "\\b*", "\\1",
  "(a\\1)", "\\2(a)(b)", "\\777", "\\8", "\\p{L}", "\\y", "\\k", "\\z", "\\x4", "\\u00g9",
  "\\U00110000", "[z-a]", "[a-\\d]", "[\\d-a]", "[\\B]", "[^]", "(?P<n>a)(?P<n>b)", "(?P<1>a)",
  "(?<n>a)", "(?P=n)", "a(?i)", "(?i-i:a)", "(?z)", "(?L)a", "(?#note", "(?<=a*)b", "(?<=a|bc)d",
  "(?(1)b|c)", "(?(1)a|b|c)", "(?(n)a)", "a\\", "a|*",
];

Deno.test("isPythonRegex agrees with python3", () => {
  for (const pattern of COMPILES) assert(isPythonRegex(pattern), pattern);
  for (const pattern of DOES_NOT_COMPILE) assert(!isPythonRegex(pattern), pattern);
});

Deno.test("isPythonRegex refuses the empty text, which Python compiles", () => {
  assert(!isPythonRegex(""));
});

Deno.test("isPythonRegex answers at once to patterns made to hurt", () => {
  assert(isPythonRegex("(a*)*".repeat(20_000)));
  assert(!isPythonRegex("(".repeat(100_000)));
  assert(!isPythonRegex("(".repeat(100_000) + ")".repeat(100_000)));
});

const UUID = "8568a7c8-b55a-466a-96c4-b39770b9d726";

/** Texts that a format accepts, and texts that it refuses. */
const FORMAT_TABLE: Readonly<Record<keyof typeof FORMATS, readonly [string[], string[]]>> = {
  "regex": [["a", "^a$"], ["", "[", "*"]],
  "date-time": [
    ["2000-01-01", "2000-01-01T00:00:00", "2000-01-01 00:00:00Z", "20000101T0102", "2000"],
    ["", "0", "yesterday", "200001", "2000-13-01", "2001-02-29", "2000-01-01T24:00:00"],
  ],
  "base64": [["YQ==", "", "!!!", "YQ==garbage", "Y Q = ="], ["YQ", "abc", "YQ=", "Y", "é"]],
  "cidr": [
    ["10.0.0.0/8", "2001:db8::/32", "192.0.2.0/255.255.255.0", "192.0.2.0/0.0.0.255"],
    ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/ 8", "10/8", "192.0.2.0/255.0.255.0", "::/129"],
  ],
  "uuid": [
    [UUID, UUID.toUpperCase(), UUID.replaceAll("-", ""), `{${UUID}}`, `urn:uuid:${UUID}`],
    ["", "abc", UUID.slice(1), `${UUID} `, UUID.replace("8", "g")],
  ],
  "uri": [["http://h", "https://u@h:1/p?q#f"], [
    "h",
    "/p",
    "http:///p",
    "mailto:a@h",
    "http://a b",
  ]],
  "ipv4": [["0.0.0.0", "255.1.2.3"], ["", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "::1"]],
  "ipv6": [
    ["::", "::1", "1:2:3:4:5:6:7::", "FE80::1", "::ffff:1.2.3.4"],
    ["", "zz", "1.2.3.4", "1::2::3", "1:2:3:4:5:6:7:8:9", "::12345", "fe80::1%eth0", ":1"],
  ],
  // An empty name passes, or its refusal would not be "'' is too short".
  "name": [["a", "", "a b", "naïve-☃"], [" a", "a ", " ", "a\nb", "a\n", "\x07", "x😀", "\ud800"]],
  "name_with_leading_trailing_spaces": [["a", " a ", "a b"], ["", "  ", "a\tb", "😀"]],
  "az_name": [["nova", "a b"], ["a:b", " a", "a\nb"]],
  "az_name_with_leading_trailing_spaces": [["nova", " nova "], ["a:b", "  ", "a\nb"]],
};

for (const [format, [accepted, refused]] of Object.entries(FORMAT_TABLE)) {
  Deno.test(`the format ${format}`, () => {
    const accepts = FORMATS[format as keyof typeof FORMATS];
    for (const text of accepted) assert(accepts(text), JSON.stringify(text));
    for (const text of refused) assert(!accepts(text), JSON.stringify(text));
  });
}

Deno.test("parseTime gives UTC with six digits", () => {
  assertEquals(parseTime("2026-01-02"), "2026-01-02T00:00:00.000000Z");
  assertEquals(parseTime("2026-01-02T03:04:05"), "2026-01-02T03:04:05.000000Z");
  assertEquals(parseTime("2026-01-02T03:04:05.5Z"), "2026-01-02T03:04:05.500000Z");
  assertEquals(parseTime("2026-01-02T03:04:05,1234567"), "2026-01-02T03:04:05.123456Z");
  assertEquals(parseTime("2026-01-02T00:30+02:00"), "2026-01-01T22:30:00.000000Z");
  assertEquals(parseTime("2026-12-31T23:30-0130"), "2027-01-01T01:00:00.000000Z");
  assertEquals(parseTime("0001-01-01T00:00+01:00"), undefined);
  assertEquals(parseTime("tomorrow"), undefined);
});

Deno.test("compressIpv6 gives the text of RFC 5952", () => {
  assertEquals(compressIpv6("2001:0DB8:0:0:0:0:0:0001"), "2001:db8::1");
  assertEquals(compressIpv6("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
  assertEquals(compressIpv6("1:0:0:2:3:0:0:4"), "1::2:3:0:0:4");
  assertEquals(compressIpv6("1:0:2:3:4:5:6:7"), "1:0:2:3:4:5:6:7");
  assertEquals(compressIpv6("0:0:0:0:0:0:0:0"), "::");
  assertEquals(compressIpv6("::ffff:c000:201"), "::ffff:192.0.2.1");
  assertEquals(compressIpv6("1.2.3.4"), undefined);
});
