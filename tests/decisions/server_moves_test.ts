/** Moves between hosts: what may begin one, where it goes, and what comes of its parts. */
import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS, NO_USAGE } from "../../src/compute/quotas/limits.ts";
import {
  abortMigration,
  chooseDestination,
  completeEvacuation,
  completeStage,
  confirmOverdueResize,
  confirmResize,
  forceCompleteMigration,
  type HostFacts,
  liveMigrateServer,
  recordCancelled,
  recordOperationFailure,
  recordProgress,
  type ResizeServer,
  resizeServer,
  revertResize,
  stageIn,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import { stageOf } from "../../src/compute/servers/operations.ts";
import { evolve, type Server } from "../../src/compute/servers/state.ts";
import { type Decision, isRejection } from "../../src/eventsourcing/decider.ts";
import {
  admin,
  built,
  candidate,
  created,
  exampleFlavor,
  facts,
  given,
  ID,
  owner,
} from "../kit/decision_servers.ts";
import { outcome, recorded, timeOf } from "../kit/given.ts";

const HOSTS: readonly HostFacts[] = ["host-a", "host-b"].map((host) => ({
  host,
  node: `node-of-${host}`,
  availabilityZone: "nova",
  isUp: true,
}));
const LARGE = { ...exampleFlavor, id: "2", vcpus: 2, ramMib: 2048, diskGib: 20 };
const RESIZE: ResizeServer = {
  type: "ResizeServer",
  id: ID,
  by: owner,
  migrationId: "migration-1",
  flavorRef: "2",
  flavor: { ...LARGE, disabled: false },
  diskConfig: "AUTO",
  hosts: HOSTS,
};
const QUOTA = { limits: DEFAULT_LIMITS, usage: { ...NO_USAGE, instances: 1, cores: 1, ram: 512 } };
const RUNNING = given(created(), ...built()).state;
const ANYWHERE = { allowsSameHost: false };

/** A server to which what was decided has happened, one decision after the other. */
function after(
  server: Server,
  ...decisions: readonly ((server: Server) => Decision<ServerEvent>)[]
): Server {
  return decisions.reduce((state, decide) => {
    const decision = decide(state);
    if (isRejection(decision)) throw new Error(decision.message);
    return decision.reduce((folded, event) => evolve(folded, recorded(event, 7)), state);
  }, server);
}

const resize = (server: Server) => resizeServer(RESIZE, server, QUOTA);
const choose = (server: Server) =>
  chooseDestination(
    server,
    stageIn(server)!,
    facts([candidate("host-a"), candidate("host-b")]),
    ANYWHERE,
  );
const complete = (server: Server) => completeStage(server, stageIn(server)!);

const liveMigrate = (server: Server) => {
  const input = {
    migrationId: "migration-1",
    host: null,
    blockMigration: null,
    diskOverCommit: false,
    isForced: false,
  };
  const operation = { name: "liveMigrate", input } as const;
  const command = { type: "OperateServer", id: ID, by: admin, operation } as const;
  return liveMigrateServer(command, server, { hosts: HOSTS });
};

const OPERATE = { type: "OperateServer", id: ID, by: owner } as const;
const CONFIRM = { ...OPERATE, operation: { name: "confirmResize", input: {} } } as const;
const REVERT = { ...OPERATE, operation: { name: "revertResize", input: {} } } as const;
const confirm = (server: Server) => confirmResize(CONFIRM, server, HOSTS);
const revert = (server: Server) => revertResize(REVERT, server);

const RESIZED = after(RUNNING, resize, choose, complete, complete, complete, complete);

/** What a server shows and asks for, stage by stage, until it is at rest. */
function stagesUntilRest(server: Server): readonly string[] {
  const stages: string[] = [];
  for (let now = server; now.operation !== null;) {
    const { step } = stageOf(now)!;
    stages.push(`${now.taskState} ${step} ${now.migrations.at(-1)!.status}`);
    now = after(now, step === "ChooseDestination" ? choose : complete);
  }
  return stages;
}

Deno.test("each move goes through Nova's tasks and statuses", () => {
  assertEquals(stagesUntilRest(after(RUNNING, resize)), [
    "resize_prep ChooseDestination pre-migrating",
    "resize_prep AdvanceTask pre-migrating",
    "resize_migrating MoveDisks migrating",
    "resize_migrated AdvanceTask post-migrating",
    "resize_finish FinishMove post-migrating",
  ]);
  assertEquals(stagesUntilRest(after(RESIZED, confirm)), ["null ConfirmMove confirming"]);
  assertEquals(stagesUntilRest(after(RESIZED, revert)), [
    "resize_reverting AdvanceTask reverting",
    "resize_reverting RevertMove reverting",
  ]);
  assertEquals(stagesUntilRest(after(RUNNING, liveMigrate)), [
    "migrating ChooseDestination accepted",
    "migrating AdvanceTask preparing",
    "migrating MigrateLive running",
  ]);
});

Deno.test("a resize keeps the flavor as it is now", () => {
  outcome(resize(RUNNING)).then([{
    type: "ServerResizeRequested",
    data: { migrationId: "migration-1", flavor: LARGE, diskConfig: "AUTO" },
  }]);
});

Deno.test("a resize is refused when there is no room for what it needs more", () => {
  const limits = { ...DEFAULT_LIMITS, cores: 1, ram: 2047 };
  outcome(resizeServer(RESIZE, RUNNING, { ...QUOTA, limits })).thenRefused(
    "QuotaExceeded",
    "Quota exceeded for cores, ram: Requested 1, 1536, but already used 1, 512 of 1, 2047 " +
      "cores, ram",
  );
  const exact = { ...DEFAULT_LIMITS, cores: 2, ram: 2048, instances: 0 };
  assertEquals(isRejection(resizeServer(RESIZE, RUNNING, { ...QUOTA, limits: exact })), false);
  const none = { ...DEFAULT_LIMITS, cores: 0, ram: 0 };
  const smaller = { ...RESIZE, flavor: { ...LARGE, vcpus: 1, ramMib: 512, disabled: false } };
  assertEquals(isRejection(resizeServer(smaller, RUNNING, { ...QUOTA, limits: none })), false);
});

Deno.test("a resize is refused for a flavor that cannot be had, or not with the image", () => {
  const refused = (changes: Partial<ResizeServer>, message: string) =>
    outcome(resizeServer({ ...RESIZE, ...changes }, RUNNING, QUOTA))
      .thenRefused("Invalid", message);
  refused({ flavor: undefined }, "Flavor 2 could not be found.");
  refused({ flavor: { ...LARGE, disabled: true } }, "Flavor 2 could not be found.");
  refused(
    { flavor: { ...LARGE, diskGib: 0, disabled: false } },
    "Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.",
  );
});

Deno.test("a resize is refused for a flavor that is too small for what was noted at the boot", () => {
  const from = (boot: Partial<Server["boot"]>, flavor: Partial<typeof LARGE> = {}) => {
    const command = { ...RESIZE, flavor: { ...LARGE, disabled: false, ...flavor } };
    const server = { ...RUNNING, boot: { ...RUNNING.boot, ...boot } };
    return resizeServer(command, server, QUOTA);
  };
  const memory = "Flavor's memory is too small for requested image.";
  outcome(from({ minRamMib: 4096 })).thenRefused("Invalid", memory);
  outcome(from({ minRamMib: 4096, isVolumeBacked: true })).thenRefused("Invalid", memory);
  outcome(from({ minDiskGib: 21 })).thenRefused(
    "Invalid",
    "Flavor's disk is smaller than the minimum size specified in image metadata. " +
      `Flavor disk is ${20 * 2 ** 30} bytes, minimum size is ${21 * 2 ** 30} bytes.`,
  );
  const fits = [
    from({ minDiskGib: 20 }),
    from({ minDiskGib: 21, isVolumeBacked: true }),
    from({ minDiskGib: 21, isVolumeBacked: true }, { diskGib: 0 }),
  ];
  for (const decision of fits) assertEquals(isRejection(decision), false);
});

Deno.test("a destination is another host, unless staying is allowed, and has room for both", () => {
  const asked = after(RUNNING, resize);
  const choosing = (hosts: readonly string[], allowsSameHost: boolean) => {
    const decision = chooseDestination(
      asked,
      stageIn(asked)!,
      facts(hosts.map((host) => candidate(host))),
      { allowsSameHost },
    );
    const [event] = decision as readonly ServerEvent[];
    return event!.type === "ServerDestinationChosen" ? event!.data.host : event!.type;
  };
  assertEquals(choosing(["host-a", "host-b"], false), "host-b");
  assertEquals(choosing(["host-a"], true), "host-a");
  assertEquals(choosing(["host-a"], false), "ServerOperationFailed");
});

Deno.test("without a host a resize has come to nothing, and the server is as it was", () => {
  const asked = after(RUNNING, resize);
  const none = (server: Server) => chooseDestination(server, stageIn(server)!, facts([]), ANYWHERE);
  const { vmState, taskState, fault, move, flavor, migrations } = after(asked, none);
  assertEquals([vmState, taskState, move, flavor.id], ["active", null, null, "1"]);
  assertEquals(fault?.message.startsWith("No valid host was found."), true);
  assertEquals(migrations.at(-1)?.status, "error");
});

Deno.test("once its disks move, a resize that fails leaves the server in error", () => {
  const fail = (server: Server) =>
    recordOperationFailure(server, stageIn(server)!, { code: 500, message: "broken" });
  const states = [0, 1, 2, 3].map((parts) => {
    const server = after(RUNNING, resize, choose, ...Array(parts).fill(complete), fail);
    return [server.vmState, server.placement?.host, server.move];
  });
  assertEquals(states, [
    ["active", "host-a", null],
    ["error", "host-a", null],
    ["error", "host-a", null],
    ["error", "host-a", null],
  ]);
});

Deno.test("only what waits to be confirmed can be confirmed or reverted", () => {
  const refused = (server: Server, decide: (server: Server) => Decision<ServerEvent>) =>
    outcome(decide(server)).thenRefused("Invalid", "Instance has not been resized.");
  for (const decide of [confirm, revert]) {
    refused(after(RESIZED, confirm), decide);
    refused({ ...RESIZED, move: null }, decide);
  }
  const down = HOSTS.filter(({ host }) => host !== "host-a");
  outcome(confirmResize(CONFIRM, RESIZED, down))
    .thenRefused("Conflict", "Service is unavailable at this time.");
});

Deno.test("a resize is confirmed by itself when it has waited for too long, and once", () => {
  const began = RESIZED.taskBegan.at;
  outcome(confirmOverdueResize(RESIZED, { before: began })).thenNothing();
  const due = { before: timeOf(100) };
  outcome(confirmOverdueResize(RESIZED, due))
    .then([{ type: "ServerResizeConfirmRequested", data: {} }]);
  outcome(confirmOverdueResize(after(RESIZED, confirm), due)).thenNothing();
  outcome(confirmOverdueResize(after(RESIZED, revert), due)).thenNothing();
  outcome(confirmOverdueResize(RUNNING, due)).thenNothing();
});

Deno.test("an evacuation is completed when its host is back, once, while there is a server", () => {
  const input = {
    migrationId: "migration-1",
    host: null,
    adminPass: null,
    isForced: false,
    stops: false,
  };
  const requested = { type: "ServerEvacuationRequested", data: input } as const;
  const evacuated = given(created(), ...built(), requested, { type: "ServerEvacuated", data: {} });
  const { host } = RUNNING.placement!;
  const completed = { type: "ServerEvacuationCompleted", data: { host } } as const;
  evacuated.when((server) => completeEvacuation(host, server)).then([completed]);
  evacuated.when((server) => completeEvacuation("elsewhere", server)).thenNothing();
  const there = after(evacuated.state, (server) => completeEvacuation(host, server));
  assertEquals(there.migrations.map(({ status }) => status), ["completed"]);
  outcome(completeEvacuation(host, there)).thenNothing();
  outcome(completeEvacuation(host, { ...evacuated.state, vmState: "deleted" })).thenNothing();
  outcome(completeEvacuation(host, RUNNING)).thenNothing();
});

Deno.test("an evacuation that is broken off is done for the host that was left, if it was", () => {
  const input = { host: null, adminPass: null, isForced: false, stops: false };
  const first = {
    type: "ServerEvacuationRequested",
    data: { ...input, migrationId: "migration-1" },
  } as const;
  const again = { ...first, data: { ...input, migrationId: "migration-2" } };
  const deleted = { type: "ServerDeleteRequested", data: {} } as const;
  const reset = { type: "ServerStateReset", data: { vmState: "error" } } as const;
  const begun = after(after(RUNNING, () => [first]), choose);
  const statuses = (server: Server, event: ServerEvent) =>
    after(server, () => [event]).migrations.map(({ status }) => status);
  assertEquals(statuses(begun, again), ["error", "accepted"]);
  assertEquals(statuses(begun, reset), ["error"]);
  const there = after(begun, complete);
  assertEquals(there.placement?.host, there.move?.destination?.host);
  assertEquals(statuses(there, again), ["done", "accepted"]);
  assertEquals(statuses(there, reset), ["done"]);
  assertEquals(statuses(there, deleted), ["done"]);
});

const CHOSEN = after(RUNNING, liveMigrate, choose);
const MOVING = after(CHOSEN, complete);
const NUMBER = String(MOVING.migrations[0]!.number);
const ABORT = {
  type: "AbortMigration",
  id: ID,
  by: admin,
  migration: NUMBER,
  alsoQueued: true,
} as const;
const FORCE = { type: "ForceCompleteMigration", id: ID, by: admin, migration: NUMBER } as const;

Deno.test("a live migration is aborted while it runs, from 2.65 also before", () => {
  const aborted = { type: "ServerMigrationAbortRequested", data: {} } as const;
  outcome(abortMigration(ABORT, MOVING)).then([aborted]);
  outcome(abortMigration(ABORT, CHOSEN)).then([aborted]);
  outcome(abortMigration({ ...ABORT, alsoQueued: false }, CHOSEN)).thenRefused(
    "Invalid",
    `Migration ${NUMBER} state of instance ${ID} is preparing. Cannot abort live migration ` +
      "while the migration is in this state.",
  );
  const aborting = after(MOVING, (server) => abortMigration(ABORT, server));
  assertEquals(stageOf(aborting)?.step, "CancelLive");
  outcome(abortMigration(ABORT, aborting)).thenNothing();
  outcome(completeStage(aborting, stageIn(MOVING)!)).thenNothing();
  const { placement, move, migrations } = after(aborting, recordCancelled);
  assertEquals([placement?.host, move, migrations[0]?.status], ["host-a", null, "cancelled"]);
});

Deno.test("a live migration is hurried while it runs", () => {
  outcome(forceCompleteMigration(FORCE, CHOSEN)).thenRefused(
    "Invalid",
    `Migration ${NUMBER} state of instance ${ID} is preparing. Cannot force complete while the ` +
      "migration is in this state.",
  );
  const hurried = after(MOVING, (server) => forceCompleteMigration(FORCE, server));
  assertEquals(stageOf(hurried)?.step, "CompleteLive");
  outcome(forceCompleteMigration(FORCE, hurried)).thenNothing();
  assertEquals(after(hurried, complete).placement?.host, "host-b");
});

Deno.test("a lock stops aborting and hurrying, each in its words", () => {
  const locked = { ...MOVING, lock: { by: "admin", reason: null } } as const;
  const by = owner;
  outcome(abortMigration({ ...ABORT, by }, locked)).thenRefused(
    "Conflict",
    `Instance ${ID} is in an invalid state for 'abort live migration'`,
  );
  outcome(forceCompleteMigration({ ...FORCE, by }, locked))
    .thenRefused("Conflict", `Instance ${ID} is locked`);
});

Deno.test("progress is recorded when there is some", () => {
  const memory = { totalBytes: 400, remainingBytes: 100 };
  const progressed = { type: "ServerMigrationProgressed", data: { progress: 75, memory } } as const;
  outcome(recordProgress(MOVING, memory)).then([progressed]);
  const further = after(MOVING, (server) => recordProgress(server, memory));
  outcome(recordProgress(further, memory)).thenNothing();
  outcome(recordProgress(CHOSEN, memory)).thenNothing();
  assertEquals(after(further, complete).progress, 0);
});

Deno.test("a server on no host, or on one that is down, is not moved while it runs", () => {
  const failure = (server: Server, hosts: Parameters<typeof facts>[0]) => {
    const asked = after(server, liveMigrate);
    const decision = chooseDestination(asked, stageIn(asked)!, facts(hosts), ANYWHERE);
    const [event] = decision as readonly ServerEvent[];
    return event?.type === "ServerOperationFailed" ? event.data.fault.message : event?.type;
  };
  const hosts = [candidate("host-a", { up: false }), candidate("host-b")];
  const down = "Compute service of host-a is unavailable at this time.";
  assertEquals(failure(RUNNING, hosts), down);
  const nowhere = "Compute service of None is unavailable at this time.";
  assertEquals(failure({ ...RUNNING, placement: null }, hosts), nowhere);
});
