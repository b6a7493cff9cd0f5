/** Who may do what; neutron/conf/policies, the secure defaults. */
import type { Caller } from "../../http/auth.ts";
import { type Condition, LIVE } from "../collections.ts";

/** Whether the caller may see what belongs to a project. */
function mayRead(caller: Caller, projectId: string): boolean {
  return caller.isAdmin || isIn(caller, projectId, "reader");
}

/** Whether the caller may change what belongs to a project. */
export function mayWrite(caller: Caller, projectId: string): boolean {
  return caller.isAdmin || isIn(caller, projectId, "member");
}

function isIn(caller: Caller, projectId: string, role: string): boolean {
  return caller.projectId !== "" && caller.projectId === projectId && caller.roles.has(role);
}

/** The project whose rows the caller reads as its own; undefined for none. */
export function ownProject(caller: Caller): string | undefined {
  return mayRead(caller, caller.projectId) && caller.projectId !== ""
    ? caller.projectId
    : undefined;
}

/** Rows of the caller's project; all for an admin. */
export function ofOwnProject(caller: Caller): Condition {
  return (eb) => caller.isAdmin ? eb.lit(true) : eb("project_id", "=", ownProject(caller) ?? null);
}

/** Whom RBAC policies name when they mean the caller. */
export function rbacTargets(caller: Caller): readonly string[] {
  return ["*", ...[ownProject(caller)].filter((project) => project !== undefined)];
}

/** Rows that RBAC policies let the caller use in some way. */
function allowedByPolicy(caller: Caller, objectType: string): Condition {
  return (eb) =>
    eb(
      "id",
      "in",
      eb.selectFrom("rbac_policies").select("object_id").where("live", "=", LIVE)
        .where("object_type", "=", objectType).where("target", "in", rbacTargets(caller)),
    );
}

/** Rows of the caller's own, and those that RBAC policies let it use. */
export function ownOrAllowed(caller: Caller, objectType: string): Condition {
  return (eb) => eb.or([ofOwnProject(caller)(eb), allowedByPolicy(caller, objectType)(eb)]);
}

/** The same, and those that every project may use. */
export function ownOrShared(caller: Caller, objectType: string): Condition {
  return (eb) => eb.or([ownOrAllowed(caller, objectType)(eb), eb("shared", "=", 1)]);
}

/** Networks that the caller sees: its own, shared ones, and those that lead out of the cloud. */
export function visibleNetworks(caller: Caller): Condition {
  return (eb) => eb.or([ownOrShared(caller, "network")(eb), eb("external", "=", 1)]);
}

/** Rows of the caller's own, and those on networks that it sees. */
export function onVisibleNetworks(caller: Caller): Condition {
  return (eb) =>
    eb.or([
      ofOwnProject(caller)(eb),
      eb(
        "network_id",
        "in",
        eb.selectFrom("networks").select("id").where("live", "=", LIVE).where(
          visibleNetworks(caller),
        ),
      ),
    ]);
}

/** Rows of the caller's own, and those on networks that are its own. */
export function onOwnNetworks(caller: Caller): Condition {
  return (eb) =>
    eb.or([
      ofOwnProject(caller)(eb),
      eb(
        "network_id",
        "in",
        eb.selectFrom("networks").select("id").where("live", "=", LIVE).where(ofOwnProject(caller)),
      ),
    ]);
}
