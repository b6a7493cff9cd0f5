import type { Row } from "../bench.ts";
import { startCeiling, startOurs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

const CONNECTIONS = 16;

/** GET of one server, each of a thousand in turn. */
export const show: Row = {
  name: "show",
  about: "GET one server, against a Deno.serve that answers the same bytes",
  async measure(bench) {
    const ours = await startOurs(await bench.folder(1000));
    const client = await Client.of(ours.port, PASSWORD);
    const paths = (await client.serverIds()).map((id) => `/v2.1/servers/${id}`);
    const sample = await client.ask("GET", paths[0]!);
    const ceiling = await startCeiling("same_bytes.ts", { sample, scratch: bench.scratch });
    const requests = paths.map((path) => client.request("GET", path));
    return [{
      work: "GET one server",
      unit: "requests/s",
      ...await bench.compareLoad(ours, ceiling, { requests, connections: CONNECTIONS }),
      goal: { atLeast: 0.6 },
    }];
  },
};
