/** Snapshots, volume types, transfers and quotas of volumes: what is decided, and what is refused. */
import { assertEquals } from "@std/assert";
import {
  createSnapshot,
  deleteSnapshot,
  resetSnapshotStatus,
  type SnapshotEvent,
  updateSnapshot,
} from "../../src/facades/volumes/snapshots/decider.ts";
import { snapshots } from "../../src/facades/volumes/snapshots/projection.ts";
import { setClassLimits } from "../../src/facades/volumes/quotas/classes.ts";
import {
  DEFAULT_LIMITS,
  refuseOverQuota,
  refuseTooLarge,
  resetLimits,
  setLimits,
} from "../../src/facades/volumes/quotas/decider.ts";
import { volumeQuotaClasses, volumeQuotas } from "../../src/facades/volumes/quotas/projection.ts";
import {
  addAccess,
  createVolumeType,
  deleteExtraSpec,
  deleteVolumeType,
  isMultiattach,
  mayUse,
  removeAccess,
  setExtraSpecs,
  updateVolumeType,
  type VolumeTypeEvent,
} from "../../src/facades/volumes/types/decider.ts";
import { volumeTypes } from "../../src/facades/volumes/types/projection.ts";
import {
  acceptTransfer,
  createTransfer,
  deleteTransfer,
  type Transfer,
  type TransferEvent,
} from "../../src/facades/volumes/transfers/decider.ts";
import { transfers } from "../../src/facades/volumes/transfers/projection.ts";
import {
  handOver,
  offerVolume,
  withdrawOffer,
} from "../../src/facades/volumes/volumes/decide/mod.ts";
import type { Volume } from "../../src/facades/volumes/volumes/state.ts";
import { available, givenVolume, inUse, reset } from "../kit/decision_volumes.ts";
import { givenOf } from "../kit/given.ts";

const givenSnapshot = givenOf(snapshots);
const facts = {
  name: "snap",
  description: null,
  volumeId: "v",
  projectId: "project-1",
  userId: "user-1",
  metadata: {},
};
const taken: readonly SnapshotEvent[] = [
  { type: "VolumeSnapshotCreated", data: { ...facts, sizeGib: 2, typeId: "type-1" } },
  { type: "VolumeSnapshotBecameAvailable", data: {} },
];

Deno.test("CreateSnapshot takes one of a free volume, in use only where that is allowed", () => {
  const take = (mayBeInUse: boolean) => (volume: Volume) =>
    createSnapshot({ type: "CreateSnapshot", ...facts, volume, mayBeInUse });
  givenVolume(available()).when(take(false)).then(taken as never);
  givenVolume(available(), inUse("a", "s")).when(take(true)).then(taken as never);
  givenVolume(available(), inUse("a", "s")).when(take(false)).thenRefused(
    "Invalid",
    "Invalid volume: Volume v status must be available, but current status is: in-use.",
  );
  givenVolume(available(), reset("error")).when(take(true)).thenRefused(
    "Invalid",
    "Invalid volume: Volume v status must be available, in-use, but current status is: error.",
  );
});

Deno.test("a snapshot is renamed, and deleted unless it is busy", () => {
  givenSnapshot(taken).when((state) => updateSnapshot({ name: "new" }, state))
    .then([{ type: "VolumeSnapshotUpdated", data: { name: "new" } }]);
  givenSnapshot(taken).when((state) => updateSnapshot({ name: "snap" }, state)).thenNothing();
  const remove = (force: boolean) => (state: Parameters<typeof deleteSnapshot>[1]) =>
    deleteSnapshot({ force }, state);
  const gone = { type: "VolumeSnapshotDeleted", data: {} } as const;
  givenSnapshot(taken).when(remove(false)).then([gone]);
  givenSnapshot([taken[0]!]).when(remove(false)).thenRefused(
    "Invalid",
    "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.",
  );
  givenSnapshot([taken[0]!]).when(remove(true)).then([gone]);
  assertEquals(givenSnapshot(taken, gone).state.exists, false);
});

Deno.test("the status of a snapshot is one of Cinder's words", () => {
  givenSnapshot(taken).when(() => resetSnapshotStatus("Error"))
    .then([{ type: "VolumeSnapshotStatusReset", data: { status: "error" } }]);
  givenSnapshot(taken).when(() => resetSnapshotStatus("lost")).thenRefused(
    "Invalid",
    "Invalid input for field/attribute status. Value: lost. 'lost' is not a 'snapshot_status'",
  );
});

const givenType = givenOf(volumeTypes);
const type = { name: "fast", description: null, isPublic: true };
const typeCreated = (changes: object = {}): VolumeTypeEvent => ({
  type: "VolumeTypeCreated",
  data: { ...type, extraSpecs: {}, ...changes },
});

Deno.test("a volume type has a name that no other has", () => {
  const create = (name: string, isNameTaken = false) => () =>
    createVolumeType({ type: "CreateVolumeType", ...type, name, extraSpecs: {}, isNameTaken });
  givenType().when(create("fast")).then([typeCreated()] as never);
  givenType().when(create(" ")).thenRefused("Invalid", "Volume type name can not be empty.");
  givenType().when(create("fast", true))
    .thenRefused("Conflict", "Volume Type fast already exists.");
  const rename = (name: string, isNameTaken = false) =>
    givenType(typeCreated()).when((state) => updateVolumeType({ name }, { isNameTaken }, state));
  rename("slow").then([{ type: "VolumeTypeUpdated", data: { name: "slow" } }]);
  rename("fast").thenNothing();
  rename("").thenRefused("Invalid", "Volume type name can not be empty.");
  rename("slow", true).thenRefused("Conflict", "Volume Type slow already exists.");
});

Deno.test("a volume type is deleted unless it is the default or in use", () => {
  const remove = (inUse: boolean, changes: object = {}) =>
    givenType(typeCreated(changes)).when((state) => deleteVolumeType({ id: "t", inUse }, state));
  remove(false).then([{ type: "VolumeTypeDeleted", data: {} }]);
  remove(true).thenRefused("Invalid", "Target volume type is still in use.");
  remove(false, { name: "__DEFAULT__" }).thenRefused(
    "Invalid",
    "The volume type t is a default volume type and cannot be deleted.",
  );
});

Deno.test("extra specs change while no volume is of the type", () => {
  const changed = (extraSpecs: Record<string, string>) =>
    [{ type: "VolumeTypeExtraSpecsChanged", data: { extraSpecs } }] as const;
  const before = givenType(typeCreated({ extraSpecs: { a: "1" } }));
  const free = { id: "t", inUse: false };
  const busy = { id: "t", inUse: true };
  const inUseMessage = ["Invalid", "Volume Type is currently in use."] as const;
  before.when((state) => setExtraSpecs({ b: "2" }, free, state)).then(changed({ a: "1", b: "2" }));
  before.when((state) => setExtraSpecs({ a: "1" }, free, state)).thenNothing();
  before.when((state) => setExtraSpecs({ b: "2" }, busy, state)).thenRefused(...inUseMessage);
  before.when((state) => deleteExtraSpec("a", free, state)).then(changed({}));
  before.when((state) => deleteExtraSpec("a", busy, state)).thenRefused(...inUseMessage);
  before.when((state) => deleteExtraSpec("b", free, state))
    .thenRefused("NotFound", "Volume Type t has no extra specs with key b.");
  const shared = givenType(typeCreated({ extraSpecs: { multiattach: "<is> True" } })).state;
  assertEquals([isMultiattach(shared), isMultiattach(before.state)], [true, false]);
});

Deno.test("a project is let use a type that is not public, once", () => {
  const pair = { id: "t", projectId: "p" };
  const open = givenType(typeCreated());
  const closed = givenType(typeCreated({ isPublic: false }));
  const added = { type: "VolumeTypeAccessAdded", data: { projectId: "p" } } as const;
  const removed = { type: "VolumeTypeAccessRemoved", data: { projectId: "p" } } as const;
  const publicMessage = [
    "Invalid",
    "Invalid volume type: Type access modification is not applicable to public volume type.",
  ] as const;
  closed.when((state) => addAccess(pair, state)).then([added]);
  open.when((state) => addAccess(pair, state)).thenRefused(...publicMessage);
  open.when((state) => removeAccess(pair, state)).thenRefused(...publicMessage);
  const letIn = givenType(typeCreated({ isPublic: false }), added);
  letIn.when((state) => addAccess(pair, state))
    .thenRefused("Conflict", "Volume type access for t / p combination already exists.");
  letIn.when((state) => removeAccess(pair, state)).then([removed]);
  closed.when((state) => removeAccess(pair, state))
    .thenRefused("NotFound", "Volume type access not found for t / p combination.");
  const may = (state: typeof open.state) =>
    [["p", false], ["q", false], ["q", true]].map(([project, isAdmin]) =>
      mayUse(state, project as string, isAdmin as boolean)
    );
  assertEquals(may(letIn.state), [true, false, true]);
  assertEquals(may(open.state), [true, true, true]);
  assertEquals(may(givenType(typeCreated({ isPublic: false }), added, removed).state), [
    false,
    false,
    true,
  ]);
});

const givenTransfer = givenOf(transfers);
const offered = {
  type: "VolumeTransferCreated",
  data: {
    name: "to you",
    volumeId: "v",
    projectId: "p",
    noSnapshots: false,
    salt: "s",
    keyHash: "k",
  },
} as const satisfies TransferEvent;
const noTransfer = ["NotFound", "Transfer t could not be found."] as const;

Deno.test("a free volume is offered, with snapshots that are not busy", () => {
  const offer = (volumeStatus: string, status: string, noSnapshots = false) =>
    givenTransfer().when(() =>
      createTransfer({
        type: "CreateTransfer",
        ...offered.data,
        noSnapshots,
        volumeStatus,
        snapshots: [{ id: "s", status }],
      })
    );
  offer("available", "available").then([offered]);
  offer("available", "creating", true)
    .then([{ ...offered, data: { ...offered.data, noSnapshots: true } }]);
  offer("in-use", "available")
    .thenRefused("Invalid", "Invalid volume: status must be available");
  offer("available", "creating")
    .thenRefused("Invalid", "Invalid snapshot: snapshot: s status must be available");
});

Deno.test("a transfer is accepted with its key, or taken back, and then it is over", () => {
  const who = { projectId: "q", userId: "u" };
  const accept = (isKeyRight: boolean) => (state: Transfer) =>
    acceptTransfer({ id: "t", isKeyRight, ...who }, state);
  const remove = (state: Transfer) => deleteTransfer("t", state);
  const accepted = { type: "VolumeTransferAccepted", data: who } as const;
  const removed = { type: "VolumeTransferDeleted", data: {} } as const;
  givenTransfer(offered).when(accept(true)).then([accepted]);
  givenTransfer(offered).when(accept(false)).thenRefused(
    "Invalid",
    "Invalid auth key: Attempt to transfer t with invalid auth key.",
  );
  givenTransfer(offered).when(remove).then([removed]);
  for (const end of [accepted, removed]) {
    givenTransfer(offered, end).when(accept(true)).thenRefused(...noTransfer);
    givenTransfer(offered, end).when(remove).thenRefused(...noTransfer);
  }
});

Deno.test("a volume that is offered waits until it is handed over or kept", () => {
  const waits = { type: "VolumeOffered", data: {} } as const;
  givenVolume(available()).when(offerVolume).then([waits]);
  assertEquals(givenVolume(available(), waits).state.status, "awaiting-transfer");
  const kept = { type: "VolumeOfferWithdrawn", data: {} } as const;
  givenVolume(available(), waits).when(withdrawOffer).then([kept]);
  givenVolume(available()).when(withdrawOffer).thenNothing();
  givenVolume().when(withdrawOffer).thenNothing();
  const who = { projectId: "q", userId: "u" };
  const given = { type: "VolumeHandedOver", data: who } as const;
  givenVolume(available(), waits).when((state) => handOver(who, state)).then([given]);
  givenVolume(available(), waits, reset("maintenance")).when((state) => handOver(who, state))
    .thenRefused(
      "Invalid",
      "Invalid volume: The volume cannot accept transfer in maintenance mode.",
    );
  const { status, projectId } = givenVolume(available(), waits, given).state;
  assertEquals([status, projectId], ["available", "q"]);
});

const givenQuota = givenOf(volumeQuotas);
const quotaSet = (limits: Record<string, number>) =>
  ({ type: "VolumeQuotaSet", data: { limits } }) as const;

Deno.test("limits are set, but not below what is used, and reset", () => {
  const set = (limits: Record<string, number>, inUse: Record<string, number> = {}) =>
    givenQuota(quotaSet({ volumes: 5 })).when((state) => setLimits({ limits, inUse }, state));
  set({ volumes: 6, gigabytes: -1 }).then([quotaSet({ volumes: 6, gigabytes: -1 })]);
  set({ volumes: 5 }).thenNothing();
  set({ volumes: 2 }, { volumes: 3 }).thenRefused(
    "Invalid",
    "Quota volumes limit must be equal or greater than existing resources. Current usage is 3 and " +
      "the requested limit is 2.",
  );
  set({ volumes: -1 }, { volumes: 3 }).then([quotaSet({ volumes: -1 })]);
  set({ per_volume_gigabytes: 1 }, { per_volume_gigabytes: 3 })
    .then([quotaSet({ per_volume_gigabytes: 1 })]);
  const cleared = { type: "VolumeQuotaReset", data: {} } as const;
  givenQuota(quotaSet({ volumes: 5 })).when(resetLimits).then([cleared]);
  givenQuota().when(resetLimits).thenNothing();
  assertEquals(givenQuota(quotaSet({ volumes: 5 }), cleared).state.limits, {});
});

Deno.test("limits of a class are added to what it has", () => {
  const given = givenOf(volumeQuotaClasses);
  const set = (limits: Record<string, number>) =>
    ({ type: "VolumeQuotaClassSet", data: { limits } }) as const;
  given(set({ volumes: 5 })).when((state) => setClassLimits({ volumes: 5, snapshots: 1 }, state))
    .then([set({ snapshots: 1 })]);
  given(set({ volumes: 5 })).when((state) => setClassLimits({ volumes: 5 }, state)).thenNothing();
  assertEquals(given(set({ volumes: 5 }), set({ snapshots: 1 })).state.limits, {
    volumes: 5,
    snapshots: 1,
  });
});

Deno.test("more than the limits is refused, sizes first", () => {
  const limits = { ...DEFAULT_LIMITS, volumes: 2, snapshots: 2, gigabytes: 10, volumes_fast: 1 };
  const refused = (
    kind: "volumes" | "snapshots",
    ...wanted: readonly (readonly [name: string, more: number, used: number])[]
  ) =>
    refuseOverQuota(
      limits,
      wanted.map(([name, more, used]) => ({ name, more, used })),
      { kind, sizeGib: 3 },
    )?.message;
  assertEquals(refused("volumes", ["volumes", 1, 1], ["gigabytes", 3, 7]), undefined);
  assertEquals(refused("volumes", ["volumes_slow", 1, 99]), undefined);
  assertEquals(
    refused("volumes", ["volumes", 1, 2], ["gigabytes", 3, 8]),
    "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes " +
      "quota. Requested 3G, quota is 10G and 8G has been consumed.",
  );
  assertEquals(
    refused("volumes", ["volumes_fast", 1, 1]),
    "VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes_fast'.",
  );
  assertEquals(
    refused("snapshots", ["snapshots", 1, 2]),
    "SnapshotLimitExceeded: Maximum number of snapshots allowed (2) exceeded",
  );
  assertEquals(refuseTooLarge(DEFAULT_LIMITS, 2 ** 20), undefined);
  assertEquals(
    refuseTooLarge({ per_volume_gigabytes: 5 }, 6)?.message,
    "VolumeSizeExceedsLimit: Requested volume size 6G is larger than maximum allowed limit 5G.",
  );
});
