/** Operations that begin with what the body says. */
import { isRejection, type Rejection } from "../../eventsourcing/decider.ts";
import type { FacadeOperation, FacadeRequest } from "../endpoint.ts";
import { malformed, refused, tooLarge } from "./answers.ts";

/** An operation whose body says something that `read` understands. */
export function withBody<Asked>(
  read: (body: unknown, request: FacadeRequest) => Asked | Rejection,
  operation: (request: FacadeRequest, asked: Asked) => Promise<Response | Rejection>,
): FacadeOperation {
  return async (request) => {
    const reading = await request.json();
    if (!reading) return tooLarge(request);
    if ("malformed" in reading) return malformed(request);
    const asked = read(reading.value, request);
    const answered = isRejection(asked) ? asked : await operation(request, asked);
    return isRejection(answered) ? refused(request, answered) : answered;
  };
}
