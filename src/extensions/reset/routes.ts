/** `POST /chronova/v1/reset`: a test cloud as it was when it was new. */
import type { Hono } from "hono";
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { EventMetadata } from "../../eventsourcing/event.ts";
import { fault } from "../../http/faults.ts";
import type { ExtensionEndpoints } from "../endpoint.ts";
import type { EndedLog } from "./decider.ts";

/** What a reset has done. */
export interface ResetReport {
  readonly number: number;
  readonly before: EndedLog;
  /** Milliseconds, until the new log was there. */
  readonly ms: number;
}

/** Brings the cloud back to its seed; refuses where that cannot be done now. */
export type ResetCloud = (metadata: EventMetadata) => Promise<ResetReport | Rejection>;

/** Puts the endpoint on an app; undefined: the cloud was not started as one that can be reset. */
export function resetRoutes(
  app: Hono,
  endpoints: ExtensionEndpoints,
  reset: ResetCloud | undefined,
): void {
  app.post(
    "/reset",
    endpoints.handler(async (request) => {
      if (!reset) return fault(403, "This cloud keeps what it has: start it with --allow-reset.");
      const report = await reset(request.metadata("ResetCloud"));
      if (isRejection(report)) return report;
      return { status: 200, body: { reset: report } };
    }),
  );
}
