/** Tasks as rows, and the queries behind their GETs. */
import type { Aggregate, Versioned } from "../../../eventsourcing/aggregate.ts";
import type { Recorded } from "../../../eventsourcing/event.ts";
import { type StateColumns, stateTable } from "../../../eventsourcing/state_table.ts";
import { queriesOn, type Reader } from "../../../store/query.ts";
import type { ImageTaskEvent } from "./events.ts";

/** What is true of a task. */
export interface ImageTask {
  readonly type: string;
  readonly status: "success";
  readonly imageId: string;
  /** The project that asked. */
  readonly owner: string;
  readonly userId: string;
  readonly requestId: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
}

const NO_TASK: ImageTask = {
  type: "",
  status: "success",
  imageId: "",
  owner: "",
  userId: "",
  requestId: "",
  input: {},
  result: {},
  createdAt: "",
};

function evolve(_task: ImageTask, event: Recorded<ImageTaskEvent>): ImageTask {
  const { actor, requestId } = event.metadata;
  return {
    ...event.data,
    status: "success",
    owner: actor.projectId,
    userId: actor.userId,
    requestId,
    createdAt: event.recordedAt,
  };
}

/** Column names are Glance's, so that filters and sort keys can name them. */
interface TaskColumns {
  type: string;
  status: string;
  owner: string;
  image_id: string;
  user_id: string;
  request_id: string;
  created_at: string;
}

interface TaskTables {
  image_tasks: StateColumns & TaskColumns;
}

/** Tasks: stream `image_task-<id>`, table `image_tasks`. */
export const imageTasks: Aggregate<ImageTask, ImageTaskEvent> = {
  category: "image_task",
  eventTypes: { ImageTaskSucceeded: [] },
  initialState: NO_TASK,
  evolve,
  projection: stateTable<ImageTask, TaskColumns>({
    name: "image_tasks",
    version: 1,
    columns: {
      type: "text",
      status: "text",
      owner: "text",
      image_id: "text",
      user_id: "text",
      request_id: "text",
      created_at: "text",
    },
    indexes: [
      { name: "image_tasks_by_time", columns: ["created_at", "id"] },
      { name: "image_tasks_by_image", columns: ["image_id", "created_at"] },
    ],
    row: ({ state: task }) => ({
      type: task.type,
      status: task.status,
      owner: task.owner,
      image_id: task.imageId,
      user_id: task.userId,
      request_id: task.requestId,
      created_at: task.createdAt,
    }),
  }),
};

/** One task; undefined when there is none of this id. */
export function findTask(
  reader: Reader,
  id: string,
): Promise<Versioned<ImageTask> | undefined> {
  return imageTasks.projection.load(reader, id);
}

const queries = queriesOn<TaskTables>();

const byImage = queries.prepare<{ imageId: string; since: string }, StateColumns>((db, p) =>
  db.selectFrom("image_tasks").select(["id", "version", "state"])
    .where("image_id", "=", p("imageId")).where("created_at", ">", p("since"))
    .orderBy("created_at").orderBy("id")
);

/** The tasks of an image that were made since then, oldest first. */
export async function tasksOfImage(
  reader: Reader,
  imageId: string,
  since: string,
): Promise<readonly Versioned<ImageTask>[]> {
  const rows = await reader.all(byImage, { imageId, since });
  return rows.map(({ id, version, state }) => ({ id, version, state: JSON.parse(state) }));
}
