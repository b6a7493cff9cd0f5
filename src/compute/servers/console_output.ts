/** os-getConsoleOutput; nova/api/openstack/compute/console_output.py. */
import { isFailure } from "../../drivers/driver.ts";
import { isRejection } from "../../eventsourcing/decider.ts";
import type { Recorded } from "../../eventsourcing/event.ts";
import type { NovaRequest, Outcome } from "../../http/endpoint.ts";
import { fault, faultOf, isFault } from "../../http/faults.ts";
import type { Rule } from "../../http/policy.ts";
import type { ServerEvent } from "./events.ts";
import { knownMachine } from "./known_machine.ts";
import { machineHistory } from "./machine_history.ts";
import { refuseUnlessPlaced } from "./preconditions.ts";
import type { ServersService } from "./service.ts";

/** Answers with the last lines of a machine's console; refuses a server that is on no host. */
export async function tellConsoleOutput(
  service: ServersService,
  request: NovaRequest,
  { rule, value }: { readonly rule: Rule; readonly value: unknown },
): Promise<Outcome> {
  const found = await service.load(request, rule);
  if (isFault(found)) return found;
  const refusal = refuseUnlessPlaced(found.id, found.state);
  if (isRejection(refusal)) return faultOf(refusal);
  const { driver, events, clock } = service.dependencies;
  const stream = `server-${found.id}`;
  const all = await events.read({ stream, limit: Number.MAX_SAFE_INTEGER });
  const told = await driver.consoleOutput(
    knownMachine(found, clock()),
    machineHistory(all as Recorded<ServerEvent>[]),
  );
  if (isFailure(told)) return fault(404, "Guest does not have a console available.");
  const { length } = value as { length?: number | string | null };
  return { status: 200, body: { output: printable(lastLines(told.output, length ?? null)) } };
}

/**
 * The last lines; null: all. As in Nova, -1 is all but the first.
 *
 * Source: nova/compute/manager.py, `_tail_log`.
 */
export function lastLines(output: string, length: number | string | null): string {
  if (length === null) return output;
  const count = Number(length);
  return count === 0 ? "" : output.split("\n").slice(-count).join("\n");
}

/** Without control characters other than tabs and line feeds. */
function printable(text: string): string {
  // deno-lint-ignore no-control-regex -- these are what is to go.
  return text.replace(/[\x00-\x08\x0B-\x1F]/g, "");
}
