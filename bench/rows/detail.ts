import type { Row } from "../bench.ts";
import { startCeiling, startOurs } from "../children.ts";
import { Client } from "../client.ts";
import { PASSWORD } from "../fill.ts";

const PATH = "/v2.1/servers/detail";

/** GET of a thousand servers, while nothing changes, and with a change before every request. */
export const detail: Row = {
  name: "detail",
  about: "GET detail of 1,000 servers, against a Deno.serve that answers the same bytes",
  async measure(bench) {
    const ours = await startOurs(await bench.folder(1000));
    const client = await Client.of(ours.port, PASSWORD);
    const sample = await client.ask("GET", PATH);
    const ceiling = await startCeiling("same_bytes.ts", { sample, scratch: bench.scratch });
    const goal = { atLeast: 0.5 };
    const requests = [client.request("GET", PATH)];
    const unchanged = await bench.compareLoad(ours, ceiling, { requests, connections: 2 });
    const renames = (await client.serverIds()).map((id) =>
      client.request("PUT", `/v2.1/servers/${id}`, { server: { name: "server-{n}" } })
    );
    const changed = await bench.compareLoad(ours, ceiling, {
      requests,
      before: renames,
      connections: 1,
    });
    return [
      { work: "GET detail of 1,000, nothing changes", unit: "requests/s", ...unchanged, goal },
      {
        work: "GET detail of 1,000, one renamed before each",
        unit: "requests/s",
        ...changed,
        goal,
      },
    ];
  },
};
