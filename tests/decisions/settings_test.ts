/** Settings: how their texts are read, and what is none. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { BadSetting, readSettings } from "../../src/config.ts";

Deno.test("which consoles there are is a list of known words", () => {
  assertEquals(readSettings([], {}).consoles, ["vnc"]);
  assertEquals(readSettings(["--consoles=vnc, serial"], {}).consoles, ["vnc", "serial"]);
  assertEquals(readSettings([], { CHRONOVA_CONSOLES: "" }).consoles, []);
  assertBad(
    ["--consoles=vnc,rdp"],
    "--consoles: must be some of vnc, spice, serial, mks, with commas",
  );
});

Deno.test("where consoles are seen is a URL", () => {
  const { serialConsoleBaseUrl } = readSettings(["--serial-console-base-url=wss://x/"], {});
  assertEquals(serialConsoleBaseUrl, "wss://x/");
  assertBad(["--mksproxy-base-url=nowhere"], "--mksproxy-base-url: must be a URL");
});

function assertBad(flags: readonly string[], message: string): void {
  const error = assertThrows(() => readSettings(flags, {}));
  assert(error instanceof BadSetting);
  assertEquals(error.message, message);
}
