/** Tasks as Glance's JSON; glance/api/v2/tasks.py, `ResponseSerializer`. */
import type { Versioned } from "../../../eventsourcing/aggregate.ts";
import { toSeconds } from "../../times.ts";
import { expiryOf } from "./lifetime.ts";
import type { ImageTask } from "./projection.ts";

type View = Record<string, unknown>;

/** A task as it stands in lists. */
export function taskStubView({ id, state: task }: Versioned<ImageTask>): View {
  return {
    id,
    type: task.type,
    status: task.status,
    owner: task.owner,
    created_at: toSeconds(task.createdAt),
    updated_at: toSeconds(task.createdAt),
    expires_at: toSeconds(expiryOf(task.createdAt)),
    self: `/v2/tasks/${id}`,
    schema: "/v2/schemas/task",
  };
}

/** A task with what went in and came out. */
export function taskView(versioned: Versioned<ImageTask>): View {
  const { state: task } = versioned;
  return {
    ...taskStubView(versioned),
    input: task.input,
    message: "",
    result: task.result,
    image_id: task.imageId,
    request_id: task.requestId,
    user_id: task.userId,
  };
}

/** A task among those of its image: its row in Glance's database, whose times have no zone. */
export function taskOfImageView({ id, state: task }: Versioned<ImageTask>): View {
  const time = (at: string) => at.slice(0, 19);
  return {
    id,
    type: task.type,
    status: task.status,
    owner: task.owner,
    expires_at: time(expiryOf(task.createdAt)),
    created_at: time(task.createdAt),
    updated_at: time(task.createdAt),
    deleted_at: null,
    deleted: false,
    image_id: task.imageId,
    request_id: task.requestId,
    user_id: task.userId,
    input: task.input,
    result: task.result,
    message: "",
  };
}
