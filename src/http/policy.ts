/** Who may do what: Nova's rules by name, each with its default expression; nova/policies. */
import type { Caller } from "./auth.ts";
import { type Fault, fault } from "./faults.ts";

type Expression = (caller: Caller, projectId: string) => boolean;

/** On whatever project, but on one: tokens for a domain or the system are of no use here. */
const admin: Expression = (caller) => caller.isAdmin && caller.projectId !== "";

const inProject = (role: string): Expression => (caller, projectId) =>
  caller.projectId !== "" && caller.projectId === projectId && caller.roles.has(role);

const either = (one: Expression, other: Expression): Expression => (caller, projectId) =>
  one(caller, projectId) || other(caller, projectId);

const anyone: Expression = () => true;

/** Another service, such as the one of volumes. */
const service: Expression = (caller) => caller.roles.has("service");

/** For what belongs to a user: the second argument is the user it is of. */
const self: Expression = (caller, userId) => caller.userId === userId;
const projectReaderOrAdmin = either(inProject("reader"), admin);
const projectMemberOrAdmin = either(inProject("member"), admin);
/** For other services of the cloud, whatever the project. */
const serviceOrAdmin = either((caller) => caller.roles.has("service"), admin);
const projectManagerOrAdmin = either(inProject("manager"), admin);
const selfOrAdmin = either(self, admin);

const RULES = {
  "os_compute_api:servers:index": projectReaderOrAdmin,
  "os_compute_api:servers:detail": projectReaderOrAdmin,
  "os_compute_api:servers:index:get_all_tenants": admin,
  "os_compute_api:servers:detail:get_all_tenants": admin,
  "os_compute_api:servers:allow_all_filters": admin,
  "os_compute_api:servers:show": projectReaderOrAdmin,
  "os_compute_api:servers:show:host_status": admin,
  "os_compute_api:servers:show:host_status:unknown-only": admin,
  "os_compute_api:servers:create": projectMemberOrAdmin,
  "os_compute_api:servers:create:forced_host": admin,
  "compute:servers:create:requested_destination": admin,
  "os_compute_api:servers:create:attach_volume": projectMemberOrAdmin,
  "os_compute_api:os-volumes-attachments:index": projectReaderOrAdmin,
  "os_compute_api:os-volumes-attachments:create": projectMemberOrAdmin,
  "os_compute_api:os-volumes-attachments:show": projectReaderOrAdmin,
  "os_compute_api:os-volumes-attachments:update": projectMemberOrAdmin,
  "os_compute_api:os-volumes-attachments:swap": serviceOrAdmin,
  "os_compute_api:os-volumes-attachments:delete": projectMemberOrAdmin,
  "os_compute_api:servers:create:attach_network": projectMemberOrAdmin,
  "os_compute_api:servers:create:trusted_certs": projectMemberOrAdmin,
  "os_compute_api:servers:update": projectMemberOrAdmin,
  "os_compute_api:servers:delete": projectMemberOrAdmin,
  "os_compute_api:servers:start": projectMemberOrAdmin,
  "os_compute_api:servers:stop": projectMemberOrAdmin,
  "os_compute_api:servers:reboot": projectMemberOrAdmin,
  "os_compute_api:servers:resize": projectMemberOrAdmin,
  "os_compute_api:servers:confirm_resize": projectMemberOrAdmin,
  "os_compute_api:servers:revert_resize": projectMemberOrAdmin,
  "os_compute_api:os-migrate-server:migrate": projectManagerOrAdmin,
  "os_compute_api:os-migrate-server:migrate:host": admin,
  "os_compute_api:os-migrate-server:migrate_live": projectManagerOrAdmin,
  "os_compute_api:os-migrate-server:migrate_live:host": admin,
  "os_compute_api:os-evacuate": admin,
  "os_compute_api:servers:migrations:index": projectManagerOrAdmin,
  "os_compute_api:servers:migrations:index:host": admin,
  "os_compute_api:servers:migrations:show": admin,
  "os_compute_api:servers:migrations:force_complete": projectManagerOrAdmin,
  "os_compute_api:servers:migrations:delete": projectManagerOrAdmin,
  "os_compute_api:os-migrations:index": projectManagerOrAdmin,
  "os_compute_api:os-migrations:index:all_projects": admin,
  "os_compute_api:os-migrations:index:host": admin,
  "os_compute_api:os-pause-server:pause": projectMemberOrAdmin,
  "os_compute_api:os-pause-server:unpause": projectMemberOrAdmin,
  "os_compute_api:os-suspend-server:suspend": projectMemberOrAdmin,
  "os_compute_api:os-suspend-server:resume": projectMemberOrAdmin,
  "os_compute_api:os-admin-actions:reset_state": admin,
  "os_compute_api:os-admin-actions:inject_network_info": admin,
  "os_compute_api:os-admin-password": projectMemberOrAdmin,
  "os_compute_api:os-rescue": projectMemberOrAdmin,
  "os_compute_api:os-unrescue": projectMemberOrAdmin,
  "os_compute_api:servers:trigger_crash_dump": projectMemberOrAdmin,
  "os_compute_api:servers:rebuild": projectMemberOrAdmin,
  "os_compute_api:servers:rebuild:trusted_certs": projectMemberOrAdmin,
  "os_compute_api:servers:create_image": projectMemberOrAdmin,
  "os_compute_api:os-create-backup": projectMemberOrAdmin,
  "os_compute_api:os-shelve:shelve": projectMemberOrAdmin,
  "os_compute_api:os-shelve:shelve_offload": admin,
  "os_compute_api:os-shelve:unshelve": projectMemberOrAdmin,
  "os_compute_api:os-shelve:unshelve_to_host": admin,
  "os_compute_api:os-deferred-delete:restore": projectMemberOrAdmin,
  "os_compute_api:os-deferred-delete:force": projectMemberOrAdmin,
  "os_compute_api:os-lock-server:lock": projectMemberOrAdmin,
  "os_compute_api:os-lock-server:unlock": projectMemberOrAdmin,
  "os_compute_api:server-metadata:index": projectReaderOrAdmin,
  "os_compute_api:server-metadata:show": projectReaderOrAdmin,
  "os_compute_api:server-metadata:create": projectMemberOrAdmin,
  "os_compute_api:server-metadata:update_all": projectMemberOrAdmin,
  "os_compute_api:server-metadata:update": projectMemberOrAdmin,
  "os_compute_api:server-metadata:delete": projectMemberOrAdmin,
  "os_compute_api:os-server-tags:index": projectReaderOrAdmin,
  "os_compute_api:os-server-tags:show": projectReaderOrAdmin,
  "os_compute_api:os-server-tags:update": projectMemberOrAdmin,
  "os_compute_api:os-server-tags:update_all": projectMemberOrAdmin,
  "os_compute_api:os-server-tags:delete": projectMemberOrAdmin,
  "os_compute_api:os-server-tags:delete_all": projectMemberOrAdmin,
  "os_compute_api:os-instance-actions:list": projectReaderOrAdmin,
  "os_compute_api:os-instance-actions:show": projectReaderOrAdmin,
  "os_compute_api:os-instance-actions:events": admin,
  "os_compute_api:os-instance-actions:events:details": admin,
  "os_compute_api:ips:index": projectReaderOrAdmin,
  "os_compute_api:ips:show": projectReaderOrAdmin,
  "os_compute_api:os-flavor-extra-specs:index": projectReaderOrAdmin,
  "os_compute_api:os-flavor-extra-specs:show": projectReaderOrAdmin,
  "os_compute_api:os-flavor-extra-specs:create": admin,
  "os_compute_api:os-flavor-extra-specs:update": admin,
  "os_compute_api:os-flavor-extra-specs:delete": admin,
  "os_compute_api:os-flavor-access": admin,
  "os_compute_api:os-flavor-access:add_tenant_access": admin,
  "os_compute_api:os-flavor-access:remove_tenant_access": admin,
  "os_compute_api:os-flavor-manage:create": admin,
  "os_compute_api:os-flavor-manage:update": admin,
  "os_compute_api:os-flavor-manage:delete": admin,
  "os_compute_api:limits": anyone,
  "os_compute_api:limits:other_project": admin,
  "os_compute_api:extensions": anyone,
  "os_compute_api:os-server-diagnostics": admin,
  "os_compute_api:os-console-output": projectMemberOrAdmin,
  "os_compute_api:os-remote-consoles": projectMemberOrAdmin,
  "os_compute_api:os-console-auth-tokens": admin,
  "os_compute_api:os-server-password:show": projectReaderOrAdmin,
  "os_compute_api:os-server-password:clear": projectMemberOrAdmin,
  "compute:server:topology:index": projectReaderOrAdmin,
  "compute:server:topology:host:index": admin,
  "os_compute_api:os-server-shares:index": projectReaderOrAdmin,
  "os_compute_api:os-server-shares:show": projectReaderOrAdmin,
  "os_compute_api:os-server-shares:create": projectMemberOrAdmin,
  "os_compute_api:os-server-shares:delete": projectMemberOrAdmin,
  "os_compute_api:os-simple-tenant-usage:list": admin,
  "os_compute_api:os-simple-tenant-usage:show": projectReaderOrAdmin,
  "os_compute_api:os-instance-usage-audit-log:list": admin,
  "os_compute_api:os-instance-usage-audit-log:show": admin,
  "os_compute_api:os-assisted-volume-snapshots:create": service,
  "os_compute_api:os-assisted-volume-snapshots:delete": service,
  "os_compute_api:os-quota-sets:show": projectReaderOrAdmin,
  "os_compute_api:os-quota-sets:detail": projectReaderOrAdmin,
  "os_compute_api:os-quota-sets:defaults": anyone,
  "os_compute_api:os-quota-sets:update": admin,
  "os_compute_api:os-quota-sets:delete": admin,
  "os_compute_api:os-quota-class-sets:show": admin,
  "os_compute_api:os-quota-class-sets:update": admin,
  "os_compute_api:os-services:list": admin,
  "os_compute_api:os-services:update": admin,
  "os_compute_api:os-services:delete": admin,
  "os_compute_api:os-hypervisors:list": admin,
  "os_compute_api:os-hypervisors:list-detail": admin,
  "os_compute_api:os-hypervisors:show": admin,
  "os_compute_api:os-hypervisors:statistics": admin,
  "os_compute_api:os-hypervisors:uptime": admin,
  "os_compute_api:os-hypervisors:search": admin,
  "os_compute_api:os-hypervisors:servers": admin,
  "os_compute_api:os-aggregates:index": admin,
  "os_compute_api:os-aggregates:create": admin,
  "os_compute_api:os-aggregates:show": admin,
  "os_compute_api:os-aggregates:update": admin,
  "os_compute_api:os-aggregates:delete": admin,
  "os_compute_api:os-aggregates:add_host": admin,
  "os_compute_api:os-aggregates:remove_host": admin,
  "os_compute_api:os-aggregates:set_metadata": admin,
  "compute:aggregates:images": admin,
  "os_compute_api:os-hosts:list": admin,
  "os_compute_api:os-hosts:show": admin,
  "os_compute_api:os-hosts:update": admin,
  "os_compute_api:os-hosts:reboot": admin,
  "os_compute_api:os-hosts:shutdown": admin,
  "os_compute_api:os-hosts:start": admin,
  "os_compute_api:os-availability-zone:list": anyone,
  "os_compute_api:os-availability-zone:detail": admin,
  "os_compute_api:os-keypairs:index": selfOrAdmin,
  "os_compute_api:os-keypairs:show": selfOrAdmin,
  "os_compute_api:os-keypairs:create": selfOrAdmin,
  "os_compute_api:os-keypairs:delete": selfOrAdmin,
  "os_compute_api:os-server-groups:index": projectReaderOrAdmin,
  "os_compute_api:os-server-groups:index:all_projects": admin,
  "os_compute_api:os-server-groups:show": projectReaderOrAdmin,
  "os_compute_api:os-server-groups:create": projectMemberOrAdmin,
  "os_compute_api:os-server-groups:delete": projectMemberOrAdmin,
  "network:attach_external_network": admin,
  "os_compute_api:os-attach-interfaces:list": projectReaderOrAdmin,
  "os_compute_api:os-attach-interfaces:show": projectReaderOrAdmin,
  "os_compute_api:os-attach-interfaces:create": projectMemberOrAdmin,
  "os_compute_api:os-attach-interfaces:delete": projectMemberOrAdmin,
  "os_compute_api:os-multinic:add": projectMemberOrAdmin,
  "os_compute_api:os-multinic:remove": projectMemberOrAdmin,
  "os_compute_api:os-networks:list": projectReaderOrAdmin,
  "os_compute_api:os-networks:show": projectReaderOrAdmin,
  "os_compute_api:os-tenant-networks:list": projectReaderOrAdmin,
  "os_compute_api:os-tenant-networks:show": projectReaderOrAdmin,
  "os_compute_api:os-floating-ips:list": projectReaderOrAdmin,
  "os_compute_api:os-floating-ips:show": projectReaderOrAdmin,
  "os_compute_api:os-floating-ips:create": projectMemberOrAdmin,
  "os_compute_api:os-floating-ips:delete": projectMemberOrAdmin,
  "os_compute_api:os-floating-ips:add": projectMemberOrAdmin,
  "os_compute_api:os-floating-ips:remove": projectMemberOrAdmin,
  "os_compute_api:os-floating-ip-pools": anyone,
  "os_compute_api:os-security-groups:get": projectReaderOrAdmin,
  "os_compute_api:os-security-groups:show": projectReaderOrAdmin,
  "os_compute_api:os-security-groups:create": projectMemberOrAdmin,
  "os_compute_api:os-security-groups:update": projectMemberOrAdmin,
  "os_compute_api:os-security-groups:delete": projectMemberOrAdmin,
  "os_compute_api:os-security-groups:rule:create": projectMemberOrAdmin,
  "os_compute_api:os-security-groups:rule:delete": projectMemberOrAdmin,
  "os_compute_api:os-security-groups:list": projectReaderOrAdmin,
  "os_compute_api:os-security-groups:add": projectMemberOrAdmin,
  "os_compute_api:os-security-groups:remove": projectMemberOrAdmin,
} satisfies Record<string, Expression>;

/** A rule's name. */
export type Rule = keyof typeof RULES;

/** Whether the rule lets the caller do it to something of this project. */
export function allows(rule: Rule, caller: Caller, projectId: string): boolean {
  return RULES[rule](caller, projectId);
}

/** 403 in Nova's words unless the rule allows it. */
export function refuseUnlessAllowed(
  rule: Rule,
  caller: Caller,
  projectId: string,
): Fault | undefined {
  if (allows(rule, caller, projectId)) return undefined;
  return fault(403, `Policy doesn't allow ${rule} to be performed.`);
}
