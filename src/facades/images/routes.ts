/** The image service: Glance's API v2. */
import { Hono } from "hono";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { Committer } from "../../eventsourcing/committer.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Reader } from "../../store/query.ts";
import { listPage } from "../collections.ts";
import {
  type FacadeDependencies,
  FacadeEndpoints,
  type FacadeOperation,
  type FacadeRequest,
  json,
  servicePath,
  serviceUrl,
} from "../endpoint.ts";
import { SERVER_ERROR, webobError } from "../webob_error.ts";
import { maySee } from "./access.ts";
import { noRoute, refuse, refused } from "./answers.ts";
import type { ImageContent } from "./content.ts";
import { noImage } from "./decide/mod.ts";
import { download } from "./download.ts";
import { importImage } from "./import.ts";
import { infoRoutes } from "./info.ts";
import { readListQuery } from "./list_query.ts";
import { addLocation, listLocations } from "./locations.ts";
import { createMember, deleteMember, listMembers, showMember, updateMember } from "./members.ts";
import { metadefRoutes } from "./metadefs/mod.ts";
import { pageLinks } from "./page_links.ts";
import { findImage } from "./projection.ts";
import type { Route } from "./routing.ts";
import { imageSchema, imagesSchema, memberSchema, membersSchema } from "./schemas.ts";
import type { Image } from "./state.ts";
import { deleteFromStore, listStores, listStoresInDetail } from "./stores.ts";
import {
  createTask,
  deleteTask,
  listTasks,
  listTasksOfImage,
  showTask,
} from "./tasks/operations.ts";
import { taskSchema, tasksSchema } from "./tasks/schemas.ts";
import { stage, upload } from "./upload.ts";
import { versionsView } from "./versions.ts";
import { imageView } from "./view.ts";
import { act, addTags, createImages, deleteImages, removeTags, updateImages } from "./writes.ts";

/** What the image service needs of the rest of the house. */
export interface ImageRoutesDependencies extends FacadeDependencies {
  readonly reader: Reader;
  readonly committer: Committer;
  readonly content: ImageContent;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Most bytes that an image may have; default 1 TiB. */
  readonly imageSizeLimitBytes?: number;
}

/** glance/common/config.py, `image_size_cap`. */
const IMAGE_SIZE_CAP = 2 ** 40;

/** The image service as a Hono app, to be mounted at `/image`. */
export function imageRoutes(dependencies: ImageRoutesDependencies): Hono {
  const { reader, content } = dependencies;
  const endpoints = new FacadeEndpoints(
    dependencies,
    (c) => webobError(c.req.header("accept"), 500, SERVER_ERROR),
  );
  const app = new Hono();

  const route = routeOn(app, endpoints);

  for (
    const [name, schema] of Object.entries({
      image: imageSchema,
      images: imagesSchema,
      member: memberSchema,
      members: membersSchema,
      task: taskSchema,
      tasks: tasksSchema,
    })
  ) {
    route(`/v2/schemas/${name}`, { GET: () => json(200, schema) });
  }

  const uploading = {
    ...dependencies,
    sizeLimitBytes: dependencies.imageSizeLimitBytes ?? IMAGE_SIZE_CAP,
  };
  route("/v2/images", { GET: listImages(reader), POST: createImages(dependencies) });
  route("/v2/images/:id", {
    GET: onImage(reader, (_request, found) => json(200, imageView(found))),
    PATCH: updateImages(dependencies),
    DELETE: deleteImages(dependencies),
  });
  route("/v2/images/:id/file", {
    GET: onImage(reader, (request, { state }) => download(request, state, content)),
    PUT: upload(uploading),
  });
  route("/v2/images/:id/actions/deactivate", { POST: act(dependencies, "deactivate") });
  route("/v2/images/:id/actions/reactivate", { POST: act(dependencies, "reactivate") });
  route("/v2/images/:id/tags/:tag", {
    PUT: addTags(dependencies),
    DELETE: removeTags(dependencies),
  });
  route("/v2/images/:id/members", {
    GET: listMembers(dependencies),
    POST: createMember(dependencies),
  });
  route("/v2/images/:id/members/:member", {
    GET: showMember(dependencies),
    PUT: updateMember(dependencies),
    DELETE: deleteMember(dependencies),
  });
  route("/v2/images/:id/locations", {
    GET: listLocations(dependencies),
    POST: addLocation(dependencies),
  });
  route("/v2/images/:id/stage", { PUT: stage(uploading) });
  route("/v2/images/:id/import", { POST: importImage(dependencies) });
  route("/v2/images/:id/tasks", {
    GET: onImage(reader, (_request, { id }) => listTasksOfImage(dependencies, id)),
  });
  route("/v2/tasks", { GET: listTasks(dependencies), POST: createTask });
  route("/v2/tasks/:id", { GET: showTask(dependencies), DELETE: deleteTask });
  route("/v2/info/stores", { GET: listStores });
  route("/v2/info/stores/detail", { GET: listStoresInDetail(content) });
  route("/v2/stores/:store/:id", { DELETE: deleteFromStore(dependencies) });
  infoRoutes(route);
  metadefRoutes(route, dependencies);

  const versions = endpoints.handler(noRoute);
  app.all("*", (c) => {
    const first = servicePath(c).split("/")[1];
    if (first === "versions") return json(200, versionsView(serviceUrl(c)));
    if (first !== "v2") return json(300, versionsView(serviceUrl(c)));
    return versions(c);
  });
  return app;
}

/** Makes the `route` of an app. */
function routeOn(app: Hono, endpoints: FacadeEndpoints): Route {
  return (path, methods) => {
    for (const [method, operation] of Object.entries(methods)) {
      app.on(method, path, endpoints.handler(operation));
    }
    const allow = Object.keys(methods).join(", ");
    app.all(
      path,
      endpoints.handler((request) =>
        refuse(
          request,
          405,
          `The method ${request.raw.method} is not allowed for this resource.`,
          { allow },
        )
      ),
    );
  };
}

function listImages(reader: Reader): FacadeOperation {
  return async (request) => {
    const { query, caller } = request;
    if (!caller.isAdmin && !caller.roles.has("reader")) {
      return refuse(request, 403, "You are not authorized to complete get_images action.");
    }
    const asked = readListQuery(query, caller);
    if (isRejection(asked)) return refused(request, asked);
    const page = await listPage<Image>(reader, { table: "images", ...asked });
    if (!page) {
      return refuse(request, 400, noImage(asked.marker!).message);
    }
    const isFull = page.length > 0 && page.length === asked.limit;
    return json(200, {
      images: page.map(imageView),
      ...pageLinks("/v2/images", query, isFull ? page.at(-1)!.id : undefined),
      schema: "/v2/schemas/images",
    });
  };
}

/** An operation on the image that the path names, for callers who may see it. */
function onImage(
  reader: Reader,
  operation: (
    request: FacadeRequest,
    found: Versioned<Image>,
  ) => Promise<Response> | Response,
): FacadeOperation {
  return async (request) => {
    const id = request.param("id");
    const found = await findImage(reader, id);
    if (!found || !maySee(found.state, request.caller)) return refused(request, noImage(id));
    return await operation(request, found);
  };
}
