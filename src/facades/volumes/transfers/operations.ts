/** `/os-volume-transfer` and `/volume-transfers`; cinder/api/v3/volume_transfer.py, transfer/api.py. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import { isRejection, type Rejection } from "../../../eventsourcing/decider.ts";
import type { Caller } from "../../../http/auth.ts";
import { json } from "../../endpoint.ts";
import { maySee, refuseUnlessMember, refuseUnlessReader } from "../access.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import { toMicroseconds } from "../lifetime.ts";
import { type Listed, listOf } from "../list.ts";
import type { Minor } from "../microversions.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { notFound } from "../refusals.ts";
import { isTrue, transferAcceptSchema, transferCreateSchema } from "../schemas.ts";
import { updateSnapshot } from "../snapshots/decider.ts";
import { snapshots, snapshotsOfVolume } from "../snapshots/projection.ts";
import { handOver, offerVolume, withdrawOffer } from "../volumes/decide/mod.ts";
import { volumes } from "../volumes/projection.ts";
import type { Volume } from "../volumes/state.ts";
import { record, trimmed, type VolumeDependencies } from "../writes.ts";
import { acceptTransfer, createTransfer, deleteTransfer, type Transfer } from "./decider.ts";
import { findTransfer, transfers } from "./projection.ts";

type Found = Versioned<Transfer>;
type Body = Readonly<Record<string, unknown>>;

/** From here on a transfer says whether snapshots go along, where it goes, and lists have pages. */
const SINCE = { snapshots: 55, history: 57, pages: 59 };

/** Which of the two paths a client knows. */
export type TransferPath = "os-volume-transfer" | "volume-transfers";

/** cinder/api/views/transfers.py. */
function transferView(
  request: VolumeRequest,
  { id, state }: Found,
  path: TransferPath,
  { isDetailed = true, authKey }: { readonly isDetailed?: boolean; readonly authKey?: string } = {},
): object {
  const { minor, selfBase, bookmarkBase } = request;
  return {
    id,
    volume_id: state.volumeId,
    name: state.name,
    links: [
      { rel: "self", href: `${selfBase}/${path}/${id}` },
      { rel: "bookmark", href: `${bookmarkBase}/${path}/${id}` },
    ],
    ...(isDetailed && { created_at: toMicroseconds(state.createdAt) }),
    ...(authKey !== undefined && { auth_key: authKey }),
    ...(isDetailed && minor >= SINCE.snapshots && { no_snapshots: state.noSnapshots }),
    ...(isDetailed && minor >= SINCE.history && {
      source_project_id: state.projectId,
      destination_project_id: state.destinationProjectId,
      accepted: state.destinationProjectId !== null,
    }),
  };
}

function listedFor(minor: Minor): Listed {
  return {
    plural: "transfers",
    table: "volume_transfers",
    filters: { id: "id", name: "name", display_name: "name", volume_id: "volume_id" },
    sortKeys: { id: "id", name: "name", display_name: "name", created_at: "created_at" },
    notFound: notFound.transfer,
    defaultDirection: minor < SINCE.pages ? "asc" : "desc",
  };
}

/** `GET` of the list, and of its `/detail`. */
export function listTransfers(
  { reader }: VolumeDependencies,
  path: TransferPath,
  { isDetailed }: { readonly isDetailed: boolean },
): VolumeOperation {
  return async (request) => {
    const { caller, minor } = request;
    const refusal = refuseUnlessReader(caller, caller.projectId, "volume:get_all_transfers");
    if (refusal) return refused(refusal);
    const own = isDetailed ? `${path}/detail` : path;
    const listing = await listOf<Transfer>(reader, request, listedFor(minor), own);
    if (isRejection(listing)) return refused(listing);
    const { rows, links } = listing;
    return json(200, {
      transfers: rows.map((row) => transferView(request, row, path, { isDetailed })),
      ...(links.length > 0 && { transfers_links: links }),
    });
  };
}

/** `GET` of one. */
export function showTransfer({ reader }: VolumeDependencies, path: TransferPath): VolumeOperation {
  return async (request) => {
    const id = request.param("id");
    const { caller } = request;
    const found = await findTransfer(reader, id);
    if (!found || !maySee(caller, found.state.projectId)) return refused(notFound.transfer(id));
    const refusal = refuseUnlessReader(caller, found.state.projectId, "volume:get_transfer");
    return refusal ? refused(refusal) : json(200, { transfer: transferView(request, found, path) });
  };
}

/** `POST`: the answer alone tells the key that whoever accepts must know. */
export function createTransfers(
  { committer }: VolumeDependencies,
  path: TransferPath,
): VolumeOperation {
  return async (request) => {
    const body = await request.body(transferCreateSchema(request.minor));
    if (body instanceof Response) return body;
    const { transfer: given } = body.value as { transfer: Body };
    const key = newKey();
    const outcome = await committer.submit(
      request.metadata("OfferVolume"),
      (unit) => offer(unit, request.caller, given, key),
    );
    if (isRejection(outcome)) return refused(outcome);
    const view = transferView(request, outcome, path, { authKey: key.authKey });
    return json(202, { transfer: view });
  };
}

interface Key {
  readonly authKey: string;
  readonly salt: string;
  readonly keyHash: string;
}

/** cinder/transfer/api.py: `volume_transfer_salt_length`, `volume_transfer_key_length`. */
function newKey(): Key {
  const authKey = randomBytes(8).toString("hex");
  const salt = randomBytes(4).toString("hex");
  return { authKey, salt, keyHash: hashOf(salt, authKey) };
}

function hashOf(salt: string, authKey: string): string {
  return createHmac("sha256", salt).update(authKey).digest("hex");
}

function isKeyOf({ salt, keyHash }: Transfer, authKey: string): boolean {
  const bytesOf = (hex: string) => new TextEncoder().encode(hex);
  return timingSafeEqual(bytesOf(hashOf(salt, authKey)), bytesOf(keyHash));
}

async function offer(
  unit: UnitOfWork,
  caller: Caller,
  given: Body,
  { salt, keyHash }: Key,
): Promise<Found | Rejection> {
  const volumeId = String(given["volume_id"]);
  const volume = await unit.load(volumes, volumeId);
  const { projectId, status } = volume.state;
  if (!volume.state.exists || !maySee(caller, projectId)) return notFound.volume(volumeId);
  const refusal = refuseUnlessMember(caller, projectId, "volume:create_transfer");
  if (refusal) return refusal;
  const found = await snapshotsOfVolume(unit, volumeId);
  const decision = createTransfer({
    type: "CreateTransfer",
    name: trimmed(given["name"]) ?? null,
    noSnapshots: isTrue(given["no_snapshots"] ?? false),
    ...{ volumeId, projectId, salt, keyHash },
    volumeStatus: status,
    snapshots: found.map(({ id, state }) => ({ id, status: state.status })),
  });
  if (isRejection(decision)) return decision;
  const offered = await record(unit, volumes, volume, offerVolume());
  if (isRejection(offered)) return offered;
  return await unit.append(
    transfers,
    await unit.load(transfers, crypto.randomUUID()),
    decision,
  );
}

/** `POST …/accept`: the volume is the caller's project's from now on. */
export function acceptTransfers(
  { committer }: VolumeDependencies,
  path: TransferPath,
): VolumeOperation {
  return async (request) => {
    const body = await request.body(transferAcceptSchema);
    if (body instanceof Response) return body;
    const { auth_key } = (body.value as { accept: Body }).accept;
    const outcome = await committer.submit(
      request.metadata("AcceptVolume"),
      (unit) => accept(unit, request, String(auth_key)),
    );
    if (isRejection(outcome)) return refused(outcome);
    return json(202, { transfer: transferView(request, outcome, path, { isDetailed: false }) });
  };
}

async function accept(
  unit: UnitOfWork,
  request: VolumeRequest,
  authKey: string,
): Promise<Found | Rejection> {
  const id = request.param("id");
  const { caller } = request;
  const { projectId, userId } = caller;
  const refusal = refuseUnlessMember(caller, projectId, "volume:accept_transfer");
  if (refusal) return refusal;
  const transfer = await unit.load(transfers, id);
  const isKeyRight = transfer.state.exists && isKeyOf(transfer.state, authKey);
  const decision = acceptTransfer({ id, isKeyRight, projectId, userId }, transfer.state);
  if (isRejection(decision)) return decision;
  const volume = await unit.load(volumes, transfer.state.volumeId);
  if (!volume.state.exists) return notFound.volume(volume.id);
  const moved = await move(unit, volume, caller, transfer.state);
  return isRejection(moved) ? moved : await unit.append(transfers, transfer, decision);
}

/** Hands a volume over, and its snapshots, as far as the new project's quota has room for them. */
async function move(
  unit: UnitOfWork,
  volume: Versioned<Volume>,
  { projectId, userId }: Caller,
  { noSnapshots }: Transfer,
): Promise<Versioned<Volume> | Rejection> {
  const { typeId, sizeGib } = volume.state;
  const more = { projectId, typeId };
  const refusal = await refuseBeyondQuota(unit, {
    ...more,
    kind: "volumes",
    count: 1,
    gigabytes: sizeGib,
    sizeGib,
  });
  if (refusal) return refusal;
  const moved = await record(unit, volumes, volume, handOver({ projectId, userId }, volume.state));
  if (isRejection(moved)) return moved;
  const found = noSnapshots ? [] : await snapshotsOfVolume(unit, volume.id);
  const gigabytes = found.reduce((sum, { state }) => sum + state.sizeGib, 0);
  const tooMany = found.length === 0 ? undefined : await refuseBeyondQuota(unit, {
    ...more,
    kind: "snapshots",
    count: found.length,
    gigabytes,
  });
  if (tooMany) return tooMany;
  for (const snapshot of found) {
    const decision = updateSnapshot({ projectId, userId }, snapshot.state);
    const outcome = await record(unit, snapshots, snapshot, decision);
    if (isRejection(outcome)) return outcome;
  }
  return moved;
}

/** `DELETE` of one: the volume stays where it is. */
export function deleteTransfers({ committer }: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const id = request.param("id");
    const { caller } = request;
    const outcome = await committer.submit(
      request.metadata("WithdrawVolume"),
      async (unit) => {
        const transfer = await unit.load(transfers, id);
        const { projectId, volumeId } = transfer.state;
        if (!transfer.state.exists || !maySee(caller, projectId)) return notFound.transfer(id);
        const refusal = refuseUnlessMember(caller, projectId, "volume:delete_transfer");
        if (refusal) return refusal;
        const volume = await unit.load(volumes, volumeId);
        await record(unit, volumes, volume, withdrawOffer(volume.state));
        return await record(unit, transfers, transfer, deleteTransfer(id, transfer.state));
      },
    );
    return isRejection(outcome) ? refused(outcome) : nothing(202);
  };
}
