/** Kinds of resource that a namespace is meant for; glance/api/v2/metadef_resource_types.py. */
import { type Decision, reject } from "../../../../eventsourcing/decider.ts";
import type {
  MetadefResourceTypeAdded,
  MetadefResourceTypeRemoved,
  ResourceTypeFacts,
} from "../events.ts";
import { named } from "../names.ts";
import { duplicateResourceType, isProtected } from "../refusals.ts";
import type { MetadefNamespace } from "../state.ts";

/** Associates a kind of resource; refuses one that is associated. */
export function addResourceType(
  type: ResourceTypeFacts,
  { resourceTypes, namespace }: MetadefNamespace,
): Decision<MetadefResourceTypeAdded> {
  if (named(resourceTypes, type.name)) return duplicateResourceType(type.name, namespace);
  return [{ type: "MetadefResourceTypeAdded", data: type }];
}

/** Takes an association away; refuses one that is not there or protected. */
export function removeResourceType(
  name: string,
  namespace: MetadefNamespace,
): Decision<MetadefResourceTypeRemoved> {
  const before = namespace.resourceTypes.find((candidate) => candidate.name === name);
  if (!before) return reject("NotFound", `Failed to find resource type ${name} to delete`);
  if (namespace.isProtected) return isProtected("resource-type-association", name);
  return [{ type: "MetadefResourceTypeRemoved", data: { name } }];
}
