/**
 * The load generator, a process of its own: a line of JSON in (`Load`), a line of JSON out (`Loaded`).
 *
 * Raw keep-alive connections, request bytes made beforehand, and of an answer only its status and
 * length are read: it must cost less than any server it loads.
 */
import { Buffer } from "node:buffer";
import { linesOf } from "./lines.ts";

/** What to ask of whom, for how long. */
export interface Load {
  readonly port: number;
  /** Whole HTTP requests, sent in turn; `{n}` in one stands for seven digits, other ones each time. */
  readonly requests: readonly string[];
  /** Sent, and answered, before each of `requests`; the time it takes does not count. */
  readonly before?: readonly string[];
  readonly connections: number;
  /** Ends after so many milliseconds, … */
  readonly ms?: number;
  /** … or so many answers. */
  readonly count?: number;
}

/** What came of it. */
export interface Loaded {
  readonly answers: number;
  /** Time that a connection spent on its requests, on average; not on what came before each. */
  readonly seconds: number;
  /** From sending a request to the end of its answer. */
  readonly medianMs: number;
  /** Length of the last answer, head and body. */
  readonly answerBytes: number;
  /** What went wrong; the other figures mean nothing then. */
  readonly failed?: string;
}

const MARK = "{n}";
const DIGITS = 7;
const HEAD_END = "\r\n\r\n";
const LENGTH = "\r\ncontent-length: ";

/** A request's bytes, and where in them the number comes, if anywhere. */
class Template {
  readonly #bytes: Uint8Array;
  readonly #place: number;

  constructor(text: string) {
    this.#place = text.indexOf(MARK);
    this.#bytes = new TextEncoder().encode(text.replace(MARK, "0".repeat(DIGITS)));
  }

  bytes(number: number): Uint8Array {
    if (this.#place < 0) return this.#bytes;
    // A copy: another connection may still be sending these bytes.
    const bytes = this.#bytes.slice();
    for (let i = DIGITS - 1, rest = number; i >= 0; i--, rest = Math.floor(rest / 10)) {
      bytes[this.#place + i] = 48 + rest % 10;
    }
    return bytes;
  }
}

class Connection {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = Buffer.alloc(256 * 1024);

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<Connection> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    return new Connection(connection);
  }

  /** Sends a request and reads the answer to its end; gives its length. Throws unless it is a 2xx. */
  async exchange(request: Uint8Array): Promise<number> {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#connection.write(sent === 0 ? request : request.subarray(sent));
    }
    let filled = 0;
    let headEnd = -1;
    while (headEnd < 0) {
      filled += await this.#read(this.#buffer.subarray(filled));
      headEnd = this.#buffer.subarray(0, filled).indexOf(HEAD_END);
    }
    if (this.#buffer[9] !== 50) throw new Error(this.#buffer.toString("utf8", 0, filled));
    const total = headEnd + HEAD_END.length + this.#contentLength(headEnd);
    for (let left = total - filled; left > 0;) left -= await this.#read(this.#buffer);
    return total;
  }

  #contentLength(headEnd: number): number {
    const place = this.#buffer.subarray(0, headEnd + 2).indexOf(LENGTH);
    if (place < 0) throw new Error("an answer does not say its length");
    let length = 0;
    for (let i = place + LENGTH.length; this.#buffer[i] !== 13; i++) {
      length = length * 10 + this.#buffer[i]! - 48;
    }
    return length;
  }

  async #read(into: Uint8Array): Promise<number> {
    const read = await this.#connection.read(into);
    if (read === null) throw new Error("the server closed the connection");
    return read;
  }

  close(): void {
    this.#connection.close();
  }
}

let number = 0;

async function run(load: Load): Promise<Loaded> {
  const requests = load.requests.map((text) => new Template(text));
  const before = load.before?.map((text) => new Template(text));
  const connections = await Promise.all(
    Array.from({ length: load.connections }, () => Connection.open(load.port)),
  );
  const times: number[] = [];
  let asked = 0;
  let answerBytes = 0;
  const began = performance.now();
  const isOver = () =>
    load.count === undefined ? performance.now() - began >= load.ms! : asked >= load.count;
  const work = async (connection: Connection) => {
    while (!isOver()) {
      const place = asked++;
      number++;
      if (before) await connection.exchange(before[place % before.length]!.bytes(number));
      const sent = performance.now();
      answerBytes = await connection.exchange(requests[place % requests.length]!.bytes(number));
      times.push(performance.now() - sent);
    }
  };
  try {
    await Promise.all(connections.map(work));
  } finally {
    for (const connection of connections) connection.close();
  }
  const spent = times.reduce((sum, time) => sum + time, 0);
  times.sort((a, b) => a - b);
  return {
    answers: times.length,
    seconds: spent / load.connections / 1000,
    medianMs: times[times.length >> 1] ?? NaN,
    answerBytes,
  };
}

if (import.meta.main) {
  for await (const line of linesOf(Deno.stdin.readable)) {
    const failed = (error: unknown) => ({ failed: String(error) });
    console.log(JSON.stringify(await run(JSON.parse(line)).catch(failed)));
  }
}
