/** `POST /volumes/{id}/action`; cinder/api/contrib/volume_actions.py and admin_actions.py. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import type { UnitOfWork } from "../../../eventsourcing/committer.ts";
import {
  type Decision,
  isRejection,
  reject,
  type Rejection,
} from "../../../eventsourcing/decider.ts";
import { anything } from "../../../http/schema_parts.ts";
import { json } from "../../endpoint.ts";
import type { Image } from "../../image_service.ts";
import { nothing, refused } from "../answers.ts";
import type { VolumeOperation, VolumeRequest } from "../endpoint.ts";
import type { Minor } from "../microversions.ts";
import { invalidVolume } from "../refusals.ts";
import { refuseBeyondQuota } from "../quotas/projection.ts";
import { actionSchemas, isTrue } from "../schemas.ts";
import { snapshotsOfVolume } from "../snapshots/projection.ts";
import { isMultiattach } from "../types/decider.ts";
import type { OwnedChange, VolumeDependencies } from "../writes.ts";
import {
  attachVolume,
  beginDetaching,
  detachVolume,
  extendVolume,
  refuseDisconnection,
  reimageVolume,
  reserveVolume,
  resetVolumeStatus,
  revertVolume,
  rollDetaching,
  setImageMetadata,
  unmanageVolume,
  unreserveVolume,
  unsetImageMetadata,
  updateVolume,
} from "./decide/mod.ts";
import type { AttachMode, VolumeEvent } from "./events.ts";
import { findUsableType } from "./make.ts";
import { changeVolume, readableVolume, removeVolume } from "./operations.ts";
import type { Volume } from "./state.ts";
import { uploadToImage } from "./upload.ts";
import { BACKEND_HOST } from "./view.ts";

// deno-lint-ignore no-explicit-any -- bodies have passed the action's schema.
type Given = any;

interface Asked {
  readonly given: Given;
  readonly request: VolumeRequest;
  readonly unit: UnitOfWork;
  /** The image that the action names. */
  readonly image: Image | undefined;
  /** Whether the backend takes time to do anything. */
  readonly takesTime: boolean;
}

/** One action: who may, and what it does to a volume. */
interface Action extends OwnedChange {
  /** Microversions that have it; others do not know the name. */
  readonly since?: Minor;
  /** The id of an image that it names. */
  imageIn?(given: Given): string;
  decide(
    volume: Versioned<Volume>,
    asked: Asked,
  ): Decision<VolumeEvent> | Promise<Decision<VolumeEvent>>;
  /** The answer; by default 202 and nothing. */
  answer?(volume: Volume, given: Given, id: string): Response;
}

const rule = (name: string) => `volume_extension:volume_actions:${name}`;

const ACTIONS: Readonly<Record<string, Action>> = {
  "os-attach": {
    command: "AttachVolume",
    rule: rule("attach"),
    decide: ({ id, state }, { given }) =>
      attachVolume({
        type: "AttachVolume",
        volumeId: id,
        attachmentId: crypto.randomUUID(),
        serverId: given.instance_uuid ?? null,
        host: given.host_name ?? null,
        mountpoint: given.mountpoint,
        mode: (given.mode ?? "rw") as AttachMode,
      }, state),
  },
  "os-detach": {
    command: "DetachVolume",
    rule: rule("detach"),
    decide: ({ state }, { given }) => detachVolume(given?.attachment_id ?? null, state),
  },
  "os-force_detach": {
    command: "ForceDetachVolume",
    rule: "volume_extension:volume_admin_actions:force_detach",
    adminOnly: true,
    decide: ({ state }, { given }) => detachVolume(given?.attachment_id ?? null, state),
  },
  "os-reserve": {
    command: "ReserveVolume",
    rule: rule("reserve"),
    decide: ({ state }) => reserveVolume(state),
  },
  "os-unreserve": {
    command: "UnreserveVolume",
    rule: rule("unreserve"),
    decide: ({ state }) => unreserveVolume(state),
  },
  "os-begin_detaching": {
    command: "BeginDetachingVolume",
    rule: rule("begin_detaching"),
    decide: ({ state }) => beginDetaching(state),
  },
  "os-roll_detaching": {
    command: "RollDetachingVolume",
    rule: rule("roll_detaching"),
    decide: ({ state }) => rollDetaching(state),
  },
  "os-initialize_connection": {
    command: "InitializeVolumeConnection",
    rule: rule("initialize_connection"),
    decide: ({ state }) => refuseConnection(state) ?? [],
    answer: (volume, { connector }, id) =>
      json(200, {
        connection_info: {
          ...connectionTo(id, volume),
          enforce_multipath: connector.enforce_multipath ?? false,
        },
      }),
  },
  "os-terminate_connection": {
    command: "TerminateVolumeConnection",
    rule: rule("terminate_connection"),
    decide: ({ state }) => refuseDisconnection(state) ?? [],
  },
  "os-extend": { command: "ExtendVolume", rule: rule("extend"), decide: extend },
  "os-retype": { command: "RetypeVolume", rule: rule("retype"), decide: retype },
  "os-set_bootable": {
    command: "SetVolumeBootable",
    rule: rule("set_bootable"),
    decide: ({ state }, { given }) => updateVolume({ isBootable: isTrue(given.bootable) }, state),
    answer: () => nothing(200),
  },
  "os-update_readonly_flag": {
    command: "SetVolumeReadonly",
    rule: rule("update_readonly_flag"),
    decide: ({ state }, { given }) =>
      state.status === "available"
        ? updateVolume({ isReadonly: isTrue(given.readonly) }, state)
        : reject(
          "Invalid",
          "Invalid volume: Volume status must be available to update readonly flag, but current " +
            `status is: ${state.status}.`,
        ),
  },
  "os-reset_status": {
    command: "ResetVolumeStatus",
    rule: "volume_extension:volume_admin_actions:reset_status",
    adminOnly: true,
    decide: ({ state }, { given }) => resetVolumeStatus(given, state),
  },
  "os-force_delete": {
    command: "ForceDeleteVolume",
    rule: "volume_extension:volume_admin_actions:force_delete",
    adminOnly: true,
    decide: ({ id, state: volume }, { unit, takesTime }) =>
      removeVolume(unit, { id, volume, force: true, cascade: false, takesTime }),
  },
  "os-unmanage": {
    command: "UnmanageVolume",
    rule: "volume_extension:volume_unmanage",
    adminOnly: true,
    async decide({ id, state }, { unit }) {
      const found = await snapshotsOfVolume(unit, id);
      return unmanageVolume({ snapshots: found.map(({ state }) => state.status) }, state);
    },
  },
  "os-migrate_volume": {
    command: "MigrateVolume",
    rule: "volume_extension:volume_admin_actions:migrate_volume",
    adminOnly: true,
    decide: ({ id }, { given }) => refuseMigration(id, given.host ?? given.cluster ?? ""),
  },
  revert: {
    command: "RevertVolume",
    rule: rule("revert_to_snapshot"),
    since: 40,
    async decide({ id, state }, { given, unit }) {
      const newest = (await snapshotsOfVolume(unit, id)).at(-1);
      return revertVolume({
        type: "RevertVolume",
        id,
        snapshotId: given.snapshot_id ?? null,
        newest: newest && { id: newest.id, ...newest.state },
      }, state);
    },
  },
  "os-reimage": {
    command: "ReimageVolume",
    rule: rule("reimage"),
    since: 68,
    imageIn: (given) => given.image_id,
    decide({ id, state }, { given, image }) {
      const mayBeReserved = isTrue(given.reimage_reserved ?? false);
      return reimageVolume({ type: "ReimageVolume", id, image: image!, mayBeReserved }, state);
    },
  },
  "os-set_image_metadata": {
    command: "SetVolumeImageMetadata",
    rule: "volume_extension:volume_image_metadata:set",
    decide: ({ state }, { given }) => setImageMetadata(given.metadata, state),
    answer: ({ imageMetadata }) => json(200, { metadata: imageMetadata ?? {} }),
  },
  "os-unset_image_metadata": {
    command: "UnsetVolumeImageMetadata",
    rule: "volume_extension:volume_image_metadata:remove",
    decide: ({ id, state }, { given }) => unsetImageMetadata(id, given.key, state),
    answer: () => nothing(200),
  },
};

/** `POST /volumes/{id}/action`. */
export function actOnVolume(dependencies: VolumeDependencies): VolumeOperation {
  return async (request) => {
    const named = await request.body(anything);
    if (named instanceof Response) return named;
    const name = nameOf(named.value, request.minor);
    if (typeof name !== "string") return refused(name);
    const other = OTHERS[name];
    if (other) return await other(dependencies, request);
    const body = await request.body(actionSchemas[name]!);
    if (body instanceof Response) return body;
    const action = ACTIONS[name]!;
    const given = (body.value as Record<string, Given>)[name];
    const { images, volumeMs } = dependencies;
    const takesTime = volumeMs > 0;
    const imageId = action.imageIn?.(given);
    const image = imageId === undefined ? undefined : await images.find(imageId, request.caller);
    if (imageId !== undefined && !image) {
      return refused(reject("NotFound", `Image ${imageId} could not be found.`));
    }
    const outcome = await changeVolume(
      dependencies,
      request,
      action,
      (volume, unit) => action.decide(volume, { given, request, unit, image, takesTime }),
    );
    if (isRejection(outcome)) return refused(outcome);
    return action.answer?.(outcome.state, given, outcome.id) ?? nothing(202);
  };
}

/** The action that a body names; cinder/api/openstack/wsgi.py, `Resource.get_method`. */
function nameOf(body: unknown, minor: Minor): string | Rejection {
  const names = typeof body === "object" && body !== null ? Object.keys(body) : [];
  if (names.length !== 1) return reject("Invalid", "Malformed request body");
  const [name] = names as [string];
  const since = Object.hasOwn(ACTIONS, name) ? ACTIONS[name]!.since ?? 0 : undefined;
  if (Object.hasOwn(OTHERS, name) || (since !== undefined && since <= minor)) return name;
  return reject(
    "Invalid",
    `There is no such action: ${name}. Verify the request body and Content-Type header and try ` +
      "again.",
  );
}

/** Actions that are more, or less, than a decision on a volume. */
const OTHERS: Readonly<
  Record<string, (dependencies: VolumeDependencies, request: VolumeRequest) => Promise<Response>>
> = {
  "os-show_image_metadata": showImageMetadata,
  "os-volume_upload_image": uploadToImage,
};

async function showImageMetadata(
  { reader }: VolumeDependencies,
  request: VolumeRequest,
): Promise<Response> {
  const found = await readableVolume(reader, request, request.param("id"));
  if (isRejection(found)) return refused(found);
  return json(200, { metadata: found.state.imageMetadata ?? {} });
}

async function extend(
  { id, state }: Versioned<Volume>,
  { given, request, unit }: Asked,
): Promise<Decision<VolumeEvent>> {
  const sizeGib = Number(given.new_size);
  const mayBeInUse = request.minor >= 42;
  const decision = extendVolume({ type: "ExtendVolume", id, sizeGib, mayBeInUse }, state);
  if (isRejection(decision)) return decision;
  return await refuseBeyondQuota(unit, {
    kind: "volumes",
    projectId: state.projectId,
    typeId: state.typeId,
    count: 0,
    gigabytes: sizeGib - state.sizeGib,
    sizeGib,
  }) ?? decision;
}

/**
 * Changes the type of a volume; every backend can do that, for there is but one.
 *
 * Source: cinder/volume/api.py, `API.retype`.
 */
async function retype(
  { state }: Versioned<Volume>,
  { given, request, unit }: Asked,
): Promise<Decision<VolumeEvent>> {
  const type = await findUsableType(unit, given.new_type, request.caller);
  if (isRejection(type)) return type;
  const isFree = ["available", "in-use"].includes(state.status) && !state.groupId;
  if (!isFree || type.id === state.typeId) {
    return reject(
      "Invalid",
      "Invalid volume: Retype needs volume to be in available or in-use state, not be part of an " +
        "active migration or a consistency group, requested type has to be different that the " +
        "one from the volume, and for in-use volumes front-end qos specs cannot change.",
    );
  }
  if (isMultiattach(type.state) !== state.isMultiattach && state.status !== "available") {
    return reject(
      "Invalid",
      "Invalid input received: Invalid volume_type passed, retypes affecting multiattach are " +
        "only allowed on available volumes, the specified volume however currently has a status " +
        `of: ${state.status}.`,
    );
  }
  const refusal = await refuseBeyondQuota(unit, {
    kind: "volumes",
    projectId: state.projectId,
    typeId: type.id,
    count: 0,
    gigabytes: 0,
  });
  const isEncrypted = type.state.encryption !== null;
  const changes = {
    typeId: type.id,
    isMultiattach: isMultiattach(type.state),
    ...(isEncrypted !== (state.isEncrypted ?? false) && { isEncrypted }),
  };
  return refusal ?? updateVolume(changes, state);
}

/** cinder/volume/api.py, `API.initialize_connection`. */
function refuseConnection({ status }: Volume): Rejection | undefined {
  if (status !== "maintenance") return undefined;
  return invalidVolume("The volume connection cannot be initialized in maintenance mode.");
}

/** What a host needs to reach a volume: nothing that is real, for the backend is simulated. */
function connectionTo(id: string, { isReadonly, isEncrypted = false }: Volume): object {
  const access_mode = isReadonly ? "ro" : "rw";
  return {
    driver_volume_type: "simulated",
    data: { volume_id: id, access_mode, encrypted: isEncrypted },
  };
}

/** There is one backend, and a volume has nowhere else to go; cinder/volume/api.py, `migrate_volume`. */
function refuseMigration(id: string, host: string): Rejection {
  const backendOf = (name: string) => name.split("#")[0];
  if (backendOf(host) !== backendOf(BACKEND_HOST)) {
    return reject("Invalid", `Invalid host: No available service named '${host}'`);
  }
  return reject(
    "Invalid",
    `Invalid volume: Volume ${id} status must be available or in-use, must not be migrating, have ` +
      "snapshots, be replicated, be part of a group and destination host/cluster must be " +
      "different than the current one",
  );
}
