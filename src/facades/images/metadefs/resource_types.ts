/** `/v2/metadefs/resource_types`, and a namespace's associations with them. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { noRoute } from "../answers.ts";
import { withBody } from "../with_body.ts";
import {
  changeNamespace,
  type MetadefDependencies,
  type NamespaceChange,
  onNamespace,
  removal,
} from "./change.ts";
import { addResourceType, removeResourceType } from "./decide/mod.ts";
import { named } from "./names.ts";
import { resourceTypes } from "./projection.ts";
import { readResourceType } from "./read.ts";
import { associationView, resourceTypeView } from "./view.ts";

function change(command: string, action: string): NamespaceChange {
  return { command, action, absence: "ofApi" };
}

/** `GET /v2/metadefs/resource_types`. */
export function listResourceTypes({ reader }: MetadefDependencies): FacadeOperation {
  return async (request) => {
    const { isAdmin, roles } = request.caller;
    if (!isAdmin && !roles.has("reader")) return noRoute(request);
    const types = await resourceTypes(reader);
    return json(200, { resource_types: types.map(resourceTypeView) });
  };
}

/** `GET …/resource_types`. */
export function listAssociations(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(
    dependencies,
    "ofApi",
    (_request, namespace) =>
      json(200, { resource_type_associations: namespace.resourceTypes.map(associationView) }),
  );
}

/** `POST …/resource_types`. */
export function createAssociation(dependencies: MetadefDependencies): FacadeOperation {
  return withBody(readResourceType, async (request, type) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("AddMetadefResourceType", "add_metadef_resource_type_association"),
      (before) => addResourceType(type, before),
    );
    if (isRejection(outcome)) return outcome;
    return json(201, associationView(named(outcome.resourceTypes, type.name)!));
  });
}

/** `DELETE …/resource_types/{type}`. */
export function deleteAssociation(dependencies: MetadefDependencies): FacadeOperation {
  return removal(
    dependencies,
    change("RemoveMetadefResourceType", "remove_metadef_resource_type_association"),
    (before, request) => removeResourceType(request.param("type"), before),
  );
}
