/** Other sizes and other hosts. */
import { type Fault, fault } from "../../../http/faults.ts";
import type { Minor } from "../../../http/microversions.ts";
import {
  confirmResize,
  evacuateServer,
  liveMigrateServer,
  migrateServer,
  type ResizeServer,
  resizeServer,
  revertResize,
} from "../decide/mod.ts";
import type { DiskConfig } from "../events.ts";
import { generatePassword } from "../generate.ts";
import { isTrue } from "../requests.ts";
import {
  confirmResizeSchema,
  evacuateSchema,
  liveMigrateSchema,
  migrateSchema,
  resizeSchema,
  revertResizeSchema,
} from "../schemas.ts";
import type { Action, ActionCommand, ActionRequest } from "./action.ts";

interface ResizeValue {
  readonly flavorRef: string | number;
  readonly "OS-DCF:diskConfig"?: DiskConfig;
}

interface LiveMigrationValue {
  readonly host: string | null;
  readonly block_migration: unknown;
  readonly disk_over_commit?: unknown;
  readonly force?: unknown;
}

interface EvacuationValue {
  readonly host?: string;
  readonly adminPass?: string;
  readonly onSharedStorage?: unknown;
  readonly force?: unknown;
}

/** From here on an administrator may say where to a server is migrated. */
const MIGRATES_TO_HOST = 56;
/** From here on the scheduler looks at a host that is named for a live migration. */
const CHECKS_HOST = 30;
/** From here on what keeps a live migration from happening is found out behind the answer. */
const CHECKS_LATER = 34;
/** From here on the answer to an evacuation is empty. */
const ANSWERS_NO_PASSWORD = 14;
/** From here on the scheduler looks at a host that is named for an evacuation. */
const CHECKS_EVACUATION_HOST = 29;
/** From here on an evacuated server is off at the end. */
const STOPS_EVACUATED = 95;

const OPERATE = "OperateServer";

export const moveActions: Readonly<Record<string, Action>> = {
  resize: {
    rule: "os_compute_api:servers:resize",
    schema: () => resizeSchema,
    success: 202,
    names: (value) => ({
      flavor: String((value as ResizeValue).flavorRef),
      hosts: true,
    }),
    command: resize,
  },
  confirmResize: {
    rule: "os_compute_api:servers:confirm_resize",
    schema: () => confirmResizeSchema,
    success: 204,
    names: () => ({ hosts: true }),
    command({ id, by, facts: { hosts = [] } }) {
      const operation = { name: "confirmResize", input: {} } as const;
      const decide = (server: Parameters<ActionCommand["decide"]>[0]) =>
        confirmResize({ type: OPERATE, id, by, operation }, server, hosts);
      return { type: OPERATE, decide };
    },
  },
  revertResize: {
    rule: "os_compute_api:servers:revert_resize",
    schema: () => revertResizeSchema,
    success: 202,
    command({ id, by }) {
      const operation = { name: "revertResize", input: {} } as const;
      return {
        type: OPERATE,
        decide: (server) => revertResize({ type: OPERATE, id, by, operation }, server),
      };
    },
  },
  migrate: {
    rule: "os_compute_api:os-migrate-server:migrate",
    ruleFor: (value, minor) =>
      destinationOf(value, minor)
        ? "os_compute_api:os-migrate-server:migrate:host"
        : "os_compute_api:os-migrate-server:migrate",
    schema: migrateSchema,
    success: 202,
    names: () => ({ hosts: true }),
    command({ id, by, value, minor, facts: { hosts = [] }, newId }) {
      const input = { migrationId: newId(), host: destinationOf(value, minor) };
      const operation = { name: "migrate", input } as const;
      return {
        type: OPERATE,
        decide: (server) => migrateServer({ type: OPERATE, id, by, operation }, server, hosts),
      };
    },
  },
  "os-migrateLive": {
    rule: "os_compute_api:os-migrate-server:migrate_live",
    ruleFor: (value) =>
      (value as LiveMigrationValue).host
        ? "os_compute_api:os-migrate-server:migrate_live:host"
        : "os_compute_api:os-migrate-server:migrate_live",
    schema: liveMigrateSchema,
    success: 202,
    names: () => ({ hosts: true }),
    command: liveMigrate,
  },
  evacuate: {
    rule: "os_compute_api:os-evacuate",
    schema: evacuateSchema,
    success: 200,
    names: () => ({ hosts: true }),
    command: evacuate,
  },
};

/** The empty text counts as absent, as it does in Nova. */
function destinationOf(value: unknown, minor: Minor): string | null {
  if (minor < MIGRATES_TO_HOST) return null;
  return (value as { host?: string | null } | null)?.host || null;
}

function resize({ id, by, value, facts, newId }: ActionRequest): ActionCommand {
  const { flavorRef, "OS-DCF:diskConfig": diskConfig = "MANUAL" } = value as ResizeValue;
  const command: ResizeServer = {
    type: "ResizeServer",
    id,
    by,
    migrationId: newId(),
    flavorRef: String(flavorRef),
    flavor: facts.flavor,
    diskConfig,
    hosts: facts.hosts ?? [],
  };
  return {
    type: command.type,
    asksQuota: true,
    decide: (server, quota) => resizeServer(command, server, quota!),
  };
}

function liveMigrate({ id, by, value, minor, facts, newId }: ActionRequest): ActionCommand | Fault {
  const { host, block_migration: block, disk_over_commit, force } = value as LiveMigrationValue;
  if (isTrue(force) && !host) return intoTheVoid();
  const input = {
    migrationId: newId(),
    host: host || null,
    blockMigration: block === "auto" ? null : isTrue(block),
    diskOverCommit: isTrue(disk_over_commit),
    isForced: isTrue(force) || (minor < CHECKS_HOST && Boolean(host)),
  };
  const operation = { name: "liveMigrate", input } as const;
  const hosts = facts.hosts ?? [];
  return {
    type: OPERATE,
    ...(minor < CHECKS_LATER && { asksScheduler: true }),
    decide: (server, _, checkedBefore) =>
      liveMigrateServer({ type: OPERATE, id, by, operation }, server, { hosts, checkedBefore }),
  };
}

function evacuate(request: ActionRequest): ActionCommand | Fault {
  const { id, by, minor, facts, newId, seal } = request;
  const value = request.value as EvacuationValue;
  const { host = null, force } = value;
  if (isTrue(force) && host === null) return intoTheVoid();
  const isShared = minor < ANSWERS_NO_PASSWORD && isTrue(value.onSharedStorage);
  if (isShared && value.adminPass !== undefined) {
    return fault(400, "admin password can't be changed on existing disk");
  }
  const adminPass = isShared ? null : value.adminPass ?? generatePassword();
  const input = {
    migrationId: newId(),
    host,
    adminPass: adminPass === null ? null : seal(adminPass),
    isForced: isTrue(force) || (minor < CHECKS_EVACUATION_HOST && host !== null),
    stops: minor >= STOPS_EVACUATED,
  };
  const operation = { name: "evacuate", input } as const;
  return {
    type: OPERATE,
    decide: (server) =>
      evacuateServer({ type: OPERATE, id, by, operation }, server, facts.hosts ?? []),
    ...(minor < ANSWERS_NO_PASSWORD && { answer: { of: "body", body: { adminPass } } }),
  };
}

function intoTheVoid(): Fault {
  return fault(400, "Can't force to a non-provided destination");
}
