/** Properties of a namespace; glance/api/v2/metadef_properties.py. */
import type { Decision } from "../../../../eventsourcing/decider.ts";
import type {
  MetadefPropertiesRemoved,
  MetadefPropertyAdded,
  MetadefPropertyChanged,
  PropertyFacts,
} from "../events.ts";
import { named } from "../names.ts";
import { duplicateProperty, isProtected, noProperty, wouldDuplicate } from "../refusals.ts";
import type { MetadefNamespace } from "../state.ts";
import { refuseProtected } from "./namespaces.ts";

/** Adds a property; refuses a name that another has. */
export function addProperty(
  property: PropertyFacts,
  { properties, namespace }: MetadefNamespace,
): Decision<MetadefPropertyAdded> {
  if (named(properties, property.name)) return duplicateProperty(property.name, namespace);
  return [{ type: "MetadefPropertyAdded", data: property }];
}

/** Makes another property of one; refuses one that is not there, and a name that another has. */
export function changeProperty(
  name: string,
  property: PropertyFacts,
  { properties, namespace }: MetadefNamespace,
): Decision<MetadefPropertyChanged> {
  const before = named(properties, name);
  if (!before) return noProperty(name);
  const other = named(properties, property.name);
  if (other && other !== before) return wouldDuplicate("property", before.name, namespace);
  return [{ type: "MetadefPropertyChanged", data: { was: before.name, property } }];
}

/** Removes a property; refuses one that is not there or protected. */
export function removeProperty(
  name: string,
  namespace: MetadefNamespace,
): Decision<MetadefPropertiesRemoved> {
  const before = named(namespace.properties, name);
  if (!before) return noProperty(name);
  if (namespace.isProtected) return isProtected("property", before.name);
  return [{ type: "MetadefPropertiesRemoved", data: { names: [before.name] } }];
}

/** Removes all properties; refuses a namespace that is protected. */
export function clearProperties(namespace: MetadefNamespace): Decision<MetadefPropertiesRemoved> {
  const names = namespace.properties.map(({ name }) => name);
  return refuseProtected(namespace) ??
    (names.length === 0 ? [] : [{ type: "MetadefPropertiesRemoved", data: { names } }]);
}
