/** `/chronova/v1/cell`: whether the cell, all hosts and what is on them, can be reached. */
import type { Hono } from "hono";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import type { JsonSchema } from "../../http/schema.ts";
import type { ExtensionEndpoints } from "../endpoint.ts";

/** What tells whether the cell can be reached, and has it so or not. */
export interface CellSwitch {
  readonly isDown: boolean;
  set(reachable: boolean, metadata: EventMetadata): Promise<void>;
}

const cellSchema: JsonSchema = {
  type: "object",
  properties: {
    cell: {
      type: "object",
      properties: { reachable: { type: "boolean" } },
      required: ["reachable"],
      additionalProperties: false,
    },
  },
  required: ["cell"],
  additionalProperties: false,
};

/** Puts the endpoints on an app. */
export function cellRoutes(app: Hono, endpoints: ExtensionEndpoints, cell: CellSwitch): void {
  const answer = () => ({ status: 200, body: { cell: { reachable: !cell.isDown } } });
  app.get("/cell", endpoints.handler(answer));
  app.put(
    "/cell",
    endpoints.handler(async (request) => {
      const { cell: { reachable } } = request.body as { cell: { reachable: boolean } };
      await cell.set(reachable, request.metadata("SetCellReach"));
      return answer();
    }, { body: cellSchema }),
  );
}
