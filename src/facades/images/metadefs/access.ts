/** Who may read metadata definitions; glance/policies/metadef.py. Only admins write them. */
import type { Caller } from "../../../http/auth.ts";
import type { MetadefNamespace } from "./state.ts";

/** Whether the caller may know of the namespace; others are told that there is none. */
export function maySeeNamespace(
  { visibility, owner }: Pick<MetadefNamespace, "visibility" | "owner">,
  caller: Caller,
): boolean {
  if (caller.isAdmin) return true;
  if (!caller.roles.has("reader")) return false;
  return visibility === "public" || (caller.projectId !== "" && owner === caller.projectId);
}
