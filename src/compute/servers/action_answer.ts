/** What is answered to an accepted action that says more than its status. */
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, fault } from "../../http/faults.ts";
import type { ActionAnswer } from "./actions/mod.ts";
import { answerImage } from "./image_answer.ts";
import type { ServersService } from "./service.ts";
import { newImageOf } from "./snapshot.ts";
import type { Server } from "./state.ts";

interface Answering {
  readonly outcome: Versioned<Server>;
  readonly status: number;
  readonly answer: ActionAnswer;
}

/** Answers what the action asks for. */
export async function answerAction(
  service: ServersService,
  request: NovaRequest,
  { outcome, status, answer }: Answering,
): Promise<Outcome> {
  switch (answer.of) {
    case "body":
      return { status, body: answer.body };
    case "server": {
      const server = JSON.parse(service.renderer(request, "rebuild").render(outcome));
      const location = `${request.selfBase}/servers/${outcome.id}`;
      const body = { server: { ...server, adminPass: answer.adminPass } };
      return { status, body, headers: { location } };
    }
    case "image": {
      const refusal = await beginImage(service, outcome);
      return refusal ?? answerImage(service, request, answer);
    }
  }
}

/** Makes the image now: whoever is answered finds it. The process that fills it makes sure again. */
async function beginImage(
  { dependencies: { images } }: ServersService,
  { id, state }: Versioned<Server>,
): Promise<Fault | undefined> {
  const image = newImageOf(id, state);
  const outcome = image && await images.ensureSnapshot(image);
  return outcome && fault(403, outcome.failed);
}
