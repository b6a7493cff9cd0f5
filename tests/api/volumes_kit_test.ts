/** The volume service of a whole cloud, to talk to; no tests of its own. */
import { assertEquals } from "@std/assert";
import { AGGREGATES } from "../../src/aggregates.ts";
import { replay } from "../../src/eventsourcing/projector.ts";
import type { Reader } from "../../src/store/query.ts";
import { type Answered, type Role, TestCloud } from "../kit/cloud.ts";

export const BASE = "/volume/v3";

/** A volume service at its newest microversion, unless another is named. */
export class Volumes {
  constructor(readonly cloud: TestCloud) {}

  /** `mv`: `3.27`; null sends no version header. */
  ask(
    as: Role | "none",
    method: string,
    path: string,
    body?: unknown,
    mv: string | null = "3.70",
  ): Promise<Answered> {
    const headers: Record<string, string> = mv === null
      ? {}
      : { "openstack-api-version": `volume ${mv}` };
    return this.cloud.ask(as, method, `${BASE}${path}`, { body, headers });
  }

  /** Makes a volume of 1 GiB, or as is said; gives its id. */
  async create(volume: object = {}, as: Role = "member"): Promise<string> {
    const made = await this.ask(as, "POST", "/volumes", { volume: { size: 1, ...volume } });
    assertEquals(made.status, 202, made.text);
    return made.json.volume.id;
  }

  /** A volume as its project sees it. */
  async show(id: string, as: Role = "member"): Promise<Answered["json"]> {
    return (await this.ask(as, "GET", `/volumes/${id}`)).json.volume;
  }

  /** Sends an action; gives the status. */
  act(id: string, name: string, body: unknown, as: Role = "member"): Promise<Answered> {
    return this.ask(as, "POST", `/volumes/${id}/action`, { [name]: body });
  }

  /** Fails unless tables rebuilt from the log equal those that were written as it grew. */
  async checkRebuild(): Promise<void> {
    const { log } = this.cloud.cloud;
    const mine = AGGREGATES.filter(({ category }) => category.startsWith("volume"));
    const tables = mine.flatMap(({ projection }) => projection.tables);
    await log.transaction(async (tx) => {
      const live = await Promise.all(tables.map((table) => rowsOf(tx, table)));
      for (const table of tables) await tx.execute((db) => db.deleteFrom(table as never));
      await replay(log, mine, tx);
      for (const [place, table] of tables.entries()) {
        assertEquals(await rowsOf(tx, table), live[place]!, table);
      }
    });
  }
}

async function rowsOf(reader: Reader, table: string): Promise<readonly string[]> {
  const rows = await reader.select<Record<string, Record<string, unknown>>, object>((db) =>
    db.selectFrom(table).selectAll()
  );
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** The message of a fault in Cinder's form. */
export function messageOf({ json }: Answered): string {
  return (Object.values(json)[0] as { message: string }).message;
}

/** Runs `work` with a cloud; fails when the tables are not what the log says. */
export async function withVolumes(work: (volumes: Volumes) => Promise<void>): Promise<void> {
  const cloud = await TestCloud.open();
  const volumes = new Volumes(cloud);
  try {
    await work(volumes);
    await volumes.checkRebuild();
  } finally {
    await cloud.close();
  }
}
