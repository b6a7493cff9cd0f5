/** The actions of `POST /servers/{id}/action` by their wire names, and how a body is read. */
import type { BodyReading } from "../../../http/body.ts";
import { type Fault, fault, GONE, NO_SUCH_RESOURCE } from "../../../http/faults.ts";
import type { Minor } from "../../../http/microversions.ts";
import { bodyProblem } from "../../../http/schema.ts";
import type { Action, NetworkAction, Question } from "./action.ts";
import { adminActions } from "./admin.ts";
import { questions } from "./questions.ts";
import { deleteActions } from "./delete.ts";
import { imageActions } from "./image.ts";
import { lockActions } from "./lock.ts";
import { moveActions } from "./move.ts";
import { networkActions } from "./network.ts";
import { powerActions } from "./power.ts";
import { rebuildActions } from "./rebuild.ts";
import { shelveActions } from "./shelve.ts";

export * from "./action.ts";

const ACTIONS: Readonly<Record<string, Action>> = {
  ...powerActions,
  ...imageActions,
  ...rebuildActions,
  ...shelveActions,
  ...moveActions,
  ...deleteActions,
  ...adminActions,
  ...lockActions,
};

/** Actions that Nova once had, and now refuses with 410 at every microversion. */
const REMOVED: ReadonlySet<string> = new Set(["resetNetwork"]);

/** The action of a wire name; undefined when nobody knows it. */
export function actionNamed(name: string): Action | undefined {
  return Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
}

/** An action that was asked for, its value valid. */
export interface AskedAction {
  readonly action: Action | Question | NetworkAction;
  readonly value: unknown;
}

/**
 * Reads the body of `POST /servers/{id}/action`.
 *
 * Refuses what is not an object with exactly one key, a key nobody knows, an action that is not at
 * this microversion, and a value that its schema does not allow. Source: nova/api/openstack/wsgi.py.
 */
export function readAction(
  body: BodyReading,
  minor: Minor,
): Fault | { readonly value: AskedAction; readonly refusal?: Fault } {
  if ("malformed" in body || !isObject(body.value)) return malformed();
  const names = Object.keys(body.value);
  if (names.length !== 1) return malformed();
  const name = names[0]!;
  if (REMOVED.has(name)) return GONE;
  const action = actionNamed(name) ?? questionNamed(name) ?? networkActionNamed(name);
  if (!action) return fault(400, `There is no such action: ${name}`);
  return { value: { action, value: body.value[name] }, refusal: refuse(action, body.value, minor) };
}

function questionNamed(name: string): Question | undefined {
  return Object.hasOwn(questions, name) ? questions[name] : undefined;
}

function networkActionNamed(name: string): NetworkAction | undefined {
  const all: Readonly<Record<string, NetworkAction>> = networkActions;
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

function refuse(action: AskedAction["action"], body: unknown, minor: Minor): Fault | undefined {
  const { since = 0, until = Infinity } = action;
  if (minor < since || minor > until) return NO_SUCH_RESOURCE;
  const problem = bodyProblem(action.schema(minor), body);
  return problem === undefined ? undefined : fault(400, problem);
}

function malformed(): Fault {
  return fault(400, "Malformed request body");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
