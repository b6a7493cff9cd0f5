import type { Row } from "../bench.ts";
import { Child, startOurs, taskArgs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

const HELLO = ["run", "--allow-net", "bench/ceilings/hello.ts"];

/** From the start of the process to its first answer. */
export const start: Row = {
  name: "start",
  about: "time from start to first answer on a small folder, against a hello world's",
  async measure(bench) {
    const folder = await bench.folder(10);
    const before = await startOurs(folder);
    const client = await Client.of(before.port, PASSWORD);
    const [id] = await client.serverIds();
    await before.child.kill();

    const request = client.request("GET", `/v2.1/servers/${id}`);
    const compared = await bench.compare({
      burst() {
        const port = freePort();
        return firstAnswerMs(
          taskArgs("serve", "--data-dir", folder, "--port", port),
          port,
          request,
        );
      },
    }, {
      burst() {
        const port = freePort();
        return firstAnswerMs([...HELLO, port], port, client.request("GET", "/"));
      },
    });
    return [{ work: "start to first answer", unit: "ms", ...compared, goal: { atMost: 3 } }];
  },
};

/** Starts a process and asks until it answers, which must be with a 200. */
async function firstAnswerMs(
  args: readonly string[],
  port: string,
  request: string,
): Promise<number> {
  const bytes = new TextEncoder().encode(request);
  const began = performance.now();
  const child = new Child(args);
  try {
    const connection = await connect(Number(port));
    await connection.write(bytes);
    const answer = new Uint8Array(16 * 1024);
    await connection.read(answer);
    const ms = performance.now() - began;
    connection.close();
    const status = new TextDecoder().decode(answer.subarray(9, 12));
    if (status !== "200") throw new Error(`the first answer is a ${status}`);
    return ms;
  } finally {
    await child.kill();
  }
}

async function connect(port: number): Promise<Deno.TcpConn> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return await Deno.connect({ hostname: "127.0.0.1", port });
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

function freePort(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return String(port);
}
