/** Actions that make a command: what its value names is looked up, it is decided, and answered. */
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { type Fault, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed } from "../../http/policy.ts";
import { answerAction } from "./action_answer.ts";
import { actionFacts } from "./action_facts.ts";
import type { Action, ActionCommand } from "./actions/mod.ts";
import type { ServerHead } from "./projection.ts";
import { actorOf, type ServersService } from "./service.ts";

/** An action that makes a command, and its value. */
export interface AskedCommand {
  readonly action: Action;
  readonly value: unknown;
}

/** Decides the command that an action makes for the server in the path. */
export async function commandServer(
  service: ServersService,
  request: NovaRequest,
  asked: AskedCommand,
): Promise<Outcome> {
  const found = await findForCommand(service, request, asked);
  return isFault(found) ? found : await commandFound(service, request, { ...asked, found });
}

/** The server in the path, if the rules that the value asks for allow the action. */
export async function findForCommand(
  service: ServersService,
  request: NovaRequest,
  { action, value }: AskedCommand,
): Promise<ServerHead | Fault> {
  const { minor, caller } = request;
  const found = await service.find(request, action.ruleFor?.(value, minor) ?? action.rule);
  if (isFault(found)) return found;
  for (const rule of action.moreRules?.(value, minor) ?? []) {
    const refusal = refuseUnlessAllowed(rule, caller, found.project_id);
    if (refusal) return refusal;
  }
  return found;
}

interface FoundCommand extends AskedCommand {
  readonly found: ServerHead;
}

/** Decides the command for a server that was found, and answers. */
export async function commandFound(
  service: ServersService,
  request: NovaRequest,
  asked: FoundCommand,
): Promise<Outcome> {
  const command = await commandOf(service, request, asked);
  if (isFault(command)) return command;
  const outcome = await service.command(request, asked.found.id, command, command.decide);
  if (isFault(outcome)) return outcome;
  const { success: status } = asked.action;
  const { answer } = command;
  return answer ? await answerAction(service, request, { outcome, status, answer }) : { status };
}

async function commandOf(
  service: ServersService,
  request: NovaRequest,
  { action, value, found }: FoundCommand,
): Promise<ActionCommand | Fault> {
  const names = action.names?.(value) ?? {};
  return action.command({
    id: found.id,
    by: actorOf(request),
    value,
    minor: request.minor,
    facts: await actionFacts(service, request.caller, { serverId: found.id, names }),
    seal: (text) => service.dependencies.secrets.seal(text),
    newId: () => crypto.randomUUID(),
  });
}
