/** Random histories of a small cloud: commands as the API and the steps of processes give them. */
import fc from "fast-check";
import { AGGREGATES } from "../../src/aggregates.ts";
import { addHost } from "../../src/compute/hosts/decider.ts";
import { hosts } from "../../src/compute/hosts/projection.ts";
import { schedulingFacts } from "../../src/compute/hosts/projection_candidates.ts";
import { quotas } from "../../src/compute/quotas/aggregate.ts";
import type { QuotaEvent } from "../../src/compute/quotas/state.ts";
import { limitsOf, usageOf } from "../../src/compute/quotas/projection.ts";
import { servers } from "../../src/compute/servers/aggregate.ts";
import {
  abortMigration,
  chooseDestination,
  completeStage,
  confirmResize,
  createServer,
  deleteServer,
  deleteServerMetadataItem,
  type HostFacts,
  lockServer,
  operateServer,
  type QuotaState,
  recordBuildFailure,
  recordCancelled,
  recordDeleted,
  recordDisks,
  recordFailedAttempt,
  recordOperationFailure,
  recordPorts,
  recordSpawned,
  resetServerState,
  type ResizeServer,
  resizeServer,
  revertResize,
  scheduleServer,
  type SchedulingFacts,
  stageIn,
  unlockServer,
  updateServer,
  updateServerMetadata,
  updateServerTags,
} from "../../src/compute/servers/decide/mod.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import type { Actor } from "../../src/compute/servers/preconditions.ts";
import { nextStep } from "../../src/compute/servers/processes/mod.ts";
import type { Server } from "../../src/compute/servers/state.ts";
import { unborn } from "../../src/eventsourcing/aggregate.ts";
import { decideIn, handle } from "../../src/eventsourcing/command_handler.ts";
import { Committer } from "../../src/eventsourcing/committer.ts";
import { type Decision, isRejection } from "../../src/eventsourcing/decider.ts";
import { buildProjections } from "../../src/eventsourcing/projector.ts";
import type { EventLog } from "../../src/store/event_log.ts";
import { asked, askedFlavor, asking, idAt, onFlavor } from "./decision_create.ts";
import { admin, examplePort, owner, stranger } from "./decision_servers.ts";
import { EXAMPLE_METADATA } from "./given.ts";

/** What happens in a cloud to one server; where its state does not allow it, nothing does. */
export type Happen<Values> = (cloud: Cloud, id: string, values: Values) => Promise<unknown>;

/** Something that happens in a history. */
export interface Happening {
  /** For reading a history that fails. */
  readonly what: string;
  readonly happen: (cloud: Cloud) => Promise<unknown>;
}

/** The hosts of an example cloud: too small for all that is asked of them. */
export const HOSTS = [{ host: "host-a", vcpus: 4 }, { host: "host-b", vcpus: 2 }] as const;

const UP: readonly HostFacts[] = HOSTS.map(({ host }) => ({
  host,
  node: `node-of-${host}`,
  availabilityZone: "nova",
  isUp: true,
}));

/** A committer on a log with these hosts, and commands as the API and the steps give them. */
export class Cloud {
  readonly #committer: Committer;

  private constructor(readonly log: EventLog) {
    this.#committer = new Committer(log);
  }

  static async open(log: EventLog): Promise<Cloud> {
    await buildProjections(log, AGGREGATES);
    const cloud = new Cloud(log);
    for (const { host, vcpus } of HOSTS) {
      const facts = {
        node: `node-of-${host}`,
        availabilityZone: "nova",
        vcpus,
        ramMib: 4096,
        diskGib: 20,
        vcpuRatio: 1,
        ramRatio: 1,
        diskRatio: 1,
      };
      await handle(
        cloud.#committer,
        hosts,
        host,
        EXAMPLE_METADATA,
        (state) => addHost({ type: "AddHost", host, facts }, state),
      );
    }
    return cloud;
  }

  create(id: string, by: Actor, vcpus: number, tags: readonly string[]): Promise<unknown> {
    return this.#committer.submit(EXAMPLE_METADATA, async (unit) => {
      const limits = await limitsOf(unit, by.projectId);
      const usage = await usageOf(unit, by.projectId);
      const creation = asked(onFlavor({ vcpus }), asking({ tags }));
      const command = { type: "CreateServer", ids: [id], reservationId: "r-1" } as const;
      const decision = createServer({ ...creation, ...command, by }, { limits, usage });
      const before = await unit.load(servers, id);
      if (isRejection(decision) || before.version > 0) return decision;
      return await unit.append(servers, unborn(servers, id), decision.map(({ event }) => event));
    });
  }

  choose(
    id: string,
    decide: (server: Server, facts: SchedulingFacts) => Decision<ServerEvent>,
  ): Promise<unknown> {
    return this.#committer.submit(EXAMPLE_METADATA, async (unit) => {
      const at = await unit.load(servers, id);
      const decision = decide(at.state, await schedulingFacts(unit, id, at.state));
      return isRejection(decision) ? decision : await unit.append(servers, at, decision);
    });
  }

  /** Decides on one server with what its project may use and uses. */
  decideWithQuota(
    id: string,
    decide: (server: Server, quota: QuotaState) => Decision<ServerEvent>,
  ): Promise<unknown> {
    return this.#committer.submit(EXAMPLE_METADATA, async (unit) => {
      const { state: { projectId } } = await unit.load(servers, id);
      const limits = await limitsOf(unit, projectId);
      const usage = await usageOf(unit, projectId);
      return await decideIn(unit, servers, id, (server) => decide(server, { limits, usage }));
    });
  }

  decide(id: string, decide: (server: Server) => Decision<ServerEvent>): Promise<unknown> {
    return handle(this.#committer, servers, id, EXAMPLE_METADATA, decide);
  }

  limit(cores: number | undefined): Promise<unknown> {
    const event: QuotaEvent = cores === undefined
      ? { type: "QuotaLimitsReset", data: {} }
      : { type: "QuotaLimitsSet", data: { limits: { cores } } };
    return handle(this.#committer, quotas, owner.projectId, EXAMPLE_METADATA, () => [event]);
  }

  /** All steps that the server calls for: a resize has most. */
  async finish(id: string): Promise<void> {
    for (let steps = 0; steps < 5; steps++) await this.step(id);
  }

  /** The step that the server calls for, with an outcome that is good. */
  async step(id: string): Promise<unknown> {
    const state = (await servers.projection.load(this.log.reader, id))?.state;
    switch (state && nextStep(state)) {
      case undefined:
        return;
      case "ChooseHost":
        return await this.choose(id, (server, facts) => scheduleServer(id, server, facts));
      case "EnsurePorts":
        return await this.decide(id, (server) => recordPorts(server, [examplePort]));
      case "PrepareDisks":
        return await this.decide(id, (server) => recordDisks(server, "/dev/vda"));
      case "EnsureRunning":
        return await this.decide(id, recordSpawned);
      case "ChooseDestination":
        return await this.choose(
          id,
          (server, facts) =>
            chooseDestination(server, stageIn(server)!, facts, { allowsSameHost: false }),
        );
      case "AdvanceTask":
      case "Operate":
      case "TakeSnapshot":
      case "StoreSnapshot":
      case "DestroyMachine":
      case "PrepareDisksAgain":
      case "RunAgain":
      case "RunFromShelf":
      case "MoveDisks":
      case "FinishMove":
      case "ConfirmMove":
      case "RevertMove":
      case "MigrateLive":
      case "CompleteLive":
        return await this.decide(id, (server) => completeStage(server, stageIn(server)!));
      case "CancelLive":
        return await this.decide(id, recordCancelled);
      case "EnsureAbsent":
        return await this.decide(id, recordDeleted);
    }
  }
}

/** Operations that need no more than their name. */
const OPERATED = [
  "start",
  "stop",
  "pause",
  "unpause",
  "suspend",
  "resume",
  "softReboot",
  "hardReboot",
  "shelveOffload",
] as const;

/** What can happen to a server, and its quota. */
export const HAPPEN = {
  step: (cloud, id) => cloud.step(id),
  steps: (cloud, id) => cloud.finish(id),
  create: (cloud, id, { by, vcpus, tags }) => cloud.create(id, by, vcpus, tags),
  fail: (cloud, id) =>
    cloud.decide(id, (server) => recordBuildFailure(server, { code: 500, message: "broken" })),
  retry: (cloud, id) => {
    const attempt = { reason: "broken", details: "EnsureRunning failed." };
    return cloud.decide(id, (server) => recordFailedAttempt(id, server, attempt));
  },
  delete: (cloud, id, by) =>
    cloud.decide(id, (server) => deleteServer({ type: "DeleteServer", id, by }, server)),
  operate: (cloud, id, name) => {
    const operation = { name, input: {} } as const;
    const command = { type: "OperateServer", id, by: owner, operation } as const;
    return cloud.decide(id, (server) => operateServer(command, server));
  },
  resize: (cloud, id, vcpus) => {
    const command: ResizeServer = {
      type: "ResizeServer",
      id,
      by: owner,
      migrationId: `migration-of-${id}`,
      flavorRef: `of-${vcpus}`,
      flavor: { ...askedFlavor, vcpus, id: `of-${vcpus}` },
      diskConfig: "AUTO",
      hosts: UP,
    };
    return cloud.decideWithQuota(id, (server, quota) => resizeServer(command, server, quota));
  },
  move: (cloud, id, name) => {
    const destination = { migrationId: `migration-of-${id}`, host: null };
    const input = { ...destination, blockMigration: null, diskOverCommit: false, isForced: false };
    const operation = name === "migrate"
      ? { name, input: destination } as const
      : { name, input } as const;
    const command = { type: "OperateServer", id, by: admin, operation } as const;
    return cloud.decide(id, (server) => operateServer(command, server));
  },
  endMove: (cloud, id, name) => {
    const operation = { name, input: {} } as const;
    const command = { type: "OperateServer", id, by: owner, operation } as const;
    return cloud.decide(
      id,
      (server) =>
        name === "confirmResize"
          ? confirmResize(command, server, UP)
          : revertResize(command, server),
    );
  },
  failOperation: (cloud, id) =>
    cloud.decide(id, (server) => {
      const stage = stageIn(server);
      return stage ? recordOperationFailure(server, stage, { code: 500, message: "broken" }) : [];
    }),
  abortMove: (cloud, id) =>
    cloud.decide(id, (server) =>
      abortMigration({
        type: "AbortMigration",
        id,
        by: admin,
        migration: String(server.migrations.at(-1)?.number),
        alsoQueued: true,
      }, server)),
  reset: (cloud, id, vmState) => {
    const command = { type: "ResetServerState", id, by: admin, vmState } as const;
    return cloud.decide(id, (server) => resetServerState(command, server));
  },
  lock: (cloud, id, by) =>
    cloud.decide(id, (server) => lockServer({ type: "LockServer", id, by }, server)),
  unlock: (cloud, id, by) =>
    cloud.decide(id, (server) => unlockServer({ type: "UnlockServer", id, by }, server)),
  rename: (cloud, id, name) => {
    const command = { type: "UpdateServer", id, by: owner, changes: { name } } as const;
    return cloud.decide(id, (server) => updateServer(command, server));
  },
  tag: (cloud, id, replaceAll) => {
    const command = { type: "UpdateServerTags", id, by: owner, change: { replaceAll } } as const;
    return cloud.decide(id, (server) => updateServerTags(command, server));
  },
  setItem: (cloud, id, [key, value]) => {
    const items = Object.fromEntries([[key, value]]);
    const rest = { by: owner, replace: false, limit: 2 };
    const command = { type: "UpdateServerMetadata", id, items, ...rest } as const;
    return cloud.decide(id, (server) => updateServerMetadata(command, server));
  },
  removeItem: (cloud, id, key) => {
    const command = { type: "DeleteServerMetadataItem", id, by: owner, key } as const;
    return cloud.decide(id, (server) => deleteServerMetadataItem(command, server));
  },
  limit: (cloud, _, cores) => cloud.limit(cores),
} satisfies HappenTable;

interface HappenTable {
  readonly step: Happen<undefined>;
  readonly steps: Happen<undefined>;
  readonly create: Happen<{ by: Actor; vcpus: number; tags: readonly string[] }>;
  readonly fail: Happen<undefined>;
  readonly retry: Happen<undefined>;
  readonly delete: Happen<Actor>;
  readonly operate: Happen<typeof OPERATED[number]>;
  readonly resize: Happen<number>;
  readonly move: Happen<"migrate" | "liveMigrate">;
  readonly endMove: Happen<"confirmResize" | "revertResize">;
  readonly failOperation: Happen<undefined>;
  readonly abortMove: Happen<undefined>;
  readonly reset: Happen<"active" | "error">;
  readonly lock: Happen<Actor>;
  readonly unlock: Happen<Actor>;
  readonly rename: Happen<string>;
  readonly tag: Happen<readonly string[]>;
  readonly setItem: Happen<readonly [string, string]>;
  readonly removeItem: Happen<string>;
  /** How many cores; undefined: as many as by default. */
  readonly limit: Happen<number | undefined>;
}

const serverId = fc.constantFrom(...[0, 1, 2, 3].map(idAt));
const tag = fc.constantFrom("a", "b", "B", "é");
const word = fc.constantFrom("x", "y", "1", "__proto__");
const by = fc.constantFrom(owner, admin);
const nothing = fc.constant(undefined);

function happening<Name extends keyof HappenTable>(
  name: Name,
  values: fc.Arbitrary<Parameters<HappenTable[Name]>[2]>,
): fc.Arbitrary<Happening> {
  const happen = HAPPEN[name] as Happen<unknown>;
  return fc.tuple(serverId, values).map(([id, values]) => ({
    what: `${name} ${id.slice(-1)} ${JSON.stringify(values) ?? ""}`,
    happen: (cloud) => happen(cloud, id, values),
  }));
}

const creation = fc.record({
  by: fc.constantFrom(owner, stranger),
  vcpus: fc.constantFrom(1, 2, 3),
  tags: fc.array(tag, { maxLength: 3 }),
});

/** Happenings at random; creates and steps come often, so that servers get somewhere. */
export const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: happening("step", nothing) },
  { weight: 3, arbitrary: happening("steps", nothing) },
  { weight: 4, arbitrary: happening("create", creation) },
  happening("fail", nothing),
  happening("retry", nothing),
  happening("delete", by),
  { weight: 3, arbitrary: happening("operate", fc.constantFrom(...OPERATED)) },
  { weight: 2, arbitrary: happening("resize", fc.constantFrom(1, 2, 3)) },
  happening("move", fc.constantFrom("migrate", "liveMigrate")),
  { weight: 2, arbitrary: happening("endMove", fc.constantFrom("confirmResize", "revertResize")) },
  happening("failOperation", nothing),
  happening("abortMove", nothing),
  happening("reset", fc.constantFrom("active", "error")),
  happening("lock", by),
  happening("unlock", by),
  happening("rename", word),
  { weight: 2, arbitrary: happening("tag", fc.array(tag)) },
  { weight: 2, arbitrary: happening("setItem", fc.tuple(word, word)) },
  happening("removeItem", word),
  happening("limit", fc.constantFrom(undefined, 3, 5)),
);
