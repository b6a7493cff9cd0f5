/** POST /servers/{id}/action: looks up what the value names, decides, and answers. */
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { BAD_REQUEST, type Fault, fault, isFault } from "../../http/faults.ts";
import { refuseUnlessAllowed, type Rule } from "../../http/policy.ts";
import type { Versioned } from "../../eventsourcing/aggregate.ts";
import { findKeyPair } from "../keypairs/projection.ts";
import { listHosts, serviceOf } from "../hosts/projection.ts";
import type {
  ActionAnswer,
  ActionFacts,
  ActionNames,
  AskedAction,
  Question,
} from "./actions/mod.ts";
import type { NewImageValue } from "./actions/image.ts";
import { tellConsole } from "./console_access.ts";
import { tellConsoleOutput } from "./console_output.ts";
import { flavorFacts } from "./create.ts";
import { answerImage } from "./image_answer.ts";
import { changeNetwork } from "./network_change.ts";
import { findServer, type ServerHead } from "./projection.ts";
import { actorOf, type ServersService } from "./service.ts";
import { newImageOf } from "./snapshot.ts";
import { isVolumeBacked, type Server } from "./state.ts";
import { createVolumeImage } from "./volume_image.ts";
import { isRoot } from "./volumes.ts";

/** Carries out an action that `readAction` has read. */
export async function act(service: ServersService, request: NovaRequest): Promise<Outcome> {
  const { action, value } = request.body as AskedAction;
  if ("asks" in action) {
    return await ANSWERS[action.asks](service, request, { rule: action.rule, value });
  }
  if ("changes" in action) return await changeNetwork(service, request, { action, value });
  const { minor, caller } = request;
  const rule = action.ruleFor?.(value, minor) ?? action.rule;
  const found = await service.find(request, rule);
  if (isFault(found)) return found;
  for (const rule of action.moreRules?.(value, minor) ?? []) {
    const refusal = refuseUnlessAllowed(rule, caller, found.project_id);
    if (refusal) return refusal;
  }
  const { secrets, reader } = service.dependencies;
  if (action.ofVolumes) {
    const server = (await findServer(reader, found.id))!;
    if (isVolumeBacked(server.state)) {
      return await createVolumeImage(service, request, server, value as NewImageValue);
    }
  }
  const command = action.command({
    id: found.id,
    by: actorOf(request),
    value,
    minor,
    facts: await lookUp(service, request, found, action.names?.(value) ?? {}),
    seal: (text) => secrets.seal(text),
    newId: () => crypto.randomUUID(),
  });
  if (isFault(command)) return command;
  const outcome = await service.command(request, found.id, command, command.decide);
  if (isFault(outcome)) return outcome;
  const { success: status } = action;
  return command.answer
    ? await answer(service, request, { outcome, status, answer: command.answer })
    : { status };
}

/** What answers a question. */
type Teller = (
  service: ServersService,
  request: NovaRequest,
  asked: { readonly rule: Rule; readonly value: unknown },
) => Promise<Outcome> | Outcome;

const ANSWERS: Readonly<Record<Question["asks"], Teller>> = {
  "console output": tellConsoleOutput,
  "vnc console": tellConsole("vnc"),
  "spice console": tellConsole("spice"),
  "serial console": tellConsole("serial"),
  "rdp console": () => BAD_REQUEST,
};

/** What other services and tables say of the things the value names. */
async function lookUp(
  { dependencies: { reader, images, volumes } }: ServersService,
  { caller }: NovaRequest,
  { id }: ServerHead,
  names: ActionNames,
): Promise<ActionFacts> {
  const { image, rootVolume, flavor, keyPair, hosts } = names;
  const server = keyPair !== undefined || rootVolume
    ? (await findServer(reader, id))!.state
    : undefined;
  const root = rootVolume && server!.volumes.find(isRoot);
  return {
    image: image === undefined ? undefined : await images.find(image, caller),
    rootVolume: root && await volumes.find(root.volumeId, caller),
    flavor: flavor === undefined ? undefined : await flavorFacts(reader, flavor, caller),
    keyPairExists: keyPair === undefined
      ? undefined
      : await findKeyPair(reader, server!.userId, keyPair) !== undefined,
    hosts: hosts && (await listHosts(reader)).map(({ name, state, zone }) => ({
      host: name,
      node: state.node,
      availabilityZone: zone,
      isUp: serviceOf(state).up,
    })),
  };
}

interface Answering {
  readonly outcome: Versioned<Server>;
  readonly status: number;
  readonly answer: ActionAnswer;
}

async function answer(
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
      if (refusal) return refusal;
      return answerImage(service, request, answer);
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
