/** Consoles: which server has one, what a token tells, and how long it is good. */
import { assertEquals } from "@std/assert";
import { accessUrl } from "../../src/compute/consoles/access_url.ts";
import {
  type AskedConsole,
  endsTokens,
  isGood,
  type IssueConsoleToken,
  issueConsoleToken,
} from "../../src/compute/consoles/decider.ts";
import { consoleTokens } from "../../src/compute/consoles/projection.ts";
import { built, created, given as givenServer, ID } from "../kit/decision_servers.ts";
import { givenOf } from "../kit/given.ts";

const given = givenOf(consoleTokens);
const server = givenServer(created(), ...built()).state;
const asked: AskedConsole = { serverId: ID, protocol: "vnc", type: "novnc", isOffered: true };
const address = { host: "10.0.0.1", port: 5900, tlsPort: null, internalAccessPath: "path" };
const expiresAt = "2026-01-01T00:10:00.000000Z";
const issue: IssueConsoleToken = { type: "IssueConsoleToken", asked, server, address, expiresAt };
const issued = {
  type: "ConsoleTokenIssued",
  data: { serverId: ID, consoleType: "novnc", ...address, expiresAt },
} as const;

const whenIssued = (changes: Partial<IssueConsoleToken>) =>
  given().when((state) => issueConsoleToken({ ...issue, ...changes }, state));

Deno.test("IssueConsoleToken records what is opened, and until when", () => {
  whenIssued({}).then([issued]);
  assertEquals(given(issued).state, { ...issued.data, number: 1 });
});

Deno.test("IssueConsoleToken tells no path to who speaks SPICE directly", () => {
  const direct = { ...asked, protocol: "spice", type: "spice-direct" } as const;
  whenIssued({ asked: direct }).then([{
    ...issued,
    data: { ...issued.data, consoleType: "spice-direct", internalAccessPath: null },
  }]);
});

Deno.test("IssueConsoleToken takes a serial console by whatever name, as Nova does", () => {
  const serial = { ...asked, protocol: "serial" } as const;
  whenIssued({ asked: serial }).then([issued]);
});

Deno.test("IssueConsoleToken is refused for a server that is gone, nowhere, or about to be either", () => {
  const gone = givenServer().state;
  whenIssued({ server: gone }).thenRefused("NotFound", `Instance ${ID} could not be found.`);
  whenIssued({ server: { ...server, placement: null } })
    .thenRefused("Conflict", `Instance ${ID} is not ready`);
  for (const taskState of ["deleting", "migrating"] as const) {
    whenIssued({ server: { ...server, taskState } }).thenRefused(
      "Conflict",
      `Cannot 'get_vnc_console' instance ${ID} while it is in task_state ${taskState}`,
    );
  }
  const serial = { ...asked, protocol: "serial", type: "serial" } as const;
  whenIssued({ asked: serial, server: { ...server, taskState: "deleting" } }).thenRefused(
    "Conflict",
    `Cannot 'get_serial_console' instance ${ID} while it is in task_state deleting`,
  );
});

Deno.test("IssueConsoleToken is refused for what is not offered, and for types that are none", () => {
  whenIssued({ asked: { ...asked, isOffered: false } })
    .thenRefused("Invalid", "Unavailable console type novnc.");
  for (const type of ["xvpvnc", "serial", "spice-direct"]) {
    whenIssued({ asked: { ...asked, type } })
      .thenRefused("Invalid", `Invalid console type ${type}`);
  }
});

Deno.test("a token is good until it expires", () => {
  const { state } = given(issued);
  assertEquals(isGood(state, "2026-01-01T00:09:59.999999Z"), true);
  assertEquals(isGood(state, expiresAt), false);
  assertEquals(isGood(given().state, ""), false);
});

Deno.test("tokens end with their server, and when it was moved while it ran", () => {
  assertEquals(endsTokens({ type: "ServerDeleted" }), true);
  assertEquals(endsTokens({ type: "ServerLiveMigrated" }), true);
  assertEquals(endsTokens({ type: "ServerMigrated" }), false);
  assertEquals(endsTokens({ type: "ServerSoftDeleted" }), false);
  assertEquals(endsTokens({ type: "ServerRebuilt" }), false);
});

Deno.test("the URL has the token in a parameter, noVNC's in its path", () => {
  const ROWS = [
    ["http://h:6080/vnc_auto.html", "novnc", "http://h:6080/vnc_auto.html?path=%3Ftoken%3Dt"],
    [
      "http://h/vnc_lite.html?scale=1&path=websockify",
      "novnc",
      "http://h/vnc_lite.html?scale=1&path=websockify%3Ftoken%3Dt",
    ],
    ["http://h:6082/spice_auto.html", "spice-html5", "http://h:6082/spice_auto.html?token=t"],
    ["ws://h:6083/", "serial", "ws://h:6083/?token=t"],
    ["ws://h:6083/", "novnc", "ws://h:6083/?path=%3Ftoken%3Dt"],
  ] as const;
  for (const [base, type, wanted] of ROWS) assertEquals(accessUrl(base, type, "t"), wanted);
});
