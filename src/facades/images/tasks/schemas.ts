/** Glance's schemas of tasks; glance/api/v2/tasks.py. */
import { pageSchema, text, UUID_PATTERN } from "../schemas.ts";

const SHORT = {
  id: text("Identifies the task", { pattern: UUID_PATTERN }),
  type: text("What the task does", { enum: ["import", "api_image_import", "location_import"] }),
  status: text("How far the task is", {
    enum: ["pending", "processing", "success", "failure"],
  }),
  owner: text("The project that asked for the task"),
  image_id: text("The image that the task works on"),
  request_id: text("The request that asked for the task"),
  user_id: text("The user who asked for the task"),
  expires_at: { type: ["null", "string"], description: "When the task is forgotten" },
  created_at: text("When the task was asked for"),
  updated_at: text("When the task last changed"),
  self: { readOnly: true, type: "string" },
  schema: { readOnly: true, type: "string" },
};

/** A task. */
export const taskSchema = {
  name: "task",
  properties: {
    ...SHORT,
    input: { type: ["null", "object"], description: "What the task was asked to do" },
    result: { type: ["null", "object"], description: "What came of the task" },
    message: text("What went wrong, for people"),
  },
  additionalProperties: false,
};

/** A list of tasks, without what went in and came out. */
export const tasksSchema = pageSchema("tasks", {
  name: "task",
  properties: SHORT,
  additionalProperties: false,
});
