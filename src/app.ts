/** Wires everything: the only file that knows every room. */
import { Hono } from "hono";
import { AGGREGATES, UPCASTERS } from "./aggregates.ts";
import { computeRoutes } from "./compute/app.ts";
import { CellReach } from "./compute/cell/reach.ts";
import { Consoles } from "./compute/consoles/service.ts";
import { HostStarts } from "./compute/servers/evacuated.ts";
import { changeHeartbeat } from "./compute/hosts/heartbeat.ts";
import { HostStatuses } from "./compute/hosts/statuses.ts";
import { servers } from "./compute/servers/aggregate.ts";
import { nextStep } from "./compute/servers/processes/mod.ts";
import { serverProcess } from "./compute/servers/processes/steps/mod.ts";
import { followServerPorts } from "./compute/servers/follow_ports.ts";
import { followServerVolume } from "./compute/servers/follow_volumes.ts";
import { findServer, serversInTransition } from "./compute/servers/projection.ts";
import { periodicTasks } from "./compute/servers/periodic.ts";
import { ServersService } from "./compute/servers/service.ts";
import type { Server } from "./compute/servers/state.ts";
import type { Settings } from "./config.ts";
import { faultyDriver } from "./drivers/faulty.ts";
import { oneAtATime } from "./drivers/one_at_a_time.ts";
import { SimulatedDriver } from "./drivers/simulated.ts";
import type { Driver, MachinePower } from "./drivers/driver.ts";
import { POWER_STATE, type PowerState } from "./compute/servers/states.ts";
import { Committer } from "./eventsourcing/committer.ts";
import type { Clock } from "./eventsourcing/clock.ts";
import { Periodic } from "./eventsourcing/periodic.ts";
import { ProcessRunner } from "./eventsourcing/process.ts";
import { buildProjections } from "./eventsourcing/projector.ts";
import { ActiveFaults } from "./extensions/faults/active.ts";
import { FaultsOnDriver } from "./extensions/faults/on_driver.ts";
import { FaultsOnHttp } from "./extensions/faults/on_http.ts";
import type { SetHeartbeat } from "./extensions/hosts/routes.ts";
import type { ResetCloud } from "./extensions/reset/routes.ts";
import { extensionRoutes } from "./extensions/routes.ts";
import { AccessRuleGate, EmbeddedIdentity, identityRoutes } from "./facades/identity/mod.ts";
import { EmbeddedImages, ImageContent, imageRoutes, removeOrphans } from "./facades/images/mod.ts";
import { EmbeddedNetworks, networkRoutes } from "./facades/networks/mod.ts";
import {
  EmbeddedVolumes,
  followGrowth,
  type Volume,
  volumeProcess,
  volumeRoutes,
  volumes as volumeAggregate,
  volumesInTransition,
} from "./facades/volumes/mod.ts";
import { describeError, type Log } from "./http/log.ts";
import { routedPath, withoutToken } from "./http/paths.ts";
import { ResettableCloud } from "./reset.ts";
import { type Passwords, seed } from "./seed.ts";
import { DataFolder } from "./store/data_folder.ts";
import type { EventLog } from "./store/event_log.ts";
import { Secrets } from "./store/secrets.ts";
import { openSqliteLog } from "./store/sqlite.ts";

/** What a cloud takes from outside: everything that is not the same twice. */
export interface Outside {
  readonly clock: Clock;
  readonly log: Log;
  /** In place of the simulated one. */
  readonly driver?: Driver;
  /** A variable of the environment, for passwords of a seed file; default: the process's own. */
  readonly environment?: (name: string) => string | undefined;
  /** Keeps the passwords of a new cloud; called once in its life. */
  keepPasswords(passwords: Passwords): Promise<void>;
}

/** A running cloud. */
export interface Chronova {
  /** Answers one request. */
  fetch(request: Request): Promise<Response>;
  readonly log: EventLog;
  readonly committer: Committer;
  readonly identity: EmbeddedIdentity;
  /** Resolves when no server has a step to take, and no volume. */
  settled(): Promise<void>;
  /** Does now what is otherwise done from time to time. */
  lookAround(): Promise<void>;
  /** Ends what would keep requests open: to be called before waiting for them. */
  release(): void;
  /** Answers what was asked, ends what is under way, and lets go of the data folder. */
  close(): Promise<void>;
}

/**
 * Opens the cloud in a data folder, making it where there is none.
 *
 * Refuses (throws `FolderInUse`) a folder that another process has open.
 */
export async function openChronova(settings: Settings, given: Outside): Promise<Chronova> {
  const folder = await DataFolder.open(settings.dataDir);
  try {
    const outside = { ...given, driver: given.driver && inOrder(given.driver, settings) };
    const { clock, log: lines, driver } = outside;
    if (!settings.allowReset) return await openIn(folder, settings, outside);
    return await ResettableCloud.open({
      ...{ folder, clock, lines, driver },
      oldLogs: settings.oldLogs === "remove" ? "remove" : "keep",
      open: (reset) => openIn(folder, settings, outside, reset),
    });
  } catch (error) {
    folder.close();
    throw error;
  }
}

/**
 * A driver from outside, which may not give up what it is told to give up.
 *
 * Also across a reset: what the old cloud had begun ends before the machine is destroyed.
 */
function inOrder(driver: Driver, { stepTimeoutMs }: Settings): Driver {
  // Whoever waits has the other half of its time left.
  return oneAtATime(driver, { patienceMs: stepTimeoutMs / 2 });
}

async function openIn(
  folder: DataFolder,
  settings: Settings,
  { clock, log: lines, driver: givenDriver, keepPasswords, environment }: Outside,
  reset?: ResetCloud,
): Promise<Chronova> {
  const log = await openSqliteLog({ path: folder.logPath, clock, upcasters: UPCASTERS });
  await buildProjections(log, AGGREGATES, ({ events, of }) => {
    lines.write("info", { message: "building tables from the log", events, of });
  });
  const { reader } = log;
  const onError = (error: unknown, about: string) =>
    lines.write("error", { message: "unforeseen error", about, error: describeError(error) });
  const committer = new Committer(log, (error) => onError(error, "after a commit"));
  const secrets = new Secrets(await folder.key("seal"));
  const content = new ImageContent(folder.file("images"));
  await seed({
    ...{ committer, log, settings, content, lines, keepPasswords },
    environment: environment ?? ((name) => Deno.env.get(name)),
  });
  const identity = new EmbeddedIdentity({
    log,
    committer,
    clock,
    tokenKey: await folder.key("token"),
    secrets,
    tokenLifetimeSeconds: settings.tokenSeconds,
  });
  await removeOrphans(reader, content);
  const images = new EmbeddedImages(reader, { committer, content });
  const networks = new EmbeddedNetworks({ committer, reader });
  const volumeMs = settings.simulatedVolumeMs;
  const volumes = new EmbeddedVolumes({ committer, reader, images, volumeMs });
  networks.follow(followServerPorts);
  followGrowth(committer, followServerVolume);
  const faults = await ActiveFaults.open({ reader, committer, clock });
  const findTarget = async (id: string) => (await findServer(reader, id))?.state;
  const driver = givenDriver ?? new SimulatedDriver({
    prepareDisksMs: settings.simulatedDisksMs,
    spawnMs: settings.simulatedSpawnMs,
    destroyMs: settings.simulatedDestroyMs,
    powerMs: settings.simulatedPowerMs,
    snapshotMs: settings.simulatedSnapshotMs,
    moveMs: settings.simulatedMoveMs,
  });
  const operated = faultyDriver(driver, new FaultsOnDriver(faults, findTarget));
  const cell = await CellReach.open(reader, committer);
  const runner = new ProcessRunner(
    serverProcess({
      committer,
      reader,
      networks,
      images,
      volumes,
      secrets,
      driver: operated,
      cell,
      stepTimeoutMs: settings.stepTimeoutMs,
      offloadsAtOnce: settings.shelvedOffloadSeconds === 0,
      allowsSameHost: settings.allowResizeToSameHost,
      startedAt: clock(),
    }),
    { concurrency: settings.stepConcurrency, now: clock, retryMs: 1000, onError },
  );
  const volumeRunner = new ProcessRunner(
    volumeProcess({ committer, reader, images, volumeMs, startedAt: clock() }),
    { concurrency: settings.stepConcurrency, now: clock, retryMs: 1000, onError },
  );
  committer.onCommit((changes) => {
    for (const { aggregate, after } of changes) {
      if (aggregate === servers) runner.wake(after.id, after.state as Server);
      if (aggregate === volumeAggregate) volumeRunner.wake(after.id, after.state as Volume);
    }
  });
  const periodic = new Periodic(
    periodicTasks({
      committer,
      reader,
      powerStates: () => powerStates(driver),
      settings: {
        reclaimSeconds: settings.reclaimInstanceSeconds,
        shelvedOffloadSeconds: settings.shelvedOffloadSeconds,
        resizeConfirmWindowSeconds: settings.resizeConfirmWindowSeconds,
        periodicSeconds: settings.periodicSeconds,
        syncPowerSeconds: settings.syncPowerStateSeconds,
      },
    }),
    { now: clock, onError },
  );
  const hostStarts = new HostStarts({
    ...{ committer, reader, driver: operated, onError },
    stepTimeoutMs: settings.stepTimeoutMs,
  });
  hostStarts.begin();
  // What a crash cut short goes on here, by the same path as what has just been asked for.
  for (const { id, state } of await serversInTransition(reader)) {
    if (nextStep(state)) runner.wake(id, state);
  }
  for (const { id, state } of await volumesInTransition(reader)) volumeRunner.wake(id, state);

  const app = new Hono({ getPath: (request) => routedPath(request.url) });
  const endpoint = { tokens: identity, identityUrl, onError };
  app.get("/healthcheck", () => new Response("OK\n"));
  app.route("/identity", identityRoutes(identity));
  app.route("/image", imageRoutes({ ...endpoint, reader, committer, content, now: clock }));
  app.route("/network", networkRoutes({ ...endpoint, reader, committer }));
  app.route(
    "/volume",
    volumeRoutes({
      ...endpoint,
      reader,
      committer,
      images,
      volumeMs,
      now: clock,
      hasProject: (id) => identity.hasProject(id),
    }),
  );
  const setHeartbeat: SetHeartbeat = (host, heartbeat, metadata) =>
    changeHeartbeat(committer, { host, heartbeat }, metadata);
  app.route(
    "/chronova",
    extensionRoutes({ ...endpoint, reader, committer, clock, reset, setHeartbeat, cell }),
  );
  computeRoutes(app, {
    ...endpoint,
    reader,
    clock,
    driver,
    events: log,
    settings,
    hostStarts,
    cell,
    servers: new ServersService({
      committer,
      reader,
      images,
      volumes,
      networks,
      secrets,
      consoles: new Consoles({
        ...{ committer, reader, driver, events: log, clock },
        settings: {
          offered: new Set(settings.consoles),
          tokenSeconds: settings.consoleTokenSeconds,
          baseUrls: {
            vnc: settings.novncproxyBaseUrl,
            spice: settings.spiceHtml5proxyBaseUrl,
            spiceDirect: settings.spiceDirectProxyBaseUrl,
            serial: settings.serialConsoleBaseUrl,
            mks: settings.mksproxyBaseUrl,
          },
        },
      }),
      driver,
      events: log,
      clock,
      cell,
      hostStatuses: await HostStatuses.open(reader, committer),
      settings: {
        maxLimit: settings.maxLimit,
        hideAddressStates: new Set(settings.osapiHideServerAddressStates),
        reclaimSeconds: settings.reclaimInstanceSeconds,
      },
    }),
  });

  const troubles = new FaultsOnHttp({
    active: faults,
    tokens: identity,
    findServer: findTarget,
  });
  const gate = new AccessRuleGate(identity);
  const admitted = (request: Request) =>
    troubles.any ? troubles.answer(request, (one) => app.fetch(one)) : app.fetch(request);
  const fetch = (request: Request) => {
    const asked = gate.admit(request);
    return asked instanceof Promise ? asked.then(admitted) : admitted(asked);
  };

  return {
    fetch: (request) => answer(fetch, request, lines, clock),
    release: () => troubles.end(),
    log,
    committer,
    identity,
    async settled() {
      await Promise.all([runner.settled(), hostStarts.settled()]);
      await volumeRunner.settled();
    },
    lookAround: () => periodic.runAll(),
    async close() {
      await periodic.close();
      await hostStarts.close();
      await runner.close();
      await volumeRunner.close();
      await committer.close();
      await log.close();
      // A cloud that is reset leaves the folder to the next one.
      if (!reset) folder.close();
    },
  };
}

const POWER_STATE_OF: Readonly<Record<MachinePower, PowerState>> = {
  running: POWER_STATE.running,
  paused: POWER_STATE.paused,
  suspended: POWER_STATE.suspended,
  stopped: POWER_STATE.shutDown,
};

/** What the driver says of its machines, in Nova's figures. */
async function powerStates(driver: Driver): Promise<ReadonlyMap<string, PowerState>> {
  const powers = await driver.powers();
  return new Map([...powers].map(([id, power]) => [id, POWER_STATE_OF[power]]));
}

function identityUrl(requestUrl: string): string {
  return `${new URL(requestUrl).origin}/identity/v3`;
}

/** RFC 9112, section 3.2. */
function badHost(): Response {
  const headers = { "content-type": "text/plain; charset=UTF-8" };
  return new Response("400 Bad Request\n\nThe Host header is not valid.\n", {
    status: 400,
    headers,
  });
}

/** Answers a request and writes its line. */
async function answer(
  fetch: (request: Request) => Response | Promise<Response>,
  request: Request,
  lines: Log,
  clock: Clock,
): Promise<Response> {
  const began = clock();
  // Links are made of the URL, and a `Host` that is none makes no URL.
  const response = URL.canParse(request.url) ? await fetch(request) : badHost();
  lines.write("info", {
    message: "request",
    method: request.method,
    url: withoutToken(request.url),
    status: response.status,
    request_id: response.headers.get("x-openstack-request-id"),
    ms: clock() - began,
  });
  return response;
}
