/** `/v2/metadefs/namespaces/{namespace}/properties`. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { last } from "../paging.ts";
import { withBody } from "../with_body.ts";
import {
  changeNamespace,
  type MetadefDependencies,
  type NamespaceChange,
  onNamespace,
  removal,
} from "./change.ts";
import { addProperty, changeProperty, clearProperties, removeProperty } from "./decide/mod.ts";
import { named } from "./names.ts";
import { readProperty } from "./read.ts";
import { noProperty, noResourceType } from "./refusals.ts";
import type { MetadefNamespace } from "./state.ts";
import { propertiesView, propertyView } from "./view.ts";

function change(command: string, action: string): NamespaceChange {
  return { command, action, absence: "ofApi" };
}

/** `GET …/properties`. */
export function listProperties(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(
    dependencies,
    "ofApi",
    (_request, { properties }) => json(200, { properties: propertiesView(properties) }),
  );
}

/** `GET …/properties/{property}`; with a kind of resource, the name begins as it does there. */
export function showProperty(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(dependencies, "ofApi", (request, namespace) => {
    const asked = request.param("property");
    const type = last(request.query, "resource_type");
    const name = type ? withoutPrefix(asked, type, namespace) : asked;
    if (isRejection(name)) return name;
    const property = named(namespace.properties, name);
    return property ? json(200, propertyView(property)) : noProperty(name);
  });
}

function withoutPrefix(
  name: string,
  type: string,
  { namespace, resourceTypes }: MetadefNamespace,
): string | Rejection {
  const association = named(resourceTypes, type);
  if (!association) return noResourceType(type, namespace);
  const { prefix } = association;
  if (prefix && name.startsWith(prefix)) return name.slice(prefix.length);
  return reject(
    "NotFound",
    `Property ${name} does not start with the expected resource type association prefix of ` +
      `'${prefix ?? "None"}'.`,
  );
}

/** `POST …/properties`. */
export function createProperty(dependencies: MetadefDependencies): FacadeOperation {
  return withBody(readProperty, async (request, property) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("AddMetadefProperty", "add_metadef_property"),
      (before) => addProperty(property, before),
    );
    return isRejection(outcome) ? outcome : json(201, propertyView(property));
  });
}

/** `PUT …/properties/{property}`. */
export function updateProperty(dependencies: MetadefDependencies): FacadeOperation {
  return withBody(readProperty, async (request, property) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("ChangeMetadefProperty", "modify_metadef_property"),
      (before) => changeProperty(request.param("property"), property, before),
    );
    return isRejection(outcome) ? outcome : json(200, propertyView(property));
  });
}

/** `DELETE …/properties/{property}`. */
export function deleteProperty(dependencies: MetadefDependencies): FacadeOperation {
  return removal(
    dependencies,
    change("RemoveMetadefProperty", "remove_metadef_property"),
    (before, request) => removeProperty(request.param("property"), before),
  );
}

/** `DELETE …/properties`: the right of those who may delete the namespace. */
export function deleteProperties(dependencies: MetadefDependencies): FacadeOperation {
  return removal(
    dependencies,
    change("RemoveMetadefProperties", "delete_metadef_namespace"),
    clearProperties,
  );
}
