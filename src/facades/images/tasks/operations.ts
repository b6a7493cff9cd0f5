/** `/v2/tasks`: work on images that was asked for; for admins only. */
import { isRejection, reject, type Rejection } from "../../../eventsourcing/decider.ts";
import { bodyProblem, type JsonSchema } from "../../../http/schema.ts";
import type { Reader } from "../../../store/query.ts";
import { listPage } from "../../collections.ts";
import { type FacadeOperation, json } from "../../endpoint.ts";
import { malformed, refuse, refused, tooLarge } from "../answers.ts";
import { notAuthorized } from "../change.ts";
import { pageLinks } from "../page_links.ts";
import { oldestKept } from "./lifetime.ts";
import { readTaskQuery } from "./list_query.ts";
import { findTask, type ImageTask, tasksOfImage } from "./projection.ts";
import { taskSchema } from "./schemas.ts";
import { taskOfImageView, taskStubView, taskView } from "./view.ts";

interface Dependencies {
  readonly reader: Reader;
  readonly now: () => number;
}

function forAdmins(operation: FacadeOperation): FacadeOperation {
  return (request) =>
    request.caller.isAdmin
      ? operation(request)
      : refuse(request, 403, notAuthorized("tasks_api_access")());
}

/** `GET /v2/tasks`. */
export function listTasks({ reader, now }: Dependencies): FacadeOperation {
  return forAdmins(async (request) => {
    const asked = readTaskQuery(request.query, oldestKept(now()));
    if (isRejection(asked)) return refused(request, asked);
    const page = await listPage<ImageTask>(reader, { table: "image_tasks", ...asked });
    if (!page) return refuse(request, 400, `Task with the given id ${asked.marker} was not found`);
    const isFull = page.length > 0 && page.length === asked.limit;
    return json(200, {
      tasks: page.map(taskStubView),
      ...pageLinks("/v2/tasks", request.query, isFull ? page.at(-1)!.id : undefined),
      schema: "/v2/schemas/tasks",
    });
  });
}

/** `GET /v2/tasks/{id}`. */
export function showTask({ reader, now }: Dependencies): FacadeOperation {
  return forAdmins(async (request) => {
    const id = request.param("id");
    const found = await findTask(reader, id);
    return found && found.state.createdAt > oldestKept(now())
      ? json(200, taskView(found))
      : refuse(request, 404, `Could not find task ${id}`);
  });
}

/** `DELETE /v2/tasks/{id}`: nobody's right. */
export const deleteTask: FacadeOperation = forAdmins((request) =>
  refuse(
    request,
    405,
    "This operation is currently not permitted on Glance Tasks. They are auto deleted after " +
      "reaching the time based on their expires_at property.",
    { allow: "GET" },
  )
);

/**
 * `POST /v2/tasks`: refused in the end, whatever is asked for.
 *
 * Nothing is fetched from elsewhere, as in a Glance that allows no host; and the other kinds of
 * work are begun by requests on the image itself.
 */
export const createTask: FacadeOperation = forAdmins(async (request) => {
  const reading = await request.json();
  if (!reading) return tooLarge(request);
  if ("malformed" in reading) return malformed(request);
  return refused(request, refuseTask(reading.value));
});

const BODY = { type: "object", ...taskSchema } as JsonSchema;

function refuseTask(body: unknown): Rejection {
  if (body === null) return invalid("Body expected in request.");
  for (const name of ["type", "input"]) {
    if (!Object.hasOwn(Object(body), name)) return invalid(`Task '${name}' is required`);
  }
  const problem = bodyProblem(BODY, body);
  if (problem) return invalid(`Provided object does not match schema 'task': ${problem}`);
  const { type, input } = body as { readonly type: string; readonly input: unknown };
  if (type !== "import") return invalid(`Provided type of task is unsupported: ${type}`);
  const { import_from: from } = Object(input) as { readonly import_from?: unknown };
  if (typeof from !== "string" || from === "") return invalid("Invalid location: None");
  if (/^file(system)?:\/\/\//.test(from)) {
    return invalid(
      "File based imports are not allowed. Please use a non-local source of image data.",
    );
  }
  if (/^https?:\/\//.test(from)) {
    return invalid(`URI for legacy import task does not pass filtering: ${from}`);
  }
  return invalid(
    "The given uri is not valid. Please specify a valid uri from the following list of " +
      "supported uri ['http']",
  );
}

function invalid(message: string): Rejection {
  return reject("Invalid", message);
}

/** `GET /v2/images/{id}/tasks`, for whoever may see the image. */
export async function listTasksOfImage(
  { reader, now }: Dependencies,
  imageId: string,
): Promise<Response> {
  const tasks = await tasksOfImage(reader, imageId, oldestKept(now()));
  return json(200, { tasks: tasks.map(taskOfImageView) });
}
