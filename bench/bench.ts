/** What every row is measured with, and what it gives. */
import { join } from "node:path";
import { type Child, Generator, killAll, type Server } from "./children.ts";
import { fillFolder } from "./fill.ts";
import type { Load } from "./load.ts";

/** One line of the printed table. */
export interface Result {
  readonly work: string;
  /** Of `ours` and `ceiling`. */
  readonly unit: "requests/s" | "events/s" | "servers/s" | "ms" | "MB";
  readonly ours: number;
  readonly ceiling?: number;
  /** Ours to the ceiling: the median of several pairs of bursts, and how far they lay apart. */
  readonly ratio?: { readonly median: number; readonly low: number; readonly high: number };
  /** The same by processor time of the servers: what a busy machine disturbs less. */
  readonly cpuRatio?: number;
  /** What the ratio (or ours, when there is none) should be; absent: for information. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

/** A row of the table, or a few that are measured together. */
export interface Row {
  /** As it is named on the command line. */
  readonly name: string;
  /** For `--help`. */
  readonly about: string;
  measure(bench: Bench): Promise<readonly Result[]>;
}

/** One of two that are compared. */
export interface Side {
  /** What is paused while the other has its turn. */
  readonly child?: Child;
  /** Works for a while; gives the figure to compare. */
  burst(): Promise<number>;
}

/** What comes of a comparison. */
export type Compared = Required<Pick<Result, "ours" | "ceiling" | "ratio">>;

/** What a comparison of servers asks of both. */
export interface ComparedLoad extends Pick<Load, "requests" | "connections"> {
  /** Asked of ours alone: the ceiling's answers do not depend on it. */
  readonly before?: readonly string[];
}

export interface BenchOptions {
  readonly quick: boolean;
  readonly large: boolean;
  /** A folder that is removed at the end. */
  readonly scratch: string;
  readonly stop: AbortSignal;
  onProgress(text: string): void;
}

export class Bench {
  readonly scratch: string;
  readonly stop: AbortSignal;
  /** Pairs of bursts in a comparison. */
  readonly rounds: number;
  readonly burstMs: number;
  /** Servers of a large cloud. */
  readonly many: number;
  readonly progress: (text: string) => void;
  /** How long a row may take. */
  readonly #limitMs: number;
  readonly #folders = new Map<string, Promise<string>>();
  #generator: Generator | undefined;

  constructor({ quick, large, scratch, stop, onProgress }: BenchOptions) {
    this.scratch = scratch;
    this.stop = stop;
    this.rounds = quick ? 5 : 7;
    this.burstMs = quick ? 300 : 1000;
    this.many = large ? 1_000_000 : quick ? 10_000 : 100_000;
    this.progress = onProgress;
    this.#limitMs = (large ? 30 : 3) * 60_000;
  }

  get generator(): Generator {
    return this.#generator ??= new Generator();
  }

  /** A data folder with so many servers; rows that change it much ask for one by their own name. */
  folder(servers: number, name = "shared"): Promise<string> {
    const path = join(this.scratch, `${name}-${servers}`);
    let folder = this.#folders.get(path);
    if (!folder) {
      let told = performance.now();
      folder = fillFolder(path, servers, (made) => {
        if (performance.now() - told < 2000) return;
        told = performance.now();
        this.progress(`filling a folder: ${made} of ${servers} servers`);
      }).then(() => path);
      this.#folders.set(path, folder);
    }
    return folder;
  }

  /** What the work gives. Throws when a row's time is over, or all is to stop. */
  async inTime<T>(work: Promise<T>): Promise<T> {
    const over = AbortSignal.any([this.stop, AbortSignal.timeout(this.#limitMs)]);
    const late = Promise.withResolvers<never>();
    const giveUp = () => late.reject(over.reason);
    over.addEventListener("abort", giveUp);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      over.removeEventListener("abort", giveUp);
    }
  }

  /** Ends all that a row has started. */
  async endRow(): Promise<void> {
    this.#generator = undefined;
    await killAll();
  }

  /** Compares how many requests in a second two servers answer. */
  async compareLoad(
    ours: Server,
    ceiling: Server,
    { before, ...load }: ComparedLoad,
  ): Promise<Compared & Pick<Result, "cpuRatio">> {
    const one = new LoadedSide(this, ours, { ...load, before });
    const other = new LoadedSide(this, ceiling, load);
    const compared = await this.compare(one, other);
    if (Math.abs(one.answerBytes / other.answerBytes - 1) > 0.02) {
      throw new Error(`answers of ${one.answerBytes} and of ${other.answerBytes} bytes compared`);
    }
    // What came before each request is in the processor's time too, and cannot be taken out.
    return { ...compared, ...(!before && { cpuRatio: other.cpuPerAnswer / one.cpuPerAnswer }) };
  }

  /**
   * Alternates short bursts of both, after some to warm up: what disturbs the machine for longer
   * disturbs both alike. Gives the medians of the figures, and of the pairs' ratios.
   */
  async compare(
    ours: Side,
    ceiling: Side,
    { rounds = this.rounds, warmUps = 2 } = {},
  ): Promise<Compared> {
    const turn = async (side: Side) => {
      side.child?.resume();
      const figure = await side.burst();
      side.child?.pause();
      return figure;
    };
    const children = [ours, ceiling].flatMap(({ child }) => child ?? []);
    for (const child of children) child.pause();
    for (let warmUp = 0; warmUp < warmUps; warmUp++) {
      await turn(ours);
      await turn(ceiling);
    }
    const pairs: { readonly ours: number; readonly ceiling: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      pairs.push({ ours: await turn(ours), ceiling: await turn(ceiling) });
    }
    for (const child of children) child.resume();
    const ratios = pairs.map((pair) => pair.ours / pair.ceiling);
    return {
      ours: median(pairs.map((pair) => pair.ours)),
      ceiling: median(pairs.map((pair) => pair.ceiling)),
      ratio: { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) },
    };
  }
}

/** A server under load. */
class LoadedSide implements Side {
  readonly child: Child;
  /** Length of its last answer. */
  answerBytes = 0;
  /** By burst: processor time for an answer. */
  readonly #cpu: number[] = [];

  constructor(
    private readonly bench: Bench,
    private readonly server: Server,
    private readonly load: Omit<Load, "port" | "ms">,
  ) {
    this.child = server.child;
  }

  /** Requests answered in a second. */
  async burst(): Promise<number> {
    const { generator, burstMs } = this.bench;
    const before = await this.child.cpuSeconds();
    const { answers, seconds, answerBytes } = await generator.run({
      ...this.load,
      port: this.server.port,
      ms: burstMs,
    });
    this.answerBytes = answerBytes;
    this.#cpu.push((await this.child.cpuSeconds() - before) / answers);
    return answers / seconds;
  }

  get cpuPerAnswer(): number {
    return median(this.#cpu);
  }
}

/** The middle one. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!;
}
