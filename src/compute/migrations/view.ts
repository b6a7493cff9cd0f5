/** Migrations as Nova's JSON, by microversion; nova/api/openstack/compute: migrations, server_migrations. */
import type { Minor } from "../../http/microversions.ts";
import { HYPERVISOR } from "../hosts/hypervisor.ts";
import type { KnownMigration, Migration, MigrationStatus, Move } from "../servers/moves.ts";
import { micros } from "../servers/view.ts";

/** A live migration that is under way, as Nova's lists see it. */
export const IN_PROGRESS: ReadonlySet<MigrationStatus> = new Set([
  "preparing",
  "running",
  "post-migrating",
]);

/** Whether a migration is a live one, and under way. */
export function isInProgress({ type, status }: Migration): boolean {
  return type === "live-migration" && IN_PROGRESS.has(status);
}

export interface MigrationViewContext {
  readonly minor: Minor;
  /** Whether the caller may know the hosts; without that they are null. */
  readonly seesHosts: boolean;
  readonly selfBase: string;
  readonly bookmarkBase: string;
  /** Nova's numeric id of a flavor; null: it is gone. */
  flavorNumber(id: string): number | null;
}

/** A migration in `GET /os-migrations`. */
export function viewMigration(known: KnownMigration, context: MigrationViewContext): object {
  const { serverId, migration } = known;
  const { minor, flavorNumber } = context;
  return {
    ...common(migration, context),
    instance_uuid: serverId,
    old_instance_type_id: flavorNumber(migration.oldFlavorId),
    new_instance_type_id: flavorNumber(migration.newFlavorId),
    ...(minor >= 23 && {
      migration_type: migration.type,
      ...(isInProgress(migration) && { links: linksOf(known, context) }),
    }),
  };
}

function linksOf(
  { serverId, migration: { number } }: KnownMigration,
  { selfBase, bookmarkBase }: MigrationViewContext,
): object[] {
  const path = `servers/${serverId}/migrations/${number}`;
  return [
    { rel: "self", href: `${selfBase}/${path}` },
    { rel: "bookmark", href: `${bookmarkBase}/${path}` },
  ];
}

/** A live migration under way, with how far it is. */
export function viewServerMigration(
  { serverId, migration }: KnownMigration,
  move: Move | null,
  context: Pick<MigrationViewContext, "minor" | "seesHosts">,
): object {
  const memory = move?.memory ?? null;
  return {
    ...common(migration, context),
    server_uuid: serverId,
    memory_total_bytes: memory?.totalBytes ?? null,
    memory_processed_bytes: memory && memory.totalBytes - memory.remainingBytes,
    memory_remaining_bytes: memory?.remainingBytes ?? null,
    // Disks stay where they are: the hosts share them.
    disk_total_bytes: null,
    disk_processed_bytes: null,
    disk_remaining_bytes: null,
  };
}

function common(
  migration: Migration,
  { minor, seesHosts }: Pick<MigrationViewContext, "minor" | "seesHosts">,
): object {
  const source = seesHosts ? migration.source : null;
  const destination = seesHosts ? migration.destination : null;
  return {
    id: migration.number,
    status: migration.status,
    source_compute: source?.host ?? null,
    source_node: source?.node ?? null,
    dest_compute: destination?.host ?? null,
    dest_node: destination?.node ?? null,
    dest_host: destination && HYPERVISOR.address,
    created_at: micros(migration.createdAt),
    updated_at: micros(migration.updatedAt),
    ...(minor >= 59 && { uuid: migration.id }),
    ...(minor >= 80 && { user_id: migration.userId, project_id: migration.projectId }),
  };
}
