/** POST /servers/{id}/action: what carries out which kind of action. */
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { answerQuestion } from "./question_action.ts";
import type { AskedAction } from "./actions/mod.ts";
import { commandServer } from "./command_action.ts";
import { imageServer } from "./image_action.ts";
import { changeNetwork } from "./network_change.ts";
import type { ServersService } from "./service.ts";

/** Carries out an action that `readAction` has read. */
export function act(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const { action, value } = request.body as AskedAction;
  if ("asks" in action) return answerQuestion(service, request, { action, value });
  if ("changes" in action) return changeNetwork(service, request, { action, value });
  if (action.ofVolumes) return imageServer(service, request, { action, value });
  return commandServer(service, request, { action, value });
}
