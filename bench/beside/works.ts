/** What two clouds are compared at; each gives milliseconds. */
import { median } from "../bench.ts";
import type { Cloud } from "./cloud.ts";

/** One line of the table. */
export interface Work {
  readonly work: string;
  /** Milliseconds it takes once. */
  measure(cloud: Cloud, filled: Filled): Promise<number>;
}

/** What a cloud was filled with before. */
export interface Filled {
  readonly ids: readonly string[];
}

/** Requests of one kind in a row, of which the median is taken. */
const REPEATS = 20;
const CALLERS = 8;
/** Servers that are made, waited for, and deleted. */
const BATCH = 20;
const POLL_MS = 20;

export function worksOn(servers: number): readonly Work[] {
  return [
    {
      work: "GET one server, one caller",
      measure: (cloud, { ids }) =>
        medianOf((i) => cloud.ask("GET", `/servers/${ids[i % ids.length]}`)),
    },
    {
      work: `GET one server, ${CALLERS} callers, each`,
      measure: (cloud, { ids }) =>
        manyCallers((i) => cloud.ask("GET", `/servers/${ids[i % ids.length]}`)),
    },
    {
      work: `GET detail of ${servers} servers`,
      measure: (cloud) => medianOf(() => cloud.ask("GET", `/servers/detail?limit=${servers}`)),
    },
    {
      work: "GET changes-since, nothing new",
      measure: (cloud) => {
        const later = new Date(Date.now() + 3600_000).toISOString();
        return medianOf(() => cloud.ask("GET", `/servers/detail?changes-since=${later}`));
      },
    },
    {
      work: "PUT a new name",
      measure: (cloud, { ids }) =>
        medianOf((i) =>
          cloud.ask("PUT", `/servers/${ids[i % ids.length]}`, {
            server: { name: `renamed-${Date.now()}` },
          })
        ),
    },
    {
      work: "POST a server, until it is accepted",
      measure: async (cloud) => {
        const { accepted, ids } = await createBatch(cloud);
        await deleteAll(cloud, ids);
        return accepted;
      },
    },
    {
      work: `${BATCH} servers, from the first POST until all are ACTIVE`,
      measure: async (cloud) => {
        const began = performance.now();
        const { ids } = await createBatch(cloud);
        for (const id of ids) await untilActive(cloud, id);
        const took = performance.now() - began;
        await deleteAll(cloud, ids);
        return took;
      },
    },
    {
      work: `${BATCH} servers, from the first DELETE until all are gone`,
      measure: async (cloud) => {
        const { ids } = await createBatch(cloud);
        for (const id of ids) await untilActive(cloud, id);
        const began = performance.now();
        await deleteAll(cloud, ids);
        return performance.now() - began;
      },
    },
  ];
}

/** Fills a cloud up to so many servers that are ACTIVE. */
export async function fill(cloud: Cloud, servers: number): Promise<Filled> {
  const body = await cloud.leastServer("beside");
  const ids: string[] = [];
  await each(CALLERS, servers, async () => {
    const { server: { id } } = await cloud.ask("POST", "/servers", { server: body });
    ids.push(id);
  });
  for (const id of ids) await untilActive(cloud, id);
  return { ids };
}

/** Deletes what it was filled with. */
export async function empty(cloud: Cloud, { ids }: Filled): Promise<void> {
  await deleteAll(cloud, ids);
}

async function createBatch(
  cloud: Cloud,
): Promise<{ readonly ids: readonly string[]; readonly accepted: number }> {
  const server = await cloud.leastServer("beside-batch");
  const ids: string[] = [];
  const times: number[] = [];
  await each(4, BATCH, async () => {
    const began = performance.now();
    const made = await cloud.ask("POST", "/servers", { server });
    times.push(performance.now() - began);
    ids.push(made.server.id);
  });
  return { ids, accepted: median(times) };
}

async function untilActive(cloud: Cloud, id: string): Promise<void> {
  for (;;) {
    const { server } = await cloud.ask("GET", `/servers/${id}`);
    if (server.status === "ACTIVE") return;
    if (server.status === "ERROR") throw new Error(`${cloud.name}: server ${id} is in ERROR`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function deleteAll(cloud: Cloud, ids: readonly string[]): Promise<void> {
  await each(CALLERS, ids.length, (i) => cloud.ask("DELETE", `/servers/${ids[i]}`));
  for (const id of ids) {
    while ("server" in await cloud.ask("GET", `/servers/${id}`, undefined, 404)) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

async function medianOf(ask: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const began = performance.now();
    await ask(i);
    times.push(performance.now() - began);
  }
  return median(times);
}

/** Milliseconds for each of many requests by several callers at once. */
async function manyCallers(ask: (i: number) => Promise<unknown>): Promise<number> {
  const count = REPEATS * CALLERS;
  const began = performance.now();
  await each(CALLERS, count, (i) => ask(i % REPEATS));
  return (performance.now() - began) / count;
}

/** Does `work` so many times, `callers` at a time. */
async function each(
  callers: number,
  count: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}
