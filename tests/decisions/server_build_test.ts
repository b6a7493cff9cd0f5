/** What the steps of a build and of a delete report: each counts only while it is awaited. */
import { assertEquals } from "@std/assert";
import {
  recordBuildFailure,
  recordDeleted,
  recordDisks,
  recordFailedAttempt,
  recordPorts,
  recordSpawned,
  scheduleServer,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import type { Decision } from "../../src/eventsourcing/decider.ts";
import {
  buildFailed,
  candidate,
  created,
  deleted,
  deleteRequested,
  disksPrepared,
  exampleFlavor,
  examplePort,
  facts,
  given,
  ID,
  networked,
  rescheduled,
  scheduled,
  spawned,
} from "../kit/decision_servers.ts";

const fault = { code: 500, message: "broken", details: "EnsureRunning failed." };

const attempt = { reason: "broken", details: "EnsureRunning failed." };

/** A server's life, one stage after the other. */
const STAGES: Readonly<Record<string, readonly ServerEvent[]>> = {
  unborn: [],
  scheduling: [created()],
  networking: [created(), scheduled()],
  block_device_mapping: [created(), scheduled(), networked()],
  spawning: [created(), scheduled(), networked(), disksPrepared()],
  active: [created(), scheduled(), networked(), disksPrepared(), spawned()],
  rescheduled: [created(), scheduled(), networked(), rescheduled({ host: "host-b" })],
  failed: [created(), scheduled(), buildFailed()],
  "deleted while building": [created(), scheduled(), deleteRequested()],
  deleting: [created(), scheduled(), networked(), disksPrepared(), spawned(), deleteRequested()],
  gone: [created(), scheduled(), deleteRequested(), deleted()],
};

interface Report {
  readonly decide: (server: Server) => Decision<ServerEvent>;
  /** The stages in which it counts; in all others nothing happens. */
  readonly awaitedIn: readonly string[];
  readonly leadsTo: ServerEvent;
}

const REPORTS: Readonly<Record<string, Report>> = {
  "a chosen host": {
    decide: (server) =>
      scheduleServer(ID, server, facts([candidate("host-a", { node: "node-a" })])),
    awaitedIn: ["scheduling", "rescheduled"],
    leadsTo: scheduled(),
  },
  ports: {
    decide: (server) => recordPorts(server, [examplePort]),
    awaitedIn: ["networking"],
    leadsTo: networked(),
  },
  "prepared disks": {
    decide: (server) => recordDisks(server, "/dev/vda"),
    awaitedIn: ["block_device_mapping"],
    leadsTo: disksPrepared(),
  },
  "a running machine": {
    decide: recordSpawned,
    awaitedIn: ["spawning"],
    leadsTo: spawned(),
  },
  "a failed build": {
    decide: (server) => recordBuildFailure(server, fault),
    awaitedIn: ["scheduling", "networking", "block_device_mapping", "spawning", "rescheduled"],
    leadsTo: buildFailed(fault),
  },
  "a failed attempt": {
    decide: (server) => recordFailedAttempt(ID, server, attempt),
    awaitedIn: ["block_device_mapping", "spawning"],
    leadsTo: rescheduled(),
  },
  "a finished delete": {
    decide: recordDeleted,
    awaitedIn: ["deleted while building", "deleting"],
    leadsTo: deleted(),
  },
};

for (const [report, { decide, awaitedIn, leadsTo }] of Object.entries(REPORTS)) {
  for (const [stage, events] of Object.entries(STAGES)) {
    if (awaitedIn.includes(stage)) {
      Deno.test(`${report} counts when the server is ${stage}`, () => {
        given(events).when(decide).then([leadsTo]);
      });
    } else {
      Deno.test(`${report} comes too late, or too early, when the server is ${stage}`, () => {
        given(events).when(decide).thenNothing();
      });
    }
  }
}

Deno.test("a server without nics is networked by no ports", () => {
  given(STAGES["networking"]!).when((server) => recordPorts(server, [])).then([networked([])]);
});

Deno.test("without a host that fits, the build fails and says what removed whom", () => {
  const big = { ...exampleFlavor, vcpus: 32 };
  const hosts = [candidate("host-a"), candidate("host-b"), candidate("host-c", { up: false })];
  given(created({ flavor: big })).when((server) => scheduleServer(ID, server, facts(hosts))).then([{
    type: "ServerBuildFailed",
    data: {
      fault: {
        code: 500,
        message: "No valid host was found. There are not enough hosts available.",
        details: "ComputeFilter removed host-c; VCPU removed host-a, host-b",
      },
      decision: {
        candidates: ["host-a", "host-b", "host-c"],
        filters: [
          { name: "ComputeFilter", removed: ["host-c"] },
          { name: "VCPU", removed: ["host-a", "host-b"] },
        ],
        weighed: [],
      },
    },
  }]);
});

Deno.test("without any host at all, the build fails and says so", () => {
  given(created()).when((server) => scheduleServer(ID, server, facts([]))).then([{
    type: "ServerBuildFailed",
    data: {
      fault: {
        code: 500,
        message: "No valid host was found. There are not enough hosts available.",
        details: "There are no hosts.",
      },
      decision: { candidates: [], filters: [], weighed: [] },
    },
  }]);
});

Deno.test("the host is chosen by zone, insistence and claim, and the decision recorded", () => {
  const server = given(created({
    requestedZone: "zone-b",
    requestedHost: { host: null, node: "node-2" },
    flavor: { ...exampleFlavor, vcpus: 2, ramMib: 1024, diskGib: 10, ephemeralGib: 1 },
  }));
  const inZone = { availabilityZone: "zone-b" };
  const hosts = [
    candidate("host-a", { node: "node-2" }),
    candidate("host-b", { ...inZone, node: "node-1" }),
    candidate("host-c", { ...inZone, node: "node-2", diskGib: 10 }),
    candidate("host-d", { ...inZone, node: "node-2", diskGib: 11 }),
  ];
  server.when((server) => scheduleServer(ID, server, facts(hosts))).then([{
    type: "ServerScheduled",
    data: {
      host: "host-d",
      node: "node-2",
      availabilityZone: "zone-b",
      decision: {
        candidates: ["host-a", "host-b", "host-c", "host-d"],
        filters: [
          { name: "RequestedDestination", removed: ["host-b"] },
          { name: "AvailabilityZoneFilter", removed: ["host-a"] },
          { name: "DISK_GB", removed: ["host-c"] },
        ],
        weighed: [{ host: "host-d", weight: 0 }],
      },
    },
  }]);
});

Deno.test("a failed build gives back its ports and its claim", () => {
  const server = given(STAGES["spawning"]!, buildFailed()).state;
  assertEquals(server.ports, []);
  assertEquals(server.placement, null);
});

/** A build that has failed on so many hosts, and is on another one. */
function afterFailures(count: number): readonly ServerEvent[] {
  const failures = Array.from({ length: count }, (_, n) => [
    scheduled({ host: `host-${n}` }),
    networked(),
    rescheduled({ host: `host-${n}` }),
  ]);
  return [created(), ...failures.flat(), scheduled({ host: "host-z" }), networked()];
}

const FAILED_ONCE = [created(), scheduled(), networked(), rescheduled()];

Deno.test("a failed attempt gives back what it had, and its host is not tried again", () => {
  const server = given(FAILED_ONCE);
  assertEquals(server.state.placement, null);
  assertEquals(server.state.ports, []);
  assertEquals(server.state.taskState, "scheduling");
  const hosts = [candidate("host-a"), candidate("host-b", { vcpusUsed: 15 })];
  server.when((server) => scheduleServer(ID, server, facts(hosts))).then([scheduled({
    host: "host-b",
    node: "node-of-host-b",
    decision: {
      candidates: ["host-a", "host-b"],
      filters: [{ name: "RetryFilter", removed: ["host-a"] }],
      weighed: [{ host: "host-b", weight: 0 }],
    },
  })]);
});

Deno.test("the third failed attempt is the last", () => {
  given(afterFailures(1)).when((server) => recordFailedAttempt(ID, server, attempt))
    .then([rescheduled({ host: "host-z" })]);
  given(afterFailures(2)).when((server) => recordFailedAttempt(ID, server, attempt))
    .then([buildFailed({
      message: "Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for " +
        `instance ${ID}. Last exception: broken`,
      details: "EnsureRunning failed.",
    })]);
});

Deno.test("without another host to try, a build that failed is at its end", () => {
  const hosts = [candidate("host-a")];
  given(FAILED_ONCE).when((server) => scheduleServer(ID, server, facts(hosts))).then([{
    type: "ServerBuildFailed",
    data: {
      fault: {
        code: 500,
        message: "Exceeded maximum number of retries. Exhausted all hosts available for " +
          `retrying build failures for instance ${ID}.`,
        details: "RetryFilter removed host-a",
      },
      decision: {
        candidates: ["host-a"],
        filters: [{ name: "RetryFilter", removed: ["host-a"] }],
        weighed: [],
      },
    },
  }]);
});

Deno.test("a build on a host that was insisted on is tried once", () => {
  const insisted = created({ requestedHost: { host: "host-a", node: null } });
  given(insisted, scheduled(), networked())
    .when((server) => recordFailedAttempt(ID, server, attempt))
    .then([buildFailed(fault)]);
});
