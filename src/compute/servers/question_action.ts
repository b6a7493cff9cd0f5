/** Actions that change nothing: they ask about the machine, and are answered at once. */
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { BAD_REQUEST } from "../../http/faults.ts";
import type { Rule } from "../../http/policy.ts";
import type { Question } from "./actions/mod.ts";
import { tellConsole } from "./console_access.ts";
import { tellConsoleOutput } from "./console_output.ts";
import type { ServersService } from "./service.ts";

/** Answers a question about a machine. */
export async function answerQuestion(
  service: ServersService,
  request: NovaRequest,
  { action: { asks, rule }, value }: { readonly action: Question; readonly value: unknown },
): Promise<Outcome> {
  return await TELLERS[asks](service, request, { rule, value });
}

/** What answers a question. */
type Teller = (
  service: ServersService,
  request: NovaRequest,
  asked: { readonly rule: Rule; readonly value: unknown },
) => Promise<Outcome> | Outcome;

const TELLERS: Readonly<Record<Question["asks"], Teller>> = {
  "console output": tellConsoleOutput,
  "vnc console": tellConsole("vnc"),
  "spice console": tellConsole("spice"),
  "serial console": tellConsole("serial"),
  "rdp console": () => BAD_REQUEST,
};
