import type { Bench, Row, Side } from "../bench.ts";
import { startOurs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

/** A poll that finds nothing new, in a large cloud and in a small one. */
export const changesSince: Row = {
  name: "changes-since",
  about: "GET changes-since with nothing new: time in a large cloud, against a small one",
  async measure(bench) {
    const many = await poller(bench, bench.many);
    const few = await poller(bench, 1000);
    const compared = await bench.compare(many, few);
    return [{
      work: `changes-since, nothing new, ${bench.many.toLocaleString("en")} vs 1,000 servers`,
      unit: "ms",
      ...compared,
      goal: { atMost: 1.2 },
    }];
  },
};

async function poller(bench: Bench, servers: number): Promise<Side> {
  const { child, port } = await startOurs(await bench.folder(servers));
  const client = await Client.of(port, PASSWORD);
  // A poller names another moment each time, so no answer that was kept will do.
  const moment = `${new Date().toISOString().slice(0, 18)}9.{n}Z`;
  const requests = [client.request("GET", `/v2.1/servers/detail?changes-since=${moment}`)];
  const found = await client.json("GET", requests[0]!.split(" ")[1]!.replace("{n}", "0000000"));
  if (found.servers.length > 0) throw new Error("there is something new");
  return {
    child,
    burst: async () =>
      (await bench.generator.run({ port, requests, connections: 1, ms: bench.burstMs })).medianMs,
  };
}
