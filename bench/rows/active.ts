import type { Row } from "../bench.ts";
import { startOurs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

const SERVERS = 800;
const CALLERS = 32;
const NO_DELAYS = ["--simulated-disks-ms", "0", "--simulated-spawn-ms", "0"];

/** From the first of many creates until the last server is ACTIVE. */
export const active: Row = {
  name: "active",
  about: `${SERVERS} servers created by ${CALLERS} callers until all are ACTIVE, without delays`,
  async measure(bench) {
    const { port } = await startOurs(await bench.folder(0, "active"), ...NO_DELAYS);
    const client = await Client.of(port, PASSWORD);
    const requests = [client.request("POST", "/v2.1/servers", await client.bootBody())];
    const make = async () => {
      const began = performance.now();
      await bench.generator.run({ port, requests, connections: CALLERS, count: SERVERS });
      while (await has(client, "BUILD")) await new Promise((resolve) => setTimeout(resolve, 10));
      return SERVERS / (performance.now() - began) * 1000;
    };
    await make(); // To warm up.
    const rate = await make();
    if (await has(client, "ERROR")) throw new Error("a build failed");
    return [{ work: "create to ACTIVE, no delays", unit: "servers/s", ours: rate }];
  },
};

async function has(client: Client, status: string): Promise<boolean> {
  const { servers } = await client.json("GET", `/v2.1/servers?status=${status}&limit=1`);
  return servers.length > 0;
}
