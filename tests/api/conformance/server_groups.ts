import type { Answered } from "../../kit/cloud.ts";
import { type Asked, expectAccepted, requestFor } from "./asked.ts";

export function group({ cloud, sample, as, mv }: Asked): Promise<Answered> {
  const { json: body } = requestFor(sample);
  return cloud.ask(as, "POST", "/v2.1/os-server-groups", { mv, body });
}

export async function groupRequest(asked: Asked): Promise<null> {
  const { cloud, sample, as, mv } = asked;
  const body = sample.json;
  expectAccepted(sample, await cloud.ask(as, "POST", "/v2.1/os-server-groups", { mv, body }));
  return null;
}
