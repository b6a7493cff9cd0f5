import type { Row } from "../bench.ts";
import { startOurs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

/** How long a busy server is left alone before it is looked at. */
const REST_MS = 1000;
/** How long a server is left alone from its start to be idle: V8 gives memory back when it sees that. */
const IDLE_MS = 45_000;
const SHOWS = 200;

/** Resident memory of the server process. */
export const memory: Row = {
  name: "memory",
  about: "resident memory: idle, and with a large cloud after a page of details and some shows",
  async measure(bench) {
    const idle = await residentMb(await bench.folder(10), { restMs: IDLE_MS });
    const busy = await residentMb(await bench.folder(bench.many), {
      use: listAndShow,
      restMs: REST_MS,
    });
    return [
      {
        work: `memory, idle for ${IDLE_MS / 1000} s`,
        unit: "MB",
        ours: idle,
        goal: { atMost: 110 },
      },
      {
        work: `memory, ${bench.many.toLocaleString("en")} servers, a page and ${SHOWS} shown`,
        unit: "MB",
        ours: busy,
        goal: { atMost: 400 },
      },
    ];
  },
};

interface Use {
  readonly use?: (client: Client) => Promise<void>;
  readonly restMs: number;
}

async function residentMb(folder: string, { use, restMs }: Use): Promise<number> {
  const { child, port } = await startOurs(folder);
  if (use) await use(await Client.of(port, PASSWORD));
  await new Promise((resolve) => setTimeout(resolve, restMs));
  return await child.residentBytes() / 1e6;
}

async function listAndShow(client: Client): Promise<void> {
  const { servers } = await client.json("GET", "/v2.1/servers/detail");
  for (const { id } of servers.slice(0, SHOWS)) await client.ask("GET", `/v2.1/servers/${id}`);
}
