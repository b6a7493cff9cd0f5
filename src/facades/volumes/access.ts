/** Who may do what; cinder/policies/base.py, the secure defaults. */
import type { Rejection } from "../../eventsourcing/decider.ts";
import type { Caller } from "../../http/auth.ts";
import { type Condition } from "../collections.ts";
import { notAllowed } from "./refusals.ts";

/** Whether the caller may know of what belongs to a project; others are told that it is not there. */
export function maySee(caller: Caller, projectId: string): boolean {
  return caller.isAdmin || isIn(caller, projectId);
}

function isIn(caller: Caller, projectId: string): boolean {
  return caller.projectId !== "" && caller.projectId === projectId;
}

/** Says no to reading unless the caller is a reader of the project, or an admin. */
export function refuseUnlessReader(
  caller: Caller,
  projectId: string,
  action: string,
): Rejection | undefined {
  if (caller.isAdmin || (isIn(caller, projectId) && caller.roles.has("reader"))) return undefined;
  return notAllowed(action);
}

/** Says no to changes unless the caller is a member of the project, or an admin. */
export function refuseUnlessMember(
  caller: Caller,
  projectId: string,
  action: string,
): Rejection | undefined {
  if (caller.isAdmin || (isIn(caller, projectId) && caller.roles.has("member"))) return undefined;
  return notAllowed(action);
}

/** Says no unless the caller is an admin. */
export function refuseUnlessAdmin(caller: Caller, action: string): Rejection | undefined {
  return caller.isAdmin ? undefined : notAllowed(action);
}

/** Rows of the caller's project. */
export function ofOwnProject(caller: Caller): Condition {
  return (eb) => eb("project_id", "=", caller.projectId || null);
}
