/** The volume service: Cinder's API v3. */
import { Hono } from "hono";
import type { Committer } from "../../eventsourcing/committer.ts";
import type { Reader } from "../../store/query.ts";
import { type FacadeDependencies, json, servicePath, serviceUrl } from "../endpoint.ts";
import type { ImageService } from "../image_service.ts";
import { fault, noRoute } from "./answers.ts";
import {
  actOnAttachment,
  createAttachment,
  deleteAttachment,
  listOfAttachments,
  showAttachment,
  updateAttachment,
} from "./attachments/operations.ts";
import { type VolumeEndpointOptions, VolumeEndpoints, type VolumeOperation } from "./endpoint.ts";
import { emptyList, listExtensions, listFilters, listZones, showExtension } from "./fixed.ts";
import {
  actOnBackup,
  createBackups,
  deleteBackups,
  listBackups,
  showBackup,
  updateBackups,
} from "./backups/operations.ts";
import { restoreBackups } from "./backups/restore.ts";
import {
  deleteDefaultType,
  listDefaultTypes,
  showDefaultType,
  updateDefaultType,
} from "./default_types/operations.ts";
import {
  actOnGroupSnapshot,
  createGroupSnapshots,
  deleteGroupSnapshots,
  listGroupSnapshots,
  showGroupSnapshot,
} from "./group_snapshots/operations.ts";
import {
  createGroupSpecs,
  createGroupTypes,
  deleteGroupSpecs,
  deleteGroupTypes,
  listGroupTypes,
  showGroupSpecs,
  showGroupType,
  updateGroupSpec,
  updateGroupTypes,
} from "./group_types/operations.ts";
import { createGroupFromSource } from "./groups/make.ts";
import {
  actOnGroup,
  createGroups,
  listGroups,
  showGroup,
  updateGroups,
} from "./groups/operations.ts";
import { metadataOperations } from "./metadata.ts";
import {
  associateQosWithType,
  createQos,
  deleteKeysOfQos,
  deleteQos,
  disassociateQosFromAll,
  listQosAssociations,
  listQosSpecs,
  showQosSpecs,
  updateQos,
} from "./qos/operations.ts";
import {
  deleteQuotas,
  showDefaultQuotas,
  showLimits,
  showQuotaClass,
  showQuotas,
  updateQuotaClass,
  updateQuotas,
} from "./quotas/operations.ts";
import { listPools, listServices, showCapabilities, switchService } from "./services/operations.ts";
import {
  actOnSnapshot,
  createSnapshots,
  deleteSnapshots,
  listSnapshots,
  showSnapshot,
  snapshotsWithMetadata,
  updateSnapshots,
} from "./snapshots/operations.ts";
import {
  acceptTransfers,
  createTransfers,
  deleteTransfers,
  listTransfers,
  showTransfer,
} from "./transfers/operations.ts";
import {
  createEncryption,
  deleteEncryption,
  showEncryption,
  showEncryptionKey,
  updateEncryption,
} from "./types/encryption.ts";
import {
  actOnType,
  createExtraSpecs,
  createTypes,
  deleteExtraSpecs,
  deleteTypes,
  listAccess,
  listExtraSpecs,
  listTypes,
  showExtraSpec,
  showType,
  updateExtraSpec,
  updateTypes,
} from "./types/operations.ts";
import { versionsView } from "./versions.ts";
import { actOnVolume } from "./volumes/actions.ts";
import { listManageable, manageVolumes } from "./volumes/manage.ts";
import {
  createVolumes,
  deleteVolumes,
  listVolumes,
  showVolume,
  summarizeVolumes,
  updateVolumes,
  volumesWithMetadata,
} from "./volumes/operations.ts";

/** What the volume service needs of the rest of the house. */
export interface VolumeRoutesDependencies extends FacadeDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly images: ImageService;
  /** How long the backend takes to make or delete a volume, in milliseconds; 0: no time at all. */
  readonly volumeMs: number;
  /** Whether the identity service knows a project. */
  hasProject(id: string): Promise<boolean>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type Methods = Partial<Record<"GET" | "POST" | "PUT" | "DELETE", VolumeOperation>>;

/** Every path may have the project before it: `/v3/volumes` and `/v3/{project_id}/volumes`. */
const PREFIXES = ["/v3", "/v3/:project_in_path{[0-9a-f]{32}|[0-9a-f-]{36}}"];

/** The volume service as a Hono app, to be mounted at `/volume`. */
export function volumeRoutes(dependencies: VolumeRoutesDependencies): Hono {
  const endpoints = new VolumeEndpoints(dependencies);
  const app = new Hono();

  const route = (path: string, methods: Methods, options: VolumeEndpointOptions = {}) => {
    for (const prefix of PREFIXES) {
      for (const [method, operation] of Object.entries(methods)) {
        app.on(method, prefix + path, endpoints.handler(operation, options));
      }
      app.all(prefix + path, endpoints.handler(methodNotAllowed));
    }
  };

  volumePaths(route, dependencies);
  snapshotPaths(route, dependencies);
  typePaths(route, dependencies);
  backupPaths(route, dependencies);
  qosPaths(route, dependencies);
  groupTypePaths(route, dependencies);
  groupPaths(route, dependencies);
  attachmentPaths(route, dependencies);
  transferPaths(route, dependencies);
  quotaPaths(route, dependencies);
  servicePaths(route, dependencies);
  fixedPaths(route);

  const rest = endpoints.handler(noRoute);
  app.all("*", (c) => {
    const path = servicePath(c).replace(/\/$/, "");
    if (path === "") return json(300, versionsView(serviceUrl(c)));
    return path === "/v3" ? json(200, versionsView(serviceUrl(c))) : rest(c);
  });
  return app;
}

type Route = (path: string, methods: Methods, options?: VolumeEndpointOptions) => void;

function volumePaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  const metadata = metadataOperations(volumesWithMetadata(dependencies));
  route("/volumes", {
    GET: listVolumes(dependencies, { isDetailed: false }),
    POST: createVolumes(dependencies),
  });
  route("/volumes/detail", { GET: listVolumes(dependencies, { isDetailed: true }) });
  route("/volumes/summary", { GET: summarizeVolumes(dependencies) }, { since: 12 });
  route("/volumes/:id", {
    GET: showVolume(dependencies),
    PUT: updateVolumes(dependencies),
    DELETE: deleteVolumes(dependencies),
  });
  route("/volumes/:id/action", { POST: actOnVolume(dependencies) });
  route("/volumes/:id/metadata", metadata.all);
  for (const [path, since] of [["os-volume-manage", 0], ["manageable_volumes", 8]] as const) {
    route(`/${path}`, {
      GET: listManageable(dependencies, { isDetailed: false }),
      POST: manageVolumes(dependencies),
    }, { since });
    route(`/${path}/detail`, {
      GET: listManageable(dependencies, { isDetailed: true }),
    }, { since });
  }
  route("/volumes/:id/metadata/:key", metadata.one);
}

function snapshotPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  const metadata = metadataOperations(snapshotsWithMetadata(dependencies));
  route("/snapshots", {
    GET: listSnapshots(dependencies, { isDetailed: false }),
    POST: createSnapshots(dependencies),
  });
  route("/snapshots/detail", { GET: listSnapshots(dependencies, { isDetailed: true }) });
  route("/snapshots/:id", {
    GET: showSnapshot(dependencies),
    PUT: updateSnapshots(dependencies),
    DELETE: deleteSnapshots(dependencies),
  });
  route("/snapshots/:id/action", { POST: actOnSnapshot(dependencies) });
  route("/snapshots/:id/metadata", metadata.all);
  route("/snapshots/:id/metadata/:key", metadata.one);
}

function typePaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  route("/types", { GET: listTypes(dependencies), POST: createTypes(dependencies) });
  route("/types/:id", {
    GET: showType(dependencies),
    PUT: updateTypes(dependencies),
    DELETE: deleteTypes(dependencies),
  });
  route("/types/:id/action", { POST: actOnType(dependencies) });
  route("/types/:id/os-volume-type-access", { GET: listAccess(dependencies) });
  const since = 62;
  route("/default-types", { GET: listDefaultTypes(dependencies) }, { since });
  route("/default-types/:project", {
    GET: showDefaultType(dependencies),
    PUT: updateDefaultType(dependencies),
    DELETE: deleteDefaultType(dependencies),
  }, { since });
  route("/types/:id/encryption", {
    GET: showEncryption(dependencies),
    POST: createEncryption(dependencies),
  });
  route("/types/:id/encryption/:key", {
    GET: showEncryptionKey(dependencies),
    PUT: updateEncryption(dependencies),
    DELETE: deleteEncryption(dependencies),
  });
  route("/types/:id/extra_specs", {
    GET: listExtraSpecs(dependencies),
    POST: createExtraSpecs(dependencies),
  });
  route("/types/:id/extra_specs/:key", {
    GET: showExtraSpec(dependencies),
    PUT: updateExtraSpec(dependencies),
    DELETE: deleteExtraSpecs(dependencies),
  });
}

function qosPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  route("/qos-specs", { GET: listQosSpecs(dependencies), POST: createQos(dependencies) });
  route("/qos-specs/:id", {
    GET: showQosSpecs(dependencies),
    PUT: updateQos(dependencies),
    DELETE: deleteQos(dependencies),
  });
  route("/qos-specs/:id/delete_keys", { PUT: deleteKeysOfQos(dependencies) });
  route("/qos-specs/:id/associations", { GET: listQosAssociations(dependencies) });
  route("/qos-specs/:id/associate", {
    GET: associateQosWithType(dependencies, { holds: true }),
  });
  route("/qos-specs/:id/disassociate", {
    GET: associateQosWithType(dependencies, { holds: false }),
  });
  route("/qos-specs/:id/disassociate_all", { GET: disassociateQosFromAll(dependencies) });
}

function groupPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  const [brief, detailed] = [{ isDetailed: false }, { isDetailed: true }];
  const since = 13;
  route("/groups", {
    GET: listGroups(dependencies, brief),
    POST: createGroups(dependencies),
  }, { since });
  route("/groups/detail", { GET: listGroups(dependencies, detailed) }, { since });
  route("/groups/action", { POST: createGroupFromSource(dependencies) }, { since: 14 });
  route("/groups/:id", {
    GET: showGroup(dependencies),
    PUT: updateGroups(dependencies),
  }, { since });
  route("/groups/:id/action", { POST: actOnGroup(dependencies) }, { since });
  route("/group_snapshots", {
    GET: listGroupSnapshots(dependencies, brief),
    POST: createGroupSnapshots(dependencies),
  }, { since: 14 });
  route("/group_snapshots/detail", {
    GET: listGroupSnapshots(dependencies, detailed),
  }, { since: 14 });
  route("/group_snapshots/:id", {
    GET: showGroupSnapshot(dependencies),
    DELETE: deleteGroupSnapshots(dependencies),
  }, { since: 14 });
  route("/group_snapshots/:id/action", {
    POST: actOnGroupSnapshot(dependencies),
  }, { since: 19 });
}

function groupTypePaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  const since = 11;
  route("/group_types", {
    GET: listGroupTypes(dependencies),
    POST: createGroupTypes(dependencies),
  }, { since });
  route("/group_types/:id", {
    GET: showGroupType(dependencies),
    PUT: updateGroupTypes(dependencies),
    DELETE: deleteGroupTypes(dependencies),
  }, { since });
  route("/group_types/:id/group_specs", {
    GET: showGroupSpecs(dependencies),
    POST: createGroupSpecs(dependencies),
  }, { since });
  route("/group_types/:id/group_specs/:key", {
    GET: showGroupSpecs(dependencies),
    PUT: updateGroupSpec(dependencies),
    DELETE: deleteGroupSpecs(dependencies),
  }, { since });
}

function backupPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  route("/backups", {
    GET: listBackups(dependencies, { isDetailed: false }),
    POST: createBackups(dependencies),
  });
  route("/backups/detail", { GET: listBackups(dependencies, { isDetailed: true }) });
  route("/backups/:id", {
    GET: showBackup(dependencies),
    PUT: updateBackups(dependencies),
    DELETE: deleteBackups(dependencies),
  });
  route("/backups/:id/restore", { POST: restoreBackups(dependencies) });
  route("/backups/:id/action", { POST: actOnBackup(dependencies) });
}

function attachmentPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  const since = 27;
  route("/attachments", {
    GET: listOfAttachments(dependencies, { isDetailed: false }),
    POST: createAttachment(dependencies),
  }, { since });
  route("/attachments/detail", {
    GET: listOfAttachments(dependencies, { isDetailed: true }),
  }, { since });
  route("/attachments/:id", {
    GET: showAttachment(dependencies),
    PUT: updateAttachment(dependencies),
    DELETE: deleteAttachment(dependencies),
  }, { since });
  route("/attachments/:id/action", { POST: actOnAttachment(dependencies) }, { since: 44 });
}

function transferPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  for (const [path, since] of [["os-volume-transfer", 0], ["volume-transfers", 55]] as const) {
    route(`/${path}`, {
      GET: listTransfers(dependencies, path, { isDetailed: false }),
      POST: createTransfers(dependencies, path),
    }, { since });
    route(`/${path}/detail`, {
      GET: listTransfers(dependencies, path, { isDetailed: true }),
    }, { since });
    route(`/${path}/:id`, {
      GET: showTransfer(dependencies, path),
      DELETE: deleteTransfers(dependencies),
    }, { since });
    route(`/${path}/:id/accept`, { POST: acceptTransfers(dependencies, path) }, { since });
  }
}

function quotaPaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  route("/limits", { GET: showLimits(dependencies) });
  route("/os-quota-sets/:project", {
    GET: showQuotas(dependencies),
    PUT: updateQuotas(dependencies),
    DELETE: deleteQuotas(dependencies),
  });
  route("/os-quota-sets/:project/defaults", { GET: showDefaultQuotas(dependencies) });
  route("/os-quota-class-sets/:name", {
    GET: showQuotaClass(dependencies),
    PUT: updateQuotaClass(dependencies),
  });
}

function servicePaths(route: Route, dependencies: VolumeRoutesDependencies): void {
  const { now } = dependencies;
  route("/os-services", { GET: listServices(dependencies, now) });
  route("/os-services/:action", { PUT: switchService(dependencies) });
  route("/capabilities/:host", { GET: showCapabilities });
  route("/scheduler-stats/get_pools", { GET: listPools(dependencies, now) });
}

function fixedPaths(route: Route): void {
  route("/os-availability-zone", { GET: listZones });
  route("/extensions", { GET: listExtensions });
  route("/extensions/:alias", { GET: showExtension });
  route("/resource_filters", { GET: listFilters }, { since: 33 });
  route("/messages", { GET: emptyList("messages") });
  for (
    const [path, name, since] of [
      ["consistencygroups", "consistencygroups", 0],
      ["cgsnapshots", "cgsnapshots", 0],
    ] as const
  ) {
    route(`/${path}`, { GET: emptyList(name) }, { since });
    route(`/${path}/detail`, { GET: emptyList(name) }, { since });
  }
}

const methodNotAllowed: VolumeOperation = () =>
  fault(405, "The method specified is not allowed for this resource.");
