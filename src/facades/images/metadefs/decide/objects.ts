/** Objects of a namespace; glance/api/v2/metadef_objects.py. */
import type { Decision } from "../../../../eventsourcing/decider.ts";
import type {
  MetadefObjectAdded,
  MetadefObjectChanged,
  MetadefObjectsRemoved,
  ObjectFacts,
} from "../events.ts";
import { named } from "../names.ts";
import { duplicateObject, isProtected, noObject, wouldDuplicate } from "../refusals.ts";
import type { MetadefNamespace } from "../state.ts";
import { refuseProtected } from "./namespaces.ts";

/** Adds an object; refuses a name that another has. */
export function addObject(
  object: ObjectFacts,
  { objects, namespace }: MetadefNamespace,
): Decision<MetadefObjectAdded> {
  if (named(objects, object.name)) return duplicateObject(object.name, namespace);
  return [{ type: "MetadefObjectAdded", data: object }];
}

/** Makes another object of one; refuses one that is not there, and a name that another has. */
export function changeObject(
  name: string,
  object: ObjectFacts,
  { objects, namespace }: MetadefNamespace,
): Decision<MetadefObjectChanged> {
  const before = named(objects, name);
  if (!before) return noObject(name);
  const other = named(objects, object.name);
  if (other && other !== before) return wouldDuplicate("object", before.name, namespace);
  return [{ type: "MetadefObjectChanged", data: { was: before.name, object } }];
}

/** Removes an object; refuses one that is not there or protected. */
export function removeObject(
  name: string,
  namespace: MetadefNamespace,
): Decision<MetadefObjectsRemoved> {
  const before = named(namespace.objects, name);
  if (!before) return noObject(name);
  if (namespace.isProtected) return isProtected("object", before.name);
  return [{ type: "MetadefObjectsRemoved", data: { names: [before.name] } }];
}

/** Removes all objects; refuses a namespace that is protected. */
export function clearObjects(namespace: MetadefNamespace): Decision<MetadefObjectsRemoved> {
  const names = namespace.objects.map(({ name }) => name);
  return refuseProtected(namespace) ??
    (names.length === 0 ? [] : [{ type: "MetadefObjectsRemoved", data: { names } }]);
}
