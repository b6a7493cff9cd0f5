/** What Nova answers in which state to requests that change nothing; the rest is decided by rules. */
import { assertEquals } from "@std/assert";
import { servers } from "../../src/compute/servers/aggregate.ts";
import type { ServerEvent } from "../../src/compute/servers/events.ts";
import { driverBehind } from "../../src/drivers/calls.ts";
import { decideIn } from "../../src/eventsourcing/command_handler.ts";
import { type Role, type TestCloud, withCloud } from "../kit/cloud.ts";
import { EXAMPLE_METADATA } from "../kit/given.ts";
import { HeldDriver } from "../kit/samples.ts";
import { type Cell, MATRIX, type Question, QUESTIONS } from "../kit/state_matrix.ts";

/** A driver that answers questions, and does nothing more once the test has begun. */
class Resting {
  isResting = false;
  readonly driver = driverBehind(
    new HeldDriver(),
    ({ signal, go }) => this.isResting ? untilAborted(signal) : go(),
  );
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

/** Brings a server to a state that no request would lead to. */
async function bring(cloud: TestCloud, id: string, events: readonly unknown[]): Promise<void> {
  const happened = events as ServerEvent[];
  await cloud.cloud.committer.submit(
    EXAMPLE_METADATA,
    (unit) => decideIn(unit, servers, id, () => happened),
  );
}

const inState = (vmState: string) => ({ type: "ServerStateReset", data: { vmState } });
const inTask = (taskState: string) => ({ type: "ServerTaskAdvanced", data: { taskState } });
const offItsHost = { type: "ServerShelveOffloaded", data: {} };
const lockedBy = (by: string) => ({ type: "ServerLocked", data: { lockedBy: by } });

/** How a server comes to fulfil a condition, and who asks. */
const CONDITIONS: Readonly<
  Record<string, { readonly events: readonly unknown[]; readonly as: Role }>
> = {
  "member": { events: [], as: "member" },
  "reader": { events: [], as: "reader" },
  "locked admin": { events: [lockedBy("admin")], as: "admin" },
  "locked-admin user": { events: [lockedBy("admin")], as: "member" },
  "locked-owner user": { events: [lockedBy("owner")], as: "member" },
  "no host": { events: [offItsHost, inState("active")], as: "member" },
};

async function check(
  cloud: TestCloud,
  { as, id, question, cell }: {
    readonly as: Role;
    readonly id: string;
    readonly question: Question;
    readonly cell: Cell;
  },
): Promise<void> {
  const { method, path, body } = question;
  const answer = await cloud.ask(as, method, `/v2.1/servers/${id}${path}`, { mv: "2.90", body });
  const message = answer.status < 300
    ? undefined
    : (Object.values(answer.json)[0] as { message: string }).message.replaceAll(id, "<id>");
  assertEquals({ code: answer.status, message }, { code: cell.code, message: cell.message });
}

for (const [name, question] of Object.entries(QUESTIONS)) {
  Deno.test(`${name} in every state: Nova's answers`, async (t) => {
    const resting = new Resting();
    await withCloud(async (cloud) => {
      const cases = [
        ...Object.entries(MATRIX.by_vm_state[name]!)
          // Nova's matrix set the word on a record that was still there; here deleted is gone.
          .filter(([vmState]) => vmState !== "deleted")
          .map(([state, cell]) => ({ state, cell, events: [inState(state)] })),
        ...Object.entries(MATRIX.by_task_state[name]!)
          .map(([state, cell]) => ({ state, cell, events: [inTask(state)] })),
      ].map((one) => ({ ...one, as: "admin" as Role }));
      const conditions = Object.entries(MATRIX.by_condition[name]!)
        .filter(([condition]) => condition !== "not launched")
        .map(([state, cell]) => ({ state, cell, ...CONDITIONS[state]! }));
      const ids: string[] = [];
      await cloud.limit({ instances: -1, cores: -1, ram: -1 });
      for (const _ of [...cases, ...conditions]) ids.push(await cloud.create());
      resting.isResting = true;
      for (const { state, cell, events, as } of [...cases, ...conditions]) {
        const id = ids.pop()!;
        await bring(cloud, id, events);
        await t.step(`${state}: ${cell.code}`, () => check(cloud, { as, id, question, cell }));
      }
    }, { driver: resting.driver, settings: { simulatedHosts: 20 } });
  });

  Deno.test(`${name} of a server that never ran: Nova's answer`, async () => {
    const resting = new Resting();
    resting.isResting = true;
    await withCloud(async (cloud) => {
      const body = { server: await cloud.plain() };
      const { json } = await cloud.ask("member", "POST", "/v2.1/servers", { mv: "2.90", body });
      const { id } = json.server;
      const placed = Promise.withResolvers<void>();
      cloud.cloud.committer.onCommit((changes) => {
        const types = changes.flatMap(({ events }) => events.map(({ type }) => type));
        if (types.includes("ServerNetworked")) placed.resolve();
      });
      await placed.promise;
      await bring(cloud, id, [inState("active")]);
      const cell = MATRIX.by_condition[name]!["not launched"]!;
      await check(cloud, { as: "member", id, question, cell });
    }, { driver: resting.driver });
  });
}
