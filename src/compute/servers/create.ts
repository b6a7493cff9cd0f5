/** POST /servers: looks up what the request names, then decides in the queue. */
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Answer, NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault, faultOf, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import { findOpenFlavor, type FlavorUser } from "../flavors/projection.ts";
import { listHosts, serviceOf } from "../hosts/projection.ts";
import { findKeyPair } from "../keypairs/projection.ts";
import { limitsOf, usageOf } from "../quotas/projection.ts";
import { groupsOpenTo } from "../server_groups/projection.ts";
import { servers } from "./aggregate.ts";
import {
  type AskedNetwork,
  type CreateFacts,
  type CreateRequest,
  createServer,
  type DeviceFacts,
  type FlavorFacts,
  type NewServer,
  withImageDevices,
} from "./decide/mod.ts";
import { generatePassword, generateReservationId } from "./generate.ts";
import { type ReadCreate, readCreate, refuseCounts } from "./requests.ts";
import { metadataOf } from "../../http/request_metadata.ts";
import { actorOf, type ServersDependencies, type ServersService } from "./service.ts";
import { viewCreated } from "./view.ts";

/** Most servers in one request, whatever the quota says: each is written before the answer. */
const MOST_AT_ONCE = 1000;

/** Creates servers; 202 with the first, or with the reservation's id. */
export async function create(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const { dependencies } = service;
  const miscounted = refuseCounts(request.body);
  if (miscounted) return faultOf(miscounted);
  const read = readCreate(request.body, request.minor, (text) => dependencies.secrets.seal(text));
  if (isRejection(read)) {
    // The caller's rights come before everything that is not plainly malformed.
    return refuseCaller(request) ?? faultOf(read);
  }
  const refusal = refuseCaller(request, read) ?? refuseCrowd(read);
  if (refusal) return refusal;
  const reservationId = generateReservationId();
  const created = await createAll(service, request, read, reservationId);
  return isFault(created) ? created : answer(request, read, { created, reservationId });
}

/** The policy's rules for what this request asks for, in Nova's order. */
function refuseCaller(request: NovaRequest, read?: ReadCreate): Fault | undefined {
  const { caller } = request;
  const asked = read?.asked;
  const needs: readonly (readonly [Rule, unknown])[] = [
    ["os_compute_api:servers:create", true],
    [
      "os_compute_api:servers:create:trusted_certs",
      (asked?.trustedImageCertificates?.length ?? 0) > 0,
    ],
    ["os_compute_api:servers:create:forced_host", read?.forcesHost],
    ["compute:servers:create:requested_destination", asked?.hostByAttribute],
    ["os_compute_api:servers:create:attach_volume", (asked?.blockDevices.length ?? 0) > 0],
    ["os_compute_api:servers:create:attach_network", namesNetworks(asked)],
  ];
  for (const [rule, applies] of needs) {
    const refusal = applies ? refuseUnlessAllowed(rule, caller, caller.projectId) : undefined;
    if (refusal) return refusal;
  }
}

function namesNetworks(asked: CreateRequest | undefined): boolean {
  const networks = asked?.networks;
  return networks !== undefined && networks !== "none" && networks.length > 0;
}

function refuseCrowd({ minCount }: ReadCreate): Fault | undefined {
  if (minCount <= MOST_AT_ONCE) return undefined;
  return fault(400, `min_count must be <= ${MOST_AT_ONCE}: send several requests`);
}

async function createAll(
  { dependencies }: ServersService,
  request: NovaRequest,
  { asked: given, minCount, maxCount }: ReadCreate,
  reservationId: string,
): Promise<readonly NewServer[] | Fault> {
  const by = actorOf(request);
  const image = given.imageRef === null
    ? undefined
    : await dependencies.images.find(given.imageRef, request.caller);
  const asked = withImageDevices(given, image);
  if (isRejection(asked)) return faultOf(asked);
  const facts = { ...await lookUp(dependencies, request, asked), image };
  const ids = Array.from(
    { length: Math.min(maxCount, MOST_AT_ONCE) },
    () => crypto.randomUUID() as string,
  );
  const deviceIds = ids.map(() =>
    asked.blockDevices.map(() => ({
      volumeId: crypto.randomUUID(),
      attachmentId: crypto.randomUUID(),
      bdmId: crypto.randomUUID(),
    }))
  );
  const type = "CreateServer";
  const command = {
    type,
    by,
    ids,
    deviceIds,
    minCount,
    maxCount,
    reservationId,
    asked,
    facts,
  } as const;
  const outcome = await dependencies.committer.submit(
    metadataOf(request, type),
    async (unit) => {
      // Read where no other create can come between: quota is exact under any race.
      const limits = await limitsOf(unit, by.projectId);
      const usage = await usageOf(unit, by.projectId);
      const decision = createServer(command, { limits, usage });
      if (isRejection(decision)) return decision;
      for (const { id, event } of decision) {
        const unborn = { id, version: 0, state: servers.initialState };
        await unit.append(servers, unborn, [event]);
      }
      return decision;
    },
  );
  if (isRejection(outcome)) return faultOf(outcome);
  await reserveVolumes(dependencies, outcome);
  return outcome;
}

/** Keeps volumes now: whoever is answered finds them reserved. The build makes sure again. */
async function reserveVolumes(
  { volumes }: ServersDependencies,
  created: readonly NewServer[],
): Promise<void> {
  for (const { id: serverId, event } of created) {
    for (const { volumeId, attachmentId, source } of event.data.volumes ?? []) {
      if (source === null) await volumes.ensureReserved({ volumeId, attachmentId, serverId });
    }
  }
}

/** What other services and tables say of what the request names besides its image. */
async function lookUp(
  dependencies: ServersDependencies,
  request: NovaRequest,
  asked: CreateRequest,
): Promise<Omit<CreateFacts, "image">> {
  const { reader, networks, cell } = dependencies;
  const { caller } = request;
  const { projectId } = caller;
  const nics: readonly AskedNetwork[] = Array.isArray(asked.networks) ? asked.networks : [];
  const portIds = nics.flatMap(({ port }) => port ?? []);
  const fixedIps = nics.flatMap(({ fixedIp }) => fixedIp ?? []);
  const hosts = cell.isDown ? [] : await listHosts(reader);
  const groups = await networks.securityGroupsFor(projectId);
  return {
    flavor: await flavorFacts(reader, asked.flavorRef, caller),
    keyPairExists: asked.keyName !== null &&
      await findKeyPair(reader, caller.userId, asked.keyName) !== undefined,
    availabilityZones: hosts.filter(({ state }) => serviceOf(state).enabled).map(({ zone }) =>
      zone
    ),
    hosts: hosts.map(({ name, state }) => ({ host: name, node: state.node })),
    networks: asked.networks === "none" ? [] : await networks.networksFor(projectId),
    ports: portIds.length === 0 ? [] : await networks.ports(portIds, projectId),
    takenAddresses: fixedIps.length === 0
      ? []
      : await networks.takenAddresses(fixedIps, caller.isAdmin ? null : projectId),
    securityGroups: groups.flatMap(({ id, name }) => [name, id]),
    serverGroups: await groupsOpenTo(reader, projectId, asked.schedulerHints["group"] ?? []),
    ...(asked.blockDevices.length > 0 && {
      devices: await lookUpDevices(dependencies, request, asked),
    }),
  };
}

/** What the image and the volume service say of what block devices are made of. */
async function lookUpDevices(
  { images, volumes }: ServersDependencies,
  { caller, minor }: NovaRequest,
  { blockDevices }: CreateRequest,
): Promise<DeviceFacts> {
  const named = (source: string) =>
    blockDevices.flatMap(({ sourceType, sourceId }) =>
      sourceType === source && sourceId !== null ? [sourceId] : []
    );
  const types = [...new Set(blockDevices.flatMap(({ volumeType }) => volumeType || []))];
  return {
    volumes: await findAll(named("volume"), (id) => volumes.find(id, caller)),
    snapshots: await findAll(named("snapshot"), (id) => volumes.findSnapshot(id, caller)),
    images: await findAll(named("image"), (id) => images.find(id, caller)),
    volumeTypes: await findAll(
      types,
      async (type) => await volumes.hasType(type, caller) ? type : undefined,
    ),
    mayBeMultiattach: minor >= MULTIATTACH_SINCE,
  };
}

const MULTIATTACH_SINCE = 60;

/** Those of several things that are there. */
async function findAll<Thing>(
  ids: readonly string[],
  find: (id: string) => Promise<Thing | undefined>,
): Promise<readonly Thing[]> {
  const found: Thing[] = [];
  for (const id of new Set(ids)) {
    const thing = await find(id);
    if (thing !== undefined) found.push(thing);
  }
  return found;
}

/** A flavor that the caller may use, as commands know one. */
export async function flavorFacts(
  reader: ServersDependencies["reader"],
  id: string,
  user: FlavorUser,
): Promise<FlavorFacts | undefined> {
  const found = await findOpenFlavor(reader, id, user);
  if (!found) return undefined;
  const { name, vcpus, ramMib, diskGib, ephemeralGib, swapMib, extraSpecs, disabled } = found.state;
  return {
    id: found.id,
    name,
    vcpus,
    ramMib,
    diskGib,
    ephemeralGib,
    swapMib,
    extraSpecs,
    disabled,
  };
}

function answer(
  request: NovaRequest,
  read: ReadCreate,
  { created, reservationId }: {
    readonly created: readonly NewServer[];
    readonly reservationId: string;
  },
): Answer {
  if (read.returnReservationId) return { status: 202, body: { reservation_id: reservationId } };
  const { id, event } = created[0]!;
  const server = viewCreated(id, {
    diskConfig: event.data.diskConfig,
    securityGroups: read.securityGroups,
    adminPass: read.adminPass ?? generatePassword(),
  }, request);
  const location = `${request.selfBase}/servers/${id}`;
  return { status: 202, body: { server }, headers: { location } };
}
