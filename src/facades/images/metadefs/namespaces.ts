/** `/v2/metadefs/namespaces`. */
import { isRejection } from "../../../eventsourcing/decider.ts";
import { listPage } from "../../collections.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { noRoute, refuse, refused } from "../answers.ts";
import { pageLinks } from "../page_links.ts";
import { last } from "../paging.ts";
import { withBody } from "../with_body.ts";
import { changeNamespace, type MetadefDependencies, onNamespace, removal } from "./change.ts";
import { createNamespace, deleteNamespace, updateNamespace } from "./decide/mod.ts";
import { readNamespaceQuery } from "./list_query.ts";
import { findNamespace, metadefNamespaces } from "./projection.ts";
import { readNamespace } from "./read.ts";
import { noNamespace } from "./refusals.ts";
import type { MetadefNamespace } from "./state.ts";
import {
  createdView,
  detailedView,
  listedView,
  namespaceLink,
  NAMESPACES,
  namespaceView,
} from "./view.ts";

/** `GET …/namespaces`. */
export function listNamespaces({ reader }: MetadefDependencies): FacadeOperation {
  return async (request) => {
    const { query, caller } = request;
    const asked = readNamespaceQuery(query, caller);
    if (isRejection(asked)) return refused(request, asked);
    if (!caller.isAdmin && !caller.roles.has("reader")) return noRoute(request);
    const { marker: name, ...page } = asked;
    const marker = name === undefined ? undefined : await findNamespace(reader, name);
    const found = name !== undefined && !marker ? undefined : await listPage<MetadefNamespace>(
      reader,
      { table: "metadef_namespaces", ...page, ...(marker && { marker: marker.id }) },
    );
    if (!found) return refused(request, noNamespace.ofDatabase(name!));
    const isFull = found.length > 0 && found.length === asked.limit;
    return json(200, {
      namespaces: found.map(({ state }) => listedView(state)),
      ...pageLinks(NAMESPACES, query, isFull ? found.at(-1)!.state.namespace : undefined),
      schema: "/v2/schemas/metadefs/namespaces",
    });
  };
}

/** `POST …/namespaces`. */
export function createNamespaces({ committer }: MetadefDependencies): FacadeOperation {
  return withBody(
    (body, { caller }) => readNamespace(body, caller.projectId),
    async (request, { facts, content }) => {
      const outcome = await committer.submit(
        request.metadata("CreateMetadefNamespace"),
        async (unit) => {
          const decision = createNamespace({
            type: "CreateNamespace",
            by: request.caller,
            facts,
            content,
            isNameTaken: await findNamespace(unit, facts.namespace) !== undefined,
          });
          if (isRejection(decision)) return decision;
          const before = await unit.load(metadefNamespaces, crypto.randomUUID());
          return await unit.append(metadefNamespaces, before, decision);
        },
      );
      if (isRejection(outcome)) return outcome;
      return json(201, createdView(outcome.state), {
        location: request.serviceUrl + encodeURI(namespaceLink(facts.namespace)),
      });
    },
  );
}

/** `GET …/namespaces/{namespace}`. */
export function showNamespace(dependencies: MetadefDependencies): FacadeOperation {
  return onNamespace(dependencies, "ofDatabase", (request, namespace) => {
    const visibility = last(request.query, "visibility") || "public";
    if (visibility !== "public" && visibility !== "private") {
      return refuse(request, 400, `Invalid visibility value: ${visibility}`);
    }
    return json(200, detailedView(namespace, last(request.query, "resource_type")));
  });
}

/** `PUT …/namespaces/{namespace}`: what is not said is as in a new one. */
export function updateNamespaces(dependencies: MetadefDependencies): FacadeOperation {
  return withBody(
    (body, { caller }) => readNamespace(body, caller.projectId),
    async (request, { facts }) => {
      const outcome = await changeNamespace(
        dependencies,
        request,
        {
          command: "UpdateMetadefNamespace",
          action: "modify_metadef_namespace",
          absence: "ofApi",
        },
        async (before, unit, id) => {
          const other = await findNamespace(unit, facts.namespace);
          const isNameTaken = other !== undefined && other.id !== id;
          return updateNamespace({ type: "UpdateNamespace", facts, isNameTaken }, before);
        },
      );
      return isRejection(outcome) ? outcome : json(200, namespaceView(outcome));
    },
  );
}

/** `DELETE …/namespaces/{namespace}`. */
export function deleteNamespaces(dependencies: MetadefDependencies): FacadeOperation {
  return removal(dependencies, {
    command: "DeleteMetadefNamespace",
    action: "delete_metadef_namespace",
    absence: "ofApi",
  }, deleteNamespace);
}
