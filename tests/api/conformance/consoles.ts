import type { Answered } from "../../kit/cloud.ts";
import { type Json, samplesOf } from "../../kit/samples.ts";
import { act, type Asked, expectAccepted, requestFor, unlessRequest } from "./asked.ts";

/** By the action, or, from 2.6 on, by the path. */
async function openConsole(asked: Asked, body: Json): Promise<Answered> {
  const { cloud, as, mv } = asked;
  if (!body.remote_console) return await act(asked, body);
  const path = `/v2.1/servers/${await cloud.create()}/remote-consoles`;
  return await cloud.ask(as, "POST", path, { mv, body });
}

export async function consoleRequest(asked: Asked): Promise<null> {
  expectAccepted(asked.sample, await openConsole(asked, asked.sample.json));
  return null;
}

/** How a console is refused that Nova no longer has. */
export function consoleRefused(asked: Asked): Promise<null> {
  return consoleRequest({ ...asked, sample: requestFor(asked.sample) });
}

/** What the machine has written, asked for as the sample, or its request, says. */
export async function consoleOutput(asked: Asked): Promise<Answered | null> {
  return unlessRequest(asked, await act(asked, requestFor(asked.sample).json));
}

export function consoleOf(asked: Asked): Promise<Answered> {
  return openConsole(asked, requestFor(asked.sample).json);
}

/** What the token opens that the request beside the sample asks for. */
export async function connectInfo(asked: Asked): Promise<Answered> {
  const { cloud, mv } = asked;
  const request = samplesOf("os-console-auth-tokens")
    .find((one) => one.mv === mv && one.file.startsWith("create-"))!;
  const opened = await openConsole(asked, request.json);
  const token = new URL(opened.json.remote_console.url).searchParams.get("token");
  return await cloud.ask("padmin", "GET", `/v2.1/os-console-auth-tokens/${token}`, { mv });
}
