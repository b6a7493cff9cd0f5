import { reachCell } from "../../kit/cell.ts";
import type { Sample } from "../../kit/samples.ts";
import { type Asked, type Conversation, get } from "./asked.ts";
import { matching } from "./servers.ts";

/** A conversation; where the sample is of a cell out of reach, a question while it is. */
export function orDown(usual: Conversation, pathOf: (serverId: string) => string): Conversation {
  return (asked) => isOfDownCell(asked.sample) ? whileDown(asked, pathOf) : usual(asked);
}

async function whileDown(asked: Asked, pathOf: (serverId: string) => string) {
  const { cloud, sample: { json, resource } } = asked;
  const id = await matching(cloud, json.server ?? {});
  await reachCell(cloud, false);
  try {
    const as = resource === "os-services" ? "admin" : asked.as;
    return await get({ ...asked, as }, `/v2.1${pathOf(id)}`);
  } finally {
    await reachCell(cloud, true);
  }
}

function isOfDownCell({ json: { server, servers, services } }: Sample): boolean {
  const [shown] = servers ?? services ?? [server];
  return shown.status === "UNKNOWN";
}
