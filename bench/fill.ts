/**
 * Data folders with many servers: one is created through the API, and its history is copied.
 *
 * So every server is a real one, with its port, its claim and its place in the tables, whatever
 * events a create leads to today. The copies are appended and written in big transactions, each
 * stream's tables once, as a rebuild does.
 */
import { AGGREGATES } from "../src/aggregates.ts";
import { type Chronova, openChronova } from "../src/app.ts";
import { quotas } from "../src/compute/quotas/aggregate.ts";
import type { QuotaEvent } from "../src/compute/quotas/state.ts";
import { DEFAULT_SETTINGS } from "../src/config.ts";
import { fold, unborn, type Versioned } from "../src/eventsourcing/aggregate.ts";
import { decideIn } from "../src/eventsourcing/command_handler.ts";
import { categoryOf, type EventMetadata, idOf, type Recorded } from "../src/eventsourcing/event.ts";
import type { Append, LogTransaction } from "../src/store/event_log.ts";
import { Client, login } from "./client.ts";

/** Password of user `demo` in every folder made here. */
export const PASSWORD = crypto.randomUUID();

const ORIGIN = "http://127.0.0.1:8774";
const SERVERS_PER_TRANSACTION = 1000;

/** Makes a cloud without quota on huge hosts, with so many active servers in project `demo`. */
export async function fillFolder(
  path: string,
  count: number,
  onProgress: (servers: number) => void,
): Promise<void> {
  const cloud = await openChronova({
    ...DEFAULT_SETTINGS,
    dataDir: path,
    demoPassword: PASSWORD,
    simulatedHostVcpus: 1_000_000,
    simulatedHostRamMib: 2 ** 40,
    simulatedHostDiskGib: 2 ** 40,
    simulatedDisksMs: 0,
    simulatedSpawnMs: 0,
  }, { clock: Date.now, log: { write() {} }, keepPasswords: () => Promise.resolve() });
  try {
    const credentials = await login(cloud.fetch, ORIGIN, PASSWORD);
    await liftQuota(cloud, credentials.projectId);
    if (count === 0) return;
    const template = await Template.create(cloud, new Client(credentials, ORIGIN, cloud.fetch));
    for (let made = 1; made < count;) {
      const until = Math.min(count, made + SERVERS_PER_TRANSACTION);
      await cloud.log.transaction(async (tx) => {
        for (; made < until; made++) await writeCopy(tx, template.copy(made));
      });
      onProgress(made);
      // Lets the process hear that it is to stop.
      await new Promise((resolve) => setTimeout(resolve));
    }
  } finally {
    await cloud.close();
  }
}

const METADATA: EventMetadata = {
  actor: { userId: "bench", projectId: "", roles: [] },
  requestId: "req-00000000-0000-0000-0000-000000000000",
  command: "FillFolder",
};

async function liftQuota({ committer }: Chronova, projectId: string): Promise<void> {
  const limits = { instances: -1, cores: -1, ram: -1 };
  const event: QuotaEvent = { type: "QuotaLimitsSet", data: { limits } };
  await committer.submit(METADATA, (unit) => decideIn(unit, quotas, projectId, () => [event]));
}

/** The history of one server and of its port. */
class Template {
  readonly #text: string;
  readonly #unique: RegExp;

  private constructor(events: readonly Recorded[], private readonly names: UniqueTexts) {
    this.#text = JSON.stringify(
      events.map(({ stream, version, type, data, metadata }) => ({
        stream,
        expectedVersion: version - 1,
        events: [{ type, data }],
        metadata,
      })),
    );
    this.#unique = new RegExp(
      Object.values(names).map((text) => RegExp.escape(text)).join("|"),
      "g",
    );
  }

  static async create({ log, settled }: Chronova, client: Client): Promise<Template> {
    const body = await client.bootBody() as { server: object };
    const name = "server-0000000";
    const { server } = await client.json("POST", "/v2.1/servers", {
      server: { ...body.server, name },
    });
    await settled();
    const history = await log.read({ stream: `server-${server.id}` });
    const data = Object.assign({}, ...history.map((event) => event.data));
    const [port] = data.ports;
    const events = [...history, ...await log.read({ stream: `port-${port.id}` })]
      .sort((a, b) => a.position - b.position);
    return new Template(events, {
      name,
      server: server.id,
      port: port.id,
      mac: port.macAddress,
      address: port.fixedIps[0].address,
      reservation: data.reservationId,
      request: history[0]!.metadata.requestId,
    });
  }

  /** The same history of another server: the appends that make it, in order. */
  copy(number: number): readonly Append[] {
    const { names } = this;
    const hex = number.toString(16).padStart(6, "0");
    const others: UniqueTexts = {
      name: `server-${String(number).padStart(7, "0")}`,
      server: crypto.randomUUID(),
      port: crypto.randomUUID(),
      mac: `fa:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`,
      // Beyond the first 65,000 they leave the subnet; nothing measured here minds.
      address: `10.${number >> 16}.${number >> 8 & 255}.${number & 255}`,
      reservation: `r-${number.toString(36).padStart(8, "0")}`,
      request: `req-${crypto.randomUUID()}`,
    };
    const replaced = new Map(
      Object.keys(names).map((kind) => [names[kind as Unique], others[kind as Unique]]),
    );
    return JSON.parse(this.#text.replace(this.#unique, (text) => replaced.get(text)!));
  }
}

type Unique = "name" | "server" | "port" | "mac" | "address" | "reservation" | "request";
type UniqueTexts = Readonly<Record<Unique, string>>;

async function writeCopy(tx: LogTransaction, appends: readonly Append[]): Promise<void> {
  const recorded = await tx.append(appends);
  for (const stream of new Set(appends.map((append) => append.stream))) {
    const aggregate = AGGREGATES.find(({ category }) => category === categoryOf(stream))!;
    const before: Versioned<unknown> = unborn(aggregate, idOf(stream));
    const events = recorded.filter((event) => event.stream === stream);
    await aggregate.projection.write(tx, before, fold(aggregate, before, events));
  }
}
