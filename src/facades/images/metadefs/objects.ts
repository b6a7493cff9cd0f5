/** `/v2/metadefs/namespaces/{namespace}/objects`. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { type FacadeOperation, type FacadeRequest, json } from "../../endpoint.ts";
import { last, readDirection, readLimit } from "../paging.ts";
import { withBody } from "../with_body.ts";
import {
  changeNamespace,
  type MetadefDependencies,
  type NamespaceChange,
  onNamespace,
  removal,
} from "./change.ts";
import { addObject, changeObject, clearObjects, removeObject } from "./decide/mod.ts";
import { named } from "./names.ts";
import { readObject } from "./read.ts";
import { noObject } from "./refusals.ts";
import type { MetadefNamespace } from "./state.ts";
import { objectsView, objectView, writtenObjectView } from "./view.ts";

function change(command: string, action: string): NamespaceChange {
  return { command, action, absence: "ofDatabase" };
}

/** `GET …/objects`: all of them, whatever the page that is asked for, as in Glance. */
export function listObjects(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(
    dependencies,
    "ofDatabase",
    ({ query }, namespace) =>
      refuseQuery(query) ??
        json(200, {
          objects: objectsView(namespace),
          schema: "v2/schemas/metadefs/objects",
        }),
  );
}

function refuseQuery(query: URLSearchParams): Rejection | undefined {
  const limit = readLimit(last(query, "limit") ?? "1");
  if (typeof limit !== "number") return limit;
  if (limit === 0) return reject("Invalid", "limit param must be positive");
  const direction = readDirection(query);
  if (typeof direction !== "string") return direction;
  const visibility = last(query, "visibility") || "public";
  if (["public", "private", "shared"].includes(visibility)) return undefined;
  return reject("Invalid", `Invalid visibility value: ${visibility}`);
}

/** `POST …/objects`. */
export function createObject(dependencies: MetadefDependencies): FacadeOperation {
  return withBody((body) => readObject(body, { isNew: true }), async (request, object) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("AddMetadefObject", "add_metadef_object"),
      (before) => addObject(object, before),
    );
    return isRejection(outcome) ? outcome : json(201, viewOf(outcome, object.name));
  });
}

function viewOf({ namespace, objects }: MetadefNamespace, name: string): object {
  return writtenObjectView(namespace, named(objects, name)!);
}

/** `GET …/objects/{object}`. */
export function showObject(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(dependencies, "ofDatabase", (request, { namespace, objects }) => {
    const object = named(objects, request.param("object"));
    return object ? json(200, objectView(namespace, object)) : noObject(request.param("object"));
  });
}

/** `PUT …/objects/{object}`. */
export function updateObject(dependencies: MetadefDependencies): FacadeOperation {
  return withBody((body) => readObject(body, { isNew: false }), async (request, object) => {
    const outcome = await changeNamespace(
      dependencies,
      request,
      change("ChangeMetadefObject", "modify_metadef_object"),
      (before) => changeObject(request.param("object"), object, before),
    );
    return isRejection(outcome) ? outcome : json(200, viewOf(outcome, object.name));
  });
}

/** `DELETE …/objects/{object}`. */
export function deleteObject(dependencies: MetadefDependencies): FacadeOperation {
  return removal(
    dependencies,
    change("RemoveMetadefObject", "delete_metadef_object"),
    (before, request: FacadeRequest) => removeObject(request.param("object"), before),
  );
}

/** `DELETE …/objects`: the right of those who may delete the namespace. */
export function deleteObjects(dependencies: MetadefDependencies): FacadeOperation {
  return removal(dependencies, {
    command: "RemoveMetadefObjects",
    action: "delete_metadef_namespace",
    absence: "ofApi",
  }, clearObjects);
}
