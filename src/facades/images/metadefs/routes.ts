/** `/v2/metadefs`: which operation answers what. */
import { json } from "../../endpoint.ts";
import type { Route } from "../routing.ts";
import type { MetadefDependencies } from "./change.ts";
import {
  createNamespaces,
  deleteNamespaces,
  listNamespaces,
  showNamespace,
  updateNamespaces,
} from "./namespaces.ts";
import {
  createObject,
  deleteObject,
  deleteObjects,
  listObjects,
  showObject,
  updateObject,
} from "./objects.ts";
import {
  createProperty,
  deleteProperties,
  deleteProperty,
  listProperties,
  showProperty,
  updateProperty,
} from "./properties.ts";
import {
  createAssociation,
  deleteAssociation,
  listAssociations,
  listResourceTypes,
} from "./resource_types.ts";
import { METADEF_SCHEMAS } from "./schemas.ts";
import {
  createTag,
  createTags,
  deleteTag,
  deleteTags,
  listTags,
  showTag,
  updateTag,
} from "./tags.ts";

/** Adds the routes of metadata definitions, and of their schemas. */
export function metadefRoutes(route: Route, dependencies: MetadefDependencies): void {
  for (const [name, schema] of Object.entries(METADEF_SCHEMAS)) {
    route(`/v2/schemas/metadefs/${name}`, { GET: () => json(200, schema) });
  }
  route("/v2/metadefs/resource_types", { GET: listResourceTypes(dependencies) });
  route("/v2/metadefs/namespaces", {
    GET: listNamespaces(dependencies),
    POST: createNamespaces(dependencies),
  });
  const namespace = "/v2/metadefs/namespaces/:namespace";
  route(namespace, {
    GET: showNamespace(dependencies),
    PUT: updateNamespaces(dependencies),
    DELETE: deleteNamespaces(dependencies),
  });
  route(`${namespace}/resource_types`, {
    GET: listAssociations(dependencies),
    POST: createAssociation(dependencies),
  });
  route(`${namespace}/resource_types/:type`, { DELETE: deleteAssociation(dependencies) });
  route(`${namespace}/properties`, {
    GET: listProperties(dependencies),
    POST: createProperty(dependencies),
    DELETE: deleteProperties(dependencies),
  });
  route(`${namespace}/properties/:property`, {
    GET: showProperty(dependencies),
    PUT: updateProperty(dependencies),
    DELETE: deleteProperty(dependencies),
  });
  route(`${namespace}/objects`, {
    GET: listObjects(dependencies),
    POST: createObject(dependencies),
    DELETE: deleteObjects(dependencies),
  });
  route(`${namespace}/objects/:object`, {
    GET: showObject(dependencies),
    PUT: updateObject(dependencies),
    DELETE: deleteObject(dependencies),
  });
  route(`${namespace}/tags`, {
    GET: listTags(dependencies),
    POST: createTags(dependencies),
    DELETE: deleteTags(dependencies),
  });
  route(`${namespace}/tags/:tag`, {
    GET: showTag(dependencies),
    POST: createTag(dependencies),
    PUT: updateTag(dependencies),
    DELETE: deleteTag(dependencies),
  });
}
